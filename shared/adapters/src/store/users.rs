//! Who may sign in to the console, the keys of machines, and how often somebody tried in vain.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::access::{Role, Sites, UserName};
use serde::{Deserialize, Serialize};

use super::{Credential, Item, Store, StoreError, document, keys, number, to_document};

const USERS: &str = "users";
const KEYS: &str = "apikeys";
/// How long it is remembered that somebody tried in vain.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name that stands in the audit trail.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// Where.
    pub sites: Sites,
    /// A slow hash of the password, in the PHC string format; `None` where somebody else vouches for who it is.
    pub password: Option<String>,
    /// Sessions from before this instant hold no longer, UTC.
    pub since: Timestamp,
    /// Since when they may no longer sign in, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
    /// When they last signed out, UTC. An attribute of its own, so that signing out never overwrites what was decided meanwhile.
    #[serde(skip)]
    pub signed_out_at: Option<Timestamp>,
}

impl User {
    /// Whether a session that was given at `given` still holds: sessions know milliseconds.
    #[must_use]
    pub fn admits(&self, given: Timestamp) -> bool {
        let given = given.as_millisecond();
        let signed_out = self.signed_out_at.is_some_and(|at| given <= at.as_millisecond());
        self.removed_at.is_none() && given >= self.since.as_millisecond() && !signed_out
    }
}

/// A key by which a machine proves itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// The part of it that is no secret.
    pub id: String,
    /// The name that stands in the audit trail.
    pub name: UserName,
    /// What it may do.
    pub role: Role,
    /// Where.
    pub sites: Sites,
    /// What it is known by. It is random, so that a keyed hash is as good as a slow one.
    pub credential: Credential,
    /// Since when, UTC.
    pub since: Timestamp,
    /// Since when it holds no longer, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
}

/// How often somebody tried to sign in, in vain and one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// How often.
    pub failed: u32,
    /// The last time, UTC.
    pub last_at: Timestamp,
}

fn user(item: &Item) -> Result<User, StoreError> {
    let signed_out = Some(number(item, "signed_out_ms")).filter(|at| *at != 0);
    let signed_out_at = signed_out.and_then(|at| Timestamp::from_millisecond(at).ok());
    Ok(User { signed_out_at, ..document(item)? })
}

fn attempts_of(name: &UserName) -> String {
    format!("signin#{name}")
}

impl Store {
    /// Adds somebody, or changes what they may do.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_user(&self, user: &User) -> Result<(), StoreError> {
        let mut item = keys::key(USERS, user.name.as_str());
        item.insert("doc".to_owned(), to_document(user)?);
        self.file(vec![item]).await
    }

    /// Somebody by their name, also who was removed.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn user(&self, name: &UserName) -> Result<Option<User>, StoreError> {
        self.get(USERS, name.as_str()).await?.as_ref().map(user).transpose()
    }

    /// Notes that somebody signed out: no session that was given until then holds any longer.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn signed_out(&self, name: &UserName, at: Timestamp) -> Result<(), StoreError> {
        let update = self.client.update_item().table_name(&self.table);
        let update = update
            .set_key(Some(keys::key(USERS, name.as_str())))
            .update_expression("SET signed_out_ms = :at")
            .expression_attribute_values(":at", AttributeValue::N(at.as_millisecond().to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        update.send().await.map(drop).map_err(|e| StoreError::from_sdk(&e))
    }

    /// Everybody, also who was removed, by name.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.range(USERS, "!", keys::LAST).await?.iter().map(user).collect()
    }

    /// Adds a key, or notes that it holds no longer.
    ///
    /// # Errors
    /// When the table does not take it.
    pub async fn put_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let mut item = keys::key(KEYS, &key.id);
        item.insert("doc".to_owned(), to_document(key)?);
        self.file(vec![item]).await
    }

    /// A key by the part of it that is no secret.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        // The table knows no empty keys.
        if id.is_empty() {
            return Ok(None);
        }
        self.get(KEYS, id).await?.as_ref().map(document).transpose()
    }

    /// Every key, also those that hold no longer.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        self.range(KEYS, "!", keys::LAST).await?.iter().map(document).collect()
    }

    /// How often somebody tried to sign in in vain, and the version that [`Store::put_attempts`] must still find.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn attempts(&self, name: &UserName) -> Result<(Attempts, u64), StoreError> {
        let Some(item) = self.get(&attempts_of(name), "attempts").await? else { return Ok((Attempts::default(), 0)) };
        Ok((document(&item)?, u64::try_from(number(&item, "version")).unwrap_or_default()))
    }

    /// Notes a try. `false`: somebody else tried at the same time, so that this one does not count as the first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn put_attempts(&self, name: &UserName, attempts: Attempts, known: u64) -> Result<bool, StoreError> {
        let mut item = keys::key(&attempts_of(name), "attempts");
        item.insert("doc".to_owned(), to_document(&attempts)?);
        item.insert("version".to_owned(), AttributeValue::N((known + 1).to_string()));
        let expires_at = (attempts.last_at + REMEMBERED).as_second();
        item.insert("expires_at".to_owned(), AttributeValue::N(expires_at.to_string()));
        self.put_versioned(item, known, None).await
    }
}
