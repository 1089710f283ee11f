//! One request with its secret, its version and its idempotency key; one attempt.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request};
use miniserde::Deserialize;
use stripe_client_core::{
    CustomizedStripeRequest, IdempotencyKey, RequestBuilder, RequestStrategy, StripeClient, StripeClientErr,
    StripeMethod,
};

use super::{HttpTransport, StripeFailure};

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

    /// The header that carries the key; marked, so that a printed request does not show it.
    fn header(&self) -> Result<HeaderValue, http::Error> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.0))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// An attempt that brought no result, and what Stripe says about another.
#[derive(Debug)]
pub(super) struct Failed {
    pub failure: StripeFailure,
    /// `Stripe-Should-Retry`, where it was sent: Stripe knows better than the status code.
    should_retry: Option<bool>,
}

impl Failed {
    /// Whether the same request with the same key may bring another answer.
    pub(super) fn is_worth_repeating(&self) -> bool {
        self.should_retry.unwrap_or_else(|| self.failure.is_worth_repeating())
    }
}

impl From<StripeFailure> for Failed {
    fn from(failure: StripeFailure) -> Self {
        Self { failure, should_retry: None }
    }
}

impl StripeClientErr for Failed {
    fn deserialize_err(message: impl fmt::Display) -> Self {
        StripeFailure::unknown(message.to_string()).into()
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    transport: Arc<dyn HttpTransport>,
    secret: RwLock<SecretKey>,
    base_url: String,
}

impl Connection {
    pub(super) fn new(transport: Arc<dyn HttpTransport>, secret: SecretKey, base_url: &str) -> Self {
        Self { transport, secret: RwLock::new(secret), base_url: format!("{}/v1", base_url.trim_end_matches('/')) }
    }

    pub(super) fn replace_key(&self, secret: SecretKey) {
        *self.secret.write().unwrap_or_else(PoisonError::into_inner) = secret;
    }

    pub(super) async fn send<T: Deserialize>(
        &self,
        request: RequestBuilder,
        key: Option<&str>,
        account: Option<&str>,
    ) -> Result<T, Failed> {
        let mut request = request.customize::<T>();
        if let Some(account) = account {
            request = request.account_id(account.into());
        }
        if let Some(key) = key {
            let unusable = |e| unsendable(&e, Some("Idempotency-Key"));
            let key = IdempotencyKey::new(key).map_err(unusable)?;
            request = request.request_strategy(RequestStrategy::Idempotent(key));
        }
        request.send(self).await
    }

    fn http(&self, request: CustomizedStripeRequest) -> Result<Request<Bytes>, http::Error> {
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
            .header("authorization", self.secret.read().unwrap_or_else(PoisonError::into_inner).header()?)
            .header("stripe-version", API_VERSION)
            .header("user-agent", concat!("plugtill/", env!("CARGO_PKG_VERSION")))
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(key) = config.request_strategy.and_then(|strategy| strategy.get_key()) {
            http = http.header("idempotency-key", key.as_str());
        }
        if let Some(account) = config.account_id {
            http = http.header("stripe-account", account.as_str());
        }
        http.body(Bytes::from(request.body.unwrap_or_default()))
    }
}

impl StripeClient for Connection {
    type Err = Failed;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, Failed> {
        let request = self.http(request).map_err(|e| unsendable(&e, None))?;
        let response = self.transport.send(request).await.map_err(StripeFailure::from)?;
        let status = response.status();
        if status.is_success() {
            return Ok(response.into_body());
        }
        let mut failure = StripeFailure::of(status.as_u16(), response.body());
        // A server error that was stored under the key comes back for a day: only reading the object can tell more.
        let replayed = status.is_server_error() && flag(response.headers(), "idempotent-replayed") == Some(true);
        if let StripeFailure::Unknown { stored, .. } = &mut failure {
            *stored = replayed;
        }
        let should_retry = if replayed { Some(false) } else { flag(response.headers(), "stripe-should-retry") };
        Err(Failed { failure, should_retry })
    }
}

fn flag(headers: &HeaderMap, name: &str) -> Option<bool> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn unsendable(problem: &dyn fmt::Display, param: Option<&str>) -> StripeFailure {
    StripeFailure::Refused {
        status: 400,
        code: None,
        message: format!("the request cannot be sent: {problem}"),
        param: param.map(str::to_owned),
    }
}
