//! Our books against Stripe's: what each says of every session and every cent, and where they differ.
//!
//! Pure: [`compare`] is given both sides and the time, [`postings`] says what of Stripe's side is not posted yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::decide::Found;
use crate::ids::SessionId;
use crate::money::Money;
use crate::payment::{ActiveHold, Payment, Purpose};
use crate::session::{Outcome, Session};

/// What is younger is on its way, not missing.
pub const SETTLED_WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// A hold that belongs to no session is given back within minutes; after this nobody will do it.
const HOLD_STRAYS_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// Stripe books a charge at once; its entry is listed within the day.
const BOOKED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Stripe's side, for everything made at or after `since` (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statements {
    /// From when on.
    pub since: Timestamp,
    /// Payment intents.
    pub charges: Vec<Charge>,
    /// Movements of the balance.
    pub movements: Vec<Movement>,
    /// Payouts to the bank.
    pub payouts: Vec<Payout>,
}

/// A payment intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Stripe's id.
    pub intent: String,
    /// The session named in it.
    pub session: Option<SessionId>,
    /// When it was made, UTC.
    pub at: Timestamp,
    /// Where it stands.
    pub state: ChargeState,
    /// What was authorised.
    pub amount: Money,
    /// What was taken.
    pub taken: Money,
    /// What was given back of it.
    pub refunded: Money,
}

/// Where a payment intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeState {
    /// Reserved.
    Held,
    /// Taken.
    Taken,
    /// Given back, lapsed, or never paid.
    Nothing,
}

/// A movement of the balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    /// Stripe's id.
    pub id: String,
    /// The payment intent it belongs to; none for Stripe's own invoices and transfers between accounts.
    pub intent: Option<String>,
    /// The refund, where it is one.
    pub refund: Option<String>,
    /// What it moved: negative out of the balance.
    pub amount: Money,
    /// What Stripe and the platform kept.
    pub fee: Money,
    /// The payout that it was part of.
    pub payout: Option<String>,
    /// When, UTC.
    pub at: Timestamp,
}

/// A payout to the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    /// Stripe's id.
    pub id: String,
    /// What was paid out.
    pub amount: Money,
    /// When it was made, UTC.
    pub at: Timestamp,
}

/// A place where the two sides do not say the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What is wrong.
    pub kind: DifferenceKind,
    /// The session, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Stripe's object, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// What we say.
    pub ours: Money,
    /// What Stripe says.
    pub theirs: Money,
    /// Since when, UTC.
    pub since: Timestamp,
    /// How old it is, in whole minutes.
    pub age_minutes: i64,
    /// What would put it right.
    pub repair: Repair,
}

/// The kinds of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// A session has ended and has no bill.
    Unbilled,
    /// What is owed was not taken.
    Uncaptured,
    /// More than the bill was taken.
    CapturedTwice,
    /// Another amount was taken or given back than ours say.
    AmountDiffers,
    /// Money was taken for no session that is known.
    OrphanCharge,
    /// A hold stands that nobody will take from.
    HoldNotReleased,
    /// What Stripe kept is not known.
    FeeMissing,
    /// A payout is not the sum of what it is said to be made of.
    PayoutDiffers,
}

/// What would put a difference right. Each is proposed, none is done by looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Settle the session.
    Settle,
    /// Ask for the move again: Stripe is looked at before anything is tried.
    AskAgain,
    /// Give this much back.
    Refund(Money),
    /// Give the hold back.
    Release,
    /// Post what Stripe says.
    Post,
    /// A person has to look.
    LookInto,
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unbilled => "ended and not billed",
            Self::Uncaptured => "owed and not taken",
            Self::CapturedTwice => "taken twice",
            Self::AmountDiffers => "amount differs",
            Self::OrphanCharge => "taken for no session",
            Self::HoldNotReleased => "hold not released",
            Self::FeeMissing => "fee missing",
            Self::PayoutDiffers => "payout differs",
        })
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settle => f.write_str("settle the session"),
            Self::AskAgain => f.write_str("ask Stripe for it again"),
            Self::Refund(amount) => write!(f, "refund {amount}"),
            Self::Release => f.write_str("give the hold back"),
            Self::Post => f.write_str("post what Stripe says"),
            Self::LookInto => f.write_str("look into it"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nothing = "-".to_owned();
        let (session, object) = (self.session.as_ref().unwrap_or(&nothing), self.object.as_ref().unwrap_or(&nothing));
        let Self { kind, ours, theirs, age_minutes, repair, .. } = self;
        write!(
            f,
            "{kind}: session {session}, {object}: {ours} here, {theirs} at Stripe, for {age_minutes} min; {repair}"
        )
    }
}

