//! Sessions whose stop never arrives: they end by the last sign of life, on the evidence there is.
//!
//! Whatever closes a session is itself evidence: the next vehicle at the connector, the connector reported free, or a
//! charger that nobody has heard of for a day. A stop that arrives later takes the place of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::{ConnectorStatus, Evidence, Fact};

/// How long a stop may be late where its session is over by other evidence: transport reorders, chargers send what they
/// queued in order.
pub const LATE_STOP: SignedDuration = SignedDuration::from_mins(15);
/// A charger that was not heard of for so long is not waited for: more than a day, for one that was offline for a day
/// tells everything when it comes back. Counted from its last sign of life, never from the start.
pub const SILENCE: SignedDuration = SignedDuration::from_hours(48);
/// Nor is what waits unread waited for longer than this, from the last sign of life on: a card's hold lapses after it.
pub const UNREAD: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So often it is looked whether what waits has been read.
const READ_AGAIN: SignedDuration = SignedDuration::from_hours(1);
/// A stop that arrives so long after its session was closed without it is still charged in full: what was billed before
/// was what could be shown of it.
pub const PROVISIONAL: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Two sessions of a connector may touch by so much: chargers stamp to the second, and drift.
pub const OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// Why a session ended without a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// The next session began at its connector.
    NextSession,
    /// Its connector was reported free.
    Unplugged,
    /// Its charger was not heard of any more.
    Silence,
    /// An operator said so.
    Operator,
}

/// The end of a session whose stop never arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// The last instant whose evidence counts, UTC.
    pub at: Timestamp,
    /// Why.
    pub cause: EndCause,
}

/// What is known of a session that has not stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// The instant of its latest evidence, by the charger's clock, UTC.
    pub last_evidence_at: Timestamp,
    /// When its charger was last heard of, UTC.
    pub heard_at: Timestamp,
    /// Since when its connector is free, UTC, where nothing after it says otherwise.
    pub free_since: Option<Timestamp>,
    /// Since when another transaction is metered at its connector, UTC: a session whose start is missing.
    pub others_since: Option<Timestamp>,
    /// Whether what its charger said may wait where nobody has read it yet: then silence proves nothing.
    pub unread: bool,
    /// When this was looked at, UTC.
    pub now: Timestamp,
}

/// Since when the connector is free: the last time it said so, unless something after it speaks of this vehicle. That
/// somebody plugs in speaks of the next.
#[must_use]
pub fn free_since(evidence: &[Evidence]) -> Option<Timestamp> {
    let speaks_of_vehicle = |fact: &Fact| match fact {
        Fact::Status(status) => match status {
            ConnectorStatus::Charging
            | ConnectorStatus::SuspendedEv
            | ConnectorStatus::SuspendedEvse
            | ConnectorStatus::Finishing => true,
            ConnectorStatus::Available
            | ConnectorStatus::Occupied
            | ConnectorStatus::Preparing
            | ConnectorStatus::Reserved
            | ConnectorStatus::Unavailable
            | ConnectorStatus::Faulted => false,
        },
        Fact::Started(_) | Fact::Meter { .. } => true,
        Fact::Stopped(_) => false,
    };
    let spoken = evidence.iter().filter(|e| speaks_of_vehicle(&e.fact)).map(|e| e.at).max();
    let free = |e: &&Evidence| matches!(e.fact, Fact::Status(status) if status.proves_unplug());
    let after = |e: &&Evidence| spoken.is_none_or(|spoken| e.at > spoken);
    evidence.iter().filter(free).filter(after).map(|e| e.at).min()
}

/// How a session ends for which no stop came; `Err` tells when to look again, UTC.
///
/// # Errors
/// While it may still go on.
pub fn judge(next_session_at: Option<Timestamp>, signs: Signs) -> Result<Closed, Timestamp> {
    if let Some(at) = signs.free_since {
        return Ok(Closed { at, cause: EndCause::Unplugged });
    }
    if let Some(next) = next_session_at.into_iter().chain(signs.others_since).min() {
        return Ok(Closed { at: next - SignedDuration::from_millis(1), cause: EndCause::NextSession });
    }
    let again = signs.heard_at + SILENCE;
    if again > signs.now {
        return Err(again);
    }
    if signs.unread && signs.now < signs.heard_at + UNREAD {
        return Err(signs.now + READ_AGAIN);
    }
    Ok(Closed { at: signs.last_evidence_at, cause: EndCause::Silence })
}
