//! What an event does to a session. Pure: the new state carries every effect as a money move or a due instant.
//!
//! # Layout, in reading order
//! - [`Event`], [`decide`]: what can happen, and the decision.
//! - `life`: start, late evidence, the bill; limits while it runs.
//! - `end`: stop and unplug, and sessions whose stop never arrives.
//! - `money`: what Stripe answers, or is found to have done.
//! - `stay`: a vehicle that has charged and stays.
//! - `care`: what operators and banks decide afterwards.

mod care;
mod end;
mod life;
mod money;
mod stay;

use jiff::Timestamp;

use crate::closing::Signs;
use crate::credit::{CreditError, CreditOrder};
use crate::dispute::Dispute;
use crate::evidence::{Started, Stopped};
use crate::ids::{IdTag, SessionId, SiteId};
use crate::money::Money;
use crate::payment::{ActiveHold, Booked, MoveId};
use crate::pricing::Bill;
use crate::session::{Payer, Session};
use crate::site::Terms;
use crate::timeline::Implausible;
use crate::units::Watts;
use crate::watch::{Limit, Running, StayWatch};

/// What can happen to a session.
#[derive(Debug, Clone)]
pub enum Event {
    /// The charger reported a start.
    Started(Box<Opening>),
    /// The charger reported the stop; with the time it became known, UTC.
    Stopped(Stopped, Timestamp),
    /// The connector was reported free; with the receive time, UTC.
    Unplugged(Timestamp),
    /// Another session began at the connector.
    NextSession {
        /// When it began, UTC.
        at: Timestamp,
        /// When that was received, UTC.
        received_at: Timestamp,
    },
    /// It was looked whether the stop is still to be waited for.
    Checked(Signs),
    /// Evidence of a time that may be settled already arrived; with the receive time, UTC.
    LateEvidence(Timestamp),
    /// The evidence was priced.
    Assessed(Assessment),
    /// The hold is about to lapse; now, UTC.
    HoldExpiring(Timestamp),
    /// A money move is done.
    Paid {
        /// Which. Two workers may have asked for the same one: an answer is never taken for another's.
        which: MoveId,
        /// The Stripe payment intent.
        intent: String,
        /// What was moved, where Stripe says another amount than was asked for.
        amount: Option<Money>,
        /// The Stripe refund, for a refund.
        refund: Option<String>,
        /// For a hold, when it lapses.
        capture_before: Option<Timestamp>,
        /// Now, UTC.
        at: Timestamp,
    },
    /// A money move is finally refused.
    Refused {
        /// Which.
        which: MoveId,
        /// Stripe's decline code or error code.
        code: String,
        /// Now, UTC.
        at: Timestamp,
    },
    /// It is proven at Stripe that nothing came of a move: it may be asked for under a new key.
    AskAgain {
        /// Which.
        which: MoveId,
        /// The retry of which it is proven.
        retry: u32,
        /// Now, UTC.
        at: Timestamp,
    },
    /// The running price, and whether the vehicle charges, was looked at.
    Looked(Running),
    /// The charger said something of whether the vehicle charges; with the receive time, UTC.
    Signalled(Timestamp),
    /// Something was found at Stripe that was not asked for here.
    Found(Found, Timestamp),
    /// The driver is to be reminded of the balance; now, UTC.
    ReminderDue(Timestamp),
    /// An operator gives something back.
    Credited(CreditOrder, Timestamp),
    /// An operator gives the balance up.
    Forgiven {
        /// Why.
        reason: String,
        /// Now, UTC.
        at: Timestamp,
    },
    /// An operator has the card asked once more for what it did not pay; now, UTC.
    ChargeAgain(Timestamp),
    /// An operator says that the session is over, although nothing else does.
    Over {
        /// The instant of its latest evidence, UTC: it is billed to there.
        at: Timestamp,
        /// Now, UTC.
        now: Timestamp,
    },
    /// An operator has the driver told of the receipt once more; now, UTC.
    ReceiptAgain(Timestamp),
    /// Who the driver was is forgotten: the tag is this one from now on, and there is no card.
    Erased(IdTag),
}

/// What can be found at Stripe without having been asked for here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The driver paid through a pay link.
    Linked {
        /// The payment intent.
        intent: String,
        /// How much.
        amount: Money,
    },
    /// The driver placed a hold for a session that has none.
    Held {
        /// The hold.
        hold: ActiveHold,
        /// The card.
        payer: Payer,
    },
    /// A hold stands that no move of ours placed, as far as is known: it is to be given back.
    Stray(ActiveHold),
    /// A hold was given back, or lapsed.
    HoldGone {
        /// The payment intent.
        intent: String,
    },
    /// A hold was captured by somebody else.
    Captured {
        /// The payment intent.
        intent: String,
        /// How much.
        amount: Money,
    },
    /// Somebody refunded in Stripe's dashboard.
    Refunded {
        /// Stripe's id of the refund.
        refund: String,
        /// The payment intent.
        intent: String,
        /// How much.
        amount: Money,
    },
    /// A refund that was taken as done did not reach the driver.
    RefundFailed {
        /// Stripe's id of the refund.
        refund: String,
    },
    /// The bank took a payment back, or decided about it.
    Disputed(Dispute),
    /// A payment or refund moved the operator's balance at Stripe, or what it moved is now part of a payout.
    Booked {
        /// The payment intent.
        intent: String,
        /// The refund, where it is one.
        refund: Option<String>,
        /// Stripe's id of the movement.
        movement: String,
        /// What it moved.
        booked: Booked,
    },
}

