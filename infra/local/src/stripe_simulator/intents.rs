//! Payment intents: create, confirm, capture, cancel, read.

use serde_json::Value;

use super::Reply;
use super::cards::{Decline, UNEXPLAINED, allows_raises, decline_of};
use super::currencies::{check_amount, check_minimum, known};
use super::error::ApiError;
use super::form::Form;
use super::objects::{Intent, State, Status};
use super::views::{ChargeView, IntentView, ListView, show};

/// Off-session Visa: 4 days 18 hours. Customer present: 7 days (docs.stripe.com, "place a hold").
const OFF_SESSION_HOLD_SECONDS: i64 = (4 * 24 + 18) * 3600;
const ON_SESSION_HOLD_SECONDS: i64 = 7 * 24 * 3600;

const CREATE: [&str; 16] = [
    "amount",
    "currency",
    "customer",
    "payment_method",
    "payment_method_types",
    "capture_method",
    "confirm",
    "off_session",
    "metadata",
    "description",
    "payment_method_options",
    "setup_future_usage",
    "on_behalf_of",
    "transfer_data",
    "application_fee_amount",
    "expand",
];
const CAPTURE_METHODS: [&str; 3] = ["automatic", "automatic_async", "manual"];
const REASONS: [&str; 4] = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"];

/// How often a hold can be raised.
const MOST_RAISES: u32 = 10;

/// What the platform keeps; never more than is paid.
fn application_fee(form: &Form<'_>, amount: i64) -> Result<Option<i64>, ApiError> {
    let fee = form.integer("application_fee_amount")?;
    if fee.is_some_and(|fee| fee > amount) {
        return Err(ApiError::too_large("application_fee_amount", amount));
    }
    Ok(fee)
}

impl State {
    pub(super) fn create_intent(&mut self, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        let intent = self.ordered(form, now)?;
        // Checked before anything is made: a refused request leaves nothing behind.
        let verdict = if form.is_true("confirm") { Some(self.verdict(&intent)?) } else { None };
        let declined = verdict == Some(None) && self.drawn.declines(intent.manual);
        let verdict = if declined { Some(Some(UNEXPLAINED)) } else { verdict };
        let id = self.id("pi");
        self.intents.insert(id.clone(), intent);
        match verdict {
            Some(verdict) => self.attempt(&id, verdict, form, now),
            None => self.shown(&id, form),
        }
    }

    /// The intent that a request asks for, not confirmed yet.
    fn ordered(&self, form: &Form<'_>, now: i64) -> Result<Intent, ApiError> {
        form.only(&CREATE)?;
        let amount = form.integer("amount")?.ok_or_else(|| ApiError::missing_parameter("amount"))?;
        let currency = known(form.required("currency")?)?;
        check_amount("amount", amount, currency)?;
        check_minimum(amount, currency)?;
        let customer = form.get("customer");
        if let Some(customer) = customer.filter(|id| !self.customers.contains_key(*id)) {
            return Err(ApiError::missing("customer", customer));
        }
        let payment_method = form.get("payment_method").map(str::to_owned);
        let status =
            if payment_method.is_some() { Status::RequiresConfirmation } else { Status::RequiresPaymentMethod };
        Ok(Intent {
            amount,
            currency: currency.code().to_ascii_lowercase(),
            customer: customer.map(str::to_owned),
            payment_method,
            manual: form.one_of("capture_method", &CAPTURE_METHODS)? == Some("manual"),
            off_session: form.is_true("off_session"),
            status,
            created: now,
            received: 0,
            refunded: 0,
            charge: None,
            capture_before: None,
            canceled_at: None,
            cancellation_reason: None,
            metadata: form.metadata(),
            raisable: self.is_raisable(form, form.get("payment_method")),
            raises: 0,
            destination: form.get("transfer_data[destination]").map(str::to_owned),
            application_fee: application_fee(form, amount)?.unwrap_or_default(),
        })
    }

