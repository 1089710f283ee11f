//! OCPP-J frames to typed charger messages (OCPP 1.6, 2.0.1, and what of 2.1 has the same shape), and what is answered.
//!
//! Chargers deviate from the standard in every way that does not keep them from charging: what is read is what billing
//! needs, by its own types, and nothing else is looked at. What is sent is exact.
//!
//! # Layout, in reading order
//! - [`read`]: a frame to a [`Message`]. `v16`, `v201`: the versions; `values`: what they have in common.
//! - [`evidence`]: what a stored frame proves. [`signed`]: signed meter values in it.
//! - [`answer`]: what a charger is answered. [`command`]: what it is told.

pub mod answer;
pub mod command;
mod frame;
pub mod signed;
mod tags;
mod v16;
mod v201;
mod values;

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, Stopped};
use plugtill_domain::ids::{ConnectorId, IdError, TransactionId};
use serde::{Deserialize, Serialize};

use crate::envelope::Direction;
use crate::store::Link;
use frame::Frame;

pub use tags::with_tag;
pub use v201::{EventType, TransactionEvent, beginning, missing};
pub use values::SignedMeterValue;

/// Which version of the standard a charger speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    /// OCPP 1.6.
    #[serde(rename = "1.6")]
    V16,
    /// OCPP 2.0.1 and 2.1.
    #[serde(rename = "2.0.1")]
    V201,
}

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
    /// TransactionEvent (2.0.1).
    Transaction(Box<TransactionEvent>),
    /// StatusNotification.
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
    /// MeterValues.
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
    /// The charger answered what it was told.
    Answered {
        /// The id of the command's frame.
        message_id: String,
        /// Its own word: `Accepted`, `Rejected`, an error code.
        status: String,
    },
    /// NotifyEvent (2.0.1): something is wrong with the charger, or no more.
    Event {
        /// Where; 0 is the charger as a whole.
        connector: ConnectorId,
        /// When, UTC.
        at: Timestamp,
        /// The charger's own code, or the component and variable that are monitored.
        code: String,
        /// Whether it is over.
        cleared: bool,
    },
    /// Its connection was made, or is gone: the broker says so, no frame.
    Link(Link),
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

/// As many characters of what is refused are said again.
const SHOWN: usize = 240;

/// Reads `frame` as sent in `direction`, received at `received_at`.
///
/// # Errors
/// When nothing can be read from it; it is then to be quarantined.
pub fn read(direction: Direction, frame: &str, received_at: Timestamp) -> Result<Message, FrameError> {
    match (direction, Frame::parse(frame)?) {
        (Direction::In, Frame::Call { id, action, payload }) => call(id, action, payload, received_at),
        (Direction::Out, Frame::Result { id, payload }) => v16::result(id, payload),
        (Direction::In, Frame::Result { id, payload }) => Ok(answered(id, payload)),
        (Direction::In, Frame::Error { id, code }) => {
            Ok(Message::Answered { message_id: id.to_owned(), status: code.to_owned() })
        }
        (Direction::Out, Frame::Call { action, .. }) => Ok(Message::Ignored(action.to_owned())),
        (Direction::Out, Frame::Error { .. }) => Ok(Message::Ignored("CallError".to_owned())),
    }
}

fn call(id: &str, action: &str, payload: &str, received_at: Timestamp) -> Result<Message, FrameError> {
    let message = match dialect(action, payload) {
        Some(Dialect::V201) => v201::call(action, payload, received_at),
        Some(Dialect::V16) | None => v16::call(id, action, payload, received_at),
    };
    message.unwrap_or_else(|| {
        let alive = ["BootNotification", "Heartbeat", "Authorize"].into_iter().find(|sign| *sign == action);
        Ok(alive.map_or_else(|| Message::Ignored(action.to_owned()), Message::SignOfLife))
    })
}

/// The version that a call is written in; `None` where both write it alike.
pub(crate) fn dialect(action: &str, payload: &str) -> Option<Dialect> {
    let either = |newer: &str| if payload.contains(newer) { Dialect::V201 } else { Dialect::V16 };
    match action {
        "StartTransaction" | "StopTransaction" => Some(Dialect::V16),
        "TransactionEvent" | "NotifyEvent" => Some(Dialect::V201),
        "StatusNotification" => Some(either("\"connectorStatus\"")),
        "MeterValues" => Some(either("\"evseId\"")),
        "Authorize" => Some(either("\"idToken\"")),
        "BootNotification" => Some(either("\"chargingStation\"")),
        _ => None,
    }
}

/// An answer to a command; every command's answer has a status. Other results are of no interest.
fn answered(id: &str, payload: &str) -> Message {
    #[derive(Deserialize)]
    struct Status {
        status: String,
    }
    match serde_json::from_str::<Status>(payload) {
        Ok(Status { status }) => Message::Answered { message_id: id.to_owned(), status },
        Err(_) => Message::Ignored("CallResult".to_owned()),
    }
}

fn payload_of<'a, T: Deserialize<'a>>(action: &str, payload: &'a str) -> Result<T, FrameError> {
    serde_json::from_str(payload)
        .map_err(|error| FrameError::Payload { action: action.to_owned(), problem: shown(&error.to_string()) })
}

/// As much of what was sent as helps to find it: a frame may be 128 KB of one word.
fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

/// The number of an event within its transaction (2.0.1).
#[must_use]
pub fn seq_no(frame: &str, received_at: Timestamp) -> Option<i64> {
    match read(Direction::In, frame, received_at) {
        Ok(Message::Transaction(event)) => Some(event.seq_no),
        _ => None,
    }
}

/// The evidence in a stored frame of a charger. An event of a transaction proves several things; its start and end are
/// the whole transaction's.
#[must_use]
pub fn evidence(frame: &str, received_at: Timestamp) -> Vec<Evidence> {
    let Ok(message) = read(Direction::In, frame, received_at) else { return Vec::new() };
    let (at, fact) = match message {
        Message::Start { at, started, .. } => (at, Fact::Started(started)),
        Message::Stop(stopped) => (stopped.at, Fact::Stopped(stopped)),
        Message::Transaction(event) => return event.evidence(),
        Message::Status { at, status, .. } => (at, Fact::Status(status)),
        Message::Meter { at, transaction, readings, .. } => (at, Fact::Meter { transaction, readings }),
        Message::Assigned { .. }
        | Message::Answered { .. }
        | Message::Event { .. }
        | Message::Link(_)
        | Message::SignOfLife(_)
        | Message::Ignored(_) => return Vec::new(),
    };
    vec![Evidence { at, fact }]
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
