//! Functions that end in the middle of their work, between one effect and the next. `simulate::crash_table` has every place.

use plugtill::stack::Stack;
use plugtill_adapters::doorbell::Ring;
use plugtill_domain::closing::EndCause;
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::Outcome;
use plugtill_tests::wrong::Wrong::{DiedAfter, DiedBefore, LostAfter, LostBefore};
use plugtill_tests::wrong::{Edge, Wrong, goes_wrong, hand_in, nth_goes_wrong, pass_to, tell_by_queue};
use plugtill_tests::{Story, at, look_at, stop_body};
use serde_json::json;

use super::{alerts, as_without_fault, billed_350, idle, moves, only_session, plain, through, yard};

fn writes(edge: Edge, operation: &str) -> bool {
    edge == Edge::Table && ["PutItem", "BatchWriteItem", "TransactWriteItems", "UpdateItem"].contains(&operation)
}

fn captures(edge: Edge, operation: &str) -> bool {
    edge == Edge::Stripe && operation.ends_with("/capture")
}

/// The first table write after Stripe has captured goes wrong so.
fn after_the_capture(stack: &Stack, times: u32, wrong: Wrong) -> plugtill_tests::wrong::Met {
    let (mut captured, mut left) = (false, times);
    goes_wrong(stack, move |edge, operation| {
        captured |= captures(edge, operation);
        let now = captured && left > 0 && edge == Edge::Table && operation == "TransactWriteItems";
        left -= u32::from(now);
        now.then_some(wrong)
    })
}

#[tokio::test]
async fn f36_a_crash_before_the_first_write_leaves_all_to_the_redelivery() {
    let undisturbed = through(&plain(), json!({}), |_| ()).await;
    for times in 1..=3 {
        let happened = through(&plain(), json!({}), |stack| {
            nth_goes_wrong(stack, writes, (0, times), DiedBefore);
        })
        .await;
        assert_eq!(happened.summary.messages.processed, undisturbed.summary.messages.processed, "each counted once");
        billed_350(&happened);
        assert_eq!(moves(&happened.replayed.stack), (1, 1, 0, 0), "{times} crashes");
    }
}

#[tokio::test]
async fn f37_a_capture_that_was_intended_and_never_sent_is_sent_with_the_same_key() {
    let (mut stack, sites) = yard(json!({})).await;
    let met = nth_goes_wrong(&stack, captures, (0, 2), DiedBefore);
    let last = hand_in(&mut stack, &plain()).await;
    pass_to(&mut stack, at(62)).await;
    let waiting = only_session(&stack).await;
    assert_eq!(met.times(), 1, "the function is no more");
    assert_eq!(
        waiting.next_payment().map(|payment| payment.purpose),
        Some(Purpose::Capture),
        "but what it intended is"
    );
    pass_to(&mut stack, last + jiff::SignedDuration::from_hours(2)).await;
    assert_eq!(met.times(), 2);
    let happened = look_at(stack, plain().count(), &sites).await;
    billed_350(&happened);
    assert!(happened.session().payments.iter().all(|payment| payment.retry == 0), "no second key was needed");
}

#[tokio::test]
async fn f38_captured_but_not_recorded_is_captured_once() {
    for times in 1..=3 {
        for wrong in [DiedBefore, LostBefore] {
            let happened = through(&plain(), json!({}), |stack| {
                after_the_capture(stack, times, wrong);
            })
            .await;
            billed_350(&happened);
            assert_eq!(moves(&happened.replayed.stack), (1, 1, 0, 0), "{wrong:?}, {times} times");
            assert!(happened.session().payments.iter().all(|payment| payment.retry == 0), "by the same key");
        }
    }
}

