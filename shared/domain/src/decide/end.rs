//! How a session ends: by its stop, or, where none arrives, by what else proves that it is over.

use jiff::Timestamp;

use super::life::settle_after;
use super::{Decision, Nothing, commit, nothing};
use crate::closing::{self, Closed, EndCause, LATE_STOP, OVERLAP, Signs};
use crate::evidence::Stopped;
use crate::session::Session;
use crate::site::Terms;

/// The earliest stop counts, whatever order they arrive in; a later, different one is flagged by the caller, and so is
/// one that lies after the start of the next session at the connector.
pub(super) fn stop(mut session: Session, stopped: Stopped, received_at: Timestamp, terms: &Terms) -> Decision {
    match &session.stopped {
        Some(known) if *known == stopped => return Decision::Nothing(Nothing::Duplicate),
        Some(known) if (known.at, known.register) <= (stopped.at, stopped.register) => {
            return Decision::Nothing(Nothing::Conflict);
        }
        Some(_) | None => {}
    }
    if session.next_session_at.is_some_and(|next| overlaps(&stopped, next)) {
        return Decision::Nothing(Nothing::Overlap);
    }
    session.settle_at = Some(settle_after(received_at.max(stopped.at), terms));
    session.watch_at = None;
    // A stop may leave the vehicle where it is, or take it away: who is told of that is looked after once more.
    if session.stays_since.is_some() || session.stay_watch.is_some() && !stopped.reason.proves_unplug() {
        look_again(&mut session, received_at.max(stopped.at));
    }
    session.check_at = None;
    session.stopped = Some(stopped);
    commit(session)
}

fn overlaps(stopped: &Stopped, next: Timestamp) -> bool {
    stopped.at > next + OVERLAP
}

/// The connector became free: that ends idle time after a stop, and tells of a stop that may be lost.
pub(super) fn unplug(mut session: Session, received_at: Timestamp, terms: &Terms) -> Decision {
    let stayed = session.stays_since.is_some();
    if stayed {
        look_again(&mut session, received_at);
    }
    let changed = match session.stopped {
        Some(_) => settle_sooner(&mut session, settle_after(received_at, terms)),
        None => expect_the_stop(&mut session, received_at),
    };
    if stayed || changed { commit(session) } else { nothing() }
}

fn look_again(session: &mut Session, at: Timestamp) {
    session.watch_at = Some(session.watch_at.map_or(at, |known| known.min(at)));
}

/// Only where the stop did not prove the unplug itself can this end idle time, before or after the settlement.
fn settle_sooner(session: &mut Session, settle_at: Timestamp) -> bool {
    let bears = session.stopped.as_ref().is_some_and(|stopped| stopped.reason.is_the_drivers());
    if !bears || session.settle_at.is_some_and(|at| at <= settle_at) {
        return false;
    }
    session.settle_at = Some(settle_at);
    true
}

fn expect_the_stop(session: &mut Session, received_at: Timestamp) -> bool {
    let check_at = received_at + LATE_STOP;
    if session.check_at.is_none_or(|known| known <= check_at) {
        return false;
    }
    session.check_at = Some(check_at);
    true
}

/// A connector has one vehicle at a time: what began later ends what was before.
pub(super) fn next_session(mut session: Session, at: Timestamp, received_at: Timestamp) -> Decision {
    if at <= session.id.started_at || session.next_session_at.is_some_and(|known| known <= at) {
        return nothing();
    }
    match &session.stopped {
        Some(stopped) if !overlaps(stopped, at) => return nothing(),
        // It cannot have gone on beside the next one: what follows is not billed.
        Some(_) => {
            session.stopped = None;
            session.settle_at = None;
        }
        None => {}
    }
    session.next_session_at = Some(at);
    if session.stopped.is_none() && session.closed.is_some_and(|closed| closed.at < at) {
        return commit(session);
    }
    session.closed = None;
    session.watch_at = session.stays_since.map(|_| received_at);
    session.check_at = Some(received_at + LATE_STOP);
    commit(session)
}

pub(super) fn checked(mut session: Session, signs: Signs) -> Decision {
    if session.stopped.is_some() || session.check_at.is_none_or(|at| at > signs.now) {
        return nothing();
    }
    match closing::judge(session.next_session_at, signs) {
        Ok(closed) => {
            session.closed = Some(closed);
            session.check_at = None;
            session.watch_at = session.stays_since.map(|_| signs.now);
            session.settle_at = Some(signs.now);
        }
        Err(again) => session.check_at = Some(again),
    }
    commit(session)
}

/// Somebody has looked: the vehicle is gone, or the charger will never tell. A stop that arrives later takes the place of it.
pub(super) fn over(mut session: Session, at: Timestamp, now: Timestamp) -> Decision {
    if session.ended_at().is_some() || session.bill.is_some() {
        return Decision::Nothing(Nothing::Ended);
    }
    session.closed = Some(Closed { at, cause: EndCause::Operator });
    session.check_at = None;
    session.watch_at = session.stays_since.map(|_| now);
    session.settle_at = Some(now);
    commit(session)
}
