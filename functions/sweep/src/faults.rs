//! Billing that stops makes no noise: what should have been done by now and was not is an incident of its own.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::{Due, Store, StoreError};
use plugtill_adapters::watch::Watch;
use plugtill_domain::incident::{Kind, Subject};
use plugtill_domain::session::{RENEW_BEFORE, Session, Work};

use crate::Sweep;

/// An ended session is settled within this time of being due; beyond it somebody has to look.
const SETTLED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// A hold is renewed or captured within this time of being due.
const RENEWED_WITHIN: SignedDuration = SignedDuration::from_mins(30);
/// Stripe tells within this time what became of a move, or somebody has to ask it.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(1);
const LOOK_EVERY_MINUTES: i64 = 5;
/// The most sessions that are looked at: one request to the table.
const LOOKED_AT: usize = 100;

/// The faults that show in what is overdue.
#[derive(Debug, Clone)]
pub struct Watches {
    /// Ended sessions are not settled.
    pub stopped: Watch,
    /// A hold is about to lapse.
    pub lapsing: Watch,
    /// Stripe does not tell what became of a move.
    pub unknown: Watch,
    /// Messages could not be handled.
    pub dead: Watch,
}

impl Watches {
    /// `wall` is the clock on the wall also where the function's own is virtual.
    #[must_use]
    pub fn new(store: &Store, incidents: &Incidents, wall: &Clock) -> Self {
        let watch = |kind| Watch::new(store.clone(), incidents.clone(), Subject::billing(kind), wall.clone());
        Self {
            stopped: watch(Kind::BillingStopped),
            lapsing: watch(Kind::CaptureOverdue),
            unknown: watch(Kind::PaymentUnknown),
            dead: watch(Kind::DeadLetters),
        }
    }
}

/// Opens the incidents of what the due-index shows, and ends those of what it no longer shows; whether there was any.
pub(crate) async fn look(function: &Sweep, due: &[(Due, Timestamp)], now: Timestamp) -> Result<bool, StoreError> {
    let sessions = overdue(function, due, now).await?;
    let Watches { stopped, lapsing, unknown, .. } = &function.watches;
    let seen = [
        (stopped, facts(&sessions, |session| unsettled_since(session, now))),
        (lapsing, facts(&sessions, |session| lapsing_since(session, now))),
        (unknown, facts(&sessions, |session| unknown_since(session, now))),
    ];
    metrics::counter!("BillingStopped").increment(u64::from(seen[0].1.is_some()));
    let mut told = false;
    for (watch, facts) in seen {
        match (facts, watch.open().await?.is_some()) {
            (Some(facts), false) if !refused_lately(function, now).await? => watch.raise(&facts, now).await?,
            (None, true) => watch.recover(now).await?,
            (Some(_), _) | (None, false) => continue,
        }
        told = true;
    }
    Ok(told)
}

/// Looks now and then what queues have given up on: a request a queue each time, which is paid for. Whether there is news.
pub(crate) async fn look_at_dead_letters(function: &Sweep, now: Timestamp) -> Result<bool, StoreError> {
    if now.as_second().div_euclid(60) % LOOK_EVERY_MINUTES != 0 {
        return Ok(false);
    }
    let waiting = match function.dead_letters.waiting().await {
        Ok(waiting) => waiting,
        Err(error) => {
            tracing::warn!(%error, "looked at again in some minutes");
            return Ok(false);
        }
    };
    let dead = &function.watches.dead;
    match (waiting.is_empty(), dead.open().await?.is_some()) {
        (true, true) => dead.recover(now).await?,
        (false, false) => {
            let facts: Vec<_> = waiting.iter().map(|(queue, count)| format!("{count} in {queue}")).collect();
            dead.raise(&facts.join(", "), now).await?;
        }
        (true, false) | (false, true) => return Ok(false),
    }
    Ok(true)
}

/// The sessions that have been due for a while. The index lags, so the table has the say.
async fn overdue(function: &Sweep, due: &[(Due, Timestamp)], now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let overdue = due.iter().filter(|(_, at)| is_overdue(*at, now));
    let named = overdue.filter_map(|(due, _)| if let Due::Session(id) = due { Some(id.clone()) } else { None });
    let ids: Vec<_> = named.take(LOOKED_AT).collect();
    if ids.is_empty() { Ok(Vec::new()) } else { function.store.sessions_named(&ids).await }
}

/// How many, and since when; `None` when none is.
fn facts(sessions: &[Session], since: impl Fn(&Session) -> Option<Timestamp>) -> Option<String> {
    let since: Vec<Timestamp> = sessions.iter().filter_map(since).collect();
    let more = if since.len() == LOOKED_AT { "or more" } else { "" };
    since.iter().min().map(|oldest| format!("{}{more}, due since {oldest:.0}", since.len()))
}

/// Since when an ended session waits to be settled, if it is overdue.
fn unsettled_since(session: &Session, now: Timestamp) -> Option<Timestamp> {
    let (at, work) = session.due()?;
    let settles = match work {
        Work::Settle | Work::Pay => session.ended_at().is_some(),
        Work::RenewHold | Work::Watch | Work::Check | Work::Remind => false,
    };
    (settles && is_overdue(at, now)).then_some(at)
}

/// Since when a hold that is about to lapse should have been renewed or captured.
fn lapsing_since(session: &Session, now: Timestamp) -> Option<Timestamp> {
    let holds = session.active_holds();
    let due = holds.iter().filter_map(|hold| Some(hold.capture_before? - RENEW_BEFORE)).min()?;
    (now.duration_since(due) > RENEWED_WITHIN).then_some(due)
}

/// Since when a running session's move is asked for whose outcome Stripe does not tell. Of an ended one operators know by
/// then that it is not settled: nobody is told the same twice.
fn unknown_since(session: &Session, now: Timestamp) -> Option<Timestamp> {
    let running = session.stopped.is_none().then_some(session)?;
    let since = running.next_payment()?.intended_since()?;
    (now.duration_since(since) > TOLD_WITHIN).then_some(since)
}

fn is_overdue(due_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(due_at) > SETTLED_WITHIN
}

/// Whether Stripe refuses the key, or did until a moment ago: then operators know why, and what waited is catching up.
async fn refused_lately(function: &Sweep, now: Timestamp) -> Result<bool, StoreError> {
    let stored = function.store.incident(Subject::billing(Kind::StripeKeyRefused)).await?;
    Ok(stored.incident.is_some_and(|incident| !incident.ended_at.is_some_and(|over| is_overdue(over, now))))
}
