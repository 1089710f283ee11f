//! What a connector can deliver bounds what is billed, however the readings are cut (invariant I10).
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use common::{terms, try_terms};
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::ids::SessionId;
use plugtill_domain::money::{Currency, parse_decimal};
use plugtill_domain::pricing::{Assessed, Running, Surroundings, assess};
use plugtill_domain::timeline::Implausible;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::usage_record::UsageRecord;
use serde_json::{Value, json};

const POWER: Watts = Watts(22_000);

fn at(second: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

fn tariff(change: Value) -> Value {
    let component = json!({ "type": "ENERGY", "price": "0.50", "step_size": 1 });
    let mut tariff = json!({ "id": "T", "currency": "EUR", "elements": [{ "price_components": [component] }] });
    if let (Value::Object(whole), Value::Object(part)) = (&mut tariff, change) {
        whole.extend(part);
    }
    tariff
}

fn started(register: Option<i64>) -> Evidence {
    let started = Started { register: register.map(WattHours), ..Started::at(WattHours(0), "TAG".parse().unwrap()) };
    Evidence { at: at(0), fact: Fact::Started(started) }
}

fn reading(second: i64, register: i64) -> Evidence {
    let readings = vec![Reading::of(at(second), WattHours(register))];
    Evidence { at: at(second), fact: Fact::Meter { transaction: None, readings } }
}

fn stopped(second: i64, register: Option<i64>) -> Evidence {
    let (transaction, register) = ("1".parse().unwrap(), register.map(WattHours));
    let reason = StopReason::EvDisconnected;
    let stopped = Stopped { transaction, at: at(second), register, reason, readings: Vec::new(), signed: false };
    Evidence { at: at(second), fact: Fact::Stopped(stopped) }
}

fn assessed(evidence: &[Evidence]) -> Assessed {
    assess(at(0), evidence, Surroundings::of(POWER), &terms(&tariff(json!({})), "Europe/Paris"))
}

#[test]
fn a_register_that_rises_a_little_too_much_every_second_is_not_believed_as_a_whole() {
    let readings = (1..=60).map(|second| reading(second, second * 300));
    let evidence: Vec<Evidence> = [started(Some(0))].into_iter().chain(readings).collect();
    let assessed = assessed(&evidence);
    // Two minutes of 22 kW and a tenth for the meter, the minute of the slack being one of them.
    let most = POWER.most_in(120);
    let energy = assessed.bill.unwrap().energy;
    assert!(energy > WattHours(0) && energy <= most, "{energy:?} of {most:?}");
    assert!(assessed.left_out.iter().all(|(_, why)| *why == Implausible::RegisterJumped), "{:?}", assessed.left_out);
    assert!(!assessed.left_out.is_empty());
}

#[test]
fn the_running_price_doubts_a_register_as_the_bill_does() {
    let (terms, around) = (terms(&tariff(json!({})), "Europe/Paris"), Surroundings::of(POWER));
    let zone = terms.zone();
    let mut running = Running::new(at(0), around, &terms, &zone);
    let mut evidence = Vec::new();
    for next in [started(Some(0))].into_iter().chain((1..=60).map(|second| reading(second, second * 300))) {
        running.take(next.clone());
        evidence.push(next);
        let bill = assess(at(0), &evidence, around, &terms).bill;
        assert_eq!(running.bill(), bill, "after {} readings", evidence.len());
    }
}

#[test]
fn a_stop_far_above_the_first_reading_is_flagged_where_the_start_named_no_register() {
    let told = |first: i64, stop: i64| assessed(&[started(None), reading(60, first), stopped(3_600, Some(stop))]).bill;
    assert_eq!(told(1_000, 1_000_000_000), Err(Implausible::RegisterJumped));
    assert_eq!(told(1_000, 999), Err(Implausible::RegisterFell));
    assert_eq!(told(1_000, 12_000).unwrap().energy, WattHours(11_000));
}

#[test]
fn a_bound_below_zero_is_refused_on_either_side_of_the_tax() {
    let refused = |bound: Value| try_terms(&tariff(bound), "Europe/Paris").err();
    for bound in ["min_price", "max_price"] {
        for (side, limit) in
            [("excl_vat", json!({ "excl_vat": "-5" })), ("incl_vat", json!({ "excl_vat": "5", "incl_vat": "-5" }))]
        {
            assert_eq!(refused(json!({ bound: limit })), Some(format!("{bound}.{side}: -5 is below zero")));
        }
        assert_eq!(refused(json!({ bound: { "excl_vat": "0", "incl_vat": "0" } })), None);
    }
}

#[test]
fn what_bears_one_instant_counts_alike_whatever_came_first() {
    let slow =
        json!({ "price_components": [{ "type": "ENERGY", "price": "0.30" }], "restrictions": { "max_power": 11 } });
    let fast = json!({ "price_components": [{ "type": "ENERGY", "price": "0.60" }] });
    let terms = terms(&tariff(json!({ "elements": [slow, fast] })), "Europe/Paris");
    let powered = |watts: Option<u32>| {
        let readings = vec![Reading { power: watts.map(Watts), ..Reading::of(at(600), WattHours(1_000)) }];
        Evidence { at: at(600), fact: Fact::Meter { transaction: None, readings } }
    };
    let by = |reason| match stopped(3_600, Some(9_000)) {
        Evidence { at, fact: Fact::Stopped(stop) } => Evidence { at, fact: Fact::Stopped(Stopped { reason, ..stop }) },
        other => other,
    };
    let told = [
        started(Some(0)),
        started(Some(10)),
        powered(Some(9_000)),
        powered(None),
        powered(Some(20_000)),
        by(StopReason::EvDisconnected),
        by(StopReason::Local),
    ];
    let assessed = |told: &[Evidence]| assess(at(0), told, Surroundings::of(POWER), &terms);
    let first = assessed(&told);
    assert!(first.bill.is_ok());
    for turn in 0..told.len() {
        let turned = [&told[turn..], &told[..turn]].concat();
        let reversed: Vec<Evidence> = turned.iter().rev().cloned().collect();
        for again in [assessed(&turned), assessed(&reversed)] {
            assert_eq!((&again.bill, again.unplugged), (&first.bill, first.unplugged), "from {turn}");
        }
    }
}

#[test]
fn a_session_is_named_to_the_millisecond() {
    let id = |at: &str| format!("CP1~1~{at}").parse::<SessionId>().unwrap();
    let written = "CP1~1~2026-03-02T10:00:00.123Z";
    for text in ["2026-03-02T10:00:00.123Z", "2026-03-02T10:00:00.1234Z", "2026-03-02T11:00:00.123999999+01:00"] {
        assert_eq!((id(text).to_string().as_str(), &id(text)), (written, &written.parse().unwrap()));
    }
}

#[test]
fn a_record_of_more_than_a_year_is_no_sessions() {
    let record = |days: i64| {
        let record = json!({ "time_zone": "Europe/Paris", "currency": "EUR", "started_at": at(0), "readings": [],
                             "ended_at": at(0) + SignedDuration::from_hours(24 * days) });
        serde_json::from_value::<UsageRecord>(record).unwrap().evidence().map_err(|error| error.field)
    };
    assert!(record(366).is_ok());
    assert_eq!(record(367), Err("ended_at".to_owned()));
}

#[test]
fn an_amount_that_is_none_is_said_again_in_part() {
    let long = "9".repeat(10_000) + "x";
    assert!(parse_decimal(&long).unwrap_err().to_string().len() < 200);
    assert!(long.parse::<Currency>().unwrap_err().to_string().len() < 200);
}
