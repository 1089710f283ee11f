//! Disputes: the bank takes a payment back until it is decided who is right.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Money;

/// A dispute as Stripe shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispute {
    /// Stripe's id.
    pub id: String,
    /// The payment intent it is about.
    pub intent: String,
    /// How much is disputed.
    pub amount: Money,
    /// The cardholder's reason, in Stripe's word.
    pub reason: String,
    /// How far it is.
    pub state: DisputeState,
    /// Whether the money is with the bank at present.
    pub withdrawn: bool,
    /// Until when evidence can be handed in, UTC.
    pub evidence_due_by: Option<Timestamp>,
}

/// How far a dispute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    /// Waiting for evidence, or for the bank.
    Open,
    /// Decided for the operator: the money comes back.
    Won,
    /// Decided for the cardholder.
    Lost,
}

impl Dispute {
    /// What the bank keeps back while it is undecided.
    #[must_use]
    pub fn pending_minor(&self) -> i64 {
        if self.withdrawn && self.state == DisputeState::Open { self.amount.minor() } else { 0 }
    }

    /// What is lost for good.
    #[must_use]
    pub fn lost_minor(&self) -> i64 {
        if self.withdrawn && self.state == DisputeState::Lost { self.amount.minor() } else { 0 }
    }
}
