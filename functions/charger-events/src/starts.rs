//! What opens sessions: a 1.6 start, or the events of a 2.0.1 transaction once they say where and by whom.

use std::collections::BTreeSet;

use jiff::Timestamp;
use plugtill_adapters::ocpp::{EventType, Message, TransactionEvent, beginning};
use plugtill_adapters::store::{Facts, StoreError, StoredSession};
use plugtill_domain::checkout::{Checkout, CheckoutEvent, is_token};
use plugtill_domain::decide::{Event, Nothing, Opening};
use plugtill_domain::evidence::Started;
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, TransactionId};
use plugtill_domain::site::{EVERY_CONNECTOR, Role, Site};
use plugtill_domain::watch::StayWatch;

use crate::batch::Batch;

/// A start among the messages of a batch.
pub(crate) struct Start {
    /// By which message.
    pub index: usize,
    /// Its session.
    pub id: SessionId,
    /// What it says.
    pub started: Started,
}

impl Batch<'_, '_> {
    /// The starts, in the order of the messages.
    pub(crate) async fn starts(&self) -> Result<Vec<Start>, StoreError> {
        let mut starts = Vec::new();
        let mut seen: BTreeSet<(&ChargerId, &TransactionId)> = BTreeSet::new();
        for (index, received) in self.received.iter().enumerate() {
            let charger = &received.charger;
            match &received.message {
                Message::Start { connector, at, started, .. } => {
                    let id = SessionId { charger: charger.clone(), connector: *connector, started_at: *at };
                    starts.push(Start { index, id, started: started.clone() });
                }
                Message::Transaction(event) if may_begin(event) && seen.insert((charger, &event.transaction)) => {
                    starts.extend(self.begun(index, received.site, charger, event).await?);
                }
                Message::Transaction(_)
                | Message::Stop(_)
                | Message::Status { .. }
                | Message::Meter { .. }
                | Message::Assigned { .. }
                | Message::Answered { .. }
                | Message::Event { .. }
                | Message::Link(_)
                | Message::SignOfLife(_)
                | Message::Ignored(_) => {}
            }
        }
        Ok(starts)
    }

    /// The start of a transaction whose events, those of this batch included, are in the table.
    async fn begun(
        &self,
        index: usize,
        site: usize,
        charger: &ChargerId,
        event: &TransactionEvent,
    ) -> Result<Option<Start>, StoreError> {
        let found = self.function.store.transaction(charger, &event.transaction).await?;
        if !found.sessions.is_empty() {
            return Ok(None);
        }
        let mut events: Vec<TransactionEvent> = found.events.into_iter().map(|(event, _)| event).collect();
        if event.event_type == EventType::Ended && events.iter().all(|event| event.evse.is_none()) {
            // It will not be said any more: where there is one connector, it was that.
            let only = self.only_connector(site, charger);
            for event in &mut events {
                event.evse = only;
            }
        }
        let Some((connector, started_at, started)) = beginning(&events) else { return Ok(None) };
        Ok(Some(Start { index, id: SessionId { charger: charger.clone(), connector, started_at }, started }))
    }

    fn only_connector(&self, site: usize, charger: &ChargerId) -> Option<ConnectorId> {
        let entry = self.sites.get(site)?.site.charger(charger)?;
        let [only] = entry.connectors.as_slice() else { return None };
        Some(if only.id == EVERY_CONNECTOR { ConnectorId(1) } else { only.id })
    }

    pub(crate) async fn open_sessions(&mut self, starts: Vec<Start>, facts: &Facts) -> Result<(), StoreError> {
        for Start { index, id, started } in starts {
            let checkout = self.claim(&id, &started.id_tag).await?;
            let opening = match self.opening(index, &id, started, facts, checkout.as_ref()) {
                Ok(opening) => opening,
                Err(reason) => {
                    self.flag(index, reason).await?;
                    continue;
                }
            };
            let received_at = opening.received_at;
            let is_event = opening.started.transaction.is_some();
            let known = self.sessions.remove(&id);
            match self.apply(&id, known, Event::Started(Box::new(opening)), received_at).await? {
                // Whoever opened it may have ended before its neighbours were told.
                Some(Nothing::Duplicate) => {
                    if !is_event {
                        self.count_duplicate();
                    }
                    Box::pin(self.separate(index, &id, received_at)).await?;
                }
                Some(Nothing::Conflict) => self.flag(index, Nothing::Conflict.to_string()).await?,
                Some(_) => {}
                None => Box::pin(self.separate(index, &id, received_at)).await?,
            }
        }
        Ok(())
    }

