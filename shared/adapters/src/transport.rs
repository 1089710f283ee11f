//! How a request gets out: to Stripe, and to where operators want to be told.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
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

/// Carries a request out, or to what stands in for there, and the answer back with status and headers.
pub trait HttpTransport: Send + Sync + fmt::Debug {
    /// Sends one request, once.
    fn send(&self, request: Request<Bytes>) -> Answer<'_>;
}

/// Stripe answers within seconds or not at all; a Lambda's own time limit has to be longer than all attempts.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The longest answer that is read, in bytes: a hundred of Stripe's objects are a fraction of it, and who answers without end
/// shall not exhaust a function's memory.
const LONGEST_ANSWER: usize = 4 << 20;

/// HTTPS with pooled connections; plain HTTP only to this machine, where a simulator may listen.
#[derive(Debug)]
pub struct HttpsTransport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

impl HttpsTransport {
    /// A transport that trusts the Mozilla roots and waits 20 seconds for an answer.
    #[must_use]
    pub fn new() -> Self {
        let tls = hyper_rustls::HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
        Self { client: Client::builder(TokioExecutor::new()).build(tls), timeout: TIMEOUT }
    }

    /// The same with another limit for one attempt, from connecting to the last byte of the answer.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if !is_private(request.uri()) {
            let host = request.uri().host().unwrap_or_default();
            return Err(TransportError(format!("plain HTTP to `{host}` would show what is secret; use https://")));
        }
        let answer = self.client.request(request.map(Full::new)).await.map_err(|e| lost(&e))?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, LONGEST_ANSWER).collect().await.map_err(|e| lost(e.as_ref()))?.to_bytes();
        Ok(Response::from_parts(parts, body))
    }
}

impl Default for HttpsTransport {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpTransport for HttpsTransport {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        Box::pin(async move {
            let answer = tokio::time::timeout(self.timeout, self.exchange(request)).await;
            answer.unwrap_or_else(|_| Err(TransportError(format!("no answer within {:?}", self.timeout))))
        })
    }
}

/// Whether nobody between here and there can read along.
fn is_private(uri: &Uri) -> bool {
    is_here(uri) || uri.scheme() == Some(&Scheme::HTTPS)
}

/// Whether it is on this machine.
#[must_use]
pub fn is_here(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// hyper's own words stop at "client error"; the cause below says what it was.
fn lost(error: &dyn std::error::Error) -> TransportError {
    let causes = std::iter::successors(Some(error), |error| error.source());
    TransportError(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
}