/// What a session is opened with.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its name.
    pub id: SessionId,
    /// Where.
    pub site: SiteId,
    /// The version of the terms in force.
    pub terms: String,
    /// What the connector can deliver.
    pub max_power: Watts,
    /// What the start said.
    pub started: Started,
    /// Who pays.
    pub payer: Option<Payer>,
    /// A hold that the driver placed before.
    pub hold: Option<ActiveHold>,
    /// What the driver is willing to take.
    pub limit: Option<Limit>,
    /// Who is told when the vehicle has charged and stays.
    pub stay_watch: Option<StayWatch>,
    /// Whether a system of the operator's own is told of it.
    pub hooked: bool,
    /// Whether we answer the charger.
    pub answered: bool,
    /// When the start was received, UTC.
    pub received_at: Timestamp,
}

/// The evidence, priced.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// Now, UTC.
    pub at: Timestamp,
    /// The bill, or why there can be none.
    pub bill: Result<Bill, Implausible>,
    /// Whether it is proven that the vehicle has left.
    pub unplugged: bool,
    /// The least amount the card network moves in this currency.
    pub minimum: Money,
}

/// What is to be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The new state, to be written under the condition that the old one is still current.
    Commit(Box<Session>),
    /// Nothing changes.
    Nothing(Nothing),
}

/// Why nothing changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// The same thing was said before.
    #[error("duplicate")]
    Duplicate,
    /// It contradicts what was said before, and what was said before counts.
    #[error("it contradicts an earlier message about the same session; the earlier one counts")]
    Conflict,
    /// It goes beyond the start of the next session at the connector.
    #[error("it lies after the start of the next session at the connector, where there is one vehicle at a time")]
    Overlap,
    /// It has no bearing on the session as it is.
    #[error("no effect")]
    NoEffect,
    /// Who it was is needed for as long as something is to be done, paid or disputed.
    #[error("it is not over: something is due, owed or disputed, and has to be settled first")]
    NotOver,
    /// There is no card to ask, or nothing that it did not pay.
    #[error("there is no card to ask, or nothing that it did not pay")]
    NothingToCharge,
    /// Its end is known, or it is billed.
    #[error("its end is known already")]
    Ended,
    /// It has no bill.
    #[error("it has no bill yet")]
    NotBilled,
    /// The credit cannot be given.
    #[error(transparent)]
    NoCredit(#[from] CreditError),
}

/// Decides. `state` is `None` before a session's start is known.
#[must_use]
pub fn decide(state: Option<Session>, event: Event, terms: &Terms) -> Decision {
    let Some(session) = state else {
        return match event {
            Event::Started(opening) => commit(life::open(*opening, terms)),
            Event::Stopped(..)
            | Event::Unplugged(_)
            | Event::NextSession { .. }
            | Event::Checked(_)
            | Event::LateEvidence(_)
            | Event::Assessed(_)
            | Event::HoldExpiring(_)
            | Event::Paid { .. }
            | Event::Refused { .. }
            | Event::AskAgain { .. }
            | Event::Looked(_)
            | Event::Signalled(_)
            | Event::Found(..)
            | Event::ReminderDue(_)
            | Event::Credited(..)
            | Event::ChargeAgain(_)
            | Event::Over { .. }
            | Event::ReceiptAgain(_)
            | Event::Erased(_)
            | Event::Forgiven { .. } => Decision::Nothing(Nothing::NoEffect),
        };
    };
    match event {
        Event::Started(opening) if opening.started == session.started => Decision::Nothing(Nothing::Duplicate),
        Event::Started(_) => Decision::Nothing(Nothing::Conflict),
        Event::Stopped(stopped, received_at) => end::stop(session, stopped, received_at, terms),
        Event::Unplugged(received_at) => end::unplug(session, received_at, terms),
        Event::NextSession { at, received_at } => end::next_session(session, at, received_at),
        Event::Checked(signs) => end::checked(session, signs),
        Event::LateEvidence(received_at) => life::late(session, received_at, terms),
        Event::Assessed(assessment) => life::assess(session, assessment, terms),
        Event::Looked(running) => life::looked(session, running, terms),
        Event::Signalled(received_at) => stay::signalled(session, received_at),
        Event::HoldExpiring(now) => money::renew(session, now, terms),
        Event::Paid { which, intent, amount, refund, capture_before, at } => {
            money::paid(session, which, money::Answer { intent, amount, refund, capture_before }, at, terms)
        }
        Event::Refused { which, code, at } => money::refused(session, which, &code, at, terms),
        Event::AskAgain { which, retry, at } => money::ask_again(session, which, retry, at),
        Event::Found(found, now) => money::found(session, found, now, terms),
        Event::ReminderDue(now) => care::remind(session, now, terms),
        Event::Credited(order, now) => care::credit(session, order, now, terms),
        Event::Forgiven { reason, at } => care::forgive(session, reason, at, terms),
        Event::ChargeAgain(now) => care::charge_again(session, now),
        Event::Over { at, now } => end::over(session, at, now),
        Event::ReceiptAgain(now) => care::receipt_again(session, now),
        Event::Erased(tag) => care::erase(session, tag),
    }
}

fn commit(session: Session) -> Decision {
    Decision::Commit(Box::new(session))
}

const fn nothing() -> Decision {
    Decision::Nothing(Nothing::NoEffect)
}
