//! The operator's own systems on one machine: every request is kept, and answered as ordered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use plugtill_adapters::transport::{Answer, HttpTransport, TransportError};

use super::lock;

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Where to.
    pub url: String,
    /// The header `webhook-id`, and so on.
    pub headers: http::HeaderMap,
    /// What was told.
    pub body: String,
}

/// The receivers of this process. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct LocalReceivers(Arc<State>);

#[derive(Debug, Default)]
struct State {
    posted: Mutex<Vec<Posted>>,
    answers: Mutex<VecDeque<Option<StatusCode>>>,
}

impl LocalReceivers {
    /// Everything that came in, oldest first.
    #[must_use]
    pub fn posted(&self) -> Vec<Posted> {
        lock(&self.0.posted).clone()
    }

    /// Answers the next request so, `None` with silence; otherwise with 204.
    pub fn answer(&self, status: Option<StatusCode>) {
        lock(&self.0.answers).push_back(status);
    }
}

impl HttpTransport for LocalReceivers {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        let (parts, body) = request.into_parts();
        let body = String::from_utf8_lossy(&body).into_owned();
        lock(&self.0.posted).push(Posted { url: parts.uri.to_string(), headers: parts.headers, body });
        let status = lock(&self.0.answers).pop_front().unwrap_or(Some(StatusCode::NO_CONTENT));
        Box::pin(async move {
            let status = status.ok_or_else(|| TransportError("no answer within 10s".to_owned()))?;
            let mut answer = Response::new(Bytes::new());
            *answer.status_mut() = status;
            Ok(answer)
        })
    }
}
