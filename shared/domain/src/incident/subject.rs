//! What can have a fault.

use serde::{Deserialize, Serialize};

use crate::ids::{ChargerId, ConnectorId, SessionId};

/// What has a fault. It names the incident: one subject has one incident at a time.
///
/// Written as `["CP1",1]` or `"billing_stopped"`, so that a connector's doorbell reads as it always did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Subject {
    /// A connector of a charger; 0 is the charger as a whole.
    Connector(ChargerId, ConnectorId),
    /// The operator's own billing.
    Billing(BillingFault),
}

/// What can be wrong with the operator's own billing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingFault {
    /// Stripe answers 401 or 403: nothing can be held, captured or refunded.
    StripeKeyRefused,
    /// Ended sessions are not settled within 15 minutes.
    BillingStopped,
    /// A hold lapses within 12 hours and is neither captured nor renewed.
    CaptureOverdue,
    /// A cardholder disputes what this session took.
    Dispute(SessionId),
    /// Stripe has not told for over an hour what became of a money move.
    PaymentUnknown,
    /// Our books and Stripe's differ.
    ReconciliationDiffers,
}

/// How soon somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// At once, at night too: no money comes in.
    Critical,
    /// In working hours.
    Warning,
}

impl Severity {
    /// The word that subscriptions filter by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
        }
    }
}

impl Subject {
    /// How soon somebody has to look.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Billing(BillingFault::StripeKeyRefused | BillingFault::BillingStopped) => Severity::Critical,
            Self::Connector(..)
            | Self::Billing(
                BillingFault::CaptureOverdue
                | BillingFault::Dispute(_)
                | BillingFault::PaymentUnknown
                | BillingFault::ReconciliationDiffers,
            ) => Severity::Warning,
        }
    }

    /// The word for its kind that subscriptions filter by.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Connector(..) => "connector",
            Self::Billing(fault) => fault.kind(),
        }
    }

    /// A few words for the subject line of a mail, at most 80 characters.
    #[must_use]
    pub fn title(&self) -> String {
        let words = match self {
            Self::Connector(charger, _) => return format!("charger {charger}"),
            Self::Billing(BillingFault::StripeKeyRefused) => "Stripe refuses the secret key",
            Self::Billing(BillingFault::BillingStopped) => "billing has stopped",
            Self::Billing(BillingFault::CaptureOverdue) => "a hold is about to lapse",
            Self::Billing(BillingFault::Dispute(_)) => "a payment is disputed",
            Self::Billing(BillingFault::PaymentUnknown) => "a payment's outcome is unknown",
            Self::Billing(BillingFault::ReconciliationDiffers) => "the books differ from Stripe's",
        };
        words.to_owned()
    }
}

impl BillingFault {
    /// The word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::StripeKeyRefused => "stripe_key_refused",
            Self::BillingStopped => "billing_stopped",
            Self::CaptureOverdue => "capture_overdue",
            Self::Dispute(_) => "dispute",
            Self::PaymentUnknown => "payment_unknown",
            Self::ReconciliationDiffers => "reconciliation_differs",
        }
    }

    /// Its own name: the kind and, of a dispute, the session. [`BillingFault::parse`] reads it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Dispute(session) => format!("{}#{session}", self.kind()),
            Self::StripeKeyRefused
            | Self::BillingStopped
            | Self::CaptureOverdue
            | Self::PaymentUnknown
            | Self::ReconciliationDiffers => self.kind().to_owned(),
        }
    }

    /// The fault of this name; `None` when there is none.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if let Some(session) = name.strip_prefix("dispute#") {
            return session.parse().ok().map(Self::Dispute);
        }
        let nameable = [
            Self::StripeKeyRefused,
            Self::BillingStopped,
            Self::CaptureOverdue,
            Self::PaymentUnknown,
            Self::ReconciliationDiffers,
        ];
        nameable.into_iter().find(|fault| fault.kind() == name)
    }
}

/// A subject as fields of its incident's document: a connector's are those from before billing had incidents.
pub(super) mod fields {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{BillingFault, ChargerId, ConnectorId, Subject};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Fields {
        Connector { charger: ChargerId, connector: ConnectorId },
        Billing { billing: BillingFault },
    }

    pub(in crate::incident) fn serialize<S: Serializer>(subject: &Subject, to: S) -> Result<S::Ok, S::Error> {
        let fields = match subject.clone() {
            Subject::Connector(charger, connector) => Fields::Connector { charger, connector },
            Subject::Billing(billing) => Fields::Billing { billing },
        };
        fields.serialize(to)
    }

    pub(in crate::incident) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Subject, D::Error> {
        Ok(match Fields::deserialize(from)? {
            Fields::Connector { charger, connector } => Subject::Connector(charger, connector),
            Fields::Billing { billing } => Subject::Billing(billing),
        })
    }
}
