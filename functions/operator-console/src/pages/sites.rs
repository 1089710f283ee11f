//! *Tariffs*: what each site charges, in words; and a site file that is tried before it is put into force.

use axum::extract::{Form, State};
use axum::response::Html;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::access::Role;
use plugtill_domain::language::Language;
use plugtill_domain::offer::Offer;
use plugtill_domain::units::Watts;
use plugtill_operator::{Answer, Change, NewSites, Published, Request};
use plugtill_texts::offer::Offered;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::frame::framed;
use super::{escaped, hidden};
use crate::access::Caller;
use crate::problem::Problem;
use crate::{Console, Shared, look, now, words};

const HERE: &str = "/console/tariffs";
/// A usual connector, where a site lists none.
const USUAL: Watts = Watts(11_000);

/// A site file, as the form sends it.
#[derive(Debug, Deserialize)]
pub(crate) struct File {
    file: String,
    #[serde(default)]
    confirmed: bool,
}

pub(crate) async fn show(State(console): Shared, caller: Caller) -> Result<Html<String>, Problem> {
    let sites = now::sites(&console, &caller, None).await?;
    let body = html! {
        @if sites.is_empty() { p.card { (words::NO_SITES) } }
        @for known in &sites { (site(&console, known)) }
        @if caller.may(Role::Owner) && caller.sees(None) {
            h2 { (words::PUBLISH) }
            p { (words::PUBLISH_IS) }
            form.fields method="post" action=(HERE) {
                (hidden("csrf", &caller.token))
                label { (words::SITE_FILE) textarea name="file" rows="12" required spellcheck="false" {} }
                div { button.first { (words::LOOK_FIRST) } }
            }
        }
    };
    Ok(Html(framed(&caller, words::TARIFFS, HERE, &body).into_string()))
}

fn site(console: &Console, known: &SiteInForce) -> Markup {
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
        }
    }
}

pub(crate) async fn publish(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<File>,
) -> Result<Html<String>, Problem> {
    if !caller.sees(None) {
        return Err(Problem::not_found(words::OWNERS_OF_ALL));
    }
    let wrong = |error: serde_json::Error| Problem::field("file", "", error.to_string(), words::GIVE_JSON);
    let file = RawValue::from_string(asked.file.trim().to_owned()).map_err(wrong)?;
    let simulated = if asked.confirmed { Vec::new() } else { look::simulated(&console, file.clone()).await? };
    let new = NewSites { file, by: caller.name.to_string(), apply: asked.confirmed };
    let Answer::Sites(published) = look::asked(&console, Request::Publish(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let changes = published.iter().any(|one| one.change != Change::Unchanged);
    let body = html! {
        p role="status" { @if asked.confirmed { (words::IN_FORCE) } @else { (words::NOT_DONE_YET) } }
        table.stack { tbody { @for one in &published { (change(one)) } } }
        @for one in simulated.iter().filter(|one| one.sessions > 0) { p { (words::simulated(one)) } }
        @if !asked.confirmed && changes {
            form method="post" action=(HERE) {
                (hidden("csrf", &caller.token)) (hidden("file", &asked.file)) (hidden("confirmed", "true"))
                div.row { button.first { (words::DO_IT) } a.button href=(HERE) { (words::BACK) } }
            }
            p.dim { (words::STANDS_IN_AUDIT) }
        } @else { p.row { a.button href=(HERE) { (words::TO_TARIFFS) } } }
    };
    Ok(Html(framed(&caller, words::PUBLISH, HERE, &body).into_string()))
}

fn change(one: &Published) -> Markup {
    html! { tr { th scope="row" { (one.site) } td { (words::change(one.change)) } td { (words::chargers(one.chargers)) } } }
}
