//! How a site collects: the size of holds, what is done above them, when unpaid balances are recalled.

use jiff::SignedDuration;
use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use super::{SiteError, Terms};
use crate::money::{Currency, Money, MoneyError, parse_decimal};
use crate::pricing::{Surroundings, price};
use crate::timeline::Timeline;
use crate::units::{WattHours, Watts};

/// How a site collects what it bills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaymentPolicy {
    /// Raise the hold before it is exhausted, where the card allows.
    #[serde(default)]
    pub raise_hold: bool,
    /// Stop charging when the hold is exhausted and cannot be raised.
    #[serde(default)]
    pub stop_at_hold: bool,
    /// Days after the first demand on which an unpaid balance is recalled, in rising order.
    #[serde(default = "default_reminders")]
    pub remind_after_days: Vec<u32>,
    /// A hold that a driver paid for beforehand is given back when the vehicle does not start within so many minutes.
    #[serde(default = "default_start_within")]
    pub start_within_minutes: u32,
    /// The Stripe Connect account that the money is for, where it is not the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<ConnectedAccount>,
}

/// An operator's account on a platform's Stripe Connect (destination charges).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectedAccount {
    /// Stripe's id, `acct_…`.
    pub id: String,
    /// What the platform keeps, in per cent of what is taken.
    #[serde(default)]
    pub fee_percent: Decimal,
}

impl ConnectedAccount {
    /// What the platform keeps of `amount`, rounded once.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn fee(&self, amount: Money) -> Result<Money, MoneyError> {
        Money::round(amount.to_decimal() * self.fee_percent / Decimal::ONE_HUNDRED, amount.currency())
    }
}

fn default_reminders() -> Vec<u32> {
    vec![1, 3, 7, 14, 30]
}

const fn default_start_within() -> u32 {
    5
}

impl Default for PaymentPolicy {
    fn default() -> Self {
        Self {
            raise_hold: false,
            stop_at_hold: false,
            remind_after_days: default_reminders(),
            start_within_minutes: default_start_within(),
            account: None,
        }
    }
}

impl PaymentPolicy {
    /// Whether it can be followed.
    ///
    /// # Errors
    /// What contradicts itself, and what to do.
    pub(super) fn check(&self) -> Result<(), SiteError> {
        let refuse = |field, problem: &str| Err(SiteError::Value { field, problem: problem.to_owned() });
        if !self.remind_after_days.is_sorted_by(|a, b| a < b) || self.remind_after_days.first() == Some(&0) {
            return refuse("payments.remind_after_days", "list days in rising order, from 1");
        }
        let Some(account) = &self.account else { return Ok(()) };
        let usable = account
            .id
            .strip_prefix("acct_")
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if !usable {
            return refuse("payments.account.id", "is no Stripe account: it begins with `acct_`");
        }
        if account.fee_percent.is_sign_negative() || account.fee_percent >= Decimal::ONE_HUNDRED {
            return refuse("payments.account.fee_percent", "must be at least 0 and below 100");
        }
        Ok(())
    }
}

/// A hold of the size that a full charge may cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizedHold {
    /// What a full charge is taken to be, kWh.
    pub full_charge_kwh: Decimal,
    /// Never held less.
    pub at_least: Money,
    /// Never held, or raised to, more.
    pub at_most: Money,
}

/// `hold` in a site file: an amount, or bounds for one.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum HoldEntry {
    Fixed(String),
    Sized(SizedEntry),
}

/// Bounds for a hold as a site file has them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SizedEntry {
    full_charge_kwh: String,
    at_least: String,
    at_most: String,
}

impl HoldEntry {
    /// What is held where nothing else is known, and the bounds where there are some.
    pub(super) fn checked(&self, currency: Currency) -> Result<(Money, Option<SizedHold>), SiteError> {
        let amount = |text: &str| Money::parse(text, currency).map_err(SiteError::Hold);
        match self {
            Self::Fixed(text) => Ok((amount(text)?, None)),
            Self::Sized(entry) => {
                let (at_least, at_most) = (amount(&entry.at_least)?, amount(&entry.at_most)?);
                let full_charge_kwh = parse_decimal(&entry.full_charge_kwh).map_err(SiteError::Hold)?;
                let refuse = |field, problem: String| Err(SiteError::Value { field, problem });
                if at_least.minor() > at_most.minor() || at_least.minor() < 0 {
                    return refuse("hold.at_least", format!("{at_least} must be from zero to at_most, {at_most}"));
                }
                if full_charge_kwh <= Decimal::ZERO || full_charge_kwh > Decimal::ONE_THOUSAND {
                    return refuse("hold.full_charge_kwh", format!("{full_charge_kwh} is not within 0 and 1000"));
                }
                Ok((at_least, Some(SizedHold { full_charge_kwh, at_least, at_most })))
            }
        }
    }
}

impl Terms {
    /// What is to be held for a session that starts at `at` on a connector of this power: what a full charge there may
    /// cost, rounded up to a whole major unit, within the site's bounds; where it has none, its fixed amount.
    #[must_use]
    pub fn hold_at(&self, at: Timestamp, max_power: Watts) -> Money {
        let Some(sized) = &self.sized_hold else { return self.hold };
        let (least, most) = (sized.at_least.minor(), sized.at_most.minor());
        let cost = self.full_charge(sized, at, max_power).unwrap_or(most);
        let major = 10_i64.pow(self.hold.currency().exponent());
        let whole = cost.saturating_add(major - 1) / major * major;
        Money::new(whole.clamp(least, most), self.hold.currency())
    }

    /// The most that a hold is raised to; `None` where the site sets no bound.
    #[must_use]
    pub fn highest_hold(&self) -> Option<Money> {
        self.sized_hold.as_ref().map(|sized| sized.at_most)
    }

    /// The price of a full charge at full power, in minor units.
    fn full_charge(&self, sized: &SizedHold, at: Timestamp, max_power: Watts) -> Option<i64> {
        let energy = WattHours((sized.full_charge_kwh * Decimal::ONE_THOUSAND).to_i64()?);
        let seconds = energy.0.checked_mul(3600)?.checked_div(i64::from(max_power.0))?.max(60);
        let timeline = Timeline::steady(at, at + SignedDuration::from_secs(seconds), energy);
        price(&timeline, Surroundings::of(max_power), self).ok().map(|bill| bill.total.minor())
    }
}
