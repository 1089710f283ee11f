//! What Stripe says has happened, until `settle` has looked at the object. An event is filed in one transaction: its id,
//! which is filed once, and the latest of its type for its object, which is what is due. So a duplicate changes nothing,
//! and many events of one type cost one look.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem, Update};
use jiff::{SignedDuration, Timestamp};

use super::{Item, Store, StoreError, keys, number, text};
use crate::webhook::{ObjectKind, StripeEvent};

/// Longer than Stripe delivers an event (three days) or shows it in its list (thirty).
const KEPT: SignedDuration = SignedDuration::from_hours(35 * 24);
/// Events of one type for one object rarely meet; more tries than this mean that something else is wrong.
const TRIES: u32 = 8;
const SORT_PREFIX: &str = "event#";

/// What filing an event came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filing {
    /// It is due.
    Filed,
    /// It was filed before; nothing has changed.
    Duplicate,
}

/// The latest event of its type for an object that nobody has looked at since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledEvent {
    /// The object's id.
    pub object: String,
    /// What the object is.
    pub kind: ObjectKind,
    /// The event's type, in Stripe's words.
    pub event_type: String,
    /// The event's id.
    pub event_id: String,
    /// When it happened at Stripe, UTC, to the second. Of several, the latest, whatever came last.
    pub created: Timestamp,
    /// The connected account it happened in; none for the platform's own.
    pub account: Option<String>,
    /// Counts the events of this type for this object.
    pub version: u64,
}

/// Which half of the transaction was refused.
enum Refused {
    /// The event's id is there already.
    Duplicate,
    /// The latest event known is not what the write took it for.
    Order,
    /// Somebody else wrote at the same time.
    Conflict,
}

impl Store {
    /// Files an event as due at `now` (UTC). An older one than the latest known makes the object due as well, without
    /// becoming the latest: what it was about is read from Stripe in any case.
    ///
    /// # Errors
    /// When the table does not answer, or others keep filing for the same object.
    pub async fn file_event(&self, event: &StripeEvent, now: Timestamp) -> Result<Filing, StoreError> {
        let mut is_latest = true;
        for _ in 0..TRIES {
            let writes = self
                .client
                .transact_write_items()
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .transact_items(self.event_once(event, now)?)
                .transact_items(self.event_due(event, is_latest, now)?);
            match writes.send().await {
                Ok(_) => return Ok(Filing::Filed),
                Err(SdkError::ServiceError(e)) if let Some(refused) = refused(e.err()) => match refused {
                    Refused::Duplicate => return Ok(Filing::Duplicate),
                    Refused::Order => is_latest = !is_latest,
                    Refused::Conflict => {}
                },
                Err(error) => return Err(StoreError::from_sdk(&error)),
            }
        }
        Err(StoreError::Contended(event.object.clone()))
    }

    fn event_once(&self, event: &StripeEvent, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let mut item = keys::key(&format!("event#{}", event.id), "event");
        item.insert("expires_at".to_owned(), seconds(now + KEPT));
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = put.condition_expression("attribute_not_exists(pk)").build();
        Ok(TransactWriteItem::builder().put(put.map_err(|e| StoreError::from_sdk(&e))?).build())
    }

    fn event_due(&self, event: &StripeEvent, is_latest: bool, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        const DUE: &str = "due_shard = if_not_exists(due_shard, :due_shard), due_at = if_not_exists(due_at, :due_at), \
                           keep_until = :keep_until";
        const ELSE: &str = "REMOVE expires_at ADD version :one";
        let mut values: HashMap<_, _> = self.due_attributes(&event.object, now).into();
        values.insert("one".to_owned(), AttributeValue::N("1".to_owned()));
        values.insert("created_at".to_owned(), seconds(event.created));
        values.insert("keep_until".to_owned(), seconds(now + KEPT));
        let (expression, condition) = if is_latest {
            values.insert("event_id".to_owned(), AttributeValue::S(event.id.clone()));
            values.insert("kind".to_owned(), AttributeValue::S(event.kind.as_str().to_owned()));
            values.insert("account".to_owned(), AttributeValue::S(event.account.clone().unwrap_or_default()));
            let latest = "created_at = :created_at, event_id = :event_id, kind = :kind, account = :account";
            let condition = "attribute_not_exists(created_at) OR created_at <= :created_at";
            (format!("SET {latest}, {DUE} {ELSE}"), condition)
        } else {
            (format!("SET {DUE} {ELSE}"), "created_at > :created_at")
        };
        let update = Update::builder().table_name(&self.table).set_key(Some(key(&event.object, event.event_type)));
        let update = update.update_expression(expression).condition_expression(condition);
        let update = update.set_expression_attribute_values(Some(named(values))).build();
        Ok(TransactWriteItem::builder().update(update.map_err(|e| StoreError::from_sdk(&e))?).build())
    }

