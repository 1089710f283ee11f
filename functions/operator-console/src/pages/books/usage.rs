//! *Use*: what connectors did with their time, and what idle fees do about it.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use plugtill_domain::ledger::{Account, Counts};

use super::{amount, behind, filter};
use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, ConnectorUse, PERIOD, Scope, Usage};
use crate::pages::escaped;
use crate::pages::frame::framed;
use crate::problem::Problem;
use crate::{Shared, words};

/// Connectors of a site on the page; the API has them all.
const MOST: usize = 100;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &PERIOD)?;
    let every = Scope::of(&console, &caller, &asked).await?;
    let all = crate::now::sites(&console, &caller, None).await?;
    // One site at a time: the first, where nobody says which.
    let chosen = every.site.clone().or_else(|| all.first().map(|known| known.site.id.clone()));
    let sites = all.iter().filter(|known| chosen.as_ref().is_some_and(|site| known.site.id == *site));
    let scope = Scope { sites: sites.cloned().collect(), site: chosen, ..every.clone() };
    let body = html! {
        (filter(&asked, &scope, &Scope { sites: all, ..every }, "/console/use"))
        @let found = books::usage(&console, &scope).await?;
        @if found.is_empty() { p.card { (words::NO_SITES) } }
        @for of in &found { (section(of, &scope)) }
    };
    Ok(Html(framed(&caller, words::USE, "/console/use", &body).into_string()))
}

fn section(of: &Usage, scope: &Scope) -> Markup {
    let mut all = Counts::default();
    for connector in &of.connectors {
        all += connector.counts;
    }
    html! {
        section {
            h2 { (of.known.site.name) }
            (policy(&all, of, scope))
            @if of.connectors.is_empty() { p.card { (words::NO_CONNECTORS) } } @else { (table(of, scope)) }
            p.dim { (words::SETTLED_DAYS) }
        }
    }
}

/// How long vehicles stay after charging, beside the period before: what the idle policy is for.
fn policy(now: &Counts, of: &Usage, scope: &Scope) -> Markup {
    let days = scope.days() * i64::try_from(of.connectors.len().max(1)).unwrap_or(1);
    let idle =
        |counts: &Counts| words::minutes(counts.idle_seconds.checked_div(counts.sessions * 60).unwrap_or_default());
    html! {
        dl {
            dt { (words::TURNOVER) } dd { (words::per_day(now.sessions, days)) }
            dt { (words::IDLE_EACH) } dd { (idle(now)) " (" (words::BEFORE) ": " (idle(&of.before)) ")" }
            dt { (words::WITH_IDLE_FEE) } dd { (words::of_sessions(now.idle_fees, now.sessions)) " (" (words::BEFORE) ": " (words::of_sessions(of.before.idle_fees, of.before.sessions)) ")" }
            dt { (words::IDLE_RULE) }
            dd { @if of.known.site.terms.idle.is_some() { (words::HAS_IDLE_RULE) } @else { (words::NO_IDLE_RULE) } }
        }
    }
}

fn table(of: &Usage, scope: &Scope) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (words::CONNECTOR) } th scope="col" { (words::SESSIONS) } th scope="col" { (words::CHARGED_FOR) }
                th scope="col" { (words::IDLED) } th scope="col" { (words::FREE) } th scope="col" { (words::FAULTED) }
                th.amount scope="col" { (words::IDLE_FEES) }
            } }
            tbody { @for one in of.connectors.iter().take(MOST) { (row(one, scope)) } }
        }
    }
}

fn row(one: &ConnectorUse, scope: &Scope) -> Markup {
    let whole = one.charging + one.idle + one.free + one.faulted;
    let part = |what: &str, seconds: i64| html! { td data-as=(what) { (words::hours(seconds)) small { (words::share(seconds, whole)) } } };
    let linked = |what: &str, href: &str, seconds: i64| {
        html! {
            td data-as=(what) { a href=(href) { (words::hours(seconds)) } small { (words::share(seconds, whole)) } }
        }
    };
    let more = format!("&charger={}&connector={}", escaped(one.charger.as_str()), one.connector.0);
    let sessions =
        format!("/console/sessions?charger={}&from={}&to={}", escaped(one.charger.as_str()), scope.from, scope.to);
    let uptime = scope.site.as_ref().map_or_else(
        || "/console/uptime".to_owned(),
        |site| format!("/console/uptime?site={}", escaped(site.as_str())),
    );
    html! {
        tr {
            th scope="row" { (words::connector(one.charger.as_str(), one.connector.0)) }
            td { a href=(sessions) { (words::sessions(one.counts.sessions)) } }
            (linked(words::CHARGED_FOR, &sessions, one.charging)) (linked(words::IDLED, &sessions, one.idle))
            (part(words::FREE, one.free)) (linked(words::FAULTED, &uptime, one.faulted))
            td.amount data-as=(words::IDLE_FEES) { @for (currency, minor) in &one.idle_fees {
                a href=(behind(scope, *currency, Some(Account::Idle), &more)) { (amount(*minor, *currency)) }
            } }
        }
    }
}
