//! The transport under an SDK client: a call into this process instead of a connection.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

/// What goes wrong with the next request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The request is lost on its way.
    DropBefore,
    /// The request is carried out and its answer lost.
    DropAfter,
    /// The service answers this and does nothing.
    Answer(u16, String),
}

/// An answer of a service.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub body: String,
}

/// A service of AWS as far as it is needed here.
pub(super) trait Service: std::fmt::Debug + Send + Sync + 'static {
    /// Answers a request for `target` (the part of `X-Amz-Target` after the dot; empty for query protocols).
    fn answer(&self, target: &str, body: &[u8]) -> Answer;
}

/// Faults waiting for the requests to come, one each, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    pub(super) fn push(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    fn next(&self) -> Option<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[derive(Debug)]
struct InProcess<S> {
    service: Arc<S>,
    faults: Faults,
}

impl<S> Clone for InProcess<S> {
    fn clone(&self) -> Self {
        Self { service: Arc::clone(&self.service), faults: self.faults.clone() }
    }
}

impl<S: Service> InProcess<S> {
    fn respond(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let lost = || ConnectorError::io("the connection was lost".into());
        let answer = match self.faults.next() {
            None => self.service.answer(operation, body),
            Some(Fault::DropBefore) => return Err(lost()),
            Some(Fault::DropAfter) => {
                self.service.answer(operation, body);
                return Err(lost());
            }
            Some(Fault::Answer(status, body)) => Answer { status, body },
        };
        let status = answer.status.try_into().map_err(|e| ConnectorError::other(Box::new(e), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(answer.body)))
    }
}

impl<S: Service> HttpConnector for InProcess<S> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(self.respond(&request))
    }
}

impl<S: Service> HttpClient for InProcess<S> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// The configuration of an SDK client that speaks to `service`. Retries are off: what a function does about a failed
/// request is its own to show.
pub(super) fn config<S: Service>(service: Arc<S>, faults: Faults) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "plugtill");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(InProcess { service, faults })
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}