#[tokio::test]
async fn f39_what_is_recorded_and_not_yet_told_is_told_later() {
    let (mut stack, sites) = yard(json!({})).await;
    // SNS is out of reach of every process that tries, three times.
    let met = nth_goes_wrong(&stack, |edge, _| edge == Edge::Topics, (0, 3), DiedBefore);
    let story = plain().status(90, "Faulted").status(120, "Available");
    let received = tell_by_queue(&mut stack, &story).await;
    assert_eq!(met.times(), 3);
    let told: Vec<_> = stack.topics.sent().iter().map(|sent| sent.attribute("event").to_owned()).collect();
    assert_eq!(told, ["opened", "recovered"], "each once");
    assert!(stack.topics.sent()[0].at <= at(92 + 5), "as soon as a process lives: {}", stack.topics.sent()[0].at);
    billed_350(&look_at(stack, received, &sites).await);
}

#[tokio::test]
async fn f39_what_a_session_brings_to_light_is_told_although_the_function_ends_as_it_stores_it() {
    // Nothing is heard for two days: settle notes when it looked, and ends with that.
    for wrong in [DiedBefore, DiedAfter] {
        let (mut stack, _) = yard(json!({})).await;
        let clock = stack.clock.clone();
        let at_last = move |edge: Edge, operation: &str| {
            edge == Edge::Table && operation == "PutItem" && clock.now() > at(47 * 60)
        };
        let met = nth_goes_wrong(&stack, at_last, (0, 1), wrong);
        hand_in(&mut stack, &Story::new().start(0, 1_000).meter(60, "11000", "Wh")).await;
        pass_to(&mut stack, at(52 * 60)).await;
        let told: Vec<_> = stack.topics.sent().iter().map(|sent| sent.attribute("kind").to_owned()).collect();
        assert_eq!(met.times(), 1);
        assert!(told.contains(&"stuck_session".to_owned()), "{wrong:?}: {told:?}");
    }
}

#[tokio::test]
async fn f40_an_alert_that_was_told_and_not_marked_is_told_again_under_its_own_name() {
    let (mut stack, _) = yard(json!({})).await;
    nth_goes_wrong(&stack, |edge, _| edge == Edge::Topics, (0, 2), DiedAfter);
    tell_by_queue(&mut stack, &Story::new().status(0, "Faulted").status(30, "Available")).await;
    let mut names = alerts(&stack);
    assert_eq!(names.len(), 2 + 2, "twice told in vain: {names:?}");
    assert_eq!(names[..3].iter().collect::<std::collections::BTreeSet<_>>().len(), 1, "all three bear one name");
    names.dedup();
    assert_eq!(names.len(), 2, "who counts by name counts one that it is broken and one that it is over");
}

#[tokio::test]
async fn f41_a_session_that_is_written_and_rung_for_by_nobody_is_found_by_sweep() {
    let undisturbed = through(&idle(), json!({}), |_| ()).await;
    for wrong in [DiedBefore, LostBefore] {
        let (mut stack, sites) = yard(json!({})).await;
        // Every ring of the first three hours: the messages' and the ones settle sends itself.
        let clock = stack.clock.clone();
        let met = goes_wrong(&stack, move |edge, _| {
            (edge == Edge::Queues && clock.now() > at(150) && clock.now() < at(164)).then_some(wrong)
        });
        let received = tell_by_queue(&mut stack, &idle()).await;
        assert!(met.times() > 0);
        let happened = look_at(stack, received, &sites).await;
        assert_eq!(happened.session().bill, undisturbed.session().bill);
        assert_eq!(moves(&happened.replayed.stack), moves(&undisturbed.replayed.stack), "{wrong:?}");
    }
}

