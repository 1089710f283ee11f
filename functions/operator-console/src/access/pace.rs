//! How often one caller may ask the API: more than any program needs, less than one that runs wild would take from the others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::access::UserName;

/// Fifty requests a second.
const EVERY: SignedDuration = SignedDuration::from_millis(20);
/// So many may come at once before that.
const AT_ONCE: i32 = 200;
/// So many names are remembered before those that have long been quiet are forgotten.
const MOST_NAMES: usize = 1_000;

/// Who asked how much, in this process (GCRA: one instant a name).
#[derive(Debug, Clone, Default)]
pub struct Pace(Arc<Mutex<HashMap<String, Timestamp>>>);

impl Pace {
    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, where too many came.
    pub(crate) fn take(&self, name: &UserName, now: Timestamp) -> Result<(), SignedDuration> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_NAMES {
            known.retain(|_, paid_until| *paid_until > now);
        }
        let paid_until = known.get(name.as_str()).copied().unwrap_or(now).max(now);
        let ahead = paid_until.duration_since(now);
        if ahead > EVERY * (AT_ONCE - 1) {
            return Err(ahead - EVERY * (AT_ONCE - 1));
        }
        known.insert(name.to_string(), paid_until + EVERY);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, EVERY, MOST_NAMES, Pace};
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn many_may_come_at_once_and_then_one_at_a_time() {
        let (pace, now) = (Pace::default(), Timestamp::UNIX_EPOCH);
        let (one, other) = ("one".parse().unwrap(), "other".parse().unwrap());
        for _ in 0..AT_ONCE {
            assert_eq!(pace.take(&one, now), Ok(()));
        }
        assert_eq!(pace.take(&one, now), Err(EVERY));
        assert_eq!(pace.take(&other, now), Ok(()), "each for itself");
        assert_eq!(pace.take(&one, now + EVERY), Ok(()));
        assert!(pace.take(&one, now + EVERY).is_err());
        assert_eq!(pace.take(&one, now + SignedDuration::from_hours(1)), Ok(()));
        assert_eq!(
            pace.take(&one, now),
            Err(SignedDuration::from_hours(1) + EVERY - EVERY * (AT_ONCE - 1)),
            "a clock that steps back"
        );
    }

    #[test]
    fn who_has_been_quiet_is_forgotten() {
        let (pace, now) = (Pace::default(), Timestamp::UNIX_EPOCH);
        for name in 0..MOST_NAMES {
            pace.take(&format!("n{name}").parse().unwrap(), now).unwrap();
        }
        pace.take(&"late".parse().unwrap(), now + EVERY).unwrap();
        assert_eq!(pace.0.lock().unwrap().len(), 1);
    }
}
