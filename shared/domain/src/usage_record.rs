//! A session told as one record of readings instead of as charger messages: `plugtill price --usage`, tests, quotes.
//!
//! It becomes the same evidence that messages become, so that there is one way to a price.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use crate::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use crate::ids::{IdTag, TransactionId};
use crate::money::Currency;
use crate::units::{Milliamperes, WattHours, Watts};

/// No vehicle stays longer; a price by the hour is looked at for every day of it.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What a vehicle used, as readings of one register.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageRecord {
    /// IANA zone of the site.
    pub time_zone: String,
    /// The currency the price is asked in.
    pub currency: Currency,
    /// Plugged in, UTC.
    pub started_at: Timestamp,
    /// Unplugged, UTC.
    pub ended_at: Timestamp,
    /// When the vehicle stopped charging for its own reason; without it, a register that stands still tells.
    #[serde(default)]
    pub charging_ended_at: Option<Timestamp>,
    /// In any order.
    pub readings: Vec<UsageReading>,
}

/// A reading of the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageReading {
    /// UTC.
    pub at: Timestamp,
    /// The energy register.
    pub register_wh: i64,
    /// Power at the time, where known.
    #[serde(default)]
    pub power_w: Option<Decimal>,
    /// Current over all phases at the time, where known.
    #[serde(default)]
    pub current_a: Option<Decimal>,
}

/// Why a record cannot be priced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct UsageError {
    /// JSON path in the record.
    pub field: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl UsageRecord {
    /// The record as evidence, checked.
    ///
    /// # Errors
    /// When it contradicts itself: nothing is repaired silently.
    pub fn evidence(&self) -> Result<Vec<Evidence>, UsageError> {
        self.check()?;
        let mut readings = Vec::with_capacity(self.readings.len());
        for (index, reading) in self.readings.iter().enumerate() {
            readings.push(reading.checked(index)?);
        }
        readings.sort_by_key(|reading| (reading.at, reading.register));
        if let Some(pair) = readings.windows(2).find(|pair| pair[1].register < pair[0].register) {
            let (from, to) = (pair[0].register.0, pair[1].register.0);
            return Err(refused("readings", format!("the register falls from {from} to {to} Wh at {}", pair[1].at)));
        }
        let register = |reading: Option<&Reading>| reading.map_or(WattHours(0), |reading| reading.register);
        let (first, last) = (register(readings.first()), register(readings.last()));
        let mut evidence = Vec::with_capacity(4);
        evidence.push(Evidence { at: self.started_at, fact: Fact::Started(Started::at(first, tag()?)) });
        if let Some(at) = self.charging_ended_at {
            evidence.push(Evidence { at, fact: Fact::Status(ConnectorStatus::SuspendedEv) });
        }
        evidence.push(Evidence { at: self.started_at, fact: Fact::Meter { transaction: None, readings } });
        evidence.push(Evidence { at: self.ended_at, fact: Fact::Stopped(self.stop(last)?) });
        Ok(evidence)
    }

    fn check(&self) -> Result<(), UsageError> {
        if TimeZone::get(&self.time_zone).is_err() {
            let problem = format!("`{}` is not an IANA zone such as `Europe/Paris`", self.time_zone);
            return Err(refused("time_zone", problem));
        }
        if self.ended_at < self.started_at {
            return Err(refused("ended_at", format!("{} is before started_at", self.ended_at)));
        }
        if self.ended_at.duration_since(self.started_at) > LONGEST {
            let problem = format!("{} is more than {} days after started_at", self.ended_at, LONGEST.as_hours() / 24);
            return Err(refused("ended_at", problem));
        }
        let within = |at: &Timestamp| (self.started_at..=self.ended_at).contains(at);
        if let Some(at) = self.charging_ended_at.filter(|at| !within(at)) {
            return Err(refused("charging_ended_at", format!("{at} is not between started_at and ended_at")));
        }
        if let Some(index) = self.readings.iter().position(|reading| !within(&reading.at)) {
            let problem = format!("{} is not between started_at and ended_at", self.readings[index].at);
            return Err(refused(&format!("readings[{index}].at"), problem));
        }
        Ok(())
    }

    fn stop(&self, register: WattHours) -> Result<Stopped, UsageError> {
        let transaction: TransactionId = "1".parse().map_err(|error| unnamed(&error))?;
        let reason = StopReason::EvDisconnected;
        Ok(Stopped {
            transaction,
            at: self.ended_at,
            register: Some(register),
            reason,
            readings: Vec::new(),
            signed: false,
        })
    }
}

impl UsageReading {
    fn checked(&self, index: usize) -> Result<Reading, UsageError> {
        let whole = |value: Option<Decimal>, name: &str, per_unit: Decimal| {
            let number = |value: Decimal| value.checked_mul(per_unit).and_then(|value| value.round().to_u32());
            let field = format!("readings[{index}].{name}");
            let problem = |value: Decimal| refused(&field, format!("{value} is below zero or too large"));
            value.map(|value| number(value).ok_or_else(|| problem(value))).transpose()
        };
        Ok(Reading {
            at: self.at,
            register: WattHours(self.register_wh),
            power: whole(self.power_w, "power_w", Decimal::ONE)?.map(Watts),
            current: whole(self.current_a, "current_a", Decimal::ONE_THOUSAND)?.map(Milliamperes),
        })
    }
}

/// A record names no driver.
fn tag() -> Result<IdTag, UsageError> {
    "record".parse().map_err(|error| unnamed(&error))
}

fn unnamed(error: &impl std::fmt::Display) -> UsageError {
    refused("record", error.to_string())
}

fn refused(field: &str, problem: String) -> UsageError {
    UsageError { field: field.to_owned(), problem }
}
