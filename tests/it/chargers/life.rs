//! What happens to chargers: lost stops, reboots, days offline, clocks, registers, flapping. F01 to F35 of the catalogue
//! that are not in `faults` (which listens beside another back end).

use plugtill_domain::checkout::Buyer;
use plugtill_domain::closing::EndCause;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::incident::{Kind, Subject};
use plugtill_domain::language::Language;
use plugtill_domain::session::{Outcome, Reason};
use plugtill_domain::timeline::Implausible;
use plugtill_tests::{Happened, Story, at, site, stack, stop_body, tell};
use plugtill_texts::receipt::{Facts, Receipt};
use serde_json::{Value, json};

use super::session;

fn bills(happened: &Happened) -> Vec<(Outcome, i64)> {
    let sessions = happened.accounts.sessions.iter();
    sessions.map(|session| (session.outcome, session.billed().minor())).collect()
}

fn body(connector: u32, tag: &str, minute: i64, register: i64) -> Value {
    json!({ "connectorId": connector, "idTag": tag, "meterStart": register, "timestamp": at(minute).to_string() })
}

#[tokio::test]
async fn f05_the_same_message_with_another_body_is_quarantined_and_the_first_counts() {
    let other_start = json!([2, "start-7-0", "StartTransaction", body(1, "TAG1", 0, 900)]);
    let other_stop = stop_body(7, 60, 12_000, "EVDisconnected");
    let story = Story::new().start(0, 1_000).frame("in", at(1), &other_start).stop(60, 11_000, "EVDisconnected");
    let happened = story.call(at(61), "StopTransaction", &other_stop).happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 350)]);
    assert_eq!(happened.summary.messages.quarantined, 2);
}

#[tokio::test]
async fn f07_meter_values_after_the_stop_change_no_bill() {
    let story = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").meter(61, "11000", "Wh");
    let happened = story.meter(62, "19000", "Wh").happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 350)]);
}

#[tokio::test]
async fn f09_a_stop_that_never_arrives_is_closed_by_the_connector_that_became_free() {
    let story = Story::new().start(0, 1_000).meter(50, "9000", "Wh").status(60, "Available");
    let happened = story.happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 280)]);
    let closed = happened.session().closed.unwrap();
    assert_eq!((closed.at, closed.cause), (at(60), EndCause::Unplugged));
}

#[tokio::test]
async fn f09_that_a_connector_became_free_is_billed_although_it_is_told_after_the_settlement() {
    let story = Story::new().start(0, 1_000).status(1, "Charging").meter(50, "9000", "Wh").status(50, "SuspendedEV");
    let story = story.start_as("TAG1", 8, 200, 9_500).status_received(110, 240, "Available");
    let stop = stop_body(8, 260, 9_500, "EVDisconnected");
    let story = story.call(at(260), "StopTransaction", &stop);
    let happened = story.happens(json!({ "late_evidence": "charge" })).await;
    // 8 kWh, and 60 minutes in which it stayed, 15 of them grace; it had been settled by what was known of minute 50.
    assert_eq!(bills(&happened)[0], (Outcome::Captured, 280 + 450));
    let session = &happened.accounts.sessions[0];
    assert_eq!(session.closed.map(|closed| closed.cause), Some(EndCause::NextSession));
    assert_eq!(session.reason, Some(Reason::LateEvidenceCharged));
}

#[tokio::test]
async fn f09_a_session_of_a_charger_that_fell_silent_is_billed_by_its_last_reading_and_not_before() {
    let sites = site(json!({}));
    let mut stack = stack(&sites).await;
    // Heartbeats go on for three days: the charger lives, and so may its session.
    tell(&mut stack, &Story::new().start(0, 1_000).meter(60, "11000", "Wh").beats(1..3)).await;
    assert_eq!(session(&stack, 1, at(60)).await.outcome, Outcome::Open, "counted from the last sign of life");
    stack.advance_to(at((3 + 2) * 24 * 60)).await.unwrap();
    let closed = session(&stack, 1, at(60)).await;
    assert_eq!(closed.closed.map(|closed| (closed.at, closed.cause)), Some((at(60), EndCause::Silence)));
    assert_eq!((closed.outcome, closed.collected().minor()), (Outcome::Captured, 350));
}

