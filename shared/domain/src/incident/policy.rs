//! How a site wants to be told.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Kind, Severity};
use crate::idle::QuietHours;
use crate::language::Language;

const MINUTES_A_DAY: u32 = 24 * 60;

/// How a site wants to be told of incidents. All durations are minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertPolicy {
    /// The language of messages, to operators and to drivers.
    pub language: Language,
    /// How long a kind has to last before anybody is told, where it is not the kind's own delay.
    pub delay_minutes: BTreeMap<Kind, u32>,
    /// When to remind of what nobody has acknowledged, counted from when it was told; the last one repeats.
    pub remind_after_minutes: Vec<u32>,
    /// When the second contact is told of what nobody has acknowledged; 0 for never.
    pub escalate_after_minutes: u32,
    /// When nothing is told that is not critical, by the site's own clock.
    pub quiet_hours: Option<QuietHours>,
    /// How many chargers have to fail at once to be one incident of the site.
    pub storm_at: u32,
    /// When staff is told that a vehicle that has charged keeps its stall; 0 for never.
    pub stall_blocked_after_minutes: u32,
}

impl Default for AlertPolicy {
    fn default() -> Self {
        Self {
            language: Language::default(),
            delay_minutes: BTreeMap::new(),
            remind_after_minutes: vec![60, 240, 720, 1440],
            escalate_after_minutes: 30,
            quiet_hours: None,
            storm_at: 5,
            stall_blocked_after_minutes: 0,
        }
    }
}

/// A policy and the clock it goes by.
#[derive(Debug, Clone)]
pub struct Rules {
    /// What the site wants.
    pub policy: AlertPolicy,
    /// By whose clock.
    pub zone: TimeZone,
}

impl Default for Rules {
    fn default() -> Self {
        Self { policy: AlertPolicy::default(), zone: TimeZone::UTC }
    }
}

impl AlertPolicy {
    /// What contradicts itself, as field and remedy.
    ///
    /// # Errors
    /// When a message could not be written or would be sent without end.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(minutes) = self.remind_after_minutes.iter().find(|minutes| **minutes < 5) {
            return Err(("alerts.remind_after_minutes", format!("{minutes} is less than 5: nobody reads that often")));
        }
        if let Some((kind, minutes)) = self.delay_minutes.iter().find(|(_, minutes)| **minutes > MINUTES_A_DAY) {
            let problem = format!("{} after {minutes} minutes is more than a day late", kind.as_str());
            return Err(("alerts.delay_minutes", problem));
        }
        if self.storm_at == 1 {
            return Err(("alerts.storm_at", "one charger is no storm: give 2 or more, or 0 for never".to_owned()));
        }
        Ok(())
    }
}

impl Rules {
    /// How long a kind has to last before anybody is told.
    #[must_use]
    pub fn delay(&self, kind: Kind) -> SignedDuration {
        let own = self.policy.delay_minutes.get(&kind);
        own.map_or_else(|| kind.delay(), |minutes| SignedDuration::from_mins(i64::from(*minutes)))
    }

    /// When the `n`th reminder is due, counted from when it was told; `None` where the site wants none.
    #[must_use]
    pub fn reminder(&self, told_at: Timestamp, n: u32) -> Option<Timestamp> {
        let after = &self.policy.remind_after_minutes;
        let last = after.len().checked_sub(1)?;
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        let minutes = i64::from(*after.get(n.min(last))?);
        let repeats = i64::try_from(n.saturating_sub(last)).unwrap_or(i64::MAX);
        Some(told_at + SignedDuration::from_mins(minutes.saturating_mul(repeats.saturating_add(1))))
    }

    /// When the second contact is told; `None` for never.
    #[must_use]
    pub fn escalation(&self, told_at: Timestamp) -> Option<Timestamp> {
        let minutes = self.policy.escalate_after_minutes;
        (minutes > 0).then(|| told_at + SignedDuration::from_mins(i64::from(minutes)))
    }

    /// When something that is due at `at` (UTC) may be told: not in quiet hours, unless it is critical.
    #[must_use]
    pub fn audible(&self, severity: Severity, at: Timestamp) -> Timestamp {
        let Some(quiet) = self.policy.quiet_hours else { return at };
        let local = at.to_zoned(self.zone.clone());
        if severity == Severity::Critical || !quiet.contain(local.time()) {
            return at;
        }
        let tomorrow = || local.date().saturating_add(jiff::Span::new().days(1));
        let day = if local.time() < quiet.until { local.date() } else { tomorrow() };
        day.to_datetime(quiet.until).to_zoned(self.zone.clone()).map_or(at, |end| end.timestamp())
    }
}
