//! What all seeds of a simulation came to. The JSON form is an interface.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::run::word;
use super::{Broken, SimulateError, Simulated};

/// What all seeds came to.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// The profile's name.
    pub profile: &'static str,
    /// Seeds run.
    pub seeds: u64,
    /// Seeds of which an invariant failed, with the first that did.
    pub failed: BTreeMap<u64, Broken>,
    /// Sessions accounted for.
    pub sessions: u64,
    /// Charger messages.
    pub messages: u64,
    /// Sessions by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Requests that went wrong, by edge and kind.
    pub faults: BTreeMap<String, u64>,
    /// Sessions of chargers that misbehaved, by how.
    pub quirks: BTreeMap<String, u64>,
    /// Messages that queues had given up on and that were handed in once more.
    pub redriven: u64,
    /// Virtual time, in seconds.
    pub virtual_seconds: i64,
    /// Time on the wall, in seconds.
    pub elapsed_seconds: f64,
    /// Sessions by that.
    pub sessions_per_second: f64,
    /// Seeds by that, an hour.
    pub seeds_per_hour: f64,
    /// Everything that happened, hashed: the same for the same seeds and the same build.
    pub hash: String,
    #[serde(skip)]
    hasher: Sha256,
}

impl Report {
    /// Nothing yet of a profile.
    #[must_use]
    pub fn of(profile: &'static str) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Adds a seed.
    ///
    /// # Errors
    /// Never in practice: every name has a JSON form.
    pub fn add(&mut self, simulated: &Simulated) -> Result<(), SimulateError> {
        self.seeds += 1;
        if let Some(broken) = simulated.broken.first() {
            self.failed.insert(simulated.seed, broken.clone());
        }
        let ran = &simulated.ran;
        self.sessions += ran.sessions.len() as u64;
        self.messages += ran.messages;
        self.redriven += ran.redriven;
        self.virtual_seconds += ran.virtual_seconds;
        for (outcome, count) in &ran.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += count;
        }
        for met in &ran.met {
            let name = format!("{}.{}", word(&met.place.0)?, met.fault.name());
            *self.faults.entry(name).or_default() += 1;
        }
        for (quirk, count) in &simulated.quirks {
            *self.quirks.entry(word(quirk)?).or_default() += count;
        }
        self.hasher.update(&simulated.hash);
        self.hash = hex::encode(self.hasher.clone().finalize());
        Ok(())
    }

    /// Notes how long it took on the wall.
    pub fn took(&mut self, elapsed_seconds: f64) {
        self.elapsed_seconds = elapsed_seconds;
        // Counts are far below 2^53.
        #[allow(clippy::cast_precision_loss, reason = "a count of a run, for display")]
        let (sessions, seeds) = (self.sessions as f64, self.seeds as f64);
        self.sessions_per_second = if elapsed_seconds > 0.0 { sessions / elapsed_seconds } else { 0.0 };
        self.seeds_per_hour = if elapsed_seconds > 0.0 { seeds * 3_600.0 / elapsed_seconds } else { 0.0 };
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: &BTreeMap<String, u64>| {
            let all: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
            if all.is_empty() { "none".to_owned() } else { all.join(", ") }
        };
        writeln!(f, "Profile   {}: {} seeds, {} failed", self.profile, self.seeds, self.failed.len())?;
        writeln!(f, "Sessions  {} of {} messages: {}", self.sessions, self.messages, list(&self.outcomes))?;
        writeln!(f, "Faults    {}", list(&self.faults))?;
        writeln!(f, "Chargers  {}", list(&self.quirks))?;
        writeln!(f, "Redriven  {} messages", self.redriven)?;
        writeln!(
            f,
            "Took      {:.1} s for {} days, {:.0} sessions a second, {:.0} seeds an hour",
            self.elapsed_seconds,
            self.virtual_seconds / 86_400,
            self.sessions_per_second,
            self.seeds_per_hour
        )?;
        write!(f, "Hash      {}", self.hash)
    }
}
