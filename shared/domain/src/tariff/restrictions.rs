//! When a tariff element applies (OCPI 2.2.1, `TariffRestrictions`): all that is set must match.

use jiff::civil::{Date, DateTime, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::units::{Milliamperes, WattHours, Watts};

/// The conditions of an element. Lower bounds are inclusive, upper bounds exclusive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Restrictions {
    /// Local time of day from which it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Time>,
    /// Local time of day until which it applies; 00:00 is the end of the day; before `start_time`: the next day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Time>,
    /// Local date from which it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_date: Option<Date>,
    /// Local date before which it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_date: Option<Date>,
    /// Energy delivered so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_energy: Option<WattHours>,
    /// Energy delivered so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_energy: Option<WattHours>,
    /// Sum over all phases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_current: Option<Milliamperes>,
    /// Sum over all phases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_current: Option<Milliamperes>,
    /// Charging power.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_power: Option<Watts>,
    /// Charging power.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_power: Option<Watts>,
    /// Seconds since the session (or the reservation) began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_duration_seconds: Option<i64>,
    /// Seconds since the session (or the reservation) began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_duration_seconds: Option<i64>,
    /// Local days of the week; empty stands for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// Set on elements that price a reservation, and only that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<ReservationPhase>,
}

/// A day of the week (OCPI `DayOfWeek`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the days of the week")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Day {
    /// The days in order.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// What a reservation element prices (OCPI `ReservationRestrictionType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReservationPhase {
    /// The reservation.
    Reservation,
    /// A reservation that nobody came for.
    ReservationExpires,
}

/// What restrictions are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The site's own date and time of day.
    pub local: DateTime,
    /// Energy delivered so far.
    pub energy: WattHours,
    /// Seconds since the session (or the reservation) began.
    pub elapsed_seconds: i64,
    /// The power with which the vehicle charges.
    pub power: Watts,
    /// The current over all phases, where the charger reports it. Unknown, it matches no bound: what cannot be shown is
    /// not billed by it.
    pub current: Option<Milliamperes>,
    /// Which reservation elements to look at; `None` is the session itself.
    pub reservation: Option<ReservationPhase>,
}

impl Restrictions {
    /// Whether all that is set matches.
    #[must_use]
    pub fn match_at(&self, moment: &Moment) -> bool {
        self.reservation == moment.reservation
            && self.time_matches(moment.local.time())
            && self.day_matches(moment.local.date())
            && within(self.min_energy, self.max_energy, Some(moment.energy))
            && within(self.min_duration_seconds, self.max_duration_seconds, Some(moment.elapsed_seconds))
            && within(self.min_power, self.max_power, Some(moment.power))
            && within(self.min_current, self.max_current, moment.current)
    }

    fn time_matches(&self, time: Time) -> bool {
        let end = self.end_time.filter(|end| *end != Time::midnight());
        match (self.start_time, end) {
            (None, None) => true,
            (Some(start), None) => start <= time,
            (None, Some(end)) => time < end,
            (Some(start), Some(end)) if end < start => start <= time || time < end,
            (Some(start), Some(end)) => start <= time && time < end,
        }
    }

    fn day_matches(&self, date: Date) -> bool {
        (self.days.is_empty() || self.days.contains(&date.weekday().into()))
            && within(self.start_date, self.end_date, Some(date))
    }

    /// Whether day of the week and time of day match; all else is left open.
    #[must_use]
    pub fn match_in_week(&self, day: Day, time: Time) -> bool {
        self.time_matches(time) && (self.days.is_empty() || self.days.contains(&day))
    }

    /// Whether dates of the calendar decide.
    #[must_use]
    pub const fn depends_on_calendar(&self) -> bool {
        self.start_date.is_some() || self.end_date.is_some()
    }

    /// Whether the site's clock decides.
    #[must_use]
    pub fn depends_on_clock(&self) -> bool {
        self.start_time.is_some() || self.end_time.is_some() || self.depends_on_date()
    }

    /// Whether the site's calendar decides.
    #[must_use]
    pub fn depends_on_date(&self) -> bool {
        self.start_date.is_some() || self.end_date.is_some() || !self.days.is_empty()
    }

    /// Whether power or current decide.
    #[must_use]
    pub fn depends_on_power(&self) -> bool {
        let power = self.min_power.or(self.max_power).is_some();
        power || self.min_current.or(self.max_current).is_some()
    }
}

fn within<T: PartialOrd>(min: Option<T>, max: Option<T>, value: Option<T>) -> bool {
    match value {
        Some(value) => min.is_none_or(|min| min <= value) && max.is_none_or(|max| value < max),
        None => min.is_none() && max.is_none(),
    }
}
