//! The one pricing engine: timeline and terms to a bill whose lines sum.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::idle::DEFAULT_FLAT_MINUTES;
use crate::money::{Currency, Money, MoneyError};
use crate::site::Terms;
use crate::timeline::{IdleSpan, Implausible, Limits, Timeline};
use crate::units::{WattHours, Watts};

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Energy delivered.
    Energy,
    /// Time charging.
    Time,
    /// Once a session.
    Flat,
    /// Idle fee by the idle policy.
    Idle,
    /// The tariff's PARKING_TIME.
    Parking,
    /// Tax on the sum of the other lines.
    Tax,
}

/// The unit of a line's quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Kilowatt-hours.
    #[serde(rename = "kWh")]
    KilowattHour,
    /// Hours.
    #[serde(rename = "h")]
    Hour,
    /// Minutes.
    #[serde(rename = "min")]
    Minute,
    /// Once a session.
    #[serde(rename = "session")]
    Session,
}

/// One printed line, rounded once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The billed quantity.
    pub quantity: Decimal,
    /// Of what.
    pub unit: Unit,
    /// What it costs.
    pub amount: Money,
}

/// What a session owes and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Energy delivered.
    pub energy: WattHours,
    /// End of the transaction, UTC.
    pub ended_at: Timestamp,
    /// Measured idle seconds, before the grace.
    pub total_idle_seconds: i64,
    /// The idle spans the fee rests on.
    pub idle: Vec<IdleSpan>,
    /// The printed lines; a component the tariff does not price has none.
    pub lines: Vec<Line>,
    /// The sum of the lines.
    pub total: Money,
}

impl Bill {
    /// The sum of the lines of one kind.
    #[must_use]
    pub fn amount_of(&self, kind: LineKind) -> Money {
        let lines = self.lines.iter().filter(|line| line.kind == kind);
        Money::new(lines.map(|line| line.amount.minor()).sum(), self.total.currency())
    }
}

/// What the evidence of a session comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The bill, or why there can be none.
    pub bill: Result<Bill, Implausible>,
    /// Whether it is proven that the vehicle has left.
    pub unplugged: bool,
    /// Indices of the evidence that was left out, with the reason.
    pub left_out: Vec<(usize, Implausible)>,
}

/// The bill of a session is a pure function of its evidence and its terms: this one, for every caller.
#[must_use]
pub fn assess(started_at: Timestamp, evidence: &[Evidence], max_power: Watts, terms: &Terms) -> Assessed {
    let flat_minutes = terms.idle.as_ref().map_or(DEFAULT_FLAT_MINUTES, |idle| idle.flat_minutes);
    let Some(timeline) = Timeline::assemble(started_at, evidence, Limits { max_power, flat_minutes }) else {
        return Assessed { bill: Err(Implausible::NoStart), unplugged: false, left_out: Vec::new() };
    };
    let priced = timeline.flaw.map_or_else(|| price(&timeline, terms).map_err(|_| Implausible::TooLarge), Err);
    Assessed { bill: priced, unplugged: timeline.unplugged, left_out: timeline.left_out }
}

/// Prices a timeline. The caller has checked that it has no flaw.
///
/// # Errors
/// When an amount does not fit: such a session is flagged, not charged.
pub fn price(timeline: &Timeline, terms: &Terms) -> Result<Bill, MoneyError> {
    let currency = terms.tariff.currency;
    let mut lines = components(timeline, terms)?;
    lines.extend(idle_line(timeline, terms)?);
    lines.extend(tax_line(&lines, terms)?);
    Ok(Bill {
        energy: timeline.energy,
        ended_at: timeline.ended_at,
        total_idle_seconds: timeline.idle_seconds(),
        idle: timeline.idle.clone(),
        total: sum(&lines, currency)?,
        lines,
    })
}

fn components(timeline: &Timeline, terms: &Terms) -> Result<Vec<Line>, MoneyError> {
    let tariff = &terms.tariff;
    // Counted in the measured unit and divided last: a third of an hour has no exact decimal.
    let priced = [
        (LineKind::Energy, Unit::KilowattHour, timeline.energy.0, 1000, tariff.energy_per_kwh),
        (LineKind::Time, Unit::Hour, timeline.charging_seconds(), 3600, tariff.time_per_hour),
        (LineKind::Parking, Unit::Hour, timeline.idle_seconds(), 3600, tariff.parking_per_hour),
        (LineKind::Flat, Unit::Session, 1, 1, tariff.flat),
    ];
    let mut lines = Vec::with_capacity(3);
    for (kind, unit, measured, per_unit, price) in priced {
        let Some(price) = price else { continue };
        let (measured, per_unit) = (Decimal::from(measured), Decimal::from(per_unit));
        let exact = measured.checked_mul(price).ok_or(MoneyError::Overflow)? / per_unit;
        let amount = Money::round(exact, tariff.currency)?;
        lines.push(Line { kind, quantity: (measured / per_unit).normalize(), unit, amount });
    }
    Ok(lines)
}

fn idle_line(timeline: &Timeline, terms: &Terms) -> Result<Option<Line>, MoneyError> {
    let Some(policy) = &terms.idle else { return Ok(None) };
    let billed_seconds = timeline.idle.iter().map(|span| policy.billed_seconds(span.seconds())).sum();
    let amount = policy.fee(billed_seconds, terms.tariff.currency)?;
    let quantity = (Decimal::from(billed_seconds) / Decimal::from(60)).normalize();
    Ok(Some(Line { kind: LineKind::Idle, quantity, unit: Unit::Minute, amount }))
}

fn tax_line(lines: &[Line], terms: &Terms) -> Result<Option<Line>, MoneyError> {
    if terms.tax_percent.is_zero() {
        return Ok(None);
    }
    let net = sum(lines, terms.tariff.currency)?;
    let exact = net.to_decimal().checked_mul(terms.tax_percent).ok_or(MoneyError::Overflow)? / Decimal::ONE_HUNDRED;
    let amount = Money::round(exact, net.currency())?;
    Ok(Some(Line { kind: LineKind::Tax, quantity: Decimal::ONE, unit: Unit::Session, amount }))
}

fn sum(lines: &[Line], currency: Currency) -> Result<Money, MoneyError> {
    lines.iter().try_fold(Money::zero(currency), |total, line| total.plus(line.amount))
}
