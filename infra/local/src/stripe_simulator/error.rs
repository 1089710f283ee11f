//! Stripe's errors, in Stripe's form.

use serde_json::{Value, json};

use super::Reply;
use super::cards::Decline;

/// An error answer.
#[derive(Debug)]
pub(super) struct ApiError {
    status: u16,
    error: Value,
}

impl ApiError {
    fn new(status: u16, kind: &str, code: Option<&str>, message: String, param: Option<&str>) -> Self {
        let mut error = json!({ "type": kind, "message": message });
        for (name, value) in [("code", code), ("param", param)] {
            if let (Some(value), Some(fields)) = (value, error.as_object_mut()) {
                fields.insert(name.to_owned(), json!(value));
            }
        }
        Self { status, error }
    }

    fn invalid(code: &str, message: String, param: Option<&str>) -> Self {
        Self::new(400, "invalid_request_error", Some(code), message, param)
    }

    pub(super) fn reply(self) -> Reply {
        (self.status, json!({ "error": self.error }).to_string())
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "invalid_request_error", None, "Invalid API Key provided".to_owned(), None)
    }

    pub(super) fn rate_limited() -> Self {
        Self::new(429, "invalid_request_error", Some("rate_limit"), "Too many requests".to_owned(), None)
    }

    pub(super) fn server_error() -> Self {
        Self::new(500, "api_error", None, "Something went wrong on our end".to_owned(), None)
    }

    pub(super) fn key_reused() -> Self {
        let message = "Keys for idempotent requests can only be used with the parameters they were first used with";
        Self::new(400, "idempotency_error", None, message.to_owned(), None)
    }

    pub(super) fn unknown_url(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: /v1/{path})");
        Self::new(404, "invalid_request_error", None, message, None)
    }

    pub(super) fn missing(kind: &str, id: &str) -> Self {
        Self::new(404, "invalid_request_error", Some("resource_missing"), format!("No such {kind}: '{id}'"), Some("id"))
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::invalid("parameter_unknown", format!("Received unknown parameter: {name}"), Some(name))
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::invalid("parameter_missing", format!("Missing required param: {name}."), Some(name))
    }

    pub(super) fn invalid_integer(name: &str) -> Self {
        Self::invalid("parameter_invalid_integer", format!("Invalid integer: {name}"), Some(name))
    }

    pub(super) fn too_small(minimum: i64, currency: &str) -> Self {
        let message = format!("Amount must be at least {minimum} {currency}");
        Self::invalid("amount_too_small", message, Some("amount"))
    }

    pub(super) fn too_large(name: &str, most: i64) -> Self {
        Self::invalid("amount_too_large", format!("{name} must be at most {most}"), Some(name))
    }

    pub(super) fn unexpected_state(id: &str, status: &str) -> Self {
        let message = format!("This PaymentIntent's ({id}) status is {status}, which does not allow this");
        Self::invalid("payment_intent_unexpected_state", message, None)
    }

    pub(super) fn already_refunded() -> Self {
        let message = "Refund amount is greater than unrefunded amount on charge";
        Self::invalid("charge_already_refunded", message.to_owned(), Some("amount"))
    }

    pub(super) fn declined(decline: Decline, intent: &Value) -> Self {
        let message = "Your card was declined.".to_owned();
        let mut declined = Self::new(402, "card_error", Some(decline.code), message, None);
        if let Some(fields) = declined.error.as_object_mut() {
            if let Some(reason) = decline.decline_code {
                fields.insert("decline_code".to_owned(), json!(reason));
            }
            fields.insert("payment_intent".to_owned(), intent.clone());
        }
        declined
    }
}
