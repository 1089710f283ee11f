//! What a connector says after a vehicle's stay is of another vehicle.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::timeline::{Limits, Timeline, others_since};
use plugtill_domain::units::{WattHours, Watts};

fn at(minute: i64) -> Timestamp {
    "2026-03-02T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn status(minute: i64, status: ConnectorStatus) -> Evidence {
    Evidence { at: at(minute), fact: Fact::Status(status) }
}

fn session(more: Vec<Evidence>) -> Timeline {
    let id_tag = "TAG1".parse().unwrap();
    let started = Started { register: Some(WattHours(1_000)), id_tag, transaction: None };
    let stopped = Stopped {
        transaction: "7".parse().unwrap(),
        at: at(60),
        register: Some(WattHours(11_000)),
        reason: StopReason::Local,
        readings: Vec::new(),
        signed: false,
    };
    let mut evidence = vec![
        Evidence { at: at(0), fact: Fact::Started(started) },
        Evidence { at: at(60), fact: Fact::Stopped(stopped) },
    ];
    evidence.extend(more);
    Timeline::assemble(at(0), &evidence, Limits { max_power: Watts(22_000), flat_minutes: 15 }).unwrap()
}

#[test]
fn a_stay_is_counted_once_whatever_the_next_vehicle_says() {
    use ConnectorStatus::{Available, Charging, Finishing, Preparing};
    let own = vec![status(61, Finishing), status(90, Preparing)];
    let next = [status(91, Charging), status(150, Finishing), status(200, Available)];
    let alone = session(own.clone());
    let followed = session(own.into_iter().chain(next).collect());
    // Nothing proves that it stayed longer than its connector said so, until the next vehicle's does.
    assert_eq!(alone.idle_seconds(), 60);
    assert_eq!(followed.idle_seconds(), 30 * 60);
}

fn reading(minute: i64, register: i64, transaction: &str) -> Evidence {
    let readings = vec![Reading::of(at(minute), WattHours(register))];
    Evidence { at: at(minute), fact: Fact::Meter { transaction: Some(transaction.parse().unwrap()), readings } }
}

/// A session whose stop, and whose connector becoming free, never arrived; nor did the next vehicle's start.
fn without_a_stop(transaction: Option<&str>) -> Vec<Evidence> {
    let id_tag = "TAG1".parse().unwrap();
    let transaction = transaction.map(|id| id.parse().unwrap());
    let started = Started { register: Some(WattHours(1_000)), id_tag, transaction };
    let next = [status(100, ConnectorStatus::Charging), reading(110, 14_000, "8"), reading(130, 18_000, "8")];
    let mut evidence = vec![Evidence { at: at(0), fact: Fact::Started(started) }];
    evidence.extend(next);
    evidence.push(status(140, ConnectorStatus::SuspendedEv));
    evidence
}

fn assembled(evidence: &[Evidence]) -> Timeline {
    Timeline::assemble(at(0), evidence, Limits { max_power: Watts(22_000), flat_minutes: 15 }).unwrap()
}

#[test]
fn what_another_transaction_draws_is_not_billed_to_a_session_whose_stop_is_lost() {
    let mut evidence = without_a_stop(None);
    evidence.extend([reading(20, 5_000, "7"), reading(40, 9_000, "7")]);
    let timeline = assembled(&evidence);
    assert_eq!(timeline.energy, WattHours(8_000));
    assert_eq!(timeline.ended_at, at(100), "the last that can be of this vehicle");
    assert_eq!(others_since(at(0), &evidence), Some(at(110)));
    // In any order.
    evidence.reverse();
    assert_eq!(assembled(&evidence), timeline);
}

#[test]
fn a_start_that_names_its_transaction_needs_no_reading_to_know_others() {
    let evidence = without_a_stop(Some("7"));
    assert_eq!(assembled(&evidence).energy, WattHours(0));
    assert_eq!(others_since(at(0), &evidence), Some(at(110)));
}

#[test]
fn an_id_that_stands_for_none_is_not_another_transactions() {
    let mut evidence = without_a_stop(None);
    evidence.retain(|e| e.at < at(100));
    evidence.extend([reading(20, 5_000, "-1"), reading(40, 9_000, "7"), reading(50, 10_000, "0")]);
    assert_eq!(assembled(&evidence).energy, WattHours(9_000));
    assert_eq!(others_since(at(0), &evidence), None);
}
