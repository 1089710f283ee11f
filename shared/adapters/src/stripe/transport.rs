//! How a request gets to Stripe.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// No answer came. Whether the request was carried out is unknown.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);

/// An answer on its way.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, TransportError>> + Send + 'a>>;

/// Carries a request to Stripe, or to what stands in for it, and the answer back with status and headers.
pub trait StripeTransport: Send + Sync + fmt::Debug {
    /// Sends one request, once.
    fn send(&self, request: Request<Bytes>) -> Answer<'_>;
}

/// Stripe answers within seconds or not at all; Lambda's own time limit is longer than this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// HTTPS with pooled connections; plain HTTP for a simulator on this machine.
#[derive(Debug)]
pub struct HttpsTransport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl HttpsTransport {
    /// A transport that trusts the Mozilla roots.
    #[must_use]
    pub fn new() -> Self {
        let tls = hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Self { client: Client::builder(TokioExecutor::new()).build(tls) }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let failed = |error: &dyn fmt::Display| TransportError(error.to_string());
        let answer = self.client.request(request.map(Full::new)).await.map_err(|e| failed(&e))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|e| failed(&e))?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}

impl Default for HttpsTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl StripeTransport for HttpsTransport {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        Box::pin(async move {
            let answer = tokio::time::timeout(TIMEOUT, self.exchange(request)).await;
            answer.unwrap_or_else(|_| Err(TransportError(format!("no answer within {} s", TIMEOUT.as_secs()))))
        })
    }
}
