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

    /// The share that `part` of `of` seconds has, to the nearest watt-hour; all of it when there are none.
    #[must_use]
    pub fn share(self, part_seconds: i64, of_seconds: i64) -> Self {
        if of_seconds <= 0 || part_seconds == of_seconds {
            return self;
        }
        let (part, of) = (i128::from(part_seconds), i128::from(of_seconds));
        let nearest = (i128::from(self.0) * part * 2 + of) / (of * 2);
        Self(i64::try_from(nearest).unwrap_or(self.0))
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
    /// The average power that delivers `energy` in `seconds`.
    #[must_use]
    pub fn average(energy: WattHours, seconds: i64) -> Self {
        let watts = energy.0.saturating_mul(3600) / seconds.max(1);
        Self(u32::try_from(watts).unwrap_or(u32::MAX))
    }

    /// The most energy this power can deliver in `seconds`, with a tenth for metering tolerance (invariant I10).
    #[must_use]
    pub fn most_in(self, seconds: i64) -> WattHours {
        WattHours(i64::from(self.0).saturating_mul(seconds.max(0)).saturating_mul(11) / 36_000)
    }
}

/// Current over all phases, in milliamperes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milliamperes(pub u32);

/// Whole seconds from one instant to a later one; 0 when it is not later.
#[must_use]
pub fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.duration_since(from).as_secs().max(0)
}
