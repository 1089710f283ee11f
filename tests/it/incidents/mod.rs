//! Faults are told to the right person, once, and when they are over.

mod alerts;
mod month;
mod operator;
mod pages;
mod report;
mod stays;
mod webhooks;

use plugtill::edges::sns::SentMessage;
use plugtill::stack::Stack;
use plugtill_tests::{Story, at};
use serde_json::{Value, json};

/// A story as messages happen, with nothing after it.
pub(crate) async fn tell_only(stack: &mut Stack, story: &Story) {
    for line in story.traffic().lines() {
        let received: Value = serde_json::from_str(line).unwrap();
        let received = received["received_at"].as_str().unwrap().parse().unwrap();
        stack.advance_to(received).await.unwrap();
        stack.deliver(vec![line.to_owned()]).await.unwrap();
    }
}

/// What was told: kind and event, with reminders.
pub(crate) fn told(stack: &Stack) -> Vec<(String, String)> {
    let of = |sent: SentMessage| (sent.attribute("kind").to_owned(), sent.attribute("event").to_owned());
    stack.topics.sent().into_iter().filter(|sent| sent.topic_arn.is_some()).map(of).collect()
}

/// The same of one kind, its events only.
pub(crate) fn told_of(stack: &Stack, kind: &str) -> Vec<String> {
    told(stack).into_iter().filter(|(told, _)| told == kind).map(|(_, event)| event).collect()
}

/// What the broker says of a charger's connection.
pub(crate) async fn link(stack: &mut Stack, charger: &str, minute: i64, connected: bool, connection: u64) {
    let kind = if connected { "connected" } else { "disconnected" };
    let when = at(minute).as_millisecond();
    let event = json!({ "clientId": charger, "eventType": kind, "timestamp": when, "versionNumber": connection });
    if stack.clock.now() < at(minute) {
        stack.advance_to(at(minute)).await.unwrap();
    }
    stack.deliver(vec![event.to_string()]).await.unwrap();
}

pub(crate) async fn until(stack: &mut Stack, minute: i64) {
    stack.advance_to(at(minute)).await.unwrap();
}

/// A site with so many chargers, `CP1` and on.
pub(crate) fn chargers(count: usize) -> Value {
    let charger =
        |number: usize| json!({ "id": format!("CP{number}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
    (1..=count).map(charger).collect()
}
