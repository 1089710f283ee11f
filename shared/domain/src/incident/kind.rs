//! What can be wrong, and how each kind is treated.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A charger reports a fault: an error code of OCPP, its vendor's, or one of MREC's.
    ChargerFault,
    /// A connector says that it is not available.
    ConnectorUnavailable,
    /// A charger's connection is gone.
    ChargerOffline,
    /// A session ended because the power failed.
    PowerLoss,
    /// Somebody pressed the emergency stop.
    EmergencyStop,
    /// A meter says what cannot be.
    MeterAnomaly,
    /// Messages of a transaction never came, by the numbers that its charger gave them.
    MessagesMissing,
    /// A charger's clock is beyond what transport can explain.
    ClockWrong,
    /// A session goes on although nothing is heard of it.
    StuckSession,
    /// A session took no energy although the vehicle stayed.
    ZeroEnergy,
    /// Sessions at a connector end as soon as they have begun.
    FailedStarts,
    /// A vehicle has charged and keeps its stall.
    StallBlocked,
    /// Several chargers of a site failed at once.
    SiteStorm,
    /// Cards are declined one after the other.
    PaymentFailing,
    /// A hold lapses within 12 hours and is neither captured nor renewed.
    CaptureOverdue,
    /// Ended sessions are not settled within 15 minutes.
    BillingStopped,
    /// A cardholder disputes what a session took.
    Dispute,
    /// A driver says that something is wrong with their session.
    DriverAsks,
    /// Stripe has not told for over an hour what became of a money move.
    PaymentUnknown,
    /// Our books and Stripe's differ.
    ReconciliationDiffers,
    /// Stripe moves money and sends no event about it.
    WebhookSilence,
    /// Stripe answers 401 or 403: nothing can be held, captured or refunded.
    StripeKeyRefused,
    /// Messages that could not be handled wait for somebody to look.
    DeadLetters,
    /// Alerts reach nobody.
    AlertUndeliverable,
}

/// How soon somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Some day: told in the daily digest.
    Low,
    /// In working hours.
    Warning,
    /// At once, at night too.
    Critical,
}

impl Severity {
    /// The word that subscriptions filter by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Low => "low",
        }
    }
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::ChargerFault,
        Self::ConnectorUnavailable,
        Self::ChargerOffline,
        Self::PowerLoss,
        Self::EmergencyStop,
        Self::MeterAnomaly,
        Self::MessagesMissing,
        Self::ClockWrong,
        Self::StuckSession,
        Self::ZeroEnergy,
        Self::FailedStarts,
        Self::StallBlocked,
        Self::SiteStorm,
        Self::PaymentFailing,
        Self::CaptureOverdue,
        Self::BillingStopped,
        Self::Dispute,
        Self::DriverAsks,
        Self::PaymentUnknown,
        Self::ReconciliationDiffers,
        Self::WebhookSilence,
        Self::StripeKeyRefused,
        Self::DeadLetters,
        Self::AlertUndeliverable,
    ];

    /// The word that subscriptions filter by, and that site files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChargerFault => "charger_fault",
            Self::ConnectorUnavailable => "connector_unavailable",
            Self::ChargerOffline => "charger_offline",
            Self::PowerLoss => "power_loss",
            Self::EmergencyStop => "emergency_stop",
            Self::MeterAnomaly => "meter_anomaly",
            Self::MessagesMissing => "messages_missing",
            Self::ClockWrong => "clock_wrong",
            Self::StuckSession => "stuck_session",
            Self::ZeroEnergy => "zero_energy",
            Self::FailedStarts => "failed_starts",
            Self::StallBlocked => "stall_blocked",
            Self::SiteStorm => "site_storm",
            Self::PaymentFailing => "payment_failing",
            Self::CaptureOverdue => "capture_overdue",
            Self::BillingStopped => "billing_stopped",
            Self::Dispute => "dispute",
            Self::DriverAsks => "driver_asks",
            Self::PaymentUnknown => "payment_unknown",
            Self::ReconciliationDiffers => "reconciliation_differs",
            Self::WebhookSilence => "webhook_silence",
            Self::StripeKeyRefused => "stripe_key_refused",
            Self::DeadLetters => "dead_letters",
            Self::AlertUndeliverable => "alert_undeliverable",
        }
    }

    /// The kind of this name; `None` when there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// How soon somebody has to look.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::EmergencyStop | Self::SiteStorm | Self::BillingStopped | Self::StripeKeyRefused => Severity::Critical,
            Self::ConnectorUnavailable
            | Self::MeterAnomaly
            | Self::MessagesMissing
            | Self::ClockWrong
            | Self::ZeroEnergy => Severity::Low,
            Self::ChargerFault
            | Self::ChargerOffline
            | Self::PowerLoss
            | Self::StuckSession
            | Self::FailedStarts
            | Self::StallBlocked
            | Self::PaymentFailing
            | Self::CaptureOverdue
            | Self::Dispute
            | Self::DriverAsks
            | Self::PaymentUnknown
            | Self::ReconciliationDiffers
            | Self::WebhookSilence
            | Self::DeadLetters
            | Self::AlertUndeliverable => Severity::Warning,
        }
    }

    /// How long it has to last before anybody is told, unless the site says otherwise.
    #[must_use]
    pub fn delay(self) -> SignedDuration {
        let delays = [
            (Self::ConnectorUnavailable, MINUTE * 10),
            (Self::ChargerOffline, MINUTE * 5),
            (Self::ChargerFault, MINUTE * 2),
            (Self::PowerLoss, MINUTE * 2),
        ];
        delays.into_iter().find(|(kind, _)| *kind == self).map_or(SignedDuration::ZERO, |(_, delay)| delay)
    }

    /// How long all has to be well before it is over: what comes back sooner is the same incident.
    #[must_use]
    pub fn calm(self) -> SignedDuration {
        if self.flaps() { MINUTE * 2 } else { SignedDuration::ZERO }
    }

    /// How often it has to be seen before anybody is told.
    #[must_use]
    pub const fn threshold(self) -> u64 {
        if matches!(self, Self::FailedStarts | Self::PaymentFailing) {
            3
        } else if matches!(self, Self::ZeroEnergy) {
            2
        } else {
            1
        }
    }

    /// After how long unseen it is over, where nothing says that all is well.
    #[must_use]
    pub fn lapses_after(self) -> Option<SignedDuration> {
        if self == Self::DriverAsks {
            return Some(DAY * 14);
        }
        matches!(
            self,
            Self::MeterAnomaly
                | Self::MessagesMissing
                | Self::ClockWrong
                | Self::ZeroEnergy
                | Self::FailedStarts
                | Self::PaymentFailing
        )
        .then_some(DAY)
    }

    /// Whether nobody can charge meanwhile: it counts against uptime, and many at once are a storm.
    #[must_use]
    pub const fn is_outage(self) -> bool {
        matches!(
            self,
            Self::ChargerFault
                | Self::ConnectorUnavailable
                | Self::ChargerOffline
                | Self::PowerLoss
                | Self::EmergencyStop
        )
    }

    const fn flaps(self) -> bool {
        self.is_outage() || matches!(self, Self::SiteStorm | Self::StallBlocked)
    }
}
