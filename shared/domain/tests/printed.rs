//! What is printed on a bill besides amounts: which lines, of what they measured, and what they rest on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use common::{Leg, bill, evidence, terms};
use jiff::Timestamp;
use plugtill_domain::pricing::{Bill, LineKind, Surroundings, Unit, periods};
use plugtill_domain::site::Terms;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A Monday, eleven o'clock in Paris.
const MORNING: &str = "2026-03-02T10:00:00Z";

fn morning() -> Timestamp {
    MORNING.parse().unwrap()
}

fn priced_by(elements: &Value) -> Terms {
    terms(&json!({ "id": "T", "currency": "EUR", "elements": elements }), "Europe/Paris")
}

fn component(kind: &str, price: &str, step: u32) -> Value {
    json!({ "type": kind, "price": price, "step_size": step })
}

fn told(terms: &Terms, legs: &[Leg]) -> Bill {
    bill(morning(), &evidence(morning(), legs), terms)
}

fn lines(bill: &Bill) -> Vec<(LineKind, Decimal, i64, Option<Decimal>)> {
    bill.lines.iter().map(|line| (line.kind, line.quantity, line.amount.minor(), line.measured)).collect()
}

const HOUR: i64 = 3_600;

#[test]
fn a_session_in_which_nothing_flowed_has_a_line_that_says_so() {
    let terms =
        priced_by(&json!([{ "price_components": [component("ENERGY", "0.40", 1), component("FLAT", "1.00", 1)] }]));
    let nothing = told(&terms, &[Leg::of(Mode::Charging, HOUR, 0)]);
    let expected = [(LineKind::Energy, Decimal::ZERO, 0, None), (LineKind::Flat, Decimal::ONE, 100, None)];
    assert_eq!(lines(&nothing), expected);
}

#[test]
fn only_the_energy_price_that_had_something_to_price_is_printed() {
    let by_day = json!({ "start_time": "08:00", "end_time": "11:30" });
    let terms = priced_by(&json!([
        { "price_components": [component("ENERGY", "0.50", 1)], "restrictions": by_day },
        { "price_components": [component("ENERGY", "0.40", 1)] },
    ]));
    // Half an hour of nothing by the one price, then 5 kWh by the other.
    let later = told(&terms, &[Leg::of(Mode::Charging, HOUR / 2, 0), Leg::of(Mode::Charging, HOUR, 5_000)]);
    assert_eq!(lines(&later), [(LineKind::Energy, Decimal::from(5), 200, None)]);
    assert!(!later.lines[0].estimated);
    assert_eq!(later.lines[0].element, Some(1));
}

#[test]
fn no_parking_and_no_time_is_printed_where_there_was_none() {
    let prices = [component("TIME", "1.20", 1), component("PARKING_TIME", "3.00", 1)];
    let terms = priced_by(&json!([{ "price_components": prices }]));
    let charged = told(&terms, &[Leg::of(Mode::Charging, HOUR, 5_000)]);
    assert_eq!(lines(&charged), [(LineKind::Time, Decimal::ONE, 120, None)]);
    let parked = told(&terms, &[Leg::of(Mode::Idle, HOUR, 0)]);
    assert_eq!(lines(&parked), [(LineKind::Parking, Decimal::ONE, 300, None)]);
}

#[test]
fn what_was_measured_is_said_only_where_a_step_bills_more() {
    let bill = |step: u32, wh: i64| {
        let terms = priced_by(&json!([{ "price_components": [component("ENERGY", "0.40", step)] }]));
        lines(&told(&terms, &[Leg::of(Mode::Charging, HOUR, wh)])).remove(0)
    };
    assert_eq!(bill(1_000, 4_300), (LineKind::Energy, Decimal::from(5), 200, Some(Decimal::new(43, 1))));
    assert_eq!(bill(1_000, 5_000), (LineKind::Energy, Decimal::from(5), 200, None));
    assert_eq!(bill(1, 4_300), (LineKind::Energy, Decimal::new(43, 1), 172, None));
}

#[test]
fn a_clock_that_is_not_certified_bills_no_time() {
    let prices = [component("ENERGY", "0.40", 1), component("TIME", "1.20", 1), component("PARKING_TIME", "3.00", 1)];
    let certified = priced_by(&json!([{ "price_components": prices }]));
    let legs = [Leg::of(Mode::Charging, HOUR, 5_000), Leg::of(Mode::Idle, HOUR, 0)];
    let kinds = |terms: &Terms| told(terms, &legs).lines.iter().map(|line| line.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&certified), [LineKind::Energy, LineKind::Time, LineKind::Parking]);
    let terms = Terms { uncertified_clocks: true, ..certified };
    assert_eq!(kinds(&terms), [LineKind::Energy]);
}

#[test]
fn a_bill_is_kept_without_what_it_does_not_say() {
    let night = json!({ "start_time": "12:00", "end_time": "13:00" });
    let terms = priced_by(&json!([
        { "price_components": [component("ENERGY", "0.50", 1)], "restrictions": night },
        { "price_components": [component("ENERGY", "0.40", 1)] },
    ]));
    // One reading before and one after the price turns: the energy on either side is an estimate.
    let bill = told(&terms, &[Leg::of(Mode::Charging, 2 * HOUR, 8_000)]);
    let kept: Value = serde_json::to_value(&bill).unwrap();
    let said = |index: usize| kept["lines"][index].as_object().unwrap().contains_key("estimated");
    assert_eq!((bill.lines.len(), said(0), said(1)), (2, true, true));
    assert_eq!(serde_json::from_value::<Bill>(kept).unwrap(), bill);
    let plain = told(
        &priced_by(&json!([{ "price_components": [component("ENERGY", "0.40", 1)] }])),
        &[Leg::of(Mode::Charging, HOUR, 8_000)],
    );
    let kept = serde_json::to_value(&plain.lines[0]).unwrap();
    for absent in ["estimated", "capped", "measured", "tax"] {
        assert!(!kept.as_object().unwrap().contains_key(absent), "{absent} in {kept}");
    }
    assert_eq!(plain.lines[0].unit, Unit::KilowattHour);
}

#[test]
fn the_stretches_of_a_session_are_told_by_what_the_vehicle_did_and_what_it_cost() {
    let terms = priced_by(&json!([{ "price_components": [component("ENERGY", "0.40", 1)] }]));
    let legs = [Leg::of(Mode::Charging, HOUR, 5_000), Leg::of(Mode::Idle, HOUR / 2, 0)];
    let around = Surroundings::of(Watts(u32::MAX));
    let told = periods(morning(), &evidence(morning(), &legs), around, &terms);
    let told: Vec<_> = told.iter().map(|period| (period.from, period.mode, period.seconds, period.energy)).collect();
    let noon = "2026-03-02T11:00:00Z".parse().unwrap();
    let expected = [(morning(), Mode::Charging, HOUR, WattHours(5_000)), (noon, Mode::Idle, HOUR / 2, WattHours(0))];
    assert_eq!(told, expected);
}
