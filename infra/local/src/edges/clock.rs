//! Virtual time, shared by every part of the stack.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// A clock that moves when it is told to, and never backwards.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<AtomicI64>);

impl VirtualClock {
    /// A clock that stands at `at`, UTC.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Now, UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves to `to`; an earlier instant changes nothing.
    pub fn advance_to(&self, to: Timestamp) {
        self.0.fetch_max(to.as_millisecond(), Ordering::Relaxed);
    }

    /// The unix milliseconds underneath, for parts that only read them.
    #[must_use]
    pub fn shared(&self) -> Arc<AtomicI64> {
        Arc::clone(&self.0)
    }
}
