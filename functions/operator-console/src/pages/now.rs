//! *Now*: what needs somebody, and every connector as it is.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::access::Role;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::Incident;
use plugtill_domain::money::Money;

use super::frame::{clock, framed, worded};
use super::{escaped, session_link};
use crate::access::Caller;
use crate::asked::Asked;
use crate::now::{self, Group, Spot, State as How, Tile};
use crate::problem::Problem;
use crate::{Console, Shared, look, words};

/// More tiles than this are a page of their own.
const MOST_TILES: usize = 72;
/// The incidents of so many sites are read at once.
const AT_ONCE: usize = 32;

/// What needs somebody.
#[derive(Default)]
struct Needs {
    incidents: usize,
    quarantine: usize,
    unpaid: Vec<Money>,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["site", "after"])?;
    let only: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let after: Option<Spot> = asked.parsed("after", words::GIVE_AFTER)?;
    let sites = now::sites(&console, &caller, only.as_ref()).await?;
    let needs = needs(&console, &caller, &sites).await?;
    let (groups, next) = now::groups(&console, &sites, (after.as_ref(), MOST_TILES)).await?;
    let more = next.map(|next| {
        let site = only.as_ref().map_or_else(String::new, |site| format!("site={}&", escaped(site.as_str())));
        format!("/console?{site}after={}", escaped(&next.to_string()))
    });
    let body = html! {
        (needed(&needs, &caller, only.as_ref()))
        @if sites.is_empty() { p.card { (worded(words::NO_SITES)) } }
        @for group in &groups { (site(group)) }
        @if let Some(more) = more { p.row { a.button href=(more) rel="next" { (words::MORE_TILES) } } }
    };
    Ok(Html(framed(&caller, words::NOW, "/console", &body).into_string()))
}

async fn needs(console: &Console, caller: &Caller, sites: &[std::sync::Arc<SiteInForce>]) -> Result<Needs, Problem> {
    let mut needs = Needs { unpaid: look::owed(console, sites).await?, ..Needs::default() };
    let whole = caller.sees(None).then_some(None);
    let places: Vec<Option<SiteId>> = sites.iter().map(|known| Some(known.site.id.clone())).chain(whole).collect();
    let waiting = |latest: &Incident| latest.is_open() && latest.acknowledged.is_none();
    let reads = places.into_iter().map(|site| async move { console.desk.store.latest_incidents(site.as_ref()).await });
    let latest: Vec<Vec<Incident>> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    needs.incidents = latest.iter().flatten().filter(|latest| waiting(latest)).count();
    if caller.may(Role::Manager) {
        needs.quarantine = look::quarantine(console, caller, false).await?.len();
    }
    Ok(needs)
}

fn needed(needs: &Needs, caller: &Caller, site: Option<&SiteId>) -> Markup {
    // Who may not see drivers sees their sessions.
    let unpaid = if caller.may(Role::Manager) {
        site.map_or_else(
            || "/console/drivers".to_owned(),
            |site| format!("/console/drivers?site={}", escaped(site.as_str())),
        )
    } else {
        let of_site = site.map_or_else(String::new, |site| format!("&site={}", escaped(site.as_str())));
        format!("/console/sessions?outcome=uncollectable{of_site}")
    };
    let one = |href: String, figure: &str, what: &str| html! { li { a href=(href) { strong { (figure) } (what) } } };
    let incidents = if needs.incidents == 1 { words::OPEN_INCIDENT } else { words::OPEN_INCIDENTS };
    html! {
        section aria-label=(words::NEEDS_ME) {
            @if needs.incidents == 0 && needs.quarantine == 0 && needs.unpaid.is_empty() {
                p.good { (words::ALL_IS_WELL) }
            } @else {
                ul.needs {
                    @if needs.incidents > 0 { (one("/console/incidents".to_owned(), &needs.incidents.to_string(), incidents)) }
                    @if needs.quarantine > 0 {
                        (one("/console/quarantine".to_owned(), &needs.quarantine.to_string(), words::IN_QUARANTINE))
                    }
                    @for money in &needs.unpaid {
                        (one(unpaid.clone(), &money.to_string(), words::UNPAID))
                    }
                }
            }
        }
    }
}

/// Connectors of a site.
fn site(group: &Group) -> Markup {
    let (site, zone) = (&group.known.site, group.known.site.terms.zone());
    let mut counts: BTreeMap<How, usize> = BTreeMap::new();
    for tile in &group.tiles {
        *counts.entry(tile.state).or_default() += 1;
    }
    let here = format!("/console?site={}", escaped(site.id.as_str()));
    html! {
        section {
            h2 { a href=(here) { (site.name) } }
            @if group.tiles.is_empty() { p.card { (worded(words::NO_CONNECTORS)) } }
            @else {
                p.dim {
                    @if group.tiles.len() < group.connectors { (words::some_of(group.tiles.len(), group.connectors)) ": " }
                    @for (index, (state, count)) in counts.iter().enumerate() {
                        @if index > 0 { " · " } (words::tally(*count, words::state(*state)))
                    }
                }
            }
            ul.tiles { @for one in &group.tiles { (tile(one, &zone)) } }
        }
    }
}

fn tile(tile: &Tile, zone: &TimeZone) -> Markup {
    let name = words::connector(tile.charger.as_str(), tile.connector.0);
    let (charger, site) = (escaped(tile.charger.as_str()), escaped(tile.site.as_str()));
    html! {
        li class=(format!("tile {}", words::state_name(tile.state))) {
            p { a href=(format!("/console/sessions?site={site}&charger={charger}")) { (name) } }
            p.state { (words::state(tile.state)) }
            @if let Some(running) = &tile.running {
                p {
                    a href=(session_link(&running.session.to_string())) { (running.price) }
                    " · " (words::kwh(running.energy))
                    @if let Some(power) = running.power.filter(|_| tile.state == How::Charging) { " · " (words::kilowatts(power)) }
                }
                @if let Some(since) = running.idle_since { p { (words::IDLE_SINCE) " " (clock(since, zone)) } }
                @else { p.dim { (words::SINCE) " " (clock(running.session.started_at, zone)) } }
            }
        }
    }
}
