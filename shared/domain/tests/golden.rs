//! The sessions that were reckoned by hand (`tests/golden/prices`), by the engine alone: a mistake in it is found here without
//! building anything else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use common::terms;
use plugtill_domain::pricing::{Bill, LineKind, Surroundings, assess};
use plugtill_domain::site::Terms;
use plugtill_domain::units::{Watts, seconds_between};
use plugtill_domain::usage_record::UsageRecord;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&read_to_string(path).unwrap()).unwrap()
}

fn priced(folder: &Path) -> (UsageRecord, Bill) {
    let usage: UsageRecord = serde_json::from_value(json_of(&folder.join("usage.json"))).unwrap();
    let idle = Some(folder.join("idle.json")).filter(|path| path.exists());
    let idle = idle.map(|path| serde_json::from_value(json_of(&path)).unwrap());
    let terms = Terms { idle, ..terms(&json_of(&folder.join("tariff.json")), &usage.time_zone) };
    let assessed = assess(usage.started_at, &usage.evidence().unwrap(), Surroundings::of(Watts(u32::MAX)), &terms);
    assert_eq!(assessed.left_out, []);
    (usage, assessed.bill.unwrap())
}

/// What of an expected answer the engine itself says, numbers without the noughts that they may end with.
fn said(usage: &UsageRecord, bill: &Bill) -> Value {
    let number = |value: Decimal| value.normalize().to_string();
    let cost = |kind: LineKind| number(bill.net_of(kind).to_decimal());
    let total = bill.total.to_decimal();
    let lines = bill.lines.iter().map(|line| {
        json!({ "kind": line.kind, "unit": line.unit, "quantity": number(line.quantity), "price": number(line.price),
                "amount": number(line.amount.to_decimal()), "estimated": line.estimated })
    });
    json!({
        "total_excl_tax": number(total - bill.tax().to_decimal()), "total_incl_tax": number(total),
        "energy_kwh": number(bill.energy.to_kwh()), "energy_cost": cost(LineKind::Energy),
        "time_cost": cost(LineKind::Time), "parking_cost": cost(LineKind::Parking), "flat_cost": cost(LineKind::Flat),
        "idle_seconds": bill.total_idle_seconds, "idle_cost": cost(LineKind::Idle),
        "plugged_in_seconds": seconds_between(usage.started_at, bill.ended_at),
        "lines": lines.collect::<Vec<_>>(),
    })
}

/// The same of what was reckoned.
fn reckoned(usage: &UsageRecord, expected: &Value) -> Value {
    let number = |value: &Value| value.as_str().unwrap().parse::<Decimal>().unwrap().normalize().to_string();
    let lines = expected["lines"].as_array().unwrap().iter().map(|line| {
        json!({ "kind": line["kind"], "unit": line["unit"], "quantity": number(&line["quantity"]),
                "price": number(&line["price"]), "amount": number(&line["amount"]), "estimated": line["estimated"] })
    });
    let mut reckoned = json!({
        "idle_seconds": expected["idle_seconds"], "lines": lines.collect::<Vec<_>>(),
        "plugged_in_seconds": seconds_between(usage.started_at, usage.ended_at),
    });
    let costs = ["energy_cost", "time_cost", "parking_cost", "flat_cost", "idle_cost"];
    for name in ["total_excl_tax", "total_incl_tax", "energy_kwh"].into_iter().chain(costs) {
        reckoned[name] = number(&expected[name]).into();
    }
    reckoned
}

#[test]
fn every_golden_session_costs_what_was_reckoned_by_hand() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/prices");
    let folders: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(folders.len() >= 14, "only {} golden folders", folders.len());
    for folder in folders {
        let (usage, bill) = priced(&folder);
        let expected = reckoned(&usage, &json_of(&folder.join("expected.json")));
        assert_eq!(said(&usage, &bill), expected, "{}", folder.display());
    }
}
