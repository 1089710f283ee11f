//! Chargers as they really are: answered and told, in both versions, with messages lost, doubled and late.

mod answering;
mod charge;
mod life;
mod quarantine;
mod real_frames;
mod signed;
mod version_two;

use jiff::Timestamp;
use plugtill::stack::Stack;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_tests::site;
use serde_json::{Value, json};

/// A site whose chargers we answer; two connectors, one known driver.
fn answering(change: Value) -> Vec<Site> {
    let mut own = json!({
        "role": "answering",
        "chargers": [{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 22000 }, { "id": 2, "max_power_w": 22000 }] }],
        "drivers": { "by_id_tag": { "TAG1": "pm_card_visa", "BROKE": "pm_card_chargeCustomerFail" } },
    });
    if let (Value::Object(own), Value::Object(change)) = (&mut own, change) {
        own.extend(change);
    }
    site(own)
}

/// Charger `CP1` says something at `received`; what it is answered and told.
async fn say(stack: &mut Stack, received: Timestamp, frame: &Value) -> Vec<Value> {
    stack.advance_to(received).await.unwrap();
    let line = json!({ "topic": "CP1/in", "received_at": received.to_string(), "payload": frame.to_string() });
    stack.deliver(vec![line.to_string()]).await.unwrap();
    heard(stack)
}

/// What `CP1` hears since it last listened.
fn heard(stack: &Stack) -> Vec<Value> {
    let published = stack.broker.take().into_iter();
    published.map(|it| (it.topic == "CP1/out").then(|| serde_json::from_str(&it.frame).unwrap()).unwrap()).collect()
}

/// A call and its one answer.
async fn call(stack: &mut Stack, received: Timestamp, action: &str, payload: Value) -> Value {
    let id = format!("{action}-{received}");
    let heard = say(stack, received, &json!([2, id, action, payload])).await;
    let mut answers: Vec<Value> = heard.into_iter().filter(|frame| frame[1] == json!(id)).collect();
    assert_eq!(answers.len(), 1, "{action}: {answers:?}");
    answers.remove(0)
}

async fn session(stack: &Stack, connector: u32, at: Timestamp) -> Session {
    let found = stack.store.latest_session(&"CP1".parse().unwrap(), ConnectorId(connector), at).await.unwrap();
    found.unwrap().session
}
