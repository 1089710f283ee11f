//! What a vehicle does at a connector, and when.

use jiff::{SignedDuration, Timestamp};

use super::ChargeArguments;

/// Chargers tell of their states a little after the start.
const SOON: SignedDuration = SignedDuration::from_secs(1);

/// A stay, from plugging in to leaving.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    pub(super) begins_at: Timestamp,
    pub(super) register_wh: i64,
    charges: SignedDuration,
    stays: SignedDuration,
    every: SignedDuration,
    power_w: i64,
}

/// What happens at an instant of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happens {
    Charges,
    IsRead,
    IsFull,
    Leaves,
}

impl Stay {
    pub(super) fn new(arguments: &ChargeArguments, begins_at: Timestamp) -> Self {
        let ChargeArguments { charges, stays, every, power, register, .. } = arguments;
        let (power_w, register_wh) = (i64::from(*power), i64::from(*register));
        Self { begins_at, register_wh, charges: *charges, stays: *stays, every: *every, power_w }
    }

    fn full_at(&self) -> Timestamp {
        self.begins_at + self.charges
    }

    pub(super) fn leaves_at(&self) -> Timestamp {
        self.full_at() + self.stays
    }

    /// What the register shows, in Wh.
    pub(super) fn register_at(&self, at: Timestamp) -> i64 {
        let seconds = at.duration_since(self.begins_at).as_secs().clamp(0, self.charges.as_secs());
        self.register_wh + self.power_w * seconds / 3_600
    }

    /// Everything after the start, in order; leaving comes last.
    pub(super) fn timetable(&self) -> Vec<(Timestamp, Happens)> {
        let mut table = vec![(self.leaves_at().min(self.begins_at + SOON), Happens::Charges)];
        let mut at = self.begins_at + self.every;
        while at < self.leaves_at() {
            table.push((at, Happens::IsRead));
            at += self.every;
        }
        if self.stays > SignedDuration::ZERO {
            table.push((self.full_at(), Happens::IsFull));
        }
        table.push((self.leaves_at(), Happens::Leaves));
        table.sort_by_key(|(at, happens)| (*at, *happens == Happens::Leaves));
        table
    }
}
