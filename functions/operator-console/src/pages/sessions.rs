//! *Sessions*: searched, filtered, a page at a time.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Html;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::ids::SessionId;
use plugtill_domain::session::Session;

use super::frame::{framed, local};
use super::{escaped, session_link};
use crate::access::Caller;
use crate::asked::{Asked, SEARCH};
use crate::problem::Problem;
use crate::{Shared, now, past, words};

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &SEARCH)?;
    let search = asked.search()?;
    let found = past::page(&console, &caller, &search).await?;
    let sites = now::sites(&console, &caller, None).await?;
    let is_filtered = SEARCH.iter().any(|name| asked.text(name).is_some());
    let older = found.next.as_ref().map(|next| (next, address(&asked, &next.to_string())));
    let is_full = found.sessions.len() >= search.limit;
    let body = html! {
        (filter(&asked, &sites))
        div #found {
            @if !found.sessions.is_empty() { (table(&found.sessions, &sites)) }
            @else if older.is_none() { p.card { @if is_filtered { (words::NO_SESSIONS) } @else { (words::NONE_YET) } } }
        }
        div #older data-limit=(search.limit) {
            @if let Some((next, older)) = older {
                @if is_full { p.row { a.button href=(older) rel="next" { (words::OLDER) } } }
                @else {
                    p role="status" { (words::looked_back(&day_of(next, &sites))) }
                    p.row { a.button href=(older) rel="next" data-further { (words::FURTHER) } }
                    script src="/console/further.js" defer {}
                }
            }
        }
    };
    Ok(Html(framed(&caller, words::SESSIONS, "/console/sessions", &body).into_string()))
}

/// The day of a session's start, where that is known: its site is not told by its name.
fn day_of(id: &SessionId, sites: &[Arc<SiteInForce>]) -> String {
    let own = sites.iter().find(|known| known.site.has_charger(&id.charger, true));
    let zone = own.map_or(TimeZone::UTC, |known| known.site.terms.zone());
    words::day(id.started_at.to_zoned(zone).date())
}

/// The same search after a session.
fn address(asked: &Asked, after: &str) -> String {
    let kept = SEARCH.iter().filter(|name| **name != "after");
    let kept = kept.filter_map(|name| Some(format!("{name}={}&", escaped(asked.text(name)?))));
    format!("/console/sessions?{}after={}", kept.collect::<String>(), escaped(after))
}

/// What is asked for seldom.
const NARROWER: [&str; 5] = ["site", "charger", "outcome", "from", "to"];

fn filter(asked: &Asked, sites: &[Arc<SiteInForce>]) -> Markup {
    let value = |name| asked.text(name).unwrap_or_default();
    let day = |name: &'static str, label: &str| html! { label { (label) input type="date" name=(name) value=(value(name)); } };
    html! {
        form.fields role="search" method="get" action="/console/sessions" {
            label { (words::SEARCH) input type="search" name="text" value=(value("text")); }
            div { button.first { (words::FILTER) } }
            details.more open[NARROWER.iter().any(|name| asked.text(name).is_some())] { summary { (words::MORE_FILTERS) } div {
            (super::which_site(sites, Some(value("site"))))
            label { (words::CHARGER) input name="charger" value=(value("charger")) maxlength="48"; }
            label { (words::OUTCOME) select name="outcome" {
                option value="" { (words::ANY_OUTCOME) }
                @for (outcome, word) in words::OUTCOMES {
                    option value=(word) selected[value("outcome") == word] { (words::outcome(outcome)) }
                }
            } }
            (day("from", words::FROM))
            (day("to", words::TO))
            } }
        }
    }
}

fn table(sessions: &[Session], sites: &[Arc<SiteInForce>]) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (words::STARTED) } th scope="col" { (words::PLACE) } th scope="col" { (words::OUTCOME) }
                th scope="col" { (words::ENERGY) } th.amount scope="col" { (words::BILLED) }
            } }
            tbody { @for session in sessions { (row(session, sites)) } }
        }
    }
}

fn row(session: &Session, sites: &[Arc<SiteInForce>]) -> Markup {
    let site = sites.iter().find(|known| known.site.id == session.site).map(|known| &known.site);
    let zone = site.map_or(TimeZone::UTC, |site| site.terms.zone());
    let name = site.map_or(session.site.as_str(), |site| &site.name);
    let energy = session.bill.as_ref().map_or_else(String::new, |bill| words::kwh(bill.energy));
    html! {
        tr {
            th scope="row" { a href=(session_link(&session.id.to_string())) { (local(session.id.started_at, &zone)) } }
            td { (name) small { (words::connector(session.id.charger.as_str(), session.id.connector.0)) } }
            td { (words::standing(session)) @if let Some(reason) = &session.reason { small { (reason) } } }
            td { (energy) }
            td.amount { @if session.bill.is_some() { (session.billed()) } }
        }
    }
}
