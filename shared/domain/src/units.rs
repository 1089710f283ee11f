//! Measured quantities, each with its own type and its own verbs.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Energy, or the reading of an energy register, in watt-hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WattHours(pub i64);

impl WattHours {
    /// The energy between two readings of one register; `None` when the register fell.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Self> {
        self.0.checked_sub(earlier.0).filter(|difference| *difference >= 0).map(Self)
    }

    /// Kilowatt-hours, exactly.
    #[must_use]
    pub fn to_kwh(self) -> Decimal {
        Decimal::new(self.0, 3)
    }
}

/// Power in watts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Watts(pub u32);

impl Watts {
    /// The most energy this power can deliver in `seconds`, with a tenth for metering tolerance (invariant I10).
    #[must_use]
    pub fn most_in(self, seconds: i64) -> WattHours {
        let watt_seconds = i128::from(self.0) * i128::from(seconds.max(0)) * 11 / 10;
        WattHours(i64::try_from(watt_seconds / 3600).unwrap_or(i64::MAX))
    }
}

/// Whole seconds from one instant to a later one; 0 when it is not later.
#[must_use]
pub fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}
