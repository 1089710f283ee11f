//! Everything that a run is given, drawn from its seed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::carriage::{Arrival, carried};
use super::plan::{Outage, Source};
use super::profile::{Carriage, Profile};
use super::random::{one, rng};
use super::sites::{Edit, Sites};
use super::visits::{self, Quirk, Visit};
use super::{SimulateError, script};

/// Where runs begin, UTC: on working days, and before clocks change in Europe and in New York.
const STARTS: [&str; 4] =
    ["2026-03-02T09:00:00Z", "2026-03-28T12:00:00Z", "2026-10-31T20:00:00Z", "2026-12-30T05:00:00Z"];

/// A run before it begins.
#[derive(Debug)]
pub(super) struct World {
    pub(super) seed: u64,
    pub(super) profile: Profile,
    pub(super) start: Timestamp,
    pub(super) sites: Sites,
    /// Tariffs that change while sessions run, in order.
    pub(super) edits: Vec<Edit>,
    pub(super) visits: Vec<Visit>,
    /// In the order in which they arrive.
    pub(super) arrivals: Vec<Arrival>,
    /// What arrives within so long is handed on together.
    pub(super) gathers: SignedDuration,
    pub(super) faults: Source,
    /// When a service does not answer at all.
    pub(super) outages: Vec<Outage>,
    /// How often each quirk occurs.
    pub(super) quirks: BTreeMap<Quirk, u64>,
}

impl World {
    /// The world of a seed.
    pub(super) fn drawn(seed: u64, profile: Profile, sessions: usize) -> Result<Self, SimulateError> {
        Self::carried_by(seed, profile, sessions, profile.carriage)
    }

    /// The same messages, each at once and once, and nothing that goes wrong behind them.
    pub(super) fn in_order(seed: u64, profile: Profile, sessions: usize) -> Result<Self, SimulateError> {
        let carriage = Carriage { dropped: profile.carriage.dropped, ..Carriage::default() };
        let world = Self::carried_by(seed, profile, sessions, carriage)?;
        Ok(Self { faults: Source::Given(BTreeMap::new()), outages: Vec::new(), ..world })
    }

    /// How many of a visit's messages arrive.
    pub(super) fn arrived(&self, visit: usize) -> usize {
        let own = self.arrivals.iter().filter(|arrival| arrival.visit == visit);
        own.map(|arrival| arrival.number).collect::<BTreeSet<_>>().len()
    }

    fn carried_by(seed: u64, profile: Profile, sessions: usize, carriage: Carriage) -> Result<Self, SimulateError> {
        let mut random = rng(&[seed, 0]);
        let start: Timestamp = one(&mut random, &STARTS).parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let sites = Sites::drawn(&mut random, sessions)?;
        let mut visits = visits::drawn(seed, sessions, profile.misbehaving, &sites.places, start);
        let mut arrivals = Vec::new();
        let mut quirks = BTreeMap::new();
        for visit in &mut visits {
            let told = script::of(seed, visit);
            visit.messages = told.len();
            arrivals.extend(carried(seed, visit, &told, carriage));
            for quirk in &visit.quirks {
                *quirks.entry(*quirk).or_default() += 1;
            }
        }
        arrivals.sort_by_key(|arrival| arrival.at);
        let mut random = rng(&[seed, 4]);
        let gathers = SignedDuration::from_secs(one(&mut random, &[0, 1, 10, 60]));
        let last = arrivals.last().map_or(start, |arrival| arrival.at);
        let edits = sites.edits(&mut random, (start, last))?;
        let outages = Outage::drawn(&mut random, profile.outages, (start, last));
        let faults = Source::Drawn(seed, profile);
        Ok(Self { seed, profile, start, sites, edits, visits, arrivals, gathers, faults, outages, quirks })
    }
}
