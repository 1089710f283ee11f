//! Faults of the operator's own billing: told once, and once that they are over.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use plugtill::edges::sns::SentMessage;
use plugtill::stack::{Options, Stack};
use plugtill::stripe_simulator::{KeyRefusal, StripeFault};
use plugtill_adapters::doorbell::Ring;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::incident::Kind;
use plugtill_tests::{Story, at, look_at, site, stop_body};
use serde_json::{Value, json};

/// Three drivers one after the other: 3.50 each.
fn three_sessions() -> Story {
    let mut story = Story::new();
    for number in 0..3 {
        let (minute, register) = (number * 4, 1_000 + number * 10_000);
        story = story.start_as("TAG1", number, minute, register);
        let stop = stop_body(number, minute + 3, register + 1_100, "EVDisconnected");
        story = story.call(at(minute + 3), "StopTransaction", &stop);
    }
    story
}

fn yard() -> Value {
    let energy = json!({ "type": "ENERGY", "price": "3.00" });
    json!({ "tariff": { "currency": "EUR", "elements": [{ "price_components": [energy] }] } })
}

/// A stack that was told of three sessions, each to be settled two minutes after its stop, at 5, 9 and 13.
async fn after_three_sessions(stack: &mut Stack, refusal: Option<KeyRefusal>) {
    tell_until(stack, &three_sessions(), 4).await;
    stack.stripe.refuse_key(refusal);
    tell_from(stack, &three_sessions(), 4).await;
}

async fn tell_until(stack: &mut Stack, story: &Story, minute: i64) {
    deliver(stack, story, |received| received < minute).await;
}

async fn tell_from(stack: &mut Stack, story: &Story, minute: i64) {
    deliver(stack, story, |received| received >= minute).await;
}

async fn deliver(stack: &mut Stack, story: &Story, wanted: impl Fn(i64) -> bool) {
    for line in story.traffic().lines() {
        let received: Value = serde_json::from_str(line).unwrap();
        let received = received["received_at"].as_str().unwrap().parse().unwrap();
        if wanted(at(0).duration_until(received).as_mins()) {
            stack.advance_to(received).await.unwrap();
            stack.deliver(vec![line.to_owned()]).await.unwrap();
        }
    }
}

fn told(stack: &Stack) -> Vec<SentMessage> {
    stack.topics.sent()
}

/// What was told, but for reminders of what nobody acknowledged.
fn kinds(stack: &Stack) -> Vec<(String, String)> {
    let of = |sent: SentMessage| (sent.attribute("kind").to_owned(), sent.attribute("event").to_owned());
    told(stack).into_iter().map(of).filter(|(_, event)| event == "opened" || event == "recovered").collect()
}

fn recovered(stack: &Stack) -> SentMessage {
    told(stack).into_iter().find(|sent| sent.attribute("event") == "recovered").unwrap()
}

fn one(incident: &str, kind: &str) -> (String, String) {
    (incident.to_owned(), kind.to_owned())
}

async fn key_refused_until_replaced(refusal: KeyRefusal, status: &str) {
    let sites = site(yard());
    let mut stack = plugtill_tests::stack(&sites).await;
    let received = three_sessions().traffic().lines().count() as u64;
    after_three_sessions(&mut stack, Some(refusal)).await;
    let asked = stack.stripe.requests();
    stack.advance_to(at(120)).await.unwrap();

    assert_eq!(stack.stripe.books().captures, 0, "all captures stop");
    let rarely = stack.stripe.requests() - asked;
    assert!((50..=120).contains(&rarely), "{rarely} requests in two hours: about one a minute");
    assert_eq!(kinds(&stack), [one("stripe_key_refused", "opened")], "the operator is paged once");
    let paged = told(&stack).remove(0);
    assert!(paged.text().contains(status) && paged.message.contains("into the secret"), "{paged:?}");
    assert_eq!(paged.attribute("severity"), "critical");
    assert!(paged.at <= at(5), "at the first refusal: {}", paged.at);

    stack.stripe.refuse_key(None);
    stack.advance_to(at(120) + SignedDuration::from_hours(26)).await.unwrap();
    let over = one("stripe_key_refused", "recovered");
    assert_eq!(kinds(&stack), [one("stripe_key_refused", "opened"), over], "told once that it is over");
    assert!(recovered(&stack).at <= at(123), "as soon as Stripe takes a move: {}", recovered(&stack).at);
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.summary.sessions.captured, happened.collected_minor()), (3, 3 * 330));
}

