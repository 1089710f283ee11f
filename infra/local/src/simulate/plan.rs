//! Which request goes wrong, and how: drawn from the seed, or given one by one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

use super::journal::Journal;
use super::profile::{Profile, Rates};
use super::random::rng;
use crate::edges::clock::VirtualClock;
use crate::edges::life::Life;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asked {
    Table,
    Queues,
    Topics,
    Broker,
    Stripe,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fault {
    Throttled,
    ServerError,
    ServerErrorAfter,
    Conflict,
    BadGateway,
    LockTimeout,
    InFlight,
    Duplicated,
    LostBefore,
    LostAfter,
    DiedBefore,
    DiedAfter,
}

/// The number of a request among those to one edge.
pub(super) type Place = (Asked, u64);

/// A fault that a request has met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) place: Place,
    pub(super) at: Timestamp,
    pub(super) operation: String,
    pub(super) fault: Fault,
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (asked, index) = self.place;
        write!(f, "{} {asked:?} request {index} ({}): {:?}", self.at, self.operation, self.fault)
    }
}

/// Where faults come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// Drawn by the profile's rates.
    Drawn(u64, Profile),
    /// These and no others.
    Given(BTreeMap<Place, Fault>),
}

/// The plan of a run. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Plan(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    source: Source,
    going_on: bool,
    counts: BTreeMap<Asked, u64>,
    met: Vec<Met>,
    journal: Journal,
    clock: VirtualClock,
    life: Life,
}

impl Plan {
    pub(super) fn new(source: Source, clock: VirtualClock, life: Life) -> Self {
        let (counts, met, journal) = (BTreeMap::new(), Vec::new(), Journal::default());
        Self(Arc::new(Mutex::new(State { source, going_on: true, counts, met, journal, clock, life })))
    }

    /// From now on nothing goes wrong, and requests are not counted; or again.
    pub(super) fn go_on(&self, going_on: bool) {
        self.state().going_on = going_on;
    }

    /// Writes down what happened.
    pub(super) fn note(&self, what: &str) {
        let mut state = self.state();
        let at = state.clock.now();
        state.journal.note(at, what);
    }

    /// The hash of all that was noted.
    pub(super) fn hash(&self) -> String {
        self.state().journal.hash()
    }

    /// Every fault that was met, in order.
    pub(super) fn met(&self) -> Vec<Met> {
        self.state().met.clone()
    }

    /// What goes wrong with the next request to `asked`.
    pub(super) fn draw(&self, asked: Asked, operation: &str) -> Option<Fault> {
        let mut state = self.state();
        if !state.going_on {
            return None;
        }
        let count = state.counts.entry(asked).or_default();
        let place = (asked, *count);
        *count += 1;
        let fault = match &state.source {
            Source::Drawn(seed, profile) => drawn(*seed, profile, place, operation),
            Source::Given(given) => given.get(&place).copied(),
        };
        let at = state.clock.now();
        state.journal.note(at, &format!("{asked:?} {operation} {fault:?}"));
        let fault = fault?;
        if matches!(fault, Fault::DiedBefore | Fault::DiedAfter) {
            state.life.end();
        }
        state.met.push(Met { place, at, operation: operation.to_owned(), fault });
        Some(fault)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drawn by the request's own number, so that a fault less elsewhere leaves it as it is.
fn drawn(seed: u64, profile: &Profile, place: Place, operation: &str) -> Option<Fault> {
    let (asked, index) = place;
    let rates = match asked {
        Asked::Table => profile.table,
        Asked::Queues => profile.queues,
        Asked::Topics => profile.topics,
        Asked::Broker => profile.broker,
        Asked::Stripe => profile.stripe,
    };
    if rates == Rates::default() {
        return None;
    }
    let mut random = rng(&[seed, asked as u64, index]);
    let kinds = [
        (rates.refused, None),
        (rates.lost_before, Some(Fault::LostBefore)),
        (rates.lost_after, Some(Fault::LostAfter)),
        (rates.died_before, Some(Fault::DiedBefore)),
        (rates.died_after, Some(Fault::DiedAfter)),
    ];
    let mut left = random.u32(0..1_000);
    for (rate, fault) in kinds {
        if left < rate {
            return Some(fault.unwrap_or_else(|| refusal(asked, operation, &mut random)));
        }
        left -= rate;
    }
    None
}

fn refusal(asked: Asked, operation: &str, random: &mut fastrand::Rng) -> Fault {
    let of: &[Fault] = match asked {
        Asked::Table if operation == "TransactWriteItems" => &[Fault::Throttled, Fault::ServerError, Fault::Conflict],
        Asked::Table => &[Fault::Throttled, Fault::ServerError],
        Asked::Queues => &[Fault::Throttled, Fault::Duplicated],
        Asked::Topics => &[Fault::Throttled],
        Asked::Broker => &[Fault::LostBefore],
        Asked::Stripe => &[
            Fault::Throttled,
            Fault::ServerError,
            Fault::ServerErrorAfter,
            Fault::BadGateway,
            Fault::LockTimeout,
            Fault::InFlight,
        ],
    };
    random.choice(of).copied().unwrap_or(Fault::LostBefore)
}
