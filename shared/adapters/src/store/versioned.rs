//! Items that carry the number of their writes: one is written only over the version that was read.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem};

use super::cancelled::lost;
use super::{Item, Store, StoreError};

impl Store {
    /// Writes an item over its `known` version, 0 where there is none, together with `beside`. `false`: somebody else
    /// wrote before.
    pub(super) async fn put_versioned(&self, item: Item, known: u64, beside: Option<Item>) -> Result<bool, StoreError> {
        let (condition, values) = match known {
            0 => ("attribute_not_exists(pk)", None),
            _ => ("version = :version", Some([(":version".to_owned(), AttributeValue::N(known.to_string()))].into())),
        };
        let Some(beside) = beside else {
            let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
            let put = put.condition_expression(condition).set_expression_attribute_values(values);
            return match put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await {
                Ok(_) => Ok(true),
                Err(SdkError::ServiceError(e))
                    if matches!(e.err(), PutItemError::ConditionalCheckFailedException(_)) =>
                {
                    Ok(false)
                }
                Err(error) => Err(StoreError::from_sdk(&error)),
            };
        };
        let put = |item| Put::builder().table_name(&self.table).set_item(Some(item));
        let item = put(item).condition_expression(condition).set_expression_attribute_values(values);
        let mut writes = self.client.transact_write_items().return_consumed_capacity(ReturnConsumedCapacity::Total);
        for put in [item, put(beside)] {
            let put = put.build().map_err(|e| StoreError::from_sdk(&e))?;
            writes = writes.transact_items(TransactWriteItem::builder().put(put).build());
        }
        match writes.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(e)) if lost(e.err()) => Ok(false),
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }
}
