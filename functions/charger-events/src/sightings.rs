//! What messages say of the equipment's health -> incidents.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::ocpp::Message;
use plugtill_adapters::store::StoreError;
use plugtill_domain::evidence::{ConnectorStatus, StopReason};
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Kind, Sighting, Subject};

use crate::batch::Batch;
use crate::intake::Received;

/// What is told of so much later may have been overtaken by what is known already.
const LATE: SignedDuration = SignedDuration::from_secs(30);
/// What vendors and MREC call an emergency stop.
const EMERGENCY_STOP: [&str; 2] = ["EmergencyStop", "CX008"];

/// Brings what the batch says of equipment to its incidents; returns the doorbells to ring.
pub(crate) async fn observe(batch: &Batch<'_, '_>) -> Result<Vec<(Ring, Timestamp)>, StoreError> {
    let mut seen: Vec<Sighting> = batch.wrong_clocks.clone();
    for received in &batch.received {
        if let Some(known) = batch.sites.get(received.site)
            && !is_overtaken(batch, received).await?
        {
            seen.extend(sightings(received, &known.site.id));
        }
    }
    seen.extend(batch.sessions.values().filter_map(|stored| {
        let session = &stored.session;
        let stopped = session.stopped.as_ref()?;
        let here = batch.received.iter().find(|received| {
            received.charger == session.id.charger && ends_at(&received.message) == Some(stopped.at)
        })?;
        let (site, charger) = (session.site.clone(), session.id.charger.clone());
        let subject = if stopped.reason == StopReason::EmergencyStop {
            Subject::of_connector(Kind::EmergencyStop, site, charger, session.id.connector)
        } else if stopped.reason == StopReason::PowerLoss {
            Subject::of_charger(Kind::PowerLoss, site, charger)
        } else {
            return None;
        };
        let facts = format!("session {}", session.id);
        Some(Sighting { subject, facts, well: false, at: stopped.at, received_at: here.received_at })
    }));
    if seen.is_empty() {
        return Ok(Vec::new());
    }
    let function = batch.function;
    let incidents = Incidents::new(function.store.clone(), function.directory.clone(), function.doorbell.clone());
    incidents.store(seen).await
}

/// Whether a fault that is told of late is over by what its connector has said since.
async fn is_overtaken(batch: &Batch<'_, '_>, received: &Received<'_>) -> Result<bool, StoreError> {
    let Message::Status { connector, at, status, error } = &received.message else { return Ok(false) };
    if received.received_at.duration_since(*at) < LATE || wrong(*status, error).is_none() {
        return Ok(false);
    }
    let since = batch.function.store.status_after(&received.charger, *connector, *at).await?;
    Ok(since.is_some_and(|status| wrong(status, "").is_none()))
}

/// When the session ended that a message stops, UTC.
fn ends_at(message: &Message) -> Option<Timestamp> {
    match message {
        Message::Stop(stopped) => Some(stopped.at),
        Message::Transaction(event) => event.stopped().map(|stopped| stopped.at),
        Message::Start { .. }
        | Message::Status { .. }
        | Message::Meter { .. }
        | Message::Assigned { .. }
        | Message::Answered { .. }
        | Message::Event { .. }
        | Message::Link(_)
        | Message::SignOfLife(_)
        | Message::Ignored(_) => None,
    }
}

fn sightings(received: &Received<'_>, site: &SiteId) -> Vec<Sighting> {
    let (site, charger, received_at) = (site.clone(), received.charger.clone(), received.received_at);
    let sighting =
        |subject, facts: &str, well, at| Sighting { subject, facts: facts.to_owned(), well, at, received_at };
    match &received.message {
        Message::Status { connector, at, status, error } => {
            let wrong = wrong(*status, error);
            let kinds = [Kind::ChargerFault, Kind::EmergencyStop, Kind::ConnectorUnavailable].into_iter();
            let subject = |kind| Subject::of_connector(kind, site.clone(), charger.clone(), *connector);
            kinds.map(|kind| sighting(subject(kind), error, wrong != Some(kind), *at)).collect()
        }
        Message::Event { connector, at, code, cleared } => {
            let kind = if is_emergency(code) { Kind::EmergencyStop } else { Kind::ChargerFault };
            vec![sighting(Subject::of_connector(kind, site, charger, *connector), code, *cleared, *at)]
        }
        Message::Link(link) => {
            vec![sighting(Subject::of_charger(Kind::ChargerOffline, site, charger), "", link.connected, link.at)]
        }
        // It has power again.
        Message::SignOfLife("BootNotification") => {
            vec![sighting(Subject::of_charger(Kind::PowerLoss, site, charger), "", true, received_at)]
        }
        Message::Start { .. }
        | Message::Stop(_)
        | Message::Transaction(_)
        | Message::Meter { .. }
        | Message::Assigned { .. }
        | Message::Answered { .. }
        | Message::SignOfLife(_)
        | Message::Ignored(_) => Vec::new(),
    }
}

/// What a status says to be wrong.
fn wrong(status: ConnectorStatus, error: &str) -> Option<Kind> {
    if status == ConnectorStatus::Faulted {
        Some(if is_emergency(error) { Kind::EmergencyStop } else { Kind::ChargerFault })
    } else {
        (status == ConnectorStatus::Unavailable).then_some(Kind::ConnectorUnavailable)
    }
}

fn is_emergency(code: &str) -> bool {
    EMERGENCY_STOP.iter().any(|name| code.contains(name))
}
