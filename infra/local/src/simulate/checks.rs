//! What has to hold, by the numbers of the invariants.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::SignedDuration;
use plugtill_domain::closing::OVERLAP;
use plugtill_domain::incident::Incident;
use plugtill_domain::pricing::LineKind;
use plugtill_domain::session::{Outcome, Session};
use serde::Serialize;

use super::SimulateError;
use super::run::Run;
use super::sites::MAX_POWER_W;
use crate::stripe_simulator::SeenIntent;
use crate::summary::{self, Accounts};

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its number: `I2`.
    pub invariant: &'static str,
    /// Where, and what is wrong.
    pub what: String,
}

impl Broken {
    fn new(invariant: &'static str, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// What Stripe's own objects must never show.
pub(super) fn of_stripe(intents: &[SeenIntent]) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut captures: BTreeMap<&str, u32> = BTreeMap::new();
    for intent in intents {
        let SeenIntent { id, amount, received, refunded, held, session, .. } = intent;
        if received > amount {
            broken.push(Broken::new("I3", format!("{id}: {received} taken of {amount} authorised")));
        }
        if refunded > received {
            broken.push(Broken::new("I22", format!("{id}: {refunded} given back of {received}")));
        }
        match session {
            Some(session) if *held && *received > 0 => *captures.entry(session).or_default() += 1,
            None if *received > 0 => broken.push(Broken::new("I3", format!("{id}: {received} taken for no session"))),
            Some(_) | None => {}
        }
    }
    let twice = captures.into_iter().filter(|(_, count)| *count > 1);
    broken.extend(twice.map(|(session, count)| Broken::new("I2", format!("{session}: {count} holds captured"))));
    broken
}

/// What was seen of each session: nothing of it may be taken back.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sessions: BTreeMap<String, Session>,
    pub(super) redriven: usize,
}

impl Seen {
    pub(super) fn compare(&mut self, sessions: &[Session]) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut there = BTreeSet::new();
        for session in sessions {
            let id = session.id.to_string();
            there.insert(id.clone());
            if let Some(before) = self.sessions.get(&id) {
                broken.extend(backward(before, session).map(|what| Broken::new("I6", format!("{id}: {what}"))));
            }
            self.sessions.insert(id, session.clone());
        }
        let gone = self.sessions.keys().filter(|id| !there.contains(*id));
        broken.extend(gone.map(|id| Broken::new("I6", format!("{id} is no more"))));
        broken
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

/// What has to hold once all is at rest.
pub(super) async fn at_rest(run: &mut Run<'_>, accounts: &Accounts) -> Result<Vec<Broken>, SimulateError> {
    let mut broken = run.seen.compare(&accounts.sessions);
    broken.extend(of_stripe(&run.stack.stripe.intents()));
    broken.extend(accounts.violations.iter().map(|violation| Broken::new("I1", violation.to_string())));
    let reproduced = summary::reproduce(&run.stack, accounts, &run.world.sites.sites).await?;
    broken.extend(reproduced.iter().map(|violation| Broken::new("I9", violation.to_string())));
    for session in &accounts.sessions {
        broken.extend(
            of_session(session).map(|broken| Broken { what: format!("{}: {}", session.id, broken.what), ..broken }),
        );
    }
    broken.extend(overlapping(&accounts.sessions));
    broken.extend(due(run, &accounts.sessions).await?);
    broken.extend(told(run).await?);
    broken.extend(received(run).await?);
    let compared = run.stack.reconcile(run.world.start).await?;
    broken.extend(compared.differences.iter().map(|it| Broken::new("I16", format!("the books differ: {it:?}"))));
    Ok(broken)
}

fn of_session(session: &Session) -> impl Iterator<Item = Broken> {
    let mut broken = Vec::new();
    if session.outcome == Outcome::Open {
        broken.push(Broken::new("I4", "is still open".to_owned()));
    }
    let (billed, collected) = (session.billed().minor(), session.collected().minor());
    if collected > billed {
        broken.push(Broken::new("I3", format!("{collected} collected of {billed} billed")));
    }
    if session.done(plugtill_domain::payment::Purpose::Refund).minor() > session.captured().minor() {
        broken.push(Broken::new("I22", "more is given back than was taken".to_owned()));
    }
    if !session.active_holds().is_empty() && session.outcome != Outcome::Quarantined {
        broken.push(Broken::new("I24", "a hold stands".to_owned()));
    }
    if session.ended_at().is_some_and(|ended| ended < session.id.started_at) {
        broken.push(Broken::new("I20", "ends before it begins".to_owned()));
    }
    if let Some(bill) = &session.bill {
        let sum: i64 = bill.lines.iter().map(|line| line.amount.minor()).sum();
        if sum != bill.total.minor() {
            broken.push(Broken::new("I11", format!("lines sum to {sum}, the total is {}", bill.total)));
        }
        let seconds = bill.ended_at.duration_since(session.id.started_at).as_secs();
        let most = MAX_POWER_W * (seconds + 60) * 11 / 36_000;
        if bill.energy.0 < 0 || bill.energy.0 > most {
            broken.push(Broken::new("I10", format!("{} Wh in {seconds} s", bill.energy.0)));
        }
        if bill
            .lines
            .iter()
            .any(|line| line.kind != LineKind::MaxPrice && line.amount.minor() < 0 && line.kind != LineKind::NoCharge)
        {
            broken.push(Broken::new("I20", format!("a line below zero: {:?}", bill.lines)));
        }
    }
    broken.into_iter()
}

/// Sessions of one connector one after the other.
fn overlapping(sessions: &[Session]) -> Vec<Broken> {
    let mut broken = Vec::new();
    for pair in sessions.windows(2) {
        let [first, second] = pair else { continue };
        if (&first.id.charger, first.id.connector) != (&second.id.charger, second.id.connector) {
            continue;
        }
        let both = |at: jiff::Timestamp| at > second.id.started_at + OVERLAP;
        if first.outcome != Outcome::Quarantined && first.ended_at().is_none_or(both) {
            let what = format!("{} (until {:?}) and {} overlap", first.id, first.ended_at(), second.id);
            broken.push(Broken::new("I5", what));
        }
    }
    broken
}

/// The same messages give the same bills, whatever happened to them on their way.
pub(super) fn same_bills(in_order: &[Session], sessions: &[Session]) -> Vec<Broken> {
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
        incidents.extend(store.latest_incidents(site).await?.into_iter().filter(Incident::is_going_on));
    }
    let now = run.stack.clock.now();
    for incident in &incidents {
        let overdue = |due_at: jiff::Timestamp| due_at < now - SignedDuration::from_hours(25);
        if incident.next_notice().is_some_and(|notice| overdue(notice.due_at)) && !incident.folded {
            broken.push(Broken::new("I13", format!("never told: {incident:?}")));
        }
    }
    let mut ids = BTreeSet::new();
    let sent = incidents.iter().flat_map(|incident| &incident.notices).filter_map(|notice| notice.sent.as_ref());
    let known: BTreeSet<String> = run.stack.topics.sent().into_iter().map(|sent| sent.message_id).collect();
    for sent in sent {
        ids.insert(&sent.message_id);
        let digest = !known.contains(&sent.message_id);
        if digest && sent.message_id.starts_with("00000000-0000-4000-9000") {
            broken.push(Broken::new("I13", format!("noted as told and never published: {sent:?}")));
        }
    }
    Ok(broken)
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
