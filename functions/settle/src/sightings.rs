//! What settled sessions and holds say of connectors, meters and cards.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::StoreError;
use plugtill_domain::decide::Event;
use plugtill_domain::ids::SessionId;
use plugtill_domain::incident::{Kind, Sighting, Subject};
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::units::WattHours;

use crate::Settle;

/// A session that took nothing although the vehicle stayed so long is no false start.
const STAYED: SignedDuration = SignedDuration::from_mins(5);
/// A session this short, with next to no energy, is a start that failed.
const FAILED_START: SignedDuration = SignedDuration::from_mins(3);
/// A session of which nothing is heard for so long is stuck.
const UNHEARD_OF: SignedDuration = SignedDuration::from_hours(24);
/// Next to no energy.
const NEXT_TO_NOTHING: WattHours = WattHours(100);

/// Tells of what an event brings to light that is about to be stored in the session.
pub(crate) async fn tell(
    function: &Settle,
    before: &Session,
    after: &Session,
    event: &Event,
    now: Timestamp,
) -> Result<(), StoreError> {
    let seen = if let Event::Assessed(_) = event {
        if before.bill.is_none() { settled(after, now) } else { contradicted(after, now) }
    } else if let Event::Paid { which, .. } = event
        && which.purpose == Purpose::Hold
    {
        vec![card(after, "", true, now)]
    } else if let Event::Refused { which, code, .. } = event
        && which.purpose == Purpose::Hold
    {
        vec![card(after, code, false, now)]
    } else if let Event::Checked(signs) = event {
        stuck(after, signs.last_evidence_at, now)
    } else if let Event::Looked(_) = event {
        stall(after, now)
    } else {
        Vec::new()
    };
    if seen.is_empty() { Ok(()) } else { function.incidents.tell(seen, now).await }
}

/// Tells that a charger numbered more messages of a session than came.
pub(crate) async fn tell_of_missing(
    function: &Settle,
    session: &Session,
    missing: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    if missing == 0 {
        return Ok(());
    }
    let (site, charger) = (session.site.clone(), session.id.charger.clone());
    let subject = Subject::of_connector(Kind::MessagesMissing, site, charger, session.id.connector);
    let seen = Sighting::now(subject, format!("{missing} of session {}", session.id), false, now);
    function.incidents.tell(vec![seen], now).await
}

fn card(session: &Session, code: &str, well: bool, now: Timestamp) -> Sighting {
    Sighting::now(Subject::of_site(Kind::PaymentFailing, session.site.clone()), code, well, now)
}

/// A vehicle that has charged and keeps its stall, where staff wants to know.
fn stall(session: &Session, now: Timestamp) -> Vec<Sighting> {
    let minutes = session.stay_watch.map_or(0, |watch| watch.staff_after_minutes);
    if minutes == 0 {
        return Vec::new();
    }
    let (site, charger) = (session.site.clone(), session.id.charger.clone());
    let subject = Subject::of_connector(Kind::StallBlocked, site, charger, session.id.connector);
    let blocked_at = session.stays_since.map(|since| since + SignedDuration::from_mins(i64::from(minutes)));
    let facts = session.stays_since.map_or_else(String::new, |since| format!("since {since:.0}"));
    vec![Sighting::now(subject, facts, blocked_at.is_none_or(|at| at > now), now)]
}

/// A session that goes on although nothing is heard of it, and one that ended after all.
fn stuck(session: &Session, last_evidence_at: Timestamp, now: Timestamp) -> Vec<Sighting> {
    let subject = Subject::of_session(Kind::StuckSession, session.site.clone(), session.id.clone());
    let well = session.ended_at().is_some() || now.duration_since(last_evidence_at) < UNHEARD_OF;
    vec![Sighting::now(subject, format!("nothing since {last_evidence_at:.0}"), well, now)]
}

/// A bill that later evidence speaks against.
fn contradicted(session: &Session, now: Timestamp) -> Vec<Sighting> {
    let SessionId { charger, connector, .. } = session.id.clone();
    let subject = Subject::of_connector(Kind::MeterAnomaly, session.site.clone(), charger, connector);
    let against = session.contradicted.map(|why| format!("session {} is billed, and then {why}", session.id));
    against.into_iter().map(|facts| Sighting::now(subject.clone(), facts, false, now)).collect()
}

fn settled(session: &Session, now: Timestamp) -> Vec<Sighting> {
    let here =
        |kind| Subject::of_connector(kind, session.site.clone(), session.id.charger.clone(), session.id.connector);
    let facts = format!("session {}", session.id);
    let seen = |kind, wrong: bool| Sighting::now(here(kind), facts.clone(), !wrong, now);
    let is_quarantined = session.outcome == Outcome::Quarantined;
    let Some(bill) = session.bill.as_ref() else {
        return if is_quarantined { vec![seen(Kind::MeterAnomaly, true)] } else { Vec::new() };
    };
    let lasted = bill.ended_at.duration_since(session.id.started_at);
    vec![
        seen(Kind::MeterAnomaly, false),
        seen(Kind::ZeroEnergy, bill.energy == WattHours(0) && lasted >= STAYED),
        seen(Kind::FailedStarts, bill.energy.0 < NEXT_TO_NOTHING.0 && lasted < FAILED_START),
    ]
}
