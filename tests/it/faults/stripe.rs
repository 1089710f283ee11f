//! Stripe: answers that are lost, late, stored or refused, and webhooks that come before, twice, days later or never.

use plugtill::stack::{Options, Stack};
use plugtill::stripe_simulator::{Disturbance, StripeFault};
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::session::{Outcome, Reason};
use plugtill_tests::wrong::Wrong::{LostAfter, Refused};
use plugtill_tests::wrong::{Edge, goes_wrong, hand_in, nth_goes_wrong, pass_to, tell_by_queue};
use plugtill_tests::{Happened, at, look_at, site, tell};
use serde_json::json;

use super::{as_without_fault, billed_350, moves, only_session, plain, state, through, yard};

/// The plain story in which this goes wrong with each of its requests to Stripe in turn: once, and longer than the gateway's own
/// tries last.
async fn money_moves_once(fault: StripeFault) {
    for (request, times) in [(0, 1), (0, 5), (1, 1), (1, 5)] {
        let (mut stack, sites) = yard(json!({})).await;
        for _ in 0..request {
            stack.stripe.inject(StripeFault::Nothing);
        }
        for _ in 0..times {
            stack.stripe.inject(fault);
        }
        let received = tell(&mut stack, &plain()).await;
        let happened = look_at(stack, received, &sites).await;
        billed_350(&happened);
        let what = format!("{fault:?} {times} times at request {request}");
        assert_eq!(moves(&happened.replayed.stack), (1, 1, 0, 0), "{what}");
        assert_eq!(happened.session().outcome, Outcome::Captured, "{what}");
        let again: u32 = happened.session().payments.iter().map(|payment| payment.retry).sum();
        let stored = matches!(fault, StripeFault::ServerError | StripeFault::ServerErrorAfterCommit);
        assert!(stored || again == 0, "{what}: a second key where the first was as good");
    }
}

#[tokio::test]
async fn f49_a_move_that_was_done_and_not_answered_is_found_done() {
    money_moves_once(StripeFault::DropAfterCommit).await;
}

#[tokio::test]
async fn f50_a_move_that_never_arrived_is_asked_for_again_with_its_key() {
    money_moves_once(StripeFault::DropBefore).await;
    money_moves_once(StripeFault::BadGateway).await;
}

#[tokio::test]
async fn f51_a_failure_that_stripe_keeps_under_the_key_gets_a_new_key_only_after_a_look() {
    money_moves_once(StripeFault::ServerError).await;
    money_moves_once(StripeFault::ServerErrorAfterCommit).await;
}

#[tokio::test]
async fn f54_a_key_that_is_in_flight_is_waited_for() {
    money_moves_once(StripeFault::InFlight).await;
}

#[tokio::test]
async fn f55_a_rate_limit_is_outwaited_with_the_same_key() {
    money_moves_once(StripeFault::RateLimited).await;
    // An hour of it: the work stays due, once a minute, and Stripe is not hurried.
    let (mut stack, sites) = yard(json!({})).await;
    let clock = stack.clock.clone();
    let met = goes_wrong(&stack, move |edge, _| {
        (edge == Edge::Stripe && (at(61)..at(121)).contains(&clock.now())).then_some(Refused)
    });
    let received = tell_by_queue(&mut stack, &plain()).await;
    assert!((50..=60 * 4 + 8).contains(&met.times()), "{} requests in an hour", met.times());
    let happened = look_at(stack, received, &sites).await;
    billed_350(&happened);
    assert_eq!(happened.session().payments.iter().map(|payment| payment.retry).sum::<u32>(), 0);
}

#[tokio::test]
async fn f56_an_intent_that_somebody_else_works_on_is_waited_for() {
    money_moves_once(StripeFault::LockTimeout).await;
}

