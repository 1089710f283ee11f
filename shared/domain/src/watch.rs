//! Watching a session that runs: when it may next come to a limit, so that nobody has to look at every reading.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::idle::IdlePolicy;
use crate::money::Money;
use crate::site::Terms;
use crate::tariff::Dimension;
use crate::units::{WattHours, Watts, seconds_between};

/// Looks are never closer together: readings are not either.
pub const LEAST_INTERVAL: SignedDuration = SignedDuration::from_mins(1);

/// What a driver is willing to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// No bill above this is ever charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<Money>,
    /// Charging is stopped here, Wh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy: Option<WattHours>,
    /// Charging is stopped after so many minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
}

/// Why a session is to be stopped by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopCause {
    /// The driver's limit of money.
    MoneyLimit,
    /// The driver's limit of energy.
    EnergyLimit,
    /// The driver's limit of time.
    TimeLimit,
    /// The hold is used up and cannot be raised.
    HoldExhausted,
    /// The card bears no hold.
    Declined,
}

/// Who is told when a vehicle has charged and keeps its stall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StayWatch {
    /// The driver, who asked for it.
    pub driver: bool,
    /// The site's staff, after so many minutes; 0 for never.
    pub staff_after_minutes: u32,
}

/// A vehicle that has charged and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// Since when, UTC, by the evidence.
    pub since: Timestamp,
    /// In how many minutes an idle fee begins, 0 when one runs; `None` when none does within [`WARN_BEFORE_MINUTES`].
    pub fee_in_minutes: Option<u32>,
}

/// How long before an idle fee begins its driver is warned.
pub const WARN_BEFORE_MINUTES: u32 = 5;

/// A session's running figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running {
    /// When it was looked, UTC.
    pub at: Timestamp,
    /// How far the evidence goes that they rest on, UTC: what was used since is not known yet.
    pub seen_at: Timestamp,
    /// What it would cost if it ended now.
    pub price: Money,
    /// Energy so far.
    pub energy: WattHours,
    /// Whether the vehicle has charged and stays.
    pub stay: Option<Stay>,
    /// When a register that does not rise any more would prove the end of charging, UTC.
    pub flat_at: Timestamp,
}

/// The most a session can cost in an hour, tax included, in minor units, rounded up.
#[must_use]
pub fn dearest_hour_minor(terms: &Terms, max_power: Watts) -> i64 {
    let price = |dimension| terms.tariff.dearest(dimension);
    let kilowatts = Decimal::from(max_power.0) / Decimal::ONE_THOUSAND;
    let idle = terms.idle.as_ref().map_or(Decimal::ZERO, IdlePolicy::dearest_hour);
    let time = price(Dimension::Time).max(price(Dimension::ParkingTime));
    let net = price(Dimension::Energy) * kilowatts + time + idle;
    let taxes: Decimal = terms.taxes.iter().map(|tax| tax.percent).sum();
    let vat = terms.idle.as_ref().and_then(|idle| idle.vat).unwrap_or_default();
    let rate = taxes.max(terms.tariff.highest_vat()).max(vat);
    let gross = if terms.tariff.tax_included { net } else { net * (Decimal::ONE + rate / Decimal::ONE_HUNDRED) };
    let minor = gross * Decimal::from(10_i64.pow(terms.tariff.currency.exponent()));
    minor.ceil().to_i64().unwrap_or(i64::MAX)
}

/// The limit that is reached, if any.
#[must_use]
pub fn reached(limit: Limit, running: Running, started_at: Timestamp) -> Option<StopCause> {
    let minutes = seconds_between(started_at, running.at) / 60;
    if limit.money.is_some_and(|most| running.price.minor() >= most.minor()) {
        Some(StopCause::MoneyLimit)
    } else if limit.energy.is_some_and(|most| running.energy.0 >= most.0) {
        Some(StopCause::EnergyLimit)
    } else if limit.minutes.is_some_and(|most| minutes >= i64::from(most)) {
        Some(StopCause::TimeLimit)
    } else {
        None
    }
}

/// When the next of the limits can be reached at the earliest; `hold` is what is reserved, where that is watched.
#[must_use]
pub fn next_look(
    limit: Limit,
    hold: Option<Money>,
    running: Running,
    started_at: Timestamp,
    (terms, max_power): (&Terms, Watts),
) -> Option<Timestamp> {
    let hour = dearest_hour_minor(terms, max_power);
    let until_price = |most: Money| seconds_to(most.minor() - running.price.minor(), hour);
    let money = limit.money.and_then(until_price);
    let hold = hold.and_then(until_price);
    let energy = limit.energy.and_then(|most| seconds_to(most.0 - running.energy.0, i64::from(max_power.0)));
    let minutes = limit.minutes.map(|most| i64::from(most) * 60 - seconds_between(started_at, running.at));
    let used = [money, hold, energy].into_iter().flatten().min();
    let used = used.map(|seconds| running.seen_at + SignedDuration::from_secs(seconds));
    let timed = minutes.map(|seconds| running.at + SignedDuration::from_secs(seconds));
    let next = [used, timed].into_iter().flatten().min()?;
    Some(next.max(running.at + LEAST_INTERVAL))
}

/// Seconds in which `rest` is used up at `an_hour`; `None` when that never happens.
fn seconds_to(rest: i64, an_hour: i64) -> Option<i64> {
    (an_hour > 0).then(|| (rest.max(0).saturating_mul(3600)) / an_hour)
}
