//! Billing that stops makes no noise: ended sessions that stay unsettled are an incident of their own.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::{Due, StoreError};
use plugtill_domain::incident::{BillingFault, Subject};
use plugtill_domain::session::{Session, Work};

use crate::Sweep;

/// An ended session is settled within this time of being due; beyond it somebody has to look.
const SETTLED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// The most sessions that are looked at: one request to the table.
const LOOKED_AT: usize = 100;

/// Opens the incident when the due-index shows sessions that should have been settled, and ends it when it shows none.
pub(crate) async fn look(function: &Sweep, due: &[(Due, Timestamp)], now: Timestamp) -> Result<(), StoreError> {
    let open = function.stopped.open().await?.is_some();
    match (unsettled(function, due, now).await?, open) {
        (Some(facts), false) if !refused_lately(function, now).await? => function.stopped.raise(&facts, now).await,
        (None, true) => function.stopped.recover(now).await,
        (Some(_), _) | (None, false) => Ok(()),
    }
}

/// How many ended sessions are overdue, and since when; `None` when none is. The index lags, so the table has the say.
async fn unsettled(function: &Sweep, due: &[(Due, Timestamp)], now: Timestamp) -> Result<Option<String>, StoreError> {
    let overdue = due.iter().filter(|(_, at)| is_overdue(*at, now));
    let named = overdue.filter_map(|(due, _)| if let Due::Session(id) = due { Some(id.clone()) } else { None });
    let ids: Vec<_> = named.take(LOOKED_AT).collect();
    if ids.is_empty() {
        return Ok(None);
    }
    let sessions = function.store.sessions_named(&ids).await?;
    let since: Vec<Timestamp> = sessions.iter().filter_map(|session| waiting_since(session, now)).collect();
    let more = if since.len() == LOOKED_AT { "or more" } else { "" };
    Ok(since.iter().min().map(|oldest| format!("{}{more}, due since {oldest:.0}", since.len())))
}

/// Since when an ended session waits to be settled, if it is overdue.
fn waiting_since(session: &Session, now: Timestamp) -> Option<Timestamp> {
    let (at, work) = session.due()?;
    let settles = match work {
        Work::Settle | Work::Pay => session.stopped.is_some(),
        Work::RenewHold | Work::Watch | Work::Remind => false,
    };
    (settles && is_overdue(at, now)).then_some(at)
}

fn is_overdue(due_at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(due_at) > SETTLED_WITHIN
}

/// Whether Stripe refuses the key, or did until a moment ago: then operators know why, and what waited is catching up.
async fn refused_lately(function: &Sweep, now: Timestamp) -> Result<bool, StoreError> {
    let stored = function.store.incident(Subject::Billing(BillingFault::StripeKeyRefused)).await?;
    Ok(stored.incident.is_some_and(|incident| !incident.recovered_at.is_some_and(|over| is_overdue(over, now))))
}
