//! What is due in one session, step after step. Each step is decided, committed, and only then performed.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::ocpp::missing;
use plugtill_adapters::signatures;
use plugtill_adapters::store::{Quarantined, Store, StoreError, StoredFrame, StoredSession, Updated};
use plugtill_adapters::stripe::minimum_charge;
use plugtill_domain::closing::{self, Signs};
use plugtill_domain::decide::{Assessment, Decision, Event, decide};
use plugtill_domain::evidence::{Evidence, Fact};
use plugtill_domain::idle::Occupied;
use plugtill_domain::ids::{ConnectorId, SessionId};
use plugtill_domain::incident::{Kind, Subject};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Assessed, Surroundings, assess, flat_at, stay};
use plugtill_domain::session::{Session, Work};
use plugtill_domain::site::Terms;
use plugtill_domain::timeline::others_since;
use plugtill_domain::units::WattHours;
use plugtill_domain::watch::Running;

use crate::{Settle, SettleError, payment, sightings};

/// A session never needs more steps at once: two holds, a capture, a top-up, two refunds, two assessments.
const STEPS: usize = 16;
/// `sweep` finds within a minute what nobody rang for.
const IN_TIME: SignedDuration = SignedDuration::from_mins(15);

/// Does all that is due now; returns how many frames were moved to quarantine.
pub(crate) async fn work(function: &Settle, id: &SessionId) -> Result<u64, SettleError> {
    let mut quarantined = 0;
    let mut current = function.store.session(id).await?;
    for _ in 0..STEPS {
        let Some(stored) = current else { return Ok(quarantined) };
        let now = function.clock.now();
        let event = match stored.session.due() {
            None => return Ok(quarantined),
            Some((due_at, _)) if due_at > now => {
                function.doorbell.ring(vec![(Ring::Session(id.clone()), due_at)], now).await?;
                return Ok(quarantined);
            }
            Some((_, Work::Pay)) => {
                let terms = function.directory.terms(&stored.session.terms).await?;
                let next = stored.session.next_payment().and_then(|next| Some((next, next.intended_since()?)));
                let Some(next) = next else { return Ok(quarantined) };
                Box::pin(payment::perform(function, &stored.session, &terms, next, now)).await?
            }
            Some((_, Work::RenewHold)) => Event::HoldExpiring(now),
            Some((_, Work::Remind)) => Event::ReminderDue(now),
            Some((_, Work::Check)) => Event::Checked(signs(function, &stored.session, now).await?),
            Some((_, Work::Watch)) => Event::Looked(running(function, &stored.session, now).await?),
            Some((_, Work::Settle)) => {
                let (event, left_out) = settle(function, &stored.session, now).await?;
                quarantined += left_out;
                event
            }
        };
        let asked_before = stored.session.stop_asked.is_some();
        current = commit(function, stored, event, now).await?;
        let stop = current.as_ref().filter(|_| !asked_before).and_then(|stored| Store::stop_ring(&stored.session));
        if let Some((charger, id)) = stop {
            function.doorbell.ring(vec![(Ring::Command(charger, id), now)], now).await?;
        }
    }
    Ok(quarantined)
}

/// Prices the evidence as it stands. Frames that cannot be believed go to quarantine with their bytes.
async fn settle(function: &Settle, session: &Session, now: Timestamp) -> Result<(Event, u64), SettleError> {
    let frames = function.store.evidence(session).await?;
    sightings::tell_of_missing(function, session, missing(frames.iter().filter_map(|frame| frame.seq_no)), now).await?;
    let terms = function.directory.terms(&session.terms).await?;
    let (mut evidence, mut frame_of) = (Vec::<Evidence>::new(), Vec::new());
    for (index, frame) in frames.iter().enumerate() {
        frame_of.resize(frame_of.len() + frame.evidence.len(), index);
        evidence.extend_from_slice(&frame.evidence);
    }
    // The head carries the stop that counts; its frame lies in the charger's partition and would cost a read.
    evidence.extend(session.stopped.clone().map(|stop| Evidence { at: stop.at, fact: Fact::Stopped(stop) }));
    let occupied = occupied(function, session, &terms, now).await?;
    let around = Surroundings { occupied: &occupied, ..Surroundings::of(session.max_power) };
    let assessed = assess(session.id.started_at, &evidence, around, &terms);
    let left_out = quarantine(function, session, (&frames, &frame_of), &assessed).await?;
    let minimum = minimum_charge(terms.tariff.currency);
    let Assessed { bill, unplugged, .. } = assessed;
    let bill = bill.and_then(|bill| signatures::judge(&frames, &bill).map(|()| bill));
    Ok((Event::Assessed(Assessment { at: now, bill, unplugged, minimum }), left_out))
}

