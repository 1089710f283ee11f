//! Several workers at once, batches of which one item fails, and messages that no worker can take.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use plugtill::edges::sqs::LocalQueues;
use plugtill::stack::{SIMULATOR_KEY, Stack};
use plugtill::stripe_simulator::StripeSimulator;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::{Doorbell, Ring};
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::stripe::{Answer, HttpTransport, RetryPolicy, SecretKey, Stripe};
use plugtill_domain::ids::{ConnectorId, SessionId};
use plugtill_domain::session::{Outcome, Session};
use plugtill_settle::{Outage, Settle};
use plugtill_tests::wrong::Wrong::{DiedAfter, DiedBefore};
use plugtill_tests::wrong::{Edge, hand_in, nth_goes_wrong, pass_to};
use plugtill_tests::{at, look_at, site, stack};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::{billed_350, moves, only_session, plain, yard};

/// A second `settle` beside the stack's own, over the same table, with a clock and a way to Stripe of its own.
pub(super) fn another_settle(stack: &Stack, clock: Clock, transport: Arc<dyn HttpTransport>) -> Settle {
    let retry = RetryPolicy { attempts: 1, base_delay: std::time::Duration::ZERO };
    let stripe = Stripe::new(transport, SecretKey::new(SIMULATOR_KEY), "http://stripe.local").with_retry(retry);
    let (settle, notify) = (LocalQueues::url("settle"), LocalQueues::url("notify"));
    let doorbell = Doorbell::new(stack.queues.sdk_client(), settle, notify);
    let (store, wall) = (stack.store.clone(), clock.clone());
    let directory = Directory::new(store.clone(), wall.clone());
    let incidents = Incidents::new(store.clone(), directory.clone(), doorbell.clone());
    let outage = Outage::new(store.clone(), incidents.clone(), wall);
    Settle { store, directory, doorbell, stripe, clock, incidents, outage }
}

pub(super) fn clock_of(stack: &Stack) -> Clock {
    let clock = stack.clock.clone();
    Clock::from_fn(move || clock.now())
}

/// What SQS hands to a function: a ring for each of these sessions.
pub(super) fn rings<'a>(sessions: impl IntoIterator<Item = &'a SessionId>) -> SqsEvent {
    let message = |(number, id): (usize, &SessionId)| {
        let mut message = SqsMessage::default();
        message.message_id = Some(format!("m{number}"));
        message.body = Some(serde_json::to_string(&Ring::Session(id.clone())).unwrap());
        message
    };
    let mut event = SqsEvent::default();
    event.records = sessions.into_iter().enumerate().map(message).collect();
    event
}

/// Stripe, whose answer to the first capture is kept back until somebody lets it go.
#[derive(Debug)]
struct Slow {
    simulator: Arc<StripeSimulator>,
    gate: Mutex<Option<oneshot::Receiver<()>>>,
}

impl HttpTransport for Slow {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        let captures = request.uri().path().ends_with("/capture");
        let gate = captures.then(|| self.gate.lock().unwrap().take()).flatten();
        Box::pin(async move {
            let answer = self.simulator.send(request).await;
            if let Some(gate) = gate {
                let _ = gate.await;
            }
            answer
        })
    }
}

#[tokio::test]
async fn f45_a_worker_whose_time_is_over_while_it_still_runs_cannot_write_what_another_has_written() {
    let (mut stack, sites) = yard(json!({})).await;
    let received = hand_in(&mut stack, &plain()).await;
    stack.clock.advance_to(at(63));
    let id = only_session(&stack).await.id;
    let (let_go, gate) = oneshot::channel();
    let slow = Slow { simulator: stack.stripe.clone(), gate: Mutex::new(Some(gate)) };
    let first = another_settle(&stack, clock_of(&stack), Arc::new(slow));
    let event = rings([&id]);
    let running = tokio::spawn(async move { plugtill_settle::handle(&first, event).await });
    while stack.stripe.books().captures == 0 {
        tokio::task::yield_now().await;
    }
    // Its message has become visible again: another worker does the rest, and more, before the first hears of its capture.
    pass_to(&mut stack, received + SignedDuration::from_hours(2)).await;
    let done = stack.store.session(&id).await.unwrap().unwrap();
    assert_eq!(done.session.outcome, Outcome::Captured);
    let asked = stack.stripe.requests();
    let_go.send(()).unwrap();
    let handled = running.await.unwrap();
    assert!(handled.response.batch_item_failures.is_empty(), "it has nothing to do any more");
    assert_eq!(stack.store.session(&id).await.unwrap().unwrap(), done, "its late write is refused");
    assert_eq!((stack.stripe.requests(), moves(&stack)), (asked, (1, 1, 0, 0)));
    pass_to(&mut stack, received + SignedDuration::from_hours(26)).await;
    billed_350(&look_at(stack, plain().count(), &sites).await);
}

/// The plain story at ten chargers, each message of all of them in one batch.
async fn at_ten_chargers() -> (Stack, Vec<plugtill_domain::site::Site>, Vec<Vec<String>>) {
    let chargers = json!([{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22_000 }] }]);
    let sites = site(json!({ "chargers": chargers }));
    let of = |line: &str| (1..=10).map(|number| line.replace("CP1/", &format!("CP{number}/"))).collect();
    let batches = plain().traffic().lines().map(of).collect();
    (stack(&sites).await, sites, batches)
}

async fn hand_in_batches(stack: &mut Stack, batches: &[Vec<String>]) {
    for batch in batches {
        let told: Value = serde_json::from_str(&batch[0]).unwrap();
        pass_to(stack, told["received_at"].as_str().unwrap().parse().unwrap()).await;
        for line in batch {
            stack.hand_in(line).unwrap();
        }
    }
}

