//! Who owes what: found by a part of the sparse index, so that nobody has to look through sessions for it.
//!
//! The item that blocks a tag carries the index's attributes while something is owed, and loses them with the write that settles it.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::Timestamp;
use plugtill_domain::ids::{IdTag, SessionId, SiteId};
use plugtill_domain::money::Money;
use plugtill_domain::session::Session;

use super::{Item, Store, StoreError, keys, text};

/// The part of the index that holds open balances; what is due stands in numbered ones.
const OWED: &str = "owed";

/// An open balance, as the index knows it: what stands in the session's head counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBalance {
    /// By which session.
    pub session: SessionId,
    /// At which site.
    pub site: SiteId,
    /// With which tag.
    pub id_tag: IdTag,
    /// How much.
    pub amount: Money,
    /// Since when, UTC.
    pub since: Timestamp,
    /// Where the list goes on behind it.
    pub place: String,
}

/// The place of a session in the list: by age; everything that a page needs is part of it.
fn place(session: &Session) -> Option<String> {
    let (since, owed) = (session.balance.as_ref()?.since, session.uncollectable);
    Some(format!("{since:.3}#{}#{}#{}#{}", session.site, owed.minor(), owed.currency(), session.id))
}

/// The item that blocks a tag because of a session, or no longer does; none where nothing changes.
pub(super) fn block_item(before: Option<&Session>, after: &Session) -> Option<Item> {
    let owes = place(after);
    if before.and_then(place) == owes {
        return None;
    }
    let mut item = keys::key(&format!("block#{}", after.id_tag()), &after.id.to_string());
    item.insert("blocked".to_owned(), AttributeValue::Bool(owes.is_some()));
    if let Some(place) = owes {
        item.insert("due_shard".to_owned(), AttributeValue::S(OWED.to_owned()));
        item.insert("due_at".to_owned(), AttributeValue::S(place));
    }
    Some(item)
}

fn read(item: &Item) -> Option<OpenBalance> {
    let place = text(item, "due_at");
    let mut parts = place.splitn(5, '#');
    let (since, site) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let (minor, currency) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(OpenBalance {
        session: parts.next()?.parse().ok()?,
        site,
        id_tag: text(item, "pk").strip_prefix("block#")?.parse().ok()?,
        amount: Money::new(minor, currency),
        since,
        place: place.to_owned(),
    })
}

impl Store {
    /// Open balances behind a place, the oldest first, at most as many as a request answers; none are left where it is empty.
    /// The index may be behind the sessions by a moment.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn open_balances(&self, after: Option<&str>, limit: Option<i32>) -> Result<Vec<OpenBalance>, StoreError> {
        let query = self.client.query().table_name(&self.table).index_name("due").set_limit(limit);
        let query = query
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .key_condition_expression("due_shard = :owed AND due_at > :after")
            .expression_attribute_values(":owed", AttributeValue::S(OWED.to_owned()))
            .expression_attribute_values(":after", AttributeValue::S(after.unwrap_or("0").to_owned()));
        let items = query.send().await.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
        Ok(items.iter().filter_map(read).collect())
    }
}
