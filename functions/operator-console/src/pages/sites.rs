//! *Tariffs*: what each site charges, in words; and site files, which are looked at before they are put into force.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::access::Role;
use plugtill_domain::ids::SiteId;
use plugtill_domain::language::Language;
use plugtill_domain::offer::Offer;
use plugtill_domain::units::Watts;
use plugtill_operator::{Answer, Change, NewSites, Published, Request, Simulated};
use plugtill_texts::offer::Offered;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::frame::{framed, worded};
use super::{escaped, hidden};
use crate::access::{Caller, Complete};
use crate::asked::Asked;
use crate::linted::{Linted, linted};
use crate::paged::{self, Order};
use crate::problem::Problem;
use crate::{Console, Shared, look, now, words};

const HERE: &str = "/console/tariffs";
/// Sites on a page.
const MOST: usize = 40;
/// A usual connector, where a site lists none.
const USUAL: Watts = Watts(11_000);

/// A site file, as the form sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    file: String,
    #[serde(default)]
    confirmed: bool,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["after"])?;
    let sites = now::sites(&console, &caller, None).await?;
    let (sites, next) =
        paged::page(sites, |known| known.site.id.to_string(), Order::Forward, (asked.text("after"), MOST));
    let body = html! {
        @if sites.is_empty() { p.card { (worded(words::NO_SITES)) } }
        @for known in &sites { (site(&console, &caller, known)) }
        (super::more(next.as_deref(), &format!("{HERE}?")))
        @if edits(&caller) {
            h2 { (words::PUBLISH) }
            p { (words::PUBLISH_IS) }
            (editor(&caller, ""))
        }
    };
    Ok(Html(framed(&caller, words::TARIFFS, HERE, &body).into_string()))
}

/// Only who owns all sites says what they charge.
fn edits(caller: &Caller) -> bool {
    caller.may(Role::Owner) && caller.sees(None)
}

fn site(console: &Console, caller: &Caller, known: &SiteInForce) -> Markup {
    let (site, now) = (&known.site, console.desk.clock.now());
    let connectors = site.chargers.iter().flat_map(|charger| &charger.connectors);
    let power = connectors.map(|connector| connector.max_power_w).max().unwrap_or(USUAL);
    let offer = Offered::of(Language::En, &Offer::of(&site.terms, power, now));
    html! {
        section.card {
            h2 { a href=(format!("/console/revenue?site={}", escaped(site.id.as_str()))) { (site.name) } }
            ul { @for price in &offer.prices { li { (price) @if !price.when.is_empty() { ", " (price.when.join(", ")) } } } }
            @for note in &offer.notes { p { (note) } }
            p { (words::IDLE_FEES) ": " @if offer.idle.is_empty() { (words::NO_IDLE_RULE) } @else { (offer.idle.join("; ")) } }
            p { (words::HELD_FIRST) " " (offer.held) "." }
            @if let Some((example, total)) = &offer.example { p { (example) " " (total) "." } }
            @if !site.assignments.is_empty() { p.dim { (words::assignments(site.assignments.len())) } }
            @if edits(caller) { p.row { a.button href=(format!("{HERE}/{}", escaped(site.id.as_str()))) { (words::change_site(&site.name)) } } }
        }
    }
}

