//! Checkout sessions: Stripe's hosted pages, and what drivers do there.

use std::collections::BTreeMap;

use plugtill_domain::money::Money;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Reply;
use super::cards::{allows_raises, decline_of, refuses_attachment};
use super::currencies::{check_amount, check_minimum, known};
use super::error::ApiError;
use super::form::Form;
use super::objects::{Customer, Intent, PaymentMethod, State, Status};
use super::views::IntentView;

/// A page lives from 30 minutes to 24 hours (docs.stripe.com, Checkout Sessions, `expires_at`); a day by itself.
const SHORTEST_SECONDS: i64 = 30 * 60;
const LONGEST_SECONDS: i64 = 24 * 3600;

/// A page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Page {
    reference: Option<String>,
    /// `None` to save a card.
    sale: Option<Sale>,
    currency: Option<String>,
    asks_tax_id: bool,
    #[serde(default)]
    success_url: String,
    created: i64,
    expires_at: i64,
    closed: bool,
    metadata: BTreeMap<String, String>,
    made_metadata: BTreeMap<String, String>,
    customer: Option<String>,
    intent: Option<String>,
    setup: Option<String>,
    buyer: Option<Buyer>,
}

/// What is paid at a page.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sale {
    amount: i64,
    currency: String,
    manual: bool,
    saves_card: bool,
    raisable: bool,
    destination: Option<String>,
    application_fee: i64,
}

/// A setup intent that succeeded; others are not kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    customer: String,
    payment_method: String,
    created: i64,
    metadata: BTreeMap<String, String>,
}

/// What a driver types into the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buyer {
    /// For the receipt.
    pub email: Option<String>,
    /// Name or company.
    pub name: Option<String>,
    /// For messages.
    pub phone: Option<String>,
    /// Country of a business, ISO 3166-1 alpha-2, and its tax number.
    pub tax_id: Option<(String, String)>,
}

/// What a page offers to a driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Minor units and currency; `None` to save a card.
    pub amount: Option<(i64, String)>,
    /// Where the driver is sent afterwards.
    pub back: String,
}

impl Offer {
    /// What the driver is asked to do.
    #[must_use]
    pub fn what(&self) -> String {
        let Some((amount, currency)) = &self.amount else { return "Save a card".to_owned() };
        let money = currency.to_ascii_uppercase().parse().map(|currency| Money::new(*amount, currency).to_string());
        money.map_or_else(|_| format!("{amount} {currency}"), |money| format!("Pay {money}"))
    }
}

/// Why a page took no card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPaid {
    /// There is no such page.
    #[error("there is no such page")]
    NoSuchPage,
    /// It was paid, or its time is over.
    #[error("the page is closed")]
    Closed,
    /// The card was declined, or its bank's question not answered.
    #[error("declined: {0}")]
    Declined(String),
}

const CREATE: [&str; 20] = [
    "mode",
    "client_reference_id",
    "success_url",
    "cancel_url",
    "expires_at",
    "customer",
    "customer_creation",
    "customer_email",
    "consent_collection",
    "currency",
    "line_items",
    "locale",
    "payment_intent_data",
    "payment_method_options",
    "payment_method_types",
    "phone_number_collection",
    "setup_intent_data",
    "tax_id_collection",
    "metadata",
    "expand",
];

impl Page {
    fn status(&self, now: i64) -> &'static str {
        if self.intent.is_some() || self.setup.is_some() {
            "complete"
        } else if self.closed || self.expires_at <= now {
            "expired"
        } else {
            "open"
        }
    }
}

impl Sale {
    fn of(form: &Form<'_>) -> Result<Self, ApiError> {
        let currency = known(form.required("line_items[0][price_data][currency]")?)?;
        form.required("line_items[0][price_data][product_data][name]")?;
        let missing = || ApiError::missing_parameter("line_items[0][price_data][unit_amount]");
        let unit = form.integer("line_items[0][price_data][unit_amount]")?.ok_or_else(missing)?;
        let amount = unit * form.integer("line_items[0][quantity]")?.unwrap_or(1);
        check_amount("line_items[0][price_data][unit_amount]", amount, currency)?;
        check_minimum(amount, currency)?;
        let data = |name: &str| format!("payment_intent_data[{name}]");
        let methods = ["automatic", "automatic_async", "manual"];
        let fee = form.integer(&data("application_fee_amount"))?.unwrap_or_default();
        if fee > amount {
            return Err(ApiError::too_large("payment_intent_data[application_fee_amount]", amount));
        }
        Ok(Self {
            amount,
            currency: currency.code().to_ascii_lowercase(),
            manual: form.one_of(&data("capture_method"), &methods)? == Some("manual"),
            saves_card: form.get(&data("setup_future_usage")).is_some(),
            raisable: form.get("payment_method_options[card][request_incremental_authorization]")
                == Some("if_available"),
            destination: form.get(&data("transfer_data][destination")).map(str::to_owned),
            application_fee: fee,
        })
    }
}

