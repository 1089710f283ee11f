//! A batch: file facts first, then look the joins up, then decide and commit, then ring.
//!
//! Evidence and facts need no condition, so they go in bulk and before any decision: whoever decides later sees them,
//! and a crash in between leaves nothing that a redelivery does not complete.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::ocpp::Message;
use plugtill_adapters::store::{Facts, Quarantined, SiteInForce, Store, StoreError, StoredSession, Updated};
use plugtill_domain::checkout::{Checkout, CheckoutEvent, is_token};
use plugtill_domain::decide::{Event, Nothing, Opening, decide};
use plugtill_domain::evidence::{Started, Stopped};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, TransactionId};

use crate::intake::{self, Received};
use crate::{BatchError, ChargerEvents, Tally, statuses};

/// Processes a batch of queue message bodies.
pub(crate) async fn process(function: &ChargerEvents, bodies: &[&str]) -> Result<Tally, BatchError> {
    let mut batch = Batch::read(function, bodies).await?;
    batch.file().await?;
    let facts = batch.look_up().await?;
    let transactions = batch.join(&facts).await?;
    batch.open_sessions(&facts).await?;
    batch.stop_sessions(&transactions).await?;
    batch.look_at_old_evidence().await?;
    let told = statuses::observe(function, &batch.sites, &batch.received, &facts).await?;
    batch.rings.extend(told);
    function.doorbell.ring(std::mem::take(&mut batch.rings), function.clock.now()).await?;
    Ok(batch.tally)
}

pub(crate) struct Batch<'f, 'b> {
    pub(crate) function: &'f ChargerEvents,
    pub(crate) sites: Arc<Vec<Arc<SiteInForce>>>,
    pub(crate) received: Vec<Received<'b>>,
    pub(crate) quarantined: Vec<Quarantined>,
    /// Sessions as last committed here: saves reading them again.
    sessions: BTreeMap<SessionId, StoredSession>,
    rings: Vec<(Ring, Timestamp)>,
    tally: Tally,
}

