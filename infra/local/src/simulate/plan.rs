//! Which request goes wrong, and how: drawn from the seed, or given one by one.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::journal::Journal;
use super::profile::{Profile, Rates};
use super::random::{happens, one, rng};
use super::world::World;
use crate::edges::clock::VirtualClock;
use crate::edges::dynamo::INDEX_QUERY;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// An index that lags: what it answered before.
    Stale,
    /// Carried out; the answer comes so many seconds later, while others go on.
    Stalled(i64),
}

impl Fault {
    /// Its name in reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::ServerError => "server_error",
            Self::ServerErrorAfter => "server_error_after",
            Self::Conflict => "conflict",
            Self::BadGateway => "bad_gateway",
            Self::LockTimeout => "lock_timeout",
            Self::InFlight => "in_flight",
            Self::Duplicated => "duplicated",
            Self::LostBefore => "lost_before",
            Self::LostAfter => "lost_after",
            Self::DiedBefore => "died_before",
            Self::DiedAfter => "died_after",
            Self::Stale => "stale",
            Self::Stalled(_) => "stalled",
        }
    }
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

/// A service does not answer from one instant to another, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outage {
    asked: Asked,
    from: Timestamp,
    to: Timestamp,
}

impl Outage {
    /// The outages of a run, each service's in so many of a thousand runs.
    pub(super) fn drawn(random: &mut fastrand::Rng, per_mille: u32, (from, to): (Timestamp, Timestamp)) -> Vec<Self> {
        let services = [Asked::Table, Asked::Queues, Asked::Topics, Asked::Stripe];
        let mut outages = Vec::new();
        for asked in services {
            let seconds = random.i64(0..to.duration_since(from).as_secs().max(1));
            // A key lives for a day at Stripe: some outages are longer.
            let hours = one(random, &[1, 2, 6, 12, 26]);
            if happens(random, per_mille) {
                let from = from + SignedDuration::from_secs(seconds);
                outages.push(Self { asked, from, to: from + SignedDuration::from_hours(hours) });
            }
        }
        outages
    }

    fn strikes(&self, asked: Asked, at: Timestamp) -> bool {
        self.asked == asked && (self.from..self.to).contains(&at)
    }
}

/// The plan of a run. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Plan(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    source: Source,
    outages: Vec<Outage>,
    going_on: bool,
    counts: BTreeMap<Asked, u64>,
    met: Vec<Met>,
    journal: Journal,
    clock: VirtualClock,
    life: Life,
}

impl Plan {
    pub(super) fn new(world: &World, clock: VirtualClock, life: Life) -> Self {
        let (counts, met, journal) = (BTreeMap::new(), Vec::new(), Journal::default());
        let (source, outages) = (world.faults.clone(), world.outages.clone());
        Self(Arc::new(Mutex::new(State { source, outages, going_on: true, counts, met, journal, clock, life })))
    }

    /// When the last outage of a service that everything rests on ends, UTC.
    pub(super) fn last_outage_to(&self) -> Option<Timestamp> {
        let blind = |outage: &&Outage| matches!(outage.asked, Asked::Table | Asked::Queues);
        self.state().outages.iter().filter(blind).map(|outage| outage.to).max()
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
        let at = state.clock.now();
        let fault = match &state.source {
            Source::Drawn(..) if state.outages.iter().any(|outage| outage.strikes(asked, at)) => {
                Some(if asked == Asked::Stripe { Fault::BadGateway } else { Fault::LostBefore })
            }
            Source::Drawn(seed, profile) => drawn(*seed, profile, place, operation),
            Source::Given(given) => given.get(&place).copied(),
        };
        state.journal.note(at, &format!("{asked:?} {operation} {fault:?}"));
        let fault = fault?;
        state.life.wrong();
        if let Fault::Stalled(seconds) = fault {
            state.life.stall(seconds);
        }
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
    if operation == INDEX_QUERY && happens(&mut random, rates.stale) {
        return Some(Fault::Stale);
    }
    // Queues hide a message for three or for twelve minutes: some answers come after it was handed out again.
    let late = one(&mut random, &[20, 200, 800, 2_000]);
    let kinds = [
        (rates.refused, None),
        (rates.lost_before, Some(Fault::LostBefore)),
        (rates.lost_after, Some(Fault::LostAfter)),
        (rates.died_before, Some(Fault::DiedBefore)),
        (rates.died_after, Some(Fault::DiedAfter)),
        (rates.stalled, Some(Fault::Stalled(late))),
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
