//! How soon an alert is with SNS after a charger reported what it is about, beside a site that is quiet and one where
//! everything is reported at once: `cargo bench --profile dev -p plugtill-tests --bench alerts`.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on may panic")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use plugtill::stack::{Options, Stack};
use plugtill_adapters::clock::Clock;
use plugtill_tests::site;
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CHARGERS: usize = 500;

fn body(charger: usize, received_at: Timestamp) -> String {
    let status = json!({ "connectorId": 1, "errorCode": "OtherError", "vendorErrorCode": "EmergencyStop",
                         "status": "Faulted", "timestamp": received_at.to_string() });
    let frame = json!([2, format!("m{charger}"), "StatusNotification", status]);
    json!({ "topic": format!("CP{charger}/in"), "received_at": received_at.to_string(), "payload": frame }).to_string()
}

async fn started() -> Stack {
    let charger =
        |number: usize| json!({ "id": format!("CP{number}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
    let chargers: Value = (0..CHARGERS).map(charger).collect();
    let change = json!({ "chargers": chargers, "alerts": { "storm_at": 0 } });
    Stack::start(&Options { start: Clock::system().now(), ..Options::default() }, &site(change)).await.unwrap()
}

/// Lets time pass until `alerts` are out, and says how much of it was waited for and not worked.
async fn wait_for(stack: &mut Stack, alerts: usize) -> Duration {
    let began = stack.clock.now();
    while stack.topics.sent().len() < alerts {
        let next = stack.next_wake().unwrap();
        stack.advance_to(next).await.unwrap();
    }
    stack.clock.now().duration_since(began).unsigned_abs()
}

/// One fault after the other: from the message to its alert.
async fn one_by_one() -> Vec<Duration> {
    let mut stack = started().await;
    let mut taken = Vec::with_capacity(CHARGERS);
    for charger in 0..CHARGERS {
        let began = Instant::now();
        stack.deliver(vec![body(charger, stack.clock.now())]).await.unwrap();
        let waited = wait_for(&mut stack, charger + 1).await;
        taken.push(began.elapsed() + waited);
    }
    taken
}

/// All faults in one moment, in batches as the queue hands them on.
async fn all_at_once() -> Vec<Duration> {
    let mut stack = started().await;
    let began = Instant::now();
    let mut waited = Duration::ZERO;
    let mut taken = Vec::with_capacity(CHARGERS);
    let told_at = stack.clock.now();
    let all: Vec<usize> = (0..CHARGERS).collect();
    for batch in all.chunks(100) {
        stack.deliver(batch.iter().map(|charger| body(*charger, told_at)).collect()).await.unwrap();
        waited += wait_for(&mut stack, taken.len() + batch.len()).await;
        taken.resize(stack.topics.sent().len(), began.elapsed() + waited);
    }
    taken
}

fn print(what: &str, mut taken: Vec<Duration>) -> Duration {
    taken.sort_unstable();
    let at = |share: usize| taken[(taken.len() - 1) * share / 100];
    println!("{what:<14} p50 {:>9.2?}  p99 {:>9.2?}  most {:>9.2?}", at(50), at(99), at(100));
    at(99)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("from a charger's message to its alert at SNS, {CHARGERS} faults");
    let quiet = print("one by one", one_by_one().await);
    let storm = print("all at once", all_at_once().await);
    println!("all at once / one by one, p99: {:.1}", storm.as_secs_f64() / quiet.as_secs_f64());
}
