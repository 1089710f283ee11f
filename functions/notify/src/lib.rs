//! Incidents with something to be told -> SNS. The only function that may publish.

mod driver;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use plugtill_adapters::alerts::{Alert, AlertError, Alerts};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::{Store, StoreError};
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Incident, Notice, NoticeKind};

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The table.
    pub store: Store,
    /// The operators' topic, and text messages to drivers.
    pub alerts: Alerts,
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
        Ok(Ring::Session(_) | Ring::Checkout(_) | Ring::StripeObject(_) | Ring::Command(..)) => {
            return Err(NotifyError::NotADoorbell("meant for another function".to_owned()));
        }
        Err(error) => return Err(NotifyError::NotADoorbell(error.to_string())),
    };
    let mut current = function.store.incident(subject).await?;
    while let Some((incident, notice)) = current.incident.as_ref().and_then(|i| Some((i, i.next_notice()?))) {
        publish(function, incident, notice).await?;
        // Told, then marked: a crash in between tells twice, the other order would tell never (FAULTS.md F40).
        current = function.store.update_incident(current, told).await?;
    }
    Ok(())
}

async fn publish(function: &Notify, incident: &Incident, notice: &Notice) -> Result<(), AlertError> {
    let (kind, what) = match notice.kind {
        NoticeKind::Opened => ("fault", "Fault"),
        NoticeKind::Recovered => ("recovered", "Recovered"),
    };
    let alert = Alert {
        subject: &format!("{what}: {}", incident.subject.title()),
        text: &notice.text,
        site: incident.site.as_ref().map(SiteId::as_str),
        kind,
        incident: incident.subject.kind(),
        severity: incident.subject.severity().as_str(),
    };
    function.alerts.publish(&alert).await.map(drop)
}

/// Marks the first unsent notice as sent, on whatever the incident has become meanwhile.
fn told(known: Option<&Incident>) -> Option<Incident> {
    let mut incident = known?.clone();
    incident.notice_sent();
    Some(incident)
}
