//! The joins of a batch: what is filed, what is looked up, and which session each transaction id named.

use std::collections::{BTreeMap, BTreeSet};

use plugtill_adapters::ocpp::answer::transaction_number;
use plugtill_adapters::ocpp::{EventType, Message};
use plugtill_adapters::store::{FactKey, Facts, Item, Sent, Store, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, TransactionId};
use plugtill_domain::site::Role;

use crate::batch::Batch;
use crate::intake::Received;
use crate::starts::Start;

/// What starts, answers and stops of a batch have to do with each other.
pub(crate) struct Joined {
    items: Vec<Item>,
    /// Whose stops may find their session once the items are filed.
    pub transactions: BTreeSet<(ChargerId, TransactionId)>,
}

impl Batch<'_, '_> {
    /// Evidence, facts and quarantine, in bulk.
    pub(crate) async fn file(&self) -> Result<(), StoreError> {
        let mut items: Vec<Item> = self.quarantined.iter().map(Store::quarantine_item).collect();
        let mut metered: BTreeMap<(&ChargerId, ConnectorId), Vec<Sent>> = BTreeMap::new();
        for received in &self.received {
            if let Message::Meter { connector, at, .. } = &received.message {
                let (at, received_at, frame) = (*at, received.received_at, received.frame.clone().into_owned());
                metered.entry((&received.charger, *connector)).or_default().push(Sent { at, received_at, frame });
            } else {
                self.items_of(received, &mut items)?;
            }
        }
        for ((charger, connector), sent) in metered {
            items.extend(Store::meter_value_items(charger, connector, sent)?);
        }
        self.function.store.file(items).await
    }

    fn items_of(&self, received: &Received<'_>, items: &mut Vec<Item>) -> Result<(), StoreError> {
        let Received { charger, received_at, frame, .. } = received;
        let sent = (frame.as_ref(), *received_at);
        match &received.message {
            Message::Start { message_id, connector, at, .. } => {
                let session = SessionId { charger: charger.clone(), connector: *connector, started_at: *at };
                items.push(Store::evidence_item(charger, *connector, *at, sent));
                items.push(Store::call_item(&session, message_id, *received_at));
                if let Some(transaction) = self.assigned_here(received, &session, message_id) {
                    items.push(Store::transaction_item(&session, &transaction, *received_at));
                }
            }
            Message::Stop(stopped) => {
                items.push(Store::stop_item(charger, &stopped.transaction, stopped.at, sent));
            }
            Message::Transaction(event) if event.event_type == EventType::Ended => {
                items.push(Store::stop_item(charger, &event.transaction, event.at, sent));
            }
            Message::Transaction(event) => {
                items.push(Store::event_item(charger, &event.transaction, event.at, sent));
            }
            Message::Status { connector, at, .. } => {
                items.push(Store::evidence_item(charger, *connector, *at, sent));
            }
            Message::Assigned { message_id, transaction } => {
                items.push(Store::answer_item(charger, message_id, transaction, *received_at));
            }
            Message::SignOfLife(sign) => {
                items.push(Store::heard_item(charger, *received_at));
                if *sign == "BootNotification" {
                    items.push(Store::station_item(charger, frame, *received_at));
                }
                if let Some(dialect) = received.dialect() {
                    items.push(Store::dialect_item(charger, dialect)?);
                }
            }
            Message::Link(link) => items.push(Store::link_item(charger, link)?),
            // Meter values are filed together.
            Message::Meter { .. } | Message::Answered { .. } | Message::Event { .. } | Message::Ignored(_) => {}
        }
        Ok(())
    }

    fn is_answered_by_us(&self, received: &Received<'_>) -> bool {
        self.sites.get(received.site).is_some_and(|known| known.site.role == Role::Answering)
    }

    /// The transaction id of a 1.6 start, where it is known in this batch: we give it, or the answer came along.
    fn assigned_here(&self, received: &Received<'_>, id: &SessionId, message_id: &str) -> Option<TransactionId> {
        if self.is_answered_by_us(received) {
            return transaction_number(id).to_string().parse().ok();
        }
        let own = self.received.iter().filter(|other| other.charger == received.charger);
        let mut answers = own.filter_map(|other| match_answer(&other.message));
        answers.find(|(answered, _)| *answered == message_id).map(|(_, transaction)| transaction.clone())
    }

    fn started_here(&self, charger: &ChargerId, message_id: &str) -> bool {
        let is_it = |message: &Message| matches!(message, Message::Start { message_id: id, .. } if id == message_id);
        self.received.iter().any(|received| received.charger == *charger && is_it(&received.message))
    }

