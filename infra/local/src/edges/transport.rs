//! The HTTP transport of an AWS SDK client, answered in this process instead of over a socket.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::StatusCode;

use super::life::once_more;
use super::lock;

/// A service that answers one request at once; `Err` is a broken connection.
pub(super) trait Edge: Debug + Send + Sync + 'static {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError>;
}

/// Hands an SDK client's requests to an [`Edge`].
#[derive(Debug)]
pub(super) struct InProcess<E>(Arc<E>);

impl<E> InProcess<E> {
    pub(super) fn new(edge: Arc<E>) -> Self {
        Self(edge)
    }
}

impl<E: Edge> HttpConnector for InProcess<E> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.0.answer(&request) {
            Err(error) if is_death(&error) => HttpConnectorFuture::new(std::future::pending()),
            answered => match answered.map_err(|error| (late_answer(&error), error)) {
                Err((Some(answer), _)) => HttpConnectorFuture::new(async move {
                    once_more().await;
                    Ok(answer)
                }),
                Err((None, error)) => HttpConnectorFuture::ready(Err(error)),
                Ok(answer) => HttpConnectorFuture::ready(Ok(answer)),
            },
        }
    }
}

impl<E: Edge> HttpClient for InProcess<E> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self(Arc::clone(&self.0)))
    }
}

/// The same, each request after another task had its turn.
#[derive(Debug)]
pub(super) struct InTurns<E>(Arc<E>);

impl<E> InTurns<E> {
    pub(super) fn new(edge: Arc<E>) -> Self {
        Self(edge)
    }
}

impl<E: Edge> HttpConnector for InTurns<E> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let edge = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            tokio::task::yield_now().await;
            edge.answer(&request)
        })
    }
}

impl<E: Edge> HttpClient for InTurns<E> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self(Arc::clone(&self.0)))
    }
}

/// The bytes of a request; the SDK never streams to the services spoken to here.
pub(super) fn body(request: &HttpRequest) -> &[u8] {
    request.body().bytes().unwrap_or_default()
}

/// The operation named by `x-amz-target`, without the service's prefix.
pub(super) fn target(request: &HttpRequest) -> &str {
    request.headers().get("x-amz-target").and_then(|target| target.split_once('.')).map_or("", |(_, name)| name)
}

/// An answer of `status` with this body.
pub(super) fn answer(status: StatusCode, content_type: &'static str, body: impl Into<SdkBody>) -> HttpResponse {
    let mut response = HttpResponse::new(status.into(), body.into());
    response.headers_mut().insert("content-type", content_type);
    response
}

/// A connection that broke: before the request arrived, or after it was applied; the caller cannot know which.
pub(super) fn dropped() -> ConnectorError {
    ConnectorError::io("connection closed before the answer arrived".into())
}

/// The caller is no more, before the request arrived or after it was applied: nobody is answered.
pub(super) fn died() -> ConnectorError {
    ConnectorError::other(Box::new(Died), None)
}

#[derive(Debug, thiserror::Error)]
#[error("the process that asked is no more")]
struct Died;

/// The request was carried out; its answer comes once whoever asked is looked at once more.
pub(super) fn late(answer: HttpResponse) -> ConnectorError {
    ConnectorError::other(Box::new(Late(Mutex::new(Some(answer)))), None)
}

#[derive(Debug, thiserror::Error)]
#[error("the answer comes late")]
struct Late(Mutex<Option<HttpResponse>>);

fn late_answer(error: &ConnectorError) -> Option<HttpResponse> {
    let late = std::error::Error::source(error)?.downcast_ref::<Late>()?;
    lock(&late.0).take()
}

fn is_death(error: &ConnectorError) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<Died>)
}

/// The settings with which a client costs least and waits for nothing: no signature (nobody checks it), no timeouts
/// and no guard against stalled streams (every answer is there at once).
macro_rules! sdk_client {
    ($sdk:ident, $edge:expr, $endpoint:literal, $retry:expr) => {
        $crate::edges::transport::sdk_client!(
            $sdk, over $crate::edges::transport::InProcess::new($edge), $endpoint, $retry
        )
    };
    ($sdk:ident, over $transport:expr, $endpoint:literal, $retry:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::from_static("us-east-1"))
            .endpoint_url($endpoint)
            .allow_no_auth()
            .retry_config($retry)
            .timeout_config($sdk::config::timeout::TimeoutConfig::disabled())
            .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
            .http_client($transport)
            .build();
        $sdk::Client::from_conf(config)
    }};
}
pub(super) use sdk_client;