    pub(super) fn confirm_intent(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["payment_method", "off_session", "expand"])?;
        let mut intent = self.intents.get(id).ok_or_else(|| ApiError::missing("payment_intent", id))?.clone();
        if !matches!(intent.status, Status::RequiresPaymentMethod | Status::RequiresConfirmation) {
            return Err(ApiError::unexpected_state(id, intent.status.as_str()));
        }
        if let Some(method) = form.get("payment_method") {
            intent.payment_method = Some(method.to_owned());
        }
        intent.off_session |= form.is_true("off_session");
        let verdict = self.verdict(&intent)?;
        self.intents.insert(id.to_owned(), intent);
        self.attempt(id, verdict, form, now)
    }

    /// Whether a hold that can be raised was asked for, and the card allows it.
    pub(super) fn is_raisable(&self, form: &Form<'_>, method: Option<&str>) -> bool {
        let asked = form.get("payment_method_options[card][request_incremental_authorization]") == Some("if_available");
        let token = |method| self.payment_methods.get(method).map_or(method, |saved| saved.token.as_str());
        asked && method.is_some_and(|method| allows_raises(token(method)))
    }

    /// Raises a hold to a new whole (docs.stripe.com, "increment an authorization").
    pub(super) fn raise_intent(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["amount", "application_fee_amount", "metadata", "description", "expand"])?;
        let amount = form.integer("amount")?.ok_or_else(|| ApiError::missing_parameter("amount"))?;
        let method = self.touched(id, now)?.payment_method.clone().unwrap_or_default();
        let token = self.payment_methods.get(&method).map_or(method.as_str(), |saved| saved.token.as_str());
        let verdict = decline_of(token);
        let intent = self.touched(id, now)?;
        if intent.status != Status::RequiresCapture {
            return Err(ApiError::unexpected_state(id, intent.status.as_str()));
        }
        if !intent.raisable {
            return Err(ApiError::not_raisable());
        }
        check_amount("amount", amount, known(&intent.currency)?)?;
        if amount <= intent.amount || intent.raises >= MOST_RAISES {
            return Err(ApiError::invalid_integer("amount"));
        }
        if let Some(decline) = verdict {
            self.declines += 1;
            return Err(ApiError::declined(decline, self.intents.get(id).map(|i| IntentView::new(id, i, false))));
        }
        intent.amount = amount;
        intent.raises += 1;
        self.raises += 1;
        self.shown(id, form)
    }

    /// What the card's issuer says; `None` is yes.
    fn verdict(&self, intent: &Intent) -> Result<Option<Decline>, ApiError> {
        let method = intent.payment_method.as_deref().ok_or_else(ApiError::no_payment_method)?;
        match self.payment_methods.get(method) {
            Some(saved) if Some(&saved.customer) == intent.customer.as_ref() => Ok(decline_of(&saved.token)),
            None if method.starts_with("pm_card_") => Ok(decline_of(method)),
            Some(_) | None => Err(ApiError::missing("payment_method", method)),
        }
    }

    fn attempt(&mut self, id: &str, verdict: Option<Decline>, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        let intent = self.intents.get_mut(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        match verdict {
            // The driver is there to be asked: not a decline yet.
            Some(decline) if decline.asks_the_cardholder() && !intent.off_session => {
                intent.status = Status::RequiresAction;
            }
            Some(decline) => {
                intent.status = Status::RequiresPaymentMethod;
                intent.payment_method = None;
                self.declines += 1;
                return Err(ApiError::declined(decline, self.intents.get(id).map(|i| IntentView::new(id, i, false))));
            }
            None => {
                intent.authorise(id, now);
                self.charged(id, now);
            }
        }
        self.shown(id, form)
    }

    pub(super) fn capture_intent(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["amount_to_capture", "application_fee_amount", "metadata", "expand"])?;
        let asked = form.integer("amount_to_capture")?;
        let intent = self.touched(id, now)?;
        if intent.status != Status::RequiresCapture {
            return Err(ApiError::unexpected_state(id, intent.status.as_str()));
        }
        let amount = asked.unwrap_or(intent.amount);
        if amount > intent.amount {
            return Err(ApiError::too_large("amount_to_capture", intent.amount));
        }
        if amount == 0 {
            return Err(ApiError::invalid_integer("amount_to_capture"));
        }
        check_amount("amount_to_capture", amount, known(&intent.currency)?)?;
        if let Some(fee) = application_fee(form, amount)? {
            intent.application_fee = fee;
        }
        intent.status = Status::Succeeded;
        intent.received = amount;
        intent.metadata.extend(form.metadata());
        self.charged(id, now);
        self.shown(id, form)
    }

    pub(super) fn cancel_intent(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["cancellation_reason", "expand"])?;
        let reason = form.one_of("cancellation_reason", &REASONS)?.map(str::to_owned);
        let intent = self.touched(id, now)?;
        if matches!(intent.status, Status::Succeeded | Status::Canceled) {
            return Err(ApiError::unexpected_state(id, intent.status.as_str()));
        }
        intent.status = Status::Canceled;
        intent.canceled_at = Some(now);
        intent.cancellation_reason = reason;
        self.shown(id, form)
    }

    pub(super) fn read_intent(&mut self, id: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        self.touched(id, now)?;
        self.shown(id, form)
    }

    /// A charge bears the number of its intent.
    pub(super) fn read_charge(&mut self, charge: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        let missing = || ApiError::missing("charge", charge);
        let id = format!("pi_{}", charge.strip_prefix("ch_").ok_or_else(missing)?);
        let intent = self.touched(&id, now).map_err(|_| missing())?;
        match &intent.charge {
            Some(made) => show(&ChargeView::new(made, &id, intent)),
            None => Err(missing()),
        }
    }

    /// The newest first, as Stripe lists.
    pub(super) fn list_intents(&mut self, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["customer", "created", "limit", "starting_after", "expand"])?;
        let limit = form.limit()?;
        self.lapse_all(now);
        let created = form.created()?;
        let (customer, after) = (form.get("customer"), form.get("starting_after"));
        let wanted = |(id, intent): &(&String, &Intent)| {
            let mine = customer.is_none() || intent.customer.as_deref() == customer;
            mine && created.contains(&intent.created) && after.is_none_or(|after| id.as_str() < after)
        };
        let mut found: Vec<_> = self.intents.iter().filter(wanted).collect();
        found.sort_unstable_by(|a, b| b.0.cmp(a.0));
        let with_charge = form.expands("data.latest_charge");
        let has_more = found.len() > limit;
        let data = found.into_iter().take(limit).map(|(id, intent)| IntentView::new(id, intent, with_charge)).collect();
        show(&ListView { object: "list", url: "/v1/payment_intents", has_more, data })
    }

    /// An intent as it is now: one whose time is over has ended by itself.
    fn touched(&mut self, id: &str, now: i64) -> Result<&mut Intent, ApiError> {
        let intent = self.intents.get_mut(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        intent.lapse(now);
        Ok(intent)
    }

    /// A hold that has lapsed, and its charge, as events show them.
    pub(super) fn lapse_views(&self, id: &str) -> Option<(Value, Value)> {
        let intent = self.intents.get(id)?;
        let charge = ChargeView::new(intent.charge.as_deref()?, id, intent);
        Some((serde_json::to_value(IntentView::new(id, intent, false)).ok()?, serde_json::to_value(charge).ok()?))
    }

    fn shown(&self, id: &str, form: &Form<'_>) -> Result<Reply, ApiError> {
        let intent = self.intents.get(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        show(&IntentView::new(id, intent, form.expands("latest_charge")))
    }
}

impl Intent {
    /// The issuer agreed: held, or taken at once.
    pub(super) fn authorise(&mut self, id: &str, now: i64) {
        self.charge = Some(id.replacen("pi_", "ch_", 1));
        if self.manual {
            let seconds = if self.off_session { OFF_SESSION_HOLD_SECONDS } else { ON_SESSION_HOLD_SECONDS };
            self.status = Status::RequiresCapture;
            self.capture_before = Some(now + seconds);
        } else {
            self.status = Status::Succeeded;
            self.received = self.amount;
        }
    }
}
