//! The table's shape, for stores that are not made by `infra/aws/template.yaml`.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};

use super::{Store, StoreError};

impl Store {
    /// Makes the table where it does not exist yet.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let mut request = self.client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        for name in ["pk", "sk", "due_shard", "due_at"] {
            let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
            request = request.attribute_definitions(attribute.build().map_err(|e| StoreError::from_sdk(&e))?);
        }
        let request = request.set_key_schema(Some(schema("pk", "sk")?));
        let due = GlobalSecondaryIndex::builder()
            .index_name("due")
            .set_key_schema(Some(schema("due_shard", "due_at")?))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .map_err(|e| StoreError::from_sdk(&e))?;
        match request.global_secondary_indexes(due).send().await {
            Ok(_) => self.let_items_expire().await,
            Err(SdkError::ServiceError(e)) if matches!(e.err(), CreateTableError::ResourceInUseException(_)) => Ok(()),
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }

    async fn let_items_expire(&self) -> Result<(), StoreError> {
        let expiry = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build();
        let expiry = expiry.map_err(|e| StoreError::from_sdk(&e))?;
        let request = self.client.update_time_to_live().table_name(&self.table).time_to_live_specification(expiry);
        request.send().await.map(drop).map_err(|e| StoreError::from_sdk(&e))
    }
}

fn schema(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, StoreError> {
    let element = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    [element(hash, KeyType::Hash), element(range, KeyType::Range)]
        .into_iter()
        .map(|element| element.map_err(|e| StoreError::from_sdk(&e)))
        .collect()
}
