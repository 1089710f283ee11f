//! Connectors as they are at this moment.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::ocpp::Dialect;
use plugtill_adapters::store::{Presence, SiteInForce};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Stopped};
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Surroundings, assess, stay};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::units::{WattHours, Watts, seconds_between};

use crate::access::Caller;
use crate::problem::Problem;
use crate::{Console, words};

/// So many connectors are looked at at once.
const AT_ONCE: usize = 16;
/// A status from before is nothing to go by.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(31 * 24);

/// How a connector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Its charger says that something is broken.
    Faulted,
    /// Its charger is not connected.
    Offline,
    /// Its charger says that it is out of order.
    Unavailable,
    /// A vehicle has charged and stays.
    Idle,
    /// A vehicle charges.
    Charging,
    /// The station withholds power.
    Paused,
    /// A vehicle is plugged in, or about to be.
    Preparing,
    /// It is kept for somebody.
    Reserved,
    /// Anybody may plug in.
    Free,
    /// Nothing was heard of it yet.
    Unknown,
}

/// A connector now.
#[derive(Debug, Clone)]
pub(crate) struct Tile {
    pub(crate) site: SiteId,
    pub(crate) charger: ChargerId,
    pub(crate) connector: ConnectorId,
    pub(crate) state: State,
    pub(crate) running: Option<Running>,
}

/// A session that runs.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) session: SessionId,
    pub(crate) energy: WattHours,
    /// By the last reading; none where there is none yet.
    pub(crate) power: Option<Watts>,
    /// What it would cost if it ended now.
    pub(crate) price: Money,
    pub(crate) idle_since: Option<Timestamp>,
}

/// The sites that somebody sees, or the one of them that is asked for.
pub(crate) async fn sites(
    console: &Console,
    caller: &Caller,
    only: Option<&SiteId>,
) -> Result<Vec<Arc<SiteInForce>>, Problem> {
    let sites = console.desk.directory.sites().await?;
    let seen = sites.iter().filter(|known| caller.sees(Some(&known.site.id)));
    let found: Vec<_> = seen.filter(|known| only.is_none_or(|only| known.site.id == *only)).cloned().collect();
    match only {
        Some(site) if found.is_empty() => Err(Problem::not_found(crate::words::no_site(site.as_str()))),
        Some(_) | None => Ok(found),
    }
}

/// Where a page of connectors ended: at one of them, or at a site that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    site: SiteId,
    connector: Option<(ChargerId, ConnectorId)>,
}

impl std::fmt::Display for Spot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.connector {
            Some((charger, connector)) => write!(f, "{}~{charger}~{connector}", self.site),
            None => write!(f, "{}", self.site),
        }
    }
}

impl FromStr for Spot {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('~');
        let site = parts.next().unwrap_or_default().parse().map_err(|_| words::NO_CURSOR)?;
        let connector = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => None,
            (Some(charger), Some(connector), None) => {
                let charger = charger.parse().map_err(|_| words::NO_CURSOR)?;
                Some((charger, ConnectorId(connector.parse().map_err(|_| words::NO_CURSOR)?)))
            }
            (Some(_), ..) => return Err(words::NO_CURSOR),
        };
        Ok(Self { site, connector })
    }
}

/// Connectors of a site that are on a page together.
pub(crate) struct Group {
    pub(crate) known: Arc<SiteInForce>,
    pub(crate) tiles: Vec<Tile>,
    /// Of so many in all.
    pub(crate) connectors: usize,
}

/// At most `limit` connectors of these sites behind a spot, site by site, and where the next page begins.
pub(crate) async fn groups(
    console: &Console,
    sites: &[Arc<SiteInForce>],
    (after, limit): (Option<&Spot>, usize),
) -> Result<(Vec<Group>, Option<Spot>), Problem> {
    let is_shown = |known: &&Arc<SiteInForce>| {
        after.is_some_and(|spot| known.site.id < spot.site || (known.site.id == spot.site && spot.connector.is_none()))
    };
    let (mut groups, mut left, mut last) = (Vec::new(), limit, None);
    for known in sites.iter().skip_while(is_shown) {
        if left == 0 {
            return Ok((groups, last));
        }
        let all = console.desk.store.connectors_of(&known.site).await?;
        let (connectors, site) = (all.len(), known.site.id.clone());
        let behind = after.filter(|spot| spot.site == site).and_then(|spot| spot.connector.as_ref());
        let mut waiting = all.into_iter().filter(|connector| behind.is_none_or(|behind| connector > behind));
        let shown: Vec<_> = waiting.by_ref().take(left).collect();
        if shown.is_empty() && connectors > 0 {
            // The page before has shown it to its end.
            continue;
        }
        left -= shown.len().max(1);
        last = Some(Spot { site, connector: shown.last().cloned() });
        let is_cut = waiting.next().is_some();
        groups.push(Group { known: Arc::clone(known), tiles: tiles(console, known, shown).await?, connectors });
        if is_cut {
            return Ok((groups, last));
        }
    }
    Ok((groups, None))
}

