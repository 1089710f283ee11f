//! Stripe's events -> the table -> a doorbell for `settle`. Knows the signing secrets and no key of Stripe's; believes
//! nothing but that something has happened to an object, which `settle` then reads from Stripe.
//!
//! # Layout, in reading order
//! - [`handle`]: what Lambda is given, by either way in, and what it gives back.
//! - [`receive`]: a request as any host has it, headers and bytes. Verifies, then files.
//! - [`Received`]: what became of it, and what the sender is told.
//! - `input`: the two ways in.

mod input;

use aws_lambda_events::event::apigw::ApiGatewayV2httpResponse;
use http::{HeaderMap, StatusCode};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::{Doorbell, Ring};
use plugtill_adapters::store::{Filing, Store, StoreError};
use plugtill_adapters::webhook::{Rejection, SigningSecrets, StripeEvent};
use serde_json::Value;

pub use input::{Input, InputError};

/// The most bytes of a body; Stripe's events have some kilobytes.
pub const LARGEST_BODY: usize = 512 * 1024;

/// Where the signature stands.
const SIGNATURE: &str = "stripe-signature";

/// What the function works with.
#[derive(Debug, Clone)]
pub struct StripeWebhook {
    /// The table.
    pub store: Store,
    /// Rings `settle`.
    pub doorbell: Doorbell,
    /// What Stripe signs with.
    pub secrets: SigningSecrets,
    /// Tells how old a signature is.
    pub clock: Clock,
}

/// What became of an event.
#[derive(Debug)]
pub enum Received {
    /// It is in the table, and due.
    Filed,
    /// It was filed before; nothing has changed.
    Duplicate,
    /// Of a type that is not acted on.
    Ignored,
    /// Not believed; nothing has changed.
    Rejected(Rejection),
    /// Believed, but not in the table for all we know: Stripe is asked to send it again.
    NotFiled(StoreError),
}

impl Received {
    /// The answer's status. Anything but a 2xx has Stripe deliver the event again, for up to three days. All that is
    /// rejected looks the same from outside.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Filed | Self::Duplicate | Self::Ignored => StatusCode::OK,
            Self::Rejected(_) => StatusCode::BAD_REQUEST,
            Self::NotFiled(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Why an event from the bus was not taken. Lambda tries it again and then keeps it among the dead letters.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It cannot be read.
    #[error("the bus delivered what is no event of Stripe's: {0}")]
    Rejected(Rejection),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Handles what Lambda was given.
///
/// A request is answered whatever becomes of it; an event from the bus, which nobody waits for, fails as a whole.
///
/// # Errors
/// When an event from the bus was not taken.
pub async fn handle(function: &StripeWebhook, input: Input) -> Result<ApiGatewayV2httpResponse, WebhookError> {
    let received = match input {
        Input::Http(headers, Some(body)) => receive(function, &headers, &body).await,
        Input::Http(_, None) => rejected(Rejection::NotAnEvent),
        // Not signed, and believed all the same: only the rule on the account's own partner bus may invoke the function
        // so, and only Stripe can put events on that bus.
        Input::Bus(event) => match file(function, &event).await {
            Received::Rejected(reason) => return Err(WebhookError::Rejected(reason)),
            Received::NotFiled(error) => return Err(error.into()),
            taken @ (Received::Filed | Received::Duplicate | Received::Ignored) => taken,
        },
    };
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = received.status().as_u16().into();
    Ok(response)
}

/// Receives a request as it came: the signature covers the bytes of `body`, not what they mean.
pub async fn receive(function: &StripeWebhook, headers: &HeaderMap, body: &[u8]) -> Received {
    if body.len() > LARGEST_BODY {
        return rejected(Rejection::TooLarge);
    }
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    if let Err(reason) = function.secrets.verify(signature, body, function.clock.now()).await {
        return rejected(reason);
    }
    match serde_json::from_slice(body) {
        Ok(event) => file(function, &event).await,
        Err(_) => rejected(Rejection::NotAnEvent),
    }
}

/// Files an event that is known to be Stripe's, and rings.
async fn file(function: &StripeWebhook, event: &Value) -> Received {
    let event = match StripeEvent::read(event) {
        Ok(Some(event)) => event,
        Ok(None) => {
            tracing::debug!("of a type that is not acted on");
            return Received::Ignored;
        }
        Err(reason) => return rejected(reason),
    };
    let now = function.clock.now();
    match function.store.file_event(&event, now).await {
        Ok(Filing::Filed) => {}
        Ok(Filing::Duplicate) => return Received::Duplicate,
        Err(error) => {
            tracing::error!(event = event.id, error = &error as &dyn std::error::Error, "Stripe event not filed");
            return Received::NotFiled(error);
        }
    }
    if let Err(error) = function.doorbell.ring(vec![(Ring::StripeObject(event.object), now)], now).await {
        tracing::warn!(event = event.id, error = &error as &dyn std::error::Error, "left to sweep");
    }
    Received::Filed
}

/// Counted by this line (infra/aws/template.yaml), which holds nothing of what was sent.
fn rejected(reason: Rejection) -> Received {
    tracing::warn!(reason = reason.as_str(), "webhook rejected");
    Received::Rejected(reason)
}
