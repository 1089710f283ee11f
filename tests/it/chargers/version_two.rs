//! OCPP 2.0.1: a session out of events that each say a part of it.

use plugtill_domain::incident::Kind;
use plugtill_domain::session::Outcome;
use plugtill_tests::{Happened, Story, at, stack};
use serde_json::{Value, json};

use super::{answering, call, heard, say, session};

/// An event of transaction `T-1` at a minute.
fn event(kind: &str, seq: i64, minute: i64, more: Value) -> Value {
    let mut event = json!({ "eventType": kind, "seqNo": seq, "timestamp": at(minute).to_string(),
        "triggerReason": "MeterValuePeriodic", "transactionInfo": { "transactionId": "T-1" } });
    if let (Value::Object(event), Value::Object(more)) = (&mut event, more) {
        event.extend(more);
    }
    event
}

fn state(state: &str) -> Value {
    json!({ "transactionId": "T-1", "chargingState": state })
}

fn register(minute: i64, watt_hours: f64) -> Value {
    json!([{ "timestamp": at(minute).to_string(), "sampledValue": [{ "value": watt_hours, "context": "Sample.Periodic" }] }])
}

/// Authorised first, plugged in then: 10 kWh in an hour, idle for half an hour: 3.50 + 1.50.
fn told() -> Vec<(i64, Value)> {
    let token = json!({ "idToken": "TAG1", "type": "ISO14443" });
    let ended = json!({ "transactionId": "T-1", "chargingState": "Idle", "stoppedReason": "EVDisconnected" });
    vec![
        (0, event("Started", 0, 0, json!({ "idToken": token, "triggerReason": "Authorized" }))),
        (
            1,
            event(
                "Updated",
                1,
                1,
                json!({ "evse": { "id": 1, "connectorId": 1 }, "transactionInfo": state("EVConnected"), "triggerReason": "CablePluggedIn" }),
            ),
        ),
        (2, event("Updated", 2, 2, json!({ "transactionInfo": state("Charging"), "meterValue": register(2, 1000.0) }))),
        (30, event("Updated", 3, 30, json!({ "meterValue": register(30, 6000.0) }))),
        (
            62,
            event(
                "Updated",
                4,
                62,
                json!({ "transactionInfo": state("SuspendedEV"), "meterValue": register(62, 11000.0) }),
            ),
        ),
        (
            92,
            event(
                "Ended",
                5,
                92,
                json!({ "transactionInfo": ended, "meterValue": register(92, 11000.0), "triggerReason": "EVDeparted" }),
            ),
        ),
    ]
}

fn story(events: &[(i64, Value)]) -> Story {
    events.iter().fold(Story::new(), |story, (minute, event)| story.call(at(*minute), "TransactionEvent", event))
}

fn billed(happened: &Happened, cents: i64) {
    let session = happened.session();
    assert_eq!((session.outcome, session.billed().minor()), (Outcome::Captured, cents), "{session:#?}");
}

#[tokio::test]
async fn place_and_driver_come_in_different_events_and_the_session_is_billed() {
    let happened = story(&told()).happens(json!({})).await;
    billed(&happened, 350 + 150);
    assert_eq!(happened.session().id.started_at, at(0));
    assert_eq!(happened.session().started.transaction.as_ref().unwrap().as_str(), "T-1");
}

#[tokio::test]
async fn the_order_in_which_events_arrive_changes_no_bill() {
    let events = told();
    for rotation in 1..events.len() {
        let mut shuffled: Vec<Value> = events.iter().map(|(_, event)| event.clone()).collect();
        shuffled.rotate_left(rotation);
        if rotation % 2 == 0 {
            shuffled.reverse();
        }
        let arrive = shuffled.into_iter().zip(100..).map(|(event, minute)| (minute, event)).collect::<Vec<_>>();
        billed(&story(&arrive).happens(json!({ "settle_after_minutes": 240 })).await, 350 + 150);
    }
}

#[tokio::test]
async fn every_event_twice_is_one_session() {
    let twice: Vec<_> = told().into_iter().flat_map(|event| [event.clone(), event]).collect();
    billed(&story(&twice).happens(json!({})).await, 350 + 150);
}

