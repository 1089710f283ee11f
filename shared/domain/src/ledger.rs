//! Postings: double entry, append-only. An entry is what an event changed in a session's balances.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
use crate::payment::{Payment, Purpose};
use crate::pricing::LineKind;
use crate::session::{Outcome, Session};

/// Where an amount stands. Debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Taken from cards (debit).
    Captured,
    /// Given back to cards (credit).
    Refunded,
    /// Taken back by banks for disputes (credit).
    ChargedBack,
    /// Billed and given up (debit).
    Waived,
    /// Billed and not obtainable (debit).
    Uncollectable,
    /// Billed and still owed; negative while a refund is on its way (debit).
    Open,
    /// Kept back by banks until a dispute is decided (debit).
    Disputed,
    /// Revenue from energy (credit).
    Energy,
    /// Revenue from charging time (credit).
    Time,
    /// Revenue from flat fees (credit).
    Flat,
    /// Revenue from idle fees (credit).
    Idle,
    /// Revenue from parking time (credit).
    Parking,
    /// Revenue from reservations (credit).
    Reservation,
    /// What the tariff's least or highest price adds or takes away (credit).
    PriceLimit,
    /// Tax owed (credit).
    Tax,
    /// Kept by Stripe and the platform (debit).
    Fees,
    /// Brought to the operator's bank (debit).
    PaidOut,
    /// Taken out of what Stripe holds for the operator: fees and payouts (credit).
    Withheld,
}

/// Balances by account, in minor units of one currency. Accounts at zero are absent.
pub type Balances = BTreeMap<Account, i64>;

/// One posting: its legs sum to zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was posted, UTC.
    pub at: Timestamp,
    /// The currency of all legs.
    pub currency: Currency,
    /// What changed.
    pub legs: Balances,
    /// 1 when the session leaves the open ones, else 0.
    pub sessions: i64,
    /// Change of the billed energy in Wh.
    pub energy_wh: i64,
}

/// The balances of one session. A session is posted once it has an outcome.
#[must_use]
pub fn balances(session: &Session) -> Balances {
    let mut balances = Balances::new();
    if session.outcome == Outcome::Open {
        return balances;
    }
    let mut put = |account, minor: i64| {
        if minor != 0 {
            balances.insert(account, minor);
        }
    };
    put(Account::Captured, session.captured().minor());
    put(Account::Refunded, -session.done(Purpose::Refund).minor());
    put(Account::Waived, session.waived.minor());
    put(Account::ChargedBack, -session.disputed().minor() - session.lost().minor());
    put(Account::Uncollectable, session.uncollectable.minor() + session.lost().minor());
    put(Account::Disputed, session.disputed().minor());
    put(Account::Open, session.open().minor());
    let (fees, paid_out) = withheld(session);
    put(Account::Fees, fees);
    put(Account::PaidOut, paid_out);
    put(Account::Withheld, -fees - paid_out);
    if let Some(bill) = &session.bill {
        for (account, kind) in REVENUE {
            put(account, credited(session, &[kind]) - bill.net_of(kind).minor());
        }
        let bounds = [LineKind::MinPrice, LineKind::MaxPrice];
        let bounded: i64 = bounds.iter().map(|kind| bill.net_of(*kind).minor()).sum();
        put(Account::PriceLimit, credited(session, &bounds) - bounded);
        put(Account::Tax, credited(session, &[LineKind::Tax]) - bill.tax().minor());
    }
    balances
}

/// What credit notes gave back of these kinds of line, in minor units.
fn credited(session: &Session, kinds: &[LineKind]) -> i64 {
    let lines = session.credits.iter().flat_map(|credit| &credit.lines);
    lines.filter(|line| kinds.contains(&line.kind)).map(|line| line.amount.minor()).sum()
}

/// What Stripe kept for itself and the platform, and what it paid out, in minor units.
fn withheld(session: &Session) -> (i64, i64) {
    let done = || session.payments.iter().filter(|payment| payment.is_done());
    let fees = done().filter_map(Payment::fee).sum();
    let paid_out = done().map(Payment::paid_out).sum();
    (fees, paid_out)
}

const REVENUE: [(Account, LineKind); 6] = [
    (Account::Energy, LineKind::Energy),
    (Account::Time, LineKind::Time),
    (Account::Flat, LineKind::Flat),
    (Account::Idle, LineKind::Idle),
    (Account::Parking, LineKind::Parking),
    (Account::Reservation, LineKind::Reservation),
];

/// The entry that turns the balances of `before` into those of `after`; `None` when nothing is to be posted.
#[must_use]
pub fn entry(before: Option<&Session>, after: &Session, at: Timestamp) -> Option<Entry> {
    let mut legs = balances(after);
    for (account, minor) in before.map(balances).unwrap_or_default() {
        *legs.entry(account).or_default() -= minor;
    }
    legs.retain(|_, minor| *minor != 0);
    let was_open = before.is_none_or(|session| session.outcome == Outcome::Open);
    let sessions = i64::from(was_open && after.outcome != Outcome::Open);
    let energy_wh = posted_energy(Some(after)) - posted_energy(before);
    let moved = !legs.is_empty() || sessions != 0 || energy_wh != 0;
    moved.then(|| Entry { at, currency: after.waived.currency(), legs, sessions, energy_wh })
}

fn posted_energy(session: Option<&Session>) -> i64 {
    let posted = session.filter(|session| session.outcome != Outcome::Open);
    posted.and_then(|session| session.bill.as_ref()).map_or(0, |bill| bill.energy.0)
}
