//! *Incidents*: what breaks, who looks after it, and what broke.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::response::{Html, Redirect};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::access::Role;
use plugtill_domain::incident::Kind;
use plugtill_operator::{OfIncident, Request, Shown};
use serde::Deserialize;

use super::audit::{before, first_day};
use super::frame::{framed, when};
use super::{escaped, hidden, session_link};
use crate::access::Caller;
use crate::asked::Asked;
use crate::broken::{self, Broken};
use crate::problem::Problem;
use crate::{Console, Shared, api, look, now, words};

const HERE: &str = "/console/incidents";
/// A page holds no more.
const MOST: usize = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct LookingAfter {
    subject: String,
    first_at: Timestamp,
    #[serde(default)]
    reason: String,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let names: Vec<&str> = Broken::NAMES.into_iter().chain(["after"]).collect();
    let asked = Asked::of(given, &names)?;
    let wanted = Broken::of(&asked)?;
    let (found, next) = broken::incidents(&console, &caller, &wanted, (asked.text("after"), MOST)).await?;
    let mut cards = Vec::new();
    for shown in &found {
        cards.push(card(&console, &caller, shown).await?);
    }
    let month = wanted.month.map(first_day);
    let view = month.map(in_month).or_else(|| wanted.all.then(|| "all=true".to_owned()));
    let further = here(&asked, view.as_deref());
    let joint = if further.contains('?') { '&' } else { '?' };
    let body = html! {
        (filter(&asked, &now::sites(&console, &caller, None).await?))
        @if let Some(first) = month { h2 { (words::month(first)) } }
        @if cards.is_empty() { p.good { (nothing(&wanted)) } }
        ul.list { @for card in &cards { (card) } }
        (super::more(next.as_deref(), &format!("{further}{joint}")))
        (others(&asked, &wanted, first_day(console.desk.clock.now())))
    };
    Ok(Html(framed(&caller, words::INCIDENTS, HERE, &body).into_string()))
}

/// The ways to other times, with the same filters.
fn others(asked: &Asked, wanted: &Broken, this_month: Date) -> Markup {
    let month = wanted.month.map(first_day);
    html! {
        p.row {
            @if wanted.all || month.is_some() { a.button href=(here(asked, None)) { (words::OPEN_ONLY) } }
            @if !wanted.all || month.is_some() { a.button href=(here(asked, Some("all=true"))) { (words::HISTORY) } }
            @if let Some(first) = month {
                @if let Some(before) = before(first) { a.button href=(here(asked, Some(&in_month(before)))) { (words::MONTH_BEFORE) } }
            } @else { a.button href=(here(asked, Some(&in_month(this_month)))) { (words::BY_MONTH) } }
            a.button href="/console/uptime" { (words::UPTIME_OF_A_YEAR) }
        }
    }
}

fn in_month(first: Date) -> String {
    format!("month={first}")
}

/// The page with the same filters at another time.
fn here(asked: &Asked, view: Option<&str>) -> String {
    let kept = ["site", "kind"].into_iter().filter_map(|name| Some(format!("{name}={}", escaped(asked.text(name)?))));
    let query: Vec<String> = kept.chain(view.map(str::to_owned)).collect();
    if query.is_empty() { HERE.to_owned() } else { format!("{HERE}?{}", query.join("&")) }
}

const fn nothing(wanted: &Broken) -> &'static str {
    if wanted.is_narrow() {
        words::NOTHING_SUCH
    } else if wanted.month.is_some() {
        words::NOTHING_IN_MONTH
    } else if wanted.all {
        words::NO_HISTORY
    } else {
        words::NOTHING_BREAKS
    }
}

fn filter(asked: &Asked, sites: &[Arc<SiteInForce>]) -> Markup {
    html! {
        form.fields role="search" method="get" action=(HERE) {
            @for name in ["all", "month"] { @if let Some(value) = asked.text(name) { (hidden(name, value)) } }
            (super::which_site(sites, asked.text("site")))
            label { (words::KIND) select name="kind" {
                option value="" { (words::ANY_KIND) }
                @for kind in Kind::ALL { option value=(kind.as_str()) selected[asked.text("kind") == Some(kind.as_str())] { (words::incident(kind)) } }
            } }
            div { button.first { (words::FILTER) } }
        }
    }
}

