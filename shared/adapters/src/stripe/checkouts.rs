//! Stripe's hosted page: where drivers give their card, and nobody else sees it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::checkout::Buyer;
use plugtill_domain::money::Money;
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::amount::to_stripe;
use super::forms::{MethodOptions, TransferData, fee_of};
use super::objects::IntentObject;
use super::{Destination, Intent, Stripe, StripeFailure, checked};

/// A page to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOrder {
    /// Our token; Stripe shows it back in everything that comes of the page.
    pub token: String,
    /// What the driver does there.
    pub task: PageTask,
    /// Where Stripe sends the driver afterwards.
    pub success_url: String,
    /// Where Stripe sends a driver who turns back.
    pub cancel_url: String,
    /// When the page closes, UTC; 30 minutes from now at least.
    pub expires_at: Timestamp,
    /// Written on what is paid there.
    pub metadata: BTreeMap<String, String>,
}

/// What a driver does at the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageTask {
    /// Holds or pays an amount.
    Pay {
        /// How much.
        amount: Money,
        /// What for, in the driver's words.
        what: String,
        /// Whether it is only held, and the card kept for what the hold does not cover.
        hold: bool,
        /// Whether the hold is to be one that can be raised.
        raisable: bool,
        /// For whom, where not for the account itself.
        destination: Option<Destination>,
    },
    /// Saves a card for later.
    SaveCard {
        /// The currency it will be charged in, as ISO 4217 has it.
        currency: String,
    },
}

/// A page as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedPage {
    /// Stripe's id.
    pub id: String,
    /// Where the driver goes; none once it is closed.
    pub url: Option<String>,
    /// How far it is.
    pub status: PageStatus,
    /// Our token.
    pub token: Option<String>,
    /// What was held or paid there.
    pub intent: Option<Intent>,
    /// The customer and card that were saved there.
    pub saved: Option<(String, String)>,
    /// What the driver told about themselves.
    pub buyer: Buyer,
}

/// How far a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStatus {
    /// The driver is there, or may come back.
    Open,
    /// Done.
    Complete,
    /// Closed without.
    Expired,
}

#[derive(Serialize)]
struct PageForm<'a> {
    mode: &'static str,
    client_reference_id: &'a str,
    success_url: &'a str,
    cancel_url: &'a str,
    expires_at: i64,
    customer_creation: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line_items: Option<[LineItem<'a>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent_data: Option<IntentData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_options: Option<MethodOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_id_collection: Option<Enabled>,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_intent_data: Option<SetupData<'a>>,
    payment_method_types: [&'static str; 1],
    metadata: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Enabled {
    enabled: bool,
}

#[derive(Serialize)]
struct LineItem<'a> {
    quantity: u32,
    price_data: PriceData<'a>,
}

#[derive(Serialize)]
struct PriceData<'a> {
    currency: String,
    unit_amount: i64,
    product_data: ProductData<'a>,
}

#[derive(Serialize)]
struct ProductData<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct IntentData<'a> {
    capture_method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_future_usage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_data: Option<TransferData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_fee_amount: Option<i64>,
    metadata: &'a BTreeMap<String, String>,
}

#[derive(Serialize)]
struct SetupData<'a> {
    metadata: &'a BTreeMap<String, String>,
}

impl<'a> PageForm<'a> {
    fn of(order: &'a PageOrder) -> Result<Self, StripeFailure> {
        let form = Self {
            mode: "setup",
            client_reference_id: &order.token,
            success_url: &order.success_url,
            cancel_url: &order.cancel_url,
            expires_at: order.expires_at.as_second(),
            customer_creation: "always",
            currency: None,
            line_items: None,
            payment_intent_data: None,
            payment_method_options: None,
            tax_id_collection: None,
            setup_intent_data: None,
            payment_method_types: ["card"],
            metadata: &order.metadata,
        };
        match &order.task {
            PageTask::SaveCard { currency } => Ok(Self {
                currency: Some(currency.to_ascii_lowercase()),
                setup_intent_data: Some(SetupData { metadata: &order.metadata }),
                ..form
            }),
            PageTask::Pay { amount, what, hold, raisable, destination } => {
                let price_data = PriceData {
                    currency: amount.currency().code().to_ascii_lowercase(),
                    unit_amount: to_stripe(*amount)?,
                    product_data: ProductData { name: what },
                };
                let intent = IntentData {
                    capture_method: if *hold { "manual" } else { "automatic" },
                    setup_future_usage: hold.then_some("off_session"),
                    on_behalf_of: destination.as_ref().map(|to| to.account.as_str()),
                    transfer_data: destination.as_ref().map(|to| TransferData { destination: &to.account }),
                    application_fee_amount: fee_of(destination.as_ref())?,
                    metadata: &order.metadata,
                };
                Ok(Self {
                    mode: "payment",
                    line_items: Some([LineItem { quantity: 1, price_data }]),
                    payment_intent_data: Some(intent),
                    payment_method_options: raisable.then_some(MethodOptions::RAISABLE),
                    tax_id_collection: Some(Enabled { enabled: true }),
                    ..form
                })
            }
        }
    }
}

