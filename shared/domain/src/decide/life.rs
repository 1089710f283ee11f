//! A session's life: start, late evidence, the bill; and its limits while it runs.

use jiff::{SignedDuration, Timestamp};

use super::{Assessment, Decision, Opening, commit, nothing, stay};
use crate::closing::{PROVISIONAL, SILENCE};
use crate::money::Money;
use crate::payment::{PaymentState, Purpose};
use crate::pricing::Bill;
use crate::session::{Outcome, Reason, Session, Work};
use crate::settlement;
use crate::site::{LateEvidence, Terms};
use crate::tariff::Dimension;
use crate::units::WattHours;
use crate::watch::{self, Running, StopCause};

/// A session whose unplug nobody reports is settled on what was proven, this long after its stop.
const UNPLUG_WAIT: SignedDuration = SignedDuration::from_hours(24);
/// Stripe lets a hold be raised ten times (docs.stripe.com, "increment an authorization").
const MOST_RAISES: usize = 10;

pub(super) fn open(opening: Opening, terms: &Terms) -> Session {
    let zero = Money::zero(terms.hold.currency());
    let (received_at, hold) = (opening.received_at, opening.hold);
    let mut session = Session {
        id: opening.id,
        site: opening.site,
        terms: opening.terms,
        max_power: opening.max_power,
        started: opening.started,
        stopped: None,
        closed: None,
        next_session_at: None,
        check_at: Some(received_at + SILENCE),
        answered: opening.answered,
        payer: opening.payer,
        settle_at: None,
        payments: Vec::new(),
        bill: None,
        waived: zero,
        uncollectable: zero,
        outcome: Outcome::Open,
        reason: None,
        contradicted: None,
        limit: opening.limit,
        watch_at: None,
        stay_watch: opening.stay_watch,
        stays_since: None,
        hooked: opening.hooked,
        stop_asked: None,
        balance: None,
        remind_at: None,
        credits: Vec::new(),
        disputes: Vec::new(),
        notices: Vec::new(),
        receipt_number: None,
    };
    let amount = terms.hold_at(session.id.started_at, session.max_power);
    if let Some(hold) = hold {
        if let Some(payment) = session.found(Purpose::Hold, hold.amount, hold.intent, received_at) {
            payment.state = PaymentState::Done(hold.capture_before);
        }
    } else if session.payer.is_some() && amount.is_positive() {
        session.intend(Purpose::Hold, amount, None, received_at);
    } else if session.answered && amount.is_positive() {
        // The charger was answered that nobody pays; not every one stops by itself then.
        session.stop_asked = Some((received_at, StopCause::Declined));
    }
    let (seen_at, energy) = (session.id.started_at, WattHours(0));
    let flat_at = stay::first_look(seen_at, terms);
    let running = Running { at: received_at, seen_at, price: zero, energy, stay: None, flat_at };
    session.watch_at = next_look(&session, running, terms);
    stay::look(&mut session, running, terms);
    session
}

/// When a running session may next come to a limit, or to the end of its hold where that matters.
fn next_look(session: &Session, running: Running, terms: &Terms) -> Option<Timestamp> {
    let limit = session.limit.unwrap_or_default();
    let policy = &terms.payments;
    let hold = (policy.raise_hold || policy.stop_at_hold).then(|| session.active_holds().pop()).flatten();
    // Before the hold stands there is nothing to be exhausted yet; what was asked for tells when to look first.
    let asked = session.payments.iter().find(|p| p.purpose == Purpose::Hold && p.is_intended());
    let hold = hold
        .map(|hold| hold.amount)
        .or_else(|| asked.filter(|_| policy.raise_hold || policy.stop_at_hold).map(|payment| payment.amount));
    watch::next_look(limit, hold, running, session.id.started_at, (terms, session.max_power))
}

/// A running session was priced: asks for the stop at a limit, or raises the hold before it is exhausted.
pub(super) fn looked(mut session: Session, running: Running, terms: &Terms) -> Decision {
    if session.due().is_none_or(|(_, work)| work != Work::Watch) {
        return nothing();
    }
    session.watch_at = None;
    if session.ended_at().is_none() {
        look_at_limits(&mut session, running, terms);
    }
    stay::look(&mut session, running, terms);
    commit(session)
}

fn look_at_limits(session: &mut Session, running: Running, terms: &Terms) {
    let limit = session.limit.unwrap_or_default();
    let reached = watch::reached(limit, running, session.id.started_at);
    session.watch_at = next_look(session, running, terms);
    if let Some(cause) = reached {
        ask_to_stop(session, cause, running.at);
    } else if session.watch_at.is_some_and(|at| at <= running.at + watch::LEAST_INTERVAL) {
        stretch(session, running, terms);
    }
    if session.stop_asked.is_some() {
        session.watch_at = None;
    }
}

