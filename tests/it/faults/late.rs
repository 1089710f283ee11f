//! What is told after the settlement: hours, days, weeks.

use plugtill_domain::session::{Outcome, Reason};
use plugtill_tests::{Story, at, stop_body};
use serde_json::json;

/// The stop comes `days` after a session that was closed without it; it proves 3.50 more.
fn stop_after(days: i64) -> Story {
    let stop = stop_body(7, 120, 21_000, "EVDisconnected");
    Story::new().start(0, 1_000).meter(60, "11000", "Wh").call(at(days * 24 * 60), "StopTransaction", &stop)
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
    assert_eq!((happened.summary.stripe.refunds, happened.summary.stripe.captures), (1, 1));
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
async fn f20_a_stop_after_the_session_was_closed_without_it_asks_for_the_rest() {
    let happened = stop_after(4).happens(json!({})).await;
    let session = happened.session();
    assert_eq!((session.outcome, session.billed().minor()), (Outcome::Captured, 700));
    assert_eq!(session.captured().minor(), 700, "twice 3.50, never one capture twice");
    let books = happened.replayed.stack.stripe.books();
    assert_eq!((books.captures, books.top_ups), (1, 1));
}

#[tokio::test]
async fn f21_a_stop_after_the_hold_and_its_week_are_over_is_charged_only_where_the_site_says_so() {
    let after = stop_after(12).happens(json!({})).await;
    assert_eq!((after.session().collected().minor(), after.collected_minor()), (350, 350));
    assert_eq!(after.session().reason, Some(Reason::LateEvidenceWaived), "given up with its reason, and visible");
    assert_eq!(after.session().waived.minor(), 350);
    let charged = stop_after(12).happens(json!({ "late_evidence": "charge" })).await;
    let books = charged.replayed.stack.stripe.books();
    assert_eq!((charged.collected_minor(), books.captures, books.top_ups, books.open_holds), (700, 1, 1, 0));
}

#[tokio::test]
async fn late_evidence_counts_also_when_the_unplug_comes_with_it() {
    let idle = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let story = idle.stop(160, 11_500, "EVDisconnected").status_received(61, 200, "Charging");
    // Delivered in one batch with the late status.
    let happened = story.status_received(161, 200, "Available").happens(json!({})).await;
    assert_eq!((happened.session().billed().minor(), happened.collected_minor()), (368, 368));
}
