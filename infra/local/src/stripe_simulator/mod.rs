//! A Stripe simulator: the protocol rules that decide whether money moves once, and books of its own.
//!
//! Unmodified async-stripe speaks to it over HTTP; the embedded stack calls it in process. It knows nothing of plugtill:
//! its books are the independent count of what was really charged.
//!
//! # Layout, in reading order
//! - [`StripeSimulator`]: one request in, one answer out; faults; idempotency.
//! - [`form`], [`error`]: Stripe's request and error forms.
//! - [`objects`]: customers, payment methods, intents, refunds.
//! - [`cards`]: Stripe's test cards.
//! - [`books`]: what was really charged.

mod books;
mod cards;
mod error;
mod form;
mod intents;
mod keys;
mod objects;
mod others;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use plugtill_adapters::stripe::{Answer, StripeTransport, TransportError};

pub use books::Books;

use error::ApiError;
use form::Form;
use keys::Replay;
use objects::State;

/// What goes wrong with the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeFault {
    /// 500, stored under the key; nothing done.
    ServerError,
    /// 500, stored under the key, although it was done.
    ServerErrorAfterCommit,
    /// A proxy's 502 page; nothing done.
    BadGateway,
    /// 429; nothing done, nothing stored.
    RateLimited,
    /// Done; the answer is lost.
    DropAfterCommit,
    /// Lost on its way.
    DropBefore,
    /// All is well: lets a request pass before the next fault.
    Nothing,
}

/// The simulator.
#[derive(Debug)]
pub struct StripeSimulator {
    /// Unix milliseconds, moved by the host.
    clock: Arc<AtomicI64>,
    secret_key: String,
    state: Mutex<State>,
    faults: Mutex<VecDeque<StripeFault>>,
}

/// A status and a JSON body.
type Reply = (u16, String);

impl StripeSimulator {
    /// A simulator that accepts `secret_key` and reads the time from `clock` (unix milliseconds).
    #[must_use]
    pub fn new(clock: Arc<AtomicI64>, secret_key: impl Into<String>) -> Self {
        Self { clock, secret_key: secret_key.into(), state: Mutex::default(), faults: Mutex::default() }
    }

    /// A simulator that goes on where [`StripeSimulator::snapshot`] was taken.
    ///
    /// # Errors
    /// When `snapshot` is none.
    pub fn restored(
        clock: Arc<AtomicI64>,
        secret_key: impl Into<String>,
        snapshot: &str,
    ) -> Result<Self, serde_json::Error> {
        let state = Mutex::new(serde_json::from_str(snapshot)?);
        Ok(Self { clock, secret_key: secret_key.into(), state, faults: Mutex::default() })
    }

    /// Everything it knows, as JSON.
    ///
    /// # Errors
    /// Never in practice: the state holds nothing that JSON cannot.
    pub fn snapshot(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&*self.state())
    }

    /// Lets the next request fail; faults queue up.
    pub fn inject(&self, fault: StripeFault) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).push_back(fault);
    }

    /// What was really charged.
    #[must_use]
    pub fn books(&self) -> Books {
        let now = self.now();
        let mut state = self.state();
        state.lapse_all(now);
        Books::of(&state)
    }

    /// The simulator as an HTTP service.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(move |request: axum::extract::Request| {
            let simulator = Arc::clone(&self);
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
                match simulator.handle(&Request::from_parts(parts, body)) {
                    Some(answer) => answer.map(axum::body::Body::from),
                    // A connection that closes without an answer is what a lost one looks like from outside.
                    None => std::future::pending().await,
                }
            }
        })
    }

    /// Answers a request; `None` when the answer is lost.
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let fault = self.faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match fault {
            Some(StripeFault::DropBefore) => return None,
            Some(StripeFault::BadGateway) => {
                return Some(answer((502, "<html><body>Bad gateway</body></html>".to_owned()), false));
            }
            Some(StripeFault::RateLimited) => return Some(answer(ApiError::rate_limited().reply(), false)),
            Some(
                StripeFault::ServerError
                | StripeFault::ServerErrorAfterCommit
                | StripeFault::DropAfterCommit
                | StripeFault::Nothing,
            )
            | None => {}
        }
        let authorised = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if authorised.and_then(|value| value.strip_prefix("Bearer ")) != Some(&self.secret_key) {
            return Some(answer(ApiError::unauthorized().reply(), false));
        }
        let (reply, replayed) = self.once(request, fault);
        (fault != Some(StripeFault::DropAfterCommit)).then(|| answer(reply, replayed))
    }

    /// Carries a request out, once for each idempotency key.
    fn once(&self, request: &Request<Bytes>, fault: Option<StripeFault>) -> (Reply, bool) {
        let now = self.now();
        let mut state = self.state();
        let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
        let key = key.filter(|_| request.method() == Method::POST);
        match key.map(|key| state.keys.replay(key, request, now)) {
            Some(Replay::Stored(reply)) => return (reply, true),
            Some(Replay::Mismatch) => return (ApiError::key_reused().reply(), false),
            Some(Replay::New) | None => {}
        }
        let failed = ApiError::server_error().reply();
        let reply = match fault {
            Some(StripeFault::ServerError) => failed,
            Some(StripeFault::ServerErrorAfterCommit) => {
                let _ = route(&mut state, request, now);
                failed
            }
            _ => route(&mut state, request, now).unwrap_or_else(|error| error.reply()),
        };
        if let Some(key) = key.filter(|_| matches!(reply.0, 200 | 402 | 500)) {
            state.keys.store(key, request, reply.clone(), now);
        }
        (reply, false)
    }

    fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed).div_euclid(1000)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn route(state: &mut State, request: &Request<Bytes>, now: i64) -> Result<Reply, ApiError> {
    let path = request.uri().path().trim_start_matches("/v1/");
    let parts: Vec<&str> = path.split('/').collect();
    let sent = if request.method() == Method::GET {
        request.uri().query().unwrap_or_default().as_bytes()
    } else {
        request.body().as_ref()
    };
    let form = Form::parse(sent);
    match (request.method(), parts.as_slice()) {
        (&Method::POST, ["customers"]) => state.create_customer(&form, now),
        (&Method::GET, ["customers", id]) => state.read_customer(id),
        (&Method::POST, ["payment_methods", id, "attach"]) => state.attach(id, &form, now),
        (&Method::POST, ["payment_intents"]) => state.create_intent(&form, now),
        (&Method::GET, ["payment_intents"]) => state.list_intents(&form, now),
        (&Method::GET, ["payment_intents", id]) => state.read_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "confirm"]) => state.confirm_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "capture"]) => state.capture_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "cancel"]) => state.cancel_intent(id, &form, now),
        (&Method::POST, ["refunds"]) => state.create_refund(&form, now),
        (&Method::GET, ["refunds", id]) => state.read_refund(id),
        _ => Err(ApiError::unknown_url(request.method().as_str(), path)),
    }
}

fn answer((status, body): Reply, replayed: bool) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    headers.insert("request-id", http::HeaderValue::from_static("req_simulated"));
    if replayed {
        headers.insert("idempotent-replayed", http::HeaderValue::from_static("true"));
    }
    response
}

impl StripeTransport for StripeSimulator {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        let answered = self.handle(&request).ok_or_else(|| TransportError("the connection was lost".to_owned()));
        Box::pin(std::future::ready(answered))
    }
}
