//! Charger messages -> events -> decisions -> the table. Knows no Stripe secret.
//!
//! # Layout, in reading order
//! - [`handle`]: a batch of queue messages in, the ones to deliver again out.
//! - `intake`: envelope and frame to something a batch can work on, or into quarantine.
//! - `batch`: file facts, look the joins up, decide, commit, ring, answer.
//! - `joins`: how a start, its answer and its stop find each other. `starts`, `ends`: of sessions.
//! - `sightings`: faults and their end.
//! - `answers`: what chargers are answered; `commands`: what they are told.

mod answers;
mod batch;
mod commands;
mod ends;
mod intake;
mod joins;
mod sightings;
mod starts;

use std::collections::{BTreeMap, BTreeSet};

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use plugtill_adapters::chargers::{Chargers, SendError};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::{Doorbell, Ring, RingError};
use plugtill_adapters::store::{Directory, Store, StoreError};
use plugtill_domain::ids::{ChargerId, SessionId, TransactionId};

/// What the function works with.
#[derive(Debug, Clone)]
pub struct ChargerEvents {
    /// The table.
    pub store: Store,
    /// Sites and terms.
    pub directory: Directory,
    /// Rings `settle` and `notify`, and itself for what chargers are to be told.
    pub doorbell: Doorbell,
    /// Answers chargers, where we are their back end.
    pub chargers: Chargers,
    /// Stands in for a missing receive time.
    pub clock: Clock,
}

/// A stop by charger, transaction and instant.
pub type Orphan = (ChargerId, TransactionId, Timestamp);

/// What became of the messages of a batch: received is their sum (invariant I14).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Taken as evidence or as a sign of life.
    pub processed: u64,
    /// Said before.
    pub duplicate: u64,
    /// Kept in quarantine with the reason.
    pub quarantined: u64,
    /// Stops whose start is not known. Kept in the table, and part of `processed`.
    pub orphans: BTreeSet<Orphan>,
    /// Stops whose start has come since.
    pub joined: BTreeSet<Orphan>,
    /// Not about billing, by action.
    pub ignored: BTreeMap<String, u64>,
    /// The sessions that were changed.
    pub sessions: BTreeSet<SessionId>,
}

impl Tally {
    /// How many messages were ignored.
    #[must_use]
    pub fn ignored_total(&self) -> u64 {
        self.ignored.values().sum()
    }

    /// Adds another batch's.
    pub fn add(&mut self, other: Self) {
        self.processed += other.processed;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
        self.orphans.extend(other.orphans);
        self.orphans.retain(|orphan| !other.joined.contains(orphan));
        for (action, count) in other.ignored {
            *self.ignored.entry(action).or_default() += count;
        }
        self.sessions.extend(other.sessions);
    }
}

/// Why a batch has to be delivered again. Everything in it is safe to do twice.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue did not answer.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// The broker did not take an answer.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// Handles a batch. Nothing is acknowledged before all of it is stored; messages that cannot be used are stored too.
///
/// A batch that fails as a whole is tried again message by message, so that one poisonous message delays no other.
pub async fn handle(function: &ChargerEvents, event: SqsEvent) -> (SqsBatchResponse, Tally) {
    let (response, tally) = work_on(function, event).await;
    metrics::counter!("FramesProcessed").increment(tally.processed);
    metrics::counter!("FramesDuplicate").increment(tally.duplicate);
    metrics::counter!("FramesQuarantined").increment(tally.quarantined);
    (response, tally)
}

async fn work_on(function: &ChargerEvents, event: SqsEvent) -> (SqsBatchResponse, Tally) {
    let mut response = SqsBatchResponse::default();
    let mut messages: Vec<(&SqsMessage, &str)> = Vec::with_capacity(event.records.len());
    for record in &event.records {
        let body = record.body.as_deref().unwrap_or_default();
        match Ring::command(body) {
            None => messages.push((record, body)),
            Some((charger, id)) => {
                if let Err(error) = commands::send(function, charger, id).await {
                    left(&mut response, record, &error);
                }
            }
        }
    }
    let bodies: Vec<&str> = messages.iter().map(|(_, body)| *body).collect();
    match Box::pin(batch::process(function, &bodies)).await {
        Ok(tally) => return (response, tally),
        Err(error) => tracing::warn!(%error, messages = bodies.len(), "batch failed; trying one by one"),
    }
    let mut tally = Tally::default();
    for (record, body) in messages {
        match Box::pin(batch::process(function, &[body])).await {
            Ok(one) => tally.add(one),
            Err(error) => left(&mut response, record, &error),
        }
    }
    (response, tally)
}

fn left(response: &mut SqsBatchResponse, record: &SqsMessage, error: &BatchError) {
    tracing::error!(%error, message_id = record.message_id.as_deref(), "message left for redelivery");
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = record.message_id.clone().unwrap_or_default();
    response.batch_item_failures.push(failure);
}