impl<'f, 'b> Batch<'f, 'b> {
    async fn read(function: &'f ChargerEvents, bodies: &[&'b str]) -> Result<Self, StoreError> {
        let mut batch = Self {
            function,
            sites: function.directory.sites().await?,
            received: Vec::with_capacity(bodies.len()),
            quarantined: Vec::new(),
            sessions: BTreeMap::new(),
            rings: Vec::new(),
            tally: Tally::default(),
        };
        for body in bodies {
            match intake::read(function, body).await? {
                Ok(received) => batch.received.push(received),
                Err(quarantined) => batch.quarantined.push(quarantined),
            }
        }
        batch.tally.quarantined = batch.quarantined.len() as u64;
        for received in &batch.received {
            if let Message::Ignored(action) = &received.message {
                *batch.tally.ignored.entry(action.clone()).or_default() += 1;
            } else {
                batch.tally.processed += 1;
            }
        }
        Ok(batch)
    }

    async fn open_sessions(&mut self, facts: &Facts) -> Result<(), StoreError> {
        for index in 0..self.received.len() {
            let Some(received) = self.received.get(index) else { continue };
            let Message::Start { connector, at, started, .. } = &received.message else { continue };
            let id = SessionId { charger: received.charger.clone(), connector: *connector, started_at: *at };
            let checkout = self.claim(&id, &started.id_tag).await?;
            let opening = match self.opening(received, &id, started, facts, checkout.as_ref()) {
                Ok(opening) => opening,
                Err(reason) => {
                    self.flag(index, reason).await?;
                    continue;
                }
            };
            let event = Event::Started(Box::new(opening));
            let received_at = received.received_at;
            let known = self.sessions.remove(&id);
            match self.apply(&id, known, event, received_at).await? {
                Some(Nothing::Duplicate) => self.count_duplicate(),
                Some(Nothing::Conflict) => self.flag(index, Nothing::Conflict.to_string()).await?,
                Some(Nothing::NoEffect | Nothing::NoCredit(_)) | None => {}
            }
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
        received: &Received<'_>,
        id: &SessionId,
        started: &Started,
        facts: &Facts,
        checkout: Option<&Checkout>,
    ) -> Result<Opening, String> {
        let SessionId { charger, connector, started_at } = id;
        let no_connector = || format!("charger {charger} has no connector {connector}: correct the site");
        let no_tariff =
            || format!("no tariff is valid for a session that starts at {started_at}: assign one, then retry");
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
            started: started.clone(),
            payer,
            hold,
            limit: checkout.and_then(|checkout| checkout.limit),
            received_at: received.received_at,
        })
    }

    /// Brings every stop of these transactions to its session, whichever of start, answer and stop came last.
    async fn stop_sessions(&mut self, transactions: &BTreeSet<(ChargerId, TransactionId)>) -> Result<(), StoreError> {
        for (charger, transaction) in transactions {
            let found = self.function.store.transaction(charger, transaction).await?;
            for (stopped, _) in &found.orphans {
                self.tally.orphans.insert((charger.clone(), transaction.clone(), stopped.at));
            }
            for (session, stopped, received_at) in found.stops {
                let here = self.position_of(charger, &stopped);
                self.tally.joined.insert((charger.clone(), transaction.clone(), stopped.at));
                let known = self.sessions.remove(&session);
                let nothing = self.apply(&session, known, Event::Stopped(stopped, received_at), received_at).await?;
                match (nothing, here) {
                    (Some(Nothing::Duplicate), Some(_)) => self.count_duplicate(),
                    (Some(Nothing::Conflict), Some(index)) => self.flag(index, Nothing::Conflict.to_string()).await?,
                    (Some(_) | None, _) => {}
                }
            }
        }
        Ok(())
    }

    fn position_of(&self, charger: &ChargerId, stopped: &Stopped) -> Option<usize> {
        let is_it = |message: &Message| matches!(message, Message::Stop(stop) if stop == stopped);
        self.received.iter().position(|received| received.charger == *charger && is_it(&received.message))
    }

    /// A connector that becomes free may end a session's idle time; evidence older than the settlement re-prices it.
    async fn look_at_old_evidence(&mut self) -> Result<(), StoreError> {
        // An unplug must not hide that other evidence of the same session came late: both are told.
        let mut seen: BTreeMap<(SessionId, bool), (Event, Timestamp)> = BTreeMap::new();
        for index in 0..self.received.len() {
            let Some(received) = self.received.get(index) else { continue };
            let Some((connector, at, unplugs)) = bears_on_the_past(received, &self.sites) else { continue };
            let (charger, received_at) = (received.charger.clone(), received.received_at);
            if unplugs && self.just_unplugged(&charger, connector, at) {
                continue;
            }
            let Some(id) = self.session_at(&charger, connector, at).await? else { continue };
            let event = if unplugs { Event::Unplugged(received_at) } else { Event::LateEvidence(received_at) };
            seen.insert((id, unplugs), (event, received_at));
        }
        for ((id, _), (event, received_at)) in seen {
            let known = self.sessions.remove(&id);
            self.apply(&id, known, event, received_at).await?;
        }
        Ok(())
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

    /// Decides and commits; remembers the new state and what it makes due.
    async fn apply(
        &mut self,
        id: &SessionId,
        known: Option<StoredSession>,
        event: Event,
        at: Timestamp,
    ) -> Result<Option<Nothing>, StoreError> {
        let store = &self.function.store;
        let opening = if let Event::Started(opening) = &event { Some(opening.terms.clone()) } else { None };
        let known = match known {
            Some(known) => Some(known),
            None if opening.is_some() => None,
            None => store.session(id).await?,
        };
        let Some(version) = opening.or_else(|| known.as_ref().map(|stored| stored.session.terms.clone())) else {
            return Ok(Some(Nothing::NoEffect));
        };
        let terms = self.function.directory.terms(&version).await?;
        let site = known.as_ref().map_or(&terms.site, |stored| &stored.session.site);
        let found = self.sites.iter().find(|known| known.site.id == *site);
        let day = found.map_or_else(|| at.to_zoned(jiff::tz::TimeZone::UTC).date(), |known| known.site.day_of(at));
        match store.update(id, known, (at, day), |state| decide(state, event.clone(), &terms)).await? {
            Updated::Unchanged(why) => Ok(Some(why)),
            Updated::Committed(stored) => {
                if let Some((due_at, _)) = stored.session.due() {
                    self.rings.push((Ring::Session(id.clone()), due_at));
                }
                self.sessions.insert(id.clone(), *stored);
                Ok(None)
            }
        }
    }

    fn count_duplicate(&mut self) {
        self.tally.processed -= 1;
        self.tally.duplicate += 1;
    }

    async fn flag(&mut self, index: usize, reason: String) -> Result<(), StoreError> {
        let Some(received) = self.received.get(index) else { return Ok(()) };
        let quarantined = Quarantined {
            received_at: received.received_at,
            charger: received.charger.to_string(),
            reason,
            bytes: received.frame.clone().into_owned(),
        };
        self.tally.processed -= 1;
        self.tally.quarantined += 1;
        self.function.store.file(vec![Store::quarantine_item(&quarantined)]).await
    }
}

/// Whether a message may concern a session that has ended: then where and when, and whether it reports the unplug.
/// What arrives within the site's straggler time cannot have missed a settlement and costs no look-up.
fn bears_on_the_past(received: &Received<'_>, sites: &[Arc<SiteInForce>]) -> Option<(ConnectorId, Timestamp, bool)> {
    let (connector, at, unplugs) = match &received.message {
        Message::Status { connector, at, status, .. } => (*connector, *at, status.proves_unplug()),
        Message::Meter { connector, at, .. } => (*connector, *at, false),
        Message::Start { .. }
        | Message::Stop(_)
        | Message::Assigned { .. }
        | Message::SignOfLife(_)
        | Message::Ignored(_) => return None,
    };
    let straggler_seconds = i64::from(sites.get(received.site)?.site.terms.settle_after_minutes) * 60;
    let late = received.received_at.duration_since(at).as_secs() >= straggler_seconds;
    (unplugs || late).then_some((connector, at, unplugs))
}
