//! Counts what AWS would bill.

use std::sync::atomic::{AtomicU64, Ordering};

use dynoxide::DynoxideError;
use dynoxide::types::{Item, TRANSACTIONAL_CAPACITY_FACTOR, item_size, write_capacity_units};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::dispatch::Kind;

/// What the requests so far would have consumed on AWS.
///
/// Counted from the answers' `ConsumedCapacity`, so a request must ask for it (`ReturnConsumedCapacity: TOTAL`). A
/// refused write answers none, but AWS bills it: it counts by the item it names, else as the smallest possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// Write capacity, in tenths of a unit.
    pub write_unit_tenths: u64,
    /// Read capacity, in tenths of a unit: an eventually consistent read of 4 KB is 5.
    pub read_unit_tenths: u64,
    /// Requests that reached the transport, whatever became of them.
    pub round_trips: u64,
    /// Requests that did not ask for their capacity and so are missing above; 0 makes the figures complete.
    pub unmetered: u64,
}

/// Capacity units by direction, as one answer reports them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Capacity {
    pub(super) write_units: f64,
    pub(super) read_units: f64,
}

#[derive(Debug, Default)]
pub(super) struct Meter {
    write_unit_tenths: AtomicU64,
    read_unit_tenths: AtomicU64,
    round_trips: AtomicU64,
    unmetered: AtomicU64,
}

impl Meter {
    pub(super) fn usage(&self) -> StoreUsage {
        StoreUsage {
            write_unit_tenths: self.write_unit_tenths.load(Ordering::Relaxed),
            read_unit_tenths: self.read_unit_tenths.load(Ordering::Relaxed),
            round_trips: self.round_trips.load(Ordering::Relaxed),
            unmetered: self.unmetered.load(Ordering::Relaxed),
        }
    }

    pub(super) fn count_round_trip(&self) {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count(&self, kind: Kind, capacity: Option<Capacity>) {
        match (kind, capacity) {
            (Kind::Table, _) => {}
            (Kind::Read | Kind::Write, None) => {
                self.unmetered.fetch_add(1, Ordering::Relaxed);
            }
            (Kind::Read | Kind::Write, Some(capacity)) => {
                self.write_unit_tenths.fetch_add(tenths(capacity.write_units), Ordering::Relaxed);
                self.read_unit_tenths.fetch_add(tenths(capacity.read_units), Ordering::Relaxed);
            }
        }
    }

    /// Counts a write whose condition failed: AWS bills it although it changed nothing.
    pub(super) fn count_refusal(&self, kind: Kind, error: &DynoxideError) {
        if kind == Kind::Write {
            self.write_unit_tenths.fetch_add(tenths(refused_units(error)), Ordering::Relaxed);
        }
    }
}

// `DynoxideError` is open to new variants, so its match must have a wildcard.
#[allow(clippy::wildcard_enum_match_arm)]
fn refused_units(error: &DynoxideError) -> f64 {
    match error {
        DynoxideError::ConditionalCheckFailedException(_, item) => units_of(item.as_ref()),
        DynoxideError::TransactionCanceledException(_, reasons) => {
            reasons.iter().map(|reason| units_of(reason.item.as_ref()) * TRANSACTIONAL_CAPACITY_FACTOR).sum()
        }
        _ => 0.0,
    }
}

fn units_of(item: Option<&Item>) -> f64 {
    write_capacity_units(item.map_or(0, item_size)).max(1.0)
}

/// Units come in halves, so tenths are exact.
fn tenths(units: f64) -> u64 {
    Decimal::try_from(units).ok().and_then(|units| (units * Decimal::TEN).to_u64()).unwrap_or(0)
}
