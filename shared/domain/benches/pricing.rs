//! What a price costs, beside the engine of `ocpi-tariffs` on the same sessions in the same run.
//!
//! `cargo bench -p plugtill-domain --bench pricing`
#![allow(clippy::unwrap_used, reason = "a bench that cannot go on may panic")]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/differential/other.rs"]
#[allow(dead_code, reason = "the bench asks for the price only")]
mod other;

use std::hint::black_box;
use std::time::{Duration, Instant};

use common::generate::Pair;
use common::{Leg, bill, evidence, terms};
use jiff::{SignedDuration, Timestamp};
use ocpi_tariffs::price::TariffSource;
use ocpi_tariffs::{Version, cdr};
use plugtill_domain::evidence::Evidence;
use plugtill_domain::language::Language;
use plugtill_domain::pricing::{Running, Surroundings, assess};
use plugtill_domain::site::Terms;
use plugtill_domain::tariff::Tariff;
use plugtill_domain::tariff::ocpi::OcpiTariff;
use plugtill_domain::units::Watts;
use plugtill_domain::usage::Mode;
use plugtill_domain::usage_record::UsageRecord;
use rust_decimal::Decimal;
use serde_json::{Value, json};

const AROUND: Surroundings<'static> = Surroundings::of(Watts(60_000));
/// The shortest of so many rounds counts: what else the machine does only ever adds.
const ROUNDS: usize = 30;
const ROUND: Duration = Duration::from_millis(5);

fn main() {
    let pair = session(60);
    let terms = terms(&pair.tariff, pair.zone);
    let told = evidence(pair.started_at, &pair.legs);
    agree(&pair, &told, &terms);
    println!(
        "a session of 60 readings, by day and night prices for energy and time; the shortest of {ROUNDS} rounds\n"
    );
    from_evidence(&pair, &told, &terms);
    from_text(&pair);
    reading_by_reading(&pair, &told, &terms);
    by_length();
}

/// Five minutes a reading, into the night, with prices by day and night.
fn session(readings: i64) -> Pair {
    let component = |kind: &str, price: &str| json!({ "type": kind, "price": price, "step_size": 1, "vat": 20 });
    let prices = |energy: &str, time: &str| json!([component("ENERGY", energy), component("TIME", time)]);
    let tariff = json!({ "id": "T", "country_code": "NL", "party_id": "TST", "currency": "EUR",
        "last_updated": "2024-01-01T00:00:00Z", "elements": [
            { "price_components": prices("0.41", "1.20"), "restrictions": { "start_time": "07:00", "end_time": "22:00" } },
            { "price_components": prices("0.29", "0.60") },
        ] });
    let legs = (0..readings).map(|_| Leg { power_w: Some(7_200), ..Leg::of(Mode::Charging, 300, 600) }).collect();
    Pair { tariff, zone: "Europe/Amsterdam", started_at: "2026-03-10T18:00:00Z".parse().unwrap(), legs }
}

/// Nothing is compared but what comes to the same, up to the half cent by which each of our lines is rounded.
fn agree(pair: &Pair, told: &[Evidence], terms: &Terms) {
    let (ours, theirs) = (bill(pair.started_at, told, terms), other::price(pair));
    let roundings = Decimal::new(5, 3) * Decimal::from(ours.lines.len());
    assert!((ours.total.to_decimal() - theirs.incl).abs() <= roundings, "{} and {}", ours.total, theirs.incl);
}

fn from_evidence(pair: &Pair, told: &[Evidence], terms: &Terms) {
    let text = other::cdr_text(pair);
    let parsed = cdr::parse_with_version(&text, Version::V221).unwrap();
    let zone: chrono_tz::Tz = pair.zone.parse().unwrap();
    compare(
        "typed evidence to bill | parsed CDR to price",
        || assess(pair.started_at, black_box(told), AROUND, terms),
        || cdr::price(black_box(&parsed.cdr), TariffSource::UseCdr, zone).unwrap(),
    );
}

fn from_text(pair: &Pair) {
    let (usage, tariff, cdr_text) = (usage(pair), pair.tariff.to_string(), other::cdr_text(pair));
    let zone: chrono_tz::Tz = pair.zone.parse().unwrap();
    compare(
        "text of readings and tariff to printed receipt | text of CDR to price",
        || receipt(black_box(&usage), black_box(&tariff), pair.zone),
        || {
            let parsed = cdr::parse_with_version(black_box(&cdr_text), Version::V221).unwrap();
            cdr::price(&parsed.cdr, TariffSource::UseCdr, zone).unwrap().into_parts().0.total_cost
        },
    );
}

