//! What was delivered and did not arrive as money, why, and since when.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use plugtill_adapters::store::Posted;
use plugtill_domain::ids::{SessionId, SiteId};
use plugtill_domain::ledger::Account;
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::revenue::{LEAKS, Total, may_leak};
use plugtill_domain::session::{Outcome, Session};

use super::Scope;
use crate::Console;
use crate::problem::Problem;

/// So many sessions are looked at one by one; the sums are those of all.
pub(crate) const MOST_SESSIONS: usize = 150;

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

/// Looks through the days on which something leaked, or on which a session ended that may lie in quarantine, the latest first.
pub(crate) async fn leaks(console: &Console, scope: &Scope) -> Result<Leaks, Problem> {
    let (mut leaks, mut on_days) = (Leaks::default(), BTreeMap::<(Date, SiteId), i64>::new());
    for (known, days) in scope.totals(console, (scope.from, scope.to)).await? {
        for day in days {
            let (_, total) = leaks.totals.entry(day.currency.code()).or_insert((day.currency, Total::default()));
            *total += &day.total;
            if day.leaks > 0 {
                *on_days.entry((day.day, known.site.id.clone())).or_default() += day.leaks;
            }
        }
    }
    let mut found = Found::new();
    for ((day, site), count) in on_days.into_iter().rev() {
        if found.len() >= MOST_SESSIONS {
            leaks.more = true;
            break;
        }
        for posted in posted(console, (&site, day), count).await? {
            note(&mut found, posted);
        }
    }
    leaks.sessions = told(console, found).await?;
    Ok(leaks)
}

/// The postings of a site and day that may be of something not collected: there are so many.
async fn posted(console: &Console, (site, day): (&SiteId, Date), count: i64) -> Result<Vec<Posted>, Problem> {
    let found = console.desk.store.leaks(site, day).await?;
    if i64::try_from(found.len()).is_ok_and(|found| found >= count) {
        return Ok(found);
    }
    let mut posted = console.desk.store.postings(site, day).await?;
    posted.retain(|posted| may_leak(&posted.entry));
    Ok(posted)
}

fn note(found: &mut Found, Posted { session, entry, .. }: Posted) {
    let (amounts, since) = found.entry(session).or_insert_with(|| (BTreeMap::new(), entry.at));
    *since = (*since).min(entry.at);
    for (account, minor) in entry.legs.into_iter().filter(|(account, _)| LEAKS.contains(account)) {
        let known = amounts.get(&account).copied().map_or(0, Money::minor);
        amounts.insert(account, Money::new(known + minor, entry.currency));
    }
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
