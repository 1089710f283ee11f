//! Faults of the catalogue, by number: charger and transport, Stripe, the table.

use plugtill::stripe_simulator::StripeFault;
use plugtill_domain::session::{Outcome, Reason};
use plugtill_tests::{Happened, Story, at, site, stop_body};
use serde_json::{Value, json};

const DAY: &str = "2026-03-02";

fn plain() -> Story {
    Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected")
}

fn billed_350(happened: &Happened) {
    assert_eq!(happened.session().billed().minor(), 350);
    assert_eq!(happened.collected_minor(), 350);
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
async fn f03_f04_meter_values_duplicated_under_a_new_message_id_count_once() {
    let story = Story::new().start(0, 1_000).meter(30, "6000", "Wh").meter(30, "6000", "Wh").again(3);
    billed_350(&story.stop(60, 11_000, "EVDisconnected").happens(json!({})).await);
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

#[tokio::test]
async fn f13_f16_a_reading_that_falls_or_jumps_is_left_out_with_its_bytes_and_the_bill_stands() {
    for (bad, reason) in [("400", "fell"), ("1000000000", "jumped")] {
        let story = Story::new().start(0, 1_000).meter(20, "4000", "Wh").meter(30, bad, "Wh");
        let happened = story.meter(40, "7000", "Wh").stop(60, 11_000, "EVDisconnected").happens(json!({})).await;
        billed_350(&happened);
        let quarantine = happened.quarantine(DAY).await;
        assert_eq!((quarantine.len(), happened.summary.messages.quarantined), (1, 1));
        assert!(quarantine[0].contains(reason) && quarantine[0].contains(&format!("\"{bad}\"")), "{quarantine:?}");
    }
}

#[tokio::test]
async fn f17_kilowatt_hours_beside_watt_hours_are_one_register() {
    let story = Story::new().start(0, 1_000).meter(30, "6.000", "kWh").stop(60, 11_000, "EVDisconnected");
    let happened = story.happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(happened.summary.messages.quarantined, 0);
}

#[tokio::test]
async fn f18_a_number_that_is_none_is_quarantined_by_field_and_value() {
    for value in ["NaN", "1e9", "12,5", ""] {
        let happened = plain().meter(40, value, "Wh").happens(json!({})).await;
        billed_350(&happened);
        let quarantine = happened.quarantine(DAY).await;
        assert!(quarantine[0].contains(&format!("sampledValue.value `{value}`")), "{quarantine:?}");
    }
}

#[tokio::test]
async fn f26_f27_unknown_chargers_and_connectors_are_quarantined_by_name() {
    let other = json!({ "topic": "CP9/in", "received_at": at(5).to_string(), "payload": [2, "x", "Heartbeat", {}] });
    let body = json!({ "connectorId": 4, "errorCode": "NoError", "status": "Available" });
    let story = plain().line(at(5), other.to_string()).call(at(6), "StatusNotification", &body);
    let happened = story.happens(json!({})).await;
    billed_350(&happened);
    let quarantine = happened.quarantine(DAY).await.join("\n");
    assert!(quarantine.contains("CP9 belongs to no site") && quarantine.contains("no connector 4"), "{quarantine}");
}

#[tokio::test]
async fn f28_a_clock_of_1970_is_quarantined_and_not_billed() {
    let body = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 5, "timestamp": "1970-01-01T00:00:00Z" });
    let happened = plain().call(at(5), "StartTransaction", &body).happens(json!({})).await;
    billed_350(&happened);
    let quarantine = happened.quarantine(DAY).await;
    assert!(quarantine[0].contains("clock says 1970-01-01T00:00:00Z"), "{quarantine:?}");
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
async fn f20_late_evidence_that_lowers_the_bill_is_refunded() {
    let idle = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    // The vehicle resumed at 61, which is told only after the bill of 350 + 850 was captured.
    let story = idle.stop(160, 11_500, "EVDisconnected").status_received(61, 200, "Charging");
    let happened = story.happens(json!({})).await;
    let session = happened.session();
    assert_eq!(session.reason, Some(Reason::LateEvidenceRefunded));
    assert_eq!((session.billed().minor(), happened.collected_minor()), (368, 368));
    assert_eq!(happened.summary.stripe.refunds, 1);
}

#[tokio::test]
async fn f20_late_evidence_that_raises_the_bill_follows_the_site() {
    let story = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEVSE");
    let story = story.stop(160, 11_000, "EVDisconnected").status_received(61, 200, "SuspendedEV");
    let waived = story.happens(json!({})).await;
    assert_eq!(waived.session().reason, Some(Reason::LateEvidenceWaived));
    // 99 minutes idle, 15 of grace.
    assert_eq!((waived.session().billed().minor(), waived.collected_minor()), (350 + 840, 350));
    let charged = story.happens(json!({ "late_evidence": "charge" })).await;
    assert_eq!(charged.session().reason, Some(Reason::LateEvidenceCharged));
    assert_eq!(charged.collected_minor(), 350 + 840);
}

#[tokio::test]
async fn late_evidence_counts_also_when_the_unplug_comes_with_it() {
    let idle = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let story = idle.stop(160, 11_500, "EVDisconnected").status_received(61, 200, "Charging");
    // Delivered in one batch with the late status.
    let happened = story.status_received(161, 200, "Available").happens(json!({})).await;
    assert_eq!((happened.session().billed().minor(), happened.collected_minor()), (368, 368));
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
async fn f38_f49_captured_but_not_recorded_is_captured_once() {
    let lost =
        [StripeFault::DropAfterCommit, StripeFault::DropBefore, StripeFault::BadGateway, StripeFault::RateLimited];
    let anywhere = lost.into_iter().flat_map(|fault| [(fault, 0), (fault, 1)]);
    for (fault, request) in anywhere.chain([(StripeFault::ServerErrorAfterCommit, 1)]) {
        let happened = with_stripe_fault(fault, request).await;
        let books = happened.replayed.stack.stripe.books();
        assert_eq!((books.captures, books.top_ups, books.open_holds), (1, 0, 0), "{fault:?} at {request}");
        billed_350(&happened);
    }
}

/// The plain story with a fault at the n-th request to Stripe after the drivers' cards were saved.
async fn with_stripe_fault(fault: StripeFault, request: usize) -> Happened {
    let sites = site(json!({}));
    let mut stack = plugtill_tests::stack(&sites).await;
    for _ in 0..request {
        stack.stripe.inject(StripeFault::Nothing);
    }
    stack.stripe.inject(fault);
    let received = plugtill_tests::tell(&mut stack, &plain()).await;
    plugtill_tests::look_at(stack, received, &sites).await
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
