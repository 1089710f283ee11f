//! Who may sign in to the console, and the keys of machines. A password or key is shown once and kept only as a hash.

use argon2::password_hash::PasswordHasher;
use argon2::{Argon2, PasswordVerifier};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use plugtill_adapters::store::{ApiKey, Audited, Credential, User};
use plugtill_domain::access::{Role, Sites, UserName};
use plugtill_domain::ids::SiteId;
use serde::{Deserialize, Serialize};

use crate::chargers::random;
use crate::{Desk, OrderError, said};

/// What keys begin with, so that one that was published is recognised.
pub const KEY_PREFIX: &str = "ptk";
/// The least characters of a password that somebody chose (NIST SP 800-63B: 8; with a second word it is stronger).
const SHORTEST_PASSWORD: usize = 12;
/// Hashing is as slow for a long one: more would be a way to keep the function busy.
const LONGEST_PASSWORD: usize = 200;

/// Somebody who is to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name that stands in the audit trail.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// Where; everywhere, when empty.
    #[serde(default)]
    pub sites: Vec<SiteId>,
    /// 12 characters or more; made when not given.
    #[serde(default)]
    pub password: Option<String>,
    /// Who decided.
    pub by: String,
}

/// Somebody who is to sign in no more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedUser {
    /// Who.
    pub name: UserName,
    /// Who decided.
    pub by: String,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// The name that stands in the audit trail: which machine it is for.
    pub name: UserName,
    /// What it may do.
    pub role: Role,
    /// Where; everywhere, when empty.
    #[serde(default)]
    pub sites: Vec<SiteId>,
    /// Who decided.
    pub by: String,
}

/// Somebody may sign in. The password is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UserAdded {
    /// Who.
    pub user: ListedUser,
    /// What they sign in with.
    pub password: String,
}

/// A key was made. It is shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyAdded {
    /// Which.
    pub key: ListedKey,
    /// What the machine sends as `Authorization: Bearer`.
    pub secret: String,
}

/// Somebody who may sign in, or might.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedUser {
    /// Who.
    pub name: UserName,
    /// What they may do.
    pub role: Role,
    /// Where.
    pub sites: Sites,
    /// Since when, UTC.
    pub since: Timestamp,
    /// Since when no more, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
}

/// A key of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedKey {
    /// The part of it that is no secret.
    pub id: String,
    /// Which machine it is for.
    pub name: UserName,
    /// What it may do.
    pub role: Role,
    /// Where.
    pub sites: Sites,
    /// Since when, UTC.
    pub since: Timestamp,
    /// Since when no more, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removed_at: Option<Timestamp>,
}

impl From<User> for ListedUser {
    fn from(user: User) -> Self {
        let User { name, role, sites, since, removed_at, password: _, signed_out_at: _ } = user;
        Self { name, role, sites, since, removed_at }
    }
}

impl From<ApiKey> for ListedKey {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, name, role, sites, since, removed_at, credential: _ } = key;
        Self { id, name, role, sites, since, removed_at }
    }
}

/// Whether this is the password of that hash. It takes tens of milliseconds, by intent: not on a thread that others wait for.
#[must_use]
pub fn is_password(hash: &str, password: &str) -> bool {
    password.len() <= LONGEST_PASSWORD && Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

fn hashed(password: &str) -> Result<String, OrderError> {
    let salt = random::<16>()?;
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| OrderError::Access(format!("password: {error}")))
}

fn made_or_given(given: Option<String>) -> Result<String, OrderError> {
    match given {
        None => Ok(URL_SAFE_NO_PAD.encode(random::<15>()?)),
        Some(password) if (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.len()) => Ok(password),
        Some(password) => {
            let length = password.len();
            let problem = format!("password: has {length} characters; give {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}");
            Err(OrderError::Access(problem))
        }
    }
}

