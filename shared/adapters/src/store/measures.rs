//! What a commit means for the business, as metrics: sessions opened and closed, money by what became of it.

use jiff::Timestamp;
use plugtill_domain::ledger::{self, Account};
use plugtill_domain::session::{Outcome, Session};

/// What is counted of an account when its balance moves this way (1 for debit, -1 for credit), in minor units.
const MONEY: [(Account, i64, &str); 4] = [
    (Account::Captured, 1, "MoneyCaptured"),
    (Account::Refunded, -1, "MoneyRefunded"),
    (Account::Waived, 1, "MoneyWaived"),
    (Account::Uncollectable, 1, "MoneyUnpaid"),
];

/// Counts what a commit at `at` (UTC) changed.
pub(super) fn count(before: Option<&Session>, after: &Session, at: Timestamp) {
    if before.is_none() {
        metrics::counter!("SessionsOpened").increment(1);
    }
    let Some(entry) = ledger::entry(before, after, at) else { return };
    if entry.counts.sessions > 0 {
        metrics::counter!("SessionsClosed").increment(1);
        metrics::histogram!("SettleLagSeconds").record(lag_seconds(before, at));
    }
    for (account, way, name) in MONEY {
        let moved = entry.legs.get(&account).map_or(0, |minor| minor * way);
        if let Some(minor) = u64::try_from(moved).ok().filter(|minor| *minor > 0) {
            metrics::counter!(name, "Currency" => entry.currency.code()).increment(minor);
        }
    }
    if after.outcome == Outcome::Quarantined && before.is_none_or(|before| before.outcome != Outcome::Quarantined) {
        metrics::counter!("SessionsQuarantined").increment(1);
    }
}

/// How long after it was due the session got its outcome; nothing that is billed depends on it.
fn lag_seconds(before: Option<&Session>, at: Timestamp) -> f64 {
    let due = before.and_then(Session::due).map_or(at, |(due, _)| due);
    at.duration_since(due).as_secs_f64().max(0.0)
}
