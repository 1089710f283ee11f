//! The revenue report, and the proof that it holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::{Account, Balances, Counts, balances, billed};
use crate::money::Currency;
use crate::pricing::Bill;
use crate::revenue::Total;
use crate::session::{Outcome, Session};

/// How many sessions ended in which way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the outcomes' own names")]
pub struct SessionCounts {
    pub total: u64,
    pub captured: u64,
    pub waived: u64,
    pub uncollectable: u64,
    pub quarantined: u64,
    pub open: u64,
}

/// The money of one currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the accounts' own names")]
pub struct MoneyTotals {
    pub currency: Currency,
    pub billed_minor: i64,
    pub energy_minor: i64,
    pub time_minor: i64,
    pub flat_minor: i64,
    pub idle_minor: i64,
    pub parking_minor: i64,
    pub reservation_minor: i64,
    pub price_limit_minor: i64,
    pub tax_minor: i64,
    pub captured_minor: i64,
    pub waived_minor: i64,
    pub uncollectable_minor: i64,
    pub open_minor: i64,
    pub refunded_minor: i64,
    pub charged_back_minor: i64,
    pub disputed_minor: i64,
    pub fees_minor: i64,
    pub paid_out_minor: i64,
}

/// What a period of sessions came to: a fold, so that any split of the sessions adds up to the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// By outcome.
    pub sessions: SessionCounts,
    /// Sessions too small to be charged for, by id tag.
    pub not_charged: BTreeMap<String, u64>,
    /// Energy billed, in Wh.
    pub energy_wh: i64,
    /// What the sessions' balances add up to.
    pub accounts: BTreeMap<&'static str, Balances>,
    /// Bills of sessions that have no outcome yet, in minor units: known, not posted.
    pub unposted: BTreeMap<&'static str, i64>,
}

/// A broken invariant, in words an operator can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// Debits are not credits.
    #[error(
        "{currency}: billed {billed} is not captured - refunded - charged back + waived + uncollectable + open + disputed = {accounted}"
    )]
    Unbalanced {
        /// Which currency.
        currency: &'static str,
        /// Minor units billed.
        billed: i64,
        /// Minor units accounted for.
        accounted: i64,
    },
    /// Two independent counts of one thing differ.
    #[error("{what} in {currency}: sessions say {sessions}, {other} says {counted}")]
    Differs {
        /// What was counted.
        what: &'static str,
        /// In which currency.
        currency: String,
        /// The fold of the sessions, minor units.
        sessions: i64,
        /// Who counted too.
        other: &'static str,
        /// What it counted, minor units.
        counted: i64,
    },
    /// A session's bill is not what its evidence gives.
    #[error("session {session}: stored total {stored}, evidence gives {recomputed}")]
    NotReproducible {
        /// Which session.
        session: String,
        /// The stored bill, minor units.
        stored: i64,
        /// The bill recomputed, minor units.
        recomputed: i64,
    },
}

impl Report {
    /// Adds one session.
    pub fn add(&mut self, session: &Session) {
        self.sessions.total += 1;
        let count = match session.outcome {
            Outcome::Open => &mut self.sessions.open,
            Outcome::Captured => &mut self.sessions.captured,
            Outcome::Waived => &mut self.sessions.waived,
            Outcome::Uncollectable => &mut self.sessions.uncollectable,
            Outcome::Quarantined => &mut self.sessions.quarantined,
        };
        *count += 1;
        let currency = session.waived.currency().code();
        let accounts = self.accounts.entry(currency).or_default();
        for (account, minor) in balances(session) {
            *accounts.entry(account).or_default() += minor;
        }
        if session.bill.as_ref().is_some_and(Bill::is_not_charged) {
            *self.not_charged.entry(session.started.id_tag.to_string()).or_default() += 1;
        }
        match (&session.bill, session.outcome) {
            (Some(bill), Outcome::Open) => *self.unposted.entry(currency).or_default() += bill.total.minor(),
            (Some(bill), _) => self.energy_wh += bill.energy.0,
            (None, _) => {}
        }
    }

    /// The money, a line a currency.
    #[must_use]
    pub fn money(&self) -> Vec<MoneyTotals> {
        let line = |(code, accounts): (&&'static str, &Balances)| {
            let of = |account: Account| accounts.get(&account).copied().unwrap_or_default();
            let unposted = self.unposted.get(code).copied().unwrap_or_default();
            Some(MoneyTotals {
                currency: code.parse().ok()?,
                billed_minor: billed(accounts) + unposted,
                energy_minor: -of(Account::Energy),
                time_minor: -of(Account::Time),
                flat_minor: -of(Account::Flat),
                idle_minor: -of(Account::Idle),
                parking_minor: -of(Account::Parking),
                reservation_minor: -of(Account::Reservation),
                price_limit_minor: -of(Account::PriceLimit),
                tax_minor: -of(Account::Tax),
                captured_minor: of(Account::Captured),
                waived_minor: of(Account::Waived),
                uncollectable_minor: of(Account::Uncollectable),
                open_minor: of(Account::Open) + unposted,
                refunded_minor: -of(Account::Refunded),
                charged_back_minor: -of(Account::ChargedBack),
                disputed_minor: of(Account::Disputed),
                fees_minor: of(Account::Fees),
                paid_out_minor: of(Account::PaidOut),
            })
        };
        self.accounts.iter().filter_map(line).collect()
    }

    /// Proves that each currency's sums meet, and that the totals that were kept apart in the same transactions, by whom they
    /// were counted, say the same as the sessions, account by account.
    #[must_use]
    pub fn violations(&self, counted: &[(&'static str, BTreeMap<String, Total>)]) -> Vec<Violation> {
        let mut found = Vec::new();
        for (currency, accounts) in &self.accounts {
            let sum: i64 = accounts.values().sum();
            if sum != 0 {
                let billed = billed(accounts);
                found.push(Violation::Unbalanced { currency, billed, accounted: billed + sum });
            }
            for (other, totals) in counted {
                let total = totals.get(*currency).cloned().unwrap_or_default();
                let both = Account::ALL.map(|account| (account, of(accounts, account), of(&total.balances, account)));
                let differ = both.into_iter().filter(|(_, sessions, counted)| sessions != counted);
                found.extend(differ.map(|(account, sessions, counted)| {
                    let (what, currency) = (account.as_str(), (*currency).to_owned());
                    Violation::Differs { what, currency, sessions, other, counted }
                }));
            }
        }
        for (other, totals) in counted {
            let sum = |count: fn(&Counts) -> i64| totals.values().map(|total| count(&total.counts)).sum::<i64>();
            let closed = self.sessions.total - self.sessions.open;
            let sessions = (i64::try_from(closed).unwrap_or(i64::MAX), sum(|counts| counts.sessions));
            let energy = (self.energy_wh, sum(|counts| counts.energy_wh));
            for (what, (sessions, counted)) in [("number", sessions), ("energy", energy)] {
                if sessions != counted {
                    let currency = "all currencies".to_owned();
                    found.push(Violation::Differs { what, currency, sessions, other, counted });
                }
            }
        }
        found
    }
}

fn of(accounts: &Balances, account: Account) -> i64 {
    accounts.get(&account).copied().unwrap_or_default()
}
