//! Amounts, quantities and times at the ends of what their types hold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use common::terms;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::pricing::{Surroundings, assess};
use plugtill_domain::units::{WattHours, Watts};
use proptest::prelude::*;
use serde_json::json;

/// Small, at the ends, and anything between.
fn register() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(1), Just(i64::MAX), Just(i64::MAX - 1), Just(i64::MIN), any::<i64>(), 0..1_000_000_i64]
}

fn price() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0".to_owned()),
        Just("0.0001".to_owned()),
        Just("79228162514264337593543950335".to_owned()),
        Just("9999999999999999".to_owned()),
        (0..1_000_000_u64).prop_map(|whole| format!("{whole}.9999")),
    ]
}

fn seconds() -> impl Strategy<Value = i64> {
    prop_oneof![Just(0), Just(1), Just(59), 1..100_000_i64, Just(60 * 60 * 24 * 365 * 20)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn f94_no_register_price_or_duration_panics_wraps_or_is_billed_wrongly(
        (first, middle, last) in (register(), register(), register()),
        (energy, time, flat) in (price(), price(), price()),
        (before, after) in (seconds(), seconds()),
        currency in prop_oneof![Just("EUR"), Just("JPY"), Just("KWD")],
        power in prop_oneof![Just(u32::MAX), Just(1), Just(22_000)],
    ) {
        let component = |kind: &str, price: &str| json!({ "type": kind, "price": price, "step_size": 1 });
        let components = [component("ENERGY", &energy), component("TIME", &time), component("FLAT", &flat)];
        let tariff = json!({ "id": "T", "country_code": "NL", "party_id": "TST", "currency": currency,
                             "elements": [{ "price_components": components }] });
        // A price that no tariff can have is refused before it prices anything.
        let Ok(mut terms) = common::try_terms(&tariff, "Europe/Paris") else { return Ok(()) };
        terms.idle = serde_json::from_value::<IdlePolicy>(json!({ "price_per_minute": energy, "grace_minutes": 0 })).ok();
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let [read_at, stop_at] = [before, before + after].map(|it| start + SignedDuration::from_secs(it));
        let reading = Reading { at: read_at, register: WattHours(middle), power: None, current: None };
        let stopped = Stopped { transaction: "1".parse().unwrap(), at: stop_at, register: Some(WattHours(last)),
                                reason: StopReason::Local, readings: Vec::new(), signed: false };
        let evidence = [
            Evidence { at: start, fact: Fact::Started(Started::at(WattHours(first), "TAG".parse().unwrap())) },
            Evidence { at: read_at, fact: Fact::Meter { transaction: None, readings: vec![reading] } },
            Evidence { at: read_at, fact: Fact::Status(ConnectorStatus::SuspendedEv) },
            Evidence { at: stop_at, fact: Fact::Stopped(stopped) },
        ];
        // Whatever comes of it: no panic, and where it is a bill, one that holds together.
        if let Ok(bill) = assess(start, &evidence, Surroundings::of(Watts(power)), &terms).bill {
            let lines: i128 = bill.lines.iter().map(|line| i128::from(line.amount.minor())).sum();
            prop_assert_eq!(lines, i128::from(bill.total.minor()));
            prop_assert!(bill.total.minor() >= 0 && bill.energy.0 >= 0);
            prop_assert_eq!(i128::from(bill.energy.0), i128::from(last) - i128::from(first));
        }
    }
}

#[test]
fn f94_the_generated_extremes_are_not_all_refused() {
    let component = json!({ "type": "ENERGY", "price": "0.35", "step_size": 1 });
    let tariff = json!({ "id": "T", "country_code": "NL", "party_id": "TST", "currency": "EUR",
                         "elements": [{ "price_components": [component] }] });
    assert_eq!(terms(&tariff, "Europe/Paris").tariff.currency.code(), "EUR");
}
