//! Vehicles that stay: quiet hours, how full a site is, what proves that charging has ended, each rule at its bounds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use common::terms;
use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::idle::{IdlePolicy, Occupied, QuietHours, occupancy};
use plugtill_domain::pricing::{Surroundings, flat_at, stay};
use plugtill_domain::site::Terms;
use plugtill_domain::timeline::{IdleEvidence, IdleSpan, Limits, Timeline};
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::watch::Stay;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const POWER: Watts = Watts(22_000);

fn at(minute: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn policy(policy: Value) -> IdlePolicy {
    serde_json::from_value(policy).unwrap()
}

#[test]
fn quiet_hours_begin_and_end_to_the_minute_over_midnight_too() {
    let contain = |(from, until): (i8, i8), hour: i8, minute: i8| {
        QuietHours { from: time(from, 0, 0, 0), until: time(until, 0, 0, 0) }.contain(time(hour, minute, 0, 0))
    };
    for (hours, quiet, loud) in [
        ((9, 17), [(9, 0), (12, 0), (16, 59)], [(8, 59), (17, 0), (23, 0)]),
        ((22, 7), [(22, 0), (23, 59), (6, 59)], [(21, 59), (7, 0), (12, 0)]),
        ((22, 0), [(22, 0), (23, 0), (23, 59)], [(21, 59), (0, 0), (0, 1)]),
        ((0, 7), [(0, 0), (3, 0), (6, 59)], [(7, 0), (12, 0), (23, 59)]),
    ] {
        for (hour, minute) in quiet {
            assert!(contain(hours, hour, minute), "{hour}:{minute} in {hours:?}");
        }
        for (hour, minute) in loud {
            assert!(!contain(hours, hour, minute), "{hour}:{minute} in {hours:?}");
        }
    }
}

#[test]
fn a_site_is_as_full_as_transactions_run_there() {
    let in_use = [(at(0), Some(at(10))), (at(5), None), (at(-60), Some(at(0))), (at(20), Some(at(40)))];
    let full = occupancy(&in_use, 4, at(0), at(30));
    let told = [(0, 25), (5, 50), (10, 25), (20, 50)].map(|(minute, percent)| Occupied { from: at(minute), percent });
    assert_eq!(full, told);
    assert_eq!(occupancy(&in_use[..2], 0, at(6), at(7)), [Occupied { from: at(6), percent: 100 }]);
    assert_eq!(occupancy(&[], 3, at(0), at(30)), [Occupied { from: at(0), percent: 0 }]);
    // What turns at the edges of what is asked for turns nothing in it.
    assert_eq!(
        occupancy(&[(at(30), None), (at(-5), Some(at(-1)))], 1, at(0), at(30)),
        [Occupied { from: at(0), percent: 0 }]
    );
}

#[test]
fn the_dearest_hour_is_that_of_the_dearest_step() {
    let plain = policy(json!({ "price_per_minute": "0.10" }));
    assert_eq!((plain.dearest_hour(), plain.flat_minutes), (Decimal::from(6), 15));
    let steps =
        json!([{ "from_percent": 50, "price_per_minute": "0.20" }, { "from_percent": 80, "price_per_minute": "0.50" }]);
    assert_eq!(policy(json!({ "occupancy": steps })).dearest_hour(), Decimal::from(30));
}

#[test]
fn a_policy_is_refused_only_where_it_cannot_be_followed() {
    let check = |written: Value| policy(written).check();
    for refused in [
        json!({ "price_per_minute": "-0.01" }),
        json!({ "price_per_minute": "0.10", "cap": "-1" }),
        json!({ "occupancy": [{ "from_percent": 101, "price_per_minute": "0.20" }] }),
        json!({ "price_per_minute": "0.10", "occupancy": [{ "from_percent": 50, "price_per_minute": "0.20" }] }),
        json!({ "price_per_minute": "0.10", "vat": "-1" }),
        json!({ "price_per_minute": "0.10", "vat": "100.01" }),
        json!({ "price_per_minute": "0.10", "quiet_hours": [{ "from": "07:00", "until": "07:00" }] }),
        json!({ "price_per_minute": "0.10", "after_connected_minutes": 60, "grace_minutes": 1 }),
        json!({ "price_per_minute": "0.10", "after_connected_minutes": 60, "waived_if_moved_within_minutes": 5 }),
    ] {
        assert!(check(refused.clone()).is_err(), "{refused}");
    }
    for taken in [
        json!({ "price_per_minute": "0", "cap": "0", "vat": "0" }),
        json!({ "price_per_minute": "0.10", "vat": "100" }),
        json!({ "occupancy": [{ "from_percent": 100, "price_per_minute": "0.20" }] }),
        json!({ "price_per_minute": "0.10", "after_connected_minutes": 60 }),
    ] {
        assert_eq!(check(taken.clone()), Ok(()), "{taken}");
    }
}

fn started() -> Evidence {
    Evidence { at: at(0), fact: Fact::Started(Started::at(WattHours(0), "TAG".parse().unwrap())) }
}

fn reading(minute: i64, register: i64) -> Evidence {
    let readings = vec![Reading::of(at(minute), WattHours(register))];
    Evidence { at: at(minute), fact: Fact::Meter { transaction: None, readings } }
}

fn status(minute: i64, status: ConnectorStatus) -> Evidence {
    Evidence { at: at(minute), fact: Fact::Status(status) }
}

fn stopped(minute: i64, register: i64, reason: StopReason) -> Evidence {
    let (transaction, register) = ("1".parse().unwrap(), Some(WattHours(register)));
    let stopped = Stopped { transaction, at: at(minute), register, reason, readings: Vec::new(), signed: false };
    Evidence { at: at(minute), fact: Fact::Stopped(stopped) }
}

fn with_idle(written: Value) -> Terms {
    let tariff = json!({ "id": "T", "currency": "EUR",
        "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.40", "step_size": 1 }] }] });
    Terms { idle: Some(policy(written)), ..terms(&tariff, "Europe/Paris") }
}

