//! The joins of OCPP 1.6: a start names a connector, its answer names the transaction, a stop names only that.
//!
//! Each side files its own fact first and then looks for the others with a strongly consistent read: whichever two
//! meet, at least the later one sees both. No lock, no order.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::Stopped;
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, SiteId, TransactionId};
use plugtill_domain::session::Payer;

use super::packed::unpack;
use super::{Item, Store, StoreError, document, keys, presence, text, to_document};
use crate::envelope::Direction;
use crate::ocpp::{self, Dialect, Message, TransactionEvent};

/// How long facts that only join messages are kept: longer than any charger replays.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 35);

/// A fact that can be looked up by its exact name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FactKey {
    /// The start that was sent with this message id.
    Call(ChargerId, String),
    /// The transaction id that answered this message id.
    Answer(ChargerId, String),
    /// Who pays for a tag at a site; `None` for every tag not listed.
    Driver(SiteId, Option<IdTag>),
    /// What a charger speaks.
    Dialect(ChargerId),
    /// That a connector of a site had a session.
    Connector(SiteId, ChargerId, ConnectorId),
}

impl FactKey {
    fn keys(&self) -> (String, String) {
        match self {
            Self::Call(charger, id) => (keys::charger(charger), format!("call#{id}")),
            Self::Answer(charger, id) => (keys::charger(charger), format!("result#{id}")),
            Self::Dialect(charger) => presence::dialect_key(charger),
            Self::Connector(site, charger, connector) => (keys::site(site), format!("connector#{charger}#{connector}")),
            Self::Driver(site, tag) => (format!("driver#{site}"), tag.as_ref().map_or("*", IdTag::as_str).to_owned()),
        }
    }
}

/// Facts found.
#[derive(Debug, Default)]
pub struct Facts(HashMap<(String, String), Item>);

impl Facts {
    /// The session that a start with this message id opened.
    #[must_use]
    pub fn call(&self, charger: &ChargerId, message_id: &str) -> Option<SessionId> {
        let key = FactKey::Call(charger.clone(), message_id.to_owned()).keys();
        text(self.0.get(&key)?, "session").parse().ok()
    }

    /// The transaction that answered this message id.
    #[must_use]
    pub fn answer(&self, charger: &ChargerId, message_id: &str) -> Option<TransactionId> {
        let key = FactKey::Answer(charger.clone(), message_id.to_owned()).keys();
        text(self.0.get(&key)?, "tx").parse().ok()
    }

    /// Whether there is such a fact.
    #[must_use]
    pub fn has(&self, fact: &FactKey) -> bool {
        self.0.contains_key(&fact.keys())
    }

    /// What a charger speaks, once it has spoken.
    #[must_use]
    pub fn dialect(&self, charger: &ChargerId) -> Option<Dialect> {
        document(self.0.get(&FactKey::Dialect(charger.clone()).keys())?).ok()
    }

    /// Who pays for a tag at a site.
    #[must_use]
    pub fn payer(&self, site: &SiteId, tag: &IdTag) -> Option<Payer> {
        let own = FactKey::Driver(site.clone(), Some(tag.clone())).keys();
        let any = FactKey::Driver(site.clone(), None).keys();
        document(self.0.get(&own).or_else(|| self.0.get(&any))?).ok()
    }
}

/// A stop as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentStop {
    /// What it says.
    pub stopped: Stopped,
    /// Receive time, UTC.
    pub received_at: Timestamp,
    /// The frame.
    pub frame: String,
}

/// The stops sent under a transaction id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionStops {
    /// Those of a known session.
    pub stops: Vec<(SessionId, SentStop)>,
    /// Those before every known start under the id.
    pub orphans: Vec<SentStop>,
    /// The sessions that the id has named, oldest first.
    pub sessions: Vec<SessionId>,
    /// The events of a 2.0.1 transaction, with their receive times.
    pub events: Vec<(TransactionEvent, Timestamp)>,
}

impl Store {
    /// The item that says which session a start opened.
    #[must_use]
    pub fn call_item(session: &SessionId, message_id: &str, received_at: Timestamp) -> Item {
        let key = FactKey::Call(session.charger.clone(), message_id.to_owned());
        joined(&key.keys(), ("session", session.to_string()), received_at)
    }

    /// The item that says which transaction id answered a start.
    #[must_use]
    pub fn answer_item(charger: &ChargerId, message_id: &str, tx: &TransactionId, received_at: Timestamp) -> Item {
        let key = FactKey::Answer(charger.clone(), message_id.to_owned());
        joined(&key.keys(), ("tx", tx.to_string()), received_at)
    }

