//! What is told: a type, an instant, and what it is about. Nothing that tells who a driver is.

use jiff::Timestamp;
use plugtill_adapters::store::{About, StoredHook};
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId};
use plugtill_domain::incident::{Incident, Severity, Subject};
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;
use plugtill_domain::session::{Outcome, Session};
use serde::Serialize;

use crate::{WebhookError, Webhooks};

#[derive(Serialize)]
struct Payload<T> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: T,
}

#[derive(Serialize)]
struct SessionTold<'a> {
    session: &'a SessionId,
    site: &'a SiteId,
    charger: &'a ChargerId,
    connector: ConnectorId,
    started_at: Timestamp,
    stopped_at: Option<Timestamp>,
    energy_wh: Option<i64>,
    outcome: Outcome,
    reason: Option<String>,
    billed: Money,
    collected: Money,
    waived: Money,
    uncollectable: Money,
    receipt: Option<&'a str>,
}

#[derive(Serialize)]
struct IncidentTold<'a> {
    incident: &'a Subject,
    title: String,
    severity: Severity,
    site: Option<&'a SiteId>,
    charger: Option<&'a ChargerId>,
    connector: Option<ConnectorId>,
    facts: &'a str,
    first_at: Timestamp,
    opened_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    count: u64,
    acknowledged_by: Option<&'a str>,
    page: String,
}

/// Whose it is, and what is told as JSON; `None` when there is nothing of the kind.
pub(crate) async fn of(
    function: &Webhooks,
    stored: &StoredHook,
    now: Timestamp,
) -> Result<Option<(Option<SiteId>, String)>, WebhookError> {
    let (r#type, timestamp) = (stored.hook.topic.as_str(), stored.hook.at);
    match &stored.name.about {
        About::Session(id) => {
            let Some(known) = function.store.session(id).await? else { return Ok(None) };
            let data = session(&known.session);
            let body = serde_json::to_string(&Payload { r#type, timestamp, data })?;
            Ok(Some((Some(known.session.site), body)))
        }
        About::Incident(page) => {
            let Some(known) = function.store.incident_at(page).await? else { return Ok(None) };
            let (name, address) = function.links.incident_page(&known);
            function.store.put_incident_page(&name, &known).await?;
            let data = incident(&known, address);
            let body = serde_json::to_string(&Payload { r#type, timestamp: timestamp.min(now), data })?;
            Ok(Some((known.subject.site.clone(), body)))
        }
    }
}

fn session(session: &Session) -> SessionTold<'_> {
    SessionTold {
        session: &session.id,
        site: &session.site,
        charger: &session.id.charger,
        connector: session.id.connector,
        started_at: session.id.started_at,
        stopped_at: session.ended_at(),
        energy_wh: session.bill.as_ref().map(|bill| bill.energy.0),
        outcome: session.outcome,
        reason: session.reason.as_ref().map(ToString::to_string),
        billed: session.billed(),
        collected: session.collected(),
        waived: session.waived,
        uncollectable: session.uncollectable,
        receipt: session.receipt_number.as_deref(),
    }
}

fn incident(incident: &Incident, page: String) -> IncidentTold<'_> {
    let subject = &incident.subject;
    IncidentTold {
        incident: subject,
        title: plugtill_texts::title(Language::En, subject.kind),
        severity: subject.kind.severity(),
        site: subject.site.as_ref(),
        charger: subject.charger(),
        connector: subject.connector(),
        facts: &incident.facts,
        first_at: incident.first_at,
        opened_at: incident.opened_at,
        ended_at: incident.ended_at,
        count: incident.count,
        acknowledged_by: incident.acknowledged.as_ref().map(|known| known.by.as_str()),
        page,
    }
}