async fn sessions_of(stack: &Stack) -> Vec<Session> {
    let mut sessions = Vec::new();
    for number in 1..=10 {
        let charger = format!("CP{number}").parse().unwrap();
        sessions.extend(stack.store.sessions(&charger, ConnectorId(1)).await.unwrap());
    }
    sessions
}

#[tokio::test]
async fn f46_of_a_batch_of_ten_only_the_item_that_fails_comes_back_and_none_is_done_twice() {
    let (mut stack, sites, batches) = at_ten_chargers().await;
    hand_in_batches(&mut stack, &batches).await;
    pass_to(&mut stack, at(61)).await;
    stack.clock.advance_to(at(63));
    let ids: Vec<SessionId> = sessions_of(&stack).await.into_iter().map(|session| session.id).collect();
    let kept = spoil(&stack, &ids[6]).await;
    let settle = another_settle(&stack, clock_of(&stack), stack.stripe.clone());
    let handled = plugtill_settle::handle(&settle, rings(&ids)).await;
    let failed: Vec<_> = handled.response.batch_item_failures.iter().map(|it| it.item_identifier.as_str()).collect();
    assert_eq!((failed, moves(&stack).1), (vec!["m6"], 9), "the seventh comes back, nine are done");
    mend(&stack, kept).await;
    // A function that ends at the seventh of ten brings all ten back.
    let (mut dying, _, _) = at_ten_chargers().await;
    nth_goes_wrong(&dying, |edge, path| edge == Edge::Stripe && path.ends_with("/capture"), (6, 1), DiedAfter);
    hand_in_batches(&mut dying, &batches).await;
    for stack in [&mut stack, &mut dying] {
        pass_to(stack, at(26 * 60)).await;
        assert_eq!(moves(stack), (10, 10, 0, 0));
    }
    let happened = look_at(dying, 10 * plain().count(), &sites).await;
    assert_eq!((happened.summary.sessions.captured, happened.collected_minor()), (10, 10 * 350));
}

#[tokio::test]
async fn f47_a_batch_of_which_a_part_is_written_when_its_function_is_killed_comes_back_and_counts_once() {
    let is_write = |edge: Edge, operation: &str| edge == Edge::Table && operation != "Query" && operation != "GetItem";
    for (first, wrong) in [1, 5, 12, 23, 31, 44].into_iter().flat_map(|at| [(at, DiedBefore), (at, DiedAfter)]) {
        let (mut stack, sites, batches) = at_ten_chargers().await;
        let met = nth_goes_wrong(&stack, is_write, (first, 2), wrong);
        hand_in_batches(&mut stack, &batches).await;
        pass_to(&mut stack, at(26 * 60)).await;
        assert_eq!(met.times(), 2);
        assert_eq!(moves(&stack), (10, 10, 0, 0), "{wrong:?} at write {first}");
        let happened = look_at(stack, 10 * plain().count(), &sites).await;
        assert_eq!((happened.summary.sessions.captured, happened.collected_minor()), (10, 10 * 350));
    }
}

/// Makes a session's item one that no code can read; what it was before.
async fn spoil(stack: &Stack, id: &SessionId) -> HashMap<String, AttributeValue> {
    let client = stack.table.sdk_client();
    let all = client.scan().table_name("plugtill").send().await.unwrap().items.unwrap();
    let head = |item: &&HashMap<String, AttributeValue>| {
        item["pk"].as_s().unwrap() == &format!("c#{}#{}", id.charger, id.connector)
            && item["sk"].as_s().unwrap().starts_with("s#")
    };
    let kept = all.iter().find(head).unwrap().clone();
    let mut spoilt = kept.clone();
    spoilt.insert("doc".to_owned(), AttributeValue::S("{\"half\":".to_owned()));
    client.put_item().table_name("plugtill").set_item(Some(spoilt)).send().await.unwrap();
    kept
}

async fn mend(stack: &Stack, kept: HashMap<String, AttributeValue>) {
    stack.table.sdk_client().put_item().table_name("plugtill").set_item(Some(kept)).send().await.unwrap();
}

#[tokio::test]
async fn f48_what_no_code_can_handle_becomes_a_dead_letter_is_told_and_holds_nothing_up() {
    let (mut stack, _, batches) = at_ten_chargers().await;
    hand_in_batches(&mut stack, &batches).await;
    pass_to(&mut stack, at(61)).await;
    let poisoned = sessions_of(&stack).await.remove(3).id;
    let kept = spoil(&stack, &poisoned).await;
    for minute in (65..=240).step_by(5) {
        pass_to(&mut stack, at(minute)).await;
        stack.look_for_work();
    }
    assert_eq!(moves(&stack), (10, 9, 0, 1), "the other nine are paid in time");
    let letters = stack.queues.dead_letters("settle");
    assert!(!letters.is_empty() && letters.iter().all(|letter| letter.receive_count == 5), "{letters:?}");
    assert!(letters.iter().all(|letter| letter.body.contains("CP4")), "{letters:?}");
    let told = |event: &str| {
        let sent = stack.topics.sent();
        sent.iter().filter(|it| (it.attribute("kind"), it.attribute("event")) == ("dead_letters", event)).count()
    };
    assert_eq!(told("opened"), 1);
    // The code is mended: what was given up is handed in once more.
    mend(&stack, kept).await;
    assert!(stack.redrive().unwrap() > 0);
    pass_to(&mut stack, at(26 * 60)).await;
    assert_eq!(moves(&stack), (10, 10, 0, 0));
    // Rings that had been received too often before are given up now, and find nothing to do either.
    stack.redrive().unwrap();
    pass_to(&mut stack, at(28 * 60)).await;
    assert_eq!(stack.queues.dead_letters("settle"), []);
}
