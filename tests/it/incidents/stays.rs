//! A vehicle that has charged and stays: found in time, told to its driver and to staff.

use plugtill::edges::sns::PublishFault;
use plugtill::stack::Stack;
use plugtill::stripe_simulator::Buyer;
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::ids::IdTag;
use plugtill_tests::{Story, at, site, stack};
use serde_json::{Value, json};

use super::{tell_only, told_of, until};
use crate::portal::{follow, page_of, path_of, post, token, told_by_stripe};

/// A driver who paid at minute 0 and wants to be told.
async fn opted_in(change: Value) -> (Stack, IdTag) {
    let (mut stack, _) = told_by_stripe(change).await;
    let form = "charger=CP1&connector=1&phone=%2B49+151+1234567";
    let page = page_of(post(&mut stack, "/checkouts", form).await.2);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    until(&mut stack, 1).await;
    (stack, token)
}

/// What the driver was told, and at which minute.
fn texts(stack: &Stack) -> Vec<(i64, String)> {
    let own = stack.topics.sent().into_iter().filter(|sent| sent.phone_number.as_deref() == Some("+491511234567"));
    own.map(|sent| (sent.at.duration_since(at(0)).as_mins(), sent.message)).collect()
}

fn charged(token: &IdTag) -> Story {
    let story = Story::new().start_as(token.as_str(), 7, 2, 1_000).status(2, "Charging");
    (5..=60).step_by(5).fold(story, |story, minute| story.meter(minute, &(1_000 + minute * 150).to_string(), "Wh"))
}

#[tokio::test]
async fn a_driver_who_asked_for_it_is_told_each_thing_once_and_in_time() {
    let (mut stack, token) = opted_in(json!({ "drivers": {} })).await;
    let story = charged(&token).status(61, "SuspendedEV").meter(65, "10000", "Wh").meter(80, "10000", "Wh");
    let story = story.stop(100, 10_000, "EVDisconnected").status(100, "Available");
    tell_only(&mut stack, &story).await;
    until(&mut stack, 26 * 60).await;
    let told = texts(&stack);
    assert!(told.iter().all(|(_, text)| text.len() <= 160), "one text message each: {told:?}");
    let link = told[0].1.split_whitespace().last().unwrap().to_owned();
    let (status, _, location) = follow(&mut stack, path_of(&link)).await;
    assert!(status.is_redirection() && location.unwrap().contains("/sessions/"), "{link}");
    let beginnings = [
        (61, "Your vehicle at CP1 has finished charging."),
        (71, "Please unplug at CP1: an idle fee begins in 5 min."),
        (76, "An idle fee now runs at CP1"),
        (102, "Charging at CP1 cost 5.55 EUR. Receipt: "),
    ];
    assert_eq!(told.len(), beginnings.len(), "{told:?}");
    for ((minute, text), (expected, beginning)) in told.iter().zip(beginnings) {
        assert!((expected..=expected + 2).contains(minute) && text.starts_with(beginning), "{minute}: {text}");
    }
}

#[tokio::test]
async fn a_register_that_stands_still_is_found_within_two_minutes_of_its_proof() {
    let (mut stack, token) = opted_in(json!({ "drivers": {} })).await;
    let flat = (65..=90).step_by(5).fold(charged(&token), |story, minute| story.meter(minute, "10000", "Wh"));
    tell_only(&mut stack, &flat).await;
    until(&mut stack, 92).await;
    let told = texts(&stack);
    assert!(told[0].1.starts_with("An idle fee now runs") || told[0].1.starts_with("Please unplug"), "{told:?}");
    assert!((75..=77).contains(&told[0].0), "15 minutes of a register that does not rise: {told:?}");
}

#[tokio::test]
async fn a_number_that_takes_no_texts_is_tried_once_for_each_and_stays_due_for_none() {
    let (mut stack, token) = opted_in(json!({ "drivers": {} })).await;
    for _ in 0..2 {
        stack.topics.inject(PublishFault::OptedOut);
    }
    let story = charged(&token).status(61, "SuspendedEV").stop(65, 10_000, "EVDisconnected").status(66, "Available");
    tell_only(&mut stack, &story).await;
    until(&mut stack, 200).await;
    let asked = stack.topics.requests();
    until(&mut stack, 26 * 60).await;
    assert_eq!((stack.topics.requests() - asked, texts(&stack)), (0, Vec::new()), "neither was tried again");
}

#[tokio::test]
async fn a_driver_who_asked_for_nothing_is_told_nothing_and_who_leaves_in_time_is_not_hurried() {
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {} })).await;
    let page = page_of(post(&mut stack, "/checkouts", "charger=CP1&connector=1").await.2);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    until(&mut stack, 1).await;
    tell_only(&mut stack, &charged(&token).status(61, "SuspendedEV").stop(100, 10_000, "EVDisconnected")).await;
    until(&mut stack, 200).await;
    assert_eq!(texts(&stack), []);
    let sessions = stack.store.sessions(&"CP1".parse().unwrap(), plugtill_domain::ids::ConnectorId(1)).await.unwrap();
    assert_eq!((sessions[0].stay_watch, sites.len()), (None, 1));

    let (mut stack, token) = opted_in(json!({ "drivers": {} })).await;
    let story = charged(&token).status(61, "SuspendedEV").stop(65, 10_000, "EVDisconnected");
    tell_only(&mut stack, &story).await;
    until(&mut stack, 200).await;
    assert_eq!(texts(&stack).len(), 2, "charging complete, receipt ready: {:?}", texts(&stack));
}

#[tokio::test]
async fn a_telephone_number_that_is_none_is_refused_with_its_remedy() {
    let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
    for wrong in ["0151 1234567", "%2B0151123", "call me"] {
        let (status, body, _) = post(&mut stack, "/checkouts", &format!("charger=CP1&connector=1&phone={wrong}")).await;
        assert!(status.is_client_error() && body.contains("+49 151 12345678"), "{wrong}: {body}");
    }
}

#[tokio::test]
async fn staff_is_told_of_a_stall_that_stays_blocked_and_when_it_is_free() {
    for idle in [json!({ "grace_minutes": 15, "price_per_minute": "0.10" }), Value::Null] {
        let site = site(json!({ "idle": idle, "alerts": { "stall_blocked_after_minutes": 30 } }));
        let mut stack = stack(&site).await;
        let story = charged(&"TAG1".parse().unwrap()).status(61, "SuspendedEV");
        tell_only(&mut stack, &story).await;
        until(&mut stack, 85).await;
        assert_eq!(told_of(&stack, "stall_blocked"), Vec::<String>::new(), "{idle}");
        until(&mut stack, 95).await;
        assert_eq!(told_of(&stack, "stall_blocked"), ["opened"], "{idle}");
        tell_only(&mut stack, &Story::new().stop(120, 10_000, "Local").status(121, "Finishing")).await;
        until(&mut stack, 140).await;
        assert_eq!(told_of(&stack, "stall_blocked")[..1], ["opened"], "{idle}: it still stands there");
        assert!(!told_of(&stack, "stall_blocked").contains(&"recovered".to_owned()), "{idle}");
        tell_only(&mut stack, &Story::new().status(150, "Available")).await;
        until(&mut stack, 160).await;
        assert_eq!(told_of(&stack, "stall_blocked").last().map(String::as_str), Some("recovered"), "{idle}");
        let sessions =
            stack.store.sessions(&"CP1".parse().unwrap(), plugtill_domain::ids::ConnectorId(1)).await.unwrap();
        assert!(sessions[0].notices.iter().all(|notice| notice.kind != DriverNoticeKind::ChargingComplete));
    }
}
