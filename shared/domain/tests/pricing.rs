//! What the pure core promises, whatever the order and the duplicates of its evidence.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::money::{Currency, Money, MoneyError, parse_decimal};
use plugtill_domain::pricing::{Bill, Surroundings, assess};
use plugtill_domain::settlement::split;
use plugtill_domain::site::{Site, SiteFile, Terms};
use plugtill_domain::units::{WattHours, Watts};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_000) + SignedDuration::from_mins(minute)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse::<Currency>().unwrap())
}

fn site(change: Value) -> Result<Site, String> {
    let mut site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 50_000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": 0.35 }] }] },
        "idle": { "grace_minutes": 15, "price_per_minute": "0.10", "cap": "12.00" }, "hold": "20.00",
    });
    if let (Value::Object(site), Value::Object(change)) = (&mut site, change) {
        site.extend(change);
    }
    let file: SiteFile = serde_json::from_value(json!({ "sites": [site] })).map_err(|e| e.to_string())?;
    let mut sites = file.sites().map_err(|(_, error)| error.to_string())?;
    sites.pop().ok_or_else(|| "no site".to_owned())
}

fn terms() -> Terms {
    site(json!({})).unwrap().terms
}

fn bill(evidence: &[Evidence]) -> Bill {
    assess(at(0), evidence, Surroundings::of(Watts(50_000)), &terms()).bill.unwrap()
}

fn started() -> Evidence {
    let started = Started::at(WattHours(1_000), "TAG".parse().unwrap());
    Evidence { at: at(0), fact: Fact::Started(started) }
}

fn stopped(minute: i64, register: i64) -> Evidence {
    let stopped = Stopped {
        transaction: "7".parse().unwrap(),
        at: at(minute),
        register: Some(WattHours(register)),
        reason: StopReason::EvDisconnected,
        readings: Vec::new(),
        signed: false,
    };
    Evidence { at: at(minute), fact: Fact::Stopped(stopped) }
}

fn status(minute: i64, status: ConnectorStatus) -> Evidence {
    Evidence { at: at(minute), fact: Fact::Status(status) }
}

fn reading(minute: i64, register: i64) -> Evidence {
    let readings = vec![Reading::of(at(minute), WattHours(register))];
    Evidence { at: at(minute), fact: Fact::Meter { transaction: None, readings } }
}

const STATUSES: [ConnectorStatus; 6] = [
    ConnectorStatus::Charging,
    ConnectorStatus::SuspendedEv,
    ConnectorStatus::SuspendedEvse,
    ConnectorStatus::Finishing,
    ConnectorStatus::Preparing,
    ConnectorStatus::Faulted,
];

/// A session of four hours with any statuses and a register that rises by any steps.
fn sessions() -> impl Strategy<Value = Vec<Evidence>> {
    let statuses = prop::collection::vec((1..240_i64, 0..STATUSES.len()), 0..8);
    let steps = prop::collection::vec((1..240_i64, 0..2_000_i64), 0..12);
    (statuses, steps).prop_map(|(statuses, mut steps)| {
        steps.sort_unstable();
        let mut register = 1_000;
        let mut evidence = vec![started()];
        for (minute, rise) in steps {
            register += rise;
            evidence.push(reading(minute, register));
        }
        evidence.push(stopped(240, register));
        evidence.extend(statuses.into_iter().map(|(minute, index)| status(minute, STATUSES[index])));
        evidence
    })
}

