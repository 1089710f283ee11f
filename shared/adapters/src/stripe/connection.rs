//! One request with its key, its version and its idempotency key.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use miniserde::Deserialize;
use stripe_client_core::{
    CustomizedStripeRequest, IdempotencyKey, RequestBuilder, RequestStrategy, StripeClient, StripeMethod,
};

use super::{StripeFailure, StripeTransport};

/// The API version these types were written for.
pub const API_VERSION: &str = "2026-09-30.endive";

/// A Stripe secret key. Never printed.
#[derive(Clone)]
pub struct SecretKey(String);

impl SecretKey {
    /// Takes a key, without the white space around it that files tend to have.
    #[must_use]
    pub fn new(key: impl AsRef<str>) -> Self {
        Self(key.as_ref().trim().to_owned())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    transport: Arc<dyn StripeTransport>,
    key: SecretKey,
    base_url: String,
}

impl Connection {
    pub(super) fn new(transport: Arc<dyn StripeTransport>, key: SecretKey, base_url: &str) -> Self {
        Self { transport, key, base_url: format!("{}/v1", base_url.trim_end_matches('/')) }
    }

    pub(super) async fn send<T: Deserialize>(
        &self,
        request: RequestBuilder,
        key: Option<&str>,
    ) -> Result<T, StripeFailure> {
        let mut request = request.customize::<T>();
        if let Some(key) = key {
            let unusable = |e: stripe_client_core::IdempotentKeyError| StripeFailure::Refused {
                status: 400,
                code: None,
                message: e.to_string(),
                param: Some("Idempotency-Key".to_owned()),
            };
            let key = IdempotencyKey::new(key).map_err(unusable)?;
            request = request.request_strategy(RequestStrategy::Idempotent(key));
        }
        request.send(self).await
    }
}

impl StripeClient for Connection {
    type Err = StripeFailure;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, StripeFailure> {
        let (request, config) = request.into_pieces();
        let query = request.query.map(|query| format!("?{query}")).unwrap_or_default();
        let method = match request.method {
            StripeMethod::Get => Method::GET,
            StripeMethod::Post => Method::POST,
            StripeMethod::Delete => Method::DELETE,
        };
        let mut http = Request::builder()
            .method(method)
            .uri(format!("{}{}{query}", self.base_url, request.path))
            .header("authorization", format!("Bearer {}", self.key.0))
            .header("stripe-version", API_VERSION)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(key) = config.request_strategy.and_then(|strategy| strategy.get_key()) {
            http = http.header("idempotency-key", key.as_str());
        }
        let unsendable = |e: http::Error| StripeFailure::Refused {
            status: 400,
            code: None,
            message: format!("the request cannot be sent: {e}"),
            param: None,
        };
        let http = http.body(Bytes::from(request.body.unwrap_or_default())).map_err(unsendable)?;
        let response = self.transport.send(http).await?;
        if response.status().is_success() {
            return Ok(response.into_body());
        }
        Err(StripeFailure::of(response.status().as_u16(), response.body()))
    }
}
