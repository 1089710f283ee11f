//! Session heads: read, written under the condition that nobody else wrote, found when due.

use std::hash::{DefaultHasher, Hash, Hasher};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use plugtill_domain::decide::{Decision, Nothing};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId};
use plugtill_domain::incident::Subject;
use plugtill_domain::ledger;
use plugtill_domain::session::Session;

use super::cancelled::lost;
use super::checkouts::checkout_of;
use super::commands::command_of;
use super::hooks::{HookName, hook_of};
use super::notices::notice_of;
use super::{Item, Store, StoreError, document, keys, number, text, to_document};

/// A session as read, with the version that a write must still find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Its state.
    pub session: Session,
    /// Counts writes.
    pub version: u64,
}

/// What an update came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Updated {
    /// The new state is stored.
    Committed(Box<StoredSession>),
    /// Nothing had to change.
    Unchanged(Nothing),
}

/// Something the due-index says has work waiting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// A session.
    Session(SessionId),
    /// An incident has something to be told, or enters its next stage.
    Incident(Subject),
    /// A driver is to be told something about a session.
    Notice(SessionId, u32),
    /// A driver at Stripe's page.
    Checkout(IdTag),
    /// A charger is to be told something, by the command's id.
    Command(ChargerId, String),
    /// A Stripe object, by its id, has events that nobody has looked at.
    StripeObject(String),
    /// A system of the operator's own is to be told something.
    Hook(HookName),
}

/// Two writers of one session are rare; more tries than this mean that something else is wrong.
const TRIES: u32 = 8;

