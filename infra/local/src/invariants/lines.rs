//! A bill's lines, reckoned a second time: in whole numbers, by nothing but what the line itself prints.

use jiff::Timestamp;
use plugtill_domain::pricing::{Bill, Line, LineKind, Unit};
use rust_decimal::Decimal;

use super::Broken;

/// What is wrong with a bill's lines (I11, I12).
pub(super) fn of(started_at: Timestamp, bill: &Bill) -> Vec<Broken> {
    let mut broken = Vec::new();
    let sum: i64 = bill.lines.iter().map(|line| line.amount.minor()).sum();
    if sum != bill.total.minor() {
        broken.push(Broken::new("I11", format!("lines sum to {sum}, the total is {}", bill.total)));
    }
    let negative = |line: &&Line| line.kind != LineKind::MaxPrice && line.amount.minor() < 0;
    broken.extend(bill.lines.iter().filter(negative).map(|line| Broken::new("I11", format!("below zero: {line:?}"))));
    for line in &bill.lines {
        if let Some(expected) = reckoned(line)
            && expected != i128::from(line.amount.minor())
            && !(line.capped && expected > i128::from(line.amount.minor()))
        {
            broken.push(Broken::new("I11", format!("{} should be {expected} minor units: {line:?}", line.amount)));
        }
    }
    broken.extend(quantities(started_at, bill));
    broken
}

/// What was measured is billed as often as it was measured.
fn quantities(started_at: Timestamp, bill: &Bill) -> Vec<Broken> {
    let mut broken = Vec::new();
    let sum = |kind: LineKind| -> Decimal {
        let lines = bill.lines.iter().filter(|line| line.kind == kind);
        lines.map(|line| line.measured.unwrap_or(line.quantity)).sum()
    };
    let energy = sum(LineKind::Energy) * Decimal::ONE_THOUSAND;
    let any = bill.lines.iter().any(|line| line.kind == LineKind::Energy);
    if any && energy > Decimal::from(bill.energy.0) {
        broken.push(Broken::new("I11", format!("{energy} Wh in the lines, {} measured", bill.energy.0)));
    }
    let flat = bill.lines.iter().filter(|line| line.kind == LineKind::Flat);
    if flat.clone().count() > 1 || flat.clone().any(|line| line.quantity > Decimal::ONE) {
        broken.push(Broken::new("I11", "the price of a session is billed more than once"));
    }
    let idle_seconds = sum(LineKind::Idle) * Decimal::from(60);
    // Where the fee is for being connected, that is the most; otherwise what was idle.
    let last = bill.idle.iter().map(|span| span.to).max().unwrap_or(bill.ended_at).max(bill.ended_at);
    let connected = last.duration_since(started_at).as_secs();
    if idle_seconds > Decimal::from(connected.max(0)) {
        broken.push(Broken::new("I12", format!("{idle_seconds} s idle billed of {connected} s")));
    }
    broken
}

/// Quantity times price in minor units, half away from zero; `None` for lines that are no such product.
fn reckoned(line: &Line) -> Option<i128> {
    let per_unit: i128 = match (line.kind, line.unit) {
        (LineKind::Energy, Unit::KilowattHour) => 1_000,
        (LineKind::Time | LineKind::Parking, Unit::Hour) => 3_600,
        (LineKind::Idle, Unit::Minute) => 60,
        (LineKind::Flat, Unit::Session) => 1,
        _ => return None,
    };
    // A third of an hour has no exact decimal: the measured unit (Wh, s) is whole.
    let whole = (line.quantity * Decimal::from_i128_with_scale(per_unit, 0)).round();
    let (count, price) = (whole.mantissa() / 10_i128.pow(whole.scale()), line.price.normalize());
    let minor = 10_i128.pow(line.amount.currency().exponent());
    let numerator = count.checked_mul(price.mantissa())?.checked_mul(minor)?;
    let denominator = per_unit.checked_mul(10_i128.checked_pow(price.scale())?)?;
    let doubled = numerator.abs() * 2 + denominator;
    Some(numerator.signum() * (doubled / (denominator * 2)))
}
