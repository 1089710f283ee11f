//! *Incidents*: what breaks, who looks after it, and what broke.

use std::collections::BTreeMap;

use axum::extract::{Form, Query, State};
use axum::response::{Html, Redirect};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::access::Role;
use plugtill_operator::{OfIncident, Request, Shown};
use serde::Deserialize;

use super::frame::{framed, when};
use super::{escaped, hidden, session_link};
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Console, Shared, api, look, words};

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
    let asked = Asked::of(given, &["all", "after"])?;
    let all = asked.flag("all")?;
    let (found, next) = look::incidents(&console, &caller, all, (asked.text("after"), MOST)).await?;
    let mut cards = Vec::new();
    for shown in &found {
        cards.push(card(&console, &caller, shown).await?);
    }
    let (other, label) =
        if all { ("/console/incidents", words::OPEN_ONLY) } else { ("/console/incidents?all=true", words::HISTORY) };
    let body = html! {
        @if cards.is_empty() { p.good { @if all { (words::NO_HISTORY) } @else { (words::NOTHING_BREAKS) } } }
        ul.list { @for card in &cards { (card) } }
        (super::more(next.as_deref(), if all { "/console/incidents?all=true&" } else { "/console/incidents?" }))
        p.row { a.button href=(other) { (label) } a.button href="/console/uptime" { (words::UPTIME_OF_A_YEAR) } }
    };
    Ok(Html(framed(&caller, words::INCIDENTS, "/console/incidents", &body).into_string()))
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
                form.row method="post" action="/console/incidents" {
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
    Ok(Redirect::to("/console/incidents"))
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
