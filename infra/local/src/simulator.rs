//! `plugtill stripe-simulator`: the Stripe simulator as a server of its own, for functions that run somewhere else.
//!
//! Paths are Stripe's, so that a client only needs another address. Below `/_simulator/` is what only a simulator can: pay
//! as a driver does, let requests fail, dispute, let time pass, count what was really charged.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bytes::Bytes;
use http::{Request, Uri};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::transport::{HttpTransport, HttpsTransport};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::pay_page;
use crate::stack::SIMULATOR_KEY;
use crate::stripe_simulator::{Books, Buyer, Delivery, Disturbance, KeyRefusal, StripeFault, StripeSimulator};

/// How often the clock is read and webhooks are delivered.
const BEAT: Duration = Duration::from_millis(100);

/// Where to listen, and whom to tell.
#[derive(Debug, clap::Args)]
pub struct SimulatorArguments {
    /// Where Stripe's API is served.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// The secret key that clients must know.
    #[arg(long, value_name = "KEY", default_value = SIMULATOR_KEY)]
    key: String,
    /// Deliver events to this endpoint.
    #[arg(long, value_name = "URL", requires = "webhook_secret")]
    webhook: Option<Uri>,
    /// What events are signed with.
    #[arg(long, value_name = "WHSEC", requires = "webhook")]
    webhook_secret: Option<String>,
}

/// The address is taken, or serving failed.
#[derive(Debug, thiserror::Error)]
#[error("{address}: the simulator cannot be served there: {source}; choose another with --listen")]
pub struct SimulatorError {
    address: SocketAddr,
    source: std::io::Error,
}

/// Serves until it is asked to stop.
///
/// # Errors
/// When the address is taken.
pub async fn run(arguments: SimulatorArguments, stop: &AtomicBool) -> Result<(), SimulatorError> {
    let address = arguments.listen;
    let failed = |source| SimulatorError { address, source };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let served = Served::new(&arguments.key);
    served.simulator.show_pages_at(format!("http://{bound}{}", pay_page::PATH));
    if let Some(secret) = arguments.webhook_secret {
        served.simulator.register_webhook(secret, Disturbance::default());
    }
    let serving = tokio::spawn(axum::serve(listener, served.router()).into_future());
    println!("stripe    http://{bound}  (Ctrl-C ends)");
    let transport = HttpsTransport::new();
    while !stop.load(Ordering::Relaxed) && !serving.is_finished() {
        served.tick();
        if let Some(endpoint) = &arguments.webhook {
            deliver(&served.simulator, &transport, endpoint).await;
        }
        tokio::time::sleep(BEAT).await;
    }
    serving.abort();
    Ok(())
}

async fn deliver(simulator: &StripeSimulator, transport: &HttpsTransport, endpoint: &Uri) {
    for Delivery { id, signature, body } in simulator.webhooks_due() {
        let request = Request::post(endpoint).header("stripe-signature", signature);
        let Ok(request) = request.header("content-type", "application/json").body(Bytes::from(body)) else { continue };
        let status = match transport.send(request).await {
            Ok(answer) => answer.status().as_u16(),
            Err(error) => {
                tracing::warn!(%error, %endpoint, "a webhook is delivered again later");
                StatusCode::SERVICE_UNAVAILABLE.as_u16()
            }
        };
        simulator.webhook_answered(id, status);
    }
}

/// The simulator with a clock that follows the machine's, and may be ahead of it.
#[derive(Debug, Clone)]
pub struct Served {
    simulator: Arc<StripeSimulator>,
    clock: Arc<AtomicI64>,
    ahead_seconds: Arc<AtomicI64>,
}

impl Served {
    /// A simulator that accepts `key`.
    #[must_use]
    pub fn new(key: &str) -> Self {
        let clock = Arc::new(AtomicI64::new(Clock::system().now().as_millisecond()));
        let simulator = Arc::new(StripeSimulator::new(Arc::clone(&clock), key));
        Self { simulator, clock, ahead_seconds: Arc::default() }
    }

    fn tick(&self) {
        let ahead = self.ahead_seconds.load(Ordering::Relaxed).saturating_mul(1000);
        let now = Clock::system().now().as_millisecond().saturating_add(ahead);
        self.clock.store(now, Ordering::Relaxed);
    }

    /// Stripe's API, its page for drivers, and what only a simulator can.
    pub fn router(&self) -> Router {
        let own = Router::new()
            .route("/books", get(books))
            .route("/pay", post(pay))
            .route("/faults", post(order_faults).delete(clear_faults))
            .route("/key", post(refuse_key))
            .route("/cards", post(cards_become))
            .route("/disputes", post(dispute))
            .route("/disputes/{id}", post(decide_dispute))
            .route("/refunds/{id}", post(end_refund))
            .route("/clock", post(let_pass))
            .with_state(self.clone());
        let pages = pay_page::router(Arc::clone(&self.simulator));
        Router::new().nest("/_simulator", own).merge(pages).merge(Arc::clone(&self.simulator).router())
    }
}

async fn books(State(served): State<Served>) -> Json<Books> {
    Json(served.simulator.books())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paying {
    page: String,
    card: String,
    #[serde(default = "yes")]
    authenticates: bool,
}

const fn yes() -> bool {
    true
}

async fn pay(State(served): State<Served>, Json(paying): Json<Paying>) -> Response {
    let Paying { page, card, authenticates } = paying;
    match served.simulator.pay(&page, &card, authenticates, &Buyer::default()) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => (StatusCode::PAYMENT_REQUIRED, problem.to_string()).into_response(),
    }
}

async fn order_faults(State(served): State<Served>, Json(faults): Json<Vec<StripeFault>>) -> StatusCode {
    for fault in faults {
        served.simulator.inject(fault);
    }
    StatusCode::NO_CONTENT
}

async fn clear_faults(State(served): State<Served>) -> StatusCode {
    served.simulator.clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusing {
    refusal: Option<KeyRefusal>,
}

async fn refuse_key(State(served): State<Served>, Json(refusing): Json<Refusing>) -> StatusCode {
    served.simulator.refuse_key(refusing.refusal);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Becoming {
    card: String,
}

async fn cards_become(State(served): State<Served>, Json(becoming): Json<Becoming>) -> StatusCode {
    served.simulator.cards_become(&becoming.card);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disputing {
    intent: String,
    #[serde(default)]
    reason: Option<String>,
}

async fn dispute(State(served): State<Served>, Json(disputing): Json<Disputing>) -> Response {
    let reason = disputing.reason.unwrap_or_else(|| "general".to_owned());
    match served.simulator.dispute(&disputing.intent, &reason) {
        Some(id) => Json(json!({ "id": id })).into_response(),
        None => (StatusCode::CONFLICT, "nothing was taken by that intent").into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deciding {
    won: bool,
}

async fn decide_dispute(
    State(served): State<Served>,
    Path(id): Path<String>,
    Json(deciding): Json<Deciding>,
) -> StatusCode {
    served.simulator.decide_dispute(&id, deciding.won);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    taken: bool,
}

async fn end_refund(State(served): State<Served>, Path(id): Path<String>, Json(ending): Json<Ending>) -> StatusCode {
    served.simulator.end_refund(&id, ending.taken);
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Passing {
    seconds: u32,
}

async fn let_pass(State(served): State<Served>, Json(passing): Json<Passing>) -> Json<Value> {
    served.ahead_seconds.fetch_add(i64::from(passing.seconds), Ordering::Relaxed);
    served.tick();
    Json(json!({ "now": served.clock.load(Ordering::Relaxed).div_euclid(1000) }))
}
