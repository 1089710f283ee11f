//! What is told of chargers, connections, cards and the telling itself.

use std::path::Path;

use jiff::SignedDuration;
use plugtill::edges::sns::{Protocol, PublishFault};
use plugtill::edges::sqs::QueueFault;
use plugtill::stack::{Options, Stack, Subscribers, TOPIC};
use plugtill::stripe_simulator::Disturbance;
use plugtill_domain::incident::{Kind, Subject};
use plugtill_tests::{Story, at, site, stack};
use serde_json::json;

use super::{chargers, link, tell_only, told, told_of, until};

/// A stack that nobody has subscribed to yet.
async fn told_to_nobody(directory: &Path) -> Stack {
    let data = Some(directory.to_owned());
    let options = Options { start: at(0), data, subscribers: Subscribers::Kept, ..Options::default() };
    Stack::start(&options, &site(json!({}))).await.unwrap()
}

#[tokio::test]
async fn f34_a_fault_told_a_thousand_times_a_minute_is_one_alert_with_a_count() {
    let mut stack = stack(&site(json!({}))).await;
    for hundredth in 0..300 {
        let from = at(0) + SignedDuration::from_millis(hundredth * 600);
        let story = (0..10).fold(Story::new(), |story, one| {
            let when = from + SignedDuration::from_millis(one * 60);
            let body = json!({ "connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted",
                               "timestamp": when.to_string() });
            story.frame("in", from, &json!([2, format!("m{when}"), "StatusNotification", body]))
        });
        stack.advance_to(from).await.unwrap();
        stack.deliver(story.traffic().lines().map(str::to_owned).collect()).await.unwrap();
    }
    until(&mut stack, 10).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened"]);
    let subject = Subject::of_connector(
        Kind::ChargerFault,
        "yard".parse().unwrap(),
        "CP1".parse().unwrap(),
        plugtill_domain::ids::ConnectorId(1),
    );
    let incident = stack.store.incident(subject).await.unwrap().incident.unwrap();
    assert_eq!(incident.count, 3_000);
}

#[tokio::test]
async fn f35_a_fault_that_clears_before_its_delay_alerts_nobody_and_a_longer_one_tells_both_in_order() {
    let mut short = stack(&site(json!({}))).await;
    tell_only(&mut short, &Story::new().status(0, "Faulted").status(1, "Available")).await;
    until(&mut short, 60).await;
    assert_eq!(told(&short), []);
    let mut reordered = stack(&site(json!({}))).await;
    let story = Story::new().status_received(1, 2, "Available").status_received(0, 3, "Faulted");
    tell_only(&mut reordered, &story).await;
    until(&mut reordered, 60).await;
    assert_eq!(told_of(&reordered, "charger_fault").len() % 2, 0, "never one that is over for good");
    let mut long = stack(&site(json!({}))).await;
    tell_only(&mut long, &Story::new().status(0, "Faulted").status(3, "Available")).await;
    until(&mut long, 60).await;
    assert_eq!(told_of(&long, "charger_fault"), ["opened", "recovered"]);
    assert_eq!((long.topics.sent()[0].at, long.topics.sent()[1].at), (at(2), at(5)));
}

#[tokio::test]
async fn i13_a_lost_ring_still_alerts_within_the_sweep() {
    let mut stack = stack(&site(json!({}))).await;
    stack.queues.inject(QueueFault::DropBefore);
    tell_only(&mut stack, &Story::new().status(0, "Faulted")).await;
    until(&mut stack, 4).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened"]);
    assert!(stack.topics.sent()[0].at <= at(3), "{}", stack.topics.sent()[0].at);
}

#[tokio::test]
async fn f87_what_sns_does_not_take_stays_due_and_mail_goes_out_where_text_messages_do_not() {
    let mut stack = stack(&site(json!({}))).await;
    for _ in 0..3 {
        stack.topics.inject(PublishFault::ThrottleBefore);
    }
    stack.topics.inject(PublishFault::SmsLimitReached);
    tell_only(&mut stack, &Story::new().status(0, "Faulted")).await;
    until(&mut stack, 20).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened"], "kept until SNS takes it");
    let fault = stack.topics.sent().into_iter().find(|sent| sent.attribute("kind") == "charger_fault").unwrap();
    let protocols: Vec<_> = fault.recipients.iter().map(|recipient| recipient.protocol).collect();
    assert_eq!(protocols, [Protocol::Email], "the month's limit for text messages holds no mail back");
    assert_eq!(told_of(&stack, "alert_undeliverable"), ["opened", "recovered"], "and that it failed is told");
}

