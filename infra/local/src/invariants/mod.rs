//! What has to hold of sessions, bills and Stripe's objects, by the invariants' numbers: one set of checks for simulated
//! runs, after every step, and for data that was kept.
//!
//! # Layout, in reading order
//! - [`Broken`]: one that does not. [`of_session`]: at any time; [`of_settled`]: once nothing is due any more.
//! - [`of_stripe`]: of Stripe's own objects. [`overlapping`]: of the sessions of one connector.
//! - `lines`: a bill's lines, reckoned a second time in whole numbers.

mod lines;

use std::collections::BTreeMap;
use std::fmt;

use plugtill_domain::closing::OVERLAP;
use plugtill_domain::payment::Purpose;
use plugtill_domain::pricing::Bill;
use plugtill_domain::session::{Outcome, Session};
use serde::Serialize;

use crate::stripe_simulator::SeenIntent;

/// A broken invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// Its number: `I2`.
    pub invariant: &'static str,
    /// Where, and what is wrong.
    pub what: String,
}

impl Broken {
    pub(crate) fn new(invariant: &'static str, what: impl Into<String>) -> Self {
        Self { invariant, what: what.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// What Stripe's own objects must never show.
#[must_use]
pub fn of_stripe(intents: &[SeenIntent]) -> Vec<Broken> {
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

/// What has to hold of a session at any time.
#[must_use]
pub fn of_session(session: &Session) -> Vec<Broken> {
    let mut broken = Vec::new();
    if session.ended_at().is_some_and(|ended| ended < session.id.started_at) && session.bill.is_some() {
        broken.push(Broken::new("I20", "is billed and ends before it begins"));
    }
    if session.done(Purpose::Refund).minor() > session.captured().minor() {
        broken.push(Broken::new("I22", "more is given back than was taken"));
    }
    if let Some(bill) = &session.bill {
        broken.extend(of_bill(session, bill));
    }
    broken.extend(told_once(session));
    broken.into_iter().map(|it| Broken { what: format!("{}: {}", session.id, it.what), ..it }).collect()
}

/// What besides has to hold once nothing is due any more.
#[must_use]
pub fn of_settled(session: &Session) -> Vec<Broken> {
    let mut broken = Vec::new();
    if session.outcome == Outcome::Open {
        broken.push(Broken::new("I4", "is still open"));
    }
    let (billed, collected) = (session.billed().minor(), session.collected().minor());
    let refused = session.payments.iter().filter(|p| p.purpose == Purpose::Refund && p.is_refused());
    let owed_back: i64 = refused.map(|payment| payment.amount.minor()).sum();
    if collected - owed_back > billed {
        broken.push(Broken::new("I3", format!("{collected} collected of {billed} billed")));
    }
    if session.captured().minor() > 0 && session.bill.is_none() && collected > 0 {
        broken.push(Broken::new("I2", format!("{collected} collected without a bill")));
    }
    if !session.active_holds().is_empty() && session.outcome != Outcome::Quarantined {
        broken.push(Broken::new("I24", "a hold stands"));
    }
    broken.into_iter().map(|it| Broken { what: format!("{}: {}", session.id, it.what), ..it }).collect()
}

fn of_bill(session: &Session, bill: &Bill) -> Vec<Broken> {
    let mut broken = lines::of(session.id.started_at, bill);
    let seconds = bill.ended_at.duration_since(session.id.started_at).as_secs();
    let most = i64::from(session.max_power.0) * (seconds + 60) * 11 / 36_000;
    if bill.energy.0 < 0 || bill.energy.0 > most {
        broken.push(Broken::new("I10", format!("{} Wh in {seconds} s", bill.energy.0)));
    }
    broken
}

/// What a driver is told of a stay is told once, whatever restarts.
fn told_once(session: &Session) -> Vec<Broken> {
    use plugtill_domain::balance::DriverNoticeKind as Kind;
    let once = [Kind::ChargingComplete, Kind::IdleSoon, Kind::IdleRunning];
    let count = |kind: Kind| session.notices.iter().filter(|notice| notice.kind == kind).count();
    let often = once.into_iter().filter(|kind| count(*kind) > 1);
    often.map(|kind| Broken::new("I13", format!("{kind:?} is told {} times", count(kind)))).collect()
}

/// Sessions of one connector lie one after the other; they come in that order (I5).
#[must_use]
pub fn overlapping(sessions: &[Session]) -> Vec<Broken> {
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
