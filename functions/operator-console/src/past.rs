//! Sessions looked back on, over all connectors of the sites that somebody sees: the latest first, a page at a time.
//!
//! Each connector keeps its own sessions in order. A page is merged out of the heads of those orders and stops as soon as it
//! is full, or as soon as so many were looked at that the next page may as well go on.

use std::cmp::Reverse;
use std::collections::VecDeque;

use futures_util::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId};
use plugtill_domain::session::{Outcome, Session};

use crate::access::Caller;
use crate::problem::Problem;
use crate::{Console, now};

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Search {
    pub(crate) site: Option<SiteId>,
    pub(crate) charger: Option<ChargerId>,
    pub(crate) outcome: Option<Outcome>,
    /// Started at or after, UTC.
    pub(crate) from: Option<Timestamp>,
    /// Started before, UTC.
    pub(crate) to: Option<Timestamp>,
    /// A part of a session's name, of its tag's, or of its receipt's number.
    pub(crate) text: String,
    /// The session that the page before ended with.
    pub(crate) after: Option<SessionId>,
    pub(crate) limit: usize,
}

/// A page of what was found.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) sessions: Vec<Session>,
    /// Where the next page goes on; none where this was the last. It may go on before this one is full.
    pub(crate) next: Option<SessionId>,
}

/// Where a page stops that finds too little: what it costs to look is bounded, and whoever looks sees how far it came.
const MOST_LOOKED_AT: usize = 100;
/// As many are read of a connector at once, after a beginning with as few as a page of all connectors is likely to need.
const CHUNK: i32 = 25;
/// So many connectors are read at once.
const AT_ONCE: usize = 32;

/// The sessions of one connector, from the latest on.
struct Lane {
    charger: ChargerId,
    connector: ConnectorId,
    read: VecDeque<Session>,
    /// The latest start that was not read yet, UTC; none where all were.
    next_to: Option<Timestamp>,
    /// So many are read next.
    chunk: i32,
}

/// The order of the list: later starts first, then by name.
type Place = (Reverse<Timestamp>, ChargerId, ConnectorId);

fn place(id: &SessionId) -> Place {
    (Reverse(id.started_at), id.charger.clone(), id.connector)
}

impl Search {
    fn wants(&self, session: &Session) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.text.to_lowercase());
        let is_found = self.text.is_empty()
            || has(&session.id.to_string())
            || has(session.id_tag().as_str())
            || session.receipt_number.as_deref().is_some_and(has);
        is_found && self.outcome.is_none_or(|outcome| session.outcome == outcome)
    }

    /// From when to when sessions are read, both included, UTC.
    fn span(&self) -> (Timestamp, Timestamp) {
        let before = |to: Timestamp| to.checked_sub(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MIN);
        let to = self.to.map_or(Timestamp::MAX, before);
        let to = self.after.as_ref().map_or(to, |after| to.min(after.started_at));
        // No charger is older; and years before Christ lie the other way round in keys.
        (self.from.map_or(Timestamp::UNIX_EPOCH, |from| from.max(Timestamp::UNIX_EPOCH)), to)
    }
}

impl Lane {
    async fn fill(&mut self, console: &Console, from: Timestamp) -> Result<(), Problem> {
        let (true, Some(to)) = (self.read.is_empty(), self.next_to) else { return Ok(()) };
        let at = (&self.charger, self.connector);
        let found = console.desk.store.sessions_back(at, (from, to), self.chunk).await?;
        let is_last = found.len() < usize::try_from(self.chunk).unwrap_or_default();
        self.chunk = (self.chunk * 2).min(CHUNK);
        let before = found.last().map(|session| session.id.started_at - SignedDuration::from_millis(1));
        self.next_to = before.filter(|_| !is_last);
        self.read.extend(found);
        Ok(())
    }
}

/// A page of what is looked for.
pub(crate) async fn page(console: &Console, caller: &Caller, search: &Search) -> Result<Page, Problem> {
    let (from, to) = search.span();
    let mut lanes = lanes(console, caller, search, to).await?;
    for some in lanes.chunks_mut(AT_ONCE) {
        try_join_all(some.iter_mut().map(|lane| lane.fill(console, from))).await?;
    }
    let after = search.after.as_ref().map(place);
    let (mut sessions, mut looked_at, mut last) = (Vec::new(), 0, None);
    while sessions.len() < search.limit && looked_at < MOST_LOOKED_AT {
        let heads = lanes.iter().enumerate().filter_map(|(index, lane)| Some((place(&lane.read.front()?.id), index)));
        let Some((at, index)) = heads.min() else { return Ok(Page { sessions, next: None }) };
        let Some(lane) = lanes.get_mut(index) else { return Ok(Page { sessions, next: None }) };
        if let Some(session) = lane.read.pop_front().filter(|_| after.as_ref().is_none_or(|after| at > *after)) {
            looked_at += 1;
            last = Some(session.id.clone());
            sessions.extend(Some(session).filter(|session| search.wants(session)));
        }
        lane.fill(console, from).await?;
    }
    let more = lanes.iter().any(|lane| !lane.read.is_empty());
    Ok(Page { sessions, next: last.filter(|_| more) })
}

async fn lanes(console: &Console, caller: &Caller, search: &Search, to: Timestamp) -> Result<Vec<Lane>, Problem> {
    let mut lanes = Vec::new();
    for known in now::sites(console, caller, search.site.as_ref()).await? {
        for (charger, connector) in console.desk.store.connectors(&known.site.id).await? {
            if search.charger.as_ref().is_none_or(|only| charger == *only) {
                lanes.push(Lane { charger, connector, read: VecDeque::new(), next_to: Some(to), chunk: CHUNK });
            }
        }
    }
    let share = i32::try_from(search.limit / lanes.len().max(1)).unwrap_or(CHUNK);
    for lane in &mut lanes {
        lane.chunk = (share + 1).clamp(2, CHUNK);
    }
    Ok(lanes)
}
