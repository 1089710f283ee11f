//! Customers, payment methods, refunds.

use serde_json::{Value, json};

use super::Reply;
use super::cards::{decline_of, refuses_attachment};
use super::currencies::{check_amount, known};
use super::error::ApiError;
use super::form::Form;
use super::objects::{Customer, PaymentMethod, Refund, RefundStatus, State, Status};

impl State {
    pub(super) fn create_customer(&mut self, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["name", "email", "description", "metadata", "expand"])?;
        let id = self.id("cus");
        self.customers.insert(id.clone(), Customer { created: now, metadata: form.metadata() });
        self.show_customer(&id)
    }

    pub(super) fn read_customer(&self, id: &str, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        self.show_customer(id)
    }

    fn show_customer(&self, id: &str) -> Result<Reply, ApiError> {
        let customer = self.customers.get(id).ok_or_else(|| ApiError::missing("customer", id))?;
        let Customer { created, metadata } = customer;
        let object =
            json!({ "id": id, "object": "customer", "created": created, "metadata": metadata, "livemode": false });
        Ok((200, object.to_string()))
    }

    /// A test token makes a new payment method each time it is attached, as Stripe's do.
    pub(super) fn attach(&mut self, token: &str, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&["customer", "expand"])?;
        let customer = form.required("customer")?.to_owned();
        if !self.customers.contains_key(&customer) {
            return Err(ApiError::missing("customer", &customer));
        }
        if !token.starts_with("pm_card_") {
            return Err(ApiError::missing("payment_method", token));
        }
        if let Some(decline) = decline_of(token).filter(|_| refuses_attachment(token)) {
            return Err(ApiError::declined(decline, None));
        }
        let id = self.id("pm");
        let object = json!({
            "id": id, "object": "payment_method", "billing_details": {}, "created": now, "customer": customer, "livemode": false,
            "metadata": {}, "type": "card",
        });
        self.payment_methods.insert(id, PaymentMethod { token: token.to_owned(), customer });
        Ok((200, object.to_string()))
    }

    pub(super) fn create_refund(&mut self, form: &Form<'_>, now: i64) -> Result<Reply, ApiError> {
        form.only(&[
            "payment_intent",
            "amount",
            "reason",
            "reverse_transfer",
            "refund_application_fee",
            "metadata",
            "expand",
        ])?;
        let intent_id = form.required("payment_intent")?.to_owned();
        let asked = form.integer("amount")?;
        let intent = self.intents.get_mut(&intent_id).ok_or_else(|| ApiError::missing("payment_intent", &intent_id))?;
        if intent.status != Status::Succeeded {
            return Err(ApiError::unexpected_state(&intent_id, intent.status.as_str()));
        }
        let left = intent.received - intent.refunded;
        let amount = asked.unwrap_or(left);
        if left == 0 {
            return Err(ApiError::already_refunded());
        }
        if amount == 0 {
            return Err(ApiError::invalid_integer("amount"));
        }
        if amount > left {
            return Err(ApiError::refund_too_large(left));
        }
        check_amount("amount", amount, known(&intent.currency)?)?;
        intent.refunded += amount;
        let id = self.id("re");
        let status = if self.is_slow(&intent_id) { RefundStatus::Pending } else { RefundStatus::Succeeded };
        let metadata = form.metadata();
        self.refunds.insert(id.clone(), Refund { intent: intent_id, amount, created: now, metadata, status });
        self.given_back(&id, form.is_true("reverse_transfer"), now);
        self.show_refund(&id)
    }

    /// Whether the card of an intent takes refunds later only.
    fn is_slow(&self, intent: &str) -> bool {
        let method = self.intents.get(intent).and_then(|intent| intent.payment_method.as_deref()).unwrap_or_default();
        let token = self.payment_methods.get(method).map_or(method, |saved| saved.token.as_str());
        token == "pm_card_pendingRefund"
    }

    /// The bank takes a refund, or does not: then the money is back. What the refund is now, if there is such a one.
    pub(super) fn end_refund(&mut self, id: &str, taken: bool, now: i64) -> Option<Value> {
        let refund = self.refunds.get_mut(id).filter(|refund| refund.status != RefundStatus::Failed)?;
        refund.status = if taken { RefundStatus::Succeeded } else { RefundStatus::Failed };
        let (intent, amount) = (refund.intent.clone(), refund.amount);
        if !taken {
            if let Some(paid) = self.intents.get_mut(&intent) {
                paid.refunded -= amount;
            }
            self.came_back(id, now);
        }
        self.refunds.get(id).map(|refund| self.refund_view(id, refund))
    }

    pub(super) fn read_refund(&self, id: &str, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["expand"])?;
        self.show_refund(id)
    }

    fn show_refund(&self, id: &str) -> Result<Reply, ApiError> {
        let refund = self.refunds.get(id).ok_or_else(|| ApiError::missing("refund", id))?;
        Ok((200, self.refund_view(id, refund).to_string()))
    }

    /// The newest first, as Stripe lists.
    pub(super) fn list_refunds(&self, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["payment_intent", "created", "limit", "starting_after", "expand"])?;
        let (limit, created) = (form.limit()?, form.created()?);
        let (intent, after) = (form.get("payment_intent"), form.get("starting_after"));
        let wanted = |(id, refund): &(&String, &Refund)| {
            let mine = intent.is_none_or(|intent| refund.intent == intent) && created.contains(&refund.created);
            mine && after.is_none_or(|after| id.as_str() < after)
        };
        let mut found: Vec<_> = self.refunds.iter().filter(wanted).collect();
        found.sort_unstable_by(|a, b| b.0.cmp(a.0));
        let has_more = found.len() > limit;
        let data: Vec<_> = found.into_iter().take(limit).map(|(id, refund)| self.refund_view(id, refund)).collect();
        let list = json!({ "object": "list", "url": "/v1/refunds", "has_more": has_more, "data": data });
        Ok((200, list.to_string()))
    }

    fn refund_view(&self, id: &str, refund: &Refund) -> Value {
        let currency = self.intents.get(&refund.intent).map_or("", |intent| intent.currency.as_str());
        json!({
            "id": id, "object": "refund", "amount": refund.amount, "created": refund.created, "currency": currency,
            "metadata": refund.metadata, "payment_intent": refund.intent, "status": refund.status,
        })
    }
}
