//! What incidents add up to: uptime, how soon people acted, what breaks most.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::{SiteInForce, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId, SiteId};
use plugtill_domain::incident::uptime::{self, Uptime};
use plugtill_domain::incident::{Incident, Kind, Place};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::incidents::LOOKED_BACK;
use crate::{Desk, OrderError};

/// Uptime is that of the twelve months before (23 CFR 680.116(b)).
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
/// The most error codes that are named.
const TOP: usize = 10;

/// The uptime of every connector over the twelve months before an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Availability {
    /// From when, UTC; of what is younger, from its beginning.
    pub from: Timestamp,
    /// Until when, UTC.
    pub to: Timestamp,
    /// Site by site.
    pub sites: Vec<SiteAvailability>,
}

/// The uptime of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteAvailability {
    /// Which.
    pub site: SiteId,
    /// Of all its connectors, in per cent.
    pub percent: Decimal,
    /// Each of them.
    pub connectors: Vec<ConnectorAvailability>,
    /// From the alert to somebody's acknowledgement, in minutes on average.
    pub minutes_to_acknowledge: Option<i64>,
    /// From the first sighting to the end, in minutes on average.
    pub minutes_to_repair: Option<i64>,
    /// What chargers report most, and how many incidents of it.
    pub top_errors: Vec<(String, u64)>,
}

/// The uptime of a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectorAvailability {
    /// Of which charger.
    pub charger: ChargerId,
    /// Which.
    pub connector: ConnectorId,
    /// From when it counts, UTC.
    pub from: Timestamp,
    /// In per cent.
    pub percent: Decimal,
    /// Minutes down that count.
    pub minutes_down: i64,
    /// Minutes down for reasons that were excluded.
    pub minutes_excluded: i64,
    /// Outages.
    pub outages: usize,
}

impl Desk {
    /// Uptime over the twelve months before `until`, UTC.
    pub(crate) async fn availability(&self, until: Option<Timestamp>) -> Result<Availability, OrderError> {
        let to = until.unwrap_or_else(|| self.clock.now());
        let mut sites = Vec::new();
        for known in self.directory.sites().await?.iter() {
            sites.push(self.availability_of(known, to).await?);
        }
        Ok(Availability { from: to - YEAR, to, sites })
    }

    /// A site's uptime over the twelve months before `to`, UTC.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn availability_of(&self, known: &SiteInForce, to: Timestamp) -> Result<SiteAvailability, StoreError> {
        let from = to - YEAR;
        let registered = self.store.registered().await?;
        let added = registered.iter().filter_map(|one| Some((one.entry.id.parse().ok()?, one.added_at)));
        let added: BTreeMap<ChargerId, Timestamp> = added.collect();
        // What began before and lasted into the year counts from the year's beginning.
        let incidents = self.known_incidents(Some(&known.site.id), from - LOOKED_BACK).await?;
        let mut connectors = Vec::new();
        for (charger, connector) in self.store.connectors_of(&known.site).await? {
            let own = incidents.iter().filter(|one| uptime::concerns(one, &charger, connector));
            let first_incident = own.map(|one| one.first_at).min();
            let first_session =
                self.store.first_session(&charger, connector).await?.map(|session| session.id.started_at);
            let known_since = [first_incident, first_session, added.get(&charger).copied()];
            let Some(known_since) = known_since.into_iter().flatten().min() else { continue };
            let period = (known_since.max(from), to);
            let uptime = uptime::of((&charger, connector), incidents.iter(), period);
            connectors.push((ConnectorAvailability::of(charger, connector, period.0, uptime), uptime));
        }
        let touches = |one: &&Incident| one.ended_at.is_none_or(|ended_at| ended_at > from) && one.first_at < to;
        Ok(SiteAvailability::of(&known.site.id, connectors, incidents.iter().filter(touches)))
    }
}

impl ConnectorAvailability {
    fn of(charger: ChargerId, connector: ConnectorId, from: Timestamp, uptime: Uptime) -> Self {
        Self {
            charger,
            connector,
            from,
            percent: uptime.percent(),
            minutes_down: uptime.down / 60,
            minutes_excluded: uptime.excluded / 60,
            outages: uptime.outages,
        }
    }
}

impl SiteAvailability {
    fn of<'a>(
        site: &SiteId,
        connectors: Vec<(ConnectorAvailability, Uptime)>,
        incidents: impl Iterator<Item = &'a Incident> + Clone,
    ) -> Self {
        let sum = |part: fn(&Uptime) -> i64| connectors.iter().map(|(_, uptime)| part(uptime)).sum();
        let all = Uptime {
            period: sum(|uptime| uptime.period),
            down: sum(|uptime| uptime.down),
            excluded: sum(|uptime| uptime.excluded),
            outages: connectors.iter().map(|(_, uptime)| uptime.outages).sum(),
        };
        let response = uptime::response(incidents.clone());
        Self {
            site: site.clone(),
            percent: all.percent(),
            connectors: connectors.into_iter().map(|(connector, _)| connector).collect(),
            minutes_to_acknowledge: response.to_acknowledge.map(|time| time.as_mins()),
            minutes_to_repair: response.to_repair.map(|time| time.as_mins()),
            top_errors: top_errors(incidents),
        }
    }
}

/// What chargers report most: faults by what they say, everything else by its kind.
fn top_errors<'a>(incidents: impl Iterator<Item = &'a Incident>) -> Vec<(String, u64)> {
    let mut counted: BTreeMap<String, u64> = BTreeMap::new();
    for incident in incidents.filter(|incident| !matches!(incident.subject.place, Place::Whole | Place::Session(_))) {
        let kind = incident.subject.kind;
        let said = kind == Kind::ChargerFault && !incident.facts.is_empty();
        let name = if said { incident.facts.clone() } else { kind.as_str().to_owned() };
        *counted.entry(name).or_default() += 1;
    }
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by(|(a, most), (b, count)| (count, a).cmp(&(most, b)));
    counted.truncate(TOP);
    counted
}
