//! From a charger to the queue: what arrives twice, late, out of order or never.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::profile::Carriage;
use super::random::{happens, rng};
use super::script::Told;
use super::visits::{Quirk, Visit};

/// A message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at: Timestamp,
    /// The visit it is of.
    pub(super) visit: usize,
    /// Its number among the visit's messages.
    pub(super) number: usize,
    /// Who said it.
    pub(super) charger: String,
    /// As an IoT rule hands it to the queue.
    pub(super) line: String,
}

/// When what a charger tells of a visit arrives.
pub(super) fn carried(seed: u64, visit: &Visit, told: &[Told], carriage: Carriage) -> Vec<Arrival> {
    let mut arrivals = Vec::with_capacity(told.len());
    for (number, told) in told.iter().enumerate() {
        let mut random = rng(&[seed, 3, visit.number as u64, number as u64]);
        // All are drawn, so that a profile without one of them draws the others alike.
        let [dropped, delayed, reordered, duplicated] =
            [carriage.dropped, carriage.delayed, carriage.reordered, carriage.duplicated]
                .map(|rate| happens(&mut random, rate));
        let late = random.i64(0..6 * 3_600);
        let soon = random.i64(0..120);
        let again = random.i64(1..3_600);
        if dropped {
            continue;
        }
        let connected_at = if visit.has(Quirk::Offline) { told.at.max(visit.leaves_at) } else { told.at };
        let wait = if delayed { late } else { i64::from(reordered) * soon };
        let at = connected_at + SignedDuration::from_secs(wait);
        arrivals.push(arrival(visit, number, told, at));
        if duplicated {
            arrivals.push(arrival(visit, number, told, at + SignedDuration::from_secs(again)));
        }
    }
    arrivals
}

fn arrival(visit: &Visit, number: usize, told: &Told, at: Timestamp) -> Arrival {
    let topic = format!("{}/{}", visit.place.charger, told.direction);
    let line = json!({ "topic": topic, "received_at": at.to_string(), "payload": told.frame });
    Arrival { at, visit: visit.number, number, charger: visit.place.charger.clone(), line: line.to_string() }
}
