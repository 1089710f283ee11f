//! A thousand chargers at once on the WebSocket endpoint: `cargo bench --profile dev -p plugtill-tests --bench chargers`.
//!
//! Each connects, boots, starts a session, sends a meter value every ten seconds, is cut off in the middle and comes
//! back within ten seconds with all the others, and stops. Every call must be answered, and every session billed once.
//! `CHARGERS` and `SECONDS` change the size. Prints how long answers take and what a charger costs in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on may panic")]

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use plugtill::mail::MailArguments;
use plugtill::serve::{self, ServeArguments};
use plugtill::stack::{Options, Stack};
use plugtill::summary;
use plugtill_adapters::clock::Clock;
use plugtill_domain::session::Outcome;
use plugtill_tests::site;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{ClientRequestBuilder, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const OCPP: &str = "127.0.0.1:19000";
const EVERY: Duration = Duration::from_secs(10);

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

static STOP: AtomicBool = AtomicBool::new(false);

fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let (chargers, seconds) = (from_environment("CHARGERS", 1_000), from_environment("SECONDS", 120));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("site.json");
    std::fs::write(&file, site_file()).unwrap();
    let data = directory.path().join("data");
    let serving = {
        let (file, data) = (file.clone(), data.clone());
        std::thread::spawn(move || runtime().block_on(Box::pin(served(&file, &data))))
    };
    std::thread::sleep(Duration::from_secs(2));
    let before = resident_kilobytes();
    let mut latencies = runtime().block_on(drive(chargers, Duration::from_secs(seconds)));
    let after = resident_kilobytes();
    STOP.store(true, Ordering::Relaxed);
    serving.join().unwrap();
    latencies.sort_unstable();
    let at = |share: f64| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_precision_loss,
            clippy::cast_sign_loss,
            reason = "an index"
        )]
        let index = (latencies.len() as f64 * share) as usize;
        latencies[index.min(latencies.len() - 1)]
    };
    println!("{} calls of {chargers} chargers in {seconds} s, each answered", latencies.len());
    println!("answer    p50 {:?}  p99 {:?}  longest {:?}", at(0.5), at(0.99), latencies[latencies.len() - 1]);
    println!("memory    {} kB a charger, the clients' side included", after.saturating_sub(before) / chargers);
    runtime().block_on(Box::pin(check(&data, chargers)));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn site_file() -> String {
    json!({ "sites": [{ "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "role": "answering", "hold": "20.00", "settle_after_minutes": 0,
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22_000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "FLAT", "price": "1.00" }] }] },
        "drivers": { "default_payment_method": "pm_card_visa" } }] })
    .to_string()
}

async fn served(file: &Path, data: &Path) {
    let arguments = ServeArguments {
        site: Some(file.to_owned()),
        data: data.to_owned(),
        mqtt: "127.0.0.1:0".parse().unwrap(),
        ocpp: OCPP.parse().unwrap(),
        http: "127.0.0.1:0".parse().unwrap(),
        portal_url: None,
        mail: MailArguments { smtp: None, mail_from: None },
        run_for: None,
    };
    serve::run(arguments, None, &STOP).await.unwrap();
}

async fn drive(chargers: u64, time: Duration) -> Vec<Duration> {
    let all: Vec<_> = (0..chargers).map(|number| tokio::spawn(charger(number, chargers, time))).collect();
    let mut latencies = Vec::new();
    for one in all {
        latencies.extend(one.await.unwrap());
    }
    latencies
}

struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    latencies: Vec<Duration>,
}

impl Client {
    async fn connect(name: &str) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
        let request = ClientRequestBuilder::new(format!("ws://{OCPP}/{name}").parse().unwrap());
        connect_async(request.with_sub_protocol("ocpp1.6")).await.unwrap().0
    }

    async fn call(&mut self, action: &str, payload: &Value) -> Value {
        self.calls += 1;
        let id = self.calls.to_string();
        let began = Instant::now();
        self.socket.send(Message::text(json!([2, id, action, payload]).to_string())).await.unwrap();
        loop {
            let heard = self.socket.next().await.expect("an answer").unwrap();
            let Message::Text(text) = heard else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame[1] == json!(id) {
                assert_eq!(frame[0], 3, "{action}: {frame}");
                self.latencies.push(began.elapsed());
                return frame[2].clone();
            }
        }
    }
}

async fn charger(number: u64, chargers: u64, time: Duration) -> Vec<Duration> {
    // Spread over ten seconds, at the start and when they come back.
    let turn = EVERY * u32::try_from(number).unwrap() / u32::try_from(chargers).unwrap();
    let name = format!("CP{number}");
    let now = || Clock::system().now().to_string();
    tokio::time::sleep(turn).await;
    let mut client = Client { socket: Client::connect(&name).await, calls: 0, latencies: Vec::new() };
    client.call("BootNotification", &json!({ "chargePointVendor": "V", "chargePointModel": "M" })).await;
    let start = json!({ "connectorId": 1, "idTag": name, "meterStart": 0, "timestamp": now() });
    let transaction = client.call("StartTransaction", &start).await["transactionId"].clone();
    let rounds = (time.as_secs() / EVERY.as_secs()).saturating_sub(1).max(2);
    for round in 1..rounds {
        tokio::time::sleep(EVERY).await;
        if round == rounds / 2 {
            // Cut off without a goodbye.
            client.socket = Client::connect(&name).await;
        }
        let sample = json!([{ "timestamp": now(), "sampledValue": [{ "value": round.to_string() }] }]);
        let meter = json!({ "connectorId": 1, "transactionId": transaction, "meterValue": sample });
        client.call("MeterValues", &meter).await;
    }
    let stop =
        json!({ "transactionId": transaction, "meterStop": rounds, "timestamp": now(), "reason": "EVDisconnected" });
    client.call("StopTransaction", &stop).await;
    client.latencies
}

/// Every session is billed once, and the books meet.
async fn check(data: &Path, chargers: u64) {
    let sites = site(serde_json::from_str::<Value>(&site_file()).unwrap()["sites"][0].clone());
    let now = Clock::system().now();
    let options = Options { start: now, data: Some(data.to_owned()), ..Options::default() };
    let mut stack = Stack::start(&options, &sites).await.unwrap();
    stack.advance_to(now + jiff::SignedDuration::from_mins(5)).await.unwrap();
    let accounts = summary::accounts(&stack, &sites).await.unwrap();
    assert_eq!(accounts.violations, []);
    let captured = accounts.sessions.iter().filter(|session| session.outcome == Outcome::Captured).count();
    assert_eq!((accounts.sessions.len() as u64, captured as u64), (chargers, chargers), "every session is paid once");
    println!("sessions  {chargers} of {chargers} captured, no message lost");
}

/// What this process holds now, in kB.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
