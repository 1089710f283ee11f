//! Money moves: stored before they are asked for, never forgotten, each with one name at Stripe.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::SessionId;
use crate::money::Money;

/// What a money move is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Reserve an amount on the card.
    Hold,
    /// Reserve more on a hold that stands; the amount is the new whole (Stripe "increment an authorization").
    Raise,
    /// Take what is owed from the hold; the rest of it is released by that.
    Capture,
    /// Give a hold back.
    Release,
    /// Charge what the hold did not cover.
    TopUp,
    /// Paid by the driver through a pay link. Never asked for: it is found done.
    Link,
    /// Give back what was taken.
    Refund,
}

impl Purpose {
    /// The word used in idempotency keys and at Stripe.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Raise => "raise",
            Self::Capture => "capture",
            Self::Release => "release",
            Self::TopUp => "top_up",
            Self::Link => "link",
            Self::Refund => "refund",
        }
    }

    /// Whether it takes money.
    #[must_use]
    pub const fn takes(self) -> bool {
        matches!(self, Self::Capture | Self::TopUp | Self::Link)
    }
}

/// Which move of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MoveId {
    /// What for.
    pub purpose: Purpose,
    /// The attempt.
    pub attempt: u32,
}

/// One money move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What for.
    pub purpose: Purpose,
    /// Counts the moves of one purpose in one session from 1: a new amount is a new attempt with a new name.
    pub attempt: u32,
    /// How much.
    pub amount: Money,
    /// The Stripe payment intent it acts on, or that it made.
    pub intent: Option<String>,
    /// How far it is.
    pub state: PaymentState,
    /// How often it was proven at Stripe that nothing had happened, so that it could be asked for under a new key.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retry: u32,
    /// The Stripe refund, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund: Option<String>,
    /// What it moved in the operator's balance at Stripe, by the movement's id: the payment, a dispute, its way back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub movements: BTreeMap<String, Booked>,
}

/// A movement of the balance at Stripe, in minor units of the payment's currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// Into the balance; negative out of it.
    pub amount: i64,
    /// What Stripe and the platform kept; negative when a fee came back.
    pub fee: i64,
    /// The payout that it was part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// How far a money move is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// To be done; since when.
    Intended(Timestamp),
    /// Done. For a hold, the instant it lapses.
    Done(Option<Timestamp>),
    /// Finally refused, with the code.
    Refused(String),
}

impl Payment {
    /// Which move it is.
    #[must_use]
    pub const fn id(&self) -> MoveId {
        MoveId { purpose: self.purpose, attempt: self.attempt }
    }

    /// The move's name at Stripe, kept in the metadata of what it makes: by it the move is found again.
    #[must_use]
    pub fn name(&self, session: &SessionId) -> String {
        format!("{}:{session}:{}", self.purpose.as_str(), self.attempt)
    }

    /// The idempotency key at Stripe: the same move never gets a second key unless it is proven that the first did
    /// nothing; another move never gets the same.
    #[must_use]
    pub fn key(&self, session: &SessionId) -> String {
        let name = self.name(session);
        if self.retry == 0 { name } else { format!("{name}:{}", self.retry) }
    }

    /// Since when it is to be done, UTC.
    #[must_use]
    pub const fn intended_since(&self) -> Option<Timestamp> {
        match self.state {
            PaymentState::Intended(since) => Some(since),
            PaymentState::Done(_) | PaymentState::Refused(_) => None,
        }
    }

    /// Whether it is still to be done.
    #[must_use]
    pub const fn is_intended(&self) -> bool {
        matches!(self.state, PaymentState::Intended(_))
    }

    /// Whether it was done.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self.state, PaymentState::Done(_))
    }

    /// What Stripe and the platform kept of it, in minor units; a dispute's fee too. `None` before anything is booked.
    #[must_use]
    pub fn fee(&self) -> Option<i64> {
        (!self.movements.is_empty()).then(|| self.movements.values().map(|booked| booked.fee).sum())
    }

    /// What of it has gone to the bank, in minor units: what a later payout took back for a dispute is not in it.
    #[must_use]
    pub fn paid_out(&self) -> i64 {
        let paid = self.movements.values().filter(|booked| booked.payout.is_some());
        paid.map(|booked| booked.amount - booked.fee).sum()
    }

    /// Whether it was refused.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self.state, PaymentState::Refused(_))
    }
}

/// A hold that can be captured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveHold {
    /// The Stripe payment intent.
    pub intent: String,
    /// What is reserved.
    pub amount: Money,
    /// When it lapses, UTC.
    pub capture_before: Option<Timestamp>,
}

/// Holds placed that nothing has yet captured or released, oldest first, with what they were raised to.
#[must_use]
pub fn active_holds(payments: &[Payment]) -> Vec<ActiveHold> {
    let ends = |p: &&Payment| matches!(p.purpose, Purpose::Capture | Purpose::Release);
    let used = |intent: &str| payments.iter().filter(ends).any(|p| p.intent.as_deref() == Some(intent));
    let raised = |intent: &str| {
        let raises = payments.iter().filter(|p| p.purpose == Purpose::Raise && p.is_done());
        raises.filter(|p| p.intent.as_deref() == Some(intent)).map(|p| p.amount).next_back()
    };
    let hold = |payment: &Payment| match (&payment.state, &payment.intent) {
        (PaymentState::Done(capture_before), Some(intent)) if payment.purpose == Purpose::Hold && !used(intent) => {
            let amount = raised(intent).unwrap_or(payment.amount);
            Some(ActiveHold { intent: intent.clone(), amount, capture_before: *capture_before })
        }
        _ => None,
    };
    payments.iter().filter_map(hold).collect()
}