#[tokio::test]
async fn f87_a_site_without_a_confirmed_mailbox_is_an_incident_until_it_has_one() {
    let directory = tempfile::tempdir().unwrap();
    let mut stack = told_to_nobody(directory.path()).await;
    let client = stack.topics.sdk_client();
    let subscribe = |protocol: &str, endpoint: &str| {
        client.subscribe().topic_arn(TOPIC).protocol(protocol).endpoint(endpoint).send()
    };
    subscribe("sms", "+4915112345678").await.unwrap();
    stack.check_alerts().await.unwrap();
    until(&mut stack, 5).await;
    assert_eq!(
        told_of(&stack, "alert_undeliverable"),
        ["opened"],
        "a telephone alone may be refused, and nobody knows"
    );
    subscribe("email", "desk@example.com").await.unwrap();
    stack.check_alerts().await.unwrap();
    until(&mut stack, 10).await;
    assert_eq!(told_of(&stack, "alert_undeliverable"), ["opened", "recovered"]);
}

#[tokio::test]
async fn a_charger_is_offline_when_it_stays_away_for_five_minutes_whatever_order_that_is_told_in() {
    let mut stack = stack(&site(json!({}))).await;
    link(&mut stack, "CP1", 0, true, 1).await;
    link(&mut stack, "CP1", 10, false, 1).await;
    link(&mut stack, "CP1", 13, true, 2).await;
    until(&mut stack, 40).await;
    assert_eq!(told(&stack), [], "back after three minutes");
    // It connects anew before the broker notices that the old connection is gone.
    link(&mut stack, "CP1", 50, true, 3).await;
    link(&mut stack, "CP1", 51, false, 2).await;
    until(&mut stack, 90).await;
    assert_eq!(told(&stack), [], "the old connection's end is no news");
    link(&mut stack, "CP1", 100, false, 3).await;
    until(&mut stack, 110).await;
    assert_eq!(told_of(&stack, "charger_offline"), ["opened"]);
    assert_eq!(stack.topics.sent()[0].at, at(105));
    link(&mut stack, "CP1", 120, true, 4).await;
    until(&mut stack, 125).await;
    assert_eq!(told_of(&stack, "charger_offline"), ["opened", "recovered"]);
}

#[tokio::test]
async fn an_emergency_stop_is_critical_and_told_at_once() {
    let mut stack = stack(&site(json!({}))).await;
    let story = Story::new().start(0, 1_000).meter(5, "2000", "Wh").stop(10, 3_000, "EmergencyStop");
    tell_only(&mut stack, &story).await;
    until(&mut stack, 11).await;
    let sent = stack.topics.sent().remove(0);
    assert_eq!((sent.attribute("kind"), sent.attribute("severity"), sent.at), ("emergency_stop", "critical", at(10)));
    assert!(sent.message.contains("nobody is in danger"), "{}", sent.message);
    tell_only(&mut stack, &Story::new().status(20, "Available")).await;
    until(&mut stack, 30).await;
    assert_eq!(told_of(&stack, "emergency_stop"), ["opened", "recovered"]);
}

#[tokio::test]
async fn an_error_of_version_2_0_1_is_explained_by_its_code() {
    let mut stack = stack(&site(json!({}))).await;
    let event = |minute: i64, cleared: bool| {
        json!({ "generatedAt": at(minute).to_string(), "seqNo": minute, "eventData": [{
            "eventId": minute, "timestamp": at(minute).to_string(), "trigger": "Alerting", "actualValue": "true",
            "techCode": "CX002", "cleared": cleared, "eventNotificationType": "HardWiredNotification",
            "component": { "name": "Connector", "evse": { "id": 1 } }, "variable": { "name": "Problem" } }] })
    };
    tell_only(&mut stack, &Story::new().call(at(0), "NotifyEvent", &event(0, false))).await;
    until(&mut stack, 5).await;
    let sent = stack.topics.sent().remove(0);
    assert!(sent.text().contains("CX002"), "{}", sent.text());
    assert!(sent.message.contains("A current flows to earth"), "{}", sent.message);
    tell_only(&mut stack, &Story::new().call(at(10), "NotifyEvent", &event(10, true))).await;
    until(&mut stack, 15).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened", "recovered"]);
}

#[tokio::test]
async fn chargers_that_fail_together_are_one_storm_of_their_site() {
    let mut stack = stack(&site(json!({ "chargers": chargers(20) }))).await;
    for number in 1..=20 {
        link(&mut stack, &format!("CP{number}"), 0, true, 1).await;
    }
    for number in 1..=20 {
        link(&mut stack, &format!("CP{number}"), 10, false, 1).await;
    }
    until(&mut stack, 30).await;
    assert_eq!(told(&stack), [("site_storm".to_owned(), "opened".to_owned())]);
    assert!(stack.topics.sent()[0].text().contains("20 chargers"), "{}", stack.topics.sent()[0].text());
    for number in 1..=20 {
        link(&mut stack, &format!("CP{number}"), 32, true, 2).await;
    }
    until(&mut stack, 60).await;
    assert_eq!(told_of(&stack, "site_storm"), ["opened", "recovered"]);
    assert_eq!(told(&stack).len(), 2, "of no charger alone");
    // What fails alone afterwards is told alone.
    link(&mut stack, "CP7", 100, false, 2).await;
    until(&mut stack, 110).await;
    assert_eq!(told_of(&stack, "charger_offline"), ["opened"]);
}