proptest! {
    #[test]
    fn order_and_duplicates_of_evidence_never_change_a_bill(
        (shuffled, evidence) in sessions().prop_flat_map(|evidence| {
            let twice = evidence.iter().chain(&evidence).cloned().collect::<Vec<_>>();
            (Just(twice).prop_shuffle(), Just(evidence))
        })
    ) {
        prop_assert_eq!(bill(&shuffled), bill(&evidence));
    }

    #[test]
    fn lines_sum_to_the_total_and_the_idle_fee_keeps_its_cap(evidence in sessions()) {
        let bill = bill(&evidence);
        prop_assert_eq!(bill.total.minor(), bill.lines.iter().map(|line| line.amount.minor()).sum::<i64>());
        prop_assert!(bill.amount_of(plugtill_domain::pricing::LineKind::Idle).minor() <= 1200);
        prop_assert!(bill.idle.windows(2).all(|pair| pair[0].to <= pair[1].from), "each idle second once");
        prop_assert!(bill.total_idle_seconds <= 240 * 60);
    }

    #[test]
    fn a_split_collects_the_whole_in_parts_that_can_be_moved(total in 0..10_000_i64, hold in 50..3_000_i64) {
        let split = split(eur(total), Some(eur(hold)), eur(50));
        let parts = [split.capture, split.charge].map(|part| part.map_or(0, Money::minor));
        prop_assert!(parts.iter().all(|part| *part == 0 || *part >= 50));
        prop_assert!(parts[0] <= hold);
        prop_assert_eq!(parts.iter().sum::<i64>(), if total < 50 { 0 } else { total });
    }

    #[test]
    fn no_text_makes_a_number_out_of_nothing(text in "\\PC{0,12}") {
        if let Ok(number) = parse_decimal(&text) {
            prop_assert!(text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-'), "{} from {}", number, text);
        }
    }
}

#[test]
fn amounts_are_rounded_half_away_from_zero_to_the_currencys_exponent() {
    let rounded =
        |text: &str, code: &str| Money::round(parse_decimal(text).unwrap(), code.parse().unwrap()).unwrap().minor();
    assert_eq!([rounded("0.665", "EUR"), rounded("-0.665", "EUR"), rounded("0.664999", "EUR")], [67, -67, 66]);
    assert_eq!([rounded("99.5", "JPY"), rounded("0.0005", "KWD")], [100, 1]);
}

#[test]
fn currencies_do_not_mix_and_amounts_do_not_overflow() {
    let yen = Money::new(1, "JPY".parse().unwrap());
    assert!(matches!(eur(1).plus(yen), Err(MoneyError::MixedCurrencies(_, _))));
    assert_eq!(eur(i64::MAX).plus(eur(1)), Err(MoneyError::Overflow));
    assert!("XAU".parse::<Currency>().is_err(), "gold has no minor unit");
}

#[test]
fn what_cannot_be_priced_is_refused_by_its_path() {
    let with = |component: Value, element: Value| {
        let mut first = json!({ "price_components": [component] });
        if let (Value::Object(first), Value::Object(element)) = (&mut first, element) {
            first.extend(element);
        }
        site(json!({ "tariff": { "currency": "EUR", "elements": [first] } })).unwrap_err()
    };
    let negative = with(json!({ "type": "TIME", "price": "-1" }), json!({}));
    assert!(negative.contains("tariff.elements[0].price_components[0].price: -1"), "{negative}");
    let energy = json!({ "type": "ENERGY", "price": "0.35" });
    let bound = with(energy.clone(), json!({ "restrictions": { "min_kwh": -5 } }));
    assert!(bound.contains("tariff.elements[0].restrictions.min_kwh: -5"), "{bound}");
    let reserved = with(energy.clone(), json!({ "restrictions": { "reservation": "RESERVATION" } }));
    assert!(reserved.contains("only have FLAT and TIME"), "{reserved}");
    let late = with(energy, json!({ "restrictions": { "start_time": "half past nine" } }));
    assert!(late.contains("write it as `09:30`"), "{late}");
    let taxed = with(json!({ "type": "FLAT", "price": "1", "vat": 120 }), json!({}));
    assert!(taxed.contains("price_components[0].vat: 120"), "{taxed}");
    let misspelt = with(json!({ "type": "FLAT", "prise": "1" }), json!({}));
    assert!(misspelt.contains("prise"), "{misspelt}");
    let unknown = with(json!({ "type": "SESSION_TIME", "price": "1" }), json!({}));
    assert!(unknown.contains("SESSION_TIME"), "{unknown}");
}

#[test]
fn a_site_that_would_bill_the_same_minutes_twice_is_refused() {
    let parking = json!({ "type": "PARKING_TIME", "price": "6" });
    let tariff = json!({ "currency": "EUR", "elements": [{ "price_components": [parking] }] });
    let refused = site(json!({ "tariff": tariff })).unwrap_err();
    assert!(refused.contains("billed twice"), "{refused}");
}

#[test]
fn a_site_with_another_currency_zone_or_hold_than_it_can_have_is_refused_by_field() {
    let refused = |change: Value| site(change).unwrap_err();
    assert!(refused(json!({ "currency": "CHF" })).starts_with("tariff.currency"));
    assert!(refused(json!({ "time_zone": "Europe/Atlantis" })).starts_with("time_zone"));
    assert!(refused(json!({ "hold": "20.001" })).starts_with("hold"));
    assert!(refused(json!({ "tax_percent": "190" })).starts_with("tax_percent"));
}

#[test]
fn the_earliest_stop_counts_in_whatever_order_they_come() {
    let one = [started(), stopped(60, 11_000), stopped(90, 12_000)];
    let other = [stopped(90, 12_000), started(), stopped(60, 11_000)];
    assert_eq!(bill(&one), bill(&other));
    assert_eq!(bill(&one).total, eur(350));
}
