//! Tariffs and sessions of the field, whose totals others have stated: every case by glob, every deviation argued.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};

use common::{Leg, bill, bill_of, data, evidence, totals, try_terms};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::pricing::{Bill, LineKind};
use plugtill_domain::units::seconds_between;
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Value, json};

const DIMENSION: &str = "TariffDimensionType is ENERGY, FLAT, PARKING_TIME or TIME: a price for another dimension \
                         (SESSION_TIME, CONGESTION_TIME) is refused, for to ignore it would be a wrong bill";
const CREDIT: &str = "CDR, credit: the totals of a credit CDR are negated; here a session is priced, never a credit";
const OWN_VOLUMES: &str =
    "the CDR's totals are not those of its periods: it counts an hour of parking that no period has";
const OWN_STARTS: &str = "the CDR's volumes contradict the starts of its periods (5 minutes of TIME before a start 2 minutes \
                          later, or 1.973 hours before a start one hour later); what the first means is in standard.rs";
const UNSPLIT: &str = "TariffRestrictions, start_time: valid from this time of the day; the CDR prices the whole period \
                       06:57:55 to 07:12:55 by its start, and so gives away what follows 07:00";
const CUT_OFF: &str = "NOTE at the Tariff object: no rounding rules; the CDR cuts every line off (21.845 to 21.84, 11.376 \
                       to 11.37), here each is rounded half away from zero";
const NO_VAT: &str =
    "PriceComponent, vat: if omitted, no VAT is applicable; the CDR adds 10 % that its tariff does not state";
const FLAT: &str = "TariffDimensionType, FLAT: a flat fee without unit, and the tariff states one of 0.50 without restrictions; \
                    the CDR leaves it out";

/// Cases that come out differently, with what decides it.
const DEVIATIONS: &[(&str, &str)] = &[
    ("AC-0014/test_run", DIMENSION),
    ("AC-0014/test_run_request_less_then_step_size", DIMENSION),
    ("AC-0018/test_run", DIMENSION),
    ("AC-0019/test_run", DIMENSION),
    ("v211/custom_tariff_dimension/cdr", DIMENSION),
    ("v221/025kwh_min_price/cdr3_credit_less_than_2kWh", CREDIT),
    ("v221/credit_cdr/cdr", CREDIT),
    ("v221/periods_state_no_time_tariff_prices_parking/cdr", OWN_VOLUMES),
    ("v221/step_size/cdr1", OWN_STARTS),
    ("v211/time_and_parking_time/cdr", UNSPLIT),
    ("v211/time_and_parking_time_separate_tariff/cdr", UNSPLIT),
    ("v211/unordered_cdr_periods/cdr", CUT_OFF),
    ("v221/every_field_set/cdr", OWN_STARTS),
    ("v211/every_field_set/cdr", OWN_STARTS),
    ("v221/fix/preserving/day_of_week_empty", NO_VAT),
    ("v221/fix/preserving/restrictions_empty", NO_VAT),
    ("v221/fix/repairing/null_element", NO_VAT),
    ("v221/fix/preserving/null_fields", FLAT),
];

/// Folders that hold a tariff only; the standard's examples among them are priced in `standard.rs`.
const TARIFF_ONLY: &[&str] = &[
    "v221/025kwh_parking_start",
    "v221/025kwh_start_max_price",
    "v221/alt_text",
    "v221/alt_url",
    "v221/complex",
    "v221/first_hour_kwh_free",
    "v221/free_of_charge",
    "v221/misspelled_field",
    "v221/not_possible_alt_text",
    "v221/put_example",
    "v221/reservation_2_euro_fee_5_euro_per_hour",
    "v221/reservation_5_euro_per_hour",
    "v221/reservation_with_expire_fee",
    "v221/reservation_with_expire_time",
    "v221/restriction_example_max_duration",
    "v221/restriction_example_max_power",
    "v221/simple_2hour",
    "v211/huge",
];

/// Tariffs of those that are refused, by the name of a field that is none of OCPI's.
const REFUSED: &[&str] = &["v221/misspelled_field", "v211/huge"];

/// What came of the cases so far.
#[derive(Default)]
struct Tally {
    run: BTreeSet<String>,
    matched: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn take(&mut self, case: &str, verdict: Result<(), String>) {
        let argued = DEVIATIONS.iter().any(|(known, _)| *known == case);
        assert!(self.run.insert(case.to_owned()), "{case} is there twice");
        match verdict {
            Ok(()) if argued => self.wrong.push(format!("{case}: matches, though listed as a deviation")),
            Ok(()) => self.matched += 1,
            Err(_) if argued => {}
            Err(difference) => self.wrong.push(format!("{case}: {difference}")),
        }
    }

