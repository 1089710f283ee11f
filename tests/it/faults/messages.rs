//! Charger and transport: messages that come twice, late, out of order, never, or say what cannot be.

use plugtill::stripe_simulator::StripeFault;
use plugtill_domain::incident::Kind;
use plugtill_domain::session::Outcome;
use plugtill_tests::{Happened, Story, at, site, stop_body};
use serde_json::{Value, json};

use super::{billed_350, state};

const DAY: &str = "2026-03-02";

/// Without the unplug, which a stop by it proves.
fn plain() -> Story {
    Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected")
}

/// What is kept of the only session: its state and what it was told.
async fn kept(happened: &Happened) -> (Value, Vec<String>) {
    let frames = happened.replayed.stack.store.evidence(happened.session()).await.unwrap();
    let said = frames.iter().map(|kept| format!("{:?}", kept.evidence)).collect();
    (state(happened.session()), said)
}

/// The kinds of incident that are going on at the site.
async fn going_on(happened: &Happened) -> Vec<Kind> {
    let site = &happened.session().site;
    let latest = happened.replayed.stack.store.latest_incidents(Some(site)).await.unwrap();
    latest.into_iter().map(|incident| incident.subject.kind).collect()
}

#[tokio::test]
async fn f01_start_delivered_twice_opens_one_session() {
    let story = Story::new().start(0, 1_000).again(1).stop(60, 11_000, "EVDisconnected");
    billed_350(&story.happens(json!({})).await);
    let body = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 1000, "timestamp": at(0).to_string() });
    let happened = plain().call(at(2), "StartTransaction", &body).happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(happened.summary.messages.duplicate, 1);
}

#[tokio::test]
async fn f02_stop_delivered_twice_is_captured_once() {
    let happened = plain().again(30).happens(json!({})).await;
    billed_350(&happened);
    assert_eq!((happened.summary.stripe.captures, happened.summary.messages.duplicate), (1, 1));
}

#[tokio::test]
async fn f03_a_meter_value_that_comes_twice_is_kept_and_counted_once() {
    let undisturbed = plain().happens(json!({})).await;
    let metered = Story::new().start(0, 1_000).meter(30, "6000", "Wh");
    let happened = metered.again(0).again(20).stop(60, 11_000, "EVDisconnected").happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(kept(&happened).await, kept(&undisturbed).await, "the same, and nothing kept twice");
}

#[tokio::test]
async fn f04_the_same_events_in_messages_of_other_ids_are_the_same_events() {
    let undisturbed = plain().happens(json!({})).await;
    let start = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 1000, "timestamp": at(0).to_string() });
    let stop = stop_body(7, 60, 11_000, "EVDisconnected");
    let story = Story::new().start(0, 1_000).call(at(1), "StartTransaction", &start);
    let story = story.meter(30, "6000", "Wh").meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected");
    let happened = story.call(at(64), "StopTransaction", &stop).happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(kept(&happened).await, kept(&undisturbed).await);
    assert_eq!(happened.summary.messages.duplicate, 2, "the start and the stop");
}

#[tokio::test]
async fn f06_stop_before_start_completes_when_the_start_arrives() {
    let body = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 1000, "timestamp": at(0).to_string() });
    let start = json!([2, "s", "StartTransaction", body]);
    let answer = json!([3, "s", { "transactionId": 7, "idTagInfo": { "status": "Accepted" } }]);
    let stopped = Story::new().stop(60, 11_000, "EVDisconnected");
    billed_350(&stopped.clone().frame("in", at(90), &start).frame("out", at(95), &answer).happens(json!({})).await);
    billed_350(&stopped.frame("out", at(80), &answer).frame("in", at(99), &start).happens(json!({})).await);
}

#[tokio::test]
async fn f08_meter_values_out_of_order_give_the_same_bill() {
    let meters = Story::new().start(0, 1_000).meter(45, "8500", "Wh").meter(15, "3500", "Wh").meter(30, "6000", "Wh");
    billed_350(&meters.stop(60, 11_000, "EVDisconnected").happens(json!({})).await);
}

