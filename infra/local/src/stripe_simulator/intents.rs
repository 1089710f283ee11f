//! Payment intents: create, confirm, capture, cancel.

use plugtill_adapters::stripe::minimum_charge;
use serde_json::{Value, json};

use super::Reply;
use super::cards::decline_of;
use super::error::ApiError;
use super::form::Form;
use super::objects::{Intent, State, Status};

/// Off-session Visa: 4 days 18 hours. Customer present: 7 days (docs.stripe.com, "place a hold").
const OFF_SESSION_HOLD_SECONDS: i64 = (4 * 24 + 18) * 3600;
const ON_SESSION_HOLD_SECONDS: i64 = 7 * 24 * 3600;

const CREATE: [&str; 11] = [
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
    "expand",
];

impl State {
    pub(super) fn create_intent(&mut self, form: &Form, now: i64) -> Result<Reply, ApiError> {
        form.only(&CREATE)?;
        let amount = form.integer("amount")?.ok_or_else(|| ApiError::missing_parameter("amount"))?;
        let currency = form.required("currency")?.to_owned();
        let least = currency.to_ascii_uppercase().parse().map_or(1, |known| minimum_charge(known).minor());
        if amount < least {
            return Err(ApiError::too_small(least, &currency));
        }
        let customer = form.get("customer").map(str::to_owned);
        if let Some(customer) = customer.as_ref().filter(|id| !self.customers.contains_key(*id)) {
            return Err(ApiError::missing("customer", customer));
        }
        let payment_method = form.get("payment_method").map(str::to_owned);
        let status =
            if payment_method.is_some() { Status::RequiresConfirmation } else { Status::RequiresPaymentMethod };
        let intent = Intent {
            amount,
            currency,
            customer,
            payment_method,
            manual: form.get("capture_method") == Some("manual"),
            off_session: form.is_true("off_session"),
            status,
            created: now,
            received: 0,
            refunded: 0,
            charge: None,
            capture_before: None,
            lapsed: false,
            metadata: form.metadata(),
        };
        let id = self.id("pi");
        self.intents.insert(id.clone(), intent);
        if form.is_true("confirm") { self.confirm(&id, form, now) } else { self.shown(&id, form) }
    }

    pub(super) fn confirm_intent(&mut self, id: &str, form: &Form, now: i64) -> Result<Reply, ApiError> {
        form.only(&["payment_method", "off_session", "expand"])?;
        if let (Some(method), Some(intent)) = (form.get("payment_method"), self.intents.get_mut(id)) {
            intent.payment_method = Some(method.to_owned());
            intent.status = Status::RequiresConfirmation;
        }
        self.confirm(id, form, now)
    }