fn said_of(sites: &Sites) -> String {
    match sites {
        Sites::All => "at all sites".to_owned(),
        Sites::Only(sites) => {
            format!("at {}", sites.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
    }
}

impl Desk {
    pub(crate) async fn add_user(&self, new: NewUser) -> Result<UserAdded, OrderError> {
        let by = said("by", &new.by)?.to_owned();
        let sites = self.known_sites(new.sites).await?;
        let password = made_or_given(new.password)?;
        let (name, role, hash) = (new.name, new.role, hashed(&password)?);
        self.keep_an_owner(&name, Some((role, &sites))).await?;
        let since = self.clock.now();
        let user = User { name, role, sites, password: Some(hash), since, removed_at: None, signed_out_at: None };
        self.store.put_user(&user).await?;
        self.audit_access(by, format!("let {} sign in as {role}", user.name), &said_of(&user.sites)).await?;
        Ok(UserAdded { user: user.into(), password })
    }

    pub(crate) async fn remove_user(&self, named: NamedUser) -> Result<Vec<ListedUser>, OrderError> {
        let by = said("by", &named.by)?.to_owned();
        let known = self.store.user(&named.name).await?.filter(|user| user.removed_at.is_none());
        let user = known.ok_or_else(|| OrderError::Access(format!("user `{}`: there is none", named.name)))?;
        self.keep_an_owner(&named.name, None).await?;
        self.store.put_user(&User { removed_at: Some(self.clock.now()), ..user }).await?;
        self.audit_access(by, format!("let {} sign in no more", named.name), "sessions ended").await?;
        self.users().await
    }

    /// Those who may sign in.
    pub(crate) async fn users(&self) -> Result<Vec<ListedUser>, OrderError> {
        let users = self.store.users().await?;
        Ok(users.into_iter().filter(|user| user.removed_at.is_none()).map(ListedUser::from).collect())
    }

    pub(crate) async fn add_key(&self, new: NewKey) -> Result<KeyAdded, OrderError> {
        let by = said("by", &new.by)?.to_owned();
        let (id, since) = (URL_SAFE_NO_PAD.encode(random::<6>()?), self.clock.now());
        let sites = self.known_sites(new.sites).await?;
        let secret = URL_SAFE_NO_PAD.encode(random::<24>()?);
        let credential = Credential::of(&secret, random()?);
        let key = ApiKey { id, name: new.name, role: new.role, sites, credential, since, removed_at: None };
        self.store.put_api_key(&key).await?;
        let order = format!("key {} for {} as {}", key.id, key.name, key.role);
        self.audit_access(by, order, &said_of(&key.sites)).await?;
        let secret = format!("{KEY_PREFIX}.{}.{secret}", key.id);
        Ok(KeyAdded { key: key.into(), secret })
    }

    pub(crate) async fn remove_key(&self, id: String, by: &str) -> Result<Vec<ListedKey>, OrderError> {
        let by = said("by", by)?.to_owned();
        let known = self.store.api_key(&id).await?.filter(|key| key.removed_at.is_none());
        let key = known.ok_or_else(|| OrderError::Access(format!("key `{id}`: there is none")))?;
        let order = format!("remove key {id} for {}", key.name);
        self.store.put_api_key(&ApiKey { removed_at: Some(self.clock.now()), ..key }).await?;
        self.audit_access(by, order, "holds no longer").await?;
        self.api_keys().await
    }

    /// The keys that hold.
    pub(crate) async fn api_keys(&self) -> Result<Vec<ListedKey>, OrderError> {
        let keys = self.store.api_keys().await?;
        Ok(keys.into_iter().filter(|key| key.removed_at.is_none()).map(ListedKey::from).collect())
    }

    /// Somebody has to be able to say who may do what: the last owner stays one.
    async fn keep_an_owner(&self, name: &UserName, becomes: Option<(Role, &Sites)>) -> Result<(), OrderError> {
        let is_owner = |role: Role, sites: &Sites| role == Role::Owner && *sites == Sites::All;
        let users = self.users().await?;
        let (mut owners, mut is_one) = (0, false);
        for user in users.iter().filter(|user| is_owner(user.role, &user.sites)) {
            owners += 1;
            is_one |= user.name == *name;
        }
        let stays = becomes.is_some_and(|(role, sites)| is_owner(role, sites));
        if is_one && owners == 1 && !stays {
            let problem = format!("user `{name}`: is the last owner of all sites; make somebody else one first");
            return Err(OrderError::Access(problem));
        }
        Ok(())
    }

    async fn known_sites(&self, sites: Vec<SiteId>) -> Result<Sites, OrderError> {
        for site in &sites {
            if self.directory.site(site).await?.is_none() {
                return Err(OrderError::NoSite(site.clone()));
            }
        }
        Ok(Sites::of(sites))
    }

    async fn audit_access(&self, by: String, order: String, outcome: &str) -> Result<(), OrderError> {
        let (at, outcome) = (self.clock.now(), outcome.to_owned());
        Ok(self.store.audit(&Audited { at, by, session: None, order, outcome }).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_not_kept() {
        let hash = hashed("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("horse"), "{hash}");
        assert!(is_password(&hash, "correct horse battery"));
        assert!(!is_password(&hash, "correct horse") && !is_password(&hash, &"x".repeat(100_000)));
        assert!(!is_password("", "") && !is_password("no hash", "no hash"));
    }

    #[test]
    fn a_password_that_was_made_is_long_and_one_that_is_short_is_refused() {
        assert!(made_or_given(None).unwrap().len() >= SHORTEST_PASSWORD);
        assert!(made_or_given(Some("hunter2".to_owned())).unwrap_err().to_string().contains("give 12 to 200"));
    }
}
