//! From the charger's messages to the money, through the handlers that run on AWS.

use plugtill::edges::sns::SentMessage;
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::{Outcome, Reason};
use plugtill_tests::{Happened, Story, at};
use serde_json::json;

/// 10 kWh in an hour, unplugged at once: 3.50.
fn plain() -> Story {
    Story::new()
        .status(-1, "Preparing")
        .start(0, 1_000)
        .status(0, "Charging")
        .meter(30, "6000", "Wh")
        .stop(60, 11_000, "EVDisconnected")
        .status(60, "Available")
}

fn ends(happened: &Happened, outcome: Outcome, billed: i64, collected: i64) {
    let session = happened.session();
    assert_eq!((session.outcome, session.billed().minor()), (outcome, billed));
    assert_eq!(happened.collected_minor(), collected);
}

#[tokio::test]
async fn a_session_is_held_captured_and_accounted_for() {
    let happened = plain().happens(json!({})).await;
    ends(&happened, Outcome::Captured, 350, 350);
    let stripe = &happened.summary.stripe;
    assert_eq!((stripe.holds, stripe.captures, stripe.releases, stripe.top_ups), (1, 1, 0, 0));
    assert_eq!(happened.summary.energy_wh, 10_000);
}

#[tokio::test]
async fn idle_time_is_billed_after_the_grace_and_up_to_the_cap() {
    let idle = |minutes: i64| plain_until_idle().stop(60 + minutes, 11_000, "EVDisconnected");
    ends(&idle(15).happens(json!({})).await, Outcome::Captured, 350, 350);
    ends(&idle(16).happens(json!({})).await, Outcome::Captured, 360, 360);
    ends(&idle(600).happens(json!({})).await, Outcome::Captured, 350 + 1200, 350 + 1200);
}

fn plain_until_idle() -> Story {
    Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV")
}

