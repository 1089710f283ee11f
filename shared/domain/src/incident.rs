//! One fault, one alert, one "recovered", however often the charger repeats itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::evidence::ConnectorStatus;
use crate::ids::{ChargerId, ConnectorId, SiteId};

/// A text message must fit one SMS segment with room for the sender (SNS splits above 140 bytes).
pub const SMS_CHARACTERS: usize = 140;

/// A fault of one connector, from its first report to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Where.
    pub site: SiteId,
    /// Which charger.
    pub charger: ChargerId,
    /// Which connector; 0 is the charger as a whole.
    pub connector: ConnectorId,
    /// The OCPP error code, and the vendor's where given.
    pub error: String,
    /// First report, by the charger's clock, UTC.
    pub opened_at: Timestamp,
    /// Latest report, UTC.
    pub last_at: Timestamp,
    /// Reports so far.
    pub count: u64,
    /// When the connector was well again, UTC.
    pub recovered_at: Option<Timestamp>,
    /// What operators are to be told, in order; sent ones stay until the next incident opens.
    pub notices: Vec<Notice>,
}

/// Something operators are to be told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub kind: NoticeKind,
    /// Since when it is due, UTC.
    pub due_at: Timestamp,
    /// Whether SNS has taken it.
    pub sent: bool,
    /// The text message.
    pub text: String,
}

/// The kinds of notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A fault opened.
    Opened,
    /// It is over.
    Recovered,
}

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

impl Incident {
    /// The first notice not yet sent.
    #[must_use]
    pub fn next_notice(&self) -> Option<&Notice> {
        self.notices.iter().find(|notice| !notice.sent)
    }

    /// Marks the first notice not yet sent as sent.
    pub fn notice_sent(&mut self) {
        if let Some(notice) = self.notices.iter_mut().find(|notice| !notice.sent) {
            notice.sent = true;
        }
    }

    /// Whether the fault lasts.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.recovered_at.is_none()
    }

    fn open(report: StatusReport, unsent: Vec<Notice>) -> Self {
        let place = format!("{} connector {}", report.charger, report.connector);
        let text = shorten(&format!("FAULT {place} ({}): {} since {:.0}", report.site, report.error, report.at));
        let notice = Notice { kind: NoticeKind::Opened, due_at: report.received_at, sent: false, text };
        Self {
            site: report.site,
            charger: report.charger,
            connector: report.connector,
            error: report.error,
            opened_at: report.at,
            last_at: report.at,
            count: 1,
            recovered_at: None,
            notices: unsent.into_iter().chain([notice]).collect(),
        }
    }

    fn recover(&mut self, report: &StatusReport) {
        let minutes = report.at.duration_since(self.opened_at).as_mins();
        let place = format!("{} connector {}", self.charger, self.connector);
        let text =
            format!("RECOVERED {place} ({}): {} after {minutes} min, {} reports", self.site, self.error, self.count);
        self.recovered_at = Some(report.at);
        let notice =
            Notice { kind: NoticeKind::Recovered, due_at: report.received_at, sent: false, text: shorten(&text) };
        self.notices.push(notice);
    }
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
        (None, true) => {
            let unsent = known.into_iter().flat_map(|k| k.notices.iter().filter(|n| !n.sent).cloned()).collect();
            Some(Incident::open(report, unsent))
        }
        (Some(incident), true) => Some(Incident { count: incident.count + 1, last_at: report.at, ..incident.clone() }),
        (Some(incident), false) => {
            let mut recovered = incident.clone();
            recovered.recover(&report);
            Some(recovered)
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(SMS_CHARACTERS).collect()
}
