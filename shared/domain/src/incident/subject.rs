//! What is wrong where: the name of an incident.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::ids::{ChargerId, ConnectorId, SessionId, SiteId};

/// What is wrong, and where. One subject has one incident at a time.
///
/// Its text form is `charger_fault#harbour#CP1#1`; names cannot contain `#`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject {
    /// What.
    pub kind: Kind,
    /// At which site; `None` for the operator's billing, which is no site's.
    pub site: Option<SiteId>,
    /// Where there.
    pub place: Place,
}

/// What has the fault.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// The site as a whole; without a site, the operator's billing.
    Whole,
    /// A charger.
    Charger(ChargerId),
    /// A connector of a charger; 0 is the charger as a whole.
    Connector(ChargerId, ConnectorId),
    /// A session.
    Session(SessionId),
}

/// Not the text form of a subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no incident; it reads <kind>#<site>#<charger>#<connector>, #<session>, or less")]
pub struct NotASubject(String);

impl Subject {
    /// A fault of the operator's billing.
    #[must_use]
    pub const fn billing(kind: Kind) -> Self {
        Self { kind, site: None, place: Place::Whole }
    }

    /// A fault of a site.
    #[must_use]
    pub const fn of_site(kind: Kind, site: SiteId) -> Self {
        Self { kind, site: Some(site), place: Place::Whole }
    }

    /// A fault of a charger.
    #[must_use]
    pub const fn of_charger(kind: Kind, site: SiteId, charger: ChargerId) -> Self {
        Self { kind, site: Some(site), place: Place::Charger(charger) }
    }

    /// A fault of a connector.
    #[must_use]
    pub const fn of_connector(kind: Kind, site: SiteId, charger: ChargerId, connector: ConnectorId) -> Self {
        Self { kind, site: Some(site), place: Place::Connector(charger, connector) }
    }

    /// A fault of a session.
    #[must_use]
    pub const fn of_session(kind: Kind, site: SiteId, session: SessionId) -> Self {
        Self { kind, site: Some(site), place: Place::Session(session) }
    }

    /// The charger, where it is one's.
    #[must_use]
    pub const fn charger(&self) -> Option<&ChargerId> {
        match &self.place {
            Place::Charger(charger) | Place::Connector(charger, _) => Some(charger),
            Place::Session(session) => Some(&session.charger),
            Place::Whole => None,
        }
    }

    /// The connector, where it is one's.
    #[must_use]
    pub const fn connector(&self) -> Option<ConnectorId> {
        match &self.place {
            Place::Connector(_, connector) => Some(*connector),
            Place::Session(session) => Some(session.connector),
            Place::Whole | Place::Charger(_) => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.kind.as_str(), self.site.as_ref().map_or("", SiteId::as_str))?;
        match &self.place {
            Place::Whole => Ok(()),
            Place::Charger(charger) => write!(f, "#{charger}"),
            Place::Connector(charger, connector) => write!(f, "#{charger}#{connector}"),
            Place::Session(session) => write!(f, "#{session}"),
        }
    }
}

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        read(text).ok_or_else(|| NotASubject(text.chars().take(120).collect()))
    }
}

fn read(text: &str) -> Option<Subject> {
    let mut parts = text.split('#');
    let kind = Kind::parse(parts.next()?)?;
    let site = match parts.next()? {
        "" => None,
        site => Some(site.parse().ok()?),
    };
    let place = match (parts.next(), parts.next()) {
        (None, _) => Place::Whole,
        (Some(session), None) if session.contains('~') => Place::Session(session.parse().ok()?),
        (Some(charger), None) => Place::Charger(charger.parse().ok()?),
        (Some(charger), Some(connector)) => {
            Place::Connector(charger.parse().ok()?, ConnectorId(connector.parse().ok()?))
        }
    };
    parts.next().is_none().then_some(Subject { kind, site, place })
}

impl TryFrom<String> for Subject {
    type Error = NotASubject;

    fn try_from(text: String) -> Result<Self, NotASubject> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}
