//! Stripe refuses the key (F57): all sessions wait, operators are told once, and Stripe is asked rarely.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::{Store, StoreError};
use plugtill_adapters::stripe::StripeFailure;
use plugtill_adapters::watch::Watch;
use plugtill_domain::ids::{IdTag, SessionId};
use plugtill_domain::incident::{Incident, Kind, Subject};
use plugtill_domain::payment::{Payment, Purpose};

use crate::{Settle, SettleError, checkout, session, stripe_events};

/// After a refusal Stripe is not asked for so long, whoever rings.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// A restricted key may lack a permission for one kind of request: Stripe answers 403 to that kind alone.
const FORBIDDEN: u16 = 403;

/// What this function knows of the key. Clones share it.
#[derive(Debug, Clone)]
pub struct Outage {
    watch: Watch,
    refused: Arc<AtomicBool>,
    /// The kinds of move that were forbidden since Stripe last took one that was.
    forbidden: Arc<Mutex<BTreeSet<Purpose>>>,
}

impl Outage {
    /// Nothing known yet. `wall` is the clock on the wall also where the function's own is virtual.
    #[must_use]
    pub fn new(store: Store, incidents: Incidents, wall: Clock) -> Self {
        let watch = Watch::new(store, incidents, Subject::billing(Kind::StripeKeyRefused), wall);
        Self { watch, refused: Arc::default(), forbidden: Arc::default() }
    }

    /// Whether nothing is to be asked that begins with `asked`: the whole key is refused, as far as can be told, or that kind.
    fn concerns(&self, incident: &Incident, asked: Option<Purpose>) -> bool {
        let several = self.kinds().len() > 1;
        several || forbidden(incident).is_none_or(|kind| asked.is_some_and(|purpose| purpose.as_str() == kind))
    }

    fn kinds(&self) -> MutexGuard<'_, BTreeSet<Purpose>> {
        self.forbidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether Stripe refused the key since this was last asked: the secret may hold a newer one by now.
    #[must_use]
    pub fn take_refused(&self) -> bool {
        self.refused.swap(false, Ordering::Relaxed)
    }
}

/// Does all that is due in a session, unless Stripe refused the key a moment ago: then the session stays due. Where only one
/// kind of move is forbidden, the others go on.
pub(crate) async fn session(function: &Settle, id: &SessionId) -> Result<u64, SettleError> {
    let Some(incident) = function.outage.watch.open().await? else {
        return noticed(function, Box::pin(session::work(function, id)).await).await;
    };
    let asked = first_move(function, id).await?;
    if function.outage.concerns(&incident, asked) && is_fresh(function, &incident) {
        return Err(SettleError::KeyRefused);
    }
    let worked = noticed(function, Box::pin(session::work(function, id)).await).await;
    if worked.is_ok() && asked.is_some_and(|purpose| proves(&incident, purpose)) {
        function.outage.kinds().clear();
        function.outage.watch.recover(function.clock.now()).await?;
    }
    worked
}

/// The same for a driver at Stripe's page.
pub(crate) async fn checkout(function: &Settle, token: &IdTag) -> Result<(), SettleError> {
    refused_before(function).await?;
    noticed(function, Box::pin(checkout::work(function, token)).await).await
}

/// The same for what Stripe says has happened.
pub(crate) async fn stripe_object(function: &Settle, object: &str) -> Result<(), SettleError> {
    refused_before(function).await?;
    noticed(function, Box::pin(stripe_events::work_on_object(function, object)).await).await
}

/// Nothing is asked a moment after the whole key was refused.
async fn refused_before(function: &Settle) -> Result<(), SettleError> {
    let open = function.outage.watch.open().await?;
    let pauses = |incident: &Incident| function.outage.concerns(incident, None) && is_fresh(function, incident);
    if open.as_ref().is_some_and(pauses) { Err(SettleError::KeyRefused) } else { Ok(()) }
}