#[tokio::test]
async fn cards_declined_in_a_row_are_an_incident_of_the_site_until_one_is_taken() {
    let mut stack = stack(&site(json!({}))).await;
    let mut story = Story::new();
    for number in 0..3 {
        story = story.start_as("BROKE", number, number * 30, 1_000).call(
            at(number * 30 + 10),
            "StopTransaction",
            &plugtill_tests::stop_body(number, number * 30 + 10, 1_000, "EVDisconnected"),
        );
    }
    tell_only(&mut stack, &story).await;
    until(&mut stack, 62).await;
    assert_eq!(told_of(&stack, "payment_failing"), ["opened"], "at the third");
    tell_only(&mut stack, &Story::new().start_as("TAG1", 9, 120, 1_000)).await;
    until(&mut stack, 122).await;
    let told = told_of(&stack, "payment_failing");
    assert_eq!(told.iter().filter(|event| *event == "recovered").count(), 1, "{told:?}");
}

#[tokio::test]
async fn the_second_contact_hears_of_what_nobody_acknowledges_and_of_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let mut stack = told_to_nobody(directory.path()).await;
    let client = stack.topics.sdk_client();
    for (endpoint, filter) in [
        ("first@example.com", r#"{"escalation":["first"]}"#),
        ("second@example.com", r#"{"escalation":["second"]}"#),
        ("night@example.com", r#"{"severity":["critical"]}"#),
    ] {
        let subscribe = client.subscribe().topic_arn(TOPIC).protocol("email").endpoint(endpoint);
        subscribe.attributes("FilterPolicy", filter).send().await.unwrap();
    }
    tell_only(&mut stack, &Story::new().status(0, "Faulted").status(40, "Available")).await;
    until(&mut stack, 60).await;
    let heard = |endpoint: &str| -> Vec<String> {
        let reached =
            |sent: &plugtill::edges::sns::SentMessage| sent.recipients.iter().any(|to| to.endpoint == endpoint);
        stack.topics.sent().iter().filter(|sent| reached(sent)).map(|sent| sent.attribute("event").to_owned()).collect()
    };
    assert_eq!(heard("first@example.com"), ["opened", "recovered"]);
    assert_eq!(heard("second@example.com"), ["escalated", "recovered"]);
    assert_eq!(heard("night@example.com"), Vec::<String>::new());
}

#[tokio::test]
async fn small_matters_are_told_once_a_day_and_never_alone() {
    let mut stack = stack(&site(json!({}))).await;
    tell_only(&mut stack, &Story::new().status(0, "Unavailable").status(60, "Available")).await;
    until(&mut stack, 3 * 24 * 60).await;
    assert_eq!(told(&stack), [("digest".to_owned(), "digest".to_owned())]);
    let digest = stack.topics.sent().remove(0);
    assert!(
        digest.message.contains("Connector not available, CP1 connector 1, Yard: 1 times, 60 min"),
        "{}",
        digest.message
    );
}

#[tokio::test]
async fn messages_that_nobody_can_handle_are_an_incident() {
    let mut stack = stack(&site(json!({}))).await;
    stack.queues.send("settle", "no doorbell", SignedDuration::ZERO).unwrap();
    for minute in (5..=120).step_by(5) {
        until(&mut stack, minute).await;
        stack.look_for_work();
    }
    until(&mut stack, 121).await;
    assert_eq!(told_of(&stack, "dead_letters")[0], "opened");
    let sent = stack.topics.sent().remove(0);
    assert!(sent.text().contains("1 in settle-dead-letters"), "{}", sent.text());
}

#[tokio::test]
async fn stripe_that_moves_money_and_sends_no_event_is_an_incident_until_it_does() {
    let silent = Disturbance { dropped_percent: 100, ..Disturbance::default() };
    let options = Options { start: at(0), webhooks: Some(silent), ..Options::default() };
    let mut stack = Stack::start(&options, &site(json!({}))).await.unwrap();
    let story = Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected");
    tell_only(&mut stack, &story).await;
    until(&mut stack, 5 * 60).await;
    stack.reconcile(at(0)).await.unwrap();
    until(&mut stack, 5 * 60 + 1).await;
    assert_eq!(told_of(&stack, "webhook_silence"), ["opened"]);
}