/// How connectors of a site are, in order.
async fn tiles(
    console: &Console,
    known: &SiteInForce,
    connectors: Vec<(ChargerId, ConnectorId)>,
) -> Result<Vec<Tile>, Problem> {
    let chargers: BTreeSet<&ChargerId> = connectors.iter().map(|(charger, _)| charger).collect();
    let chargers: Vec<ChargerId> = chargers.into_iter().cloned().collect();
    let presences = console.desk.store.presences(&chargers).await?;
    let looks = connectors.into_iter().map(|(charger, connector)| {
        let presence = presences.get(&charger).cloned().unwrap_or_default();
        tile(console, known, (charger, connector), presence)
    });
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

async fn tile(
    console: &Console,
    known: &SiteInForce,
    (charger, connector): (ChargerId, ConnectorId),
    presence: Presence,
) -> Result<Tile, Problem> {
    let (store, now) = (&console.desk.store, console.desk.clock.now());
    let connected = presence.link.is_none_or(|link| link.connected);
    let said = store.last_status(&charger, connector, now - LOOKED_BACK).await?;
    // In 1.6 a start and all that follows it lie among the statuses: where the last of them says that the connector is free,
    // nothing runs there. The events of a 2.0.1 transaction lie elsewhere.
    if said == Some(ConnectorStatus::Available) && presence.dialect == Some(Dialect::V16) {
        let state = if connected { State::Free } else { State::Offline };
        return Ok(Tile { site: known.site.id.clone(), charger, connector, state, running: None });
    }
    let latest = store.sessions_back((&charger, connector), (Timestamp::UNIX_EPOCH, now), 1).await?.pop();
    let is_running = |session: &Session| session.ended_at().is_none() && session.outcome == Outcome::Open;
    let (running, told) = match latest.filter(is_running) {
        Some(session) => running(console, known, &session, now).await.map(|(running, told)| (Some(running), told))?,
        None if said.is_some() => (None, said),
        None => (None, store.status_after(&charger, connector, now - LOOKED_BACK).await?),
    };
    let state = if connected { state(told, running.as_ref()) } else { State::Offline };
    Ok(Tile { site: known.site.id.clone(), charger, connector, state, running })
}

fn state(told: Option<ConnectorStatus>, running: Option<&Running>) -> State {
    if running.is_some_and(|running| running.idle_since.is_some()) {
        return State::Idle;
    }
    match told {
        Some(ConnectorStatus::Faulted) => State::Faulted,
        Some(ConnectorStatus::Unavailable) => State::Unavailable,
        Some(ConnectorStatus::SuspendedEvse) => State::Paused,
        Some(ConnectorStatus::Finishing | ConnectorStatus::SuspendedEv) => State::Idle,
        Some(ConnectorStatus::Charging) => State::Charging,
        Some(_) | None if running.is_some() => State::Charging,
        Some(ConnectorStatus::Available) => State::Free,
        Some(ConnectorStatus::Reserved) => State::Reserved,
        Some(ConnectorStatus::Occupied | ConnectorStatus::Preparing) => State::Preparing,
        None => State::Unknown,
    }
}

async fn running(
    console: &Console,
    known: &SiteInForce,
    session: &Session,
    now: Timestamp,
) -> Result<(Running, Option<ConnectorStatus>), Problem> {
    let mut evidence = console.heard.evidence(&console.desk.store, session, now).await?;
    evidence.sort_by_key(|said| said.at);
    let terms = console.desk.directory.terms(&session.terms).await?;
    let started_at = session.id.started_at;
    let occupied = console.desk.store.occupied(&known.site, &terms, (started_at, now)).await?;
    let around = Surroundings { occupied: &occupied, ..Surroundings::of(session.max_power) };
    let bill = assess(started_at, &evidence, around, &terms).bill.ok();
    let stays = stay(started_at, &evidence, around, &terms, now);
    let running = Running {
        session: session.id.clone(),
        energy: bill.as_ref().map_or(WattHours(0), |bill| bill.energy),
        power: power(&evidence, started_at),
        price: bill.map_or(Money::zero(terms.hold.currency()), |bill| bill.total),
        idle_since: stays.map(|stay| stay.since).or(session.stays_since),
    };
    Ok((running, last_status(&evidence)))
}

/// What the charger said in a session.
pub(crate) async fn evidence(console: &Console, session: &Session) -> Result<Vec<Evidence>, Problem> {
    let frames = console.desk.store.evidence(session).await?;
    let mut evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
    let stop = |stop: Stopped| Evidence { at: stop.at, fact: Fact::Stopped(stop) };
    evidence.extend(session.stopped.clone().map(stop));
    evidence.sort_by_key(|said| said.at);
    Ok(evidence)
}

fn last_status(evidence: &[Evidence]) -> Option<ConnectorStatus> {
    let status = |said: &Evidence| if let Fact::Status(status) = said.fact { Some(status) } else { None };
    evidence.iter().rev().find_map(status)
}

/// As the charger reports it; else what the register rose by between the last two readings.
fn power(evidence: &[Evidence], started_at: Timestamp) -> Option<Watts> {
    let mut readings: Vec<Reading> = Vec::new();
    for said in evidence {
        match &said.fact {
            Fact::Meter { readings: sent, .. } => readings.extend(sent),
            Fact::Started(started) => readings.extend(started.register.map(|it| Reading::of(started_at, it))),
            Fact::Stopped(_) | Fact::Status(_) => {}
        }
    }
    readings.sort_by_key(|reading| reading.at);
    let last = readings.last()?;
    let rise = || {
        let before = readings.iter().rev().find(|reading| reading.at < last.at)?;
        Some(Watts::average(last.register.since(before.register)?, seconds_between(before.at, last.at)))
    };
    last.power.or_else(rise)
}
