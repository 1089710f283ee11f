//! How a session ends: by its stop, or, where none arrives, by what else proves that it is over.

use jiff::Timestamp;

use super::life::settle_after;
use super::{Decision, Nothing, commit, nothing};
use crate::closing::{self, LATE_STOP, OVERLAP, Signs};
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
    session.check_at = None;
    session.stopped = Some(stopped);
    commit(session)
}

fn overlaps(stopped: &Stopped, next: Timestamp) -> bool {
    stopped.at > next + OVERLAP
}

/// The connector became free: that ends idle time after a stop, and tells of a stop that may be lost.
pub(super) fn unplug(mut session: Session, received_at: Timestamp, terms: &Terms) -> Decision {
    let Some(stopped) = &session.stopped else { return expect_the_stop(session, received_at) };
    let settle_at = settle_after(received_at, terms);
    // Only where the stop did not prove the unplug itself can this end idle time, before or after the settlement.
    if !stopped.reason.is_the_drivers() || session.settle_at.is_some_and(|at| at <= settle_at) {
        return nothing();
    }
    session.settle_at = Some(settle_at);
    commit(session)
}

fn expect_the_stop(mut session: Session, received_at: Timestamp) -> Decision {
    let check_at = received_at + LATE_STOP;
    if session.check_at.is_none_or(|known| known <= check_at) {
        return nothing();
    }
    session.check_at = Some(check_at);
    commit(session)
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
    session.watch_at = None;
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
            session.watch_at = None;
            session.settle_at = Some(signs.now);
        }
        Err(again) => session.check_at = Some(again),
    }
    commit(session)
}
