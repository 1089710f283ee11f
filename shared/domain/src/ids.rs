//! Names that come from outside, each checked once where it enters.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a name from outside was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Length or characters are not those of the field.
    #[error("{field} `{value}` is not usable: it must have 1 to {max} characters of A-Z a-z 0-9 * - _ = : + | @ .")]
    NotAnIdentifier {
        /// Which name.
        field: &'static str,
        /// What was given, cut to 64 characters.
        value: String,
        /// The longest accepted length.
        max: usize,
    },
    /// Not the text form of a session id.
    #[error("`{0}` is not a session id; it reads <charger>~<connector>~<start in UTC>")]
    NotASession(String),
}

/// OCPP `identifierString` characters (OCPP 2.0.1 part 2, 1.6 says less): what is safe in a topic, a key and a URL.
fn check(field: &'static str, value: &str, max: usize) -> Result<(), IdError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"*-_=:+|@.".contains(&byte);
    if (1..=max).contains(&value.len()) && value.bytes().all(allowed) {
        return Ok(());
    }
    Err(IdError::NotAnIdentifier { field, value: value.chars().take(64).collect(), max })
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(value: String) -> Result<Self, IdError> {
                check($field, &value, $max).map(|()| Self(value))
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(value: &str) -> Result<Self, IdError> {
                Self::try_from(value.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier!(
    /// A charger, named by its topic and never by a message body (OCPP: charging station identity, 48 characters).
    ChargerId, "charger id", 48
);
identifier!(
    /// A site (OCPI: location).
    SiteId, "site id", 36
);
identifier!(
    /// The charger's own transaction id. Not unique: 1.6 chargers send -1, 0 and numbers used before.
    TransactionId, "transaction id", 36
);

impl TransactionId {
    /// Whether it stands for none: chargers send 0 and -1 where they were never told a transaction's id.
    #[must_use]
    pub fn names_nothing(&self) -> bool {
        matches!(self.as_str(), "0" | "-1")
    }
}

identifier!(
    /// What the driver presented: a card, an app token (OCPP 1.6: 20 characters; 2.0.1: 36).
    IdTag, "id tag", 36
);

/// A connector of a charger, as OCPP 1.6 numbers them from 1; 0 is the charger as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectorId(pub u32);

impl fmt::Display for ConnectorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A session's own id: charger, connector and start time, so that the same start message names the same session.
///
/// In OCPP 1.6 the transaction id is assigned by the back end after the start message, arrives apart from it and may be
/// re-used: it is kept as a fact about the session, not as a part of its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SessionId {
    /// The charger that spoke.
    pub charger: ChargerId,
    /// The connector it spoke of.
    pub connector: ConnectorId,
    /// When the charger says the session started, UTC, to the millisecond.
    pub started_at: Timestamp,
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}~{:.3}", self.charger, self.connector, self.started_at)
    }
}

impl FromStr for SessionId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let refuse = || IdError::NotASession(text.chars().take(120).collect());
        let mut parts = text.splitn(3, '~');
        let (Some(charger), Some(connector), Some(started_at)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(refuse());
        };
        Ok(Self {
            charger: charger.parse()?,
            connector: ConnectorId(connector.parse().map_err(|_| refuse())?),
            started_at: whole_milliseconds(started_at).ok_or_else(refuse)?,
        })
    }
}

/// An instant as a session's id has it: what is finer would be another id that is written the same.
fn whole_milliseconds(text: &str) -> Option<Timestamp> {
    let at: Timestamp = text.parse().ok()?;
    Timestamp::from_millisecond(at.as_millisecond()).ok()
}

impl TryFrom<String> for SessionId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<SessionId> for String {
    fn from(id: SessionId) -> Self {
        id.to_string()
    }
}
