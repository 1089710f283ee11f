//! What holds for every tariff and every session, tried on generated ones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use std::collections::BTreeMap;

use common::generate::Pair;
use common::{Leg, bill, evidence, of, terms, totals};
use fastrand::Rng;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{Evidence, Fact};
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::pricing::{Bill, Line, LineKind, Running, Surroundings, assess};
use plugtill_domain::site::Terms;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;
use serde_json::json;

const PAIRS: u64 = 1_500;

/// Generated pairs with the terms of their tariffs.
fn pairs() -> impl Iterator<Item = (Pair, Terms, Rng)> {
    (0..PAIRS).map(|seed| {
        let pair = Pair::of(seed);
        let terms = terms(&pair.tariff, pair.zone);
        (pair, terms, Rng::with_seed(seed))
    })
}

fn mentions(pair: &Pair, word: &str) -> bool {
    pair.tariff.to_string().contains(word)
}

#[test]
fn f08_order_and_duplicates_of_evidence_never_change_a_bill() {
    for (pair, terms, mut rng) in pairs() {
        let once = evidence(pair.started_at, &pair.legs);
        let mut shuffled: Vec<Evidence> = once.iter().chain(&once).cloned().collect();
        rng.shuffle(&mut shuffled);
        assert_eq!(bill(pair.started_at, &shuffled, &terms), bill(pair.started_at, &once, &terms), "{pair:?}");
    }
}

#[test]
fn a_reading_more_never_changes_what_is_owed() {
    let mut exactly_equal = 0;
    for (pair, terms, mut rng) in pairs() {
        let by_time = ["start_", "end_", "_duration", "day_of_week"].into_iter().any(|word| mentions(&pair, word));
        let split: Vec<Leg> = pair.legs.iter().flat_map(|leg| halves(*leg, &mut rng)).collect();
        let whole = bill(pair.started_at, &evidence(pair.started_at, &pair.legs), &terms);
        let parts = bill(pair.started_at, &evidence(pair.started_at, &split), &terms);
        if by_time {
            // A price change lies between other readings then: whether the energy around it is an estimate may differ.
            assert_eq!(owed(&whole), owed(&parts), "{pair:?}");
        } else {
            exactly_equal += 1;
            assert_eq!(whole, parts, "{pair:?}");
        }
    }
    assert!(exactly_equal > PAIRS / 10, "only {exactly_equal} without a price change in time");
}

/// A leg as two, where the register tells the second exactly.
fn halves(leg: Leg, rng: &mut Rng) -> [Leg; 2] {
    let seconds = rng.i64(1..leg.seconds);
    let wh = leg.wh / leg.seconds * seconds;
    [Leg { seconds, wh, ..leg }, Leg { seconds: leg.seconds - seconds, wh: leg.wh - wh, ..leg }]
}

fn owed(bill: &Bill) -> Vec<(LineKind, Decimal, i64)> {
    bill.lines.iter().map(|line| (line.kind, line.quantity, line.amount.minor())).collect()
}

#[test]
fn lines_sum_to_the_total_and_taxes_to_what_they_are_on() {
    for (pair, terms, _) in pairs() {
        let bill = bill(pair.started_at, &evidence(pair.started_at, &pair.legs), &terms);
        let lines: i64 = bill.lines.iter().map(|line| line.amount.minor()).sum();
        assert_eq!(lines, bill.total.minor(), "{pair:?}");
        let (net, gross) = totals(&bill);
        assert_eq!(gross - net, of(&bill, LineKind::Tax), "{pair:?}");
    }
}

#[test]
fn the_idle_fee_stays_under_its_cap_and_over_its_grace() {
    let mut capped = 0;
    for (pair, mut terms, mut rng) in pairs().filter(|(pair, ..)| !mentions(pair, "PARKING_TIME")) {
        let (cap, grace) = (rng.i64(1..1_000), rng.u32(0..40));
        let policy = json!({ "grace_minutes": grace, "price_per_minute": "0.37", "cap": Decimal::new(cap, 2) });
        terms.idle = Some(serde_json::from_value::<IdlePolicy>(policy).unwrap());
        let bill = bill(pair.started_at, &evidence(pair.started_at, &pair.legs), &terms);
        let fee = of(&bill, LineKind::Idle);
        let most_billed_seconds: i64 =
            bill.idle.iter().map(|span| (span.seconds() - i64::from(grace) * 60).max(0)).sum();
        assert!(fee <= cap, "{pair:?}");
        assert!(fee * 60 <= most_billed_seconds * 37 + 30, "{fee} for {most_billed_seconds} s of {pair:?}");
        capped += usize::from(fee == cap);
    }
    assert!(capped > 10, "the cap was reached {capped} times only");
}

#[test]
fn longer_use_never_costs_less() {
    // A step rounds the whole of a dimension up at the price of its last part, which may be the cheaper one; and bounds
    // before and after tax may pull different ways.
    let monotone =
        |pair: &Pair| !mentions(pair, "_price") && pair.tariff["elements"].as_array().unwrap().iter().all(steps_of_one);
    let mut tried = 0;
    for (pair, terms, mut rng) in pairs().filter(|(pair, ..)| monotone(pair)) {
        let (last, before) = pair.legs.split_last().unwrap();
        let [shorter, _] = halves(*last, &mut rng);
        let stages = [before.to_vec(), before.iter().copied().chain([shorter]).collect(), pair.legs.clone()];
        let totals = stages.map(|legs| bill(pair.started_at, &evidence(pair.started_at, &legs), &terms).total.minor());
        assert!(totals.is_sorted(), "{totals:?} for {pair:?}");
        tried += 1;
    }
    assert!(tried > PAIRS / 10, "only {tried} tariffs are monotone");
}

