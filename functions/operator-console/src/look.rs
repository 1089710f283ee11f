//! What the desk knows, as far as somebody may see it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plugtill_adapters::store::Audited;
use plugtill_domain::ids::{ChargerId, SessionId, SiteId};
use plugtill_domain::reconcile::Reconciliation;
use plugtill_operator::{Answer, Listed, OrderError, Owed, Request, Shown, Simulated, Waiting, handle};
use serde_json::value::RawValue;

use crate::Console;
use crate::access::Caller;
use crate::problem::Problem;

/// Incidents, the latest first; with `all` also those that are over.
pub(crate) async fn incidents(console: &Console, caller: &Caller, all: bool) -> Result<Vec<Shown>, Problem> {
    let Answer::Incidents(mut shown) = asked(console, Request::Incidents { since: None, all }).await? else {
        return Ok(Vec::new());
    };
    shown.retain(|incident| caller.sees(incident.subject.site.as_ref()));
    shown.reverse();
    Ok(shown)
}

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

/// What was ordered in the month of an instant, the latest first.
pub(crate) async fn audit(console: &Console, caller: &Caller, month: Timestamp) -> Result<Vec<Audited>, Problem> {
    let Answer::Audit(mut entries) = asked(console, Request::Audit { month }).await? else { return Ok(Vec::new()) };
    let ids = entries.iter().filter_map(|entry| entry.session.as_ref()?.parse().ok()).collect();
    let sites = sites_of(console, ids).await?;
    entries.retain(|entry| caller.sees(entry.session.as_ref().and_then(|session| sites.get(session))));
    entries.reverse();
    Ok(entries)
}

/// Who owes what, the oldest first.
pub(crate) async fn balances(console: &Console, caller: &Caller) -> Result<Vec<Owed>, Problem> {
    let Answer::Balances(mut owed) = asked(console, Request::Balances).await? else { return Ok(Vec::new()) };
    let sites = sites_of(console, owed.iter().map(|owed| owed.session.clone()).collect()).await?;
    owed.retain(|owed| caller.sees(sites.get(&owed.session.to_string())));
    Ok(owed)
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
