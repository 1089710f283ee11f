//! The audit trail: what people ordered, by month, never changed and never removed.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, document, keys, to_document};

/// Something a person ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audited {
    /// When, UTC.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The session, where it concerns one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What was ordered.
    pub order: String,
    /// What came of it.
    pub outcome: String,
}

/// `2026-11`.
fn month(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string()
}

impl Store {
    /// Keeps what was ordered. The same order at the same instant is the same entry.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn audit(&self, entry: &Audited) -> Result<(), StoreError> {
        let sort = format!("{:.3}#{}#{}", entry.at, entry.session.as_deref().unwrap_or("-"), entry.order);
        let mut item = keys::key(&format!("audit#{}", month(entry.at)), &sort);
        item.insert("doc".to_owned(), to_document(entry)?);
        self.file(vec![item]).await
    }

    /// What was ordered in the month of `at` (UTC), oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an entry cannot be read.
    pub async fn audited(&self, at: Timestamp) -> Result<Vec<Audited>, StoreError> {
        let items = self.range(&format!("audit#{}", month(at)), "0", keys::LAST).await?;
        items.iter().map(document).collect()
    }
}
