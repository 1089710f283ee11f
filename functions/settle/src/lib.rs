//! Sessions with work due -> Stripe -> the table. The only holder of the key that moves money.
//!
//! # Layout, in reading order
//! - [`handle`]: a batch of doorbells in, the ones to ring again out.
//! - [`Outage`]: while Stripe refuses the key nothing is asked.
//! - `session`: what is due in one session, step after step; each step committed before the next.
//! - `sightings`: what sessions say of their connectors and cards.
//! - `payment`: one money move and what its answer means.
//! - `checkout`: what became of a driver at Stripe's page, and holds that nobody came for.
//! - `stripe_events`: what Stripe says has happened to an object.

mod checkout;
mod outage;
mod payment;
mod session;
mod sightings;
mod stripe_events;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::{Doorbell, Ring, RingError};
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::{Directory, Store, StoreError};
use plugtill_adapters::stripe::{Stripe, StripeFailure};
use plugtill_domain::ids::SessionId;

pub use outage::Outage;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Settle {
    /// The table.
    pub store: Store,
    /// Sites and terms.
    pub directory: Directory,
    /// Rings itself for what is due soon.
    pub doorbell: Doorbell,
    /// Moves money.
    pub stripe: Stripe,
    /// Tells what is due.
    pub clock: Clock,
    /// Tells operators what is wrong.
    pub incidents: Incidents,
    /// Knows whether Stripe refuses the key.
    pub outage: Outage,
}

/// Why a session's work stays due.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue did not answer.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// Stripe did not say what became of the move.
    #[error("money move {key} has no answer yet: {source}")]
    Stripe {
        /// Its idempotency key.
        key: String,
        /// What happened.
        source: StripeFailure,
    },
    /// Stripe refused the key a moment ago and was not asked again.
    #[error("Stripe refuses the secret key; waiting for another")]
    KeyRefused,
    /// Not a doorbell for this function.
    #[error("message is not a session's doorbell: {0}")]
    NotADoorbell(String),
}

/// What became of a batch.
#[derive(Debug, Default)]
pub struct Handled {
    /// The doorbells to ring again.
    pub response: SqsBatchResponse,
    /// How many frames were found implausible and moved to quarantine.
    pub quarantined: u64,
    /// How many have work left that Stripe did not let finish: it stays due, and `sweep` rings for it.
    pub left: usize,
    /// The sessions that were rung for.
    pub sessions: Vec<SessionId>,
}

/// Handles a batch of doorbells. A session whose work could not be finished stays due and is rung again.
pub async fn handle(function: &Settle, event: SqsEvent) -> Handled {
    let mut handled = Handled::default();
    for record in event.records {
        let body = record.body.as_deref().unwrap_or_default();
        if let Ok(Ring::Session(id)) = serde_json::from_str(body) {
            handled.sessions.push(id);
        }
        match work_on(function, body).await {
            Ok(left_out) => handled.quarantined += left_out,
            // The table knows what waits and `sweep` rings for it every minute: bringing the doorbell back would only
            // fill the dead letters.
            Err(SettleError::KeyRefused) => {
                tracing::debug!("waiting for a key that Stripe accepts");
                handled.left += 1;
            }
            Err(error @ SettleError::Stripe { .. }) => {
                tracing::error!(error = &error as &dyn std::error::Error, "session's work stays due");
                handled.left += 1;
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "session's work stays due");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = record.message_id.unwrap_or_default();
                handled.response.batch_item_failures.push(failure);
            }
        }
    }
    metrics::counter!("FramesQuarantined").increment(handled.quarantined);
    handled
}

async fn work_on(function: &Settle, body: &str) -> Result<u64, SettleError> {
    match serde_json::from_str(body) {
        Ok(Ring::Session(id)) => outage::session(function, &id).await,
        Ok(Ring::Checkout(token)) => outage::checkout(function, &token).await.map(|()| 0),
        Ok(Ring::StripeObject(object)) => outage::stripe_object(function, &object).await.map(|()| 0),
        Ok(Ring::Incident(..) | Ring::Notice(..) | Ring::Command(..) | Ring::Hook(_)) => {
            Err(SettleError::NotADoorbell("meant for another function".to_owned()))
        }
        Err(error) => Err(SettleError::NotADoorbell(error.to_string())),
    }
}
