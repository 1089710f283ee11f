//! Every minute: what is overdue is rung again. A lost ring, a crash or an outage only delays.
//!
//! # Layout, in reading order
//! - [`handle`]: what is due, and its doorbells.
//! - [`Watches`]: tell operators what should have been done by now.

mod faults;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::dead_letters::DeadLetters;
use plugtill_adapters::doorbell::{Doorbell, Ring, RingError};
use plugtill_adapters::store::{Store, StoreError};

pub use faults::Watches;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The table.
    pub store: Store,
    /// Rings `settle` and `notify`.
    pub doorbell: Doorbell,
    /// Tells what is overdue.
    pub clock: Clock,
    /// Know what of billing is at fault.
    pub watches: Watches,
    /// What queues have given up on.
    pub dead_letters: DeadLetters,
}

/// Why a sweep did not finish. The next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue did not answer.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// How many doorbells were rung.
    pub rung: usize,
    /// When the next thing falls due, UTC.
    pub next_due_at: Option<Timestamp>,
}

/// The most that one sweep rings for, a shard of the due-index; the rest is a minute older then.
const AT_ONCE: i32 = 500;

/// When the next sweep is, where something is known to be due by then.
const NEXT: SignedDuration = SignedDuration::from_mins(1);

/// Rings for what is overdue.
///
/// # Errors
/// When the table or a queue does not answer.
pub async fn handle(function: &Sweep) -> Result<Swept, SweepError> {
    let now = function.clock.now();
    let (due, next_due_at) = function.store.due(now, AT_ONCE).await?;
    let rung = due.len();
    let rings = due.iter().map(|(due, _)| (Ring::from(due.clone()), now)).collect();
    function.doorbell.ring(rings, now).await?;
    // A session that cannot be read keeps neither the other look from being taken nor this one from being reported.
    let looked = faults::look(function, &due, now).await;
    let told = faults::look_at_dead_letters(function, now).await?;
    let told = looked? || told;
    metrics::counter!("RungBySweep").increment(rung as u64);
    // What is told leaves something due that was not there yet when it was looked for.
    let next = told.then_some(now + NEXT);
    Ok(Swept { rung, next_due_at: next.into_iter().chain(next_due_at).min() })
}