#[tokio::test]
async fn f09_a_charger_that_speaks_of_another_connector_is_not_silent() {
    let sites = site(json!({ "chargers": [{ "id": "CP1", "connectors": [
        { "id": 1, "max_power_w": 22000 }, { "id": 2, "max_power_w": 22000 }] }] }));
    let lost = || Story::new().start(0, 1_000).meter(60, "11000", "Wh");
    let day = |days: i64| days * 24 * 60;
    let other = json!({ "connectorId": 2, "errorCode": "NoError", "status": "Available",
                        "timestamp": at(day(2) - 60).to_string() });
    let reported = |story: Story, at_minute: i64| story.call(at(at_minute), "StatusNotification", &other);
    let charged = |story: Story, at_minute: i64| {
        let started = json!([2, "other", "StartTransaction", body(2, "TAG1", at_minute, 0)]);
        story.frame("in", at(at_minute), &started)
    };
    // A stop that nobody can place, of a transaction whose number was never told.
    let stop = json!({ "transactionId": 99, "meterStop": 5, "timestamp": at(day(2) - 60).to_string() });
    let stopped = |story: Story, at_minute: i64| story.call(at(at_minute), "StopTransaction", &stop);
    let then = day(2) - 60;
    for spoken in [reported(lost(), then), charged(lost(), then), stopped(lost(), then)] {
        let mut stack = stack(&sites).await;
        tell(&mut stack, &spoken).await;
        stack.advance_to(at(day(4) - 61)).await.unwrap();
        assert_eq!(
            session(&stack, 1, at(60)).await.outcome,
            Outcome::Open,
            "counted from what it last said of the other"
        );
        stack.advance_to(at(day(4) + 60)).await.unwrap();
        let closed = session(&stack, 1, at(60)).await;
        assert_eq!(closed.closed.map(|closed| (closed.at, closed.cause)), Some((at(60), EndCause::Silence)));
        assert_eq!(closed.collected().minor(), 350);
    }
}

#[tokio::test]
async fn f14_a_register_that_is_reset_in_mid_session_is_flagged_and_never_added_up() {
    let reset = || Story::new().start(0, 1_000).meter(20, "6000", "Wh").meter(25, "0", "Wh");
    let happened = reset().stop(40, 900, "EVDisconnected").happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Quarantined, 0)], "below the start: nothing is charged");
    let happened = reset().meter(30, "500", "Wh").stop(40, 3_000, "EVDisconnected").happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 70)], "the difference of start and stop, in the driver's favour");
    assert!(happened.summary.messages.quarantined >= 1, "and what contradicts it waits for a person");
}

#[tokio::test]
async fn f14_a_stop_that_contradicts_a_bill_made_without_it_waits_for_a_person() {
    let story = Story::new().start(0, 1_000).meter(50, "9000", "Wh").status(60, "Available");
    let late = stop_body(7, 59, 900, "EVDisconnected");
    let happened = story.call(at(24 * 60), "StopTransaction", &late).happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 280)], "what was shown of it stands");
    assert_eq!(happened.session().contradicted, Some(Implausible::RegisterFell));
    let stack = &happened.replayed.stack;
    let subject =
        Subject::of_connector(Kind::MeterAnomaly, "yard".parse().unwrap(), "CP1".parse().unwrap(), ConnectorId(1));
    let told = stack.store.incident(subject).await.unwrap().incident.unwrap();
    assert!(told.facts.ends_with("is billed, and then the energy register fell"), "{}", told.facts);
}

#[tokio::test]
async fn f15_a_register_that_wraps_is_flagged() {
    let story = Story::new().start(0, 4_294_966_000).stop(40, 500, "EVDisconnected");
    assert_eq!(bills(&story.happens(json!({})).await), [(Outcome::Quarantined, 0)]);
}

