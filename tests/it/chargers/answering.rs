//! We are the back end: who may charge, what a transaction is called, what is told.

use jiff::SignedDuration;
use plugtill::edges::iot::PublishFault;
use plugtill_adapters::store::{Credential, Registered};
use plugtill_domain::command::CommandState;
use plugtill_domain::session::Outcome;
use plugtill_operator::{Answer, NewCharger, Request, Telling};
use plugtill_tests::{at, site, stack, stop_body};
use serde_json::{Value, json};

use super::{answering, call, heard, say, session};

fn start(tag: &str, minute: i64, register: i64) -> Value {
    json!({ "connectorId": 1, "idTag": tag, "meterStart": register, "timestamp": at(minute).to_string() })
}

fn available(minute: i64) -> Value {
    json!({ "connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": at(minute).to_string() })
}

#[tokio::test]
async fn every_call_of_billing_is_answered_and_a_session_is_billed() {
    let mut stack = stack(&answering(json!({}))).await;
    let boot =
        call(&mut stack, at(0), "BootNotification", json!({ "chargePointVendor": "V", "chargePointModel": "M" })).await;
    assert_eq!((&boot[0], &boot[2]["status"], &boot[2]["interval"]), (&json!(3), &json!("Accepted"), &json!(300)));
    let beat = call(&mut stack, at(1), "Heartbeat", json!({})).await;
    assert_eq!(beat[2]["currentTime"], json!("2026-03-02T09:01:00.000Z"), "{beat}");
    let started = call(&mut stack, at(2), "StartTransaction", start("TAG1", 2, 1_000)).await;
    assert_eq!(started[2]["idTagInfo"]["status"], "Accepted");
    let transaction = started[2]["transactionId"].as_i64().unwrap();
    assert!((1..=i64::from(i32::MAX)).contains(&transaction));
    let sample = json!([{ "timestamp": at(30).to_string(), "sampledValue": [{ "value": "6000" }] }]);
    let meter = json!({ "connectorId": 1, "transactionId": transaction, "meterValue": sample });
    assert_eq!(call(&mut stack, at(30), "MeterValues", meter).await[2], json!({}));
    let stop = stop_body(transaction, 62, 11_000, "EVDisconnected");
    assert_eq!(call(&mut stack, at(62), "StopTransaction", stop).await[2], json!({}));
    assert_eq!(call(&mut stack, at(62), "StatusNotification", available(62)).await[2], json!({}));
    let vendor = call(&mut stack, at(63), "DataTransfer", json!({ "vendorId": "X" })).await;
    assert_eq!(vendor[2]["status"], "UnknownVendorId");
    let unknown = call(&mut stack, at(63), "MakeCoffee", json!({})).await;
    assert_eq!((&unknown[0], &unknown[2]), (&json!(4), &json!("NotImplemented")));
    stack.advance_to(at(80)).await.unwrap();
    let session = session(&stack, 1, at(80)).await;
    assert_eq!((session.outcome, session.collected().minor()), (Outcome::Captured, 350));
}

#[tokio::test]
async fn who_may_charge_is_told_for_known_unknown_and_blocked_tags() {
    let mut stack = stack(&answering(json!({}))).await;
    for (tag, status) in [("TAG1", "Accepted"), ("NOBODY", "Invalid"), ("p-000000000000000000", "Invalid")] {
        let answer = call(&mut stack, at(1), "Authorize", json!({ "idTag": tag })).await;
        assert_eq!(answer[2]["idTagInfo"]["status"], status, "{tag}");
    }
    // A session that nobody can collect blocks its tag.
    let started = call(&mut stack, at(2), "StartTransaction", start("BROKE", 2, 1_000)).await;
    let stop = stop_body(started[2]["transactionId"].as_i64().unwrap(), 62, 11_000, "EVDisconnected");
    say(&mut stack, at(62), &json!([2, "stop", "StopTransaction", stop])).await;
    stack.advance_to(at(90)).await.unwrap();
    let _ = heard(&stack);
    let answer = call(&mut stack, at(91), "Authorize", json!({ "idTag": "BROKE" })).await;
    assert_eq!(answer[2]["idTagInfo"]["status"], "Blocked");
    let newer = json!({ "idToken": { "idToken": "TAG1", "type": "ISO14443" } });
    let answer = call(&mut stack, at(92), "Authorize", newer).await;
    assert_eq!(answer[2]["idTokenInfo"]["status"], "Accepted", "2.0.1 has other words");
}