    /// What is noted of a charger once: its connectors, and what it speaks. A look costs less than a write.
    fn first_seen(&self, starts: &[Start], facts: &Facts) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for Start { index, id, .. } in starts {
            let Some(received) = self.received.get(*index) else { continue };
            let Some(known) = self.sites.get(received.site) else { continue };
            let site = &known.site.id;
            if !facts.has(&FactKey::Connector(site.clone(), id.charger.clone(), id.connector)) {
                items.push(Store::connector_item(site, &id.charger, id.connector));
            }
            if let Some(dialect) = received.dialect().filter(|dialect| facts.dialect(&id.charger) != Some(*dialect)) {
                items.push(Store::dialect_item(&id.charger, dialect)?);
            }
        }
        Ok(items)
    }

    pub(crate) async fn look_up(&self, starts: &[Start]) -> Result<Facts, StoreError> {
        let mut wanted = Vec::new();
        for start in starts {
            let Some(received) = self.received.get(start.index) else { continue };
            if let Message::Start { message_id, .. } = &received.message
                && self.assigned_here(received, &start.id, message_id).is_none()
            {
                wanted.push(FactKey::Answer(received.charger.clone(), message_id.clone()));
            }
            wanted.push(FactKey::Dialect(received.charger.clone()));
            if let Some(known) = self.sites.get(received.site) {
                let site = &known.site.id;
                wanted.push(FactKey::Connector(site.clone(), start.id.charger.clone(), start.id.connector));
                wanted.push(FactKey::Driver(site.clone(), Some(start.started.id_tag.clone())));
                wanted.push(FactKey::Driver(site.clone(), None));
            }
        }
        for received in &self.received {
            let charger = &received.charger;
            match &received.message {
                Message::Assigned { message_id, .. } if !self.started_here(charger, message_id) => {
                    wanted.push(FactKey::Call(charger.clone(), message_id.clone()));
                }
                Message::Start { .. }
                | Message::Status { .. }
                | Message::Stop(_)
                | Message::Transaction(_)
                | Message::Meter { .. }
                | Message::Assigned { .. }
                | Message::Answered { .. }
                | Message::Event { .. }
                | Message::Link(_)
                | Message::SignOfLife(_)
                | Message::Ignored(_) => {}
            }
        }
        if wanted.is_empty() { Ok(Facts::default()) } else { self.function.store.facts(wanted).await }
    }

    /// Files which session each transaction id named, once there is that session: a 2.0.1 transaction that names one is not
    /// looked at for its beginning again.
    pub(crate) async fn file_joined(&self, joined: &mut Joined) -> Result<(), StoreError> {
        let items = std::mem::take(&mut joined.items);
        if items.is_empty() { Ok(()) } else { self.function.store.file(items).await }
    }

    /// Which session each transaction id named, to be filed; and the transactions whose stops may then find their session.
    pub(crate) fn join(&self, starts: &[Start], facts: &Facts) -> Result<Joined, StoreError> {
        let mut items = self.first_seen(starts, facts)?;
        let mut transactions = BTreeSet::new();
        for start in starts {
            let Some(received) = self.received.get(start.index) else { continue };
            let transaction = if let Message::Start { message_id, .. } = &received.message {
                let here = self.assigned_here(received, &start.id, message_id);
                here.or_else(|| facts.answer(&received.charger, message_id))
            } else {
                start.started.transaction.clone()
            };
            let Some(transaction) = transaction else { continue };
            items.push(Store::transaction_item(&start.id, &transaction, received.received_at));
            transactions.insert((received.charger.clone(), transaction));
        }
        for received in &self.received {
            let charger = &received.charger;
            let transaction = match &received.message {
                Message::Assigned { message_id, transaction } => {
                    if let Some(session) = facts.call(charger, message_id) {
                        items.push(Store::transaction_item(&session, transaction, received.received_at));
                    }
                    transaction
                }
                Message::Stop(stopped) => &stopped.transaction,
                Message::Transaction(event) if self.bears_on_its_session(received, event) => &event.transaction,
                Message::Transaction(_)
                | Message::Start { .. }
                | Message::Status { .. }
                | Message::Meter { .. }
                | Message::Answered { .. }
                | Message::Event { .. }
                | Message::Link(_)
                | Message::SignOfLife(_)
                | Message::Ignored(_) => continue,
            };
            transactions.insert((charger.clone(), transaction.clone()));
        }
        Ok(Joined { items, transactions })
    }
}

fn match_answer(message: &Message) -> Option<(&str, &TransactionId)> {
    let Message::Assigned { message_id, transaction } = message else { return None };
    Some((message_id, transaction))
}