#[derive(Serialize)]
struct Expand {
    expand: [&'static str; 3],
}

const EXPAND: Expand = Expand { expand: ["payment_intent", "payment_intent.latest_charge", "setup_intent"] };

#[derive(Serialize)]
struct Nothing {}

#[derive(Debug, Deserialize)]
struct PageObject {
    id: String,
    url: Option<String>,
    status: Option<String>,
    client_reference_id: Option<String>,
    customer_details: Option<BuyerObject>,
}

/// The page again, with what came of it: the objects are only there when they were asked for.
#[derive(Debug, Deserialize)]
struct OutcomeObject {
    payment_intent: Option<IntentObject>,
    setup_intent: Option<SetupObject>,
}

#[derive(Debug, Deserialize)]
struct SetupObject {
    status: String,
    customer: Option<String>,
    payment_method: Option<String>,
}

#[derive(Debug, Deserialize)]
struct BuyerObject {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    address: Option<AddressObject>,
    tax_ids: Option<Vec<TaxIdObject>>,
}

#[derive(Debug, Deserialize)]
struct AddressObject {
    line1: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    country: Option<String>,
}

#[derive(Debug, Deserialize)]
struct TaxIdObject {
    value: Option<String>,
}

impl From<BuyerObject> for Buyer {
    fn from(object: BuyerObject) -> Self {
        let lines = |address: AddressObject| {
            let parts = [address.line1, address.postal_code, address.city, address.country];
            let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        };
        Self {
            name: object.name,
            email: object.email,
            phone: object.phone,
            address: object.address.and_then(lines),
            tax_id: object.tax_ids.and_then(|ids| ids.into_iter().find_map(|id| id.value)),
        }
    }
}

impl From<PageObject> for HostedPage {
    fn from(object: PageObject) -> Self {
        Self {
            id: object.id,
            url: object.url,
            status: match object.status.as_deref() {
                Some("complete") => PageStatus::Complete,
                Some("expired") => PageStatus::Expired,
                Some(_) | None => PageStatus::Open,
            },
            token: object.client_reference_id,
            intent: None,
            saved: None,
            buyer: object.customer_details.map(Buyer::from).unwrap_or_default(),
        }
    }
}

impl Stripe {
    /// Makes a page; the driver goes to its address.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn make_page(&self, key: &str, order: &PageOrder) -> Result<HostedPage, StripeFailure> {
        let form = PageForm::of(order)?;
        Ok(self.post::<_, PageObject>(key, "/checkout/sessions", &form).await?.into())
    }

    /// Reads a page and what came of it.
    ///
    /// # Errors
    /// See [`StripeFailure`].
    pub async fn read_page(&self, page: &str) -> Result<HostedPage, StripeFailure> {
        let path = format!("/checkout/sessions/{}", checked(page)?);
        let plain = || RequestBuilder::new(StripeMethod::Get, path.as_str());
        let mut page: HostedPage = self.patiently::<PageObject>(None, plain).await?.into();
        if page.status == PageStatus::Complete {
            let expanded = || RequestBuilder::new(StripeMethod::Get, path.as_str()).query(&EXPAND);
            let outcome: OutcomeObject = self.patiently(None, expanded).await?;
            page.intent = outcome.payment_intent.map(Intent::try_from).transpose()?;
            let saved = outcome.setup_intent.filter(|setup| setup.status == "succeeded");
            page.saved = saved.and_then(|setup| setup.customer.zip(setup.payment_method));
        }
        Ok(page)
    }

    /// Closes a page, so that nobody pays there any more.
    ///
    /// # Errors
    /// See [`StripeFailure`]; a page that is closed or done already is refused.
    pub async fn close_page(&self, key: &str, page: &str) -> Result<HostedPage, StripeFailure> {
        let path = format!("/checkout/sessions/{}/expire", checked(page)?);
        Ok(self.post::<_, PageObject>(key, &path, &Nothing {}).await?.into())
    }
}