    fn confirm(&mut self, id: &str, form: &Form, now: i64) -> Result<Reply, ApiError> {
        let intent = self.intents.get(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        if intent.status != Status::RequiresConfirmation {
            return Err(ApiError::unexpected_state(id, intent.status.as_str()));
        }
        let method = intent.payment_method.clone().unwrap_or_default();
        let token = match self.payment_methods.get(&method) {
            Some(known) if Some(&known.customer) == intent.customer.as_ref() => known.token.clone(),
            Some(_) => return Err(ApiError::missing("payment_method", &method)),
            None if method.starts_with("pm_card_") => method,
            None => return Err(ApiError::missing("payment_method", &method)),
        };
        let charge = self.id("ch");
        if let Some(decline) = decline_of(&token) {
            self.declines += 1;
            if let Some(intent) = self.intents.get_mut(id) {
                intent.status = Status::RequiresPaymentMethod;
                intent.payment_method = None;
            }
            return Err(ApiError::declined(decline, &self.object(id, false)?));
        }
        if let Some(intent) = self.intents.get_mut(id) {
            intent.charge = Some(charge);
            if intent.manual {
                let seconds = if intent.off_session { OFF_SESSION_HOLD_SECONDS } else { ON_SESSION_HOLD_SECONDS };
                intent.status = Status::RequiresCapture;
                intent.capture_before = Some(now + seconds);
            } else {
                intent.status = Status::Succeeded;
                intent.received = intent.amount;
            }
        }
        self.shown(id, form)
    }

    pub(super) fn capture_intent(&mut self, id: &str, form: &Form, now: i64) -> Result<Reply, ApiError> {
        form.only(&["amount_to_capture", "expand"])?;
        let asked = form.integer("amount_to_capture")?;
        let intent = self.intents.get_mut(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        intent.lapse(now);
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
        intent.status = Status::Succeeded;
        intent.received = amount;
        self.shown(id, form)
    }

    pub(super) fn cancel_intent(&mut self, id: &str, form: &Form, now: i64) -> Result<Reply, ApiError> {
        form.only(&["cancellation_reason", "expand"])?;
        let intent = self.intents.get_mut(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        intent.lapse(now);
        if matches!(intent.status, Status::Succeeded | Status::Canceled) {
            return Err(ApiError::unexpected_state(id, intent.status.as_str()));
        }
        intent.status = Status::Canceled;
        self.shown(id, form)
    }

    pub(super) fn read_intent(&mut self, id: &str, form: &Form, now: i64) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        self.intents.get_mut(id).ok_or_else(|| ApiError::missing("payment_intent", id))?.lapse(now);
        self.shown(id, form)
    }

    pub(super) fn list_intents(&mut self, form: &Form, now: i64) -> Result<Reply, ApiError> {
        form.only(&["customer", "limit", "expand"])?;
        self.lapse_all(now);
        let customer = form.get("customer");
        let mine = |intent: &&Intent| customer.is_none() || intent.customer.as_deref() == customer;
        let mut ids: Vec<_> =
            self.intents.iter().filter(|(_, intent)| mine(intent)).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let limit = usize::try_from(form.integer("limit")?.unwrap_or(10)).unwrap_or(10);
        let has_more = ids.len() > limit;
        let data = ids.iter().take(limit).map(|id| self.object(id, form.expands("data.latest_charge")));
        let data: Vec<Value> = data.collect::<Result<_, _>>()?;
        let list = json!({ "object": "list", "url": "/v1/payment_intents", "has_more": has_more, "data": data });
        Ok((200, list.to_string()))
    }

    fn shown(&self, id: &str, form: &Form) -> Result<Reply, ApiError> {
        Ok((200, self.object(id, form.expands("latest_charge"))?.to_string()))
    }

    fn object(&self, id: &str, with_charge: bool) -> Result<Value, ApiError> {
        let intent = self.intents.get(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
        let capturable = if intent.status == Status::RequiresCapture { intent.amount } else { 0 };
        let charge = match &intent.charge {
            Some(charge) if with_charge => charge_object(charge, id, intent),
            Some(charge) => json!(charge),
            None => Value::Null,
        };
        Ok(json!({
            "id": id,
            "object": "payment_intent",
            "amount": intent.amount,
            "amount_capturable": capturable,
            "amount_received": intent.received,
            "canceled_at": null,
            "cancellation_reason": intent.lapsed.then_some("automatic"),
            "capture_method": if intent.manual { "manual" } else { "automatic" },
            "created": intent.created,
            "currency": intent.currency,
            "customer": intent.customer,
            "latest_charge": charge,
            "livemode": false,
            "metadata": intent.metadata,
            "payment_method": intent.payment_method,
            "payment_method_types": ["card"],
            "status": intent.status.as_str(),
        }))
    }
}

fn charge_object(charge: &str, id: &str, intent: &Intent) -> Value {
    json!({
        "id": charge,
        "object": "charge",
        "amount": intent.amount,
        "amount_captured": intent.received,
        "amount_refunded": intent.refunded,
        "captured": intent.status == Status::Succeeded,
        "created": intent.created,
        "currency": intent.currency,
        "payment_intent": id,
        "payment_method_details": { "type": "card", "card": { "capture_before": intent.capture_before } },
        "status": "succeeded",
    })
}
