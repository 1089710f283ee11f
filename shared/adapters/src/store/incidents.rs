//! The latest incident of each subject, and what of it is still to be told.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::Timestamp;
use plugtill_domain::incident::{Incident, Subject};

use super::{Item, Store, StoreError, document, keys, number, to_document};
use crate::doorbell::Ring;

pub(super) const SORT_KEY: &str = "incident";

/// Two writers of one incident are rare; more tries than this mean that something else is wrong.
const TRIES: u32 = 8;

/// An incident as read, with the version that a write must still find; 0 where there is none yet.
#[derive(Debug, Clone)]
pub struct StoredIncident {
    /// Whose.
    pub subject: Subject,
    /// The incident, once there was one.
    pub incident: Option<Incident>,
    /// Counts writes.
    pub version: u64,
}

impl StoredIncident {
    pub(super) fn read(subject: Subject, item: Option<&Item>) -> Result<Self, StoreError> {
        let version = item.map_or(0, |item| u64::try_from(number(item, "version")).unwrap_or_default());
        Ok(Self { subject, incident: item.map(document).transpose()?, version })
    }

    /// The doorbell to ring when something of it is to be told, and since when.
    #[must_use]
    pub fn ring(&self) -> Option<(Ring, Timestamp)> {
        let notice = self.incident.as_ref()?.next_notice()?;
        Some((Ring::Incident(self.subject.clone()), notice.due_at))
    }
}

impl Store {
    /// The latest incident of a subject, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn incident(&self, subject: Subject) -> Result<StoredIncident, StoreError> {
        let item = self.get(&keys::subject(&subject), SORT_KEY).await?;
        StoredIncident::read(subject, item.as_ref())
    }

    /// Applies `decide` to the incident until its decision is stored against the state it was made from; `None` of it
    /// changes nothing. Returns the incident as it then is; `known` saves the first read.
    ///
    /// # Errors
    /// When the table does not answer, or writers keep overtaking each other.
    pub async fn update_incident(
        &self,
        known: StoredIncident,
        mut decide: impl FnMut(Option<&Incident>) -> Option<Incident>,
    ) -> Result<StoredIncident, StoreError> {
        let mut current = known;
        for _ in 0..TRIES {
            let Some(after) = decide(current.incident.as_ref()) else { return Ok(current) };
            if let Some(stored) = self.put_incident(&current, after).await? {
                return Ok(stored);
            }
            current = self.incident(current.subject).await?;
        }
        Err(StoreError::Contended(format!("incident {}", keys::subject(&current.subject))))
    }

    /// Stores an incident under the condition that it was not changed since it was read. `None`: it was.
    async fn put_incident(
        &self,
        known: &StoredIncident,
        incident: Incident,
    ) -> Result<Option<StoredIncident>, StoreError> {
        let version = known.version + 1;
        let pk = keys::subject(&known.subject);
        let mut item = keys::key(&pk, SORT_KEY);
        item.insert("doc".to_owned(), to_document(&incident)?);
        item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        if let Some(notice) = incident.next_notice() {
            item.extend(self.due_attributes(&pk, notice.due_at));
        }
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = put
            .condition_expression("attribute_not_exists(pk) OR version = :version")
            .expression_attribute_values(":version", AttributeValue::N(known.version.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match put.send().await {
            Ok(_) => Ok(Some(StoredIncident { incident: Some(incident), version, ..known.clone() })),
            Err(SdkError::ServiceError(e)) if matches!(e.err(), PutItemError::ConditionalCheckFailedException(_)) => {
                Ok(None)
            }
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }
}
