//! From quantities to printed lines: exact amounts, each rounded once.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::pricer::{Priced, Pricer};
use super::{Line, LineKind, RESERVED, Unit, phases};
use crate::idle::{BilledIdle, Occupied};
use crate::money::{Currency, Money, MoneyError};
use crate::site::Terms;
use crate::tariff::{Dimension, Tariff};
use crate::timeline::Timeline;
use crate::units::{WattHours, Watts};
use crate::usage::{Mode, Span};

/// One line a component, in the order energy, time, parking, flat.
pub(super) fn priced(pricer: &Pricer<'_>, currency: Currency) -> Result<Vec<Line>, MoneyError> {
    let rounded_up = pricer.rounded_up();
    let mut lines = Vec::with_capacity(pricer.priced.len() + 2);
    for (index, priced) in pricer.priced.iter().enumerate() {
        let extra = rounded_up.iter().find(|(of, _)| *of == index).map_or(0, |(_, extra)| *extra);
        // A component that was in force and had nothing to price is not printed; of energy, one line always is.
        let only_energy = priced.component.dimension == Dimension::Energy && !any_energy(&pricer.priced) && index == 0;
        if priced.quantity > 0 || only_energy {
            lines.push(line(priced, extra, currency)?);
        }
    }
    lines.sort_by_key(|line| (line.kind, line.element));
    Ok(lines)
}

fn any_energy(priced: &[Priced]) -> bool {
    priced.iter().any(|priced| priced.component.dimension == Dimension::Energy && priced.quantity > 0)
}

fn line(priced: &Priced, extra: i64, currency: Currency) -> Result<Line, MoneyError> {
    // Counted in the measured unit and divided last: a third of an hour has no exact decimal.
    let (kind, unit, per_unit) = match priced.component.dimension {
        Dimension::Energy => (LineKind::Energy, Unit::KilowattHour, 1000),
        Dimension::Time => (LineKind::Time, Unit::Hour, 3600),
        Dimension::ParkingTime => (LineKind::Parking, Unit::Hour, 3600),
        Dimension::Flat => (LineKind::Flat, Unit::Session, 1),
    };
    let (price, per_unit) = (priced.component.price, Decimal::from(per_unit));
    let billed = Decimal::from(priced.quantity + extra);
    let amount = Money::round(billed.checked_mul(price).ok_or(MoneyError::Overflow)? / per_unit, currency)?;
    let in_units = |quantity: Decimal| (quantity / per_unit).normalize();
    Ok(Line {
        price,
        measured: (extra > 0).then(|| in_units(Decimal::from(priced.quantity))),
        element: Some(priced.element),
        vat: priced.component.vat,
        estimated: priced.estimated,
        ..Line::plain(kind, in_units(billed), unit, amount)
    })
}

/// The lines of a reservation. The elements for an expired one come first, dimension by dimension.
pub(super) fn reserved(
    tariff: &Tariff,
    zone: &TimeZone,
    (from, seconds): (Timestamp, i64),
    expired: bool,
) -> Result<Vec<Line>, MoneyError> {
    let mut lines: Vec<Line> = Vec::new();
    for phase in phases(expired) {
        let mut pricer = Pricer::new(tariff, zone, from, Some(*phase));
        let to = from + SignedDuration::from_secs(seconds);
        pricer.advance(Span { to, energy: WattHours(0), mode: RESERVED, power: Watts(0), current: None });
        let found = priced(&pricer, tariff.currency)?.into_iter().map(|line| match line.kind {
            LineKind::Time => Line { kind: LineKind::Reservation, ..line },
            LineKind::Energy
            | LineKind::Parking
            | LineKind::Flat
            | LineKind::Reservation
            | LineKind::MinPrice
            | LineKind::MaxPrice
            | LineKind::Idle
            | LineKind::NoCharge
            | LineKind::Tax => line,
        });
        let kinds: Vec<LineKind> = lines.iter().map(|line| line.kind).collect();
        lines.extend(found.filter(|line| !kinds.contains(&line.kind)));
    }
    Ok(lines)
}

/// The idle fee, a line a price; together within the cap.
pub(super) fn idle(
    timeline: &Timeline,
    occupied: &[Occupied],
    zone: &TimeZone,
    terms: &Terms,
) -> Result<Vec<Line>, MoneyError> {
    let Some(policy) = &terms.idle else { return Ok(Vec::new()) };
    let currency = terms.tariff.currency;
    let idle: Vec<_> = timeline.idle.iter().map(|span| (span.from, span.to)).collect();
    let connected = if policy.after_connected_minutes.is_some() { connected(timeline) } else { Vec::new() };
    let mut left = policy.cap.map(|cap| Money::round(cap, currency)).transpose()?;
    let mut lines = Vec::with_capacity(1);
    for billed in policy.billed(&idle, &connected, zone, occupied) {
        if billed.seconds == 0 && billed.from_percent.is_some() {
            continue;
        }
        let line = idle_line(billed, policy.vat, left, currency)?;
        left = left.map(|left| left.minus(line.amount)).transpose()?;
        lines.push(line);
    }
    Ok(lines)
}

fn idle_line(
    billed: BilledIdle,
    vat: Option<Decimal>,
    left: Option<Money>,
    currency: Currency,
) -> Result<Line, MoneyError> {
    let seconds = Decimal::from(billed.seconds);
    let sixty = Decimal::from(60);
    let exact = seconds.checked_mul(billed.price_per_minute).ok_or(MoneyError::Overflow)? / sixty;
    let uncapped = Money::round(exact, currency)?;
    let amount = left.map_or(Ok(uncapped), |left| left.lesser(uncapped))?;
    Ok(Line {
        price: billed.price_per_minute,
        vat,
        from_percent: billed.from_percent,
        capped: amount != uncapped,
        ..Line::plain(LineKind::Idle, (seconds / sixty).normalize(), Unit::Minute, amount)
    })
}

/// From plugging in to the last proof of occupation, without what the station withheld.
fn connected(timeline: &Timeline) -> Vec<(Timestamp, Timestamp)> {
    let mut from = timeline.started_at;
    let mut stretches = Vec::new();
    for span in timeline.usage() {
        if span.mode != Mode::Withheld && from < span.to {
            stretches.push((from, span.to));
        }
        from = span.to;
    }
    stretches
}
