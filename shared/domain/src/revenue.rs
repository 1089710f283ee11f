//! What a period came to: daily totals folded, so that any grouping of them adds up to the same.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::ledger::{Account, Balances, Counts, Entry, billed};
use crate::units::WattHours;

/// Revenue by what was charged for, in the order in which it is shown.
pub const COMPONENTS: [Account; 7] = [
    Account::Energy,
    Account::Time,
    Account::Flat,
    Account::Parking,
    Account::Reservation,
    Account::Idle,
    Account::PriceLimit,
];

/// What was delivered and billed, and is not on the operator's side, in the order in which it is shown.
pub const LEAKS: [Account; 4] = [Account::Uncollectable, Account::Waived, Account::Open, Account::Disputed];

/// Whether an entry may be of something that was delivered and not collected: it moves an account of [`LEAKS`], or counts a session
/// that ended without a bill, in quarantine.
#[must_use]
pub fn may_leak(entry: &Entry) -> bool {
    let unbilled = entry.legs.is_empty() && entry.counts == Counts { sessions: 1, ..Counts::default() };
    unbilled || entry.legs.keys().any(|account| LEAKS.contains(account))
}

/// What sessions came to, in one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Total {
    /// What is counted.
    pub counts: Counts,
    /// The accounts, in minor units; those at zero may be absent.
    pub balances: Balances,
}

impl Total {
    /// An account's balance as it is read: revenue, refunds and what banks took back are positive too. Minor units.
    #[must_use]
    pub fn of(&self, account: Account) -> i64 {
        let minor = self.balances.get(&account).copied().unwrap_or_default();
        if is_credit(account) { -minor } else { minor }
    }

    /// Billed, with tax, after credit notes. Minor units.
    #[must_use]
    pub fn gross(&self) -> i64 {
        billed(&self.balances)
    }

    /// Billed without tax. Minor units.
    #[must_use]
    pub fn net(&self) -> i64 {
        self.gross() - self.of(Account::Tax)
    }

    /// Taken from cards and neither given back, nor taken back by banks, nor kept by them. Minor units.
    #[must_use]
    pub fn collected(&self) -> i64 {
        self.of(Account::Captured) - self.of(Account::Refunded) - self.of(Account::ChargedBack)
    }

    /// What stays of what was collected, without tax and what Stripe and the platform kept. Minor units.
    #[must_use]
    pub fn kept(&self) -> i64 {
        self.collected() - self.of(Account::Tax) - self.of(Account::Fees)
    }

    /// Net revenue a kilowatt-hour, in minor units to two digits; `None` without energy.
    #[must_use]
    pub fn per_kwh(&self) -> Option<Decimal> {
        ratio(Decimal::from(self.net()), WattHours(self.counts.energy_wh).to_kwh())
    }

    /// Net revenue a session, in minor units to two digits; `None` without sessions.
    #[must_use]
    pub fn per_session(&self) -> Option<Decimal> {
        ratio(Decimal::from(self.net()), Decimal::from(self.counts.sessions))
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.counts == Counts::default() && self.balances.values().all(|minor| *minor == 0)
    }
}

impl AddAssign<&Self> for Total {
    fn add_assign(&mut self, other: &Self) {
        self.counts += other.counts;
        for (account, minor) in &other.balances {
            *self.balances.entry(*account).or_default() += minor;
        }
    }
}

/// How one number compares with another, in per cent to one digit; `None` where there was nothing to compare with.
#[must_use]
pub fn change(now: i64, before: i64) -> Option<Decimal> {
    let share = ratio(Decimal::from(now - before) * Decimal::ONE_HUNDRED, Decimal::from(before.abs()))?;
    Some(share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero))
}

/// Totals by whatever they are grouped by.
#[must_use]
pub fn fold<K: Ord>(totals: impl IntoIterator<Item = (K, Total)>) -> BTreeMap<K, Total> {
    let mut folded = BTreeMap::<K, Total>::new();
    for (key, total) in totals {
        *folded.entry(key).or_default() += &total;
    }
    folded
}

fn ratio(of: Decimal, to: Decimal) -> Option<Decimal> {
    let share = of.checked_div(to)?;
    Some(share.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

/// Whether more of it is a lower balance.
const fn is_credit(account: Account) -> bool {
    match account {
        Account::Captured
        | Account::Waived
        | Account::Uncollectable
        | Account::Open
        | Account::Disputed
        | Account::Fees
        | Account::PaidOut => false,
        Account::Refunded
        | Account::ChargedBack
        | Account::Energy
        | Account::Time
        | Account::Flat
        | Account::Idle
        | Account::Parking
        | Account::Reservation
        | Account::PriceLimit
        | Account::Tax
        | Account::Withheld => true,
    }
}