/// What the session would cost if it ended now, and whether its vehicle has charged and stays.
async fn running(function: &Settle, session: &Session, now: Timestamp) -> Result<Running, SettleError> {
    let frames = function.store.evidence(session).await?;
    let terms = function.directory.terms(&session.terms).await?;
    let mut evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
    evidence.extend(session.stopped.clone().map(|stop| Evidence { at: stop.at, fact: Fact::Stopped(stop) }));
    let occupied = occupied(function, session, &terms, now).await?;
    let around = Surroundings { occupied: &occupied, ..Surroundings::of(session.max_power) };
    let started_at = session.id.started_at;
    let bill = assess(started_at, &evidence, around, &terms).bill.ok();
    let seen_at = evidence.iter().map(|e| e.at).max().unwrap_or(started_at).min(now);
    // Evidence that cannot be priced yet says nothing; what follows may.
    let price = bill.as_ref().map_or(Money::zero(terms.hold.currency()), |bill| bill.total);
    let energy = bill.map_or(WattHours(0), |bill| bill.energy);
    let (stay, flat_at) = if session.stay_watch.is_some() && session.closed.is_none() {
        (stay(started_at, &evidence, around, &terms, now), flat_at(started_at, &evidence, around, &terms))
    } else {
        (None, now)
    };
    Ok(Running { at: now, seen_at, price, energy, stay, flat_at })
}

/// What is known of a session whose stop may be lost.
async fn signs(function: &Settle, session: &Session, now: Timestamp) -> Result<Signs, StoreError> {
    let frames = function.store.evidence(session).await?;
    let mut heard_at = function.store.presence(&session.id.charger).await?.heard_at;
    heard_at = heard_at.max(frames.iter().map(|frame| frame.received_at).max());
    let is_silent = |heard_at: Option<Timestamp>| heard_at.is_none_or(|at| at + closing::SILENCE <= now);
    if is_silent(heard_at) {
        heard_at = heard_at.max(heard_elsewhere(function, session, now).await?);
    }
    let mut evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
    let started_at = session.id.started_at;
    let others_since = others_since(started_at, &evidence);
    evidence.retain(|e| others_since.is_none_or(|others| e.at < others));
    Ok(Signs {
        last_evidence_at: evidence.iter().map(|e| e.at).max().unwrap_or(started_at).max(started_at),
        heard_at: heard_at.unwrap_or(started_at),
        free_since: closing::free_since(&evidence),
        others_since,
        unread: is_silent(heard_at) && unread(function, session, now).await?,
        now,
    })
}

/// Whether something a charger said may lie where nobody has read it: queues have given up on messages, or this look comes
/// late, and what held it up holds up messages too.
async fn unread(function: &Settle, session: &Session, now: Timestamp) -> Result<bool, StoreError> {
    if session.check_at.is_some_and(|at| at + IN_TIME < now) {
        return Ok(true);
    }
    let given_up = function.store.incident(Subject::billing(Kind::DeadLetters)).await?;
    Ok(given_up.incident.is_some_and(|incident| incident.is_going_on()))
}

