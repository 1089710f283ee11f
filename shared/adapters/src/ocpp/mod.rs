//! OCPP-J frames to typed charger messages (OCPP 1.6 and OCPP-J 1.6).

mod frame;
mod v16;

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, Stopped};
use plugtill_domain::ids::{ConnectorId, IdError, TransactionId};

use crate::envelope::Direction;

/// What a frame says, as far as billing is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// StartTransaction.req.
    Start {
        /// The frame's id, by which its result is found.
        message_id: String,
        /// Where.
        connector: ConnectorId,
        /// When, by the charger's clock, UTC.
        at: Timestamp,
        /// What it says.
        started: Started,
    },
    /// StopTransaction.req.
    Stop(Stopped),
    /// StatusNotification.req.
    Status {
        /// Where; 0 is the charger as a whole.
        connector: ConnectorId,
        /// When, UTC.
        at: Timestamp,
        /// The status.
        status: ConnectorStatus,
        /// The error code, with the vendor's where given.
        error: String,
    },
    /// MeterValues.req.
    Meter {
        /// Where.
        connector: ConnectorId,
        /// The first reading's instant, UTC.
        at: Timestamp,
        /// In which transaction.
        transaction: Option<TransactionId>,
        /// The register readings in it.
        readings: Vec<Reading>,
    },
    /// The back end gave a started transaction its id.
    Assigned {
        /// The id of the start's frame.
        message_id: String,
        /// The transaction id.
        transaction: TransactionId,
    },
    /// BootNotification, Heartbeat, Authorize: a sign of life.
    SignOfLife(&'static str),
    /// Not about billing; by name.
    Ignored(String),
}

/// Why a frame cannot be used. Says field, value and remedy.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// JSON, but not an OCPP-J frame.
    #[error("not an OCPP-J frame: {0}; expected [2,id,action,payload], [3,id,payload] or [4,id,code,text,details]")]
    NotOcpp(String),
    /// The payload lacks a field or has one of the wrong kind.
    #[error("{action}: {problem}")]
    Payload {
        /// The action.
        action: String,
        /// What is wrong, with the field.
        problem: String,
    },
    /// A number is no plain decimal.
    #[error("{field} `{value}` is not a plain decimal number")]
    NotANumber {
        /// Which field.
        field: &'static str,
        /// What was sent.
        value: String,
    },
    /// A unit that is not one of energy.
    #[error("sampledValue.unit `{0}` is not Wh or kWh")]
    Unit(String),
    /// An instant that is none.
    #[error("timestamp `{0}` is not RFC 3339")]
    NotATime(String),
    /// The charger's clock is beyond what transport can explain.
    #[error(
        "the charger's clock says {at}, received {received_at}: more than {BEHIND_DAYS} days behind or {AHEAD_MINUTES} minutes ahead; set its clock"
    )]
    Clock {
        /// By the charger.
        at: Timestamp,
        /// By the broker.
        received_at: Timestamp,
    },
    /// A name is not usable.
    #[error(transparent)]
    Id(#[from] IdError),
}

/// A charger may have been offline and replay what it kept; beyond this its clock is not believed (invariant I20).
pub const BEHIND_DAYS: i64 = 31;
/// Clocks drift; beyond this one is wrong.
pub const AHEAD_MINUTES: i64 = 10;

/// Reads `frame` as sent in `direction`, received at `received_at`.
///
/// # Errors
/// When nothing can be read from it; it is then to be quarantined.
pub fn read(direction: Direction, frame: &str, received_at: Timestamp) -> Result<Message, FrameError> {
    let frame = frame::parse(frame)?;
    match (direction, frame) {
        (Direction::In, frame::Frame::Call { id, action, payload }) => v16::call(id, action, payload, received_at),
        (Direction::Out, frame::Frame::Result { id, payload }) => v16::result(id, payload),
        (Direction::In, frame::Frame::Result { .. }) => Ok(Message::Ignored("CallResult".to_owned())),
        (Direction::Out, frame::Frame::Call { action, .. }) => Ok(Message::Ignored(action.to_owned())),
        (_, frame::Frame::Error) => Ok(Message::Ignored("CallError".to_owned())),
    }
}

/// The evidence in a stored frame of a charger; `None` when it holds none.
#[must_use]
pub fn evidence(frame: &str, received_at: Timestamp) -> Option<Evidence> {
    match read(Direction::In, frame, received_at).ok()? {
        Message::Start { at, started, .. } => Some(Evidence { at, fact: Fact::Started(started) }),
        Message::Stop(stopped) => Some(Evidence { at: stopped.at, fact: Fact::Stopped(stopped) }),
        Message::Status { at, status, .. } => Some(Evidence { at, fact: Fact::Status(status) }),
        Message::Meter { at, transaction, readings, .. } => {
            Some(Evidence { at, fact: Fact::Meter { transaction, readings } })
        }
        Message::Assigned { .. } | Message::SignOfLife(_) | Message::Ignored(_) => None,
    }
}

/// The part of a frame that says what happened, without the id of the message: what a re-sent message has in common.
#[must_use]
pub fn content(frame: &str) -> &str {
    frame::payload(frame).unwrap_or(frame)
}

fn bounded(at: Timestamp, received_at: Timestamp) -> Result<Timestamp, FrameError> {
    let ahead = at.duration_since(received_at);
    if ahead > SignedDuration::from_mins(AHEAD_MINUTES) || ahead < SignedDuration::from_hours(-24 * BEHIND_DAYS) {
        return Err(FrameError::Clock { at, received_at });
    }
    Ok(at)
}
