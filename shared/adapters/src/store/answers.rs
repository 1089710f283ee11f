//! What was answered to orders that carry a name of the caller's, so that an order that is sent again is carried out once
//! and answered the same.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Item, Store, StoreError, document, keys, text, to_document};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Whoever has not answered for so long has ended on the way: no function runs half as long.
const GONE: SignedDuration = SignedDuration::from_secs(60);

/// An order as its caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedOrder {
    /// Who sends it: names are a caller's own.
    pub by: String,
    /// Its name.
    pub name: String,
    /// What it asks for. Only its hash is kept.
    pub asked: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// What is known of an order that is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nobody carries it out: the caller may.
    Free,
    /// Somebody is at it.
    Underway,
    /// It was carried out.
    Answered(Answered),
    /// Another order bears its name.
    Another,
}

impl NamedOrder {
    fn item(&self, since: Timestamp, at: Timestamp) -> Item {
        let mut item = keys::key(&self.partition(), "answer");
        item.insert("asked".to_owned(), AttributeValue::S(keys::hash(&self.asked)));
        item.insert("since".to_owned(), AttributeValue::S(format!("{since:.3}")));
        item.insert("expires_at".to_owned(), AttributeValue::N((at + KEPT).as_second().to_string()));
        item
    }

    fn partition(&self) -> String {
        format!("idem#{}#{}", self.by, keys::hash(&self.name))
    }
}

impl Store {
    /// Begins to carry out an order, unless somebody else has begun.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn begin_order(&self, order: &NamedOrder, now: Timestamp) -> Result<Begun, StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(order.item(now, now)))
            .condition_expression(
                "attribute_not_exists(pk) OR attribute_not_exists(doc) AND asked = :asked AND since < :gone",
            )
            .expression_attribute_values(":asked", AttributeValue::S(keys::hash(&order.asked)))
            .expression_attribute_values(":gone", AttributeValue::S(format!("{:.3}", now - GONE)));
        match put.send().await {
            Ok(_) => return Ok(Begun::Free),
            Err(SdkError::ServiceError(e)) if matches!(e.err(), PutItemError::ConditionalCheckFailedException(_)) => {}
            Err(error) => return Err(StoreError::from_sdk(&error)),
        }
        let Some(known) = self.get(&order.partition(), "answer").await? else { return Ok(Begun::Underway) };
        if text(&known, "asked") != keys::hash(&order.asked) {
            return Ok(Begun::Another);
        }
        if known.contains_key("doc") { Ok(Begun::Answered(document(&known)?)) } else { Ok(Begun::Underway) }
    }

    /// Keeps what was answered to an order at `at` (UTC), for 24 hours; without an answer the same order may begin at
    /// once.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn end_order(
        &self,
        order: &NamedOrder,
        answered: Option<&Answered>,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut item = order.item(Timestamp::UNIX_EPOCH, at);
        if let Some(answered) = answered {
            item.insert("doc".to_owned(), to_document(answered)?);
        }
        self.file(vec![item]).await
    }
}
