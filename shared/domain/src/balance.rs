//! What is owed after every card attempt failed: pursued on a schedule, never forgotten, never silently written off.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// An unpaid balance. Its amount is [`crate::session::Session::uncollectable`]: it counts as not collected from the
/// first day and as captured once it is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// When the last attempt to collect it failed, UTC.
    pub since: Timestamp,
    /// Reminders asked for so far, the first demand not counted.
    pub reminders: u32,
}

impl Balance {
    /// A balance that just came to be.
    #[must_use]
    pub const fn new(since: Timestamp) -> Self {
        Self { since, reminders: 0 }
    }

    /// When the driver is next to be reminded, UTC; `after_days` are the site's, counted from the first demand.
    #[must_use]
    pub fn next_reminder_at(&self, after_days: &[u32]) -> Option<Timestamp> {
        let days = after_days.get(usize::try_from(self.reminders).ok()?)?;
        Some(self.since + SignedDuration::from_hours(24 * i64::from(*days)))
    }
}

/// Something a driver is to be told once. What is told is an item of its own in the table's outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriverNotice {
    /// What.
    pub kind: DriverNoticeKind,
    /// Since when it is due, UTC.
    pub due_at: Timestamp,
    /// In how many minutes it begins, where something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_minutes: Option<u32>,
}

/// What drivers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverNoticeKind {
    /// The vehicle has finished charging and costs nothing while it stays.
    ChargingComplete,
    /// The vehicle has finished charging, and an idle fee begins soon.
    IdleSoon,
    /// An idle fee runs.
    IdleRunning,
    /// The session is billed.
    ReceiptReady,
    /// The card did not bear the hold; the pay link settles it.
    HoldDeclined,
    /// The bill could not be collected; the pay link settles it.
    Unpaid,
    /// It still is not paid.
    Reminder,
    /// The balance is paid or forgiven.
    BalanceSettled,
    /// Something was given back.
    Refunded,
}
