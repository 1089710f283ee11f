//! Postings: double entry, append-only. An entry is what an event changed in a session's balances.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
use crate::pricing::LineKind;
use crate::session::{Outcome, Purpose, Session};

/// Where an amount stands. Debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Taken from cards (debit).
    Captured,
    /// Given back to cards (credit).
    Refunded,
    /// Billed and given up (debit).
    Waived,
    /// Billed and not obtainable (debit).
    Uncollectable,
    /// Billed and still owed; negative while a refund is on its way (debit).
    Open,
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
    put(Account::Uncollectable, session.uncollectable.minor());
    put(Account::Open, session.open().minor());
    if let Some(bill) = &session.bill {
        for (account, kind) in REVENUE {
            put(account, -bill.net_of(kind).minor());
        }
        put(Account::PriceLimit, -bill.net_of(LineKind::MinPrice).minor() - bill.net_of(LineKind::MaxPrice).minor());
        put(Account::Tax, -bill.tax().minor());
    }
    balances
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