fn steps_of_one(element: &serde_json::Value) -> bool {
    element["price_components"].as_array().unwrap().iter().all(|component| component["step_size"] == 1)
}

#[test]
fn a_running_price_is_at_every_moment_the_price_of_the_evidence_so_far() {
    for (pair, mut terms, mut rng) in pairs() {
        if rng.bool() {
            let policy = json!({ "grace_minutes": 5, "price_per_minute": "0.37", "cap": "8.00" });
            terms.idle = Some(serde_json::from_value::<IdlePolicy>(policy).unwrap());
        }
        let mut told =
            evidence(pair.started_at, &pair.legs.iter().flat_map(|leg| halves(*leg, &mut rng)).collect::<Vec<_>>());
        if rng.u8(..4) == 0 {
            told.retain(|evidence| !matches!(evidence.fact, Fact::Status(_)));
        }
        for _ in 0..rng.usize(..4) {
            let (one, other) = (rng.usize(..told.len()), rng.usize(..told.len()));
            told.swap(one, other);
            told.push(told[rng.usize(..told.len())].clone());
        }
        assert_running(&pair, &terms, &told);
    }
}

fn assert_running(pair: &Pair, terms: &Terms, told: &[Evidence]) {
    let (zone, around) = (terms.zone(), Surroundings::of(Watts(60_000)));
    let mut running = Running::new(pair.started_at, around, terms, &zone);
    for upto in 1..=told.len() {
        running.take(told[upto - 1].clone());
        assert_eq!(
            running.bill(),
            assess(pair.started_at, &told[..upto], around, terms).bill,
            "after {upto} of {told:?}"
        );
    }
}

/// Prices by the hour of the site's clock, with bounds around which clocks are changed.
fn tariff_by_the_clock() -> serde_json::Value {
    let element = |price: &str, restrictions: serde_json::Value| {
        json!({ "restrictions": restrictions, "price_components": [
            { "type": "ENERGY", "price": price, "step_size": 1 }, { "type": "TIME", "price": price, "step_size": 1 } ] })
    };
    json!({ "id": "T", "country_code": "NL", "party_id": "TST", "currency": "EUR", "elements": [
        element("1", json!({ "start_time": "23:15", "end_time": "00:30" })),
        element("2", json!({ "start_time": "00:30", "end_time": "01:30" })),
        element("3", json!({ "start_time": "01:30", "end_time": "02:45", "day_of_week": ["SUNDAY"] })),
        element("4", json!({ "start_time": "02:45", "end_time": "03:30" })),
        element("5", json!({ "day_of_week": ["SATURDAY", "FRIDAY"] })),
        element("6", json!({})),
    ] })
}

/// The price that the tariff above names for a minute, by the words on it.
fn price_by_the_clock(at: Timestamp, zone: &TimeZone) -> u32 {
    use jiff::civil::Weekday::{Friday, Saturday, Sunday};
    let local = zone.to_datetime(at);
    match (i32::from(local.hour()) * 100 + i32::from(local.minute()), local.weekday()) {
        (2315.. | ..30, _) => 1,
        (30..130, _) => 2,
        (130..245, Sunday) => 3,
        (245..330, _) => 4,
        (_, Saturday | Friday) => 5,
        _ => 6,
    }
}

#[test]
fn f92_every_change_of_every_zones_clock_is_billed_by_that_clock() {
    let (tariff, around) = (tariff_by_the_clock(), SignedDuration::from_mins(150));
    let [first, last]: [Timestamp; 2] = ["2020-01-01T00:00:00Z", "2031-01-01T00:00:00Z"].map(|at| at.parse().unwrap());
    let (mut zones, mut changes) = (0, 0);
    for name in jiff::tz::db().available() {
        let (zone, terms) = (TimeZone::get(name.as_str()).unwrap(), terms(&tariff, name.as_str()));
        zones += 1;
        for change in zone.following(first).take_while(|change| change.timestamp() < last) {
            changes += 1;
            assert_billed_by_the_clock(change.timestamp() - around, &zone, &terms);
        }
    }
    eprintln!("{changes} changes of clocks in {zones} zones");
    assert!(zones > 400 && changes > 3_000, "{changes} changes of clocks in {zones} zones");
}

fn assert_billed_by_the_clock(started_at: Timestamp, zone: &TimeZone, terms: &Terms) {
    const MINUTES: i64 = 300;
    let told = evidence(started_at, &[Leg::of(Mode::Charging, MINUTES * 60, MINUTES * 60)]);
    let mut minutes = BTreeMap::<u32, i64>::new();
    for minute in 0..MINUTES {
        *minutes.entry(price_by_the_clock(started_at + SignedDuration::from_mins(minute), zone)).or_default() += 1;
    }
    let bill = bill(started_at, &told, terms);
    for (kind, per_minute) in
        [(LineKind::Time, Decimal::ONE / Decimal::from(60)), (LineKind::Energy, Decimal::new(60, 3))]
    {
        let billed: BTreeMap<Decimal, Decimal> =
            bill.lines.iter().filter(|line| line.kind == kind).map(quantity).collect();
        let expected =
            minutes.iter().map(|(price, minutes)| (Decimal::from(*price), Decimal::from(*minutes) * per_minute));
        let expected: BTreeMap<_, _> = expected.map(|(price, quantity)| (price, quantity.round_dp(9))).collect();
        assert_eq!(billed, expected, "{kind:?} from {started_at} in {}", terms.time_zone);
    }
    assert_eq!(bill.energy, WattHours(MINUTES * 60));
}

fn quantity(line: &Line) -> (Decimal, Decimal) {
    (line.price, line.quantity.round_dp(9))
}
