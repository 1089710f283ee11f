//! A vehicle that has charged and stays: its driver is warned before a fee, staff is told when the stall is blocked.

use jiff::{SignedDuration, Timestamp};

use super::{Decision, commit, nothing};
use crate::balance::DriverNoticeKind;
use crate::idle::DEFAULT_FLAT_MINUTES;
use crate::session::Session;
use crate::site::Terms;
use crate::watch::{LEAST_INTERVAL, Running, Stay, WARN_BEFORE_MINUTES};

/// While readings may still be on their way, what they prove is found this soon.
const SOON: SignedDuration = SignedDuration::from_mins(2);
/// Readings are not further apart than this where they come at all.
const READINGS: SignedDuration = SignedDuration::from_mins(30);

/// The charger said something of whether the vehicle charges: whoever is to be told is looked after at once.
pub(super) fn signalled(mut session: Session, received_at: Timestamp) -> Decision {
    if session.stay_watch.is_none() || session.watch_at.is_some_and(|known| known <= received_at) {
        return nothing();
    }
    session.watch_at = Some(received_at);
    commit(session)
}

/// When the register can first have stood still long enough, UTC.
pub(super) fn first_look(started_at: Timestamp, terms: &Terms) -> Timestamp {
    started_at + flat(terms)
}

fn flat(terms: &Terms) -> SignedDuration {
    minutes(terms.idle.as_ref().map_or(DEFAULT_FLAT_MINUTES, |idle| idle.flat_minutes))
}

/// Tells the driver what there is to tell, and when to look again.
pub(super) fn look(session: &mut Session, running: Running, terms: &Terms) {
    let Some(watch) = session.stay_watch else { return };
    session.stays_since = running.stay.map(|stay| stay.since);
    let next = match running.stay {
        Some(stay) => {
            tell(session, stay, running.at);
            let staff = minutes(watch.staff_after_minutes);
            let staff = (watch.staff_after_minutes > 0).then(|| stay.since + staff).filter(|at| *at > running.at);
            let driver = watch.driver.then(|| next_warning(session, stay, running.at, terms)).flatten();
            [staff, driver].into_iter().flatten().min()
        }
        None if session.ended_at().is_some() => None,
        None => Some(next_proof(running, terms)),
    };
    session.watch_at = [session.watch_at, next].into_iter().flatten().min();
}

fn tell(session: &mut Session, stay: Stay, now: Timestamp) {
    let kind = match stay.fee_in_minutes {
        None => DriverNoticeKind::ChargingComplete,
        Some(0) => DriverNoticeKind::IdleRunning,
        Some(_) => DriverNoticeKind::IdleSoon,
    };
    let later = [DriverNoticeKind::IdleSoon, DriverNoticeKind::IdleRunning, DriverNoticeKind::ReceiptReady];
    let knows_more = session.notices.iter().any(|notice| later.contains(&notice.kind));
    if kind != DriverNoticeKind::ChargingComplete || !knows_more {
        session.tell_once(kind, stay.fee_in_minutes, now);
    }
}

/// When the driver may next have something to be told, UTC.
fn next_warning(session: &Session, stay: Stay, now: Timestamp, terms: &Terms) -> Option<Timestamp> {
    let idle = terms.idle.as_ref().filter(|_| session.bill.is_none())?;
    if stay.fee_in_minutes == Some(0) {
        return None;
    }
    let warn_at = stay.since + minutes(idle.grace_minutes.saturating_sub(WARN_BEFORE_MINUTES));
    let begins_at = stay.fee_in_minutes.map(|soon| now + minutes(soon));
    // Free hours and how full the site is are looked at as they come.
    let then = begins_at.unwrap_or(if warn_at > now { warn_at } else { now + minutes(WARN_BEFORE_MINUTES) });
    Some(then.max(now + LEAST_INTERVAL))
}

/// When the register may next prove that charging has ended, UTC.
fn next_proof(running: Running, terms: &Terms) -> Timestamp {
    let heard_lately = running.at.duration_since(running.seen_at) < READINGS;
    let again = running.at + if heard_lately { SOON } else { flat(terms) };
    if running.flat_at > running.at { running.flat_at } else { again }
}

fn minutes(minutes: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(minutes))
}
