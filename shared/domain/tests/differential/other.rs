//! The same session for the other engine: a CDR whose periods are cut wherever its tariff could change the price.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono_tz::Tz;
use jiff::{SignedDuration, Timestamp};
use ocpi_tariffs::price::{Dimension, PeriodReport, TariffSource};
use ocpi_tariffs::{Cost, Version, cdr};
use plugtill_domain::pricing::LineKind;
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::common::Leg;
use crate::common::generate::Pair;

const QUARTER_SECONDS: i64 = 900;

/// What the other engine says.
pub(crate) struct Priced {
    /// Exact amounts before tax by kind and price.
    pub(crate) exact: BTreeMap<(LineKind, Decimal), Decimal>,
    /// Rounded to its four digits.
    pub(crate) excl: Decimal,
    pub(crate) incl: Decimal,
}

pub(crate) fn price(pair: &Pair) -> Priced {
    let text = cdr_text(pair);
    let parsed = cdr::parse_with_version(&text, Version::V221).unwrap();
    let zone: Tz = pair.zone.parse().unwrap();
    let (report, _) = cdr::price(&parsed.cdr, TariffSource::UseCdr, zone).unwrap().into_parts();
    let mut exact = BTreeMap::new();
    for PeriodReport { dimensions, .. } in &report.periods {
        take(&mut exact, LineKind::Energy, dimensions.energy.as_ref());
        take(&mut exact, LineKind::Time, dimensions.duration_charging.as_ref());
        take(&mut exact, LineKind::Parking, dimensions.duration_idle.as_ref());
        take(&mut exact, LineKind::Flat, Some(&dimensions.flat));
    }
    let total = report.total_cost.calculated.unwrap_or_default();
    Priced { exact, excl: total.excl_vat.into(), incl: total.incl_vat.unwrap().into() }
}

fn take<V: Cost>(exact: &mut BTreeMap<(LineKind, Decimal), Decimal>, kind: LineKind, dimension: Option<&Dimension<V>>) {
    let priced = dimension.and_then(|dimension| dimension.price.as_ref().zip(dimension.cost()));
    if let Some((component, cost)) = priced {
        let price = Decimal::from(component.price()).normalize();
        *exact.entry((kind, price)).or_default() += Decimal::from(cost.excl_vat);
    }
}

/// A CDR that states no totals: nothing is taken from them.
pub(crate) fn cdr_text(pair: &Pair) -> String {
    let (mut at, mut delivered, mut periods) = (pair.started_at, 0, String::new());
    for leg in &pair.legs {
        let end = at + SignedDuration::from_secs(leg.seconds);
        for next in cuts(pair, leg, at, delivered) {
            period(&mut periods, leg, at, next);
            at = next;
        }
        delivered += leg.wh;
        assert_eq!(at, end);
    }
    let (from, tariff) = (pair.started_at, &pair.tariff);
    format!(
        r#"{{"country_code":"NL","party_id":"TST","id":"1","start_date_time":"{from}","end_date_time":"{at}",
        "currency":"EUR","tariffs":[{tariff}],"charging_periods":[{periods}],"total_cost":{{"excl_vat":0}},
        "total_energy":0,"total_time":0,"last_updated":"{at}"}}"#
    )
}

/// Where a leg is cut, its end included: the quarter hours of every clock, the durations and the energies that the tariff
/// names. Told from the tariff's text alone, not by asking ours.
fn cuts(pair: &Pair, leg: &Leg, from: Timestamp, delivered: i64) -> Vec<Timestamp> {
    let (first, last) = (from.as_second(), from.as_second() + leg.seconds);
    let clock = ["start_time", "end_time", "start_date", "end_date", "day_of_week"];
    let mut cuts = vec![last];
    if clock.into_iter().any(|name| !pair.restricted(name).is_empty()) {
        cuts.extend((first / QUARTER_SECONDS..=last / QUARTER_SECONDS).map(|quarter| quarter * QUARTER_SECONDS));
    }
    for duration in ["min_duration", "max_duration"].into_iter().flat_map(|name| pair.restricted(name)) {
        cuts.push(pair.started_at.as_second() + duration.as_i64().unwrap());
    }
    for energy in ["min_kwh", "max_kwh"].into_iter().flat_map(|name| pair.restricted(name)) {
        let bound = energy.to_string().parse::<Decimal>().unwrap() * Decimal::ONE_THOUSAND;
        if leg.wh > 0 {
            cuts.push(first + (bound.to_i64().unwrap() - delivered) / (leg.wh / leg.seconds));
        }
    }
    cuts.retain(|cut| first < *cut && *cut <= last);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.into_iter().map(|cut| Timestamp::from_second(cut).unwrap()).collect()
}

fn period(periods: &mut String, leg: &Leg, from: Timestamp, to: Timestamp) {
    let seconds = to.duration_since(from).as_secs();
    let hours = Decimal::from(seconds) / Decimal::from(3_600);
    let kwh = Decimal::new(leg.wh / leg.seconds * seconds, 3);
    let (power, current) = (leg.power_w.map(thousandths), leg.current_ma.map(thousandths));
    let volumes = [
        ("TIME", (leg.mode == Mode::Charging).then_some(hours)),
        ("PARKING_TIME", (leg.mode == Mode::Idle).then_some(hours)),
        ("ENERGY", (leg.wh > 0).then_some(kwh)),
        ("MIN_POWER", power),
        ("MAX_POWER", power),
        ("MIN_CURRENT", current),
        ("MAX_CURRENT", current),
    ];
    let dimension =
        |(kind, volume): (&str, Option<Decimal>)| Some(format!(r#"{{"type":"{kind}","volume":{}}}"#, volume?));
    let dimensions: Vec<_> = volumes.into_iter().filter_map(dimension).collect();
    let comma = if periods.is_empty() { "" } else { "," };
    write!(periods, r#"{comma}{{"start_date_time":"{from}","dimensions":[{}]}}"#, dimensions.join(",")).unwrap();
}

fn thousandths(value: u32) -> Decimal {
    Decimal::new(value.into(), 3)
}
