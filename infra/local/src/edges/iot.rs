//! The AWS IoT data plane on one machine: what is published for chargers is kept until their connection takes it.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_iotdataplane::Client;
use aws_sdk_iotdataplane::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::StatusCode;

use super::faults::{Draw, FaultQueue};
use super::lock;
use super::transport::{self, Edge, sdk_client};

/// What goes wrong with one publish request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// The connection breaks before the request arrives.
    DropBefore,
    /// Published, and the connection breaks before the answer.
    DropAfter,
    /// Whoever publishes ends before the request arrives.
    DieBefore,
    /// Published, and whoever publishes ends.
    DieAfter,
}

/// A frame for a charger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// `<charger>/out`.
    pub topic: String,
    /// The frame.
    pub frame: String,
}

/// The broker, as its publishers see it.
#[derive(Debug, Clone)]
pub struct LocalBroker(Arc<Sink>);

impl Default for LocalBroker {
    fn default() -> Self {
        let requests = AtomicU64::default();
        Self(Arc::new(Sink { published: Mutex::default(), faults: FaultQueue::new(), requests }))
    }
}

#[derive(Debug)]
struct Sink {
    published: Mutex<VecDeque<Published>>,
    faults: FaultQueue<PublishFault>,
    requests: AtomicU64,
}

impl LocalBroker {
    /// A client of it.
    #[must_use]
    pub fn sdk_client(&self) -> Client {
        sdk_client!(aws_sdk_iotdataplane, Arc::clone(&self.0), "http://iot.local", RetryConfig::disabled())
    }

    /// How many requests there were, whatever became of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// Takes what was published, in order.
    #[must_use]
    pub fn take(&self) -> Vec<Published> {
        lock(&self.0.published).drain(..).collect()
    }

    /// Lets the next publish request go wrong.
    pub fn order(&self, fault: PublishFault) {
        self.0.faults.push(None, fault);
    }

    /// Has `draw` decide what goes wrong with each request for which nothing is ordered.
    pub fn draw(&self, draw: Draw<PublishFault>) {
        self.0.faults.draw(draw);
    }
}

impl Edge for Sink {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.faults.take("Publish");
        if fault == Some(PublishFault::DropBefore) {
            return Err(transport::dropped());
        }
        if fault == Some(PublishFault::DieBefore) {
            return Err(transport::died());
        }
        let path = request.uri().split_once("/topics/").map_or("", |(_, rest)| rest);
        let path = path.split('?').next().unwrap_or_default();
        let encoded = format!("topic={path}");
        let topic = form_urlencoded::parse(encoded.as_bytes()).next().map(|(_, topic)| topic.into_owned());
        let frame = String::from_utf8_lossy(transport::body(request)).into_owned();
        lock(&self.published).push_back(Published { topic: topic.unwrap_or_default(), frame });
        if fault == Some(PublishFault::DropAfter) {
            return Err(transport::dropped());
        }
        if fault == Some(PublishFault::DieAfter) {
            return Err(transport::died());
        }
        Ok(transport::answer(StatusCode::OK, "application/json", "{\"message\":\"OK\"}"))
    }
}
