//! Where our books and Stripe's do not say the same.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Charge, ChargeState, Difference, DifferenceKind, Index, Repair, SETTLED_WITHIN, Statements};
use crate::ids::SessionId;
use crate::money::Money;
use crate::payment::{Payment, Purpose};
use crate::session::{Outcome, Session};

/// A hold that belongs to no session is given back within minutes; after this nobody will do it.
const HOLD_STRAYS_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// Stripe books a charge at once; its entry is listed within the day.
const BOOKED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Where the two sides differ, the oldest first. `sessions` are all that started at or after the statements' `since`, and
/// any older ones that may still have been paid since then.
#[must_use]
pub fn compare(sessions: &[Session], index: &Index<'_>, now: Timestamp) -> Vec<Difference> {
    let mut report = Differences { now, found: Vec::new() };
    let mut known = BTreeSet::new();
    for session in sessions {
        report.session(session);
        for (intent, ours) in intents(session) {
            known.insert(intent);
            match index.charges.get(intent) {
                Some(charge) => report.charge(session, &ours, charge),
                None if ours.is_missed(index.statements.since) => report.missed(session, intent, &ours),
                None => {}
            }
        }
        report.fees(session, index);
    }
    let by_id: BTreeMap<&SessionId, &Session> = sessions.iter().map(|session| (&session.id, session)).collect();
    for charge in index.statements.charges.iter().filter(|charge| !known.contains(charge.intent.as_str())) {
        report.stray(charge, charge.session.as_ref().and_then(|id| by_id.get(id)).copied());
    }
    report.payouts(index.statements);
    report.found.sort_by_key(|difference| (difference.since, difference.kind));
    report.found
}

/// What we say of one intent.
struct Ours {
    taken: i64,
    refunded: i64,
    is_held: bool,
    /// A move on it is asked for.
    is_moving: bool,
    /// The first that was done with it, UTC; holds and charges keep no time of their own.
    since: Timestamp,
}

impl Ours {
    /// Whether Stripe should list it, and money or a hold hangs on it.
    fn is_missed(&self, since: Timestamp) -> bool {
        (self.taken != 0 || self.is_held) && self.since >= since
    }
}

fn intents(session: &Session) -> BTreeMap<&str, Ours> {
    let held: BTreeSet<String> = session.active_holds().into_iter().map(|hold| hold.intent).collect();
    let mut all: BTreeMap<&str, Ours> = BTreeMap::new();
    for payment in &session.payments {
        let Some(intent) = payment.intent.as_deref() else { continue };
        let since = session.id.started_at;
        let is_held = held.contains(intent);
        let ours = all.entry(intent).or_insert(Ours { taken: 0, refunded: 0, is_held, is_moving: false, since });
        ours.is_moving |= payment.is_intended();
        if payment.is_done() && payment.purpose.takes() {
            ours.taken += payment.amount.minor();
        } else if payment.is_done() && payment.purpose == Purpose::Refund {
            ours.refunded += payment.amount.minor();
        }
    }
    all
}

/// Collects what differs.
struct Differences {
    now: Timestamp,
    found: Vec<Difference>,
}

impl Differences {
    fn add(
        &mut self,
        kind: DifferenceKind,
        of: (Option<&SessionId>, Option<&str>),
        amounts: (Money, Money),
        since: Timestamp,
        repair: Repair,
    ) {
        let age_minutes = self.now.duration_since(since).as_mins();
        let (session, object) = (of.0.map(ToString::to_string), of.1.map(str::to_owned));
        let (ours, theirs) = amounts;
        self.found.push(Difference { kind, session, object, ours, theirs, since, age_minutes, repair });
    }

    /// What our own side says is overdue.
    fn session(&mut self, session: &Session) {
        let zero = Money::zero(session.waived.currency());
        let now = self.now;
        let overdue = |since: Timestamp| since + SETTLED_WITHIN < now;
        let waits = session.settle_at.filter(|_| session.outcome == Outcome::Open && session.bill.is_none());
        if let Some(since) = waits.filter(|since| overdue(*since)) {
            self.add(DifferenceKind::Unbilled, (Some(&session.id), None), (zero, zero), since, Repair::Settle);
        }
        let taking = session.payments.iter().filter(|payment| payment.purpose.takes());
        let late =
            taking.filter_map(|payment| Some((payment, payment.intended_since().filter(|since| overdue(*since))?)));
        for (payment, since) in late.collect::<Vec<_>>() {
            let of = (Some(&session.id), payment.intent.as_deref());
            self.add(DifferenceKind::Uncaptured, of, (payment.amount, zero), since, Repair::AskAgain);
        }
    }