#[tokio::test]
async fn f19_a_day_offline_and_then_everything_at_once_is_billed_by_the_chargers_time() {
    let online = Story::new()
        .start(0, 1_000)
        .status(0, "Charging")
        .meter(60, "11000", "Wh")
        .status(60, "SuspendedEV")
        .stop(90, 11_000, "EVDisconnected")
        .status(90, "Available");
    let billed = bills(&online.clone().happens(json!({})).await);
    assert_eq!(billed, [(Outcome::Captured, 350 + 150)]);
    let a_day_later = online.received_at_once(at(25 * 60));
    assert_eq!(bills(&a_day_later.happens(json!({})).await), billed);
}

#[tokio::test]
async fn f23_a_reboot_that_loses_the_stop_ends_the_old_session_where_the_new_one_begins() {
    let story = Story::new().start(0, 1_000).meter(50, "9000", "Wh");
    let story = story.start_as("TAG1", 8, 100, 9_500).status(100, "Charging");
    let second = stop_body(8, 160, 19_500, "EVDisconnected");
    let happened = story.call(at(160), "StopTransaction", &second).happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 280), (Outcome::Captured, 350)]);
    let closed = happened.accounts.sessions[0].closed.unwrap();
    assert_eq!(closed.cause, EndCause::NextSession);
}

#[tokio::test]
async fn f23_the_lost_stop_that_arrives_after_all_takes_its_place() {
    let story = Story::new().start(0, 1_000).meter(50, "9000", "Wh").start_as("TAG1", 8, 100, 9_500);
    let second = stop_body(8, 160, 19_500, "EVDisconnected");
    let lost = stop_body(7, 90, 9_500, "PowerLoss");
    let story = story.call(at(160), "StopTransaction", &second).call(at(110), "StopTransaction", &lost);
    assert_eq!(bills(&story.happens(json!({})).await), [(Outcome::Captured, 298), (Outcome::Captured, 350)]);
}

#[tokio::test]
async fn f24_two_sessions_at_one_connector_are_never_billed_for_the_same_time() {
    let story = Story::new().start(0, 1_000).meter(20, "4000", "Wh").start_as("TAG1", 8, 30, 5_000);
    let (first, second) = (stop_body(7, 90, 15_000, "Local"), stop_body(8, 100, 16_000, "EVDisconnected"));
    let in_order = story.clone().call(at(90), "StopTransaction", &first).call(at(100), "StopTransaction", &second);
    let happened = in_order.happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 105), (Outcome::Captured, 385)]);
    assert_eq!(happened.summary.messages.quarantined, 1, "the stop that cannot be is flagged");
    // The second start is told late: the bills are the same.
    let late_start = json!([2, "late", "StartTransaction", body(1, "TAG1", 30, 5_000)]);
    let answer = json!([3, "late", { "transactionId": 8, "idTagInfo": { "status": "Accepted" } }]);
    let story = Story::new().start(0, 1_000).meter(20, "4000", "Wh").call(at(90), "StopTransaction", &first);
    let story = story.frame("in", at(91), &late_start).frame("out", at(91), &answer);
    let happened = story.call(at(100), "StopTransaction", &second).happens(json!({})).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 105), (Outcome::Captured, 385)]);
}

#[tokio::test]
async fn f24_a_start_that_is_told_after_the_settlement_gives_back_what_was_billed_beside_it() {
    let first = stop_body(7, 90, 15_000, "Local");
    let late_start = json!([2, "late", "StartTransaction", body(1, "TAG1", 30, 5_000)]);
    let story = Story::new().start(0, 1_000).meter(20, "4000", "Wh").call(at(90), "StopTransaction", &first);
    let happened = story.status(90, "Available").frame("in", at(200), &late_start).happens(json!({})).await;
    let session = &happened.accounts.sessions[0];
    assert_eq!((session.captured().minor(), session.collected().minor()), (490, 105));
    assert_eq!(session.closed.map(|closed| closed.cause), Some(EndCause::NextSession));
}