#[tokio::test]
async fn the_same_start_gets_the_same_transaction_also_after_a_restart_and_a_lost_answer() {
    let directory = tempfile::tempdir().unwrap();
    let options = plugtill::stack::Options {
        start: at(0),
        data: Some(directory.path().to_owned()),
        ..plugtill::stack::Options::default()
    };
    let sites = answering(json!({}));
    let mut first = plugtill::stack::Stack::start(&options, &sites).await.unwrap();
    let frame = json!([2, "m1", "StartTransaction", start("TAG1", 1, 1_000)]);
    first.broker.order(PublishFault::DropAfter);
    let answers = say(&mut first, at(1), &frame).await;
    assert_eq!(answers.len(), 2, "an answer whose fate is unknown is given again");
    assert_eq!(answers[0], answers[1]);
    first.save(&options).unwrap();
    drop(first);
    let mut second = plugtill::stack::Stack::start(&options, &sites).await.unwrap();
    assert_eq!(say(&mut second, at(2), &frame).await, [answers[0].clone()]);
    let sessions = second.store.sessions(&"CP1".parse().unwrap(), plugtill_domain::ids::ConnectorId(1)).await.unwrap();
    assert_eq!(sessions.len(), 1);
}

#[tokio::test]
async fn f58_a_card_that_bears_no_hold_is_told_to_stop_and_the_driver_gets_a_link() {
    let mut stack = stack(&answering(json!({}))).await;
    let started = call(&mut stack, at(1), "StartTransaction", start("BROKE", 1, 1_000)).await;
    stack.advance_to(at(1) + SignedDuration::from_secs(20)).await.unwrap();
    let told = heard(&stack);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (&told[0][2], &told[0][3]["transactionId"]),
        (&json!("RemoteStopTransaction"), &started[2]["transactionId"])
    );
    let session = session(&stack, 1, at(2)).await;
    assert_eq!(session.notices.len(), 1, "the driver is told, with a link to pay by");
    // Not answered: asked again, ever more slowly, until the charger says something.
    stack.advance_to(at(10)).await.unwrap();
    let again = heard(&stack);
    assert!((2..6).contains(&again.len()) && again.iter().all(|frame| frame == &told[0]), "{again:?}");
    assert_eq!(say(&mut stack, at(11), &json!([3, told[0][1], { "status": "Accepted" }])).await, [] as [Value; 0]);
    stack.advance_to(at(120)).await.unwrap();
    assert_eq!(heard(&stack), [] as [Value; 0]);
    let commands = stack.store.commands(&"CP1".parse().unwrap()).await.unwrap();
    assert_eq!(commands[0].state, CommandState::Answered("Accepted".to_owned()));
}

#[tokio::test]
async fn somebody_whom_nobody_pays_for_is_told_to_stop_although_the_charger_let_them_start() {
    let mut stack = stack(&answering(json!({}))).await;
    let started = call(&mut stack, at(1), "StartTransaction", start("NOBODY", 1, 1_000)).await;
    assert_eq!(started[2]["idTagInfo"]["status"], "Invalid");
    stack.advance_to(at(1) + SignedDuration::from_secs(5)).await.unwrap();
    let told = heard(&stack);
    assert_eq!((told.len(), &told[0][2]), (1, &json!("RemoteStopTransaction")));
}

#[tokio::test]
async fn a_charger_of_another_back_end_is_neither_answered_nor_told_anything() {
    let mut stack = stack(&site(json!({}))).await;
    let frame = json!([2, "m1", "StartTransaction", start("BROKE", 1, 1_000)]);
    assert_eq!(say(&mut stack, at(1), &frame).await, [] as [Value; 0]);
    stack.advance_to(at(30)).await.unwrap();
    assert_eq!(heard(&stack), [] as [Value; 0]);
    let order = Telling::Unlock { connector: plugtill_domain::ids::ConnectorId(1) };
    let asked = Request::Tell { charger: "CP1".parse().unwrap(), order, by: "Ann".to_owned() };
    let refused = stack.order(asked).await.unwrap_err().to_string();
    assert!(refused.contains("another back end"), "{refused}");
}

