//! When a charger was last heard of, and in which version of the standard it speaks.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use plugtill_domain::ids::ChargerId;
use serde::{Deserialize, Serialize};

use super::packed::pack;
use super::{Item, Store, StoreError, document, keys, text, to_document};
use crate::ocpp::Dialect;

const HEARD: &str = "heard";
const LINK: &str = "link";
const DIALECT: &str = "dialect";
const STATION: &str = "station";

/// What is known of a charger's connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// The last sign of life that is no evidence, UTC.
    pub heard_at: Option<Timestamp>,
    /// Whether its connection stands; `None` where nobody tells.
    pub link: Option<Link>,
    /// What it speaks, once it has spoken.
    pub dialect: Option<Dialect>,
}

/// The connection was made, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whether it stands.
    pub connected: bool,
    /// Since when, UTC.
    pub at: Timestamp,
    /// Which of the charger's connections, where the broker counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<u64>,
}

impl Link {
    /// Whether what is told of a connection is older than this. A charger that connects anew is told of twice, in either
    /// order: that the new connection stands, and that the old one is gone.
    #[must_use]
    pub fn supersedes(&self, connection: Option<u64>, at: Timestamp) -> bool {
        match (self.connection, connection) {
            (Some(known), Some(told)) if known != told => known > told,
            _ => self.at > at,
        }
    }
}

/// Where it stands what a charger speaks.
pub(super) fn dialect_key(charger: &ChargerId) -> (String, String) {
    (keys::charger(charger), DIALECT.to_owned())
}

impl Store {
    /// The item that says that a charger lives. The latest written counts: a few seconds make no difference to a day.
    #[must_use]
    pub fn heard_item(charger: &ChargerId, at: Timestamp) -> Item {
        let mut item = keys::key(&keys::charger(charger), HEARD);
        item.insert("at".to_owned(), AttributeValue::S(format!("{at:.3}")));
        item
    }

    /// The item that says whether a charger's connection stands.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn link_item(charger: &ChargerId, link: &Link) -> Result<Item, StoreError> {
        let mut item = keys::key(&keys::charger(charger), LINK);
        item.insert("doc".to_owned(), to_document(link)?);
        Ok(item)
    }

    /// The item that says what a charger speaks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn dialect_item(charger: &ChargerId, dialect: Dialect) -> Result<Item, StoreError> {
        let (pk, sk) = dialect_key(charger);
        let mut item = keys::key(&pk, &sk);
        item.insert("doc".to_owned(), to_document(&dialect)?);
        Ok(item)
    }

    /// The item that keeps what a charger said of itself when it booted: vendor, model, firmware.
    #[must_use]
    pub fn station_item(charger: &ChargerId, frame: &str, received_at: Timestamp) -> Item {
        let mut item = keys::key(&keys::charger(charger), STATION);
        item.insert("frame".to_owned(), pack(frame.to_owned()));
        item.insert("received_at".to_owned(), AttributeValue::S(format!("{received_at:.3}")));
        item
    }

    /// What is known of a charger's connection, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn presence(&self, charger: &ChargerId) -> Result<Presence, StoreError> {
        Ok(self.presences(std::slice::from_ref(charger)).await?.remove(charger).unwrap_or_default())
    }

    /// Whether a charger's connection is known to be down.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn is_cut_off(&self, charger: &ChargerId) -> Result<bool, StoreError> {
        let link: Option<Link> = self.get(&keys::charger(charger), LINK).await?.as_ref().map(document).transpose()?;
        Ok(link.is_some_and(|link| !link.connected))
    }

    /// What is known of the connections of chargers, strongly consistent, in one request for 33 of them. Those of which
    /// nothing is known are left out.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn presences(&self, chargers: &[ChargerId]) -> Result<BTreeMap<ChargerId, Presence>, StoreError> {
        let wanted = |charger| [HEARD, LINK, DIALECT].map(|sort| (keys::charger(charger), sort.to_owned()));
        let mut known = BTreeMap::<ChargerId, Presence>::new();
        for item in self.read_all(chargers.iter().flat_map(wanted).collect()).await? {
            let Some(charger) = text(&item, "pk").strip_prefix("t#").and_then(|name| name.parse().ok()) else {
                continue;
            };
            let presence = known.entry(charger).or_default();
            match text(&item, "sk") {
                HEARD => presence.heard_at = text(&item, "at").parse().ok(),
                LINK => presence.link = Some(document(&item)?),
                _ => presence.dialect = Some(document(&item)?),
            }
        }
        Ok(known)
    }
}