#[tokio::test]
async fn f42_a_ring_for_what_was_never_written_or_is_done_does_nothing() {
    let (mut stack, sites) = yard(json!({})).await;
    let received = tell_by_queue(&mut stack, &plain()).await;
    let done = only_session(&stack).await;
    let version = stack.store.session(&done.id).await.unwrap().unwrap().version;
    let asked = stack.stripe.requests();
    let never = "CP1~1~2026-01-01T00:00:00.000Z".parse().unwrap();
    for id in [done.id.clone(), never, done.id.clone()] {
        let ring = serde_json::to_string(&Ring::Session(id)).unwrap();
        stack.queues.send("settle", &ring, jiff::SignedDuration::ZERO).unwrap();
    }
    let later = stack.clock.now() + jiff::SignedDuration::from_hours(3);
    pass_to(&mut stack, later).await;
    assert_eq!(stack.store.session(&done.id).await.unwrap().unwrap().version, version);
    assert_eq!((stack.stripe.requests(), stack.queues.depth("settle")), (asked, 0), "taken, and nothing done");
    assert_eq!(stack.queues.dead_letters("settle"), []);
    billed_350(&look_at(stack, received, &sites).await);
}

#[tokio::test]
async fn f43_a_function_that_is_ended_while_stripe_works_leaves_an_outcome_that_is_looked_up() {
    let undisturbed = through(&plain(), json!({}), |_| ()).await;
    for wrong in [DiedBefore, DiedAfter] {
        for (place, times) in (0..3).flat_map(|place| (1..=3).map(move |times| (place, times))) {
            let happened = through(&plain(), json!({}), |stack| {
                nth_goes_wrong(stack, |edge, _| edge == Edge::Stripe, (place, times), wrong);
            })
            .await;
            billed_350(&happened);
            let same = moves(&happened.replayed.stack) == moves(&undisturbed.replayed.stack);
            assert!(same, "{wrong:?} at request {place}, {times} times");
        }
    }
}

#[tokio::test]
async fn f44_a_function_that_never_has_time_left_locks_nothing_and_the_work_goes_on_by_itself() {
    let (mut stack, sites) = yard(json!({})).await;
    let clock = stack.clock.clone();
    // From the stop on each process ends at its first request, for twenty minutes.
    let met = goes_wrong(&stack, move |_, _| ((at(61)..at(81)).contains(&clock.now())).then_some(DiedBefore));
    let received = hand_in(&mut stack, &plain()).await;
    pass_to(&mut stack, at(81)).await;
    assert!(met.times() >= 15, "only {} processes were ended", met.times());
    pass_to(&mut stack, at(84)).await;
    let session = only_session(&stack).await;
    assert_eq!(session.outcome, Outcome::Captured, "three minutes later all is done: {session:#?}");
    pass_to(&mut stack, received + jiff::SignedDuration::from_hours(26)).await;
    let happened = look_at(stack, plain().count(), &sites).await;
    billed_350(&happened);
    as_without_fault(&happened, &through(&plain(), json!({}), |_| ()).await, "but for the time it took");
}

#[tokio::test]
async fn f23_the_session_before_is_told_of_the_next_one_whatever_becomes_of_the_function_that_opened_that() {
    for (write, wrong) in (0..6).flat_map(|write| [(write, LostAfter), (write, DiedAfter)]) {
        let (mut stack, sites) = yard(json!({})).await;
        let lost = Story::new().start(0, 1_000).meter(50, "9000", "Wh");
        hand_in(&mut stack, &lost).await;
        let start = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 9_500, "timestamp": at(100).to_string() });
        let next = Story::new().frame("in", at(100), &json!([2, "start-8", "StartTransaction", start]));
        let answer = json!([3, "start-8", { "transactionId": 8, "idTagInfo": { "status": "Accepted" } }]);
        let next = next.frame("out", at(101), &answer);
        nth_goes_wrong(&stack, writes, (write, 1), wrong);
        hand_in(&mut stack, &next).await;
        let stop = stop_body(8, 160, 19_500, "EVDisconnected");
        let ends = Story::new().call(at(160), "StopTransaction", &stop).status(160, "Available");
        tell_by_queue(&mut stack, &ends).await;
        let happened = look_at(stack, lost.count() + next.count() + ends.count(), &sites).await;
        let closed = happened.accounts.sessions[0].closed.map(|closed| closed.cause);
        assert_eq!(closed, Some(EndCause::NextSession), "{wrong:?} at write {write}");
    }
}