/// What operators know of messages that never came.
async fn missing(happened: &Happened) -> Vec<String> {
    let site = happened.session().site.clone();
    let known = happened.replayed.stack.store.latest_incidents(Some(&site)).await.unwrap();
    let of_them = known.into_iter().filter(|incident| incident.subject.kind == Kind::MessagesMissing);
    of_them.map(|incident| incident.facts).collect()
}

#[tokio::test]
async fn an_event_that_is_missing_is_noticed_by_its_number_and_told() {
    let mut events = told();
    events.remove(3);
    events.remove(1);
    // An event that says nothing of its own is none that is missing.
    events[1].1["transactionInfo"] = json!({ "transactionId": "T-1" });
    events[1].1.as_object_mut().unwrap().remove("meterValue");
    events[2].1["evse"] = json!({ "id": 1 });
    let happened = story(&events).happens(json!({})).await;
    assert_eq!(missing(&happened).await, [format!("2 of session {}", happened.session().id)]);
    assert!(missing(&story(&told()).happens(json!({})).await).await.is_empty());
}

#[tokio::test]
async fn an_end_without_a_reading_is_billed_by_the_last_one_and_without_any_by_none() {
    let mut events = told();
    events[5].1.as_object_mut().unwrap().remove("meterValue");
    billed(&story(&events).happens(json!({})).await, 350 + 150);
    for (_, event) in &mut events {
        event.as_object_mut().unwrap().remove("meterValue");
    }
    let happened = story(&events).happens(json!({ "idle": null })).await;
    assert_eq!((happened.session().outcome, happened.session().billed().minor()), (Outcome::Waived, 0));
}

#[tokio::test]
async fn a_transaction_that_nobody_authorised_is_accounted_for_and_charged_to_nobody() {
    let mut events = told();
    events[0].1.as_object_mut().unwrap().remove("idToken");
    let happened = story(&events).happens(json!({ "drivers": {} })).await;
    assert_eq!(happened.session().outcome, Outcome::Uncollectable);
    assert_eq!(happened.session().id_tag().as_str(), "NoAuthorization");
}

#[tokio::test]
async fn kilowatt_hours_multipliers_and_exponents_are_one_register() {
    let mut events = told();
    let sample = |value: &str, unit: Value| {
        let value: Value = serde_json::from_str(value).unwrap();
        json!([{ "timestamp": at(62).to_string(), "sampledValue": [{ "value": value, "unitOfMeasure": unit }] }])
    };
    for (value, unit) in
        [("11.0", json!({ "unit": "kWh" })), ("11", json!({ "unit": "Wh", "multiplier": 3 })), ("1.1e4", json!({}))]
    {
        events[4].1["meterValue"] = sample(value, unit);
        billed(&story(&events).happens(json!({})).await, 350 + 150);
    }
}

#[tokio::test]
async fn events_are_answered_and_a_stop_is_asked_for_by_the_chargers_own_transaction() {
    let mut stack = stack(&answering(json!({}))).await;
    let mut events = told();
    events[0].1["idToken"]["idToken"] = json!("BROKE");
    for (minute, event) in events.into_iter().take(3) {
        let expected =
            if event.get("idToken").is_some() { json!({ "idTokenInfo": { "status": "Accepted" } }) } else { json!({}) };
        let frame = json!([2, format!("m{minute}"), "TransactionEvent", event]);
        let heard = say(&mut stack, at(minute), &frame).await;
        let answer = heard.iter().find(|frame| frame[0] == 3).unwrap();
        assert_eq!(answer[2], expected);
    }
    stack.advance_to(at(4)).await.unwrap();
    let told = heard(&stack);
    let stop = told.iter().find(|frame| frame[2] == "RequestStopTransaction").expect("the card bears no hold");
    assert_eq!(stop[3], json!({ "transactionId": "T-1" }));
    assert!(session(&stack, 1, at(4)).await.stop_asked.is_some());
    let connected = call(
        &mut stack,
        at(5),
        "StatusNotification",
        json!({ "timestamp": at(5).to_string(),
        "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1 }),
    )
    .await;
    assert_eq!(connected[2], json!({}));
    let report = json!({ "generatedAt": at(5).to_string(), "seqNo": 0, "eventData": [] });
    assert_eq!(call(&mut stack, at(5), "NotifyEvent", report).await[2], json!({}));
}
