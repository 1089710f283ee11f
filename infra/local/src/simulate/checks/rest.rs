//! What has to hold once all is at rest.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use plugtill_domain::incident::{Incident, NoticeKind};
use plugtill_domain::session::Session;

use super::Reality;
use crate::invariants::{Broken, of_settled, of_stripe, overlapping};
use crate::simulate::SimulateError;
use crate::simulate::plan::Asked;
use crate::simulate::run::Run;
use crate::summary::{self, Accounts};

/// What has to hold once all is at rest.
pub(in crate::simulate) async fn at_rest(run: &mut Run<'_>, accounts: &Accounts) -> Result<Vec<Broken>, SimulateError> {
    let mut broken = run.seen.look_at_all(&accounts.sessions, run.stack.clock.now());
    broken.extend(of_stripe(&run.stack.stripe.intents()));
    broken.extend(accounts.violations.iter().map(|violation| Broken::new("I1", violation.to_string())));
    let reproduced = summary::reproduce(&run.stack, accounts, &run.world.sites.sites).await?;
    broken.extend(reproduced.iter().map(|violation| Broken::new("I9", violation.to_string())));
    broken.extend(accounts.sessions.iter().flat_map(of_settled));
    broken.extend(overlapping(&accounts.sessions));
    let reality = Reality::of(run.world);
    broken.extend(reality.bounds(&accounts.sessions));
    broken.extend(reality.became(&accounts.sessions));
    broken.extend(due(run, &accounts.sessions).await?);
    broken.extend(told(run).await?);
    broken.extend(received(run).await?);
    let compared = run.stack.reconcile(run.world.start).await?;
    broken.extend(compared.differences.iter().map(|it| Broken::new("I16", format!("the books differ: {it:?}"))));
    Ok(broken)
}

/// The same messages give the same bills, whatever happened to them on their way.
pub(in crate::simulate) fn same_bills(in_order: &[Session], sessions: &[Session]) -> Vec<Broken> {
    let bill = |session: &Session| session.bill.as_ref().map(|bill| (bill.total, bill.energy, bill.ended_at));
    let of = |sessions: &[Session]| -> BTreeMap<String, _> {
        sessions.iter().map(|session| (session.id.to_string(), bill(session))).collect()
    };
    let (expected, found) = (of(in_order), of(sessions));
    let ids: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    let differs = ids.into_iter().filter(|id| expected.get(*id) != found.get(*id));
    let told = |id: &String| format!("{id}: {:?} in order, {:?} as it came", expected.get(id), found.get(id));
    differs.map(|id| Broken::new("I8", told(id))).collect()
}

/// Nothing is left to be done.
async fn due(run: &Run<'_>, sessions: &[Session]) -> Result<Vec<Broken>, SimulateError> {
    let now = run.stack.clock.now();
    let mut broken = Vec::new();
    let (due, _) = run.stack.store.due(now - SignedDuration::from_mins(2), 100).await?;
    broken.extend(due.iter().map(|(due, at)| Broken::new("I24", format!("due since {at}: {due:?}"))));
    let intended = sessions.iter().filter(|session| session.next_payment().is_some());
    broken.extend(intended.map(|session| Broken::new("I24", format!("{}: {:?}", session.id, session.next_payment()))));
    for queue in ["settle", "notify", "charger-events", "webhooks"] {
        let letters = run.stack.queues.dead_letters(queue);
        broken.extend(letters.iter().map(|letter| Broken::new("I15", format!("given up again: {}", letter.body))));
    }
    let holds = run.stack.stripe.books().open_holds;
    let standing: u64 = sessions.iter().map(|session| session.active_holds().len() as u64).sum();
    if holds != standing {
        broken.push(Broken::new("I24", format!("{holds} holds stand at Stripe, {standing} in our books")));
    }
    Ok(broken)
}

