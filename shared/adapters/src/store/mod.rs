//! The single table (DESIGN.md: the table is the outbox).
//!
//! | partition key | sort key | what |
//! |---|---|---|
//! | `c#<charger>#<connector>` | `s#<start>` | session head: state, version, what is due |
//! | | `e#<instant>#<hash>` | evidence: a frame as it was sent, or the meter values of a few minutes |
//! | `i#<site>`, `i#` of billing | `now#<subject>` | the latest incident of a subject |
//! | | `was#<first seen>#<subject>` | an incident that is over |
//! | `x#<name>` | `incident`, `session` | the incident or the session that a short link leads to |
//! | `t#<charger>` | `call#<id>`, `result#<id>` | a start and the answer that gave it its transaction id |
//! | | `tx#<id>#start#<start>` | which session a transaction id named |
//! | | `tx#<id>#stop#<instant>#<hash>` | evidence: a stop frame, which names no connector |
//! | | `tx#<id>#event#<instant>#<hash>` | evidence: an event of a 2.0.1 transaction |
//! | | `heard`, `link`, `dialect`, `station` | when it was last heard of, whether it is connected, what it speaks and is |
//! | | `command#<id>` | what it is told, until it answers |
//! | `site#<site>` | `connector#<charger>#<connector>` | connectors that ever had a session |
//! | `j#<site>#<day>` | `<instant>#<session>#<version>` | postings |
//! | `l#<site>#<day>` | the same | those of them that are of something not collected, once more |
//! | `d#<site>`, `u#<site>` | `<day>#<currency>`, `<day>#<charger>#…` | daily totals, changed only together with a posting |
//! | `m#<month>`, `v#<month>` | `<site>` | the same of the closed days of a month, in one piece |
//! | `q#<day>` | `<instant>#<hash>` | quarantine: raw bytes and why, and what a person made of it |
//! | `n#<session>` | `<index>` | what the driver is to be told |
//! | `h#<session>`, `h#<incident>` | `<topic>#<instant>` | what systems of the operator's own are to be told |
//! | `hooks` | `<keys of the above>` | what of it was given up |
//! | `block#<tag>` | `<session>` | whether the tag is blocked because of this session, which owes then |
//! | `k#<token>` | `checkout` | a driver at Stripe's page |
//! | `numbers#<series>` | `last` | the last number of receipts, of credit notes |
//! | `driver#<site>` | `<id tag>` or `*` | who pays |
//! | `event#<event id>` | `event` | a Stripe event that was filed, for 35 days |
//! | `stripe#<object id>` | `event#<type>` | the latest event of a type for a Stripe object; due until `settle` has looked |
//! | `chargers` | `<charger>` | chargers that were added, and what they prove themselves with |
//! | `users`, `apikeys` | `<name>`, `<id>` | who may sign in to the console, and the keys of machines |
//! | `signin#<name>` | `attempts` | how often somebody tried to sign in in vain, for an hour |
//! | `idem#<caller>#<hash>` | `answer` | an order through the API, and what it was answered, for a day |
//! | `sites`, `terms#<version>` | `<site>`, `terms` | what the operator decided; terms never change |
//! | `loaded` | `<site>` | which version of a machine's own site file was loaded last |
//!
//! The sparse index `due` (`due_shard`, `due_at`) holds what has work waiting, and in a part of its own who owes. Nothing is
//! decided from it.

mod answers;
mod audit;
mod balances;
mod cancelled;
mod chargers;
mod checkouts;
mod commands;
mod evidence;
mod facts;
mod forms;
mod gathered;
mod history;
mod hooks;
mod incidents;
mod keys;
mod ledger;
mod measures;
mod months;
mod notices;
mod numbers;
mod occupancy;
mod packed;
mod presence;
mod quarantine;
mod questions;
mod reconciled;
mod registry;
mod schema;
mod sessions;
mod stripe_events;
mod users;
mod versioned;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, WriteRequest};

pub use answers::{Answered, Begun, NamedOrder};
pub use audit::Audited;
pub use balances::OpenBalance;
pub use chargers::{Credential, Registered};
pub use evidence::{ERASED, StoredFrame};
pub use facts::{FactKey, Facts, SentStop, TransactionStops};
pub use forms::Form;
pub use gathered::Sent;
pub use history::{ConnectorDay, DayTotal, Posted};
pub use hooks::{About, HookName, StoredHook, hook_id};
pub use incidents::{IncidentPage, StoredIncident};
pub use months::closed_by;
pub use notices::StoredNotice;
pub use presence::{Link, Presence};
pub use quarantine::{Kept, QuarantineId, QuarantineIdError, Quarantined, Review, Verdict};
pub use questions::question;
pub use registry::{Directory, SiteInForce};
pub use sessions::{Due, StoredSession, Updated};
pub use stripe_events::{FiledEvent, Filing};
pub use users::{ApiKey, Attempts, User};

/// A table item.
pub type Item = HashMap<String, AttributeValue>;

const WRITE_BATCH: usize = 25;
const READ_BATCH: usize = 100;
/// Further tries for what a batch left unprocessed; then the queue's redelivery takes over.
const UNPROCESSED_TRIES: u32 = 6;