fn is_fresh(function: &Settle, incident: &Incident) -> bool {
    // A clock that was set back must not keep Stripe from being asked for so much longer.
    function.clock.now().duration_since(incident.last_at).abs() < PAUSE
}

/// Tells operators when Stripe refused the key. The work waits in either case.
async fn noticed<T>(function: &Settle, worked: Result<T, SettleError>) -> Result<T, SettleError> {
    if let Err(SettleError::Stripe { key, source: StripeFailure::KeyRefused { status } }) = &worked {
        function.outage.refused.store(true, Ordering::Relaxed);
        function.outage.kinds().extend(kind_of(key).filter(|_| *status == FORBIDDEN));
        function.outage.watch.raise(&facts(*status, key), function.clock.now()).await?;
    }
    worked
}

/// The move that the session asks Stripe for first. A session that asks for none says nothing about the key.
async fn first_move(function: &Settle, id: &SessionId) -> Result<Option<Purpose>, StoreError> {
    let Some(stored) = function.store.session(id).await? else { return Ok(None) };
    let session = stored.session;
    let asks = |payment: &&Payment| payment.intent.is_some() || session.payer.is_some();
    Ok(session.next_payment().filter(asks).map(|payment| payment.purpose))
}

/// `HTTP 401`; for a 403 with the kind of move that was refused, which its idempotency key begins with.
fn facts(status: u16, key: &str) -> String {
    match kind_of(key).filter(|_| status == FORBIDDEN) {
        Some(purpose) => format!("HTTP {status} on {}", purpose.as_str()),
        None => format!("HTTP {status}"),
    }
}

/// The kind of move that an idempotency key belongs to.
fn kind_of(key: &str) -> Option<Purpose> {
    let moves = [Purpose::Hold, Purpose::Raise, Purpose::Capture, Purpose::Release, Purpose::TopUp, Purpose::Refund];
    moves.into_iter().find(|purpose| key.split(':').next() == Some(purpose.as_str()))
}

/// Whether a move that Stripe took shows that the fault is over: of another kind than the one that is forbidden, it
/// does not, and the incident would end and open with every other move.
fn proves(incident: &Incident, purpose: Purpose) -> bool {
    forbidden(incident).is_none_or(|refused| refused == purpose.as_str())
}

/// The kind of move that alone is refused, as [`facts`] wrote it.
fn forbidden(incident: &Incident) -> Option<&str> {
    incident.facts.rsplit_once(" on ").map(|(_, refused)| refused)
}

#[cfg(test)]
mod tests {
    use plugtill_domain::incident::{Rules, Sighting, observe};

    use super::*;

    fn refused(status: u16, key: &str) -> Incident {
        let at = "2026-03-02T09:00:00Z".parse().unwrap();
        let seen = Sighting::now(Subject::billing(Kind::StripeKeyRefused), facts(status, key), false, at);
        observe(None, &seen, &Rules::default()).unwrap()
    }

    #[test]
    fn a_key_that_was_revoked_works_again_with_whatever_stripe_takes() {
        let revoked = refused(401, "capture:CP1~1~2026-03-02T09:00:00.000Z:1");
        assert_eq!(revoked.facts, "HTTP 401");
        assert!(proves(&revoked, Purpose::Hold) && proves(&revoked, Purpose::Capture));
    }

    #[test]
    fn a_permission_that_one_kind_of_move_lacks_is_there_when_stripe_takes_that_kind() {
        let forbidden = refused(403, "refund:CP1~1~2026-03-02T09:00:00.000Z:1");
        assert_eq!(forbidden.facts, "HTTP 403 on refund");
        assert!(proves(&forbidden, Purpose::Refund) && !proves(&forbidden, Purpose::Hold));
        let other = refused(403, "something else");
        assert!(proves(&other, Purpose::Hold), "a kind that is not known must not keep the incident open");
    }
}
