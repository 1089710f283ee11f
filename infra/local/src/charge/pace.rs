//! Time as the charger tells it, and on the wall.

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Duration, Instant};

/// How told time passes: so many times faster than on the wall, and so that the whole ends now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    begins_at: Timestamp,
    began: Instant,
    faster: u32,
}

impl Pace {
    /// A pace for something that takes `whole`; `now` is the time on the wall.
    pub(super) fn new(whole: SignedDuration, faster: u32, now: Timestamp) -> Self {
        let faster = faster.max(1);
        let takes = whole / i32::try_from(faster).unwrap_or(i32::MAX);
        Self { begins_at: now - (whole - takes), began: Instant::now(), faster }
    }

    /// When it begins, as told.
    pub(super) const fn begins_at(&self) -> Timestamp {
        self.begins_at
    }

    /// When that is on the wall.
    pub(super) fn on_the_wall(&self, at: Timestamp) -> Instant {
        let told = Duration::try_from(at.duration_since(self.begins_at)).unwrap_or_default();
        self.began + told / self.faster
    }

    /// Now, as told.
    pub(super) fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.began.elapsed() * self.faster).unwrap_or(SignedDuration::MAX);
        self.begins_at.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}
