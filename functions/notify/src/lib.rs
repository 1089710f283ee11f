//! Incidents with something to be told -> SNS. The only function that may publish.
//!
//! # Layout, in reading order
//! - [`handle`]: a batch of doorbells in, the ones to ring again out. [`daily`]: what is done once a day.
//! - `daily`, `monthly`: small matters, and what a month came to. `operators`: incidents, stage after stage. `driver`: what drivers are told.

mod daily;
mod driver;
mod monthly;
mod operators;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use plugtill_adapters::alerts::{AlertError, Alerts};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::{Directory, Store, StoreError};
use plugtill_adapters::watch::Watch;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The table.
    pub store: Store,
    /// Sites, and how each wants to be told.
    pub directory: Directory,
    /// What is wrong with the telling itself, and storms.
    pub incidents: Incidents,
    /// The operators' topic, and text messages to drivers.
    pub alerts: Alerts,
    /// Knows whether SNS takes what is published.
    pub undeliverable: Watch,
    /// Signs the links that drivers are sent.
    pub links: Links,
    /// Tells when something was told.
    pub clock: Clock,
}

/// Why a notice stays due.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// SNS did not take it.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// Not a doorbell for this function.
    #[error("message is not an incident's doorbell: {0}")]
    NotADoorbell(String),
}

/// Handles a batch of doorbells. A notice that SNS did not take stays due and is rung again.
pub async fn handle(function: &Notify, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for record in event.records {
        if let Err(error) = tell(function, record.body.as_deref().unwrap_or_default()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "notice stays due");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = record.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn tell(function: &Notify, body: &str) -> Result<(), NotifyError> {
    let subject = match serde_json::from_str(body) {
        Ok(Ring::Incident(subject)) => subject,
        Ok(Ring::Notice(session, index)) => return driver::tell(function, &session, index).await,
        Ok(Ring::Session(_) | Ring::Checkout(_) | Ring::StripeObject(_) | Ring::Command(..) | Ring::Hook(_)) => {
            return Err(NotifyError::NotADoorbell("meant for another function".to_owned()));
        }
        Err(error) => return Err(NotifyError::NotADoorbell(error.to_string())),
    };
    operators::tell(function, subject).await
}

/// Looks whether alerts can reach somebody, and tells the small matters of the last day and what the last month came to.
///
/// # Errors
/// When SNS or the table does not answer.
pub async fn daily(function: &Notify) -> Result<(), NotifyError> {
    daily::check_subscriptions(function).await?;
    daily::tell_small_matters(function).await?;
    monthly::tell(function).await
}

/// Looks whether alerts can reach somebody.
///
/// # Errors
/// When SNS or the table does not answer.
pub async fn check(function: &Notify) -> Result<(), NotifyError> {
    daily::check_subscriptions(function).await
}
