//! What was answered to orders that carry a name of the caller's, so that the same order gets the same answer.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, document, keys, to_document};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// An order and what was answered to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What was asked: another order of the same name is a mistake.
    pub asked: String,
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

fn partition(by: &str, name: &str) -> String {
    format!("idem#{by}#{}", keys::hash(name))
}

impl Store {
    /// What was answered to the order of this name by this caller, for 24 hours.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn answered(&self, by: &str, name: &str) -> Result<Option<Answered>, StoreError> {
        self.get(&partition(by, name), "answer").await?.as_ref().map(document).transpose()
    }

    /// Keeps what was answered at `at` (UTC).
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_answered(
        &self,
        by: &str,
        name: &str,
        answered: &Answered,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut item = keys::key(&partition(by, name), "answer");
        item.insert("doc".to_owned(), to_document(answered)?);
        item.insert("expires_at".to_owned(), AttributeValue::N((at + KEPT).as_second().to_string()));
        self.file(vec![item]).await
    }
}
