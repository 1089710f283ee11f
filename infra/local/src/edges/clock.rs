//! The one clock of a run on one machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// A clock that stands still until its driver moves it: a replay sets it to each event's own time, a live run to the
/// machine's. All clones show the same time, in whole milliseconds UTC.
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<AtomicI64>);

impl VirtualClock {
    /// A clock standing at `start`.
    #[must_use]
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.as_millisecond())))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        // Only a foreign write through `shared` can leave jiff's range (year 9999).
        Timestamp::from_millisecond(self.0.load(Ordering::Acquire)).unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock to `to`, or leaves it where it is when `to` has already passed.
    pub fn advance_to(&self, to: Timestamp) {
        self.0.fetch_max(to.as_millisecond(), Ordering::AcqRel);
    }

    /// The bare milliseconds since 1970, for parts that must not know this type.
    #[must_use]
    pub fn shared(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.0)
    }
}