#[tokio::test]
async fn f10_a_stop_whose_start_never_arrives_is_kept_and_not_charged() {
    let happened = Story::new().stop(60, 11_000, "EVDisconnected").happens(json!({})).await;
    assert_eq!((happened.summary.sessions.total, happened.summary.messages.quarantined), (0, 1));
    assert_eq!(happened.replayed.stack.stripe.books().holds, 0);
}

#[tokio::test]
async fn f11_all_meter_values_lost_bills_from_start_and_stop() {
    billed_350(&Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").happens(json!({})).await);
}

#[tokio::test]
async fn f13_a_stop_below_the_start_is_quarantined_and_nothing_is_charged() {
    let happened = Story::new().start(0, 11_000).stop(60, 1_000, "EVDisconnected").happens(json!({})).await;
    assert_eq!(happened.session().outcome, Outcome::Quarantined);
    assert_eq!((happened.collected_minor(), happened.summary.stripe.releases), (0, 1));
}

/// A reading of the plain story that is left out with its bytes and this reason, while the bill stands.
async fn is_left_out(value: &str, unit: &str, reason: &str) -> Happened {
    let story = Story::new().start(0, 1_000).meter(20, "4000", "Wh").meter(30, value, unit);
    let happened = story.meter(40, "7000", "Wh").stop(60, 11_000, "EVDisconnected").happens(json!({})).await;
    billed_350(&happened);
    let quarantine = happened.quarantine(DAY).await;
    assert_eq!((quarantine.len(), happened.summary.messages.quarantined), (1, 1));
    assert!(quarantine[0].contains(reason) && quarantine[0].contains(&format!("\"{value}\"")), "{quarantine:?}");
    happened
}

#[tokio::test]
async fn f13_a_reading_that_falls_is_left_out_with_its_bytes_and_the_bill_stands() {
    is_left_out("400", "Wh", "fell").await;
}

#[tokio::test]
async fn f16_a_reading_that_jumps_by_a_gigawatt_hour_is_left_out_with_its_bytes_and_the_bill_stands() {
    is_left_out("1000000000", "Wh", "jumped").await;
    // A stop that cannot be is no bill at all, and operators are told.
    let happened = Story::new().start(0, 1_000).stop(60, 1_000_000_000, "EVDisconnected").happens(json!({})).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Quarantined, 0));
    assert!(going_on(&happened).await.contains(&Kind::MeterAnomaly));
}

#[tokio::test]
async fn f17_kilowatt_hours_watt_hours_and_no_unit_are_one_register_and_a_thousandfold_is_left_out() {
    let metered = |value: &str, unit: Option<&str>| {
        let mut sample = json!({ "value": value });
        if let Some(unit) = unit {
            sample["unit"] = json!(unit);
        }
        let values = json!([{ "timestamp": at(30).to_string(), "sampledValue": [sample] }]);
        let body = json!({ "connectorId": 1, "transactionId": 7, "meterValue": values });
        Story::new().start(0, 1_000).call(at(30), "MeterValues", &body).stop(60, 11_000, "EVDisconnected")
    };
    for (value, unit) in [("6.000", Some("kWh")), ("6000", Some("Wh")), ("6000", None)] {
        let happened = metered(value, unit).happens(json!({})).await;
        billed_350(&happened);
        assert_eq!(happened.summary.messages.quarantined, 0, "{value} {unit:?}");
    }
    is_left_out("6000", "kWh", "jumped").await;
}

#[tokio::test]
async fn f18_a_number_that_is_none_is_quarantined_by_field_and_value() {
    for value in ["NaN", "1e9", "12,5", "", "0x10", "Infinity"] {
        let happened = plain().meter(40, value, "Wh").happens(json!({})).await;
        billed_350(&happened);
        let quarantine = happened.quarantine(DAY).await;
        assert!(quarantine[0].contains(&format!("sampledValue.value `{value}`")), "{quarantine:?}");
    }
}