#[tokio::test]
async fn an_operator_tells_a_charger_something_and_sees_what_it_answers() {
    let mut stack = stack(&answering(json!({}))).await;
    let order = Telling::Unlock { connector: plugtill_domain::ids::ConnectorId(2) };
    let asked = Request::Tell { charger: "CP1".parse().unwrap(), order, by: "Ann".to_owned() };
    stack.order(asked).await.unwrap();
    stack.advance_to(at(1)).await.unwrap();
    let told = heard(&stack);
    assert_eq!((&told[0][2], &told[0][3]), (&json!("UnlockConnector"), &json!({ "connectorId": 2 })));
    say(&mut stack, at(1), &json!([4, told[0][1], "NotSupported", "", {}])).await;
    let Answer::Told(commands) = stack.order(Request::Told { charger: "CP1".parse().unwrap() }).await.unwrap() else {
        panic!("commands")
    };
    assert_eq!(commands[0].state, CommandState::Answered("NotSupported".to_owned()));
    // A charger that never answers is not asked for ever.
    let order = Telling::Trigger { message: "StatusNotification".to_owned(), connector: None };
    stack.order(Request::Tell { charger: "CP1".parse().unwrap(), order, by: "Ann".to_owned() }).await.unwrap();
    stack.advance_to(at(60)).await.unwrap();
    let commands = stack.store.commands(&"CP1".parse().unwrap()).await.unwrap();
    assert!(commands.iter().any(|command| command.state == CommandState::Unanswered), "{commands:?}");
}

#[tokio::test]
async fn what_cannot_be_read_is_answered_with_an_error_and_kept() {
    let mut stack = stack(&answering(json!({}))).await;
    let bad = json!({ "connectorId": 1, "meterValue": [{ "sampledValue": [{ "value": "NaN" }] }] });
    let answer = call(&mut stack, at(1), "MeterValues", bad).await;
    assert_eq!((&answer[0], &answer[2]), (&json!(4), &json!("FormationViolation")));
    assert!(answer[3].as_str().unwrap().contains("sampledValue.value `NaN`"), "{answer}");
    // A start at a connector that there is not: answered, so that it is not sent for ever, and not allowed.
    let start = json!({ "connectorId": 7, "idTag": "NOBODY", "meterStart": 0, "timestamp": at(1).to_string() });
    let answer = call(&mut stack, at(1), "StartTransaction", start).await;
    assert_eq!(answer[2]["idTagInfo"]["status"], "Invalid");
    assert_eq!(stack.tally.quarantined, 2);
}

#[tokio::test]
async fn a_charger_that_is_added_may_connect_with_its_password_alone() {
    let mut stack = stack(&answering(json!({}))).await;
    let connectors = serde_json::from_value(json!([{ "id": 1, "max_power_w": 50_000 }])).unwrap();
    let new = |password: Option<&str>| NewCharger {
        id: "CP77".parse().unwrap(),
        site: "yard".parse().unwrap(),
        connectors: Vec::clone(&connectors),
        password: password.map(str::to_owned),
        by: "Ann".to_owned(),
    };
    let short = stack.order(Request::AddCharger(new(Some("short")))).await.unwrap_err().to_string();
    assert!(short.contains("16 to 40"), "{short}");
    let Answer::Added(added) = stack.order(Request::AddCharger(new(None))).await.unwrap() else { panic!("added") };
    let credential = stack.store.credential(&added.charger).await.unwrap().unwrap();
    assert!(credential.is(&added.password) && !credential.is("another password!"));
    let stored = serde_json::to_string(&stack.store.registered().await.unwrap()).unwrap();
    assert!(!stored.contains(&added.password), "only a hash is kept");
    let entry = stack.store.registered().await.unwrap().remove(0).entry;
    let moved = Registered {
        site: "yard".parse().unwrap(),
        entry,
        added_at: at(0),
        credential: Credential::of("0123456789abcdef", [7; 16]),
    };
    stack.store.register(&moved).await.unwrap();
    let Answer::Chargers(listed) = stack.order(Request::Chargers).await.unwrap() else { panic!("chargers") };
    assert!(listed.iter().any(|charger| charger.charger == "CP1" && !charger.password), "{listed:?}");
}
