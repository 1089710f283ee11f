//! What was delivered and did not arrive as money, why, and since when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plugtill_domain::ids::SessionId;
use plugtill_domain::ledger::Account;
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::revenue::{LEAKS, Total, may_leak};
use plugtill_domain::session::{Outcome, Session};

use super::Scope;
use crate::Console;
use crate::problem::Problem;

/// So many sessions are looked at one by one; the sums are those of all.
pub(crate) const MOST_SESSIONS: usize = 500;

/// A session of which something did not arrive.
#[derive(Debug, Clone)]
pub(crate) struct Leak {
    pub(crate) session: Session,
    /// How much of it, by account, within the period.
    pub(crate) amounts: BTreeMap<Account, Money>,
    /// When the first of it was posted, UTC.
    pub(crate) since: Timestamp,
}

/// What did not arrive within a period.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaks {
    /// By currency, from the daily totals.
    pub(crate) totals: BTreeMap<&'static str, (Currency, Total)>,
    /// The latest first.
    pub(crate) sessions: Vec<Leak>,
    /// Whether there are more than were looked at.
    pub(crate) more: bool,
}

type Found = BTreeMap<SessionId, (BTreeMap<Account, Money>, Timestamp)>;

/// Looks through the days on which something leaked, or on which a session ended that may lie in quarantine.
pub(crate) async fn leaks(console: &Console, scope: &Scope) -> Result<Leaks, Problem> {
    let mut leaks = Leaks::default();
    for (_, days) in scope.totals(console, (scope.from, scope.to)).await? {
        for day in days {
            let (_, total) = leaks.totals.entry(day.currency.code()).or_insert((day.currency, Total::default()));
            *total += &day.total;
        }
    }
    let days = scope.posted(console, |day| day.leaks > 0).await?;
    let mut found = Found::new();
    for (day, known) in days {
        if found.len() > MOST_SESSIONS {
            leaks.more = true;
            break;
        }
        for posted in console.desk.store.postings(&known.site.id, day).await? {
            let legs = posted.entry.legs.iter().filter(|(account, _)| LEAKS.contains(account));
            let legs: Vec<_> = legs.map(|(account, minor)| (*account, *minor)).collect();
            if !may_leak(&posted.entry) {
                continue;
            }
            let (amounts, since) = found.entry(posted.session).or_insert_with(|| (BTreeMap::new(), posted.entry.at));
            *since = (*since).min(posted.entry.at);
            for (account, minor) in legs {
                let known = amounts.get(&account).copied().map_or(0, Money::minor);
                amounts.insert(account, Money::new(known + minor, posted.entry.currency));
            }
        }
    }
    leaks.sessions = told(console, found).await?;
    Ok(leaks)
}

async fn told(console: &Console, found: Found) -> Result<Vec<Leak>, Problem> {
    let ids: Vec<SessionId> = found.keys().cloned().collect();
    let mut leaks = Vec::new();
    let mut seen = BTreeSet::new();
    for session in console.desk.store.sessions_named(&ids).await? {
        let Some((amounts, since)) = found.get(&session.id) else { continue };
        let leaked = amounts.values().any(|money| money.minor() != 0);
        if (leaked || session.outcome == Outcome::Quarantined) && seen.insert(session.id.clone()) {
            let amounts = amounts.iter().filter(|(_, money)| money.minor() != 0);
            let amounts = amounts.map(|(account, money)| (*account, *money)).collect();
            leaks.push(Leak { session, amounts, since: *since });
        }
    }
    leaks.sort_by(|a, b| (b.since, &a.session.id).cmp(&(a.since, &b.session.id)));
    Ok(leaks)
}
