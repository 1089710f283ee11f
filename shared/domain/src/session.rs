//! A session: what is known of it, what is due, and how it ended in money.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::{Started, Stopped};
use crate::ids::{IdTag, SessionId, SiteId};
use crate::money::Money;
use crate::pricing::Bill;
use crate::timeline::Implausible;
use crate::units::Watts;

/// Settle or renew this long before a hold lapses (invariant I4).
pub const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(12);

/// The state of one charging session. Its evidence is stored beside it; this is what was decided from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Where.
    pub site: SiteId,
    /// The version of the terms it was pinned to at its start.
    pub terms: String,
    /// What its connector could deliver then: evidence beyond it is not believed.
    pub max_power: Watts,
    /// What the start said.
    pub started: Started,
    /// The stop, once known.
    pub stopped: Option<Stopped>,
    /// Who pays; `None` when the tag has no saved card.
    pub payer: Option<Payer>,
    /// When it is to be settled, or settled anew, UTC.
    pub settle_at: Option<Timestamp>,
    /// Every money move asked for, in order. Never removed.
    pub payments: Vec<Payment>,
    /// The bill, once settled.
    pub bill: Option<Bill>,
    /// Billed and given up, with the reason in [`Session::reason`].
    pub waived: Money,
    /// Billed and not obtainable.
    pub uncollectable: Money,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it ended so, or how it was corrected.
    pub reason: Option<Reason>,
}

/// The saved card that pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// Stripe customer.
    pub customer: String,
    /// Stripe payment method attached to it.
    pub payment_method: String,
}

/// The one money outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Not yet.
    Open,
    /// Paid.
    Captured,
    /// Given up with a reason.
    Waived,
    /// Owed and not obtainable.
    Uncollectable,
    /// The evidence cannot be believed: nothing is charged until a person has looked.
    Quarantined,
}

/// Why a session ended as it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The bill is zero.
    #[error("nothing due")]
    NothingDue,
    /// The bill is below what the card network moves.
    #[error("below the minimum charge")]
    BelowMinimum,
    /// No saved card for the tag.
    #[error("no payment method for the id tag")]
    NoPaymentMethod,
    /// The card was declined, with the decline code.
    #[error("declined: {0}")]
    Declined(String),
    /// The evidence contradicts itself.
    #[error("{0}")]
    Implausible(Implausible),
    /// Late evidence raised the bill; the difference was waived.
    #[error("late evidence: difference waived")]
    LateEvidenceWaived,
    /// Late evidence raised the bill; the difference was charged.
    #[error("late evidence: corrected, difference charged")]
    LateEvidenceCharged,
    /// Late evidence lowered the bill; the difference was refunded.
    #[error("late evidence: corrected, difference refunded")]
    LateEvidenceRefunded,
}

/// What a money move is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Reserve an amount on the card.
    Hold,
    /// Take what is owed from the hold; the rest of it is released by that.
    Capture,
    /// Give a hold back.
    Release,
    /// Charge what the hold did not cover.
    TopUp,
    /// Give back what was taken.
    Refund,
}

impl Purpose {
    /// The word used in idempotency keys and at Stripe.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Capture => "capture",
            Self::Release => "release",
            Self::TopUp => "top_up",
            Self::Refund => "refund",
        }
    }
}

/// One money move: stored before it is asked for, never forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// What for.
    pub purpose: Purpose,
    /// Counts the moves of one purpose in one session from 1: a new amount is a new attempt with a new key.
    pub attempt: u32,
    /// How much.
    pub amount: Money,
    /// The Stripe payment intent it acts on, or that it made.
    pub intent: Option<String>,
    /// How far it is.
    pub state: PaymentState,
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

/// Work that a session has waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A money move is intended.
    Pay,
    /// The session is to be priced and settled.
    Settle,
    /// The hold is about to lapse.
    RenewHold,
}

impl Payment {
    /// The idempotency key at Stripe: the same move never gets a second key, another never the same.
    #[must_use]
    pub fn key(&self, session: &SessionId) -> String {
        format!("{}:{session}:{}", self.purpose.as_str(), self.attempt)
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

impl Session {
    /// What is due next and when, UTC. The table's due-index is built from this.
    #[must_use]
    pub fn due(&self) -> Option<(Timestamp, Work)> {
        if let Some(payment) = self.next_payment()
            && let PaymentState::Intended(since) = payment.state
        {
            return Some((since, Work::Pay));
        }
        if let Some(at) = self.settle_at {
            return Some((at, Work::Settle));
        }
        if self.outcome != Outcome::Open {
            return None;
        }
        let lapses = self.active_holds().pop()?.capture_before?;
        Some((lapses - RENEW_BEFORE, Work::RenewHold))
    }

    /// The first money move still to be done.
    #[must_use]
    pub fn next_payment(&self) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.is_intended())
    }

    /// Holds placed that nothing has yet captured or released, oldest first.
    #[must_use]
    pub fn active_holds(&self) -> Vec<ActiveHold> {
        let used = |intent: &str| {
            let ends = |p: &&Payment| matches!(p.purpose, Purpose::Capture | Purpose::Release);
            self.payments.iter().filter(ends).any(|p| p.intent.as_deref() == Some(intent))
        };
        let hold = |payment: &Payment| match (&payment.state, &payment.intent) {
            (PaymentState::Done(capture_before), Some(intent)) if payment.purpose == Purpose::Hold && !used(intent) => {
                Some(ActiveHold { intent: intent.clone(), amount: payment.amount, capture_before: *capture_before })
            }
            _ => None,
        };
        self.payments.iter().filter_map(hold).collect()
    }

    /// Adds a money move to be done.
    pub fn intend(&mut self, purpose: Purpose, amount: Money, intent: Option<String>, now: Timestamp) {
        let before = self.payments.iter().filter(|payment| payment.purpose == purpose).count();
        let attempt = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        self.payments.push(Payment { purpose, attempt, amount, intent, state: PaymentState::Intended(now) });
    }

    /// What the moves of `purpose` that were done add up to.
    #[must_use]
    pub fn done(&self, purpose: Purpose) -> Money {
        let done = self.payments.iter().filter(|p| p.purpose == purpose && p.is_done());
        Money::new(done.map(|payment| payment.amount.minor()).sum(), self.waived.currency())
    }

    /// What was taken from the card, before refunds.
    #[must_use]
    pub fn captured(&self) -> Money {
        let minor = self.done(Purpose::Capture).minor() + self.done(Purpose::TopUp).minor();
        Money::new(minor, self.waived.currency())
    }

    /// What was billed; zero before the settlement.
    #[must_use]
    pub fn billed(&self) -> Money {
        self.bill.as_ref().map_or(Money::zero(self.waived.currency()), |bill| bill.total)
    }

    /// What is billed and neither collected, waived nor given up; negative while a refund is on its way.
    #[must_use]
    pub fn open(&self) -> Money {
        let collected = self.captured().minor() - self.done(Purpose::Refund).minor();
        let open = self.billed().minor() - collected - self.waived.minor() - self.uncollectable.minor();
        Money::new(open, self.waived.currency())
    }

    /// The tag the driver presented.
    #[must_use]
    pub const fn id_tag(&self) -> &IdTag {
        &self.started.id_tag
    }
}
