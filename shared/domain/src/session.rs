//! A session: what is known of it, what is due, and how it ended in money.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::balance::{Balance, DriverNotice, DriverNoticeKind};
use crate::closing::Closed;
use crate::credit::Credit;
use crate::dispute::Dispute;
use crate::evidence::{Started, Stopped};
use crate::ids::{IdTag, SessionId, SiteId};
use crate::money::Money;
use crate::payment::{self, ActiveHold, Payment, PaymentState, Purpose};
use crate::pricing::Bill;
use crate::timeline::Implausible;
use crate::units::Watts;
use crate::watch::{Limit, StayWatch, StopCause};

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
    /// How it ended where no stop ever came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// When the next session began at its connector while this one had not stopped, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_session_at: Option<Timestamp>,
    /// When to look whether its stop is still to be waited for, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_at: Option<Timestamp>,
    /// Whether its charger is answered by us, so that we can stop it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered: bool,
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
    /// What later evidence holds against its bill, which stands until a person has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradicted: Option<Implausible>,
    /// What the driver is willing to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// When its running price, or whether its vehicle charges, is next to be looked at, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch_at: Option<Timestamp>,
    /// Who is told when its vehicle has charged and stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay_watch: Option<StayWatch>,
    /// Whether a system of the operator's own is told of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hooked: bool,
    /// Since when its vehicle has charged and stays, UTC, as last looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stays_since: Option<Timestamp>,
    /// Since when, and why, its charging is to be stopped by us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_asked: Option<(Timestamp, StopCause)>,
    /// What is owed after every card attempt failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
    /// When the driver is next to be reminded of it, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<Timestamp>,
    /// What was credited, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credits: Vec<Credit>,
    /// Disputes about its payments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disputes: Vec<Dispute>,
    /// What the driver was to be told, in order. Never removed: each is told once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<DriverNotice>,
    /// The number of its receipt in the operator's sequence, allocated in the write that settles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_number: Option<String>,
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
    /// The bill is above what the driver was willing to pay; the excess was waived.
    #[error("above the driver's limit")]
    AboveLimit,
    /// Less was taken at Stripe, by somebody else, than was owed.
    #[error("another amount was taken at Stripe")]
    TakenElsewhere,
    /// The operator gave the balance up, with the reason.
    #[error("forgiven: {0}")]
    Forgiven(String),
    /// The bank decided for the cardholder.
    #[error("dispute lost: {0}")]
    DisputeLost(String),
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

