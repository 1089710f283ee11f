//! One fault, one alert, one "recovered", however often it repeats itself.
//!
//! # Layout, in reading order
//! - [`Incident`]: what is known of a fault, and what operators are to be told of it.
//! - `subject`: what has the fault, a connector or the operator's own billing.
//! - `connector`: status reports to incidents; `billing`: faults of billing to incidents.

mod billing;
mod connector;
mod subject;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::SiteId;

pub use billing::{raise, recover};
pub use connector::{StatusReport, observe};
pub use subject::{BillingFault, Severity, Subject};

/// A text message must fit one SMS segment with room for the sender (SNS splits above 140 bytes).
pub const SMS_CHARACTERS: usize = 140;

/// A fault, from its first report to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Where; `None` for the operator's billing, which is no site's.
    pub site: Option<SiteId>,
    /// What has the fault.
    #[serde(flatten, with = "subject::fields")]
    pub subject: Subject,
    /// A connector's OCPP error code, and the vendor's where given; of billing, the facts at the first report.
    pub error: String,
    /// First report, UTC: of a connector by the charger's clock.
    pub opened_at: Timestamp,
    /// Latest report, UTC.
    pub last_at: Timestamp,
    /// Reports so far.
    pub count: u64,
    /// When all was well again, UTC.
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

    fn open(of: Report<'_>, known: Option<&Self>, text: &str) -> Self {
        let unsent = known.into_iter().flat_map(|incident| incident.notices.iter().filter(|n| !n.sent).cloned());
        let notice = Notice { kind: NoticeKind::Opened, due_at: of.received_at, sent: false, text: shorten(text) };
        Self {
            site: of.site,
            subject: of.subject,
            error: of.error.to_owned(),
            opened_at: of.at,
            last_at: of.at,
            count: 1,
            recovered_at: None,
            notices: unsent.chain([notice]).collect(),
        }
    }

    fn repeated(&self, at: Timestamp) -> Self {
        Self { count: self.count + 1, last_at: self.last_at.max(at), ..self.clone() }
    }

    fn recovered(&self, at: Timestamp, due_at: Timestamp, text: &str) -> Self {
        let mut recovered = Self { recovered_at: Some(at), ..self.clone() };
        recovered.notices.push(Notice { kind: NoticeKind::Recovered, due_at, sent: false, text: shorten(text) });
        recovered
    }
}

/// What opens an incident.
struct Report<'a> {
    site: Option<SiteId>,
    subject: Subject,
    error: &'a str,
    at: Timestamp,
    received_at: Timestamp,
}

fn shorten(text: &str) -> String {
    text.chars().take(SMS_CHARACTERS).collect()
}