#[tokio::test]
async fn f26_a_charger_of_no_site_is_quarantined_by_name_and_makes_nothing() {
    let told = |action: &str, body: Value| {
        json!({ "topic": "CP9/in", "received_at": at(5).to_string(), "payload": [2, action, action, body] }).to_string()
    };
    let start = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 5, "timestamp": at(5).to_string() });
    let story = plain().line(at(5), told("Heartbeat", json!({}))).line(at(5), told("StartTransaction", start));
    let happened = story.happens(json!({})).await;
    billed_350(&happened);
    let quarantine = happened.quarantine(DAY).await;
    assert_eq!(quarantine.len(), 2);
    assert!(quarantine.iter().all(|it| it.contains("CP9 belongs to no site")), "{quarantine:?}");
    let there = happened.replayed.stack.store.connectors(&happened.session().site).await.unwrap();
    assert_eq!(there.len(), 1, "no charger is made of a message");
}

#[tokio::test]
async fn f28_a_clock_that_is_years_or_days_off_is_quarantined_and_not_billed() {
    for clock in ["1970-01-01T00:00:00Z", "2036-02-07T06:28:16Z", "2026-03-05T09:05:00Z", "2026-01-01T09:05:00Z"] {
        let body = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 5, "timestamp": clock });
        let happened = plain().call(at(5), "StartTransaction", &body).happens(json!({})).await;
        billed_350(&happened);
        let quarantine = happened.quarantine(DAY).await;
        assert!(quarantine[0].contains(&format!("clock says {clock}")), "{quarantine:?}");
        assert!(going_on(&happened).await.contains(&Kind::ClockWrong), "{clock}");
    }
}

#[tokio::test]
async fn frames_that_are_no_json_or_no_ocpp_are_quarantined_with_their_bytes() {
    let as_text =
        |payload: Value| json!({ "topic": "CP1/in", "received_at": at(5).to_string(), "payload": payload }).to_string();
    let story = plain()
        .line(at(5), as_text(json!("[2,\"1\",\"MeterVal")))
        .line(at(5), as_text(json!({ "hello": 1 })))
        .line(at(5), "not a line at all".to_owned());
    let happened = story.happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(happened.summary.messages.quarantined, 3);
    let quarantine = happened.quarantine(DAY).await.join("\n");
    for bytes in ["not JSON", "[2,\"1\",\"MeterVal", "not an OCPP-J frame", "{\"hello\":1}"] {
        assert!(quarantine.contains(bytes), "{bytes} in {quarantine}");
    }
}

#[tokio::test]
async fn messages_that_are_not_about_billing_are_counted_by_name() {
    let happened =
        plain().call(at(3), "DiagnosticsStatusNotification", &json!({ "status": "Idle" })).happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(happened.replayed.stack.tally.ignored.get("DiagnosticsStatusNotification"), Some(&1));
}

#[tokio::test]
async fn f22_transaction_ids_of_minus_one_and_reused_ones_bill_each_session_once() {
    let mut story = Story::new();
    for hour in 0..3 {
        let (minute, register) = (hour * 100, 1_000 + hour * 10_000);
        story = story.start_as("TAG1", -1, minute, register);
        let body = stop_body(-1, minute + 60, register + 10_000, "EVDisconnected");
        story = story.call(at(minute + 60), "StopTransaction", &body);
    }
    let happened = story.happens(json!({})).await;
    assert_eq!((happened.summary.sessions.captured, happened.collected_minor()), (3, 3 * 350));
}

#[tokio::test]
async fn work_that_failed_is_tried_again_within_a_minute_although_its_doorbell_stays_hidden_for_longer() {
    let sites = site(json!({}));
    let mut stack = plugtill_tests::stack(&sites).await;
    let received = plain().traffic();
    for line in received.lines() {
        let at_line = serde_json::from_str::<Value>(line).unwrap()["received_at"].as_str().unwrap().parse().unwrap();
        stack.advance_to(at_line).await.unwrap();
        stack.deliver(vec![line.to_owned()]).await.unwrap();
    }
    // Four tries of the capture and four of the look that follows it.
    for _ in 0..8 {
        stack.stripe.inject(StripeFault::DropBefore);
    }
    stack.advance_to(at(62)).await.unwrap();
    assert_eq!(stack.stripe.books().captures, 0);
    stack.advance_to(at(63)).await.unwrap();
    assert_eq!(stack.stripe.books().captures, 1);
    billed_350(&plugtill_tests::look_at(stack, received.lines().count() as u64, &sites).await);
}
