//! Payments under every fault, through the handlers that run on AWS: the real client, with only its transport exchanged.

use plugtill::stripe_simulator::StripeFault;
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::Outcome;
use plugtill_tests::{Happened, Story, look_at, site, stack, tell};
use serde_json::{Value, json};

const EVERY_FAULT: [StripeFault; 8] = [
    StripeFault::ServerError,
    StripeFault::ServerErrorAfterCommit,
    StripeFault::BadGateway,
    StripeFault::RateLimited,
    StripeFault::LockTimeout,
    StripeFault::InFlight,
    StripeFault::DropAfterCommit,
    StripeFault::DropBefore,
];

/// 10 kWh in an hour, unplugged at once: 3.50.
fn plain() -> Story {
    Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

/// The same, but a reading that arrives late shows that 5 minutes of the idle time were charging.
fn corrected() -> Story {
    let idle = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let ended = idle.stop(120, 11_000, "EVDisconnected").status(120, "Available");
    ended.status_received(70, 200, "SuspendedEVSE")
}

/// A story in which the n-th request to Stripe, and those after it, go wrong in this way so many times.
async fn with_faults(story: &Story, change: Value, (fault, times): (StripeFault, usize), request: usize) -> Happened {
    let sites = site(change);
    let mut stack = stack(&sites).await;
    for _ in 0..request {
        stack.stripe.inject(StripeFault::Nothing);
    }
    for _ in 0..times {
        stack.stripe.inject(fault);
    }
    let received = tell(&mut stack, story).await;
    look_at(stack, received, &sites).await
}

fn collected(happened: &Happened, minor: i64, what: &str) {
    let session = happened.session();
    assert_eq!((session.outcome, session.collected().minor()), (Outcome::Captured, minor), "{what}: {session:#?}");
    assert_eq!(happened.collected_minor(), minor, "{what}: in Stripe's own books");
    assert_eq!(happened.replayed.stack.stripe.books().open_holds, 0, "{what}: a hold was left");
}

#[tokio::test]
async fn f51_a_top_up_whose_answer_is_lost_is_looked_for_and_made_once() {
    for fault in EVERY_FAULT {
        let what = format!("{fault:?}");
        let happened = with_faults(&plain(), json!({ "hold": "2.00" }), (fault, 1), 2).await;
        collected(&happened, 350, &what);
        let books = happened.replayed.stack.stripe.books();
        assert_eq!((books.captures, books.top_ups), (1, 1), "{what}");
    }
}

#[tokio::test]
async fn f51_a_refund_whose_answer_is_lost_is_looked_for_and_made_once() {
    let quiet = corrected().happens(json!({})).await;
    let refunded = quiet.session().done(Purpose::Refund).minor();
    assert!(refunded > 0, "the late evidence lowers the bill");
    for fault in EVERY_FAULT {
        let happened = with_faults(&corrected(), json!({}), (fault, 1), 2).await;
        collected(&happened, quiet.session().billed().minor(), &format!("{fault:?}"));
        assert_eq!(happened.replayed.stack.stripe.books().refunds, 1, "{fault:?}");
    }
}

#[tokio::test]
async fn f51_a_release_whose_answer_is_lost_leaves_no_hold() {
    let nothing = Story::new().start(0, 1_000).stop(10, 1_000, "EVDisconnected").status(10, "Available");
    for fault in EVERY_FAULT {
        let happened = with_faults(&nothing, json!({}), (fault, 1), 1).await;
        let books = happened.replayed.stack.stripe.books();
        assert_eq!((books.open_holds, books.captures), (0, 0), "{fault:?}");
        assert_eq!(happened.session().outcome, Outcome::Waived);
    }
}

#[tokio::test]
async fn f52_after_the_key_is_forgotten_the_hold_is_looked_for_before_another_is_made() {
    // The hold is made, its answer is lost, and Stripe is away for more than a day.
    let sites = site(json!({}));
    let mut stack = stack(&sites).await;
    stack.stripe.inject(StripeFault::DropAfterCommit);
    for _ in 0..6_500 {
        stack.stripe.inject(StripeFault::DropBefore);
    }
    let story = Story::new().start(0, 1_000).stop(60 * 30, 11_000, "EVDisconnected").status(60 * 30, "Available");
    let received = tell(&mut stack, &story).await;
    let happened = look_at(stack, received, &sites).await;
    collected(&happened, 350, "a day without Stripe");
    let books = happened.replayed.stack.stripe.books();
    assert_eq!((books.holds, books.captures, books.top_ups), (1, 1, 0), "one hold was made, and found again");
}
