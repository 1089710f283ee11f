//! Quarantine: what could not be used, with its bytes, until a person has looked.

use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::packed::{pack, unpack};
use super::{Item, Store, StoreError, document, keys, text, to_document};

/// Something received that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Receive time, UTC.
    pub received_at: Timestamp,
    /// Which charger, as far as it is known.
    pub charger: String,
    /// Why.
    pub reason: String,
    /// What was received: a frame, or the whole envelope where no frame could be found in it.
    pub bytes: String,
}

/// The name of something in quarantine: its receive time and a hash of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuarantineId {
    received_at: Timestamp,
    hash: String,
}

/// A text that names nothing in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names nothing in quarantine; `quarantine list` shows names such as 2026-11-23T10:00:00.000Z#0123456789abcdef"
)]
pub struct QuarantineIdError(String);

/// What a person made of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// When, UTC.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Which way.
    pub verdict: Verdict,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Which way something left quarantine. Its bytes stay in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was handed in once more; where that fails it is back.
    Retried,
    /// It is true, and needs no further effect.
    Accepted,
    /// It is noise.
    Dropped,
    /// What it waited for has come.
    Completed,
}

/// Something in quarantine, or that was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub id: QuarantineId,
    /// What was received, and why it could not be used.
    pub quarantined: Quarantined,
    /// What became of it; `None` while it waits.
    pub review: Option<Review>,
}

impl fmt::Display for QuarantineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}#{}", self.received_at, self.hash)
    }
}

impl FromStr for QuarantineId {
    type Err = QuarantineIdError;

    fn from_str(text: &str) -> Result<Self, QuarantineIdError> {
        let refuse = || QuarantineIdError(text.chars().take(80).collect());
        let (received_at, hash) = text.split_once('#').ok_or_else(refuse)?;
        let received_at: Timestamp = received_at.parse().map_err(|_| refuse())?;
        // Written to the millisecond; what is finer would be another name for the same.
        let received_at = Timestamp::from_millisecond(received_at.as_millisecond()).map_err(|_| refuse())?;
        Ok(Self { received_at, hash: hash.to_owned() })
    }
}

impl TryFrom<String> for QuarantineId {
    type Error = QuarantineIdError;
    fn try_from(text: String) -> Result<Self, QuarantineIdError> {
        text.parse()
    }
}

impl From<QuarantineId> for String {
    fn from(id: QuarantineId) -> Self {
        id.to_string()
    }
}

impl Quarantined {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> QuarantineId {
        QuarantineId { received_at: self.received_at, hash: keys::hash(&self.bytes) }
    }
}

fn partition(at: Timestamp) -> String {
    format!("q#{}", at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d"))
}

impl Store {
    /// The item that keeps what could not be used. The same bytes received at the same instant are the same item: what
    /// is retried in vain is back.
    #[must_use]
    pub fn quarantine_item(quarantined: &Quarantined) -> Item {
        let mut item = keys::key(&partition(quarantined.received_at), &quarantined.id().to_string());
        item.insert("charger".to_owned(), AttributeValue::S(quarantined.charger.clone()));
        item.insert("reason".to_owned(), AttributeValue::S(quarantined.reason.clone()));
        item.insert("bytes".to_owned(), pack(quarantined.bytes.clone()));
        item
    }

    /// What was quarantined on a UTC day (`2026-11-23`), oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn quarantine(&self, day: &str) -> Result<Vec<Quarantined>, StoreError> {
        let items = self.range(&format!("q#{day}"), "0", keys::LAST).await?;
        Ok(items.iter().filter_map(kept).map(|kept| kept.quarantined).collect())
    }

    /// What was quarantined between two instants, oldest first, one read a day.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn quarantined(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Kept>, StoreError> {
        let mut found = Vec::new();
        let mut day = from;
        while partition(day) <= partition(to) {
            found.extend(self.range(&partition(day), "0", keys::LAST).await?.iter().filter_map(kept));
            day += SignedDuration::from_hours(24);
        }
        Ok(found)
    }

    /// Something in quarantine by its name.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn kept(&self, id: &QuarantineId) -> Result<Option<Kept>, StoreError> {
        Ok(self.get(&partition(id.received_at), &id.to_string()).await?.as_ref().and_then(kept))
    }

    /// Notes that what something waited for has come; nothing where it never waited.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn complete(&self, id: &QuarantineId, at: Timestamp) -> Result<(), StoreError> {
        let Some(kept) = self.kept(id).await?.filter(|kept| kept.review.is_none()) else { return Ok(()) };
        let (by, note) = ("plugtill".to_owned(), "its start has come".to_owned());
        self.review(&kept, &Review { at, by, verdict: Verdict::Completed, note }).await
    }

    /// Notes what became of something in quarantine.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn review(&self, kept: &Kept, review: &Review) -> Result<(), StoreError> {
        let mut item = Self::quarantine_item(&kept.quarantined);
        item.insert("doc".to_owned(), to_document(review)?);
        self.file(vec![item]).await
    }
}

fn kept(item: &Item) -> Option<Kept> {
    let id: QuarantineId = text(item, "sk").parse().ok()?;
    let quarantined = Quarantined {
        received_at: id.received_at,
        charger: text(item, "charger").to_owned(),
        reason: text(item, "reason").to_owned(),
        bytes: unpack(item, "bytes").into_owned(),
    };
    Some(Kept { id, quarantined, review: document(item).ok() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_named_to_the_millisecond() {
        let id = |text: &str| text.parse::<QuarantineId>().unwrap();
        let named = id("2026-03-02T10:00:00.123Z#0123456789abcdef");
        assert_eq!(id("2026-03-02T10:00:00.1239Z#0123456789abcdef"), named);
        assert_eq!(id(&named.to_string()), named);
    }
}