async fn card(console: &Console, caller: &Caller, shown: &Shown) -> Result<Markup, Problem> {
    let site = match &shown.subject.site {
        Some(site) => console.desk.directory.site(site).await?,
        None => None,
    };
    let zone = site.as_ref().map_or(TimeZone::UTC, |known| known.site.terms.zone());
    let name = site.as_ref().map(|known| known.site.name.as_str());
    let can_look = shown.open && shown.acknowledged_by.is_none() && caller.may(Role::Manager);
    Ok(html! {
        li class=(format!("card {}", shown.severity.as_str())) {
            h2 { (words::incident(shown.subject.kind)) }
            p { (place(shown, name)) }
            @for line in words::explained(&shown.facts) { p { (line) } }
            p.dim {
                (words::severity(shown.severity)) " · " (words::SINCE) " " (when(shown.first_at, &zone))
                @if let Some(at) = shown.ended_at { " · " (words::ENDED) " " (when(at, &zone)) }
                " · " (words::times(shown.count))
                @if shown.minutes_lost > 0 { " · " (words::minutes_lost(shown.minutes_lost)) }
                @if let Some(lost) = shown.revenue_lost.filter(|lost| lost.is_positive()) { " · " (words::revenue_lost(lost)) }
            }
            @if let Some(by) = &shown.acknowledged_by { p { (words::looked_after(by)) } }
            @if let Some(reason) = &shown.excluded { p { (words::NOT_COUNTED) ": " (reason) } }
            @else if shown.minutes_lost > 0 && !shown.open && caller.may(Role::Manager) { (exclusion(caller, shown)) }
            @if can_look {
                form.row method="post" action=(HERE) {
                    (hidden("csrf", &caller.token))
                    (hidden("subject", &shown.subject.to_string()))
                    (hidden("first_at", &shown.first_at.to_string()))
                    button { (words::LOOK_AFTER) }
                }
            }
        }
    })
}

/// What says why an outage does not count against uptime.
fn exclusion(caller: &Caller, shown: &Shown) -> Markup {
    html! {
        details { summary { (words::DO_NOT_COUNT) }
            form.fields method="post" action="/console/incidents/exclude" {
                (hidden("csrf", &caller.token))
                (hidden("subject", &shown.subject.to_string()))
                (hidden("first_at", &shown.first_at.to_string()))
                label { (words::WHY_NOT_COUNTED) input name="reason" required maxlength="200"; }
                div { button { (words::DO_NOT_COUNT) } }
            }
        }
    }
}

/// Where it is, with a link to what happened there.
fn place(shown: &Shown, site: Option<&str>) -> Markup {
    use plugtill_domain::incident::Place;
    let words = words::incident_place(site, &shown.subject);
    let href = match &shown.subject.place {
        Place::Whole => None,
        Place::Charger(charger) | Place::Connector(charger, _) => {
            Some(format!("/console/sessions?charger={}", escaped(charger.as_str())))
        }
        Place::Session(session) => Some(session_link(&session.to_string())),
    };
    html! { @if let Some(href) = href { a href=(href) { (words) } } @else { (words) } }
}

pub(crate) async fn look_after(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<LookingAfter>,
) -> Result<Redirect, Problem> {
    let order = api::of_incident(&caller, &asked.subject, Some(asked.first_at))?;
    look::asked(&console, Request::LookAfter(order)).await?;
    Ok(Redirect::to(HERE))
}

pub(crate) async fn exclude(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<LookingAfter>,
) -> Result<Redirect, Problem> {
    let order = api::of_incident(&caller, &asked.subject, Some(asked.first_at))?;
    look::asked(&console, Request::Exclude(OfIncident { reason: asked.reason, ..order })).await?;
    Ok(Redirect::to("/console/incidents?all=true"))
}
