//! What a charger tells of a visit, in the order in which it happens.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::random::rng;
use super::visits::{Quirk, Visit};
use super::{script_16, script_201};

/// A frame, and when the charger tells it by true time.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) at: Timestamp,
    /// `in` to the back end, `out` to the charger.
    pub(super) direction: &'static str,
    pub(super) frame: Value,
}

/// Writes a visit down.
pub(super) struct Script<'a> {
    pub(super) visit: &'a Visit,
    pub(super) random: Rng,
    pub(super) told: Vec<Told>,
    /// Between what is told at one instant lie seconds.
    pub(super) second: SignedDuration,
}

/// Everything a charger tells of a visit, lies and gaps included.
pub(super) fn of(seed: u64, visit: &Visit) -> Vec<Told> {
    let random = rng(&[seed, 2, visit.number as u64]);
    let mut script = Script { visit, random, told: Vec::new(), second: SignedDuration::from_secs(1) };
    if visit.place.is_new {
        script_201::tell(&mut script);
    } else {
        script_16::tell(&mut script);
    }
    script.heartbeats();
    script.told.sort_by_key(|told| told.at);
    script.told
}

impl Script<'_> {
    /// An instant as the charger's clock shows it.
    pub(super) fn shown(&self, at: Timestamp) -> String {
        format!("{:.0}", at + self.visit.clock_off)
    }

    /// A call with a message id of its own, which is returned.
    pub(super) fn call(&mut self, at: Timestamp, action: &str, payload: &Value) -> String {
        let id = format!("{}-{}", self.visit.number, self.told.len());
        self.told.push(Told { at, direction: "in", frame: json!([2, id, action, payload]) });
        id
    }

    pub(super) fn answer(&mut self, at: Timestamp, id: &str, payload: &Value) {
        self.told.push(Told { at, direction: "out", frame: json!([3, id, payload]) });
    }

    /// When registers are read, while the visit's transaction runs.
    pub(super) fn readings(&self, until: Timestamp) -> Vec<Timestamp> {
        let step = SignedDuration::from_mins(self.visit.reads_every);
        let first = self.visit.arrives_at + step;
        std::iter::successors(Some(first), |at| Some(*at + step))
            .take_while(|at| *at < until)
            .take(self.visit.reads_most)
            .collect()
    }

    /// A charger at which a vehicle stays for days says now and then that it is there.
    pub(super) fn heartbeats(&mut self) {
        if !self.visit.has(Quirk::StaysForDays) {
            return;
        }
        let step = SignedDuration::from_hours(11);
        let (first, last) = (self.visit.full_at + step, self.visit.leaves_at);
        let beats: Vec<Timestamp> =
            std::iter::successors(Some(first), |at| Some(*at + step)).take_while(|at| *at < last).collect();
        for at in beats {
            self.call(at, "Heartbeat", &json!({}));
        }
    }

    /// What the register shows, by the visit's quirks: a reset and a jump in the middle.
    pub(super) fn shown_register(&mut self, at: Timestamp) -> i64 {
        let visit = self.visit;
        let true_wh = visit.register_at(at);
        let middle = visit.arrives_at + visit.full_at.duration_since(visit.arrives_at) / 2;
        if visit.has(Quirk::RegisterResets) && at > middle {
            return true_wh - visit.register_at(middle);
        }
        if visit.has(Quirk::RegisterJumps) && self.random.u8(0..3) == 0 {
            return true_wh + 1_000_000_000;
        }
        true_wh
    }
}
