//! Stops find their session; what arrives about the past is looked at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::ocpp::{EventType, Message, TransactionEvent};
use plugtill_adapters::store::{Quarantined, SentStop, Store, StoreError};
use plugtill_domain::decide::{Event, Nothing};
use plugtill_domain::evidence::{ConnectorStatus, Stopped};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, TransactionId};
use plugtill_domain::session::Session;

use crate::batch::Batch;
use crate::intake::Received;

/// What was received longer ago than this, and is known now, says nothing of now.
const SIGN_OF_LIFE: SignedDuration = SignedDuration::from_hours(1);

impl Batch<'_, '_> {
    /// Brings every stop of these transactions to its session, whichever of start, answer and stop came last.
    pub(crate) async fn stop_sessions(
        &mut self,
        transactions: &BTreeSet<(ChargerId, TransactionId)>,
    ) -> Result<(), StoreError> {
        for (charger, transaction) in transactions {
            if transaction.names_nothing() {
                self.stop_unnamed(charger, transaction).await?;
                continue;
            }
            let found = self.function.store.transaction(charger, transaction).await?;
            for orphan in &found.orphans {
                self.orphan(charger, &orphan.stopped).await?;
            }
            for (session, sent) in found.stops {
                self.stop(session, sent).await?;
            }
            let Some(session) = found.sessions.last() else { continue };
            if let Some(at) = self.newest(charger, transaction, |received, event| self.is_late(received, event.at)) {
                let known = self.sessions.remove(session);
                self.apply(session, known, Event::LateEvidence(self.known_at(at)), at).await?;
            }
            if let Some(at) = self.newest(charger, transaction, |received, event| {
                event.status.is_some_and(|status| self.signals(received, status))
            }) {
                let known = self.sessions.remove(session);
                self.apply(session, known, Event::Signalled(at), at).await?;
            }
        }
        Ok(())
    }

    /// A stop whose start is not known waits, where a person can see it.
    async fn orphan(&mut self, charger: &ChargerId, stopped: &Stopped) -> Result<(), StoreError> {
        self.tally.orphans.insert((charger.clone(), stopped.transaction.clone(), stopped.at));
        let Some(index) = self.position_of(charger, stopped) else { return Ok(()) };
        self.note_that_it_lives(charger, index).await?;
        let reason = format!("the start of transaction {} is not known: it may still come", stopped.transaction);
        self.note(index, reason).await
    }

    /// A message that is filed with no session is a sign of life all the same, unless it is known long after it was received.
    async fn note_that_it_lives(&self, charger: &ChargerId, index: usize) -> Result<(), StoreError> {
        let Some(received_at) = self.received.get(index).map(|received| received.received_at) else { return Ok(()) };
        let known_at = self.known_at(received_at);
        if known_at.duration_since(received_at) > SIGN_OF_LIFE {
            return Ok(());
        }
        self.function.store.file(vec![Store::heard_item(charger, known_at)]).await
    }

    /// Since when a message counts for what falls due: what a queue kept, or what waited for its start, is not overdue when it
    /// comes.
    fn known_at(&self, received_at: Timestamp) -> Timestamp {
        received_at.max(self.function.clock.now())
    }

    /// Whether what happened at `at` may have missed a settlement: by when it is known, since a queue or a gateway may have
    /// kept it after it was received.
    fn is_late(&self, received: &Received<'_>, at: Timestamp) -> bool {
        self.sites.get(received.site).is_some_and(|known| {
            let straggler_seconds = i64::from(known.site.terms.settle_after_minutes) * 60;
            self.known_at(received.received_at).duration_since(at).as_secs() >= straggler_seconds
        })
    }

    async fn stop(&mut self, id: SessionId, sent: SentStop) -> Result<(), StoreError> {
        let SentStop { stopped, received_at, frame } = sent;
        let here = self.position_of(&id.charger, &stopped);
        if here.is_none() {
            let (charger, reason) = (id.charger.to_string(), String::new());
            let waited = Quarantined { received_at, charger, reason, bytes: frame }.id();
            self.function.store.complete(&waited, self.function.clock.now()).await?;
        }
        self.tally.joined.insert((id.charger.clone(), stopped.transaction.clone(), stopped.at));
        let known = self.sessions.remove(&id);
        let stop = Event::Stopped(stopped, self.known_at(received_at));
        let nothing = self.apply(&id, known, stop, received_at).await?;
        match (nothing, here) {
            (Some(Nothing::Duplicate), Some(_)) => self.count_duplicate(),
            (Some(why @ (Nothing::Conflict | Nothing::Overlap)), Some(index)) => {
                self.flag(index, why.to_string()).await?;
            }
            (Some(_) | None, _) => {}
        }
        Ok(())
    }

