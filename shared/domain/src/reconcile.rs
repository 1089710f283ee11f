//! Our books against Stripe's: what each says of every session and every cent, and where they differ.
//!
//! Pure: [`compare`] is given both sides and the time, [`postings`] says what of Stripe's side is not posted yet.

mod compare;

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::decide::Found;
use crate::ids::SessionId;
use crate::money::Money;
use crate::payment::{ActiveHold, Booked, Payment, Purpose};
use crate::session::Session;

pub use compare::compare;

/// What is younger is on its way, not missing.
pub const SETTLED_WITHIN: SignedDuration = SignedDuration::from_mins(15);

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
    /// The connected account that it is for.
    pub account: Option<String>,
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
    /// The connected account whose balance it is; none for the platform's own.
    pub account: Option<String>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a comparison of our books with Stripe's came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// When, UTC.
    pub at: Timestamp,
    /// From when on Stripe's books were read, UTC.
    pub since: Timestamp,
    /// Sessions looked at.
    pub sessions: usize,
    /// Payment intents at Stripe.
    pub charges: usize,
    /// Movements of the balance.
    pub movements: usize,
    /// Payouts.
    pub payouts: usize,
    /// Fees and payouts that were posted now.
    pub posted: usize,
    /// Where the books differ; empty is proof.
    pub differences: Vec<Difference>,
}

/// The kinds of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What of Stripe's side is to be posted to a session: movements of the balance that it does not know, and payouts that
/// they are now part of. `account` is the connected account that the session's money is for: what moves in the platform's
/// own balance is not the operator's then. Nothing is posted of an intent that the session does not know: that is a
/// difference.
#[must_use]
pub fn postings(session: &Session, statements: &Index<'_>, account: Option<&str>) -> Vec<Found> {
    let mut found = Vec::new();
    for payment in session.payments.iter().filter(|payment| moves_balance(payment)) {
        let Some(intent) = payment.intent.as_deref() else { continue };
        for moved in statements.booked(intent, payment, account) {
            let booked = moved.booked();
            if payment.movements.get(&moved.id) != Some(&booked) {
                let (intent, refund, movement) = (intent.to_owned(), payment.refund.clone(), moved.id.clone());
                found.push(Found::Booked { intent, refund, movement, booked });
            }
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

    /// What a payment moved in an operator's balance, a dispute of it too.
    fn booked(&self, intent: &str, payment: &Payment, account: Option<&str>) -> impl Iterator<Item = &'a Movement> {
        let movements = self.movements.get(&(intent, payment.refund.as_deref())).cloned().unwrap_or_default();
        movements.into_iter().filter(move |movement| movement.account.as_deref() == account)
    }
}

impl Movement {
    fn booked(&self) -> Booked {
        Booked { amount: self.amount.minor(), fee: self.fee.minor(), payout: self.payout.clone() }
    }
}
