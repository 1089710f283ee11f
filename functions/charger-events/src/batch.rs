//! A batch: file facts first, then look the joins up, then decide and commit, then ring, and then answer.
//!
//! Evidence and facts need no condition, so they go in bulk and before any decision: whoever decides later sees them,
//! and a crash in between leaves nothing that a redelivery does not complete.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::envelope::{self, Direction};
use plugtill_adapters::ocpp::Message;
use plugtill_adapters::store::{Quarantined, SiteInForce, Store, StoreError, StoredSession, Updated};
use plugtill_domain::decide::{Event, Nothing, decide};
use plugtill_domain::ids::{ChargerId, SessionId};
use plugtill_domain::incident::Sighting;

use crate::answers::Waiting;
use crate::intake::{self, Received, Refused};
use crate::{BatchError, ChargerEvents, Tally, answers, sightings};

/// Processes a batch of queue message bodies.
pub(crate) async fn process(function: &ChargerEvents, bodies: &[&str]) -> Result<Tally, BatchError> {
    let gathered: Vec<Option<Vec<String>>> = bodies.iter().map(|body| envelope::gathered(body)).collect();
    let messages = bodies.iter().zip(&gathered).flat_map(|(body, frames)| match frames {
        Some(frames) => frames.iter().map(String::as_str).collect(),
        None => vec![*body],
    });
    let mut batch = Batch::read(function, &messages.collect::<Vec<_>>()).await?;
    batch.file().await?;
    batch.take_answers().await?;
    let starts = batch.starts().await?;
    let facts = batch.look_up(&starts).await?;
    let mut joined = batch.join(&starts, &facts)?;
    Box::pin(batch.open_sessions(starts, &facts)).await?;
    batch.file_joined(&mut joined).await?;
    batch.stop_sessions(&joined.transactions).await?;
    batch.look_at_old_evidence().await?;
    let told = sightings::observe(&batch).await?;
    batch.rings.extend(told);
    function.doorbell.ring(std::mem::take(&mut batch.rings), function.clock.now()).await?;
    answers::send(&batch).await?;
    Ok(batch.tally)
}

pub(crate) struct Batch<'f, 'b> {
    pub(crate) function: &'f ChargerEvents,
    pub(crate) sites: Arc<Vec<Arc<SiteInForce>>>,
    pub(crate) received: Vec<Received<'b>>,
    pub(crate) quarantined: Vec<Quarantined>,
    /// Messages in quarantine whose charger waits for an answer: which, of which site, and what they say.
    refused: Vec<(usize, ChargerId, usize, Option<Message>)>,
    /// Chargers whose messages are refused for their clock.
    pub(crate) wrong_clocks: Vec<Sighting>,
    /// Sessions as last committed here: saves reading them again.
    pub(crate) sessions: BTreeMap<SessionId, StoredSession>,
    rings: Vec<(Ring, Timestamp)>,
    pub(crate) tally: Tally,
}

impl<'f, 'b> Batch<'f, 'b> {
    async fn read(function: &'f ChargerEvents, bodies: &[&'b str]) -> Result<Self, StoreError> {
        let mut batch = Self {
            function,
            sites: function.directory.sites().await?,
            received: Vec::with_capacity(bodies.len()),
            quarantined: Vec::new(),
            refused: Vec::new(),
            wrong_clocks: Vec::new(),
            sessions: BTreeMap::new(),
            rings: Vec::new(),
            tally: Tally::default(),
        };
        for body in bodies {
            match intake::read(function, body).await? {
                Ok(received) => batch.received.push(received),
                Err(Refused { quarantined, sighting, waiting }) => {
                    batch.wrong_clocks.extend(sighting);
                    let index = batch.quarantined.len();
                    batch.refused.extend(waiting.map(|(charger, site, said)| (index, charger, site, said)));
                    batch.quarantined.push(quarantined);
                }
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

    /// Decides and commits; remembers the new state and what it makes due.
    pub(crate) async fn apply(
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
        let zone = found.map_or(jiff::tz::TimeZone::UTC, |known| known.site.zone());
        match store.update(id, known, (at, &zone), |state| decide(state, event.clone(), &terms)).await? {
            Updated::Unchanged(why) => Ok(Some(why)),
            Updated::Committed(stored) => {
                if let Some((due_at, _)) = stored.session.due() {
                    self.rings.push((Ring::Session(id.clone()), due_at));
                }
                if let Some((charger, command)) = Store::stop_ring(&stored.session).filter(|_| stored.version == 1) {
                    self.rings.push((Ring::Command(charger, command), at));
                }
                self.tally.sessions.insert(id.clone());
                self.sessions.insert(id.clone(), *stored);
                Ok(None)
            }
        }
    }

    pub(crate) fn count_duplicate(&mut self) {
        self.tally.processed -= 1;
        self.tally.duplicate += 1;
    }

    /// What waits for an answer, in the order received as far as it could be read.
    pub(crate) fn waiting(&self) -> Vec<Waiting<'_>> {
        let read = self.received.iter().filter(|received| received.direction == Direction::In);
        let read = read.map(|received| Waiting {
            charger: received.charger.clone(),
            site: received.site,
            frame: &received.frame,
            message: Ok(&received.message),
        });
        let refused = self.refused.iter().filter_map(|(index, charger, site, said)| {
            let Quarantined { bytes, reason, .. } = self.quarantined.get(*index)?;
            let message = said.as_ref().ok_or(reason.as_str());
            Some(Waiting { charger: charger.clone(), site: *site, frame: bytes, message })
        });
        read.chain(refused).collect()
    }

    /// Moves a message to quarantine.
    pub(crate) async fn flag(&mut self, index: usize, reason: String) -> Result<(), StoreError> {
        self.tally.processed -= 1;
        self.tally.quarantined += 1;
        self.note(index, reason).await
    }

    /// Puts something before a person that a message brought to light.
    pub(crate) async fn note(&self, index: usize, reason: String) -> Result<(), StoreError> {
        let Some(received) = self.received.get(index) else { return Ok(()) };
        let quarantined = Quarantined {
            received_at: received.received_at,
            charger: received.charger.to_string(),
            reason,
            bytes: received.frame.clone().into_owned(),
        };
        self.function.store.file(vec![Store::quarantine_item(&quarantined)]).await
    }
}