#[tokio::test]
async fn f57_a_revoked_key_stops_all_captures_pages_once_and_nothing_is_lost() {
    key_refused_until_replaced(KeyRefusal::Revoked, "HTTP 401").await;
}

#[tokio::test]
async fn f57_a_key_of_the_wrong_account_stops_all_captures_pages_once_and_nothing_is_lost() {
    key_refused_until_replaced(KeyRefusal::Forbidden, "HTTP 403").await;
}

#[tokio::test]
async fn f57_sessions_stay_pending_while_the_key_is_refused() {
    let sites = site(yard());
    let mut stack = plugtill_tests::stack(&sites).await;
    after_three_sessions(&mut stack, Some(KeyRefusal::Revoked)).await;
    stack.advance_to(at(60)).await.unwrap();
    let charger = "CP1".parse().unwrap();
    let sessions = stack.store.sessions(&charger, ConnectorId(1)).await.unwrap();
    assert_eq!(sessions.len(), 3);
    assert!(sessions.iter().all(|session| session.due().is_some()), "each has its work still due");
}

#[tokio::test]
async fn a_permission_that_only_refunds_lack_is_told_once_although_other_moves_go_on() {
    let sites = site(json!({}));
    let mut stack = plugtill_tests::stack(&sites).await;
    stack.stripe.refuse_key(Some(KeyRefusal::RefundsForbidden));
    let idle = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let refunded = idle.stop(160, 11_500, "EVDisconnected").status_received(61, 200, "Charging");
    let mut story = refunded;
    for number in 0..5 {
        let (minute, register) = (300 + number * 60, 20_000 + number * 10_000);
        story = story.start_as("TAG1", 10 + number, minute, register);
        let stop = stop_body(10 + number, minute + 50, register + 10_000, "EVDisconnected");
        story = story.call(at(minute + 50), "StopTransaction", &stop);
    }
    deliver(&mut stack, &story, |_| true).await;
    assert_eq!(kinds(&stack), [one("stripe_key_refused", "opened")]);
    assert!(told(&stack)[0].text().contains("HTTP 403 on refund"), "{:?}", told(&stack)[0]);
    stack.stripe.refuse_key(None);
    stack.advance_to(at(800) + SignedDuration::from_hours(26)).await.unwrap();
    assert_eq!(kinds(&stack).len(), 2);
    let received = story.traffic().lines().count() as u64;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.collected_minor(), 368 + 5 * 350);
}

#[tokio::test]
async fn a_permission_that_only_refunds_lack_holds_up_no_capture() {
    let sites = site(json!({}));
    let mut stack = plugtill_tests::stack(&sites).await;
    stack.stripe.refuse_key(Some(KeyRefusal::RefundsForbidden));
    let idle = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let refunded = idle.stop(160, 11_500, "EVDisconnected").status_received(61, 200, "Charging");
    let stop = stop_body(10, 350, 30_000, "EVDisconnected");
    let story = refunded.start_as("TAG1", 10, 300, 20_000).call(at(350), "StopTransaction", &stop);
    deliver(&mut stack, &story, |_| true).await;
    assert_eq!(kinds(&stack), [one("stripe_key_refused", "opened")]);
    assert_eq!(stack.stripe.books().captures, 1, "the refund of the first is refused again every minute");
    let session = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().pop().unwrap();
    stack.advance_to(session.due().unwrap().0).await.unwrap();
    assert_eq!(stack.stripe.books().captures, 2, "at the second that it is due");
}

#[tokio::test]
async fn a_stop_that_comes_late_is_settled_and_not_called_billing_that_stopped() {
    let sites = site(yard());
    let mut stack = plugtill_tests::stack(&sites).await;
    let story = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available");
    let (first, late): (Vec<_>, Vec<_>) = story.traffic().lines().map(str::to_owned).partition(|line| {
        let received: Value = serde_json::from_str(line).unwrap();
        received["received_at"].as_str().unwrap().parse::<Timestamp>().unwrap() < at(60)
    });
    stack.deliver(first).await.unwrap();
    // The broker had it in time, the queue kept it for three hours.
    stack.advance_to(at(240)).await.unwrap();
    stack.deliver(late).await.unwrap();
    stack.advance_to(at(300)).await.unwrap();
    assert_eq!(stack.stripe.books().captures, 1);
    assert!(kinds(&stack).iter().all(|(kind, _)| kind != "billing_stopped"), "{:?}", kinds(&stack));
}

/// Lets Stripe be silent from now on: each request that `settle` makes is tried four times.
fn silence(stack: &Stack, requests: usize) {
    for _ in 0..requests {
        stack.stripe.inject(StripeFault::DropBefore);
    }
}