fn ask_to_stop(session: &mut Session, cause: StopCause, now: Timestamp) {
    session.stop_asked.get_or_insert((now, cause));
}

/// The hold is nearly used up: raise it by what was first held, as far as the site, the card and the driver let.
fn stretch(session: &mut Session, running: Running, terms: &Terms) {
    let Some(hold) = session.active_holds().pop() else { return };
    let hour = watch::dearest_hour_minor(terms, session.max_power);
    if running.price.minor().saturating_add(hour / 60) < hold.amount.minor() {
        return;
    }
    let raises = session.payments.iter().filter(|p| p.purpose == Purpose::Raise);
    let (tries, refused) = raises.fold((0, false), |(tries, refused), p| (tries + 1, refused || p.is_refused()));
    let step = terms.hold_at(session.id.started_at, session.max_power).minor();
    let most = [terms.highest_hold(), session.limit.and_then(|limit| limit.money)];
    let most = most.into_iter().flatten().map(Money::minor).min().unwrap_or(i64::MAX);
    let to = hold.amount.minor().saturating_add(step).min(most);
    if terms.payments.raise_hold && !refused && tries < MOST_RAISES && to > hold.amount.minor() {
        session.intend(Purpose::Raise, Money::new(to, hold.amount.currency()), Some(hold.intent), running.at);
    } else if terms.payments.stop_at_hold {
        ask_to_stop(session, StopCause::HoldExhausted, running.at);
    } else {
        // The rest is charged beside the hold.
        let limit = session.limit.unwrap_or_default();
        let at = watch::next_look(limit, None, running, session.id.started_at, (terms, session.max_power));
        session.watch_at = at;
    }
}

pub(super) fn settle_after(at: Timestamp, terms: &Terms) -> Timestamp {
    at + SignedDuration::from_mins(i64::from(terms.settle_after_minutes))
}

pub(super) fn late(mut session: Session, received_at: Timestamp, terms: &Terms) -> Decision {
    if session.bill.is_none() && session.outcome != Outcome::Quarantined || session.settle_at.is_some() {
        return nothing();
    }
    session.settle_at = Some(settle_after(received_at, terms));
    commit(session)
}

pub(super) fn assess(mut session: Session, assessment: Assessment, terms: &Terms) -> Decision {
    if session.due().is_none_or(|(_, work)| work != Work::Settle) {
        return nothing();
    }
    if let Some(wait_until) = wait_for_unplug(&session, &assessment, terms) {
        session.settle_at = Some(wait_until);
        return commit(session);
    }
    session.settle_at = None;
    session.contradicted = assessment.bill.as_ref().err().copied().filter(|_| session.bill.is_some());
    match assessment.bill {
        Ok(bill) => take_bill(&mut session, bill, assessment.minimum, assessment.at, terms),
        // A bill that was made stands until a person has looked.
        Err(_) if session.bill.is_some() => {}
        Err(implausible) => {
            session.outcome = Outcome::Quarantined;
            session.reason = Some(Reason::Implausible(implausible));
            settlement::release_all(&mut session, assessment.at);
        }
    }
    settlement::conclude(&mut session, &terms.payments, assessment.at);
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
            let above = above_limit(session, total);
            session.waived = Money::new(above, total.currency());
            settlement::collect(session, minimum, now);
            if above > 0 {
                session.reason = Some(Reason::AboveLimit);
            }
        }
        // The driver's limit bears on corrections too: nothing above it is charged later.
        Some(before) if before != total => {
            let policy = late_policy(session, total, now, terms);
            settlement::correct(session, minimum, policy, now);
        }
        Some(_) => {}
    }
    if session.stopped.is_some() {
        session.closed = None;
    }
}

/// What a bill that rises may still ask for. One that was made without a stop was a part of it.
fn late_policy(session: &Session, total: Money, now: Timestamp, terms: &Terms) -> LateEvidence {
    let provisional = session.closed.filter(|_| session.stopped.is_some());
    if above_limit(session, total) > 0 {
        LateEvidence::Waive
    } else if provisional.is_some_and(|closed| now.duration_since(closed.at) <= PROVISIONAL) {
        LateEvidence::Charge
    } else {
        terms.late_evidence
    }
}

/// How much of a total is above the money the driver was willing to pay, in minor units.
fn above_limit(session: &Session, total: Money) -> i64 {
    let most = session.limit.and_then(|limit| limit.money);
    most.map_or(0, |most| (total.minor() - most.minor()).max(0))
}