    /// A stop whose id names nothing, as chargers send that never got an answer to their start: it is the stop of the one
    /// session of its charger that can have stopped so. Where that is not certain, it waits for a person.
    async fn stop_unnamed(&mut self, charger: &ChargerId, transaction: &TransactionId) -> Result<(), StoreError> {
        for index in 0..self.received.len() {
            let Some(received) = self.received.get(index) else { continue };
            let Message::Stop(stopped) = &received.message else { continue };
            if received.charger != *charger || stopped.transaction != *transaction {
                continue;
            }
            let (tag, site) = (received.id_tag(), received.site);
            let (received_at, frame) = (received.received_at, received.frame.clone().into_owned());
            let sent = SentStop { stopped: stopped.clone(), received_at, frame };
            match self.open_session_of(site, charger, &sent.stopped, tag.as_ref()).await? {
                Some(id) => self.stop(id, sent).await?,
                None => self.orphan(charger, &sent.stopped).await?,
            }
        }
        Ok(())
    }

    async fn open_session_of(
        &self,
        site: usize,
        charger: &ChargerId,
        stopped: &Stopped,
        tag: Option<&IdTag>,
    ) -> Result<Option<SessionId>, StoreError> {
        let Some(known) = self.sites.get(site) else { return Ok(None) };
        let mut candidates: Vec<Session> = Vec::new();
        for (_, connector) in
            self.function.store.connectors(&known.site.id).await?.iter().filter(|(own, _)| own == charger)
        {
            let latest = self.function.store.latest_session(charger, *connector, stopped.at).await?;
            candidates.extend(latest.map(|stored| stored.session).filter(|session| may_stop(session, stopped)));
        }
        if candidates.len() > 1 {
            candidates.retain(|session| tag == Some(session.id_tag()));
        }
        let [only] = candidates.as_slice() else { return Ok(None) };
        Ok(Some(only.id.clone()))
    }

    fn position_of(&self, charger: &ChargerId, stopped: &Stopped) -> Option<usize> {
        let is_it = |message: &Message| match message {
            Message::Stop(stop) => stop == stopped,
            Message::Transaction(event) => event.stopped().as_ref() == Some(stopped),
            Message::Start { .. }
            | Message::Status { .. }
            | Message::Meter { .. }
            | Message::Assigned { .. }
            | Message::Answered { .. }
            | Message::Event { .. }
            | Message::Link(_)
            | Message::SignOfLife(_)
            | Message::Ignored(_) => false,
        };
        self.received.iter().position(|received| received.charger == *charger && is_it(&received.message))
    }

    /// Whether an event of a transaction tells its session something that its evidence alone would not.
    pub(crate) fn bears_on_its_session(&self, received: &Received<'_>, event: &TransactionEvent) -> bool {
        event.event_type == EventType::Ended
            || self.is_late(received, event.at)
            || event.status.is_some_and(|status| self.signals(received, status))
    }