    /// An intent that both sides know.
    fn charge(&mut self, session: &Session, ours: &Ours, charge: &Charge) {
        if ours.is_moving {
            return;
        }
        let of = (Some(&session.id), Some(charge.intent.as_str()));
        let money = |minor| Money::new(minor, charge.amount.currency());
        let (taken, refunded) = (charge.taken.minor(), charge.refunded.minor());
        if ours.taken > 0 && charge.state == ChargeState::Held {
            self.add(DifferenceKind::Uncaptured, of, (money(ours.taken), charge.taken), charge.at, Repair::AskAgain);
        } else if ours.taken != taken {
            self.add(DifferenceKind::AmountDiffers, of, (money(ours.taken), charge.taken), charge.at, Repair::LookInto);
        } else if ours.refunded != refunded {
            self.add(
                DifferenceKind::AmountDiffers,
                of,
                (money(-ours.refunded), money(-refunded)),
                charge.at,
                Repair::LookInto,
            );
        } else if charge.state == ChargeState::Held && !ours.is_held && ours.taken == 0 {
            self.add(DifferenceKind::HoldNotReleased, of, (money(0), charge.amount), charge.at, Repair::Release);
        }
    }

    /// An intent that Stripe does not list.
    fn missed(&mut self, session: &Session, intent: &str, ours: &Ours) {
        let (mine, zero) = (Money::new(ours.taken, session.waived.currency()), Money::zero(session.waived.currency()));
        let of = (Some(&session.id), Some(intent));
        self.add(DifferenceKind::AmountDiffers, of, (mine, zero), ours.since, Repair::LookInto);
    }

    /// An intent that no session of ours knows.
    fn stray(&mut self, charge: &Charge, session: Option<&Session>) {
        let left = Money::new(charge.taken.minor() - charge.refunded.minor(), charge.taken.currency());
        let age = self.now.duration_since(charge.at);
        let zero = Money::zero(left.currency());
        let of = (charge.session.as_ref(), Some(charge.intent.as_str()));
        match session {
            // A move under way stores its intent with its answer.
            Some(session) if session.payments.iter().any(Payment::is_intended) && age < SETTLED_WITHIN => {}
            Some(session) if left.is_positive() => {
                let paid = session.collected().minor() >= session.billed().minor();
                let kind = if paid { DifferenceKind::CapturedTwice } else { DifferenceKind::AmountDiffers };
                let repair = if paid { Repair::Refund(left) } else { Repair::AskAgain };
                self.add(kind, of, (zero, left), charge.at, repair);
            }
            None if left.is_positive() && age > SETTLED_WITHIN => {
                self.add(DifferenceKind::OrphanCharge, of, (zero, left), charge.at, Repair::Refund(left));
            }
            Some(_) | None if charge.state == ChargeState::Held && age > HOLD_STRAYS_AFTER => {
                self.add(DifferenceKind::HoldNotReleased, of, (zero, charge.amount), charge.at, Repair::Release);
            }
            Some(_) | None => {}
        }
    }

    /// What was taken has cost something: where nothing is known of that, the entry is missing.
    fn fees(&mut self, session: &Session, index: &Index<'_>) {
        for payment in session.payments.iter().filter(|payment| payment.is_done() && payment.purpose.takes()) {
            let Some(charge) = payment.intent.as_deref().and_then(|intent| index.charges.get(intent)) else { continue };
            if charge.taken.minor() != payment.amount.minor() || self.now.duration_since(charge.at) < BOOKED_WITHIN {
                continue;
            }
            let currency = payment.amount.currency();
            let mut booked = index.booked(&charge.intent, payment, charge.account.as_deref()).peekable();
            let is_booked = booked.peek().is_some();
            let (theirs, known) = booked.fold((0, true), |(fee, known), moved| {
                (fee + moved.fee.minor(), known && payment.movements.contains_key(&moved.id))
            });
            if !is_booked || !known {
                let amounts = (Money::new(payment.fee().unwrap_or_default(), currency), Money::new(theirs, currency));
                let of = (Some(&session.id), Some(charge.intent.as_str()));
                let repair = if is_booked { Repair::Post } else { Repair::LookInto };
                self.add(DifferenceKind::FeeMissing, of, amounts, charge.at, repair);
            }
        }
    }

    fn payouts(&mut self, statements: &Statements) {
        for payout in &statements.payouts {
            let parts = statements.movements.iter().filter(|movement| movement.payout.as_ref() == Some(&payout.id));
            let sum =
                Money::new(parts.map(|part| part.amount.minor() - part.fee.minor()).sum(), payout.amount.currency());
            if sum != payout.amount {
                let of = (None, Some(payout.id.as_str()));
                self.add(DifferenceKind::PayoutDiffers, of, (sum, payout.amount), payout.at, Repair::LookInto);
            }
        }
    }
}