    /// A connector has one vehicle at a time: a session that began ends the one before, and is ended by the one after.
    async fn separate(&mut self, index: usize, id: &SessionId, received_at: Timestamp) -> Result<(), StoreError> {
        let (before, after) = self.function.store.neighbours(id).await?;
        if let Some(before) = before {
            self.end_before(index, before, id.started_at, received_at).await?;
        }
        let Some(after) = after else { return Ok(()) };
        let own = match self.sessions.get(id) {
            Some(own) => Some(own.clone()),
            None => self.function.store.session(id).await?,
        };
        match own {
            Some(own) => self.end_before(index, own, after.session.id.started_at, received_at).await,
            None => Ok(()),
        }
    }

    async fn end_before(
        &mut self,
        index: usize,
        session: StoredSession,
        at: Timestamp,
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let id = session.session.id.clone();
        let stopped_at = session.session.stopped.as_ref().map(|stopped| stopped.at);
        let event = Event::NextSession { at, received_at };
        // In the cache only what was committed here: what is looked at alone may be older than the table.
        let ended = self.apply(&id, Some(session), event, received_at).await?.is_none();
        if let Some(stopped_at) = stopped_at.filter(|_| ended) {
            let reason =
                format!("session {id} stopped at {stopped_at}, after the next one began at its connector at {at}");
            self.note(index, format!("{reason}: it is billed up to there")).await?;
        }
        Ok(())
    }

    /// The checkout whose token the vehicle was started with: from now on its hold is the session's.
    async fn claim(&self, id: &SessionId, tag: &IdTag) -> Result<Option<Checkout>, StoreError> {
        if !is_token(tag) {
            return Ok(None);
        }
        let store = &self.function.store;
        match store.update_checkout(tag, &CheckoutEvent::Claimed(id.clone())).await? {
            Some(claimed) => Ok(Some(claimed)),
            None => store.checkout(tag).await,
        }
    }

    /// What a start opens, or why it cannot.
    fn opening(
        &self,
        index: usize,
        id: &SessionId,
        started: Started,
        facts: &Facts,
        checkout: Option<&Checkout>,
    ) -> Result<Opening, String> {
        let SessionId { charger, connector, started_at } = id;
        let no_connector = || format!("charger {charger} has no connector {connector}: correct the site");
        let no_tariff =
            || format!("no tariff is valid for a session that starts at {started_at}: assign one, then retry");
        let received = self.received.get(index).ok_or_else(no_connector)?;
        let known = self.sites.get(received.site).ok_or_else(no_connector)?;
        let (payer, hold) = match checkout {
            Some(checkout) => checkout.opens(id),
            None => (facts.payer(&known.site.id, &started.id_tag), None),
        };
        Ok(Opening {
            id: id.clone(),
            site: known.site.id.clone(),
            terms: known.terms_at(id, &started.id_tag).ok_or_else(no_tariff)?.to_owned(),
            max_power: known.site.connector(charger, *connector).ok_or_else(no_connector)?.max_power_w,
            started,
            payer,
            hold,
            limit: checkout.and_then(|checkout| checkout.limit),
            stay_watch: stay_watch(&known.site, checkout),
            hooked: !known.site.webhooks.is_empty(),
            answered: known.site.role == Role::Answering,
            received_at: received.received_at,
        })
    }
}

/// Who is told when the vehicle has charged and stays, if anybody is.
fn stay_watch(site: &Site, checkout: Option<&Checkout>) -> Option<StayWatch> {
    let driver = checkout.is_some_and(|checkout| checkout.texts_to.is_some());
    let watch = StayWatch { driver, staff_after_minutes: site.alerts.stall_blocked_after_minutes };
    (watch != StayWatch { driver: false, staff_after_minutes: 0 }).then_some(watch)
}

/// Whether an event may be the one that was missing to know a transaction's beginning: most say nothing of it.
const fn may_begin(event: &TransactionEvent) -> bool {
    event.evse.is_some() || event.id_tag.is_some() || !matches!(event.event_type, EventType::Updated)
}