/// When its charger was last heard of at its other connectors, UTC: one that speaks there is not silent. Asked only where
/// nothing else is known of it, for it takes some requests.
async fn heard_elsewhere(
    function: &Settle,
    session: &Session,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let Some(known) = function.directory.site(&session.site).await? else { return Ok(None) };
    let SessionId { charger, connector: own, .. } = &session.id;
    let mut connectors = function.store.connectors_of(&known.site).await?;
    connectors.insert((charger.clone(), ConnectorId(0)));
    let mut heard_at = None;
    for (_, other) in connectors.iter().filter(|(of, connector)| of == charger && connector != own) {
        heard_at = heard_at.max(function.store.heard_about(charger, *other, now).await?);
    }
    Ok(heard_at)
}

async fn occupied(
    function: &Settle,
    session: &Session,
    terms: &Terms,
    now: Timestamp,
) -> Result<Vec<Occupied>, StoreError> {
    let Some(known) = function.directory.site(&session.site).await? else { return Ok(Vec::new()) };
    function.store.occupied(&known.site, terms, (session.id.started_at, now)).await
}

async fn quarantine(
    function: &Settle,
    session: &Session,
    (frames, frame_of): (&[StoredFrame], &[usize]),
    assessed: &Assessed,
) -> Result<u64, StoreError> {
    let mut items = Vec::new();
    for (index, reason) in &assessed.left_out {
        let Some(frame) = frame_of.get(*index).and_then(|index| frames.get(*index)) else { continue };
        items.push(Store::quarantine_item(&Quarantined {
            received_at: frame.received_at,
            charger: session.id.charger.to_string(),
            reason: format!("session {}: {reason}; left out of the bill", session.id),
            bytes: frame.frame.clone(),
        }));
    }
    // A session that is priced anew has had its frames counted before.
    let first = session.bill.is_none();
    let left_out = if first { items.len() as u64 } else { 0 };
    function.store.file(items).await?;
    Ok(left_out)
}

/// Brings something to a session that was not asked for here, and does what follows from it.
pub(crate) async fn tell(function: &Settle, id: &SessionId, event: Event, now: Timestamp) -> Result<(), SettleError> {
    let Some(stored) = function.store.session(id).await? else {
        tracing::warn!(session = %id, "Stripe knows a session that the table does not");
        return Ok(());
    };
    commit(function, stored, event, now).await?;
    work(function, id).await.map(drop)
}

/// What drivers are told hurries: a warning before a fee is worth nothing after it. What is not rung for is found by sweep.
async fn ring_for_notices(function: &Settle, known: usize, session: &Session, now: Timestamp) {
    let new = (known..session.notices.len()).filter_map(|index| u32::try_from(index).ok());
    let rings: Vec<_> = new.map(|index| (Ring::Notice(session.id.clone(), index), now)).collect();
    if let Err(error) = function.doorbell.ring(rings, now).await {
        tracing::warn!(%error, "sweep will ring for what the driver is to be told");
    }
}

async fn commit(
    function: &Settle,
    stored: StoredSession,
    event: Event,
    now: Timestamp,
) -> Result<Option<StoredSession>, StoreError> {
    let id = stored.session.id.clone();
    let terms = function.directory.terms(&stored.session.terms).await?;
    let zone = function.directory.zone_of(&stored.session.site).await?;
    let again = stored.clone();
    // Told, then stored: a crash in between counts it once more, the other order would tell never (F39).
    if let Decision::Commit(after) = decide(Some(stored.session.clone()), event.clone(), &terms) {
        sightings::tell(function, &stored.session, &after, &event, now).await?;
    }
    let updated = function.store.update(&id, Some(stored), (now, &zone), |state| decide(state, event.clone(), &terms));
    match updated.await? {
        Updated::Committed(stored) => {
            ring_for_notices(function, again.session.notices.len(), &stored.session, now).await;
            Ok(Some(*stored))
        }
        // The event has no bearing: nothing else will come of trying this state again.
        Updated::Unchanged(_) => {
            let latest = function.store.session(&id).await?;
            Ok(latest.filter(|latest| latest.version != again.version))
        }
    }
}
