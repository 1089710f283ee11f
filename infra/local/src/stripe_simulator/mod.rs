//! A Stripe simulator: the protocol rules that decide whether money moves once, and books of its own.
//!
//! Unmodified async-stripe speaks to it over HTTP; the embedded stack calls it in process. It knows nothing of plugtill:
//! its books are the independent count of what was really charged.
//!
//! # Layout, in reading order
//! - [`StripeSimulator`]: one request in, one answer out; faults; idempotency.
//! - `keys`: the idempotency store; `faults`: what can be made to go wrong.
//! - `form`, `views`, `error`: what Stripe is sent, and how it answers.
//! - `objects`, `intents`, `others`: payment intents, customers, payment methods, refunds.
//! - `pages`: Checkout sessions, and what drivers do there.
//! - `cards`, `currencies`: Stripe's test cards, and how it counts money.
//! - `disputes`: what banks take back; `webhooks`: events, signed and delivered.
//! - `balance`: balance transactions and payouts; `books`: what was really charged.

mod balance;
mod books;
mod cards;
mod currencies;
mod disputes;
mod error;
mod faults;
mod form;
mod intents;
mod keys;
mod objects;
mod others;
mod pages;
mod views;
mod webhooks;

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use plugtill_adapters::stripe::{Answer, HttpTransport, TransportError};

use crate::edges::life::once_more;

pub use books::{Books, SeenIntent};
pub use faults::{Draw, KeyRefusal, Mishaps, StripeFault};
pub use pages::{Buyer, NotPaid, Offer};
pub use webhooks::{Delivery, Disturbance};

use error::ApiError;
use faults::Drawn;
use form::Form;
use keys::Replay;
use objects::State;
use webhooks::Webhooks;

/// The simulator.
pub struct StripeSimulator {
    /// Unix milliseconds, moved by the host.
    clock: Arc<AtomicI64>,
    secret_key: String,
    state: Mutex<State>,
    faults: Mutex<VecDeque<StripeFault>>,
    draw: Mutex<Option<Draw>>,
    refusal: Mutex<Option<KeyRefusal>>,
    webhooks: Mutex<Option<Webhooks>>,
    /// Numbers the answers.
    requests: AtomicU64,
}

/// Stripe's limit for an idempotency key, in bytes.
const LONGEST_KEY: usize = 255;

/// The key a caller must know stays out of logs here too.
impl fmt::Debug for StripeSimulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeSimulator")
            .field("clock", &self.clock)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

/// A status and a JSON body.
type Reply = (u16, String);

impl StripeSimulator {
    /// A simulator that accepts `secret_key` and reads the time from `clock` (unix milliseconds).
    #[must_use]
    pub fn new(clock: Arc<AtomicI64>, secret_key: impl Into<String>) -> Self {
        Self::with(clock, secret_key.into(), State::default())
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
        Ok(Self::with(clock, secret_key.into(), serde_json::from_str(snapshot)?))
    }