impl Store {
    /// Reads a session, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn session(&self, id: &SessionId) -> Result<Option<StoredSession>, StoreError> {
        let (pk, sk) = keys::session(id);
        self.get(&pk, &sk).await?.as_ref().map(stored).transpose()
    }

    /// Opens the connection before anybody waits for it: asks for an item that there is not. An answer is not needed.
    pub async fn warm(&self) {
        if let Err(error) = self.get("warm", "warm").await {
            tracing::debug!(%error, "the table is asked again by the first event");
        }
    }

    /// Those of these sessions that there are, strongly consistent, in one request for a hundred.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn sessions_named(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        self.read_all(ids.iter().map(keys::session).collect()).await?.iter().map(document).collect()
    }

    /// The latest session of a connector that started at or before `at`.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn latest_session(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        at: Timestamp,
    ) -> Result<Option<StoredSession>, StoreError> {
        let query = self.between(&keys::connector(charger, connector), "s#", &keys::session_sort(at));
        let query = query.scan_index_forward(false).limit(1);
        let page = query.send().await.map_err(|e| StoreError::from_sdk(&e))?;
        page.items.unwrap_or_default().first().map(stored).transpose()
    }

    /// The first session of a connector.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn first_session(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
    ) -> Result<Option<Session>, StoreError> {
        let query = self.between(&keys::connector(charger, connector), "s#", &format!("s#{}", keys::LAST)).limit(1);
        let page = query.send().await.map_err(|e| StoreError::from_sdk(&e))?;
        page.items.unwrap_or_default().first().map(document).transpose()
    }

    /// The sessions of a connector before and after one of them, each the nearest. Where it is the latest, as it mostly
    /// is, one read tells.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn neighbours(
        &self,
        id: &SessionId,
    ) -> Result<(Option<StoredSession>, Option<StoredSession>), StoreError> {
        let partition = keys::connector(&id.charger, id.connector);
        let own = keys::session_sort(id.started_at);
        let query = self.between(&partition, "s#", &format!("s#{}", keys::LAST)).scan_index_forward(false).limit(2);
        let latest = query.send().await.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
        if latest.first().is_some_and(|item| text(item, "sk") == own) {
            return Ok((latest.get(1).map(stored).transpose()?, None));
        }
        let after = self.between(&partition, &format!("{own}!"), &format!("s#{}", keys::LAST)).limit(1);
        let after = after.send().await.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
        let before = self.between(&partition, "s#", &own).scan_index_forward(false).limit(2);
        let before = before.send().await.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
        let before = before.iter().find(|item| text(item, "sk") != own);
        Ok((before.map(stored).transpose()?, after.first().map(stored).transpose()?))
    }

    /// All sessions of a connector, oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn sessions(&self, charger: &ChargerId, connector: ConnectorId) -> Result<Vec<Session>, StoreError> {
        let items = self.range(&keys::connector(charger, connector), "s#", &format!("s#{}", keys::LAST)).await?;
        items.iter().map(document).collect()
    }

    /// The sessions of a connector that started at or after `since` (UTC), oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn sessions_since(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        since: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let (from, to) = (keys::session_sort(since), format!("s#{}", keys::LAST));
        let items = self.range(&keys::connector(charger, connector), &from, &to).await?;
        items.iter().map(document).collect()
    }

    /// Applies `decide` to the session until its decision is stored against the state it was made from.
    ///
    /// `known` saves the first read; `zone` is the site's: by its calendar postings belong to a day.
    ///
    /// # Errors
    /// When the table does not answer, or writers keep overtaking each other.
    pub async fn update(
        &self,
        id: &SessionId,
        known: Option<StoredSession>,
        (at, zone): (Timestamp, &TimeZone),
        mut decide: impl FnMut(Option<Session>) -> Decision,
    ) -> Result<Updated, StoreError> {
        let mut current = known;
        for _ in 0..TRIES {
            match decide(current.as_ref().map(|stored| stored.session.clone())) {
                Decision::Nothing(why) => return Ok(Updated::Unchanged(why)),
                Decision::Commit(after) => {
                    if let Some(stored) = self.commit(current.as_ref(), *after, at, zone).await? {
                        return Ok(Updated::Committed(Box::new(stored)));
                    }
                }
            }
            current = self.session(id).await?;
        }
        Err(StoreError::Contended(id.to_string()))
    }

    /// Stores `after` under the condition that `before` is still current. `None`: it was not.
    async fn commit(
        &self,
        before: Option<&StoredSession>,
        mut after: Session,
        at: Timestamp,
        zone: &TimeZone,
    ) -> Result<Option<StoredSession>, StoreError> {
        let version = before.map_or(1, |stored| stored.version + 1);
        let earlier = before.map(|stored| &stored.session);
        let mut beside = self.number_documents(&mut after).await?;
        beside.extend(self.derived(earlier, &after, at)?);
        if let Some(entry) = ledger::entry(earlier, &after, at) {
            beside.extend(self.posted(&after, version, &entry, zone)?);
        }
        let head = self.head(&after, version)?;
        let done = if beside.is_empty() {
            self.put_head(head, before).await?
        } else {
            self.put_with(head, before, beside).await?
        };
        if done {
            super::measures::count(earlier, &after, at);
        }
        Ok(done.then_some(StoredSession { session: after, version }))
    }

    async fn put_head(&self, head: Item, before: Option<&StoredSession>) -> Result<bool, StoreError> {
        let (condition, expected) = condition(before);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(head)).condition_expression(condition);
        let put = put.set_expression_attribute_values(expected).return_consumed_capacity(ReturnConsumedCapacity::Total);
        match put.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(e)) if matches!(e.err(), PutItemError::ConditionalCheckFailedException(_)) => {
                Ok(false)
            }
            Err(error) => Err(StoreError::from_sdk(&error)),
        }
    }

    /// Writes the head and what belongs to it in one transaction.
    async fn put_with(
        &self,
        head: Item,
        before: Option<&StoredSession>,
        beside: Vec<TransactWriteItem>,
    ) -> Result<bool, StoreError> {
        let (condition, expected) = condition(before);
        let put = Put::builder().table_name(&self.table).set_item(Some(head)).condition_expression(condition);
        let put = put.set_expression_attribute_values(expected).build().map_err(|e| StoreError::from_sdk(&e))?;
        let writes = self
            .client
            .transact_write_items()
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .transact_items(TransactWriteItem::builder().put(put).build());
        let writes = beside.into_iter().fold(writes, TransactWriteItemsFluentBuilder::transact_items);
        match writes.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(e)) if lost(e.err()) => {
                self.numbers.forget();
                Ok(false)
            }
            Err(error) => {
                // It may have been written all the same.
                self.numbers.forget();
                Err(StoreError::from_sdk(&error))
            }
        }
    }

    fn head(&self, session: &Session, version: u64) -> Result<Item, StoreError> {
        let (pk, sk) = keys::session(&session.id);
        let mut head = keys::key(&pk, &sk);
        head.insert("doc".to_owned(), to_document(session)?);
        head.insert("version".to_owned(), AttributeValue::N(version.to_string()));
        if let Some((at, _)) = session.due() {
            head.extend(self.due_attributes(&sk, at));
        }
        Ok(head)
    }

    pub(super) fn due_attributes(&self, spread_by: &str, at: Timestamp) -> [(String, AttributeValue); 2] {
        let mut hasher = DefaultHasher::new();
        spread_by.hash(&mut hasher);
        let shard = hasher.finish() % u64::from(self.due_shards);
        [
            ("due_shard".to_owned(), AttributeValue::S(shard.to_string())),
            ("due_at".to_owned(), AttributeValue::S(format!("{at:.3}"))),
        ]
    }

    /// What is due at `now` and since when, at most `limit` a shard, oldest first; and when the next thing after `now` is.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn due(
        &self,
        now: Timestamp,
        limit: i32,
    ) -> Result<(Vec<(Due, Timestamp)>, Option<Timestamp>), StoreError> {
        let (mut due, mut next) = (Vec::new(), None);
        for shard in 0..self.due_shards {
            let query = self.client.query().table_name(&self.table).index_name("due");
            let query = query
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .key_condition_expression("due_shard = :shard")
                .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
                .limit(limit);
            let items = query.send().await.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
            for item in &items {
                match text(item, "due_at").parse::<Timestamp>() {
                    Ok(at) if at <= now => due.extend(due_of(item).map(|due| (due, at))),
                    Ok(at) => next = Some(next.map_or(at, |known: Timestamp| known.min(at))),
                    Err(_) => {}
                }
            }
        }
        Ok((due, next))
    }
}

