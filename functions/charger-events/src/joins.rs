//! The joins of a batch: what is filed, what is looked up, and which session each transaction id named.

use std::collections::BTreeSet;

use plugtill_adapters::ocpp::Message;
use plugtill_adapters::store::{FactKey, Facts, Item, Store, StoreError};
use plugtill_domain::ids::{ChargerId, SessionId, TransactionId};

use crate::batch::Batch;
use crate::intake::Received;

impl Batch<'_, '_> {
    /// Evidence, facts and quarantine, in bulk.
    pub(crate) async fn file(&self) -> Result<(), StoreError> {
        let mut items: Vec<Item> = self.quarantined.iter().map(Store::quarantine_item).collect();
        for received in &self.received {
            self.items_of(received, &mut items);
        }
        self.function.store.file(items).await
    }

    fn items_of(&self, received: &Received<'_>, items: &mut Vec<Item>) {
        let Received { charger, received_at, frame, .. } = received;
        let sent = (frame.as_ref(), *received_at);
        match &received.message {
            Message::Start { message_id, connector, at, .. } => {
                let session = SessionId { charger: charger.clone(), connector: *connector, started_at: *at };
                items.push(Store::evidence_item(charger, *connector, *at, sent));
                items.push(Store::call_item(&session, message_id, *received_at));
                if let Some(transaction) = self.answered_here(charger, message_id) {
                    items.push(Store::transaction_item(&session, transaction, *received_at));
                }
                if let Some(known) = self.sites.get(received.site) {
                    items.push(Store::connector_item(&known.site.id, charger, *connector));
                }
            }
            Message::Stop(stopped) => {
                items.push(Store::stop_item(charger, &stopped.transaction, stopped.at, sent));
            }
            Message::Status { connector, at, .. } | Message::Meter { connector, at, .. } => {
                items.push(Store::evidence_item(charger, *connector, *at, sent));
            }
            Message::Assigned { message_id, transaction } => {
                items.push(Store::answer_item(charger, message_id, transaction, *received_at));
            }
            Message::SignOfLife(_) | Message::Ignored(_) => {}
        }
    }

    /// The transaction id that answered a start, where start and answer came in one batch.
    fn answered_here(&self, charger: &ChargerId, message_id: &str) -> Option<&TransactionId> {
        let own = self.received.iter().filter(|received| received.charger == *charger);
        let mut answers = own.filter_map(|received| match_answer(&received.message));
        answers.find(|(answered, _)| *answered == message_id).map(|(_, transaction)| transaction)
    }

    fn started_here(&self, charger: &ChargerId, message_id: &str) -> bool {
        let is_it = |message: &Message| matches!(message, Message::Start { message_id: id, .. } if id == message_id);
        self.received.iter().any(|received| received.charger == *charger && is_it(&received.message))
    }

    pub(crate) async fn look_up(&self) -> Result<Facts, StoreError> {
        let mut wanted = Vec::new();
        for received in &self.received {
            let charger = &received.charger;
            match &received.message {
                Message::Start { message_id, started, .. } => {
                    if self.answered_here(charger, message_id).is_none() {
                        wanted.push(FactKey::Answer(charger.clone(), message_id.clone()));
                    }
                    if let Some(known) = self.sites.get(received.site) {
                        wanted.push(FactKey::Driver(known.site.id.clone(), Some(started.id_tag.clone())));
                        wanted.push(FactKey::Driver(known.site.id.clone(), None));
                    }
                }
                Message::Assigned { message_id, .. } if !self.started_here(charger, message_id) => {
                    wanted.push(FactKey::Call(charger.clone(), message_id.clone()));
                }
                Message::Status { connector, .. } => wanted.push(FactKey::Incident(charger.clone(), *connector)),
                Message::Stop(_)
                | Message::Meter { .. }
                | Message::Assigned { .. }
                | Message::SignOfLife(_)
                | Message::Ignored(_) => {}
            }
        }
        if wanted.is_empty() { Ok(Facts::default()) } else { self.function.store.facts(wanted).await }
    }

    /// Files which session each transaction id named; returns the transactions whose stops may now find their session.
    pub(crate) async fn join(&self, facts: &Facts) -> Result<BTreeSet<(ChargerId, TransactionId)>, StoreError> {
        let mut items = Vec::new();
        let mut transactions = BTreeSet::new();
        for received in &self.received {
            let charger = &received.charger;
            let (session, transaction) = match &received.message {
                Message::Start { message_id, connector, at, .. } => {
                    let id = SessionId { charger: charger.clone(), connector: *connector, started_at: *at };
                    (Some(id), facts.answer(charger, message_id))
                }
                // Their join is filed with them.
                Message::Assigned { message_id, transaction } if self.started_here(charger, message_id) => {
                    (None, Some(transaction.clone()))
                }
                Message::Assigned { message_id, transaction } => {
                    (facts.call(charger, message_id), Some(transaction.clone()))
                }
                Message::Stop(stopped) => (None, Some(stopped.transaction.clone())),
                Message::Status { .. } | Message::Meter { .. } | Message::SignOfLife(_) | Message::Ignored(_) => {
                    continue;
                }
            };
            let Some(transaction) = transaction else { continue };
            if let Some(session) = session {
                items.push(Store::transaction_item(&session, &transaction, received.received_at));
            }
            transactions.insert((charger.clone(), transaction));
        }
        if !items.is_empty() {
            self.function.store.file(items).await?;
        }
        Ok(transactions)
    }
}

fn match_answer(message: &Message) -> Option<(&str, &TransactionId)> {
    let Message::Assigned { message_id, transaction } = message else { return None };
    Some((message_id, transaction))
}
