//! What drivers are told of their own sessions, by text message.

use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;

use crate::catalogue::text;
use crate::narrow;

/// What is told of a session.
#[derive(Debug, Clone, Copy)]
pub struct DriverStory<'a> {
    /// What.
    pub kind: DriverNoticeKind,
    /// The charger's name, as it stands on it.
    pub charger: &'a str,
    /// What it is about, where it is about money.
    pub amount: Money,
    /// In how many minutes it begins, where something does.
    pub minutes: i64,
    /// The session's page: it shows why, and takes payments.
    pub page: &'a str,
}

/// A text message to a driver. Its page is never cut.
#[must_use]
pub fn tell_driver(language: Language, story: &DriverStory<'_>) -> String {
    let amount = story.amount.to_string();
    let args = [("charger", story.charger.into()), ("amount", amount.into()), ("minutes", story.minutes.into())];
    narrow::sms(&text(language, message(story.kind), &args), story.page, narrow::ONE_MESSAGE)
}

const fn message(kind: DriverNoticeKind) -> &'static str {
    match kind {
        DriverNoticeKind::ChargingComplete => "driver-charging-complete",
        DriverNoticeKind::IdleSoon => "driver-idle-soon",
        DriverNoticeKind::IdleRunning => "driver-idle-running",
        DriverNoticeKind::ReceiptReady => "driver-receipt-ready",
        DriverNoticeKind::HoldDeclined => "driver-hold-declined",
        DriverNoticeKind::Unpaid => "driver-unpaid",
        DriverNoticeKind::Reminder => "driver-reminder",
        DriverNoticeKind::BalanceSettled => "driver-balance-settled",
        DriverNoticeKind::Refunded => "driver-refunded",
    }
}