fn due_of(item: &Item) -> Option<Due> {
    let (pk, sk) = (text(item, "pk"), text(item, "sk"));
    if let Some(subject) = keys::subject_of(sk) {
        return Some(Due::Incident(subject));
    }
    if let Some(name) = hook_of(pk, sk) {
        return Some(Due::Hook(name));
    }
    if let Some(object) = keys::stripe_object_of(pk) {
        return Some(Due::StripeObject(object.to_owned()));
    }
    if let Some((charger, id)) = command_of(pk, sk) {
        return Some(Due::Command(charger, id));
    }
    if let Some((session, index)) = notice_of(pk, sk) {
        return Some(Due::Notice(session, index));
    }
    checkout_of(pk, sk).map(Due::Checkout).or_else(|| keys::session_of(pk, sk).map(Due::Session))
}

fn stored(item: &Item) -> Result<StoredSession, StoreError> {
    let version = u64::try_from(number(item, "version")).unwrap_or_default();
    Ok(StoredSession { session: document(item)?, version })
}

type Expected = Option<std::collections::HashMap<String, AttributeValue>>;

fn condition(before: Option<&StoredSession>) -> (&'static str, Expected) {
    match before {
        None => ("attribute_not_exists(pk)", None),
        Some(stored) => {
            let version = AttributeValue::N(stored.version.to_string());
            ("version = :version", Some(std::collections::HashMap::from([(":version".to_owned(), version)])))
        }
    }
}