    fn with(clock: Arc<AtomicI64>, secret_key: String, state: State) -> Self {
        let (faults, draw, refusal, webhooks) = Default::default();
        let (state, requests) = (Mutex::new(state), AtomicU64::default());
        Self { clock, secret_key, state, faults, draw, refusal, webhooks, requests }
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

    /// Has `draw` decide what goes wrong with each request for which nothing is ordered: by method and path.
    pub fn draw(&self, draw: Draw) {
        *self.draw.lock().unwrap_or_else(PoisonError::into_inner) = Some(draw);
    }

    /// Lets requests go wrong from now on, as drawn from a seed.
    pub fn disturb(&self, mishaps: Mishaps) {
        self.state().drawn = Drawn::from(mishaps);
    }

    /// From now on every saved card is answered for by this test card: banks change their minds.
    pub fn cards_become(&self, card: &str) {
        for saved in self.state().payment_methods.values_mut() {
            card.clone_into(&mut saved.token);
        }
    }

    /// Takes back the faults that no request has met yet.
    pub fn clear_faults(&self) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Refuses the key from now on, or accepts it again.
    pub fn refuse_key(&self, refusal: Option<KeyRefusal>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// How many requests were asked so far, whatever became of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// What was really charged.
    #[must_use]
    pub fn books(&self) -> Books {
        let now = self.now();
        let mut state = self.state();
        state.lapse_all(now);
        Books::of(&state)
    }

    /// What a driver does at Stripe's page: pays, or saves a card. `authenticates` is whether the bank's question is
    /// answered, where the card asks one.
    ///
    /// # Errors
    /// Why the page did not take the card; the driver may try another.
    pub fn pay(&self, page: &str, card: &str, authenticates: bool, buyer: &Buyer) -> Result<(), NotPaid> {
        let now = self.now();
        let mut state = self.state();
        let made = state.pay_page(page, card, authenticates, buyer, now)?;
        if let Some(webhooks) = self.webhooks().as_mut() {
            for view in made {
                webhooks.announce(&(200, view), now);
            }
        }
        Ok(())
    }

    /// Every payment intent as it stands, in the order of their ids.
    #[must_use]
    pub fn intents(&self) -> Vec<SeenIntent> {
        let now = self.now();
        let mut state = self.state();
        state.lapse_all(now);
        SeenIntent::all(&state)
    }

    /// Lets pages be shown below this address, without a slash at its end.
    pub fn show_pages_at(&self, address: String) {
        self.state().pages_at = address;
    }

    /// What an open page offers.
    #[must_use]
    pub fn offer(&self, page: &str) -> Option<Offer> {
        self.state().offer(page, self.now())
    }

    /// Registers a webhook endpoint: from now on there are events.
    pub fn register_webhook(&self, secret: impl Into<String>, disturbance: Disturbance) {
        *self.webhooks() = Some(Webhooks::new(secret.into(), disturbance));
    }

    /// What is to be delivered to the endpoint now.
    #[must_use]
    pub fn webhooks_due(&self) -> Vec<Delivery> {
        let now = self.now();
        if self.webhooks().is_some() {
            let mut state = self.state();
            let lapsed = state.lapsed(now);
            let views: Vec<_> = lapsed.iter().filter_map(|id| state.lapse_views(id)).collect();
            drop(state);
            for (intent, charge) in views {
                self.tell(&["charge.expired"], &charge, now);
                self.tell(&["payment_intent.canceled"], &intent, now);
            }
        }
        self.webhooks().as_mut().map(|webhooks| webhooks.due(now)).unwrap_or_default()
    }

    /// What the endpoint answered; anything but 2xx has the delivery repeated later.
    pub fn webhook_answered(&self, id: u64, status: u16) {
        let now = self.now();
        if let Some(webhooks) = self.webhooks().as_mut() {
            webhooks.answered(id, status, now);
        }
    }

    /// When the next delivery is due, or the next hold lapses and is told of, unix seconds.
    #[must_use]
    pub fn next_webhook_at(&self) -> Option<i64> {
        let waiting = self.webhooks().as_ref().map(Webhooks::next_at)?;
        waiting.into_iter().chain(self.state().next_lapse_at()).min()
    }

    /// The cardholder disputes what an intent took; the dispute's id. `None` when it took nothing.
    pub fn dispute(&self, intent: &str, reason: &str) -> Option<String> {
        let now = self.now();
        let (id, view) = self.state().open_dispute(intent, reason, now)?;
        self.tell(&["charge.dispute.created", "charge.dispute.funds_withdrawn"], &view, now);
        Some(id)
    }

    /// The bank decides a dispute.
    pub fn decide_dispute(&self, id: &str, won: bool) {
        let now = self.now();
        let Some(view) = self.state().close_dispute(id, won, now) else { return };
        let kinds: &[&str] = if won {
            &["charge.dispute.funds_reinstated", "charge.dispute.closed"]
        } else {
            &["charge.dispute.closed"]
        };
        self.tell(kinds, &view, now);
    }

    /// The bank takes a refund that was pending, or gives back one that seemed done.
    pub fn end_refund(&self, refund: &str, taken: bool) {
        let now = self.now();
        let Some(view) = self.state().end_refund(refund, taken, now) else { return };
        self.tell(if taken { &["refund.updated"] } else { &["refund.updated", "refund.failed"] }, &view, now);
    }

    fn tell(&self, kinds: &[&str], object: &serde_json::Value, now: i64) {
        if let Some(webhooks) = self.webhooks().as_mut() {
            for kind in kinds {
                webhooks.emit(kind, object, now);
            }
        }
    }

    /// The simulator as an HTTP service.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(move |request: axum::extract::Request| {
            let simulator = Arc::clone(&self);
            async move {
                let (parts, body) = request.into_parts();
                let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
                match simulator.handle(&Request::from_parts(parts, body)) {
                    Some(answer) => answer.map(Body::from),
                    None => broken_off(),
                }
            }
        })
    }

    /// Answers a request; `None` when the answer is lost.
    #[must_use]
    pub fn handle(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        self.handle_with(request, self.fault_of(request))
    }

    fn handle_with(&self, request: &Request<Bytes>, fault: Option<StripeFault>) -> Option<Response<Bytes>> {
        let id = format!("req_{:014}", self.requests.fetch_add(1, Ordering::Relaxed));
        let mut answer = self.answered(request, fault)?;
        answer.headers_mut().extend(HeaderValue::try_from(id).map(|id| (HeaderName::from_static("request-id"), id)));
        Some(answer)
    }

    fn fault_of(&self, request: &Request<Bytes>) -> Option<StripeFault> {
        let queued = self.faults.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let fault = queued.or_else(|| if request.method() == Method::POST { self.state().drawn.fault() } else { None });
        fault.or_else(|| {
            let mut draw = self.draw.lock().unwrap_or_else(PoisonError::into_inner);
            draw.as_mut().and_then(|draw| draw(request.method(), request.uri().path()))
        })
    }

    fn answered(&self, request: &Request<Bytes>, fault: Option<StripeFault>) -> Option<Response<Bytes>> {
        if fault.is_some_and(StripeFault::is_lost_on_its_way) {
            return None;
        }
        if let Some(turned_away) = fault.and_then(StripeFault::turned_away) {
            return Some(turned_away);
        }
        let authorised = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if authorised.and_then(|value| value.strip_prefix("Bearer ")) != Some(&self.secret_key) {
            return Some(answer(ApiError::unauthorized().reply(), false));
        }
        let refusal = *self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(refused) = refusal.and_then(|refusal| refusal.answer_to(request.uri().path())) {
            return Some(refused);
        }
        let (reply, replayed) = self.once(request, fault);
        (!fault.is_some_and(StripeFault::is_lost_on_its_way_back)).then(|| answer(reply, replayed))
    }

    /// Carries a request out, once for each idempotency key.
    fn once(&self, request: &Request<Bytes>, fault: Option<StripeFault>) -> (Reply, bool) {
        let now = self.now();
        let mut state = self.state();
        let key = request.headers().get("idempotency-key").and_then(|value| value.to_str().ok());
        let key = key.filter(|_| request.method() == Method::POST);
        if key.is_some_and(|key| key.len() > LONGEST_KEY) {
            return (ApiError::key_too_long().reply(), false);
        }
        match key.map(|key| state.keys.replay(key, request, now)) {
            Some(Replay::Stored(reply)) => return (reply, true),
            Some(Replay::Mismatch) => return (ApiError::key_reused().reply(), false),
            Some(Replay::New) | None => {}
        }
        let failed = ApiError::server_error().reply();
        let reply = match fault {
            Some(StripeFault::ServerError) => failed,
            Some(StripeFault::ServerErrorAfterCommit) => {
                self.carry_out(&mut state, request, now);
                failed
            }
            _ => self.carry_out(&mut state, request, now),
        };
        if let Some(key) = key.filter(|_| matches!(reply.0, 200 | 402 | 500)) {
            state.keys.store(key, request, reply.clone(), now);
        }
        (reply, false)
    }

    /// Does what is asked, and announces what has changed by it.
    fn carry_out(&self, state: &mut State, request: &Request<Bytes>, now: i64) -> Reply {
        if request.method() == Method::GET && request.uri().path() == "/v1/events" {
            let form = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
            let listed = self.webhooks().as_ref().map(|webhooks| webhooks.list(&form));
            return listed
                .unwrap_or_else(|| Err(ApiError::unknown_url("GET", "events")))
                .unwrap_or_else(ApiError::reply);
        }
        let reply = route(state, request, now).unwrap_or_else(ApiError::reply);
        if request.method() == Method::POST
            && let Some(webhooks) = self.webhooks().as_mut()
        {
            webhooks.announce(&reply, now);
        }
        reply
    }

    fn webhooks(&self) -> std::sync::MutexGuard<'_, Option<Webhooks>> {
        self.webhooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed).div_euclid(1000)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn route(state: &mut State, request: &Request<Bytes>, now: i64) -> Result<Reply, ApiError> {
    let path = request.uri().path().strip_prefix("/v1/").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let sent = if request.method() == Method::GET {
        request.uri().query().unwrap_or_default().as_bytes()
    } else {
        request.body().as_ref()
    };
    let form = Form::parse(sent);
    let account = request.headers().get("stripe-account").and_then(|value| value.to_str().ok());
    match (request.method(), parts.as_slice()) {
        (&Method::POST, ["customers"]) => state.create_customer(&form, now),
        (&Method::GET, ["customers", id]) => state.read_customer(id, &form),
        (&Method::POST, ["payment_methods", id, "attach"]) => state.attach(id, &form, now),
        (&Method::POST, ["payment_intents"]) => state.create_intent(&form, now),
        (&Method::GET, ["payment_intents"]) => state.list_intents(&form, now),
        (&Method::GET, ["payment_intents", id]) => state.read_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "confirm"]) => state.confirm_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "capture"]) => state.capture_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "cancel"]) => state.cancel_intent(id, &form, now),
        (&Method::POST, ["payment_intents", id, "increment_authorization"]) => state.raise_intent(id, &form, now),
        (&Method::POST, ["checkout", "sessions"]) => state.make_page(&form, now),
        (&Method::GET, ["checkout", "sessions", id]) => state.read_page(id, &form, now),
        (&Method::POST, ["checkout", "sessions", id, "expire"]) => state.expire_page(id, &form, now),
        (&Method::GET, ["setup_intents", id]) => state.read_setup(id, &form),
        (&Method::GET, ["disputes", id]) => state.read_dispute(id, &form),
        (&Method::POST, ["disputes", id]) => state.answer_dispute(id, &form),
        (&Method::GET, ["charges", id]) => state.read_charge(id, &form, now),
        (&Method::POST, ["refunds"]) => state.create_refund(&form, now),
        (&Method::GET, ["refunds"]) => state.list_refunds(&form),
        (&Method::GET, ["refunds", id]) => state.read_refund(id, &form),
        (&Method::GET, ["balance_transactions"]) => state.list_movements(&form, account, now),
        (&Method::GET, ["payouts"]) => state.list_payouts(&form, account, now),
        (&Method::GET, ["transfers"]) => state.list_transfers(&form),
        _ => Err(ApiError::unknown_url(request.method().as_str(), path)),
    }
}

fn answer((status, body): Reply, replayed: bool) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    if replayed {
        headers.insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

/// What a lost answer looks like from outside: the connection breaks off.
fn broken_off() -> Response<Body> {
    let broken = std::future::ready(Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset)));
    Response::new(Body::from_stream(futures_util::stream::once(broken)))
}

impl HttpTransport for StripeSimulator {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        let fault = self.fault_of(&request);
        let answered = self.handle_with(&request, fault);
        if fault.is_some_and(StripeFault::is_death) {
            return Box::pin(std::future::pending());
        }
        let answered = answered.ok_or_else(|| TransportError("the connection was lost".to_owned()));
        if fault == Some(StripeFault::AnswerLate) {
            return Box::pin(async {
                once_more().await;
                answered
            });
        }
        Box::pin(std::future::ready(answered))
    }
}
