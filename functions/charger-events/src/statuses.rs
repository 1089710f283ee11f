//! Status reports -> incidents.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::ocpp::Message;
use plugtill_adapters::store::{Facts, SiteInForce, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::incident::{Incident, StatusReport, observe as decide};

use crate::ChargerEvents;
use crate::intake::Received;

/// Brings the batch's status reports to their connectors' incidents; returns the doorbells to ring.
pub(crate) async fn observe(
    function: &ChargerEvents,
    sites: &[Arc<SiteInForce>],
    received: &[Received<'_>],
    facts: &Facts,
) -> Result<Vec<(Ring, Timestamp)>, StoreError> {
    let mut reports: BTreeMap<(ChargerId, ConnectorId), Vec<StatusReport>> = BTreeMap::new();
    for report in received.iter().filter_map(|received| report(received, sites)) {
        reports.entry((report.charger.clone(), report.connector)).or_default().push(report);
    }
    let mut rings = Vec::new();
    for ((charger, connector), reports) in reports {
        let known = facts.incident(&charger, connector)?;
        let seen = known.version;
        let stored = function.store.update_incident(known, |incident| fold(incident, &reports)).await?;
        rings.extend(stored.ring().filter(|_| stored.version != seen));
    }
    Ok(rings)
}

/// The incident after the reports in their own order; `None` when nothing changed.
fn fold(known: Option<&Incident>, reports: &[StatusReport]) -> Option<Incident> {
    let mut reports = reports.to_vec();
    reports.sort_by_key(|report| report.at);
    let mut latest: Option<Incident> = None;
    for report in reports {
        latest = decide(latest.as_ref().or(known), report).or(latest);
    }
    latest
}

fn report(received: &Received<'_>, sites: &[Arc<SiteInForce>]) -> Option<StatusReport> {
    let Message::Status { connector, at, status, error } = &received.message else { return None };
    Some(StatusReport {
        site: sites.get(received.site)?.site.id.clone(),
        charger: received.charger.clone(),
        connector: *connector,
        status: *status,
        error: error.clone(),
        at: *at,
        received_at: received.received_at,
    })
}
