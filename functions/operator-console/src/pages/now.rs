//! *Now*: what needs somebody, and every connector as it is.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::access::Role;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::Incident;
use plugtill_domain::ledger::Account;
use plugtill_domain::money::Money;

use super::frame::{clock, framed, worded};
use super::{escaped, session_link};
use crate::access::Caller;
use crate::asked::Asked;
use crate::now::{self, State as How, Tile};
use crate::problem::Problem;
use crate::{Console, Shared, look, words};

/// More tiles than this are a page of their own.
const MOST_TILES: usize = 72;

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
    let asked = Asked::of(given, &["site", "page"])?;
    let only: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let page = asked.parsed::<usize>("page", words::GIVE_LIMIT)?.unwrap_or(1).max(1);
    let sites = now::sites(&console, &caller, only.as_ref()).await?;
    let needs = needs(&console, &caller, &sites).await?;
    let mut parts = Vec::new();
    let mut left = MOST_TILES;
    for known in &sites {
        let tiles = now::tiles(&console, known).await?;
        let from = if only.is_some() { (page - 1).saturating_mul(MOST_TILES) } else { 0 };
        parts.push(site(known, &tiles, (from, left), only.is_some().then_some(page)));
        left = left.saturating_sub(tiles.len());
    }
    let body = html! {
        (needed(&needs, only.as_ref()))
        @if sites.is_empty() { p.card { (worded(words::NO_SITES)) } }
        @for part in &parts { (part) }
    };
    Ok(Html(framed(&caller, words::NOW, "/console", &body).into_string()))
}

async fn needs(console: &Console, caller: &Caller, sites: &[std::sync::Arc<SiteInForce>]) -> Result<Needs, Problem> {
    let mut needs = Needs::default();
    let whole = caller.sees(None).then_some(None);
    for site in sites.iter().map(|known| Some(&known.site.id)).chain(whole) {
        let latest = console.desk.store.latest_incidents(site).await?;
        needs.incidents += latest.iter().filter(|it| Incident::is_open(it) && it.acknowledged.is_none()).count();
    }
    if caller.may(Role::Manager) {
        needs.quarantine = look::quarantine(console, caller, false).await?.len();
    }
    let mut unpaid: BTreeMap<String, i64> = BTreeMap::new();
    for known in sites {
        // What was posted as not obtainable and not paid since, summed over the site's days.
        for (currency, accounts) in console.desk.store.day_totals(&known.site.id).await? {
            *unpaid.entry(currency).or_default() += accounts.of(Account::Uncollectable);
        }
    }
    let owed = unpaid.into_iter().filter(|(_, minor)| *minor > 0);
    needs.unpaid = owed.filter_map(|(currency, minor)| Some(Money::new(minor, currency.parse().ok()?))).collect();
    Ok(needs)
}

fn needed(needs: &Needs, site: Option<&SiteId>) -> Markup {
    let of_site = site.map_or_else(String::new, |site| format!("&site={}", escaped(site.as_str())));
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
                        (one(format!("/console/sessions?outcome=uncollectable{of_site}"), &money.to_string(), words::UNPAID))
                    }
                }
            }
        }
    }
}

/// The connectors of a site from one on, as many as there is room for.
fn site(known: &SiteInForce, tiles: &[Tile], (from, room): (usize, usize), page: Option<usize>) -> Markup {
    let (site, zone) = (&known.site, known.site.terms.zone());
    let shown = tiles.get(from..).unwrap_or_default();
    let (shown, rest) = shown.split_at(shown.len().min(room));
    let mut counts: BTreeMap<How, usize> = BTreeMap::new();
    for tile in tiles {
        *counts.entry(tile.state).or_default() += 1;
    }
    let here = format!("/console?site={}", escaped(site.id.as_str()));
    html! {
        section {
            h2 { a href=(here) { (site.name) } }
            @if tiles.is_empty() { p.card { (worded(words::NO_CONNECTORS)) } }
            @else {
                p.dim { @for (index, (state, count)) in counts.iter().enumerate() {
                    @if index > 0 { " · " } (words::tally(*count, words::state(*state)))
                } }
            }
            ul.tiles { @for one in shown { (tile(one, &zone)) } }
            @if !rest.is_empty() {
                p.row { a.button href=(format!("{here}&page={}", page.map_or(1, |page| page + 1))) { (words::MORE_TILES) } }
            }
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
