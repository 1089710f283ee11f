//! Whether a vehicle has charged and stays, and when that begins to cost.

use jiff::{SignedDuration, Timestamp};

use super::{LineKind, Surroundings, assess, limits};
use crate::evidence::{ConnectorStatus, Evidence, Fact, Reading};
use crate::site::Terms;
use crate::timeline::{IdleEvidence, IdleSpan, Timeline};
use crate::watch::{Stay, WARN_BEFORE_MINUTES};

/// Chargers tell time in seconds.
const LEAST: SignedDuration = SignedDuration::from_secs(1);

/// Whether by all that is known at `now` (UTC) the vehicle has charged and stays. The fee is what the pricing engine says of
/// the same evidence and a vehicle that stays on: grace, free hours and occupancy are nobody else's to know.
#[must_use]
pub fn stay(
    started_at: Timestamp,
    evidence: &[Evidence],
    around: Surroundings<'_>,
    terms: &Terms,
    now: Timestamp,
) -> Option<Stay> {
    let assemble = |evidence: &[Evidence]| Timeline::assemble(started_at, evidence, limits(around, terms));
    let known = assemble(evidence)?;
    if known.unplugged || !is_proven_there(evidence) {
        return None;
    }
    let assumed = |at: Timestamp| {
        let staying = staying_on(&known, evidence, at.max(known.ended_at + LEAST));
        let at = staying.at;
        (evidence.iter().cloned().chain([staying]).collect::<Vec<_>>(), at)
    };
    let (now_too, at) = assumed(now);
    let span = assemble(&now_too)?.idle.pop().filter(|span| span.to == at)?;
    // That a register rises no more is proven by readings alone, never by time that passes.
    let is_flat = |span: &IdleSpan| span.by == IdleEvidence::FlatRegister;
    if is_flat(&span) && !known.idle.last().is_some_and(is_flat) {
        return None;
    }
    let costs = |minutes: u32| {
        let (evidence, _) = assumed(now + SignedDuration::from_mins(i64::from(minutes)));
        let bill = assess(started_at, &evidence, around, terms).bill.ok();
        bill.is_some_and(|bill| {
            [LineKind::Idle, LineKind::Parking].into_iter().any(|kind| bill.amount_of(kind).is_positive())
        })
    };
    // A fee is due once it comes to a cent: it began in the minute before.
    let begins = || (1..=WARN_BEFORE_MINUTES + 1).find(|minutes| costs(*minutes)).map(|minutes| (minutes - 1).max(1));
    let fee_in_minutes = if costs(0) { Some(0) } else { begins() };
    Some(Stay { since: span.from, fee_in_minutes })
}

/// After a stop, only the charger's own word proves that the vehicle is still there.
fn is_proven_there(evidence: &[Evidence]) -> bool {
    let stopped_at = evidence.iter().filter(|e| matches!(e.fact, Fact::Stopped(_))).map(|e| e.at).min();
    let says_so = |e: &Evidence| matches!(e.fact, Fact::Status(status) if status.is_explicit());
    stopped_at.is_none_or(|stopped_at| evidence.iter().any(|e| e.at >= stopped_at && says_so(e)))
}

/// When a register that does not rise any more proves the end of charging, UTC.
#[must_use]
pub fn flat_at(started_at: Timestamp, evidence: &[Evidence], around: Surroundings<'_>, terms: &Terms) -> Timestamp {
    let limits = limits(around, terms);
    let readings =
        Timeline::assemble(started_at, evidence, limits).map(|timeline| timeline.readings).unwrap_or_default();
    let rise = readings.windows(2).rfind(|pair| pair[1].register > pair[0].register);
    let last_rise = rise.map_or(started_at, |pair| pair[1].at);
    last_rise + SignedDuration::from_mins(i64::from(limits.flat_minutes))
}

/// What the charger would say at `at` of a vehicle that stays.
fn staying_on(timeline: &Timeline, evidence: &[Evidence], at: Timestamp) -> Evidence {
    if evidence.iter().any(|e| matches!(e.fact, Fact::Stopped(_))) {
        return Evidence { at, fact: Fact::Status(ConnectorStatus::Finishing) };
    }
    let last = timeline.readings.last().map(|reading| Reading::of(at, reading.register));
    Evidence { at, fact: Fact::Meter { transaction: None, readings: last.into_iter().collect() } }
}