/// From what a file says to what a driver reads.
fn receipt(usage: &str, tariff: &str, zone: &str) -> String {
    let tariff = Tariff::try_from(serde_json::from_str::<OcpiTariff>(tariff).unwrap()).unwrap();
    let terms = common::terms_of(tariff, zone);
    let usage: UsageRecord = serde_json::from_str(usage).unwrap();
    let bill = assess(usage.started_at, &usage.evidence().unwrap(), AROUND, &terms).bill.unwrap();
    plugtill_texts::bill::explain(Language::En, &bill, &terms).to_string()
}

fn usage(pair: &Pair) -> String {
    let (mut at, mut register, mut readings) = (pair.started_at, 0, Vec::new());
    let reading = |at: Timestamp, register: i64| json!({ "at": at, "register_wh": register, "power_w": 7_200 });
    for leg in &pair.legs {
        readings.push(reading(at, register));
        (at, register) = (at + SignedDuration::from_secs(leg.seconds), register + leg.wh);
    }
    readings.push(reading(at, register));
    let usage: Value = json!({ "time_zone": pair.zone, "currency": "EUR", "started_at": pair.started_at, "ended_at": at,
        "charging_ended_at": null, "readings": readings });
    usage.to_string()
}

/// The price after each reading: kept running, priced anew each time, and priced anew by the other.
fn reading_by_reading(pair: &Pair, told: &[Evidence], terms: &Terms) {
    let zone = terms.zone();
    let running = || {
        let mut running = Running::new(pair.started_at, AROUND, terms, &zone);
        let price = |evidence: &Evidence| {
            running.take(evidence.clone());
            running.bill().unwrap().total.minor()
        };
        told.iter().map(price).sum::<i64>()
    };
    let anew = |upto: usize| assess(pair.started_at, &told[..upto], AROUND, terms).bill.unwrap().total.minor();
    let prefix = |upto: usize| other::cdr_text(&Pair { legs: pair.legs[..upto].to_vec(), ..pair.clone() });
    let prefixes: Vec<String> = (1..=pair.legs.len()).map(prefix).collect();
    let parsed: Vec<_> = prefixes.iter().map(|text| cdr::parse_with_version(text, Version::V221).unwrap()).collect();
    let tz: chrono_tz::Tz = pair.zone.parse().unwrap();
    let theirs = || {
        for parsed in &parsed {
            black_box(cdr::price(&parsed.cdr, TariffSource::UseCdr, tz).unwrap());
        }
    };
    let all_anew = || (1..=told.len()).map(anew).sum::<i64>();
    compare("a price after each reading, running | each prefix by the other", running, theirs);
    compare("a price after each reading, running | the whole session anew by ours", running, all_anew);
}

/// Linear: what one reading costs does not grow with the session.
fn by_length() {
    println!();
    for readings in [60, 600, 6_000] {
        let pair = session(readings);
        let (told, terms) = (evidence(pair.started_at, &pair.legs), terms(&pair.tariff, pair.zone));
        let price = || assess(pair.started_at, black_box(&told), AROUND, &terms);
        let whole = (0..ROUNDS).map(|_| round(&price)).min().unwrap();
        let each = whole.as_nanos() / u128::try_from(readings).unwrap();
        println!("{readings:>6} readings {:>10.2} µs, {each:>5} ns a reading", micros(whole));
    }
}

/// Prints the shortest round of either, taken in turns.
fn compare<A, B>(what: &str, ours: impl FnMut() -> A, theirs: impl FnMut() -> B) {
    let (mut ours, mut theirs) = (ours, theirs);
    let rounds: Vec<_> = (0..ROUNDS).map(|_| (round(&mut ours), round(&mut theirs))).collect();
    let (ours, theirs) = (rounds.iter().map(|r| r.0).min().unwrap(), rounds.iter().map(|r| r.1).min().unwrap());
    let times = micros(theirs) / micros(ours);
    println!("{what}\n    {:>10.2} µs | {:>10.2} µs = {times:.1} times", micros(ours), micros(theirs));
}

/// What one call takes, of as many as fit into a few milliseconds.
fn round<T>(mut call: impl FnMut() -> T) -> Duration {
    let (started, mut calls) = (Instant::now(), 0);
    while started.elapsed() < ROUND || calls < 3 {
        black_box(call());
        calls += 1;
    }
    started.elapsed() / calls
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}
