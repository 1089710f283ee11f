//! What drivers are to be told, which tags are blocked, and what chargers are told: items derived from a session, written
//! together with it.

use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnConsumedCapacity, TransactWriteItem};
use jiff::Timestamp;
use plugtill_domain::balance::DriverNotice;
use plugtill_domain::ids::{IdTag, SessionId};
use plugtill_domain::session::Session;

use super::balances::block_item;
use super::{Item, Store, StoreError, document, keys, text, to_document};

/// A notice in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNotice {
    /// Of which session.
    pub session: SessionId,
    /// Which of its notices.
    pub index: u32,
    /// What is to be told.
    pub notice: DriverNotice,
    /// When it was told, UTC; `None` while it is due.
    pub told_at: Option<Timestamp>,
}

fn partition(session: &SessionId) -> String {
    format!("n#{session}")
}

fn session_name_key(name: &str) -> Item {
    keys::key(&format!("x#{name}"), "session")
}

/// The notice that an item's keys name.
pub(super) fn notice_of(pk: &str, sk: &str) -> Option<(SessionId, u32)> {
    Some((pk.strip_prefix("n#")?.parse().ok()?, sk.parse().ok()?))
}

impl Store {
    /// What a transaction writes beside the head: new notices, whether the tag is blocked from now on, the order to stop,
    /// and what the operator's own systems are told.
    pub(super) fn derived(
        &self,
        before: Option<&Session>,
        after: &Session,
        at: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        let told = before.map_or(0, |session| session.notices.len());
        let mut items = Vec::new();
        for (index, notice) in after.notices.iter().enumerate().skip(told) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            items.push(self.notice_item(&after.id, index, notice, None)?);
        }
        items.extend(block_item(before, after));
        items.extend(self.stop_item_of(before, after)?);
        items.extend(self.hooks_of_session(before, after, at)?);
        let put = |item| Put::builder().table_name(&self.table).set_item(Some(item)).build();
        let write = |item| put(item).map(|put| TransactWriteItem::builder().put(put).build());
        items.into_iter().map(write).collect::<Result<_, _>>().map_err(|e| StoreError::from_sdk(&e))
    }

    fn notice_item(
        &self,
        session: &SessionId,
        index: u32,
        notice: &DriverNotice,
        told_at: Option<Timestamp>,
    ) -> Result<Item, StoreError> {
        let pk = partition(session);
        let mut item = keys::key(&pk, &format!("{index:04}"));
        item.insert("doc".to_owned(), to_document(notice)?);
        match told_at {
            None => item.extend(self.due_attributes(&pk, notice.due_at)),
            Some(at) => {
                item.insert("told_at".to_owned(), AttributeValue::S(at.to_string()));
            }
        }
        Ok(item)
    }

    /// A notice, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn notice(&self, session: &SessionId, index: u32) -> Result<Option<StoredNotice>, StoreError> {
        let Some(item) = self.get(&partition(session), &format!("{index:04}")).await? else { return Ok(None) };
        let told_at = text(&item, "told_at").parse().ok();
        Ok(Some(StoredNotice { session: session.clone(), index, notice: document(&item)?, told_at }))
    }

    /// Lets a short name lead to a session.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_session_name(&self, name: &str, session: &SessionId) -> Result<(), StoreError> {
        let mut item = session_name_key(name);
        item.insert("session".to_owned(), AttributeValue::S(session.to_string()));
        self.file(vec![item]).await
    }

    /// The session that a short name leads to.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn session_of_name(&self, name: &str) -> Result<Option<SessionId>, StoreError> {
        let key = session_name_key(name);
        let item = self.get(text(&key, "pk"), text(&key, "sk")).await?;
        Ok(item.and_then(|item| text(&item, "session").parse().ok()))
    }

    /// Notes that a notice was told; it is due no more.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn notice_told(&self, stored: &StoredNotice, at: Timestamp) -> Result<(), StoreError> {
        let item = self.notice_item(&stored.session, stored.index, &stored.notice, Some(at))?;
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        put.map(drop).map_err(|e| StoreError::from_sdk(&e))
    }

    /// The sessions of a tag that are not paid; while there are some, the tag may not start another.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn unpaid_sessions(&self, tag: &IdTag) -> Result<Vec<SessionId>, StoreError> {
        let items = self.range(&format!("block#{tag}"), "!", keys::LAST).await?;
        let blocked = |item: &&Item| item.get("blocked").and_then(|value| value.as_bool().ok()) == Some(&true);
        Ok(items.iter().filter(blocked).filter_map(|item| text(item, "sk").parse().ok()).collect())
    }
}
