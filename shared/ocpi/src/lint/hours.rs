//! When in the week an element applies.

use std::cmp::Ordering;

use super::restrictions::{DAYS, EVERY_DAY, Restrictions};
use super::values::Read;

/// Minutes of a day.
pub(super) const DAY: u16 = 24 * 60;

/// The minute before midnight, by which operators mean midnight.
pub(super) const LAST_MINUTE: u16 = DAY - 1;

/// Some days, and the minutes of each of them. Day and time have to match both, each for itself: a night from Friday
/// 22:00 to 06:00 is the late evening and the early morning of Friday.
pub(super) struct Hours {
    days: u8,
    /// Start inclusive, end exclusive.
    minutes: Vec<(u16, u16)>,
}

impl Hours {
    /// What the time and day restrictions leave, to the minute.
    pub(super) fn of(restrictions: &Restrictions<'_>) -> Self {
        let time = |read: &Option<Read<'_, u16>>| read.as_ref().map_or(0, |read| read.value);
        let (start, end) = (time(&restrictions.start_time), time(&restrictions.end_time));
        let end = if end == 0 { DAY } else { end };
        let minutes = match start.cmp(&end) {
            Ordering::Less => vec![(start, end)],
            Ordering::Equal => Vec::new(),
            Ordering::Greater => vec![(start, DAY), (0, end)],
        };
        Self { days: restrictions.days.as_ref().map_or(EVERY_DAY, |read| read.value), minutes }
    }

    /// As [`Self::of`], with the minute that an end at 23:59 leaves out: that has a finding of its own.
    pub(super) fn meant(restrictions: &Restrictions<'_>) -> Self {
        let mut hours = Self::of(restrictions);
        for (_, end) in hours.minutes.iter_mut().filter(|(_, end)| *end == LAST_MINUTE) {
            *end = DAY;
        }
        hours
    }

    /// Whether the time of day restricts nothing.
    pub(super) fn is_whole_day(&self) -> bool {
        self.minutes == [(0, DAY)]
    }

    /// Whether `other` lies within this; never is within nothing.
    pub(super) fn cover(&self, other: &Self) -> bool {
        let within = |inner: &(u16, u16)| self.minutes.iter().any(|outer| outer.0 <= inner.0 && inner.1 <= outer.1);
        !other.minutes.is_empty() && other.days & !self.days == 0 && other.minutes.iter().all(within)
    }

    /// The spans in minutes after Monday 00:00.
    pub(super) fn spans(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..DAYS.len()).filter(|day| self.days & DAYS[*day].1 != 0).flat_map(|day| {
            let midnight = day * usize::from(DAY);
            self.minutes.iter().map(move |(start, end)| (midnight + usize::from(*start), midnight + usize::from(*end)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, Hours};

    #[test]
    fn a_night_is_two_spans_of_its_own_day() {
        let night = Hours { days: 1 << 4, minutes: vec![(22 * 60, DAY), (0, 6 * 60)] };
        let friday = 4 * 24 * 60;
        assert_eq!(night.spans().collect::<Vec<_>>(), [(friday + 1320, friday + 1440), (friday, friday + 360)]);
        assert!(night.cover(&Hours { days: 1 << 4, minutes: vec![(0, 60)] }));
        assert!(!night.cover(&Hours { days: 1 << 5, minutes: vec![(0, 60)] }));
    }
}