#[tokio::test]
async fn f59_a_card_that_wants_its_holder_is_asked_once_a_move_and_the_driver_gets_a_link() {
    let drivers = json!({ "drivers": { "default_payment_method": "pm_card_authenticationRequired" } });
    let happened = through(&plain(), drivers, |_| ()).await;
    let session = happened.session();
    assert_eq!((session.outcome, happened.collected_minor()), (Outcome::Uncollectable, 0));
    assert_eq!(session.reason, Some(Reason::Declined("authentication_required".to_owned())));
    let told: Vec<_> = session.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(told[..2], [DriverNoticeKind::HoldDeclined, DriverNoticeKind::Unpaid]);
    assert!(session.balance.is_some(), "it is paid through the link from here on");
    let stack = &happened.replayed.stack;
    assert_eq!(stack.stripe.books().declines, 2, "one hold, one charge, nothing again");
    assert!(session.payments.iter().all(|payment| payment.retry == 0));
}

/// A product that Stripe tells what happens, to which something is about to happen.
async fn told_by_stripe(disturbance: Disturbance) -> (Stack, Vec<plugtill_domain::site::Site>) {
    let sites = site(json!({}));
    let options = Options { start: at(0), webhooks: Some(disturbance), one_clock: true, ..Options::default() };
    (Stack::start(&options, &sites).await.unwrap(), sites)
}

async fn undisturbed() -> Happened {
    let (mut stack, sites) = told_by_stripe(Disturbance::default()).await;
    let received = tell_by_queue(&mut stack, &plain()).await;
    look_at(stack, received, &sites).await
}

#[tokio::test]
async fn f66_webhooks_that_come_twice_change_nothing() {
    let undisturbed = undisturbed().await;
    let disturbance = Disturbance { duplicated_percent: 100, ..Disturbance::default() };
    let (mut stack, sites) = told_by_stripe(disturbance).await;
    let received = tell_by_queue(&mut stack, &plain()).await;
    as_without_fault(&look_at(stack, received, &sites).await, &undisturbed, "each event twice");
}

#[tokio::test]
async fn f67_a_webhook_before_the_answer_comes_to_the_same_as_the_answer() {
    let undisturbed = undisturbed().await;
    // The answers of hold and capture are lost so often that what Stripe tells by webhook is known first.
    for captures in [false, true] {
        let (mut stack, sites) = told_by_stripe(Disturbance::default()).await;
        let met = nth_goes_wrong(
            &stack,
            move |edge, path| {
                let of_capture = path.ends_with("/capture");
                edge == Edge::Stripe && path.starts_with("POST") && of_capture == captures
            },
            (0, 12),
            LostAfter,
        );
        let received = tell_by_queue(&mut stack, &plain()).await;
        assert!(met.times() >= 4, "only {} answers were lost", met.times());
        let happened = look_at(stack, received, &sites).await;
        as_without_fault(&happened, &undisturbed, if captures { "capture" } else { "hold" });
    }
}

#[tokio::test]
async fn f68_a_webhook_of_days_ago_is_looked_up_and_takes_nothing_back() {
    let undisturbed = undisturbed().await;
    for seed in 0..4 {
        let disturbance = Disturbance { held_up_to_seconds: 3 * 86_400, seed, ..Disturbance::default() };
        let (mut stack, sites) = told_by_stripe(disturbance).await;
        let last = hand_in(&mut stack, &plain()).await;
        pass_to(&mut stack, last + jiff::SignedDuration::from_mins(10)).await;
        let settled = only_session(&stack).await;
        assert_eq!(settled.outcome, Outcome::Captured, "nobody waits for a webhook");
        assert!(stack.stripe.next_webhook_at().is_some(), "and some are still on their way");
        pass_to(&mut stack, last + jiff::SignedDuration::from_hours(24 * 5)).await;
        assert_eq!(only_session(&stack).await, settled, "seed {seed}: what is told late is known already");
        let happened = look_at(stack, plain().count(), &sites).await;
        assert_eq!(state(happened.session()), state(undisturbed.session()));
    }
}