    /// When the newest event of this transaction was received of which something holds, UTC.
    fn newest(
        &self,
        charger: &ChargerId,
        transaction: &TransactionId,
        holds: impl Fn(&Received<'_>, &TransactionEvent) -> bool,
    ) -> Option<Timestamp> {
        let own = self.received.iter().filter(|received| received.charger == *charger);
        let holding = own.filter(|received| {
            let Message::Transaction(event) = &received.message else { return false };
            event.transaction == *transaction && holds(received, event)
        });
        holding.map(|received| received.received_at).max()
    }

    /// Whether somebody may want to be told what a status says of a vehicle's stay.
    fn signals(&self, received: &Received<'_>, status: ConnectorStatus) -> bool {
        self.sites.get(received.site).is_some_and(|known| known.site.tells_of_stays(status))
    }

    /// A connector that becomes free may end a session's idle time; evidence older than the settlement re-prices it.
    pub(crate) async fn look_at_old_evidence(&mut self) -> Result<(), StoreError> {
        // An unplug must not hide that other evidence of the same session came late: both are told.
        let mut seen: BTreeMap<(SessionId, Bearing), Timestamp> = BTreeMap::new();
        for index in 0..self.received.len() {
            let Some(received) = self.received.get(index) else { continue };
            let Some((connector, at, bearing)) = self.bearing(received) else { continue };
            let (charger, received_at) = (received.charger.clone(), received.received_at);
            if bearing == Bearing::Unplugs && self.just_unplugged(&charger, connector, at) {
                continue;
            }
            // It ends idle time that is still to be settled, or was missed by a settlement that knew of no end.
            let was_missed = bearing == Bearing::Unplugs && self.is_late(received, at);
            let Some(id) = self.session_at(&charger, connector, at).await? else { continue };
            if was_missed {
                seen.insert((id.clone(), Bearing::Late), received_at);
            }
            seen.insert((id, bearing), received_at);
        }
        for ((id, bearing), received_at) in seen {
            let known = self.sessions.remove(&id);
            let event = match bearing {
                Bearing::Late => Event::LateEvidence(self.known_at(received_at)),
                Bearing::Signals => Event::Signalled(received_at),
                Bearing::Unplugs => Event::Unplugged(self.known_at(received_at)),
            };
            self.apply(&id, known, event, received_at).await?;
        }
        Ok(())
    }

    /// Whether a message may concern a session that it does not name: then where and when, and how. What arrives within the
    /// site's straggler time cannot have missed a settlement and costs no look-up.
    fn bearing(&self, received: &Received<'_>) -> Option<(ConnectorId, Timestamp, Bearing)> {
        let late = |at| self.is_late(received, at).then_some(Bearing::Late);
        match &received.message {
            Message::Status { connector, at, status, .. } => {
                let bearing = if status.proves_unplug() {
                    Some(Bearing::Unplugs)
                } else {
                    late(*at).or_else(|| self.signals(received, *status).then_some(Bearing::Signals))
                };
                Some((*connector, *at, bearing?))
            }
            Message::Meter { connector, at, .. } => Some((*connector, *at, late(*at)?)),
            Message::Start { .. }
            | Message::Stop(_)
            | Message::Transaction(_)
            | Message::Assigned { .. }
            | Message::Answered { .. }
            | Message::Event { .. }
            | Message::Link(_)
            | Message::SignOfLife(_)
            | Message::Ignored(_) => None,
        }
    }

    /// Whether a session of this batch stopped here within the minute before, by the unplug itself: then its connector
    /// becoming free says nothing new, and no other session can lie between.
    fn just_unplugged(&self, charger: &ChargerId, connector: ConnectorId, at: Timestamp) -> bool {
        let here = self.sessions.iter().filter(|(id, _)| id.charger == *charger && id.connector == connector);
        here.filter_map(|(_, stored)| stored.session.stopped.as_ref()).any(|stop| {
            stop.reason.proves_unplug() && (0..=60).contains(&at.duration_since(stop.at).as_secs()) && stop.at <= at
        })
    }

    async fn session_at(
        &mut self,
        charger: &ChargerId,
        connector: ConnectorId,
        at: Timestamp,
    ) -> Result<Option<SessionId>, StoreError> {
        let stored = self.function.store.latest_session(charger, connector, at).await?;
        let Some(stored) = stored else { return Ok(None) };
        let id = stored.session.id.clone();
        self.sessions.insert(id.clone(), stored);
        Ok(Some(id))
    }
}

/// Whether a stop can be this session's: it has none, or has this one, and its register does not fall.
fn may_stop(session: &Session, stopped: &Stopped) -> bool {
    let is_open = session.stopped.as_ref().is_none_or(|known| known == stopped);
    is_open && session.started.register.zip(stopped.register).is_none_or(|(first, last)| first <= last)
}

/// How a message concerns a session that it does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Bearing {
    /// It may have missed the settlement.
    Late,
    /// It says whether the vehicle charges.
    Signals,
    /// The connector is free.
    Unplugs,
}
