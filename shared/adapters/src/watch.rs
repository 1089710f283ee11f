//! A fault, watched by the function that notices it.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::incident::{Incident, Sighting, Subject};

use crate::clock::Clock;
use crate::incidents::Incidents;
use crate::store::{Store, StoreError};

/// How long the incident is remembered. A function that runs many times over may have opened it elsewhere: without a
/// look at the table now and then, an end that only this one sees would never be told.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// Raises and ends the incident of one fault, and remembers it, so that a function without a fault asks the table once
/// a quarter of an hour. Clones share what they remember.
#[derive(Debug, Clone)]
pub struct Watch {
    store: Store,
    incidents: Incidents,
    subject: Subject,
    wall: Clock,
    seen: Arc<Mutex<Option<Seen>>>,
}

#[derive(Debug, Clone)]
struct Seen {
    incident: Option<Incident>,
    at: Timestamp,
}

impl Watch {
    /// Watches a fault. `wall` is the clock on the wall also where the function's own is virtual: it only tells how
    /// long to remember.
    #[must_use]
    pub fn new(store: Store, incidents: Incidents, subject: Subject, wall: Clock) -> Self {
        Self { store, incidents, subject, wall, seen: Arc::default() }
    }

    /// The incident while it is open, as far as remembered.
    ///
    /// # Errors
    /// When the table does not answer or the item cannot be read.
    pub async fn open(&self) -> Result<Option<Incident>, StoreError> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A clock that was set back must not make this remembered for so much longer.
        let fresh = seen.filter(|seen| self.wall.now().duration_since(seen.at).abs() < REMEMBERED_FOR);
        let incident = match fresh {
            Some(seen) => seen.incident,
            None => self.remember(self.store.incident(self.subject.clone()).await?.incident),
        };
        Ok(incident.filter(Incident::is_open))
    }

    /// The fault is there at `now`, UTC: opens its incident, or counts it. `facts` are a few words for the text message.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn raise(&self, facts: &str, now: Timestamp) -> Result<(), StoreError> {
        self.see(Sighting::now(self.subject.clone(), facts, false, now)).await
    }

    /// The fault is over at `now`, UTC.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn recover(&self, now: Timestamp) -> Result<(), StoreError> {
        self.see(Sighting::now(self.subject.clone(), "", true, now)).await
    }

    async fn see(&self, sighting: Sighting) -> Result<(), StoreError> {
        let now = sighting.at;
        self.incidents.tell(vec![sighting], now).await?;
        self.remember(self.store.incident(self.subject.clone()).await?.incident);
        Ok(())
    }

    fn remember(&self, incident: Option<Incident>) -> Option<Incident> {
        let seen = Seen { incident: incident.clone(), at: self.wall.now() };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        incident
    }
}
