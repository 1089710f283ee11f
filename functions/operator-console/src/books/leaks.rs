//! What was delivered and did not arrive as money, why, and since when.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
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
use crate::look::Part;
use crate::paged::{self, Order};
use crate::problem::Problem;

/// So many sessions are read in one request, and so many days or requests are asked for at once.
const BATCH: usize = 100;
const AT_ONCE: usize = 8;

/// A session of which something did not arrive.
#[derive(Debug, Clone)]
pub(crate) struct Leak {
    pub(crate) session: Session,
    /// How much of it, by account, within the period.
    pub(crate) amounts: BTreeMap<Account, Money>,
    /// When the first of it was posted, UTC.
    pub(crate) since: Timestamp,
}

/// What did not arrive for one reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct Because {
    /// Of how many sessions.
    pub(crate) sessions: usize,
    /// By currency code.
    pub(crate) amounts: BTreeMap<&'static str, Money>,
}

/// What did not arrive within a period.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaks {
    /// By currency, from the daily totals.
    pub(crate) totals: BTreeMap<&'static str, (Currency, Total)>,
    /// Of all sessions, by reason. On the first page alone: it takes every one of them.
    pub(crate) reasons: BTreeMap<String, Because>,
    /// A page of them, the latest first.
    pub(crate) sessions: Vec<Leak>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

type Amounts = BTreeMap<Account, Money>;
type Found = BTreeMap<SessionId, (Amounts, Timestamp)>;
type Noted = (SessionId, (Amounts, Timestamp));

/// Looks through the days on which something leaked, or on which a session ended that may lie in quarantine. `why` says what a
/// session is summed up under.
pub(crate) async fn leaks(
    console: &Console,
    scope: &Scope,
    why: fn(&Session) -> String,
    (after, limit): Part<'_>,
) -> Result<Leaks, Problem> {
    let (mut leaks, on_days) = summed(console, scope).await?;
    let found = found(console, on_days).await?;
    let (waiting, _) = paged::page(found.into_iter().collect(), name, Order::Latest, (after, usize::MAX));
    let at_once = if after.is_none() { BATCH * AT_ONCE } else { limit.clamp(1, BATCH) };
    for some in waiting.chunks(at_once) {
        for leak in told(console, some).await? {
            if after.is_none() {
                leaks.reasons.entry(why(&leak.session)).or_default().add(&leak);
            }
            leaks.take(leak, limit);
        }
        if after.is_some() && leaks.next.is_some() {
            break;
        }
    }
    Ok(leaks)
}

/// The totals of the period, and how many postings of each day may be of something not collected.
async fn summed(console: &Console, scope: &Scope) -> Result<(Leaks, Vec<(Date, SiteId, i64)>), Problem> {
    let (mut leaks, mut on_days) = (Leaks::default(), Vec::new());
    for (known, days) in scope.totals(console, (scope.from, scope.to)).await? {
        let mut counts = BTreeMap::<Date, i64>::new();
        for day in days {
            let (_, total) = leaks.totals.entry(day.currency.code()).or_insert((day.currency, Total::default()));
            *total += &day.total;
            *counts.entry(day.day).or_default() += day.leaks;
        }
        let leaking = counts.into_iter().filter(|(_, count)| *count > 0);
        on_days.extend(leaking.map(|(day, count)| (day, known.site.id.clone(), count)));
    }
    Ok((leaks, on_days))
}

impl Leaks {
    /// Puts one on the page, if there is still room.
    fn take(&mut self, leak: Leak, limit: usize) {
        if self.sessions.len() < limit {
            self.sessions.push(leak);
        } else if self.next.is_none() {
            let last = self.sessions.last().map(|last| place(&last.session.id, last.since));
            self.next = last.as_deref().map(paged::cursor);
        }
    }
}

impl Because {
    fn add(&mut self, leak: &Leak) {
        self.sessions += 1;
        for money in leak.amounts.values() {
            let currency = money.currency();
            let known = self.amounts.get(currency.code()).copied().map_or(0, Money::minor);
            self.amounts.insert(currency.code(), Money::new(known + money.minor(), currency));
        }
    }
}

fn name((id, (_, since)): &Noted) -> String {
    place(id, *since)
}

fn place(id: &SessionId, since: Timestamp) -> String {
    format!("{since:.3}#{id}")
}

/// What these days' postings say of each session.
async fn found(console: &Console, on_days: Vec<(Date, SiteId, i64)>) -> Result<Found, Problem> {
    let mut found = Found::new();
    for some in on_days.chunks(AT_ONCE) {
        let read = some.iter().map(|(day, site, count)| posted(console, (site, *day), *count));
        for posted in try_join_all(read).await?.into_iter().flatten() {
            note(&mut found, posted);
        }
    }
    Ok(found)
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

/// Those of them of which something is missing, or that lie in quarantine, in the same order.
async fn told(console: &Console, noted: &[Noted]) -> Result<Vec<Leak>, Problem> {
    let ids: Vec<SessionId> = noted.iter().map(|(id, _)| id.clone()).collect();
    let read = try_join_all(ids.chunks(BATCH).map(|some| console.desk.store.sessions_named(some))).await?;
    let mut sessions: BTreeMap<SessionId, Session> =
        read.into_iter().flatten().map(|session| (session.id.clone(), session)).collect();
    let leak = |(id, (amounts, since)): &Noted| {
        let missing = amounts.iter().filter(|(_, money)| money.minor() != 0);
        let amounts: Amounts = missing.map(|(account, money)| (*account, *money)).collect();
        let session = sessions.remove(id)?;
        let leaks = !amounts.is_empty() || session.outcome == Outcome::Quarantined;
        leaks.then_some(Leak { session, amounts, since: *since })
    };
    Ok(noted.iter().filter_map(leak).collect())
}
