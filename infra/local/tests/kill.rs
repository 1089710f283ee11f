//! `kill -9` of the running product at random instants, while chargers charge: `cargo test -p plugtill --test kill`.
//!
//! `PLUGTILL_KILLS=200` kills it so often. Stripe's simulator is a process of its own, as Stripe is, and survives; chargers
//! behave as real ones do: what is not answered is said again once they are connected again.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on may panic")]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use plugtill_adapters::clock::Clock;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, ClientRequestBuilder, Message, WebSocket};

const KEY: &str = "sk_test_simulator";
const CHARGERS: u64 = 8;
/// So long everything may take to come to rest: a lost ring waits for the next minute's sweep, and one of Stripe's answers
/// for another.
const RESTS_WITHIN: Duration = Duration::from_mins(5);

fn kills() -> u32 {
    std::env::var("PLUGTILL_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(4)
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

struct Product {
    site: std::path::PathBuf,
    data: std::path::PathBuf,
    ocpp: SocketAddr,
    mqtt: SocketAddr,
    http: SocketAddr,
    stripe: SocketAddr,
}

impl Product {
    fn start(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plugtill"));
        command.arg("serve").arg("--site").arg(&self.site).arg("--data").arg(&self.data);
        for (option, address) in [("--ocpp", self.ocpp), ("--mqtt", self.mqtt), ("--http", self.http)] {
            command.arg(option).arg(address.to_string());
        }
        command.env("STRIPE_SECRET_KEY", KEY).env("STRIPE_API_URL", format!("http://{}", self.stripe));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    fn verified(&self) -> (bool, Value) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plugtill"));
        let output = command.arg("verify").arg("--json").arg("--data").arg(&self.data).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let verified = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"));
        (output.status.success(), verified)
    }

    /// What Stripe's side has in its own books.
    fn books(&self) -> Value {
        let mut stream = TcpStream::connect(self.stripe).unwrap();
        let request = format!("GET /_simulator/books HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.stripe);
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }
}

fn site_file() -> String {
    json!({ "sites": [{ "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "role": "answering", "hold": "20.00", "settle_after_minutes": 0,
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 1_000_000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [
            { "type": "FLAT", "price": "1.00", "step_size": 1 }, { "type": "ENERGY", "price": "2.00", "step_size": 1 }] }] },
        "drivers": { "default_payment_method": "pm_card_visa" } }] })
    .to_string()
}