#[tokio::test]
async fn f25_one_card_at_two_chargers_has_two_holds() {
    let chargers = json!([{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22000 }] }]);
    let other = json!({ "topic": "CP2/in", "received_at": at(1).to_string(),
                        "payload": [2, "x", "StartTransaction", body(1, "TAG1", 1, 0)] });
    let story = Story::new().start(0, 1_000).line(at(1), other.to_string()).stop(60, 11_000, "EVDisconnected");
    let happened = story.happens(json!({ "chargers": chargers })).await;
    assert_eq!(happened.summary.stripe.holds, 2);
    assert_eq!(happened.accounts.sessions.len(), 2);
}

#[tokio::test]
async fn f29_a_clock_that_jumps_in_mid_session_is_flagged_and_bills_nothing_of_it() {
    let ahead = Story::new().start(0, 1_000).meter(30, "6000", "Wh");
    let jumped =
        json!({ "connectorId": 1, "errorCode": "NoError", "status": "SuspendedEV", "timestamp": at(600).to_string() });
    let happened =
        ahead.call(at(40), "StatusNotification", &jumped).stop(60, 11_000, "EVDisconnected").happens(json!({})).await;
    assert_eq!((bills(&happened), happened.summary.messages.quarantined), (vec![(Outcome::Captured, 350)], 1));
    let back = Story::new().start(0, 1_000).call(at(60), "StopTransaction", &stop_body(7, -600, 11_000, "Local"));
    assert_eq!(
        bills(&back.happens(json!({})).await),
        [(Outcome::Open, 0)],
        "a stop of before the start is no stop of it"
    );
}

#[tokio::test]
async fn f31_flapping_between_charging_and_suspended_owes_no_idle_time_and_little_is_written() {
    let mut story = Story::new().start(0, 1_000).status(0, "Charging").meter(29, "6000", "Wh");
    for second in 0..120 {
        let status = if second % 2 == 0 { "SuspendedEV" } else { "Charging" };
        let when = at(30) + jiff::SignedDuration::from_secs(second);
        let body = json!({ "connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": when.to_string() });
        story = story.call(when, "StatusNotification", &body);
    }
    let story = story.meter(40, "8000", "Wh").stop(60, 11_000, "EVDisconnected").status(60, "Available");
    let sites = site(json!({ "idle": { "price_per_minute": "10.00", "grace_minutes": 1 } }));
    let mut stack = stack(&sites).await;
    tell(&mut stack, &story).await;
    let session = session(&stack, 1, at(60)).await;
    assert_eq!((session.outcome, session.billed().minor()), (Outcome::Captured, 350));
    let stored = stack.store.session(&session.id).await.unwrap().unwrap();
    assert!(stored.version < 12, "the session was written {} times", stored.version);
}

#[tokio::test]
async fn f32_idle_time_that_ends_within_the_grace_costs_nothing() {
    let story = Story::new().start(0, 1_000).status(0, "Charging").meter(30, "6000", "Wh").status(30, "SuspendedEV");
    let story = story.status(40, "Charging").meter(60, "11000", "Wh").stop(60, 11_000, "EVDisconnected");
    assert_eq!(bills(&story.happens(json!({})).await), [(Outcome::Captured, 350)]);
}

