//! The two ways in: Stripe's own request, and Stripe's event on a partner bus of the account.

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_smithy_types::base64;
use http::HeaderMap;
use serde_json::Value;

/// What every partner bus of Stripe's is called, up to the id of the event destination.
const STRIPE_SOURCE: &str = "aws.partner/stripe.com/";

/// What Lambda was given.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A request to the HTTP API: its headers and the bytes of its body, `None` where they cannot be told.
    Http(HeaderMap, Option<Vec<u8>>),
    /// An event of Stripe's, from the bus.
    Bus(Value),
}

/// What Lambda was given is neither.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// Not what API Gateway or EventBridge send.
    #[error("neither a request of an HTTP API (payload 2.0) nor an event of EventBridge")]
    Unknown(#[from] serde_json::Error),
    /// An event of somebody else's.
    #[error("an event of `{0}`, which is not Stripe")]
    OtherSource(String),
}

impl TryFrom<Value> for Input {
    type Error = InputError;

    /// Which way it came is told by fields that API Gateway and EventBridge set; a sender has no say in them.
    fn try_from(payload: Value) -> Result<Self, InputError> {
        if payload.get("detail-type").is_some() {
            let event: EventBridgeEvent = serde_json::from_value(payload)?;
            let is_stripe = event.source.starts_with(STRIPE_SOURCE);
            return if is_stripe { Ok(Self::Bus(event.detail)) } else { Err(InputError::OtherSource(event.source)) };
        }
        let request: ApiGatewayV2httpRequest = serde_json::from_value(payload)?;
        let body = request.body.unwrap_or_default();
        let body = if request.is_base64_encoded { base64::decode(body).ok() } else { Some(body.into_bytes()) };
        Ok(Self::Http(request.headers, body))
    }
}