/// Work that a session has waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A money move is intended.
    Pay,
    /// The session is to be priced and settled.
    Settle,
    /// The hold is about to lapse.
    RenewHold,
    /// The running price may have come to a limit.
    Watch,
    /// The stop may be lost.
    Check,
    /// The driver is to be reminded of the balance.
    Remind,
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
        let watch = self.watch_at.map(|at| (at, Work::Watch));
        if let Some(at) = self.settle_at {
            return [Some((at, Work::Settle)), watch].into_iter().flatten().min_by_key(|(at, _)| *at);
        }
        let check = self.check_at.map(|at| (at, Work::Check));
        if self.outcome != Outcome::Open {
            let remind = self.remind_at.map(|at| (at, Work::Remind));
            return [remind, check, watch].into_iter().flatten().min_by_key(|(at, _)| *at);
        }
        let lapses = self.active_holds().pop().and_then(|hold| hold.capture_before);
        let renew = lapses.map(|at| (at - RENEW_BEFORE, Work::RenewHold));
        [watch, renew, check].into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    /// The first money move still to be done.
    #[must_use]
    pub fn next_payment(&self) -> Option<&Payment> {
        self.payments.iter().find(|payment| payment.is_intended())
    }

    /// The instant up to which evidence counts, where the session is over, UTC.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.stopped.as_ref().map(|stopped| stopped.at).or_else(|| self.closed.map(|closed| closed.at))
    }

    /// Holds placed that nothing has yet captured or released, oldest first.
    #[must_use]
    pub fn active_holds(&self) -> Vec<ActiveHold> {
        payment::active_holds(&self.payments)
    }

    /// Adds a money move to be done.
    pub fn intend(&mut self, purpose: Purpose, amount: Money, intent: Option<String>, now: Timestamp) {
        let before = self.payments.iter().filter(|payment| payment.purpose == purpose).count();
        let attempt = u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1);
        let state = PaymentState::Intended(now);
        let (refund, movements) = (None, BTreeMap::new());
        self.payments.push(Payment { purpose, attempt, amount, intent, state, retry: 0, refund, movements });
    }

    /// Adds a money move that was found done.
    pub fn found(&mut self, purpose: Purpose, amount: Money, intent: String, now: Timestamp) -> Option<&mut Payment> {
        self.intend(purpose, amount, Some(intent), now);
        let payment = self.payments.last_mut()?;
        payment.state = PaymentState::Done(None);
        Some(payment)
    }

    /// Asks for the driver to be told something.
    pub fn tell(&mut self, kind: DriverNoticeKind, now: Timestamp) {
        self.notices.push(DriverNotice { kind, due_at: now, in_minutes: None });
    }

    /// The same, where the driver wants to be told of the session itself and was not yet.
    pub fn tell_once(&mut self, kind: DriverNoticeKind, in_minutes: Option<u32>, now: Timestamp) {
        let wanted = self.stay_watch.is_some_and(|watch| watch.driver);
        if wanted && self.notices.iter().all(|notice| notice.kind != kind) {
            self.notices.push(DriverNotice { kind, due_at: now, in_minutes });
        }
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
        let taken = self.payments.iter().filter(|p| p.purpose.takes() && p.is_done());
        Money::new(taken.map(|payment| payment.amount.minor()).sum(), self.waived.currency())
    }

    /// What was taken and not given back.
    #[must_use]
    pub fn collected(&self) -> Money {
        Money::new(self.captured().minor() - self.done(Purpose::Refund).minor(), self.waived.currency())
    }

    /// What was credited of the bill.
    #[must_use]
    pub fn credited(&self) -> Money {
        Money::new(self.credits.iter().map(|credit| credit.total.minor()).sum(), self.waived.currency())
    }

    /// What is billed, less what was credited; zero before the settlement.
    #[must_use]
    pub fn billed(&self) -> Money {
        let billed = self.bill.as_ref().map_or(0, |bill| bill.total.minor());
        Money::new(billed - self.credited().minor(), self.waived.currency())
    }

    /// What the banks keep back while disputes are undecided.
    #[must_use]
    pub fn disputed(&self) -> Money {
        Money::new(self.disputes.iter().map(Dispute::pending_minor).sum(), self.waived.currency())
    }

    /// What was lost in disputes.
    #[must_use]
    pub fn lost(&self) -> Money {
        Money::new(self.disputes.iter().map(Dispute::lost_minor).sum(), self.waived.currency())
    }

    /// What is billed and neither collected, waived nor given up; negative while a refund is on its way.
    #[must_use]
    pub fn open(&self) -> Money {
        let accounted = self.collected().minor() + self.waived.minor() + self.uncollectable.minor();
        Money::new(self.billed().minor() - accounted, self.waived.currency())
    }

    /// Whether nothing is left to be done, paid or disputed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let decided = !matches!(self.outcome, Outcome::Open | Outcome::Quarantined);
        // A bill that fell below what was credited of it: all is back with the driver, and nothing more can be given.
        let over_credited = (-self.billed().minor()).max(0);
        let paid = self.open().minor() + over_credited == 0 && self.balance.is_none() && self.disputed().minor() == 0;
        decided && paid && self.due().is_none() && self.next_payment().is_none()
    }

    /// Whether it has a receipt that bears no number yet.
    #[must_use]
    pub fn needs_receipt_number(&self) -> bool {
        let billed = self.bill.as_ref().is_some_and(|bill| bill.total.is_positive());
        billed && self.outcome != Outcome::Open && self.receipt_number.is_none()
    }

    /// The tag the driver presented.
    #[must_use]
    pub const fn id_tag(&self) -> &IdTag {
        &self.started.id_tag
    }
}