fn wait_for(address: SocketAddr) {
    let began = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(began.elapsed() < Duration::from_mins(2), "nobody listens at {address}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A charger: says what it has to say until it is answered, however often it is cut off.
struct Charger {
    name: String,
    ocpp: SocketAddr,
    socket: Option<WebSocket<TcpStream>>,
    said: u64,
}

impl Charger {
    fn connect(&self) -> Option<WebSocket<TcpStream>> {
        let stream = TcpStream::connect(self.ocpp).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let uri = format!("ws://{}/{}", self.ocpp, self.name).parse().ok()?;
        let request = ClientRequestBuilder::new(uri).with_sub_protocol("ocpp1.6");
        tungstenite::client(request, stream).ok().map(|(socket, _)| socket)
    }

    fn say(&mut self, action: &str, payload: &Value) -> Value {
        self.said += 1;
        let id = format!("{}-{}", self.name, self.said);
        let call = json!([2, id, action, payload]).to_string();
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < Duration::from_mins(5), "{id} is never answered");
            if let Some(answer) = self.answered(&id, &call) {
                return answer;
            }
            self.socket = None;
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn answered(&mut self, id: &str, call: &str) -> Option<Value> {
        if self.socket.is_none() {
            self.socket = self.connect();
        }
        let socket = self.socket.as_mut()?;
        socket.send(Message::text(call)).ok()?;
        loop {
            let Message::Text(text) = socket.read().ok()? else { continue };
            let answer: Value = serde_json::from_str(&text).ok()?;
            if answer[0] == 3 && answer[1] == id {
                return Some(answer[2].clone());
            }
        }
    }

    /// One vehicle: comes, charges for seconds, leaves.
    fn charge(&mut self, register: u64, energy: u64) {
        let now = || format!("{:.0}", Clock::system().now());
        let start = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": register, "timestamp": now() });
        let answer = self.say("StartTransaction", &start);
        let transaction = answer["transactionId"].clone();
        std::thread::sleep(Duration::from_millis(fastrand::u64(1_000..3_000)));
        let sample = json!([{ "value": (register + energy / 2).to_string() }]);
        let values = json!([{ "timestamp": now(), "sampledValue": sample }]);
        let reading = json!({ "connectorId": 1, "transactionId": transaction, "meterValue": values });
        self.say("MeterValues", &reading);
        let stop = json!({ "transactionId": transaction, "meterStop": register + energy, "timestamp": now(),
                           "reason": "EVDisconnected" });
        self.say("StopTransaction", &stop);
        // Sessions begin in different seconds.
        std::thread::sleep(Duration::from_millis(1_100));
    }
}

#[test]
fn no_session_is_lost_or_charged_twice_when_the_process_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let product = product(directory.path());
    let mut stripe = Command::new(env!("CARGO_BIN_EXE_plugtill"))
        .args(["stripe-simulator", "--listen", &product.stripe.to_string(), "--key", KEY])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(product.stripe);
    let (over, charged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let chargers: Vec<_> = (0..CHARGERS).map(|number| charging(number, product.ocpp, &over, &charged)).collect();
    let began = Instant::now();
    for kill in 1..=kills() {
        let mut running = product.start();
        wait_for(product.ocpp);
        std::thread::sleep(Duration::from_millis(fastrand::u64(0..2_500)));
        running.kill().unwrap();
        running.wait().unwrap();
        if kill % 10 == 0 {
            let (holds, verified) = product.verified();
            assert!(holds, "after {kill} kills: {}", verified["broken"]);
        }
    }
    let mut running = product.start();
    over.store(true, Ordering::Relaxed);
    for charger in chargers {
        charger.join().unwrap();
    }
    let verified = rest(&product);
    running.kill().unwrap();
    running.wait().unwrap();
    let books = product.books();
    stripe.kill().unwrap();
    stripe.wait().unwrap();
    println!(
        "{} kills in {} s: {} sessions, {} captures",
        kills(),
        began.elapsed().as_secs(),
        charged.load(Ordering::Relaxed),
        books["captures"]
    );
    assert_eq!(verified["sessions"], charged.load(Ordering::Relaxed), "none is lost, and none is made up");
    assert_eq!(verified["collected_minor"], books["net_minor_by_session"]);
    assert_eq!((&books["captures"], &books["open_holds"]), (&verified["sessions"], &json!(0)), "{books} {verified}");
    let taken: BTreeMap<String, i64> = serde_json::from_value(books["captured_minor_by_session"].clone()).unwrap();
    assert!(taken.values().all(|minor| *minor < 300), "nobody paid twice: {taken:?}");
}

fn product(directory: &Path) -> Product {
    let site = directory.join("site.json");
    std::fs::write(&site, site_file()).unwrap();
    let [ocpp, mqtt, http, stripe] = std::array::from_fn(|_| free_address());
    Product { site, data: directory.join("data"), ocpp, mqtt, http, stripe }
}

fn charging(
    number: u64,
    ocpp: SocketAddr,
    over: &Arc<AtomicBool>,
    sessions: &Arc<AtomicU64>,
) -> std::thread::JoinHandle<()> {
    let (over, sessions) = (Arc::clone(over), Arc::clone(sessions));
    std::thread::spawn(move || {
        let mut charger = Charger { name: format!("CP{number}"), ocpp, socket: None, said: 0 };
        let mut register = 1_000;
        while !over.load(Ordering::Relaxed) {
            // What the connector can deliver within a second.
            let energy = fastrand::u64(50..300);
            charger.charge(register, energy);
            register += energy;
            sessions.fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// Waits until every session has its outcome; what `plugtill verify` then says.
fn rest(product: &Product) -> Value {
    let began = Instant::now();
    loop {
        let (holds, verified) = product.verified();
        assert!(holds, "{}", verified["broken"]);
        if verified["open"] == 0 {
            return verified;
        }
        assert!(began.elapsed() < RESTS_WITHIN, "{} sessions have no outcome", verified["open"]);
        std::thread::sleep(Duration::from_secs(5));
    }
}
