//! What the desk knows, as far as somebody may see it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use plugtill_adapters::store::{Audited, QuarantineId, SiteInForce};
use plugtill_domain::ids::{ChargerId, SessionId, SiteId};
use plugtill_domain::money::Money;
use plugtill_domain::reconcile::Reconciliation;
use plugtill_operator::{Answer, Listed, OrderError, Owed, Request, Simulated, Waiting, handle};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::Console;
use crate::access::Caller;
use crate::paged::{self, Order};
use crate::problem::Problem;
use crate::words;

/// A page of a list: at most so many behind a name.
pub(crate) type Part<'a> = (Option<&'a str>, usize);
/// What is on a page, and where the next begins.
pub(crate) type Page<T> = Result<(Vec<T>, Option<String>), Problem>;

/// What is in quarantine, the latest first; with `all` also what somebody has looked at.
pub(crate) async fn quarantine(console: &Console, caller: &Caller, all: bool) -> Result<Vec<Waiting>, Problem> {
    let Answer::Quarantine(found) = asked(console, Request::Quarantine { since: None, all }).await? else {
        return Ok(Vec::new());
    };
    let mut seen = Vec::new();
    for waiting in found.into_iter().rev() {
        if caller.sees(site_of(console, &waiting.charger).await?.as_ref()) {
            seen.push(waiting);
        }
    }
    Ok(seen)
}

/// A page of what is in quarantine.
pub(crate) async fn kept(console: &Console, caller: &Caller, all: bool, part: Part<'_>) -> Page<Waiting> {
    let found = quarantine(console, caller, all).await?;
    Ok(paged::page(found, |waiting| waiting.id.to_string(), Order::Latest, part))
}

/// Something in quarantine by its name, where the caller may see it.
pub(crate) async fn one_kept(console: &Console, caller: &Caller, id: &str) -> Result<Waiting, Problem> {
    let missing = || Problem::not_found(words::no_quarantine(id));
    let id: QuarantineId = id.parse().map_err(|_| missing())?;
    let kept = console.desk.store.kept(&id).await?.ok_or_else(missing)?;
    let site = site_of(console, &kept.quarantined.charger).await?;
    if caller.sees(site.as_ref()) { Ok(kept.into()) } else { Err(missing()) }
}

/// A page of the chargers that somebody sees, by site and name.
pub(crate) async fn some_chargers(console: &Console, caller: &Caller, part: Part<'_>) -> Page<Listed> {
    let name = |listed: &Listed| format!("{}#{}", listed.site, listed.charger);
    Ok(paged::page(chargers(console, caller).await?, name, Order::Forward, part))
}

/// The chargers of the sites that somebody sees, by site and name.
pub(crate) async fn chargers(console: &Console, caller: &Caller) -> Result<Vec<Listed>, Problem> {
    let Answer::Chargers(mut listed) = asked(console, Request::Chargers).await? else { return Ok(Vec::new()) };
    listed.retain(|listed| caller.sees(Some(&listed.site)));
    Ok(listed)
}

/// The site of a charger by its name; none where it is nobody's.
pub(crate) async fn site_of(console: &Console, charger: &str) -> Result<Option<SiteId>, Problem> {
    let Ok(charger) = charger.parse::<ChargerId>() else { return Ok(None) };
    let found = console.desk.directory.site_of(&charger).await?;
    Ok(found.and_then(|(sites, index)| sites.get(index).map(|known| known.site.id.clone())))
}

/// What was ordered in the month of an instant, by everybody or by one of them.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// A page of it, the latest first.
    pub(crate) entries: Vec<Audited>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
    /// Who has ordered anything in that month.
    pub(crate) people: BTreeSet<String>,
}

pub(crate) async fn audit(
    console: &Console,
    caller: &Caller,
    (month, by): (Timestamp, Option<&str>),
    part: Part<'_>,
) -> Result<Trail, Problem> {
    let Answer::Audit(mut entries) = asked(console, Request::Audit { month }).await? else {
        return Ok(Trail::default());
    };
    let ids = entries.iter().filter_map(|entry| entry.session.as_ref()?.parse().ok()).collect();
    let sites = sites_of(console, ids).await?;
    entries.retain(|entry| caller.sees(entry.session.as_ref().and_then(|session| sites.get(session))));
    let people = entries.iter().map(|entry| entry.by.clone()).collect();
    entries.retain(|entry| by.is_none_or(|by| entry.by == by));
    let (entries, next) = paged::page(entries, name_of, Order::Latest, part);
    Ok(Trail { entries, next, people })
}

/// An entry's name: orders are long, and may say what does not belong into an address.
fn name_of(entry: &Audited) -> String {
    let order = Sha256::digest(format!("{:?} {}", entry.session, entry.order));
    format!("{:.3}#{}", entry.at, URL_SAFE_NO_PAD.encode(order.get(..9).unwrap_or_default()))
}

/// Who owes what, the oldest first: at most `limit` behind a place in that list, and where it goes on.
pub(crate) async fn balances(console: &Console, caller: &Caller, (after, limit): Part<'_>) -> Page<Owed> {
    let (owed, next) = console.desk.owed(after.map(paged::of_cursor), limit, |site| caller.sees(Some(site))).await?;
    Ok((owed, next.as_deref().map(paged::cursor)))
}

/// What is owed at these sites, by currency.
pub(crate) async fn owed(console: &Console, sites: &[Arc<SiteInForce>]) -> Result<Vec<Money>, Problem> {
    let sites: BTreeSet<&SiteId> = sites.iter().map(|known| &known.site.id).collect();
    let (mut sums, mut place) = (BTreeMap::new(), None);
    loop {
        let found = console.desk.store.open_balances(place.as_deref(), None).await?;
        for open in found.iter().filter(|open| sites.contains(&open.site)) {
            let currency = open.amount.currency();
            let (_, minor) = sums.entry(currency.code()).or_insert((currency, 0));
            *minor += open.amount.minor();
        }
        let Some(last) = found.into_iter().next_back() else { break };
        place = Some(last.place);
    }
    Ok(sums.into_values().map(|(currency, minor)| Money::new(minor, currency)).collect())
}

async fn sites_of(console: &Console, ids: Vec<SessionId>) -> Result<BTreeMap<String, SiteId>, Problem> {
    let sessions = console.desk.store.sessions_named(&ids).await?;
    Ok(sessions.into_iter().map(|session| (session.id.to_string(), session.site)).collect())
}

/// The latest comparison with Stripe's books, with the differences of the sites that somebody sees; what belongs to no
/// session concerns the operator as a whole.
pub(crate) async fn reconciliation(console: &Console, caller: &Caller) -> Result<Option<Reconciliation>, Problem> {
    let Some(mut compared) = console.desk.store.reconciliation().await? else { return Ok(None) };
    let ids = compared.differences.iter().filter_map(|difference| difference.session.as_ref()?.parse().ok()).collect();
    let sites = sites_of(console, ids).await?;
    compared
        .differences
        .retain(|difference| caller.sees(difference.session.as_ref().and_then(|session| sites.get(session))));
    Ok(Some(compared))
}

/// What the last month's sessions would have come to under a site file.
pub(crate) async fn simulated(console: &Console, file: Box<RawValue>) -> Result<Vec<Simulated>, Problem> {
    let Answer::Simulated(simulated) = asked(console, Request::Simulate { file }).await? else { return Ok(Vec::new()) };
    Ok(simulated)
}

/// Asks the desk, or orders something of it.
pub(crate) async fn asked(console: &Console, request: Request) -> Result<Answer, OrderError> {
    Box::pin(handle(&console.desk, request)).await
}
