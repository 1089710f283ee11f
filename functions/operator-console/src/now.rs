//! Connectors as they are at this moment.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Stopped};
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Surroundings, assess, stay};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::units::{WattHours, Watts, seconds_between};

use crate::Console;
use crate::access::Caller;
use crate::problem::Problem;

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

/// The connectors of a site, in order.
pub(crate) async fn tiles(console: &Console, known: &SiteInForce) -> Result<Vec<Tile>, Problem> {
    let connectors = console.desk.connectors(known).await?;
    let looks = connectors.into_iter().map(|(charger, connector)| tile(console, known, charger, connector));
    stream::iter(looks).buffered(AT_ONCE).try_collect().await
}

async fn tile(
    console: &Console,
    known: &SiteInForce,
    charger: ChargerId,
    connector: ConnectorId,
) -> Result<Tile, Problem> {
    let (store, now) = (&console.desk.store, console.desk.clock.now());
    let latest = store.sessions_back((&charger, connector), (Timestamp::UNIX_EPOCH, now), 1).await?.pop();
    let is_running = |session: &Session| session.ended_at().is_none() && session.outcome == Outcome::Open;
    let (running, told) = match latest.filter(is_running) {
        Some(session) => running(console, known, &session, now).await.map(|(running, told)| (Some(running), told))?,
        None => (None, store.status_after(&charger, connector, now - LOOKED_BACK).await?),
    };
    let connected = store.presence(&charger).await?.link.is_none_or(|link| link.connected);
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
    let evidence = evidence(console, session).await?;
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
