//! Status reports of connectors.

use jiff::Timestamp;

use super::{Incident, Report, Subject};
use crate::evidence::ConnectorStatus;
use crate::ids::{ChargerId, ConnectorId, SiteId};

/// What a charger reported of a connector.
#[derive(Debug, Clone)]
pub struct StatusReport {
    /// Where.
    pub site: SiteId,
    /// Which charger.
    pub charger: ChargerId,
    /// Which connector.
    pub connector: ConnectorId,
    /// The status.
    pub status: ConnectorStatus,
    /// The error code, with the vendor's.
    pub error: String,
    /// By the charger's clock, UTC.
    pub at: Timestamp,
    /// Receive time, UTC.
    pub received_at: Timestamp,
}

/// What a status report does to the connector's incident: the new incident, or `None` when nothing changes.
///
/// Reports older than what is known change nothing, so that late and repeated deliveries alert nobody.
#[must_use]
pub fn observe(known: Option<&Incident>, report: StatusReport) -> Option<Incident> {
    let faulted = report.status == ConnectorStatus::Faulted;
    let open = known.filter(|incident| incident.is_open());
    let stale = known.is_some_and(|incident| report.at <= incident.recovered_at.unwrap_or(incident.last_at));
    match (open, faulted) {
        _ if stale => None,
        (None, false) => None,
        (None, true) => Some(opened(report, known)),
        (Some(incident), true) => Some(incident.repeated(report.at)),
        (Some(incident), false) => Some(recovered(incident, &report)),
    }
}

fn opened(report: StatusReport, known: Option<&Incident>) -> Incident {
    let StatusReport { site, charger, connector, error, at, received_at, .. } = report;
    let text = format!("FAULT {charger} connector {connector} ({site}): {error} since {at:.0}");
    let subject = Subject::Connector(charger, connector);
    Incident::open(Report { site: Some(site), subject, error: &error, at, received_at }, known, &text)
}

fn recovered(incident: &Incident, report: &StatusReport) -> Incident {
    let StatusReport { site, charger, connector, at, .. } = report;
    let minutes = at.duration_since(incident.opened_at).as_mins();
    let (error, count) = (&incident.error, incident.count);
    let text =
        format!("RECOVERED {charger} connector {connector} ({site}): {error} after {minutes} min, {count} reports");
    incident.recovered(*at, report.received_at, &text)
}
