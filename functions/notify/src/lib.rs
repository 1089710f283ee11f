//! Incidents with something to be told -> SNS. The only function that may publish.

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use plugtill_adapters::alerts::{Alert, AlertError, Alerts};
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::store::{Store, StoreError, StoredIncident};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::incident::{Incident, Notice, NoticeKind};

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Notify {
    /// The table.
    pub store: Store,
    /// The operators' topic.
    pub alerts: Alerts,
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
    let place = match serde_json::from_str(body) {
        Ok(Ring::Incident(charger, connector)) => (charger, connector),
        Ok(Ring::StripeObject(_)) => return Err(NotifyError::NotADoorbell("a Stripe object's".to_owned())),
        Ok(Ring::Session(_)) => return Err(NotifyError::NotADoorbell("a session's".to_owned())),
        Err(error) => return Err(NotifyError::NotADoorbell(error.to_string())),
    };
    let mut current = read(function, &place).await?;
    while let Some((stored, incident)) = current {
        let Some(notice) = incident.next_notice() else { return Ok(()) };
        publish(function, &incident, notice).await?;
        // Told, then marked: a crash in between tells twice, the other order would tell never (FAULTS.md F40).
        current = mark(function, stored, incident, &place).await?;
    }
    Ok(())
}

type Place = (ChargerId, ConnectorId);

async fn read(function: &Notify, place: &Place) -> Result<Option<(StoredIncident, Incident)>, StoreError> {
    let stored = function.store.incident(&place.0, place.1).await?;
    Ok(stored.incident.clone().map(|incident| (stored, incident)))
}

async fn publish(function: &Notify, incident: &Incident, notice: &Notice) -> Result<(), AlertError> {
    let (kind, subject) = match notice.kind {
        NoticeKind::Opened => ("fault", format!("Fault: charger {}", incident.charger)),
        NoticeKind::Recovered => ("recovered", format!("Recovered: charger {}", incident.charger)),
    };
    let alert = Alert { subject: &subject, text: &notice.text, site: incident.site.as_str(), kind };
    function.alerts.publish(&alert).await.map(drop)
}

/// Marks the first unsent notice as sent, on whatever the incident has become meanwhile.
async fn mark(
    function: &Notify,
    mut stored: StoredIncident,
    mut incident: Incident,
    place: &Place,
) -> Result<Option<(StoredIncident, Incident)>, StoreError> {
    const TRIES: u32 = 8;
    for _ in 0..TRIES {
        incident.notice_sent();
        if let Some(stored) = function.store.put_incident(&stored, incident).await? {
            return Ok(stored.incident.clone().map(|incident| (stored, incident)));
        }
        match read(function, place).await? {
            Some(latest) => (stored, incident) = latest,
            None => return Ok(None),
        }
    }
    Err(StoreError::Contended(format!("incident of {} connector {}", place.0, place.1)))
}