#[tokio::test]
async fn f33_an_unplug_that_is_lost_costs_at_most_the_cap_and_ends_with_the_next_start() {
    let lost = Story::new().start(0, 1_000).status(0, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let lost = lost.stop(70, 11_000, "Local");
    assert_eq!(
        bills(&lost.clone().happens(json!({})).await),
        [(Outcome::Captured, 350)],
        "nothing is proven after the stop"
    );
    let next = lost.start_as("TAG1", 8, 500, 11_000).call(
        at(560),
        "StopTransaction",
        &stop_body(8, 560, 21_000, "EVDisconnected"),
    );
    assert_eq!(bills(&next.happens(json!({})).await), [(Outcome::Captured, 350), (Outcome::Captured, 350)]);
}

#[tokio::test]
async fn f22_a_stop_without_a_transaction_finds_the_one_session_that_can_have_stopped_so() {
    let chargers =
        json!([{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 22000 }, { "id": 2, "max_power_w": 22000 }] }]);
    let two = Story::new().call(at(0), "StartTransaction", &body(1, "TAG1", 0, 1_000)).call(
        at(5),
        "StartTransaction",
        &body(2, "TAG2", 5, 500),
    );
    let stop = |tag: &str, minute: i64, register: i64| {
        let mut body = stop_body(-1, minute, register, "EVDisconnected");
        body["idTag"] = json!(tag);
        body
    };
    let story = two.clone().call(at(60), "StopTransaction", &stop("TAG2", 60, 10_500)).call(
        at(70),
        "StopTransaction",
        &stop("TAG1", 70, 11_000),
    );
    let happened = story.happens(json!({ "chargers": chargers, "role": "answering" })).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 350), (Outcome::Captured, 350)]);
    // Nothing tells which of two: it waits for a person.
    let unclear = two.call(at(60), "StopTransaction", &stop_body(-1, 60, 10_500, "EVDisconnected"));
    let happened = unclear.happens(json!({ "chargers": chargers, "role": "answering" })).await;
    assert_eq!(happened.summary.messages.quarantined, 1);
}

#[tokio::test]
async fn a_clock_that_is_not_certified_bills_no_time_and_the_receipt_says_so() {
    let component = |kind, price| json!({ "type": kind, "price": price });
    let components = [component("ENERGY", "0.35"), component("TIME", "6.00"), component("FLAT", "0.25")];
    let tariff = json!({ "currency": "EUR", "elements": [{ "price_components": components }] });
    let story = Story::new().start(0, 1_000).status(0, "Charging").meter(60, "11000", "Wh").status(60, "SuspendedEV");
    let story = story.stop(120, 11_000, "EVDisconnected");
    let happened = story.happens(json!({ "tariff": tariff, "uncertified_clocks": true })).await;
    assert_eq!(bills(&happened), [(Outcome::Captured, 350 + 25)]);
    let sites = site(json!({ "tariff": tariff, "uncertified_clocks": true }));
    let terms = happened.replayed.stack.terms(&happened.session().terms).await.unwrap();
    let receipt = Receipt::of(
        Language::En,
        Facts {
            session: happened.session(),
            terms: &terms,
            site: &sites[0],
            buyer: Buyer::default(),
            signed: Vec::new(),
        },
    );
    assert!(receipt.bill.unwrap().notes.iter().any(|note| note.contains("not certified")));
}

#[tokio::test]
async fn f30_a_region_that_comes_back_drains_its_backlog_without_loss() {
    let chargers = json!([{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22_000 }] }]);
    let sites = site(json!({ "chargers": chargers }));
    let mut stack = stack(&sites).await;
    let told = Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected");
    let one = told.status(60, "Available").received_at_once(at(6 * 60)).traffic();
    let own: Vec<Vec<String>> = (0..100)
        .map(|number| one.lines().map(|line| line.replace("CP1/", &format!("CP{number}/"))).collect())
        .collect();
    // Everybody's first message, then everybody's second: as a broker hands on what a thousand clients send at once.
    let longest = own.iter().map(Vec::len).max().unwrap();
    let all: Vec<String> =
        (0..longest).flat_map(|turn| own.iter().filter_map(move |lines| lines.get(turn)).cloned()).collect();
    stack.advance_to(at(6 * 60)).await.unwrap();
    let received = all.len() as u64;
    for batch in all.chunks(10) {
        stack.deliver(batch.to_vec()).await.unwrap();
    }
    stack.advance_to(at(7 * 60)).await.unwrap();
    let happened = plugtill_tests::look_at(stack, received, &sites).await;
    assert_eq!(happened.accounts.sessions.len(), 100);
    assert!(bills(&happened).iter().all(|bill| *bill == (Outcome::Captured, 350)));
}
