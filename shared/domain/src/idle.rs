//! The idle policy: what a vehicle owes that stays plugged in after its charging has ended.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money, MoneyError};

/// Grace, price and cap, as the operator set them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdlePolicy {
    /// Free minutes after each end of charging.
    pub grace_minutes: u32,
    /// Major units of the site's currency per minute after the grace.
    pub price_per_minute: Decimal,
    /// The most a session can owe for idle time, in major units.
    #[serde(default)]
    pub cap: Option<Decimal>,
    /// Minutes the register must stand still before it counts as the end of charging, where the charger does not say.
    #[serde(default = "default_flat_minutes")]
    pub flat_minutes: u32,
}

/// Minutes of a flat register that prove the end of charging, unless the policy says otherwise.
pub const DEFAULT_FLAT_MINUTES: u32 = 15;

const fn default_flat_minutes() -> u32 {
    DEFAULT_FLAT_MINUTES
}

impl IdlePolicy {
    /// The seconds of one idle span that are billed: what is left after the grace.
    #[must_use]
    pub fn billed_seconds(&self, span_seconds: i64) -> i64 {
        (span_seconds - i64::from(self.grace_minutes) * 60).max(0)
    }

    /// The fee for `billed_seconds` in all, capped, rounded once.
    ///
    /// # Errors
    /// When the amount does not fit.
    pub fn fee(&self, billed_seconds: i64, currency: Currency) -> Result<Money, MoneyError> {
        let exact = Decimal::from(billed_seconds).checked_mul(self.price_per_minute).ok_or(MoneyError::Overflow)?
            / Decimal::from(60);
        Money::round(self.cap.map_or(exact, |cap| exact.min(cap)), currency)
    }
}
