//! One fault, one alert, one "recovered", however often it repeats itself.
//!
//! # Layout, in reading order
//! - [`Kind`]: what can be wrong, and how each kind is treated. [`Subject`]: what is wrong where.
//! - [`Incident`]: what is known of it, and what people are to be told.
//! - [`observe`]: what a sighting does to it; [`advance`]: what time does.
//! - [`AlertPolicy`]: how a site wants to be told.
//! - [`uptime`]: what incidents add up to.

mod kind;
mod life;
mod policy;
mod subject;
pub mod uptime;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use kind::{Kind, Severity};
pub use life::{Sighting, acknowledge, advance, fold, observe};
pub use policy::{AlertPolicy, Rules};
pub use subject::{NotASubject, Place, Subject};

/// A fault, from its first sighting to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// What is wrong where.
    pub subject: Subject,
    /// A charger's error code and its vendor's; of billing, figures. As at the first sighting.
    pub facts: String,
    /// First sighting, UTC: of a charger by its own clock.
    pub first_at: Timestamp,
    /// Latest sighting, UTC, by the same clock.
    pub last_at: Timestamp,
    /// When the latest sighting came in, UTC.
    pub seen_at: Timestamp,
    /// Since when it lasts without a break, by receive time, UTC.
    pub lasts_since: Timestamp,
    /// Sightings so far.
    pub count: u64,
    /// How often it seemed to be over and came back.
    pub flaps: u32,
    /// Since when all seems to be well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calm: Option<Calm>,
    /// When it had lasted long enough to tell somebody, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// Since when all is well, UTC, once that is sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
    /// How many reminders were due.
    #[serde(default)]
    pub reminders: u32,
    /// Whether the second contact was to be told.
    #[serde(default)]
    pub escalated: bool,
    /// Whether it is told as part of its site's storm.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub folded: bool,
    /// Why it does not count against uptime, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// What people are to be told, in order.
    pub notices: Vec<Notice>,
    /// When something about it is to be done, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

/// All seems to be well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calm {
    /// Since when, by the clock of the sightings, UTC.
    pub at: Timestamp,
    /// When that came in, UTC.
    pub seen_at: Timestamp,
}

/// Somebody looks after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Who, in their own words.
    pub by: String,
    /// When, UTC.
    pub at: Timestamp,
}

/// Something people are to be told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Since when it is due, UTC.
    pub due_at: Timestamp,
    /// What became of it; `None` while it is to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Sent>,
}

/// SNS has taken it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When, UTC.
    pub at: Timestamp,
    /// SNS's own name for it.
    pub message_id: String,
}

/// The kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A fault opened.
    Opened,
    /// Nobody has acknowledged it yet.
    Reminder,
    /// The second contact is told of it.
    Escalated,
    /// It is over.
    Recovered,
}

impl NoticeKind {
    /// The word that subscriptions filter by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reminder => "reminder",
            Self::Escalated => "escalated",
            Self::Recovered => "recovered",
        }
    }
}

impl Incident {
    /// The first notice not yet sent.
    #[must_use]
    pub fn next_notice(&self) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.sent.is_none())
    }

    /// Notes that SNS took the first notice not yet sent.
    pub fn notice_sent(&mut self, sent: Sent, rules: &Rules) {
        if let Some(notice) = self.notices.iter_mut().find(|notice| notice.sent.is_none()) {
            notice.sent = Some(sent);
        }
        self.due_at = life::due_at(self, rules);
    }

    /// Whether the fault lasts, told or not.
    #[must_use]
    pub const fn is_going_on(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Whether somebody was to be told and it lasts.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.opened_at.is_some() && self.ended_at.is_none()
    }

    /// How long it lasted, or has by `now`.
    #[must_use]
    pub fn lasted(&self, now: Timestamp) -> SignedDuration {
        self.ended_at.unwrap_or(now).duration_since(self.first_at).max(SignedDuration::ZERO)
    }
}