/// Why the table did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request failed; it may or may not have been applied. Conditions make a repeat safe.
    #[error("the table did not answer as asked: {0}")]
    Unavailable(String),
    /// Throttled longer than the tries lasted.
    #[error("the table left {0} items unprocessed after {UNPROCESSED_TRIES} tries")]
    Unprocessed(usize),
    /// An item is not what this version can read.
    #[error("item {key} cannot be read: {problem}")]
    Unreadable {
        /// Partition and sort key.
        key: String,
        /// What is wrong.
        problem: String,
    },
    /// Writers kept overtaking each other.
    #[error("{0} changed under every try; it will be tried again")]
    Contended(String),
}

impl StoreError {
    fn from_sdk<E: std::error::Error>(error: &E) -> Self {
        Self::Unavailable(DisplayErrorContext(error).to_string())
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
    due_shards: u32,
    numbers: numbers::LastNumbers,
}

impl Store {
    /// The table called `table`. `due_shards` spreads the due-index; it may grow, not shrink.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, due_shards: u32) -> Self {
        Self { client, table: table.into(), due_shards: due_shards.max(1), numbers: numbers::LastNumbers::default() }
    }

    /// Writes items that need no condition because a second writing changes nothing.
    ///
    /// # Errors
    /// When the table does not take all of them.
    pub async fn file(&self, items: Vec<Item>) -> Result<(), StoreError> {
        // One request may not name one key twice; items of one key are equal by construction.
        // Sorted, so that a run can be repeated to the byte.
        let mut unique: BTreeMap<(String, String), Item> = BTreeMap::new();
        for item in items {
            unique.insert((text(&item, "pk").to_owned(), text(&item, "sk").to_owned()), item);
        }
        let mut requests: Vec<WriteRequest> = Vec::with_capacity(unique.len());
        for item in unique.into_values() {
            let put = PutRequest::builder().set_item(Some(item)).build().map_err(|e| StoreError::from_sdk(&e))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        while !requests.is_empty() {
            let chunk = requests.split_off(requests.len().saturating_sub(WRITE_BATCH));
            self.file_chunk(chunk).await?;
        }
        Ok(())
    }

    async fn file_chunk(&self, mut chunk: Vec<WriteRequest>) -> Result<(), StoreError> {
        for attempt in 0..UNPROCESSED_TRIES {
            let request = self.client.batch_write_item().request_items(&self.table, chunk);
            let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
            let mut left = answer.map_err(|e| StoreError::from_sdk(&e))?.unprocessed_items.unwrap_or_default();
            chunk = left.remove(&self.table).unwrap_or_default();
            if chunk.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20 << attempt)).await;
        }
        Err(StoreError::Unprocessed(chunk.len()))
    }

    /// Reads the items of these keys, strongly consistent. What is not there is left out.
    async fn read_all(&self, mut wanted: Vec<(String, String)>) -> Result<Vec<Item>, StoreError> {
        wanted.sort_unstable();
        wanted.dedup();
        let mut found = Vec::with_capacity(wanted.len());
        for chunk in wanted.chunks(READ_BATCH) {
            let keys = chunk.iter().map(|(pk, sk)| keys::key(pk, sk)).collect();
            let mut asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build().ok();
            let mut tries = 0;
            while let Some(keys) = asked.take() {
                let request = self.client.batch_get_item().request_items(&self.table, keys);
                let answer = request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
                let answer = answer.map_err(|e| StoreError::from_sdk(&e))?;
                found.extend(answer.responses.unwrap_or_default().remove(&self.table).unwrap_or_default());
                asked = answer.unprocessed_keys.unwrap_or_default().remove(&self.table);
                tries += 1;
                if asked.is_some() && tries == UNPROCESSED_TRIES {
                    return Err(StoreError::Unprocessed(chunk.len()));
                }
            }
        }
        Ok(found)
    }

    /// All items of a partition whose sort key lies between `from` and `to`, strongly consistent, in order.
    async fn range(&self, pk: &str, from: &str, to: &str) -> Result<Vec<Item>, StoreError> {
        let query = self.between(pk, from, to);
        let mut items = Vec::new();
        let mut next = None;
        loop {
            let page = query.clone().set_exclusive_start_key(next.take()).send().await;
            let page = page.map_err(|e| StoreError::from_sdk(&e))?;
            items.extend(page.items.unwrap_or_default());
            match page.last_evaluated_key {
                Some(key) => next = Some(key),
                None => return Ok(items),
            }
        }
    }

    fn between(&self, pk: &str, from: &str, to: &str) -> QueryFluentBuilder {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        query
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
            .expression_attribute_values(":to", AttributeValue::S(to.to_owned()))
    }

    async fn get(&self, pk: &str, sk: &str) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(keys::key(pk, sk)));
        let request = request.consistent_read(true).return_consumed_capacity(ReturnConsumedCapacity::Total);
        Ok(request.send().await.map_err(|e| StoreError::from_sdk(&e))?.item)
    }
}

/// A text attribute; empty when absent.
fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn number(item: &Item, name: &str) -> i64 {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or_default()
}

/// The JSON document of an item.
fn document<T: serde::de::DeserializeOwned>(item: &Item) -> Result<T, StoreError> {
    serde_json::from_str(&packed::unpack(item, "doc")).map_err(|error| StoreError::Unreadable {
        key: format!("{} {}", text(item, "pk"), text(item, "sk")),
        problem: error.to_string(),
    })
}

fn to_document<T: serde::Serialize>(value: &T) -> Result<AttributeValue, StoreError> {
    let unreadable =
        |error: serde_json::Error| StoreError::Unreadable { key: "new".into(), problem: error.to_string() };
    serde_json::to_string(value).map(packed::pack).map_err(unreadable)
}
