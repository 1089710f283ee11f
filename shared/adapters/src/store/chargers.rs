//! The register of chargers: those that were added beside the site file, and what they prove themselves with.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use plugtill_domain::ids::{ChargerId, SiteId};
use plugtill_domain::site::{ChargerEntry, Site};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{Store, StoreError, document, keys, to_document};

const PARTITION: &str = "chargers";

/// A charger that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Where it stands.
    pub site: SiteId,
    /// Its name and connectors.
    pub entry: ChargerEntry,
    /// Since when, UTC.
    pub added_at: Timestamp,
    /// What it proves itself with.
    pub credential: Credential,
}

/// A password that is not kept, only known again. A charger's password is 16 characters or more of randomness, so that a
/// keyed hash is as good as a slow one, and a thousand chargers can come back at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    salt: String,
    digest: String,
}

impl Credential {
    /// The credential of a password, salted.
    #[must_use]
    pub fn of(password: &str, salt: [u8; 16]) -> Self {
        let salt = hex::encode(salt);
        let digest = mac(&salt, password).map(|mac| hex::encode(mac.finalize().into_bytes()));
        Self { salt, digest: digest.unwrap_or_default() }
    }

    /// Whether this is the password, in a time that does not tell how much of it is.
    #[must_use]
    pub fn is(&self, password: &str) -> bool {
        let Ok(known) = hex::decode(&self.digest) else { return false };
        mac(&self.salt, password).is_some_and(|mac| mac.verify_slice(&known).is_ok())
    }
}

fn mac(salt: &str, password: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt.as_bytes()).ok()?;
    mac.update(password.as_bytes());
    Some(mac)
}

impl Store {
    /// Adds a charger, or changes where it stands and what it proves itself with.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn register(&self, charger: &Registered) -> Result<(), StoreError> {
        let mut item = keys::key(PARTITION, &charger.entry.id);
        item.insert("doc".to_owned(), to_document(charger)?);
        self.file(vec![item]).await
    }

    /// The chargers that were added, by name.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn registered(&self) -> Result<Vec<Registered>, StoreError> {
        self.range(PARTITION, "!", keys::LAST).await?.iter().map(document).collect()
    }

    /// What a charger proves itself with; `None` where nothing was given to it.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn credential(&self, charger: &ChargerId) -> Result<Option<Credential>, StoreError> {
        let item = self.get(PARTITION, charger.as_str()).await?;
        let registered: Option<Registered> = item.as_ref().map(document).transpose()?;
        Ok(registered.map(|registered| registered.credential))
    }
}

/// Puts the chargers that were added to their sites. The register is the later word.
pub(super) fn add(sites: &mut [Site], registered: Vec<Registered>) {
    for Registered { site, entry, .. } in registered {
        let Some(site) = sites.iter_mut().find(|known| known.id == site) else { continue };
        site.chargers.retain(|known| known.id != entry.id);
        site.chargers.push(entry);
    }
}