    /// The events of an object that nobody has looked at, strongly consistent, oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn pending_events(&self, object: &str) -> Result<Vec<FiledEvent>, StoreError> {
        let items =
            self.range(&keys::stripe_object(object), SORT_PREFIX, &format!("{SORT_PREFIX}{}", keys::LAST)).await?;
        let pending = items.iter().filter(|item| item.contains_key("due_at"));
        let mut events = pending.map(|item| filed(object, item)).collect::<Result<Vec<_>, _>>()?;
        events.sort_by_key(|event| event.created);
        Ok(events)
    }

    /// Whether Stripe ever told of an object, as long as that is kept.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn has_events(&self, object: &str) -> Result<bool, StoreError> {
        let (from, to) = (SORT_PREFIX, format!("{SORT_PREFIX}{}", keys::LAST));
        Ok(!self.range(&keys::stripe_object(object), from, &to).await?.is_empty())
    }

    /// Marks an event as looked at, unless another of its type was filed since it was read; whether it was marked. The
    /// item is kept for a while, so that an event that is delivered late does not pass for the latest.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn event_handled(&self, event: &FiledEvent) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.table);
        let update = update
            .set_key(Some(key(&event.object, &event.event_type)))
            .update_expression("SET expires_at = keep_until REMOVE due_shard, due_at")
            .condition_expression("version = :version")
            .expression_attribute_values(":version", AttributeValue::N(event.version.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match update.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(e))
                if matches!(e.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }
}

fn key(object: &str, event_type: &str) -> Item {
    keys::key(&keys::stripe_object(object), &format!("{SORT_PREFIX}{event_type}"))
}

fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_second().to_string())
}

fn named(values: HashMap<String, AttributeValue>) -> HashMap<String, AttributeValue> {
    values.into_iter().map(|(name, value)| (format!(":{name}"), value)).collect()
}

fn filed(object: &str, item: &Item) -> Result<FiledEvent, StoreError> {
    let sort = text(item, "sk");
    let unreadable = |problem: String| StoreError::Unreadable { key: format!("stripe#{object} {sort}"), problem };
    let account = text(item, "account");
    Ok(FiledEvent {
        object: object.to_owned(),
        kind: ObjectKind::of(text(item, "kind")),
        event_type: sort.strip_prefix(SORT_PREFIX).unwrap_or_default().to_owned(),
        event_id: text(item, "event_id").to_owned(),
        created: Timestamp::from_second(number(item, "created_at")).map_err(|e| unreadable(e.to_string()))?,
        account: (!account.is_empty()).then(|| account.to_owned()),
        version: u64::try_from(number(item, "version")).unwrap_or_default(),
    })
}

/// Why a transaction was cancelled; `None` when the reason is not one that reading or trying again helps with.
fn refused(error: &TransactWriteItemsError) -> Option<Refused> {
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else { return None };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect();
    let is_known = |code: &&str| ["ConditionalCheckFailed", "TransactionConflict", "None"].contains(code);
    match codes.as_slice() {
        codes if !codes.iter().all(is_known) => None,
        ["ConditionalCheckFailed", ..] => Some(Refused::Duplicate),
        [_, "ConditionalCheckFailed"] => Some(Refused::Order),
        _ => Some(Refused::Conflict),
    }
}