    /// The item that says which session a transaction id named.
    #[must_use]
    pub fn transaction_item(session: &SessionId, transaction: &TransactionId, received_at: Timestamp) -> Item {
        let sort = keys::transaction_start(transaction, session.started_at);
        joined(&(keys::charger(&session.charger), sort), ("session", session.to_string()), received_at)
    }

    /// The item that says which connectors of a site ever had a session.
    #[must_use]
    pub fn connector_item(site: &SiteId, charger: &ChargerId, connector: ConnectorId) -> Item {
        let (pk, sk) = FactKey::Connector(site.clone(), charger.clone(), connector).keys();
        keys::key(&pk, &sk)
    }

    /// The item that says who pays for a tag; `None` for every tag not listed.
    ///
    /// # Errors
    /// When the payer cannot be written.
    pub fn driver_item(site: &SiteId, tag: Option<IdTag>, payer: &Payer) -> Result<Item, StoreError> {
        let (pk, sk) = FactKey::Driver(site.clone(), tag).keys();
        let mut item = keys::key(&pk, &sk);
        item.insert("doc".to_owned(), to_document(payer)?);
        Ok(item)
    }

    /// Forgets who pays for a tag. The item stays until DynamoDB takes it away: nobody may delete here.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn forget_payer(&self, site: &SiteId, tag: &IdTag, now: Timestamp) -> Result<(), StoreError> {
        let (pk, sk) = FactKey::Driver(site.clone(), Some(tag.clone())).keys();
        let mut item = keys::key(&pk, &sk);
        item.insert("expires_at".to_owned(), AttributeValue::N(now.as_second().to_string()));
        self.file(vec![item]).await
    }

    /// Who pays for exactly this tag; `None` for every tag not listed.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn payer(&self, site: &SiteId, tag: Option<&IdTag>) -> Result<Option<Payer>, StoreError> {
        let (pk, sk) = FactKey::Driver(site.clone(), tag.cloned()).keys();
        let item = self.get(&pk, &sk).await?.filter(|item| item.contains_key("doc"));
        item.as_ref().map(document).transpose()
    }

    /// Looks facts up, strongly consistent.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn facts(&self, wanted: Vec<FactKey>) -> Result<Facts, StoreError> {
        let items = self.read_all(wanted.iter().map(FactKey::keys).collect()).await?;
        let keyed = |item: Item| ((text(&item, "pk").to_owned(), text(&item, "sk").to_owned()), item);
        Ok(Facts(items.into_iter().map(keyed).collect()))
    }

    /// The stops sent under a transaction id. Ids are re-used: a stop belongs to the latest start before it.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn transaction(
        &self,
        charger: &ChargerId,
        transaction: &TransactionId,
    ) -> Result<TransactionStops, StoreError> {
        let (from, to) = keys::transaction(transaction);
        let items = self.range(&keys::charger(charger), &from, &to).await?;
        let starts: Vec<SessionId> = items.iter().filter_map(|item| text(item, "session").parse().ok()).collect();
        let mut found = TransactionStops::default();
        for (message, received_at, frame) in items.iter().filter_map(message_of) {
            let stopped = match message {
                Message::Stop(stopped) => stopped,
                Message::Transaction(event) => {
                    let stopped = event.stopped();
                    found.events.push((*event, received_at));
                    let Some(stopped) = stopped else { continue };
                    stopped
                }
                Message::Start { .. }
                | Message::Status { .. }
                | Message::Meter { .. }
                | Message::Assigned { .. }
                | Message::Answered { .. }
                | Message::Event { .. }
                | Message::Link(_)
                | Message::SignOfLife(_)
                | Message::Ignored(_) => continue,
            };
            let owner = starts.iter().rev().find(|session| session.started_at <= stopped.at).cloned();
            let sent = SentStop { stopped, received_at, frame };
            match owner {
                Some(session) => found.stops.push((session, sent)),
                None => found.orphans.push(sent),
            }
        }
        found.sessions = starts;
        Ok(found)
    }
}

fn message_of(item: &Item) -> Option<(Message, Timestamp, String)> {
    let received_at = text(item, "received_at").parse().ok()?;
    let frame = unpack(item, "frame").into_owned();
    Some((ocpp::read(Direction::In, &frame, received_at).ok()?, received_at, frame))
}

fn joined((pk, sk): &(String, String), (name, value): (&str, String), received_at: Timestamp) -> Item {
    let mut item = keys::key(pk, sk);
    item.insert(name.to_owned(), AttributeValue::S(value));
    let expires_at = (received_at + KEPT).as_second();
    item.insert("expires_at".to_owned(), AttributeValue::N(expires_at.to_string()));
    item
}