/// Every incident is told, each of its notices once; more often only where the answer to one was lost.
async fn told(run: &Run<'_>) -> Result<Vec<Broken>, SimulateError> {
    let (mut incidents, mut broken) = (Vec::new(), Vec::new());
    let store = &run.stack.store;
    for site in run.world.sites.sites.iter().map(|site| Some(&site.id)).chain([None]) {
        let over = store.past_incidents(site, run.world.start - SignedDuration::from_hours(24 * 400)).await?;
        incidents.extend(over);
        incidents.extend(store.latest_incidents(site).await?);
    }
    incidents.dedup();
    let now = run.stack.clock.now();
    for incident in &incidents {
        let overdue = |due_at: jiff::Timestamp| due_at < now - SignedDuration::from_hours(25);
        if incident.next_notice().is_some_and(|notice| overdue(notice.due_at)) && !incident.folded {
            broken.push(Broken::new("I13", format!("never told: {incident:?}")));
        }
        for kind in [NoticeKind::Opened, NoticeKind::Recovered] {
            let count = count(incident, kind);
            if count > 1 {
                broken.push(Broken::new("I13", format!("{kind:?} {count} times: {incident:?}")));
            }
        }
    }
    let sent = incidents.iter().flat_map(|incident| &incident.notices).filter_map(|notice| notice.sent.as_ref());
    let known: BTreeSet<String> = run.stack.topics.sent().into_iter().map(|sent| sent.message_id).collect();
    let unknown = sent.filter(|sent| !known.contains(&sent.message_id));
    broken.extend(unknown.map(|sent| Broken::new("I13", format!("noted as told and never published: {sent:?}"))));
    broken.extend(told_too_often(run, &incidents));
    Ok(broken)
}

/// What was sent, against what was to be: a notice may go out again only where something was lost on the way.
fn told_too_often(run: &Run<'_>, incidents: &[Incident]) -> Option<Broken> {
    let sent = run.stack.topics.sent();
    let opened = sent.iter().filter(|sent| sent.attribute("event") == NoticeKind::Opened.as_str()).count();
    let due: BTreeSet<_> = incidents
        .iter()
        .filter(|incident| count(incident, NoticeKind::Opened) > 0)
        .map(|incident| (incident.subject.to_string(), incident.first_at))
        .collect();
    // Stripe is not on the way of an alert.
    let lost = run.plan.met().iter().filter(|met| met.place.0 != Asked::Stripe).count();
    let what = || format!("{opened} alerts of {} incidents, {lost} requests went wrong", due.len());
    (opened > due.len() + lost).then(|| Broken::new("I13", what()))
}

/// How often it was to be told; what an earlier incident of its subject had left to be told is not its own.
fn count(incident: &Incident, kind: NoticeKind) -> usize {
    let own = |due_at| incident.opened_at.is_some_and(|opened_at| due_at >= opened_at);
    incident.notices.iter().filter(|notice| notice.kind == kind && own(notice.due_at)).count()
}

/// Nothing received is lost: where every message was taken at once, each is counted once; and quarantine keeps bytes.
async fn received(run: &Run<'_>) -> Result<Vec<Broken>, SimulateError> {
    let mut broken = Vec::new();
    let now = run.stack.clock.now();
    for kept in run.stack.store.quarantined(run.world.start, now).await? {
        let bytes = &kept.quarantined.bytes;
        let found = run.world.arrivals.iter().any(|arrival| arrival.line.contains(bytes.as_str()));
        if !found {
            broken.push(Broken::new("I14", format!("quarantined bytes that nobody sent: {bytes}")));
        }
    }
    if run.plan.met().is_empty() {
        let tally = &run.stack.tally;
        let counted = tally.processed + tally.duplicate + tally.quarantined + tally.ignored_total();
        let received = run.world.arrivals.len() as u64;
        if counted != received {
            broken.push(Broken::new("I14", format!("{received} received, {counted} accounted for: {tally:?}")));
        }
    }
    Ok(broken)
}