#[tokio::test]
async fn power_withheld_by_the_station_is_never_idle() {
    let story = Story::new().start(0, 1_000).status(1, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEVSE");
    ends(&story.stop(200, 11_000, "EVDisconnected").happens(json!({})).await, Outcome::Captured, 350, 350);
}

#[tokio::test]
async fn charging_that_resumes_ends_the_idle_span() {
    let story = plain_until_idle().status(70, "Charging").meter(90, "12000", "Wh");
    ends(&story.stop(100, 13_000, "EVDisconnected").happens(json!({})).await, Outcome::Captured, 420, 420);
}

#[tokio::test]
async fn a_register_that_stands_still_speaks_where_the_charger_is_silent() {
    let story = Story::new().start(0, 1_000).meter(60, "11000", "Wh").meter(90, "11000", "Wh");
    // 60 minutes flat, 15 of grace.
    ends(&story.stop(120, 11_000, "EVDisconnected").happens(json!({})).await, Outcome::Captured, 350 + 450, 800);
}

#[tokio::test]
async fn a_vehicle_left_plugged_in_after_the_stop_is_idle_until_the_connector_is_free() {
    let story = Story::new().start(0, 1_000).meter(60, "11000", "Wh").stop(60, 11_000, "Local").status(60, "Finishing");
    // 100 minutes, 15 of grace.
    ends(&story.status(160, "Available").happens(json!({})).await, Outcome::Captured, 350 + 850, 1200);
}

#[tokio::test]
async fn idle_time_without_proof_of_occupation_is_not_billed() {
    let story = Story::new().start(0, 1_000).meter(60, "11000", "Wh").stop(60, 11_000, "Local").status(60, "Finishing");
    ends(&story.happens(json!({})).await, Outcome::Captured, 350, 350);
}

#[tokio::test]
async fn what_exceeds_the_hold_is_charged_beside_it() {
    let happened = plain().happens(json!({ "hold": "2.00" })).await;
    ends(&happened, Outcome::Captured, 350, 350);
    let session = happened.session();
    assert_eq!((session.done(Purpose::Capture).minor(), session.done(Purpose::TopUp).minor()), (200, 150));
}

#[tokio::test]
async fn an_excess_below_the_minimum_charge_is_split_so_that_both_parts_can_be_collected() {
    let happened = plain().happens(json!({ "hold": "3.20" })).await;
    let session = happened.session();
    assert_eq!((session.done(Purpose::Capture).minor(), session.done(Purpose::TopUp).minor()), (300, 50));
    ends(&happened, Outcome::Captured, 350, 350);
}

#[tokio::test]
async fn f64_a_bill_below_the_minimum_is_waived_and_the_hold_given_back() {
    let story = Story::new().start(0, 1_000).stop(10, 2_000, "EVDisconnected");
    let happened = story.happens(json!({})).await;
    ends(&happened, Outcome::Waived, 35, 0);
    assert_eq!(happened.session().reason, Some(Reason::BelowMinimum));
    assert_eq!(happened.summary.stripe.releases, 1);
    let nothing = Story::new().start(0, 1_000).stop(10, 1_000, "EVDisconnected").happens(json!({})).await;
    assert_eq!(nothing.session().reason, Some(Reason::NothingDue));
}

#[tokio::test]
async fn f58_a_card_declined_at_hold_and_at_the_end_is_uncollectable() {
    let story = Story::new().start_as("BROKE", 7, 0, 1_000).stop(60, 11_000, "EVDisconnected");
    let happened = story.happens(json!({})).await;
    ends(&happened, Outcome::Uncollectable, 350, 0);
    assert_eq!(happened.session().reason, Some(Reason::Declined("generic_decline".to_owned())));
}

#[tokio::test]
async fn a_tag_without_a_card_is_uncollectable_and_says_so() {
    let happened = plain().happens(json!({ "drivers": {} })).await;
    ends(&happened, Outcome::Uncollectable, 350, 0);
    assert_eq!(happened.session().reason, Some(Reason::NoPaymentMethod));
}

#[tokio::test]
async fn f60_a_hold_is_renewed_before_it_lapses_and_the_sum_captured_is_the_bill() {
    let ten_days = 10 * 24 * 60;
    let story = Story::new().start(0, 1_000).meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let happened = story.beats(1..10).stop(ten_days, 11_000, "EVDisconnected").happens(json!({})).await;
    ends(&happened, Outcome::Captured, 350 + 1200, 350 + 1200);
    let books = happened.replayed.stack.stripe.books();
    assert_eq!((books.holds, books.releases, books.captures, books.lapsed), (3, 2, 1, 0));
}

#[tokio::test]
async fn tax_is_a_line_of_its_own_on_the_sum_of_the_others() {
    let happened = plain().happens(json!({ "tax_percent": "19" })).await;
    ends(&happened, Outcome::Captured, 350 + 67, 417); // 66.5 cents, half away from zero
    assert_eq!(happened.summary.money[0].tax_minor, 67);
}

#[tokio::test]
async fn time_flat_and_parking_components_are_priced_together() {
    let component = |kind, price| json!({ "type": kind, "price": price });
    let components = [component("TIME", "1.20"), component("PARKING_TIME", "6.00"), component("FLAT", "0.25")];
    let tariff = json!({ "currency": "EUR", "elements": [{ "price_components": components }] });
    let story = plain_until_idle().stop(80, 11_000, "EVDisconnected");
    // One hour charging 1.20, twenty minutes parked 2.00, once 0.25.
    let happened = story.happens(json!({ "tariff": tariff, "idle": null })).await;
    ends(&happened, Outcome::Captured, 345, 345);
}

#[tokio::test]
async fn a_fault_is_told_once_however_often_it_is_repeated_and_its_end_is_told() {
    let mut story = Story::new();
    for minute in 0..20 {
        story = story.status(minute, "Faulted");
    }
    let happened = story.status(30, "Available").happens(json!({})).await;
    let sent = happened.replayed.stack.topics.sent();
    let texts: Vec<_> = sent.iter().map(SentMessage::text).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].starts_with("New: Charger fault, CP1 connector 1, Yard (GroundFailure)"), "{}", texts[0]);
    assert!(texts[1].starts_with("Over after 30 min: ") && texts[1].contains("20x"), "{}", texts[1]);
    assert_eq!(sent[0].at, at(2), "as soon as it has lasted for its delay");
    assert_eq!((happened.summary.alerts.sms, happened.summary.alerts.email), (2, 2));
}
