//! Stripe's errors, in Stripe's form.

use serde_json::{Value, json};

use super::Reply;
use super::cards::Decline;
use super::views::IntentView;

/// An error answer.
#[derive(Debug)]
pub(super) struct ApiError {
    status: u16,
    error: Value,
}

impl ApiError {
    fn new(status: u16, kind: &str, code: Option<&str>, message: &str, param: Option<&str>) -> Self {
        let mut error = json!({ "type": kind, "message": message });
        for (name, value) in [("code", code), ("param", param)] {
            if let (Some(value), Some(fields)) = (value, error.as_object_mut()) {
                fields.insert(name.to_owned(), json!(value));
            }
        }
        Self { status, error }
    }

    fn invalid(code: &str, message: &str, param: Option<&str>) -> Self {
        Self::new(400, "invalid_request_error", Some(code), message, param)
    }

    pub(super) fn reply(self) -> Reply {
        (self.status, json!({ "error": self.error }).to_string())
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "invalid_request_error", None, "Invalid API Key provided", None)
    }

    pub(super) fn forbidden() -> Self {
        let message = "The provided key does not have the required permissions for this endpoint on this account";
        Self::new(403, "invalid_request_error", None, message, None)
    }

    pub(super) fn rate_limited() -> Self {
        Self::new(429, "invalid_request_error", Some("rate_limit"), "Too many requests", None)
    }

    pub(super) fn lock_timeout() -> Self {
        let message = "This object cannot be accessed right now because another request is using it";
        Self::new(429, "invalid_request_error", Some("lock_timeout"), message, None)
    }

    pub(super) fn key_in_use() -> Self {
        let message = "Another request with this idempotency key is in progress";
        Self::new(409, "idempotency_error", Some("idempotency_key_in_use"), message, None)
    }

    pub(super) fn key_too_long() -> Self {
        let message = "Idempotency keys are at most 255 characters long";
        Self::new(400, "invalid_request_error", None, message, None)
    }

    pub(super) fn server_error() -> Self {
        Self::new(500, "api_error", None, "Something went wrong on our end", None)
    }

    pub(super) fn key_reused() -> Self {
        let message = "Keys for idempotent requests can only be used with the parameters they were first used with";
        Self::new(400, "idempotency_error", None, message, None)
    }

    pub(super) fn unknown_url(method: &str, path: &str) -> Self {
        let message = &format!("Unrecognized request URL ({method}: /v1/{path})");
        Self::new(404, "invalid_request_error", None, message, None)
    }

    pub(super) fn missing(kind: &str, id: &str) -> Self {
        Self::new(
            404,
            "invalid_request_error",
            Some("resource_missing"),
            &format!("No such {kind}: '{id}'"),
            Some("id"),
        )
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::invalid("parameter_unknown", &format!("Received unknown parameter: {name}"), Some(name))
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::invalid("parameter_missing", &format!("Missing required param: {name}."), Some(name))
    }

    pub(super) fn invalid_integer(name: &str) -> Self {
        Self::invalid("parameter_invalid_integer", &format!("Invalid integer: {name}"), Some(name))
    }

    pub(super) fn invalid_word(name: &str, words: &[&str]) -> Self {
        let message = &format!("Invalid {name}: must be one of {}", words.join(", "));
        Self::new(400, "invalid_request_error", None, message, Some(name))
    }

    pub(super) fn invalid_currency(code: &str) -> Self {
        let message = &format!("Invalid currency: {code}");
        Self::new(400, "invalid_request_error", None, message, Some("currency"))
    }

    pub(super) fn fraction(name: &str, currency: &str, step: i64) -> Self {
        let message = &format!("Amounts in {currency} must be evenly divisible by {step}");
        Self::invalid("invalid_charge_amount", message, Some(name))
    }

    pub(super) fn no_payment_method() -> Self {
        let message = "You cannot confirm this PaymentIntent because it is missing a payment method";
        Self::invalid("payment_intent_unexpected_state", message, None)
    }

    pub(super) fn too_small(minimum: i64, currency: &str) -> Self {
        let message = &format!("Amount must be at least {minimum} {currency}");
        Self::invalid("amount_too_small", message, Some("amount"))
    }

    pub(super) fn too_large(name: &str, most: i64) -> Self {
        Self::invalid("amount_too_large", &format!("{name} must be at most {most}"), Some(name))
    }

    pub(super) fn unexpected_state(id: &str, status: &str) -> Self {
        let message = &format!("This PaymentIntent's ({id}) status is {status}, which does not allow this");
        Self::invalid("payment_intent_unexpected_state", message, None)
    }

    pub(super) fn not_raisable() -> Self {
        let message = "This PaymentIntent does not support incremental authorization";
        Self::invalid("incremental_authorization_not_supported", message, None)
    }

    pub(super) fn page_closed(status: &str) -> Self {
        let message =
            &format!("Only Checkout Sessions with a status in [\"open\"] can be expired; this one is {status}");
        Self::new(400, "invalid_request_error", None, message, None)
    }

    pub(super) fn already_refunded() -> Self {
        Self::invalid("charge_already_refunded", "Charge has already been refunded", None)
    }

    pub(super) fn refund_too_large(left: i64) -> Self {
        let message = &format!("Refund amount is greater than unrefunded amount on charge ({left})");
        Self::new(400, "invalid_request_error", None, message, Some("amount"))
    }

    /// A decline shows the intent it was for; a card that could not be saved has none.
    pub(super) fn declined(decline: Decline, intent: Option<IntentView<'_>>) -> Self {
        let mut declined = Self::new(402, "card_error", Some(decline.code), "Your card was declined.", None);
        if let Some(fields) = declined.error.as_object_mut() {
            for (name, word) in [("decline_code", decline.reason), ("advice_code", decline.advice)] {
                fields.extend(word.map(|word| (name.to_owned(), json!(word))));
            }
            fields.extend(intent.map(|intent| ("payment_intent".to_owned(), json!(intent))));
        }
        declined
    }
}
