//! What a function sees to be wrong becomes an incident: read, decided, stored under a condition, rung for.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Incident, Rules, Sighting, Subject, observe};

use crate::doorbell::{Doorbell, Ring};
use crate::store::{Directory, Store, StoreError};

/// Brings sightings to their incidents.
#[derive(Debug, Clone)]
pub struct Incidents {
    store: Store,
    directory: Directory,
    doorbell: Doorbell,
}

impl Incidents {
    /// Incidents in `store`, by the rules of the sites in `directory`.
    #[must_use]
    pub const fn new(store: Store, directory: Directory, doorbell: Doorbell) -> Self {
        Self { store, directory, doorbell }
    }

    /// How a site wants to be told; of no site, the usual.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn rules(&self, site: Option<&SiteId>) -> Result<Rules, StoreError> {
        let Some(site) = site else { return Ok(Rules::default()) };
        Ok(self.directory.site(site).await?.map(|known| known.site.rules()).unwrap_or_default())
    }

    /// Stores what was seen; returns the doorbells to ring.
    ///
    /// # Errors
    /// When the table does not answer, or writers keep overtaking each other.
    pub async fn store(&self, seen: Vec<Sighting>) -> Result<Vec<(Ring, Timestamp)>, StoreError> {
        let mut by_subject: BTreeMap<Subject, Vec<Sighting>> = BTreeMap::new();
        for sighting in seen {
            by_subject.entry(sighting.subject.clone()).or_default().push(sighting);
        }
        let known = self.store.incidents_of(by_subject.keys().cloned().collect()).await?;
        let mut rings = Vec::new();
        for known in known {
            let Some(mut seen) = by_subject.remove(&known.subject) else { continue };
            seen.sort_by_key(|sighting| sighting.at);
            let before = known.version;
            let nothing_to_end = !known.incident.as_ref().is_some_and(Incident::is_going_on);
            if nothing_to_end && seen.iter().all(|sighting| sighting.well) {
                continue;
            }
            let rules = self.rules(known.subject.site.as_ref()).await?;
            let stored = self.store.update_incident(known, |incident| all(incident, &seen, &rules)).await?;
            rings.extend(stored.ring().filter(|_| stored.version != before));
        }
        Ok(rings)
    }

    /// The same, and rings. A doorbell that fails only delays: what is to be told is due in the item.
    ///
    /// # Errors
    /// When the table does not answer, or writers keep overtaking each other.
    pub async fn tell(&self, seen: Vec<Sighting>, now: Timestamp) -> Result<(), StoreError> {
        let rings = self.store(seen).await?;
        self.ring(rings, now).await;
        Ok(())
    }

    /// Rings for what is due of incidents; what cannot be rung for is found by `sweep`.
    pub async fn ring(&self, rings: Vec<(Ring, Timestamp)>, now: Timestamp) {
        if let Err(error) = self.doorbell.ring(rings, now).await {
            tracing::warn!(%error, "sweep will ring for the incident");
        }
    }
}

/// The incident after the sightings in their own order; `None` when nothing changed.
fn all(known: Option<&Incident>, seen: &[Sighting], rules: &Rules) -> Option<Incident> {
    let mut latest: Option<Incident> = None;
    for sighting in seen {
        latest = observe(latest.as_ref().or(known), sighting, rules).or(latest);
    }
    latest
}
