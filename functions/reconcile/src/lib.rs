//! Once a day: closes the days that are over, posts what Stripe kept and paid out, and holds our books against Stripe's.
//!
//! It holds a key that may only read. What it finds it tells, with a repair that it proposes; an operator's order has the
//! session told what Stripe says, and `settle` then moves the money by the session's own rules.

mod silence;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::store::{Audited, Directory, Store, StoreError, Updated, closed_by};
use plugtill_adapters::stripe::{Stripe, StripeFailure};
use plugtill_adapters::watch::Watch;
use plugtill_domain::decide::{Event, Found, decide};
pub use plugtill_domain::reconcile::Reconciliation;
use plugtill_domain::reconcile::{Difference, Index, compare, postings, remedy};
use plugtill_domain::session::Session;
use serde::Serialize;

/// How far back the daily run looks: disputes and late refunds of older payments come as webhooks.
pub const DAYS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A session may be paid so long after its start: holds live for days, pay links are recalled for a month.
const PAID_WITHIN: SignedDuration = SignedDuration::from_hours(60 * 24);

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Reconcile {
    /// The table.
    pub store: Store,
    /// Sites and terms.
    pub directory: Directory,
    /// Stripe, with a key that reads.
    pub stripe: Stripe,
    /// Tells the age of what differs.
    pub clock: Clock,
    /// Tells the operator that the books differ, and that they agree again.
    pub differ: Watch,
    /// Tells that Stripe sends no events; none where it is not asked to.
    pub silent: Option<Watch>,
}

/// Why there is no reconciliation. The next one begins anew.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stripe did not answer.
    #[error("Stripe's books cannot be read: {0}")]
    Stripe(#[from] StripeFailure),
}

/// Posts and compares everything since `since`, UTC.
///
/// # Errors
/// When the table or Stripe does not answer.
pub async fn handle(function: &Reconcile, since: Timestamp) -> Result<Reconciliation, ReconcileError> {
    let statements = function.stripe.statements(since).await?;
    let index = Index::of(&statements);
    let mut sessions = function.sessions(since - PAID_WITHIN).await?;
    let mut posted = 0;
    for session in &mut sessions {
        let terms = function.directory.terms(&session.terms).await?;
        let account = terms.payments.account.as_ref().map(|account| account.id.as_str());
        for found in postings(session, &index, account) {
            posted += 1;
            if let Some(after) = function.post(session, found).await? {
                *session = after;
            }
        }
    }
    let differences = compare(&sessions, &index, function.clock.now());
    function.tell(&differences).await?;
    silence::look(function, &statements.charges).await?;
    let (charges, movements) = (statements.charges.len(), statements.movements.len());
    let (payouts, sessions) = (statements.payouts.len(), sessions.len());
    let at = function.clock.now();
    let compared = Reconciliation { at, since, sessions, charges, movements, payouts, posted, differences };
    function.store.put_reconciliation(&compared).await?;
    Ok(compared)
}

/// Puts the days together that are over at every site, so that a report need not read them one by one.
///
/// # Errors
/// When the table does not answer; the next run does what is left.
pub async fn close_days(function: &Reconcile) -> Result<(), StoreError> {
    let through = closed_by(function.clock.now());
    for known in function.directory.sites().await?.iter() {
        function.store.close_days(&known.site.id, through).await?;
    }
    Ok(())
}

/// A repair, tried or done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is wrong.
    pub difference: Difference,
    /// What is done about it; none where a person has to decide, or where the work is due already.
    pub told: Option<String>,
    /// Whether it was done.
    pub applied: bool,
}

/// Goes through what differs and says what can be put right; with `by` it is done, and stands in the audit trail under
/// that name. Money moves by `settle` afterwards.
///
/// # Errors
/// When the table or Stripe does not answer; what was done by then is kept.
pub async fn repair(function: &Reconcile, since: Timestamp, by: Option<&str>) -> Result<Vec<Step>, ReconcileError> {
    let compared = handle(function, since).await?;
    let mut steps = Vec::with_capacity(compared.differences.len());
    for difference in compared.differences {
        steps.push(function.step(difference, by).await?);
    }
    Ok(steps)
}

impl Reconcile {
    async fn step(&self, difference: Difference, by: Option<&str>) -> Result<Step, StoreError> {
        let nothing = |difference| Step { difference, told: None, applied: false };
        let Some(id) = difference.session.as_ref().and_then(|id| id.parse().ok()) else {
            return Ok(nothing(difference));
        };
        let Some(known) = self.store.session(&id).await? else { return Ok(nothing(difference)) };
        let Some(found) = remedy(&difference, &known.session) else { return Ok(nothing(difference)) };
        let told = format!("{found:?}");
        let Some(by) = by else { return Ok(Step { difference, told: Some(told), applied: false }) };
        let applied = self.post(&known.session, found).await?.is_some();
        let (at, by, session) = (self.clock.now(), by.to_owned(), difference.session.clone());
        let (order, outcome) = (format!("repair: {difference}"), format!("told {told}; applied {applied}"));
        self.store.audit(&Audited { at, by, session, order, outcome }).await?;
        Ok(Step { difference, told: Some(told), applied })
    }

    async fn sessions(&self, since: Timestamp) -> Result<Vec<Session>, StoreError> {
        let mut sessions = Vec::new();
        for known in self.directory.sites().await?.iter() {
            for (charger, connector) in self.store.connectors(&known.site.id).await? {
                sessions.extend(self.store.sessions_since(&charger, connector, since).await?);
            }
        }
        Ok(sessions)
    }

    /// The session after the posting; `None` when it knew.
    async fn post(&self, session: &Session, found: Found) -> Result<Option<Session>, StoreError> {
        let now = self.clock.now();
        let terms = self.directory.terms(&session.terms).await?;
        let zone = self.directory.zone_of(&session.site).await?;
        let known = self.store.session(&session.id).await?;
        let event = Event::Found(found, now);
        let updated = self.store.update(&session.id, known, (now, &zone), |state| decide(state, event.clone(), &terms));
        match updated.await? {
            Updated::Committed(stored) => Ok(Some(stored.session)),
            Updated::Unchanged(_) => Ok(None),
        }
    }

    async fn tell(&self, differences: &[Difference]) -> Result<(), StoreError> {
        let now = self.clock.now();
        for difference in differences {
            tracing::warn!(%difference, "the books differ");
        }
        match differences.first() {
            Some(first) => self.differ.raise(&format!("{}, first {}", differences.len(), first.kind), now).await,
            None if self.differ.open().await?.is_some() => self.differ.recover(now).await,
            None => Ok(()),
        }
    }
}
