//! How soon an alert is with SNS after a charger reported what it is about, beside a site that is quiet and one where
//! everything is reported at once: `cargo bench -p plugtill-tests --bench alerts`.
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on may panic")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use plugtill::stack::{Options, Stack};
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
    Stack::start(&Options { start: Timestamp::now(), ..Options::default() }, &site(change)).await.unwrap()
}

/// One fault after the other: from the message to its alert.
async fn one_by_one() -> Vec<Duration> {
    let mut stack = started().await;
    let mut taken = Vec::with_capacity(CHARGERS);
    for charger in 0..CHARGERS {
        let began = Instant::now();
        let now = Timestamp::now();
        stack.advance_to(now).await.unwrap();
        stack.deliver(vec![body(charger, now)]).await.unwrap();
        stack.advance_to(Timestamp::now()).await.unwrap();
        assert_eq!(stack.topics.sent().len(), charger + 1, "the alert is out");
        taken.push(began.elapsed());
    }
    taken
}

/// All faults in one moment, in batches as the queue hands them on.
async fn all_at_once() -> Vec<Duration> {
    let mut stack = started().await;
    let began = Instant::now();
    let now = Timestamp::now();
    stack.advance_to(now).await.unwrap();
    let mut taken = Vec::with_capacity(CHARGERS);
    let all: Vec<usize> = (0..CHARGERS).collect();
    for batch in all.chunks(100) {
        stack.deliver(batch.iter().map(|charger| body(*charger, now)).collect()).await.unwrap();
        stack.advance_to(Timestamp::now()).await.unwrap();
        taken.resize(stack.topics.sent().len(), began.elapsed());
    }
    assert_eq!(taken.len(), CHARGERS, "every alert is out");
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
