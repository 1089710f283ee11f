//! What operators' own systems are told: events of sessions and incidents, to addresses of theirs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::session::{Outcome, Session};

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Topic {
    /// A session began.
    #[serde(rename = "session.started")]
    SessionStarted,
    /// A session stopped; it is not billed yet.
    #[serde(rename = "session.stopped")]
    SessionStopped,
    /// A session has its money outcome.
    #[serde(rename = "session.settled")]
    SessionSettled,
    /// What a settled session came to has changed: late evidence, a credit, a paid balance, a dispute.
    #[serde(rename = "session.corrected")]
    SessionCorrected,
    /// An incident has lasted long enough to tell somebody.
    #[serde(rename = "incident.opened")]
    IncidentOpened,
    /// Somebody looks after it.
    #[serde(rename = "incident.acknowledged")]
    IncidentAcknowledged,
    /// It is over.
    #[serde(rename = "incident.recovered")]
    IncidentRecovered,
}

impl Topic {
    /// The word that site files and messages use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionStarted => "session.started",
            Self::SessionStopped => "session.stopped",
            Self::SessionSettled => "session.settled",
            Self::SessionCorrected => "session.corrected",
            Self::IncidentOpened => "incident.opened",
            Self::IncidentAcknowledged => "incident.acknowledged",
            Self::IncidentRecovered => "incident.recovered",
        }
    }
}

/// An address that wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Where to: `https://`, or `http://` on this machine.
    pub url: String,
    /// Of what; everything, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Topic>,
}

/// A site does not tell more addresses than this.
pub const MOST_ENDPOINTS: usize = 5;

impl Endpoint {
    /// Whether it wants to be told of this.
    #[must_use]
    pub fn wants(&self, topic: Topic) -> bool {
        self.events.is_empty() || self.events.contains(&topic)
    }

    /// What is wrong with it.
    ///
    /// # Errors
    /// When somebody could read along, or nobody would be told.
    pub fn check(&self) -> Result<(), String> {
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        if self.url.starts_with("https://") || local.iter().any(|host| self.url.starts_with(host)) {
            return Ok(());
        }
        Err(format!("`{}` can be read by others on the way: give an address that begins with https://", self.url))
    }
}

/// How long after each failed try the next one is.
const TRIES_AFTER: [SignedDuration; 7] = [
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(30),
    SignedDuration::from_hours(2),
    SignedDuration::from_hours(6),
    SignedDuration::from_hours(12),
    SignedDuration::from_hours(24),
];

/// Something to be told, and to whom it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// What.
    pub topic: Topic,
    /// When it happened, UTC.
    pub at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// Who has taken it.
    #[serde(default)]
    pub delivered: BTreeSet<String>,
    /// What the last that did not take it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When it is to be tried, UTC; `None` when all have taken it, or it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

impl Hook {
    /// Something that is to be told at once.
    #[must_use]
    pub const fn new(topic: Topic, at: Timestamp) -> Self {
        Self { topic, at, attempts: 0, delivered: BTreeSet::new(), problem: None, due_at: Some(at) }
    }

    /// Those that have not taken it yet.
    #[must_use]
    pub fn left<'a>(&self, endpoints: &'a [Endpoint]) -> Vec<&'a Endpoint> {
        endpoints.iter().filter(|one| one.wants(self.topic) && !self.delivered.contains(&one.url)).collect()
    }

    /// What it is after it was tried at `now` (UTC): `answers` says of each address whether it took it, or what it said.
    pub fn tried(&mut self, answers: Vec<(String, Result<(), String>)>, now: Timestamp) {
        self.attempts += 1;
        self.problem = None;
        for (url, answer) in answers {
            match answer {
                Ok(()) => {
                    self.delivered.insert(url);
                }
                Err(problem) => self.problem = Some(format!("{url}: {problem}")),
            }
        }
        let tries = usize::try_from(self.attempts).unwrap_or(usize::MAX).saturating_sub(1);
        let again = self.problem.is_some().then(|| TRIES_AFTER.get(tries)).flatten();
        self.due_at = again.map(|after| now + *after);
    }

    /// Whether it is not tried any more although somebody has not taken it.
    #[must_use]
    pub const fn is_given_up(&self) -> bool {
        self.due_at.is_none() && self.problem.is_some()
    }

    /// Tries it once more from the beginning.
    pub fn again(&mut self, now: Timestamp) {
        self.attempts = 0;
        self.due_at = Some(now);
    }
}

/// What a change of a session tells.
#[must_use]
pub fn told(before: Option<&Session>, after: &Session) -> Vec<Topic> {
    let Some(before) = before else { return vec![Topic::SessionStarted] };
    let mut topics = Vec::new();
    if before.stopped.is_none() && after.stopped.is_some() {
        topics.push(Topic::SessionStopped);
    }
    let settled = |session: &Session| session.outcome != Outcome::Open;
    let came_to = |session: &Session| (session.outcome, session.billed(), session.collected(), session.disputed());
    if settled(after) && !settled(before) {
        topics.push(Topic::SessionSettled);
    } else if settled(after) && came_to(before) != came_to(after) {
        topics.push(Topic::SessionCorrected);
    }
    topics
}
