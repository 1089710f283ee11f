//! After every step: nothing that was seen of a session may be taken back, and what is overdue is told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::{Store, StoreError};
use plugtill_domain::closing::{EndCause, SILENCE};
use plugtill_domain::incident::{Incident, Kind, Subject};
use plugtill_domain::session::{Outcome, Session, Work};

use crate::invariants::{Broken, of_session};

/// A session that should have been settled so long ago is nobody's secret: 15 minutes, the sweep's own minute, and what
/// faults cost it.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(2);

/// What was seen of each session.
#[derive(Debug, Default)]
pub(in crate::simulate) struct Seen {
    sessions: BTreeMap<String, Known>,
    /// When each charger last said something that arrived.
    heard: BTreeMap<String, Timestamp>,
    pub(in crate::simulate) redriven: usize,
}

#[derive(Debug)]
struct Known {
    session: Session,
    /// The highest bill so far, minor units.
    highest: i64,
}

impl Seen {
    /// A message of a charger arrives at `at`.
    pub(in crate::simulate) fn hear(&mut self, charger: &str, at: Timestamp) {
        self.heard.insert(charger.to_owned(), at);
    }

    /// Looks at sessions as they now are.
    pub(in crate::simulate) fn look(&mut self, sessions: &[Session], now: Timestamp) -> Vec<Broken> {
        let mut broken = Vec::new();
        for session in sessions {
            let id = session.id.to_string();
            let before = self.sessions.get(&id);
            if before.is_some_and(|known| known.session == *session) {
                continue;
            }
            broken.extend(of_session(session));
            if let Some(what) = before.and_then(|known| backward(&known.session, session)) {
                broken.push(Broken::new("I6", format!("{id}: {what}")));
            }
            broken.extend(self.closed_too_soon(session, now));
            let billed = session.bill.as_ref().map_or(0, |bill| bill.total.minor());
            let highest = before.map_or(billed, |known| known.highest.max(billed));
            if session.captured().minor() > highest {
                broken.push(Broken::new("I3", format!("{id}: {} taken, never billed", session.captured())));
            }
            self.sessions.insert(id, Known { session: session.clone(), highest });
        }
        broken
    }

    /// Looks at all there are: none may be missing.
    pub(in crate::simulate) fn look_at_all(&mut self, sessions: &[Session], now: Timestamp) -> Vec<Broken> {
        let mut broken = self.look(sessions, now);
        let there: BTreeSet<String> = sessions.iter().map(|session| session.id.to_string()).collect();
        let gone = self.sessions.keys().filter(|id| !there.contains(*id));
        broken.extend(gone.map(|id| Broken::new("I6", format!("{id} is no more"))));
        broken
    }

    /// A session is closed for silence only if its charger was silent, counted from its last sign of life.
    fn closed_too_soon(&self, session: &Session, now: Timestamp) -> Option<Broken> {
        let closed = session.closed.filter(|closed| closed.cause == EndCause::Silence)?;
        let known = self.sessions.get(&session.id.to_string());
        let new = known.is_none_or(|known| known.session.closed != Some(closed));
        let heard = self.heard.get(session.id.charger.as_str())?;
        let silent = now.duration_since(*heard);
        let what = || format!("{} is closed for silence after {silent:#}", session.id);
        (new && silent < SILENCE).then(|| Broken::new("I4", what()))
    }

    /// Whether a session waits to be settled for longer than anybody should have to find out by themselves.
    fn is_overdue(&self, now: Timestamp) -> Option<&Session> {
        let overdue = |session: &&Session| {
            let settles = matches!(session.due(), Some((_, Work::Settle | Work::Pay)));
            let since = session.due().map(|(at, _)| at);
            settles && session.ended_at().is_some() && since.is_some_and(|at| now.duration_since(at) > TOLD_WITHIN)
        };
        self.sessions.values().map(|known| &known.session).find(overdue)
    }

    /// Billing that stops is told (I13).
    pub(in crate::simulate) async fn unnoticed(
        &self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<Broken>, StoreError> {
        let Some(session) = self.is_overdue(now) else { return Ok(None) };
        for kind in [Kind::BillingStopped, Kind::StripeKeyRefused] {
            let stored = store.incident(Subject::billing(kind)).await?;
            if stored.incident.as_ref().is_some_and(Incident::is_going_on) {
                return Ok(None);
            }
        }
        let what = format!("{} waits since {:?}, and nobody is told that billing stopped", session.id, session.due());
        Ok(Some(Broken::new("I13", what)))
    }
}

/// What a session has taken back.
fn backward(before: &Session, after: &Session) -> Option<String> {
    if before.outcome != Outcome::Open && after.outcome == Outcome::Open {
        return Some(format!("was {:?} and is open again", before.outcome));
    }
    if before.terms != after.terms {
        return Some("is pinned to other terms".to_owned());
    }
    if before.receipt_number.is_some() && before.receipt_number != after.receipt_number {
        return Some("bears another receipt number".to_owned());
    }
    for (index, payment) in before.payments.iter().enumerate() {
        let Some(now) = after.payments.get(index) else { return Some(format!("payment {index} is gone")) };
        if payment.id() != now.id() || payment.is_done() && (!now.is_done() || payment.amount != now.amount) {
            return Some(format!("payment {index} was {payment:?} and is {now:?}"));
        }
    }
    None
}
