//! What an event does to a session. Pure: the new state carries every effect as a money move or a due instant.

use jiff::{SignedDuration, Timestamp};

use crate::evidence::{Started, Stopped};
use crate::ids::{SessionId, SiteId};
use crate::money::Money;
use crate::pricing::Bill;
use crate::session::{Outcome, Payer, PaymentState, Purpose, Reason, Session, Work};
use crate::settlement;
use crate::site::Terms;
use crate::tariff::Dimension;
use crate::timeline::Implausible;
use crate::units::Watts;

/// A session whose unplug nobody reports is settled on what was proven, this long after its stop.
const UNPLUG_WAIT: SignedDuration = SignedDuration::from_hours(24);

/// What can happen to a session.
#[derive(Debug, Clone)]
pub enum Event {
    /// The charger reported a start.
    Started(Box<Opening>),
    /// The charger reported the stop; with the receive time, UTC.
    Stopped(Stopped, Timestamp),
    /// The connector was reported free; with the receive time, UTC.
    Unplugged(Timestamp),
    /// Evidence of a time that may be settled already arrived; with the receive time, UTC.
    LateEvidence(Timestamp),
    /// The evidence was priced.
    Assessed(Assessment),
    /// The hold is about to lapse; now, UTC.
    HoldExpiring(Timestamp),
    /// The money move that was next is done.
    Paid {
        /// The Stripe payment intent.
        intent: String,
        /// For a hold, when it lapses.
        capture_before: Option<Timestamp>,
        /// Now, UTC.
        at: Timestamp,
    },
    /// The money move that was next is finally refused.
    Refused {
        /// Stripe's decline code or error code.
        code: String,
        /// Now, UTC.
        at: Timestamp,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Nothing {
    /// The same thing was said before.
    #[error("duplicate")]
    Duplicate,
    /// It contradicts what was said before, and what was said before counts.
    #[error("it contradicts an earlier message about the same session; the earlier one counts")]
    Conflict,
    /// It has no bearing on the session as it is.
    #[error("no effect")]
    NoEffect,
}

/// Decides. `state` is `None` before a session's start is known.
#[must_use]
pub fn decide(state: Option<Session>, event: Event, terms: &Terms) -> Decision {
    let Some(session) = state else {
        return match event {
            Event::Started(opening) => Decision::Commit(Box::new(open(*opening, terms))),
            Event::Stopped(..)
            | Event::Unplugged(_)
            | Event::LateEvidence(_)
            | Event::Assessed(_)
            | Event::HoldExpiring(_)
            | Event::Paid { .. }
            | Event::Refused { .. } => Decision::Nothing(Nothing::NoEffect),
        };
    };
    match event {
        Event::Started(opening) if opening.started == session.started => Decision::Nothing(Nothing::Duplicate),
        Event::Started(_) => Decision::Nothing(Nothing::Conflict),
        Event::Stopped(stopped, received_at) => stop(session, stopped, received_at, terms),
        Event::Unplugged(received_at) => unplug(session, received_at, terms),
        Event::LateEvidence(received_at) => late(session, received_at, terms),
        Event::Assessed(assessment) => assess(session, assessment, terms),
        Event::HoldExpiring(now) => renew(session, now, terms),
        Event::Paid { intent, capture_before, at } => paid(session, intent, capture_before, at),
        Event::Refused { code, at } => refused(session, &code, at),
    }
}

fn commit(session: Session) -> Decision {
    Decision::Commit(Box::new(session))
}

fn open(opening: Opening, terms: &Terms) -> Session {
    let zero = Money::zero(terms.hold.currency());
    let mut session = Session {
        id: opening.id,
        site: opening.site,
        terms: opening.terms,
        max_power: opening.max_power,
        started: opening.started,
        stopped: None,
        payer: opening.payer,
        settle_at: None,
        payments: Vec::new(),
        bill: None,
        waived: zero,
        uncollectable: zero,
        outcome: Outcome::Open,
        reason: None,
    };
    if session.payer.is_some() && terms.hold.is_positive() {
        session.intend(Purpose::Hold, terms.hold, None, opening.received_at);
    }
    session
}

fn settle_after(at: Timestamp, terms: &Terms) -> Timestamp {
    at + SignedDuration::from_mins(i64::from(terms.settle_after_minutes))
}

/// The earliest stop counts, whatever order they arrive in; a later, different one is flagged by the caller.
fn stop(mut session: Session, stopped: Stopped, received_at: Timestamp, terms: &Terms) -> Decision {
    match &session.stopped {
        Some(known) if *known == stopped => return Decision::Nothing(Nothing::Duplicate),
        Some(known) if (known.at, known.register) <= (stopped.at, stopped.register) => {
            return Decision::Nothing(Nothing::Conflict);
        }
        Some(_) | None => {}
    }
    session.settle_at = Some(settle_after(received_at.max(stopped.at), terms));
    session.stopped = Some(stopped);
    commit(session)
}

fn unplug(mut session: Session, received_at: Timestamp, terms: &Terms) -> Decision {
    let settle_at = settle_after(received_at, terms);
    // Only where the stop did not prove the unplug itself can this end idle time, before or after the settlement.
    let awaited = session.stopped.as_ref().is_some_and(|stopped| stopped.reason.is_the_drivers());
    if !awaited || session.settle_at.is_some_and(|at| at <= settle_at) {
        return Decision::Nothing(Nothing::NoEffect);
    }
    session.settle_at = Some(settle_at);
    commit(session)
}

fn late(mut session: Session, received_at: Timestamp, terms: &Terms) -> Decision {
    if session.bill.is_none() && session.outcome != Outcome::Quarantined || session.settle_at.is_some() {
        return Decision::Nothing(Nothing::NoEffect);
    }
    session.settle_at = Some(settle_after(received_at, terms));
    commit(session)
}

fn assess(mut session: Session, assessment: Assessment, terms: &Terms) -> Decision {
    if session.due().is_none_or(|(_, work)| work != Work::Settle) {
        return Decision::Nothing(Nothing::NoEffect);
    }
    if let Some(wait_until) = wait_for_unplug(&session, &assessment, terms) {
        session.settle_at = Some(wait_until);
        return commit(session);
    }
    session.settle_at = None;
    match assessment.bill {
        Ok(bill) => take_bill(&mut session, bill, assessment.minimum, assessment.at, terms),
        // A bill that was already collected stands until a person has looked at the contradiction.
        Err(_) if session.bill.is_some() => {}
        Err(implausible) => {
            session.outcome = Outcome::Quarantined;
            session.reason = Some(Reason::Implausible(implausible));
            settlement::release_all(&mut session, assessment.at);
        }
    }
    conclude(&mut session);
    commit(session)
}

/// Idle time after the stop ends at proof of unplug: the bill waits for it while it can still change the bill.
fn wait_for_unplug(session: &Session, assessment: &Assessment, terms: &Terms) -> Option<Timestamp> {
    let stopped = session.stopped.as_ref()?;
    let priced = terms.idle.is_some() || terms.tariff.charges_for(Dimension::ParkingTime);
    let wait_until = stopped.at + UNPLUG_WAIT;
    let waits = priced
        && session.bill.is_none()
        && !assessment.unplugged
        && stopped.reason.is_the_drivers()
        && assessment.at < wait_until;
    waits.then_some(wait_until)
}

fn take_bill(session: &mut Session, bill: Bill, minimum: Money, now: Timestamp, terms: &Terms) {
    let before = session.bill.as_ref().map(|known| known.total);
    let total = bill.total;
    session.bill = Some(bill);
    match before {
        None => {
            session.outcome = Outcome::Open;
            session.reason = None;
            settlement::collect(session, total, minimum, now);
        }
        Some(before) if before != total => {
            settlement::correct(session, total, minimum, terms.late_evidence, now);
        }
        Some(_) => {}
    }
}

fn renew(mut session: Session, now: Timestamp, terms: &Terms) -> Decision {
    if session.due().is_none_or(|(_, work)| work != Work::RenewHold) {
        return Decision::Nothing(Nothing::NoEffect);
    }
    session.intend(Purpose::Hold, terms.hold, None, now);
    commit(session)
}

fn paid(mut session: Session, intent: String, capture_before: Option<Timestamp>, at: Timestamp) -> Decision {
    let older = session.active_holds();
    let Some(payment) = session.payments.iter_mut().find(|payment| payment.is_intended()) else {
        return Decision::Nothing(Nothing::Duplicate);
    };
    payment.state = PaymentState::Done(capture_before);
    payment.intent = Some(intent);
    if payment.purpose == Purpose::Hold {
        // The new hold stands before the old one is given back.
        for hold in older {
            session.intend(Purpose::Release, hold.amount, Some(hold.intent), at);
        }
    }
    conclude(&mut session);
    commit(session)
}

fn refused(mut session: Session, code: &str, at: Timestamp) -> Decision {
    let Some(payment) = session.payments.iter_mut().find(|payment| payment.is_intended()) else {
        return Decision::Nothing(Nothing::Duplicate);
    };
    payment.state = PaymentState::Refused(code.to_owned());
    let amount = payment.amount;
    match payment.purpose {
        // Without a hold the session is charged as a whole at its end; a refused release has lapsed by itself; what a
        // refused refund owes the driver stays open, for a person to pay out.
        Purpose::Hold | Purpose::Release | Purpose::Refund => {}
        // The hold is gone: what it should have paid is charged instead.
        Purpose::Capture => session.intend(Purpose::TopUp, amount, None, at),
        Purpose::TopUp => {
            session.uncollectable = Money::new(session.uncollectable.minor() + amount.minor(), amount.currency());
            session.reason = Some(Reason::Declined(code.to_owned()));
        }
    }
    conclude(&mut session);
    commit(session)
}

fn conclude(session: &mut Session) {
    let settled = session.bill.is_some() && session.next_payment().is_none();
    if settled && session.outcome != Outcome::Quarantined {
        session.outcome = settlement::outcome(session);
    }
}
