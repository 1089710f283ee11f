//! What a charger is told to do: stored before it is sent, sent until it is answered, given up in time.
//!
//! The order of things is the charger's: only its own messages say that charging began or stopped. A command that nobody
//! answers changes nothing.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{ChargerId, ConnectorId, IdTag, SessionId, TransactionId};

/// What a charger is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// To let a driver charge who has paid elsewhere (1.6 RemoteStartTransaction, 2.0.1 RequestStartTransaction).
    Start {
        /// Where.
        connector: ConnectorId,
        /// In whose name.
        tag: IdTag,
    },
    /// To stop charging (1.6 RemoteStopTransaction, 2.0.1 RequestStopTransaction).
    Stop {
        /// Which session.
        session: SessionId,
        /// The charger's own id of it (2.0.1); in 1.6 it is ours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        transaction: Option<TransactionId>,
    },
    /// To send something now (TriggerMessage).
    Trigger {
        /// What: a message's name, for example `StatusNotification`.
        message: String,
        /// About which connector; the whole charger when not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connector: Option<ConnectorId>,
    },
    /// To let go of a cable that is stuck (UnlockConnector).
    Unlock {
        /// Which.
        connector: ConnectorId,
    },
}

impl Order {
    /// For how long it makes sense. A driver does not wait longer; a session has to be stopped in any case.
    #[must_use]
    pub const fn valid_for(&self) -> SignedDuration {
        match self {
            Self::Start { .. } | Self::Trigger { .. } | Self::Unlock { .. } => SignedDuration::from_mins(5),
            Self::Stop { .. } => SignedDuration::from_hours(24),
        }
    }
}

/// How far a command is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// To be sent, or sent and not answered yet.
    Asked,
    /// The charger's own word, for example `Accepted`.
    Answered(String),
    /// No answer came while it made sense.
    Unanswered,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Its name, and the message id of its frame: an answer is found by it. At most 36 characters.
    pub id: String,
    /// Which charger.
    pub charger: ChargerId,
    /// What it is told.
    pub order: Order,
    /// Since when, UTC.
    pub asked_at: Timestamp,
    /// How often it was sent.
    pub sent: u32,
    /// When it is to be sent, or given up, UTC.
    pub due_at: Option<Timestamp>,
    /// How far it is.
    pub state: CommandState,
}

/// The first wait for an answer; it doubles with every try, so that a charger that comes back is not flooded.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait, as a power of two of the first: 32 minutes.
const MOST_DOUBLINGS: u32 = 6;

impl Command {
    /// A command to be sent at once.
    #[must_use]
    pub const fn new(id: String, charger: ChargerId, order: Order, now: Timestamp) -> Self {
        Self { id, charger, order, asked_at: now, sent: 0, due_at: Some(now), state: CommandState::Asked }
    }

    /// The same after what is due at `now` is done, and whether the frame is to be sent; `None` when nothing is due.
    #[must_use]
    pub fn take(&self, now: Timestamp) -> Option<(Self, bool)> {
        self.due_at.filter(|at| *at <= now && self.state == CommandState::Asked)?;
        let mut after = self.clone();
        if now.duration_since(self.asked_at) >= self.order.valid_for() {
            after.state = CommandState::Unanswered;
            after.due_at = None;
            return Some((after, false));
        }
        after.sent += 1;
        let until = self.asked_at + self.order.valid_for();
        let wait = FIRST_WAIT * 2_i32.pow(self.sent.min(MOST_DOUBLINGS));
        after.due_at = Some((now + wait).min(until));
        Some((after, true))
    }

    /// The same with the charger's answer. The first answer counts, even one that came after it was given up.
    #[must_use]
    pub fn answered(&self, status: &str) -> Option<Self> {
        if matches!(self.state, CommandState::Answered(_)) {
            return None;
        }
        Some(Self { state: CommandState::Answered(status.to_owned()), due_at: None, ..self.clone() })
    }
}