/// What has to be told to the session so that it puts a difference right by itself; `None` where a person has to decide, or
/// where the work is due already.
///
/// Money that was taken and is not known is recorded; what is too much by that is given back by the session's own rules. A
/// hold that is not known is recorded and released.
#[must_use]
pub fn remedy(difference: &Difference, session: &Session) -> Option<Found> {
    let intent = difference.object.clone()?;
    let is_known = session.payments.iter().any(|payment| payment.intent.as_deref() == Some(&intent));
    match difference.kind {
        DifferenceKind::CapturedTwice | DifferenceKind::AmountDiffers
            if !is_known && difference.theirs.is_positive() =>
        {
            Some(Found::Linked { intent, amount: difference.theirs })
        }
        DifferenceKind::HoldNotReleased if !is_known => {
            Some(Found::Stray(ActiveHold { intent, amount: difference.theirs, capture_before: None }))
        }
        DifferenceKind::Unbilled
        | DifferenceKind::Uncaptured
        | DifferenceKind::CapturedTwice
        | DifferenceKind::AmountDiffers
        | DifferenceKind::OrphanCharge
        | DifferenceKind::HoldNotReleased
        | DifferenceKind::FeeMissing
        | DifferenceKind::PayoutDiffers => None,
    }
}

/// What of Stripe's side is to be posted to a session: fees and payouts that it does not know. Nothing is posted of an
/// intent that the session does not know: that is a difference.
#[must_use]
pub fn postings(session: &Session, statements: &Index<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for payment in session.payments.iter().filter(|payment| moves_balance(payment)) {
        let Some(booked) = payment.intent.as_deref().and_then(|intent| statements.booked(intent, payment)) else {
            continue;
        };
        let (intent, refund) = (payment.intent.clone().unwrap_or_default(), payment.refund.clone());
        if payment.fee != Some(booked.fee) {
            found.push(Found::Fee { intent: intent.clone(), refund: refund.clone(), fee: booked.fee });
        }
        if let Some(payout) = booked.payout.filter(|payout| payment.payout.as_ref() != Some(payout)) {
            found.push(Found::PaidOut { intent, refund, payout });
        }
    }
    found
}

fn moves_balance(payment: &Payment) -> bool {
    payment.is_done() && (payment.purpose.takes() || payment.purpose == Purpose::Refund)
}

/// Stripe's side by what it belongs to.
pub struct Index<'a> {
    statements: &'a Statements,
    charges: BTreeMap<&'a str, &'a Charge>,
    movements: BTreeMap<(&'a str, Option<&'a str>), Vec<&'a Movement>>,
}

/// What the balance says of a payment.
struct Booked {
    fee: Money,
    payout: Option<String>,
}

impl<'a> Index<'a> {
    /// Sorts the statements.
    #[must_use]
    pub fn of(statements: &'a Statements) -> Self {
        let charges = statements.charges.iter().map(|charge| (charge.intent.as_str(), charge)).collect();
        let mut movements: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for movement in &statements.movements {
            if let Some(intent) = movement.intent.as_deref() {
                movements.entry((intent, movement.refund.as_deref())).or_default().push(movement);
            }
        }
        Self { statements, charges, movements }
    }

    /// All fees of a payment, a dispute's too; and the payout that brought it.
    fn booked(&self, intent: &str, payment: &Payment) -> Option<Booked> {
        let movements = self.movements.get(&(intent, payment.refund.as_deref()))?;
        let first = movements.iter().min_by_key(|movement| (movement.at, &movement.id))?;
        let fee = movements.iter().map(|movement| movement.fee.minor()).sum();
        Some(Booked { fee: Money::new(fee, first.fee.currency()), payout: first.payout.clone() })
    }
}

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
            let booked = index.booked(&charge.intent, payment).map(|booked| booked.fee);
            let zero = Money::zero(payment.amount.currency());
            let of = (Some(&session.id), Some(charge.intent.as_str()));
            if booked.is_none() || booked != payment.fee {
                let amounts = (payment.fee.unwrap_or(zero), booked.unwrap_or(zero));
                let repair = if booked.is_some() { Repair::Post } else { Repair::LookInto };
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