#[tokio::test]
async fn billing_that_stopped_is_told_after_15_minutes_and_once_that_it_goes_on() {
    let sites = site(yard());
    let mut stack = plugtill_tests::stack(&sites).await;
    after_three_sessions(&mut stack, None).await;
    silence(&stack, 100_000);
    // The third session is due at 13.
    stack.advance_to(at(28)).await.unwrap();
    assert_eq!(kinds(&stack), [], "no alert up to 15 minutes");
    stack.advance_to(at(30)).await.unwrap();
    assert_eq!(kinds(&stack), [one("billing_stopped", "opened")]);
    let paged = told(&stack).remove(0);
    assert_eq!(paged.attribute("severity"), "critical");
    assert!(paged.text().contains("(1, due since 2026-03-02T09:13:00Z)"), "{}", paged.text());
    assert!(paged.message.contains("log of settle"), "{}", paged.message);
    stack.advance_to(at(300)).await.unwrap();
    assert_eq!(kinds(&stack).len(), 1, "repeated sweeps repeat nothing");

    stack.stripe.clear_faults();
    stack.advance_to(at(300) + SignedDuration::from_hours(26)).await.unwrap();
    assert_eq!(kinds(&stack)[1..], [one("billing_stopped", "recovered")]);
    assert!(recovered(&stack).at <= at(303), "{}", recovered(&stack).at);
    let received = three_sessions().traffic().lines().count() as u64;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.collected_minor(), 3 * 330);
}

#[tokio::test]
async fn an_interruption_of_less_than_15_minutes_alerts_nobody() {
    let sites = site(yard());
    let mut stack = plugtill_tests::stack(&sites).await;
    after_three_sessions(&mut stack, None).await;
    silence(&stack, 100_000);
    stack.advance_to(at(27)).await.unwrap();
    stack.stripe.clear_faults();
    stack.advance_to(at(27) + SignedDuration::from_hours(26)).await.unwrap();
    assert_eq!(kinds(&stack), []);
    assert_eq!(stack.stripe.books().captures, 3);
}

#[tokio::test]
async fn a_hold_that_waits_is_not_billing_that_stopped() {
    let sites = site(yard());
    let mut stack = plugtill_tests::stack(&sites).await;
    silence(&stack, 100_000);
    deliver(&mut stack, &Story::new().start(0, 1_000), |_| true).await;
    stack.advance_to(at(60)).await.unwrap();
    assert_eq!(kinds(&stack), [], "nothing has ended yet");
}

/// A stack that keeps everything in `directory`, at `minute`.
async fn kept(directory: &Path, minute: i64) -> (Stack, Options) {
    let options = Options { start: at(minute), data: Some(directory.to_owned()), ..Options::default() };
    (Stack::start(&options, &site(yard())).await.unwrap(), options)
}

#[tokio::test]
async fn a_restart_repeats_no_alert_and_forgets_no_recovery() {
    let directory = tempfile::tempdir().unwrap();
    let (mut stack, options) = kept(directory.path(), 0).await;
    after_three_sessions(&mut stack, None).await;
    silence(&stack, 100_000);
    stack.advance_to(at(40)).await.unwrap();
    assert_eq!(kinds(&stack), [one("billing_stopped", "opened")]);
    stack.save(&options).unwrap();

    let (mut stack, options) = kept(directory.path(), 41).await;
    silence(&stack, 100_000);
    stack.advance_to(at(90)).await.unwrap();
    assert_eq!(kinds(&stack), [], "a sweep that knows nothing finds the incident open");
    stack.stripe.clear_faults();
    stack.advance_to(at(91)).await.unwrap();
    assert_eq!((stack.stripe.books().captures, kinds(&stack).len()), (3, 0), "settled, and not swept since");
    stack.save(&options).unwrap();

    let (mut stack, _) = kept(directory.path(), 92).await;
    stack.advance_to(at(93)).await.unwrap();
    assert_eq!(kinds(&stack), [one("billing_stopped", "recovered")]);
}

#[tokio::test]
async fn a_restart_during_a_refused_key_neither_pages_again_nor_forgets_the_recovery() {
    let directory = tempfile::tempdir().unwrap();
    let (mut stack, options) = kept(directory.path(), 0).await;
    after_three_sessions(&mut stack, Some(KeyRefusal::Revoked)).await;
    stack.advance_to(at(40)).await.unwrap();
    stack.save(&options).unwrap();

    let (mut stack, _) = kept(directory.path(), 41).await;
    stack.stripe.refuse_key(Some(KeyRefusal::Revoked));
    stack.advance_to(at(90)).await.unwrap();
    assert_eq!(kinds(&stack), []);

    let (mut stack, _) = kept(directory.path(), 91).await;
    stack.advance_to(at(91) + SignedDuration::from_hours(26)).await.unwrap();
    assert_eq!(kinds(&stack), [one("stripe_key_refused", "recovered")]);
    assert_eq!(stack.stripe.books().captures, 3);
}