/// A site's own file, to be changed.
pub(crate) async fn edit(
    State(console): Shared,
    caller: Caller,
    Path(site): Path<String>,
) -> Result<Html<String>, Problem> {
    of_all(&caller)?;
    let missing = || Problem::not_found(words::no_site(&site));
    let id: SiteId = site.parse().map_err(|_| missing())?;
    let published = console.desk.store.published_sites().await?.into_iter().find(|site| site.id == id);
    let published = published.ok_or_else(missing)?;
    let text = serde_json::to_string_pretty(&published.written())
        .map_err(|error| Problem::unreadable(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let body = html! {
        p { (words::PUBLISH_IS) }
        p.dim { (words::CARDS_STAY) }
        (editor(&caller, &text))
        p.row { a.button href=(HERE) { (words::TO_TARIFFS) } }
    };
    Ok(Html(framed(&caller, &words::change_site(&published.name), HERE, &body).into_string()))
}

fn of_all(caller: &Caller) -> Result<(), Problem> {
    if caller.sees(None) { Ok(()) } else { Err(Problem::not_found(words::OWNERS_OF_ALL)) }
}

fn editor(caller: &Caller, text: &str) -> Markup {
    html! {
        form.fields method="post" action=(HERE) {
            (hidden("csrf", &caller.token))
            label { (words::SITE_FILE) textarea name="file" rows="16" required spellcheck="false" { (text) } }
            div { button.first { (words::LOOK_FIRST) } }
        }
    }
}

pub(crate) async fn publish(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<File>,
) -> Result<Response, Problem> {
    of_all(&caller)?;
    let findings = linted(&asked.file);
    match tried(&console, &caller, &asked).await {
        Ok((published, simulated)) => {
            let body = shown(&caller, &asked, (&published, &simulated, &findings));
            Ok(Html(framed(&caller, words::PUBLISH, HERE, &body).into_string()).into_response())
        }
        // What was written is not lost over a slip in it.
        Err(problem) if problem.status().is_client_error() => {
            let body = html! {
                div role="alert" { p { strong { (problem.title) } } p { code { (problem.detail) } } p { (worded(&problem.remedy)) } }
                (found(&findings))
                (editor(&caller, &asked.file))
            };
            let page = Html(framed(&caller, words::PUBLISH, HERE, &body).into_string());
            Ok((problem.status(), Extension(Complete), page).into_response())
        }
        Err(problem) => Err(problem),
    }
}

async fn tried(console: &Console, caller: &Caller, asked: &File) -> Result<(Vec<Published>, Vec<Simulated>), Problem> {
    let wrong = |error: serde_json::Error| Problem::field("file", "", error.to_string(), words::GIVE_JSON);
    let file = RawValue::from_string(asked.file.trim().to_owned()).map_err(wrong)?;
    let simulated = if asked.confirmed { Vec::new() } else { look::simulated(console, file.clone()).await? };
    let new = NewSites { file, by: caller.name.to_string(), apply: asked.confirmed };
    let Answer::Sites(published) = look::asked(console, Request::Publish(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    Ok((published, simulated))
}

/// What a site file does, or did.
fn shown(
    caller: &Caller,
    asked: &File,
    (published, simulated, findings): (&[Published], &[Simulated], &[Linted]),
) -> Markup {
    let changes = published.iter().any(|one| one.change != Change::Unchanged);
    html! {
        p role="status" { @if asked.confirmed { (words::IN_FORCE) } @else { (words::NOT_DONE_YET) } }
        table.stack { tbody { @for one in published { (change(one)) } } }
        @for one in simulated.iter().filter(|one| one.sessions > 0) { p { (words::simulated(one)) } }
        (found(findings))
        @if !asked.confirmed && changes {
            form method="post" action=(HERE) {
                (hidden("csrf", &caller.token)) (hidden("file", &asked.file)) (hidden("confirmed", "true"))
                div.row { button.first { (words::DO_IT) } a.button href=(HERE) { (words::BACK) } }
            }
            p.dim { (words::STANDS_IN_AUDIT) }
            details { summary { (words::CHANGE_FURTHER) } (editor(caller, &asked.file)) }
        } @else { p.row { a.button href=(HERE) { (words::TO_TARIFFS) } } }
    }
}

fn change(one: &Published) -> Markup {
    html! { tr { th scope="row" { (one.site) } td { (words::change(one.change)) } td { (words::chargers(one.chargers)) } } }
}

/// What a linter says of the tariffs in a file.
fn found(findings: &[Linted]) -> Markup {
    html! {
        @if !findings.is_empty() {
            h2 { (words::LOOK_AGAIN_AT) }
            ul.list { @for finding in findings { li.card {
                p { strong { (words::lint_severity(finding.severity)) } " " code { (finding.place) } }
                p { (worded(&finding.message)) }
            } } }
        }
    }
}
