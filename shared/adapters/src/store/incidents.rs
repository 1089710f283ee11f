//! The latest incident of each connector, and what of it is still to be told.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::incident::Incident;

use super::{Item, Store, StoreError, document, keys, number, to_document};

pub(super) const SORT_KEY: &str = "incident";

/// An incident as read, with the version that a write must still find; 0 where there is none yet.
#[derive(Debug, Clone)]
pub struct StoredIncident {
    /// Where.
    pub charger: ChargerId,
    /// Where.
    pub connector: ConnectorId,
    /// The incident, once there was one.
    pub incident: Option<Incident>,
    version: u64,
}

impl StoredIncident {
    pub(super) fn read(charger: &ChargerId, connector: ConnectorId, item: Option<&Item>) -> Result<Self, StoreError> {
        Ok(Self {
            charger: charger.clone(),
            connector,
            incident: item.map(document).transpose()?,
            version: item.map_or(0, |item| u64::try_from(number(item, "version")).unwrap_or_default()),
        })
    }
}

impl Store {
    /// The latest incident of a connector, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn incident(&self, charger: &ChargerId, connector: ConnectorId) -> Result<StoredIncident, StoreError> {
        let item = self.get(&keys::connector(charger, connector), SORT_KEY).await?;
        StoredIncident::read(charger, connector, item.as_ref())
    }

    /// Stores an incident under the condition that it was not changed since it was read. `None`: it was.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put_incident(
        &self,
        known: &StoredIncident,
        incident: Incident,
    ) -> Result<Option<StoredIncident>, StoreError> {
        let version = known.version + 1;
        let pk = keys::connector(&known.charger, known.connector);
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