impl State {
    /// Where pages are shown: nowhere, unless somebody shows them.
    fn pages_at(&self) -> &str {
        if self.pages_at.is_empty() { "https://checkout.stripe.local/pay" } else { &self.pages_at }
    }

    pub(super) fn offer(&self, id: &str, now: i64) -> Option<Offer> {
        let page = self.pages.get(id).filter(|page| page.status(now) == "open")?;
        let amount = page.sale.as_ref().map(|sale| (sale.amount, sale.currency.clone()));
        Some(Offer { amount, back: page.success_url.clone() })
    }

    pub(super) fn make_page(&mut self, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&CREATE)?;
        let success_url = form.required("success_url")?.to_owned();
        let mode = form.one_of("mode", &["payment", "setup"])?.ok_or_else(|| ApiError::missing_parameter("mode"))?;
        let sale = (mode == "payment").then(|| Sale::of(form)).transpose()?;
        let expires_at = form.integer("expires_at")?.unwrap_or(now + LONGEST_SECONDS);
        if !(now + SHORTEST_SECONDS..=now + LONGEST_SECONDS).contains(&expires_at) {
            return Err(ApiError::invalid_integer("expires_at"));
        }
        let customer = form.get("customer").map(str::to_owned);
        if let Some(unknown) = customer.as_ref().filter(|id| !self.customers.contains_key(*id)) {
            return Err(ApiError::missing("customer", unknown));
        }
        let data = if sale.is_some() { "payment_intent_data[metadata][" } else { "setup_intent_data[metadata][" };
        let page = Page {
            reference: form.get("client_reference_id").map(str::to_owned),
            currency: form.get("currency").map(str::to_owned).or_else(|| sale.as_ref().map(|s| s.currency.clone())),
            sale,
            asks_tax_id: form.is_true("tax_id_collection[enabled]"),
            success_url,
            created: now,
            expires_at,
            closed: false,
            metadata: form.metadata(),
            made_metadata: form.entries(data),
            customer,
            intent: None,
            setup: None,
            buyer: None,
        };
        let id = self.id("cs_test");
        self.pages.insert(id.clone(), page);
        self.show_page(&id, form, now)
    }

    pub(super) fn read_page(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        self.lapse_all(now);
        self.show_page(id, form, now)
    }

    pub(super) fn expire_page(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        let page = self.pages.get_mut(id).ok_or_else(|| ApiError::missing("checkout.session", id))?;
        match page.status(now) {
            "open" => page.closed = true,
            status => return Err(ApiError::page_closed(status)),
        }
        self.show_page(id, form, now)
    }

    pub(super) fn read_setup(&self, id: &str, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        let setup = self.setups.get(id).ok_or_else(|| ApiError::missing("setup_intent", id))?;
        Ok((200, setup_view(id, setup).to_string()))
    }

    fn show_page(&self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        let page = self.pages.get(id).ok_or_else(|| ApiError::missing("checkout.session", id))?;
        let status = page.status(now);
        let intent = page.intent.as_ref().map(|intent| match self.intents.get(intent) {
            Some(known) if form.expands("payment_intent") => {
                json!(IntentView::new(intent, known, form.expands("payment_intent.latest_charge")))
            }
            _ => json!(intent),
        });
        let setup = page.setup.as_ref().map(|setup| match self.setups.get(setup) {
            Some(known) if form.expands("setup_intent") => setup_view(setup, known),
            _ => json!(setup),
        });
        let paid = page.sale.as_ref().is_some_and(|sale| page.intent.is_some() && !sale.manual);
        let payment_status = match &page.sale {
            None => "no_payment_required",
            Some(_) if paid => "paid",
            Some(_) => "unpaid",
        };
        let object = json!({
            "id": id, "object": "checkout.session", "mode": if page.sale.is_some() { "payment" } else { "setup" },
            "status": status, "payment_status": payment_status, "client_reference_id": page.reference,
            "created": page.created, "expires_at": page.expires_at, "currency": page.currency,
            "amount_total": page.sale.as_ref().map(|sale| sale.amount), "customer": page.customer,
            "customer_details": page.buyer.as_ref().map(buyer_view), "livemode": false, "metadata": page.metadata,
            "payment_intent": intent, "setup_intent": setup, "payment_method_types": ["card"],
            "url": (status == "open").then(|| format!("{}/{id}", self.pages_at())),
            "automatic_tax": { "enabled": false }, "custom_fields": [], "custom_text": {}, "shipping_options": [],
        });
        Ok((200, object.to_string()))
    }

    /// A driver pays, or saves a card; what came of it, as Stripe shows it.
    pub(super) fn pay_page(
        &mut self,
        id: &str,
        card: &str,
        authenticates: bool,
        buyer: &Buyer,
        now: i64,
    ) -> Result<Vec<String>, NotPaid> {
        let page = self.pages.get(id).ok_or(NotPaid::NoSuchPage)?.clone();
        if page.status(now) != "open" {
            return Err(NotPaid::Closed);
        }
        let declined = decline_of(card).filter(|decline| !(decline.asks_the_cardholder() && authenticates));
        // A card that only fails when it is charged can be saved.
        if let Some(decline) = declined.filter(|_| page.sale.is_some() || refuses_attachment(card)) {
            self.declines += 1;
            return Err(NotPaid::Declined(decline.reason.unwrap_or(decline.code).to_owned()));
        }
        let customer = page.customer.clone().unwrap_or_else(|| self.new_customer(now));
        let method = self.id("pm");
        self.payment_methods
            .insert(method.clone(), PaymentMethod { token: card.to_owned(), customer: customer.clone() });
        let (intent, setup) = if let Some(sale) = &page.sale {
            (Some(self.sold(sale, &page, (&customer, &method, card), now)), None)
        } else {
            let setup = self.id("seti");
            let metadata = page.made_metadata.clone();
            let made = Setup { customer: customer.clone(), payment_method: method, created: now, metadata };
            self.setups.insert(setup.clone(), made);
            (None, Some(setup))
        };
        let buyer = Buyer { tax_id: buyer.tax_id.clone().filter(|_| page.asks_tax_id), ..buyer.clone() };
        let done = Page { customer: Some(customer), intent, setup, buyer: Some(buyer), ..page };
        let made = done.intent.clone();
        self.pages.insert(id.to_owned(), done);
        let nothing = Form::parse(b"");
        let intent = made.map(|intent| self.read_intent(&intent, &nothing, now));
        let views = intent.into_iter().chain([self.show_page(id, &nothing, now)]);
        Ok(views.filter_map(|view| view.ok().map(|(_, body)| body)).collect())
    }

    fn new_customer(&mut self, now: i64) -> String {
        let id = self.id("cus");
        self.customers.insert(id.clone(), Customer { created: now, metadata: BTreeMap::new() });
        id
    }

    /// The intent of a page that was paid, with the driver present.
    fn sold(&mut self, sale: &Sale, page: &Page, (customer, method, card): (&str, &str, &str), now: i64) -> String {
        let id = self.id("pi");
        let mut intent = Intent {
            amount: sale.amount,
            currency: sale.currency.clone(),
            customer: Some(customer.to_owned()),
            payment_method: Some(method.to_owned()),
            manual: sale.manual,
            off_session: false,
            status: Status::RequiresConfirmation,
            created: now,
            received: 0,
            refunded: 0,
            charge: None,
            capture_before: None,
            canceled_at: None,
            cancellation_reason: None,
            metadata: page.made_metadata.clone(),
            raisable: sale.raisable && allows_raises(card),
            raises: 0,
            destination: sale.destination.clone(),
            application_fee: sale.application_fee,
        };
        intent.authorise(&id, now);
        if !sale.saves_card {
            self.payment_methods.remove(method);
        }
        self.intents.insert(id.clone(), intent);
        self.charged(&id, now);
        id
    }
}

fn setup_view(id: &str, setup: &Setup) -> Value {
    json!({
        "id": id, "object": "setup_intent", "status": "succeeded", "customer": setup.customer,
        "payment_method": setup.payment_method, "created": setup.created, "metadata": setup.metadata,
        "livemode": false, "payment_method_types": ["card"], "usage": "off_session",
    })
}

fn buyer_view(buyer: &Buyer) -> Value {
    let tax_ids: Vec<Value> = buyer
        .tax_id
        .iter()
        .map(|(country, value)| json!({ "type": if country == "GB" { "gb_vat" } else { "eu_vat" }, "value": value }))
        .collect();
    let country = buyer.tax_id.as_ref().map(|(country, _)| country);
    json!({
        "email": buyer.email, "name": buyer.name, "phone": buyer.phone, "tax_exempt": "none", "tax_ids": tax_ids,
        "address": { "city": null, "country": country, "line1": null, "line2": null, "postal_code": null, "state": null },
    })
}