#[tokio::test]
async fn a_session_that_asks_stripe_for_nothing_is_no_sign_that_the_key_works() {
    let directory = tempfile::tempdir().unwrap();
    let (mut stack, options) = kept(directory.path(), 0).await;
    tell_until(&mut stack, &three_sessions(), 4).await;
    stack.advance_to(at(6)).await.unwrap();
    stack.stripe.refuse_key(Some(KeyRefusal::Revoked));
    tell_from(&mut stack, &three_sessions(), 4).await;
    let captured = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0);
    assert_eq!((captured.due(), stack.stripe.books().captures), (None, 1));
    stack.save(&options).unwrap();

    // A restart empties the queues, so that this one is rung before those that wait.
    let (mut stack, _) = kept(directory.path(), 30).await;
    stack.stripe.refuse_key(Some(KeyRefusal::Revoked));
    let ring = serde_json::to_string(&Ring::Session(captured.id)).unwrap();
    stack.queues.send("settle", &ring, SignedDuration::ZERO).unwrap();
    stack.advance_to(at(40)).await.unwrap();
    assert_eq!(kinds(&stack), []);
}

/// Nothing that is sent to Stripe arrives, until the faults are cleared.
fn cut_off(stack: &Stack) {
    for _ in 0..20_000 {
        stack.stripe.inject(StripeFault::DropBefore);
    }
}

async fn wait(stack: &mut Stack, minutes: i64) {
    let until = stack.clock.now() + SignedDuration::from_mins(minutes);
    stack.advance_to(until).await.unwrap();
}

/// How often this was told.
fn texts(stack: &Stack, kind: Kind, event: &str) -> usize {
    kinds(stack).into_iter().filter(|told| *told == one(kind.as_str(), event)).count()
}

#[tokio::test]
async fn a_move_whose_outcome_stripe_does_not_tell_for_an_hour_is_told_once_and_when_it_is_known() {
    let sites = site(json!({}));
    let mut stack = Stack::start(&Options { start: at(0), ..Options::default() }, &sites).await.unwrap();
    cut_off(&stack);
    let story = Story::new().start(0, 1_000).meter(5, "2000", "Wh");
    deliver(&mut stack, &story, |_| true).await;
    wait(&mut stack, 50).await;
    assert_eq!(texts(&stack, Kind::PaymentUnknown, "opened"), 0, "an hour is not over");
    wait(&mut stack, 180).await;
    assert_eq!((texts(&stack, Kind::PaymentUnknown, "opened"), texts(&stack, Kind::BillingStopped, "opened")), (1, 0));
    stack.stripe.clear_faults();
    wait(&mut stack, 60).await;
    let over = texts(&stack, Kind::PaymentUnknown, "recovered");
    assert_eq!((over, stack.stripe.books().open_holds), (1, 1));
}

#[tokio::test]
async fn f60_a_hold_that_is_about_to_lapse_is_told_once_and_when_it_is_renewed() {
    let sites = site(json!({}));
    let mut stack = Stack::start(&Options { start: at(0), ..Options::default() }, &sites).await.unwrap();
    let story = Story::new().start(0, 1_000).meter(60, "11000", "Wh").status(60, "SuspendedEV");
    deliver(&mut stack, &story, |_| true).await;
    wait(&mut stack, 60).await;
    cut_off(&stack);
    // It lapses 4 days and 18 hours after it was placed, and is renewed 12 hours before that.
    deliver(&mut stack, &Story::new().beats(1..4), |_| true).await;
    let left = at((4 * 24 + 6) * 60).duration_since(stack.clock.now());
    wait(&mut stack, left.as_mins()).await;
    assert_eq!(texts(&stack, Kind::CaptureOverdue, "opened"), 0);
    wait(&mut stack, 90).await;
    assert_eq!(texts(&stack, Kind::CaptureOverdue, "opened"), 1);
    stack.stripe.clear_faults();
    wait(&mut stack, 60).await;
    let over = texts(&stack, Kind::CaptureOverdue, "recovered");
    assert_eq!((over, stack.stripe.books().lapsed), (1, 0));
}