    fn conclude(self, name: &str, of: impl Fn(&str) -> bool) {
        let deviations: Vec<_> = DEVIATIONS.iter().filter(|(case, _)| of(case)).collect();
        let gone = deviations.iter().filter(|(case, _)| !self.run.contains(*case)).map(|(case, _)| case);
        let gone: Vec<_> = gone.collect();
        eprintln!("{name}: {} cases, {} matched, {} deviate", self.run.len(), self.matched, deviations.len());
        assert!(gone.is_empty(), "listed and not found: {gone:?}");
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

#[test]
fn popular_tariffs_price_their_sessions_as_expected() {
    let Some(root) = data("ocpi/popular") else { return };
    let mut tally = Tally::default();
    for folder in sorted(&root) {
        let tariff = read(&folder.join("tariff.json"));
        let runs: Vec<_> = sorted(&folder).into_iter().filter(|path| starts(path, "test_run")).collect();
        assert!(!runs.is_empty(), "no case in {}", folder.display());
        for path in runs {
            tally.take(&name(&path), popular(&tariff, &read(&path)));
        }
    }
    tally.conclude("popular", |case| case.starts_with("AC-"));
}

#[test]
fn real_world_sessions_cost_what_their_cdrs_say() {
    let Some(root) = data("ocpi") else { return };
    let mut tally = Tally::default();
    for version in ["v221", "v211"] {
        for folder in sorted(&root.join(version).join("real_world")) {
            let title = format!("{version}/{}", folder.file_name().unwrap().to_str().unwrap());
            let tariff = Some(folder.join("tariff.json")).filter(|path| path.is_file()).map(|path| read(&path));
            let cdrs: Vec<_> = sorted(&folder).into_iter().filter(|path| starts(path, "cdr")).collect();
            assert_eq!(cdrs.is_empty(), TARIFF_ONLY.contains(&title.as_str()), "cases of {title}");
            if cdrs.is_empty() {
                let read = try_terms(tariff.as_ref().unwrap(), "Europe/Amsterdam");
                assert_eq!(read.is_err(), REFUSED.contains(&title.as_str()), "{title}: {:?}", read.err());
            }
            for path in cdrs {
                tally.take(&format!("{version}/{}", name(&path)), of_cdr(tariff.as_ref(), &read(&path)));
            }
        }
    }
    tally.conclude("real world", |case| !["AC-", "fix", "every"].iter().any(|other| case.contains(other)));
}

#[test]
fn a_repaired_tariff_costs_what_its_cdr_says_and_before_the_repair_never_anything_else() {
    let Some(root) = data("ocpi") else { return };
    let mut tally = Tally::default();
    let kinds = ["v221/fix/preserving", "v221/fix/repairing", "v221/fix/changing", "v211/fix/preserving"];
    for folder in kinds.iter().flat_map(|kind| sorted(&root.join(kind))) {
        let case = folder.strip_prefix(&root).unwrap().to_str().unwrap();
        let cdr = read(&folder.join("cdr.json"));
        let [repaired, before] = ["tariff_fixed.json", "tariff.json"].map(|file| read(&folder.join(file)));
        let verdict = of_cdr(Some(&repaired), &cdr);
        if try_terms(&before, "Europe/Amsterdam").is_ok() {
            assert_eq!(of_cdr(Some(&before), &cdr), verdict, "{case} before the repair");
            assert!(!case.contains("changing"), "{case}: a misspelt word is refused");
        }
        tally.take(case, verdict);
    }
    tally.conclude("repaired", |case| case.contains("/fix/"));
}

#[test]
fn the_standards_own_files_are_read_and_its_cdr_costs_what_it_says() {
    let Some(root) = data("ocpi") else { return };
    let tariffs: Vec<_> = sorted(&root.join("spec-2.2.1")).into_iter().filter(|path| starts(path, "tariff")).collect();
    assert!(tariffs.len() >= 20, "{} tariffs", tariffs.len());
    for path in tariffs {
        assert_eq!(try_terms(&read(&path), "Europe/Amsterdam").err(), None, "{}", path.display());
    }
    let mut tally = Tally::default();
    for case in ["spec-2.2.1/cdr_example", "v221/every_field_set/cdr", "v211/every_field_set/cdr"] {
        tally.take(case, of_cdr(None, &read(&root.join(case).with_extension("json"))));
    }
    tally.conclude("the standard's own", |case| case.contains("every_field"));
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn starts(path: &Path, with: &str) -> bool {
    path.file_name().unwrap().to_str().unwrap().starts_with(with)
}

/// `folder/file` without the ending.
fn name(path: &Path) -> String {
    let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    format!("{folder}/{}", path.file_stem().unwrap().to_str().unwrap())
}

/// JSON with lines of comment.
fn read(path: &Path) -> Value {
    let text = read_to_string(path).unwrap();
    let strict: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    serde_json::from_str(&strict.join("\n")).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn decimal(value: &Value) -> Option<Decimal> {
    let text = value.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// Instants as they are found: with a space, without an offset (UTC), with months of one digit.
fn instant(value: &Value) -> Timestamp {
    let text = value.as_str().unwrap();
    let padded = text.replacen("-8-", "-08-", 1);
    padded
        .parse::<Timestamp>()
        .unwrap_or_else(|_| TimeZone::UTC.to_timestamp(padded.parse::<DateTime>().unwrap()).unwrap())
}

fn thousandths(value: &Value) -> Decimal {
    decimal(value).unwrap() * Decimal::ONE_THOUSAND
}

/// Full power until the requested energy is reached, then idle.
fn popular(tariff: &Value, case: &Value) -> Result<(), String> {
    let input = &case["input"];
    let zone = input["timezone"].as_str().unwrap();
    let terms = try_terms(tariff, zone)?;
    let (from, to) = (instant(&input["start_date_time"]), instant(&input["end_date_time"]));
    let (watts, wanted) = (thousandths(&input["max_power_supply_kw"]), thousandths(&input["requested_kwh"]));
    let register = |seconds: i64| (watts * Decimal::from(seconds) / Decimal::from(3600)).min(wanted).to_i64().unwrap();
    let needed_seconds = (wanted * Decimal::from(3600) / watts).ceil().to_i64().unwrap();
    let charged_seconds = needed_seconds.min(seconds_between(from, to));
    let charged_at = from + SignedDuration::from_secs(charged_seconds);
    let reading = |seconds: i64| {
        let power_w = if seconds < charged_seconds { watts } else { Decimal::ZERO };
        json!({ "at": from + SignedDuration::from_secs(seconds), "register_wh": register(seconds), "power_w": power_w })
    };
    let readings: Vec<_> = (0..charged_seconds).step_by(60).chain([charged_seconds]).map(reading).collect();
    let record = json!({
        "time_zone": zone, "currency": terms.tariff.currency, "started_at": from, "ended_at": to,
        "charging_ended_at": (charged_at < to).then_some(charged_at), "readings": readings,
    });
    let bill = bill_of(&record, &terms);
    let expect = &case["expect"];
    expected(&bill, &expect["total_cost"], None, "total_cost")?;
    expected(&bill, &expect["total_energy_cost"], Some(LineKind::Energy), "total_energy_cost")?;
    expected(&bill, &expect["total_idle_cost"], Some(LineKind::Parking), "total_idle_cost")?;
    let idle_seconds = expect["total_idle_time"]["value"].as_str().map_or(0, seconds_of);
    let (is, tolerance) =
        (bill.total_idle_seconds, 1 + expect["total_idle_time"]["tolerance_sec"].as_i64().unwrap_or(0));
    within("total_idle_time", is.into(), idle_seconds.into(), tolerance.into())
}

/// `h:mm:ss`.
fn seconds_of(text: &str) -> i64 {
    text.split(':').fold(0, |sum, part| sum * 60 + part.parse::<i64>().unwrap())
}

/// One expected cost; null expects none.
fn expected(bill: &Bill, cost: &Value, kind: Option<LineKind>, name: &str) -> Result<(), String> {
    let tolerance = decimal(&cost["tolerance"]).unwrap_or_default().max(Decimal::new(1, 2));
    let value = if cost.is_object() { cost["value"].clone() } else { json!({ "excl_vat": 0 }) };
    compare(bill, &value, kind, name, tolerance)
}

/// A price or, in OCPI 2.1.1, a number before tax.
fn compare(bill: &Bill, price: &Value, kind: Option<LineKind>, name: &str, tolerance: Decimal) -> Result<(), String> {
    let (net, gross) = kind.map_or_else(|| totals(bill), |kind| amounts(bill, kind));
    let major = |minor: i64| Decimal::new(minor, 2);
    let excl = decimal(if price.is_object() { &price["excl_vat"] } else { price }).unwrap();
    within(&format!("{name} before tax"), major(net), excl, tolerance)?;
    let incl = price.get("incl_vat").and_then(decimal);
    incl.map_or(Ok(()), |incl| within(&format!("{name} after tax"), major(gross), incl, tolerance))
}

/// Minor units of one kind of line, before and after its tax.
fn amounts(bill: &Bill, kind: LineKind) -> (i64, i64) {
    let lines = || bill.lines.iter().filter(move |line| line.kind == kind);
    let tax = |line: &plugtill_domain::pricing::Line| {
        let exact = Decimal::from(line.amount.minor()) * line.vat.unwrap_or_default() / Decimal::ONE_HUNDRED;
        exact.round().to_i64().unwrap()
    };
    let net = lines().map(|line| line.amount.minor()).sum();
    (net, net + lines().map(tax).sum::<i64>())
}

fn within(name: &str, is: Decimal, expected: Decimal, tolerance: Decimal) -> Result<(), String> {
    let differs = (is - expected).abs() > tolerance;
    if differs { Err(format!("{name} is {is}, expected {expected} +- {tolerance}")) } else { Ok(()) }
}

/// The session that a CDR's periods tell, priced and held against the CDR's own totals.
fn of_cdr(tariff: Option<&Value>, cdr: &Value) -> Result<(), String> {
    let tariff = tariff.unwrap_or_else(|| &cdr["tariffs"][0]);
    let locations = [&cdr["cdr_location"], &cdr["location"]];
    let zone = locations.iter().find_map(|location| location["time_zone"].as_str()).unwrap_or("Europe/Amsterdam");
    let terms = try_terms(tariff, zone)?;
    let from = instant(&cdr["start_date_time"]);
    let to = instant(cdr.get("end_date_time").unwrap_or(&cdr["stop_date_time"]));
    let bill = bill(from, &evidence(from, &legs(cdr, from, to)), &terms);
    let cent = Decimal::new(1, 2);
    let parts = [
        ("total_cost", None),
        ("total_energy_cost", Some(LineKind::Energy)),
        ("total_time_cost", Some(LineKind::Time)),
        ("total_parking_cost", Some(LineKind::Parking)),
        ("total_fixed_cost", Some(LineKind::Flat)),
        ("total_reservation_cost", Some(LineKind::Reservation)),
    ];
    let mut given = parts.into_iter().filter_map(|(name, kind)| Some((name, kind, cdr.get(name)?)));
    given.try_for_each(|(name, kind, price)| compare(&bill, price, kind, name, cent))
}

/// A period lasts until the next one starts; PARKING_TIME makes it idle.
fn legs(cdr: &Value, from: Timestamp, to: Timestamp) -> Vec<Leg> {
    let mut periods: Vec<_> = cdr["charging_periods"].as_array().unwrap().iter().collect();
    periods.sort_by_key(|period| instant(&period["start_date_time"]));
    let starts: Vec<_> = periods.iter().skip(1).map(|next| instant(&next["start_date_time"])).chain([to]).collect();
    let (mut at, mut exact, mut given) = (from, Decimal::ZERO, 0);
    let mut legs = Vec::new();
    for (period, end) in periods.into_iter().zip(starts) {
        let dimensions = period["dimensions"].as_array().unwrap();
        let volume = |kind: &str| {
            let found = dimensions.iter().find(|dimension| dimension["type"] == kind);
            found.map_or(Decimal::ZERO, |dimension| thousandths(&dimension["volume"]))
        };
        let mode = if volume("PARKING_TIME") > Decimal::ZERO { Mode::Idle } else { Mode::Charging };
        exact += volume("ENERGY");
        let upto = exact.round().to_i64().unwrap();
        legs.push(Leg::of(mode, seconds_between(at, end), upto - given));
        at += SignedDuration::from_secs(seconds_between(at, end));
        given = upto;
    }
    legs
}

#[test]
fn the_table_of_deviations_argues_each_of_them_once() {
    let cases: BTreeSet<_> = DEVIATIONS.iter().map(|(case, _)| case).collect();
    assert_eq!(cases.len(), DEVIATIONS.len());
    assert!(DEVIATIONS.iter().all(|(_, why)| !why.is_empty()));
}