fn stays(evidence: &[Evidence], now: i64) -> Option<Stay> {
    let terms = with_idle(json!({ "grace_minutes": 10, "price_per_minute": "0.10" }));
    stay(at(0), evidence, Surroundings::of(POWER), &terms, at(now))
}

#[test]
fn a_vehicle_that_says_it_has_charged_stays_until_it_is_gone_or_charges_again() {
    let charged = [started(), reading(30, 5_000), status(30, ConnectorStatus::SuspendedEv)];
    let since = at(30);
    assert_eq!(stays(&charged, 31), Some(Stay { since, fee_in_minutes: None }));
    assert_eq!(stays(&charged, 36), Some(Stay { since, fee_in_minutes: Some(4) }));
    assert_eq!(stays(&charged, 41), Some(Stay { since, fee_in_minutes: Some(0) }));
    let told = |more: Evidence| stays(&[charged.to_vec(), vec![more]].concat(), 41);
    assert_eq!(told(status(40, ConnectorStatus::Available)), None);
    assert_eq!(told(reading(40, 6_000)), Some(Stay { since, fee_in_minutes: Some(0) }));
    assert_eq!(stays(&[started(), reading(30, 5_000)], 31), None);
}

#[test]
fn after_a_stop_only_the_chargers_own_word_proves_that_the_vehicle_is_there() {
    let stopped = |reason| stopped(30, 5_000, reason);
    assert_eq!(stays(&[started(), stopped(StopReason::Local)], 50), None);
    let word = status(30, ConnectorStatus::Finishing);
    assert_eq!(stays(&[started(), stopped(StopReason::Local), word.clone()], 50).unwrap().since, at(30));
    assert_eq!(stays(&[started(), stopped(StopReason::EvDisconnected), word], 50), None);
    let before = status(29, ConnectorStatus::SuspendedEv);
    assert_eq!(stays(&[started(), before, stopped(StopReason::Local)], 50), None);
}

#[test]
fn a_register_proves_by_readings_and_not_by_time_that_it_stands_still() {
    let flat = [started(), reading(30, 5_000)];
    assert_eq!(stays(&flat, 60), None);
    let proven = [&flat[..], &[reading(45, 5_000)]].concat();
    assert_eq!(stays(&proven, 46).unwrap().since, at(30));
    let terms = with_idle(json!({ "price_per_minute": "0.10", "flat_minutes": 20 }));
    let flat_at = |evidence: &[Evidence]| flat_at(at(0), evidence, Surroundings::of(POWER), &terms);
    assert_eq!((flat_at(&proven), flat_at(&[started()])), (at(50), at(20)));
}

#[test]
fn idle_time_is_summed_over_its_spans_and_a_span_is_as_long_as_it_lasts() {
    let limits = Limits { max_power: POWER, flat_minutes: 15 };
    let told = [
        started(),
        reading(10, 2_000),
        status(10, ConnectorStatus::SuspendedEv),
        status(20, ConnectorStatus::Charging),
        reading(30, 4_000),
        status(30, ConnectorStatus::SuspendedEv),
        stopped(45, 4_000, StopReason::EvDisconnected),
    ];
    let timeline = Timeline::assemble(at(0), &told, limits).unwrap();
    let span = |from, to| IdleSpan { from: at(from), to: at(to), by: IdleEvidence::Status };
    assert_eq!(timeline.idle, [span(10, 20), span(30, 45)]);
    assert_eq!((timeline.idle_seconds(), timeline.idle[1].seconds()), (25 * 60, 15 * 60));
    assert!(timeline.unplugged);
}

#[test]
fn a_vehicle_that_says_charging_and_draws_nothing_has_not_resumed() {
    let limits = Limits { max_power: POWER, flat_minutes: 15 };
    let told = |register: i64| {
        let evidence = [
            started(),
            reading(10, 2_000),
            status(10, ConnectorStatus::SuspendedEv),
            status(20, ConnectorStatus::Charging),
            reading(30, register),
            stopped(45, register, StopReason::EvDisconnected),
        ];
        Timeline::assemble(at(0), &evidence, limits).unwrap().idle
    };
    let span = |from, to| IdleSpan { from: at(from), to: at(to), by: IdleEvidence::Status };
    assert_eq!(told(2_000), [span(10, 45)]);
    assert_eq!(told(3_000), [span(10, 20)]);
}

#[test]
fn money_is_written_with_its_currency_wherever_it_is_shown() {
    assert_eq!(format!("{:?}", "EUR".parse::<plugtill_domain::money::Currency>().unwrap()), "EUR");
}
