//! The pages: on a phone first, without a script but for one that shows anew what is now.
//!
//! # Layout, in reading order
//! - [`routes`]: what there is. `frame`: what every page has around it.
//! - `now`, `sessions`, `session`, `incidents`, `uptime`, `quarantine`, `audit`: what is shown; `books`: what it came to. `orders`: what is ordered.
//! - `reconciliation`: whether Stripe's books agree. `chargers`, `drivers`, `sites`, `settings`, `told`: what is managed.
//! - `reader`: the API for readers.

mod audit;
mod books;
mod chargers;
mod drivers;
mod frame;
mod incidents;
mod now;
mod orders;
mod quarantine;
mod reader;
mod reconciliation;
mod session;
mod sessions;
mod settings;
mod sites;
mod told;
mod uptime;

use std::sync::Arc;

use axum::extract::{Form, Path};
use axum::response::{Html, IntoResponse};
use http::{Method, header};
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::access::Role;

use crate::access::{self, Caller};
use crate::problem::Problem;
use crate::routes::{Needs, Table};
use crate::words;
use crate::{Shared, api};
pub(crate) use chargers::{charger_seen, telling};
use frame::{bare, framed, worded};
pub(crate) use orders::Decision;

const LOOKS: Needs = Needs::Role(Role::Viewer);
const ORDERS: Needs = Needs::Role(Role::Manager);
const OWNS: Needs = Needs::Role(Role::Owner);

pub(crate) fn routes(table: &mut Table) {
    let (get, post) = (&Method::GET, &Method::POST);
    table.page(get, "/console", LOOKS, now::show);
    table.page(get, "/console/sessions", LOOKS, sessions::show);
    table.page(get, "/console/sessions/{session}", LOOKS, session::show);
    table.page(get, "/console/sessions/{session}/credit", ORDERS, orders::credit_form);
    table.page(post, "/console/sessions/{session}/credit", ORDERS, orders::credit);
    decided(table);
    table.page(get, "/console/revenue", LOOKS, books::revenue);
    table.page(get, "/console/postings", LOOKS, books::postings);
    table.page(get, "/console/leakage", LOOKS, books::leakage);
    table.page(get, "/console/use", LOOKS, books::usage);
    table.page(get, "/console/reconciliation", ORDERS, reconciliation::show);
    table.page(get, "/console/exports", ORDERS, books::exports);
    // As in the API, which may be closed to whoever has a cookie alone: `ApiTokens` in `infra/aws/template.yaml`.
    table.page(get, "/console/exports/{file}", ORDERS, api::file);
    table.page(get, "/console/openapi.json", LOOKS, api::document);
    table.page(get, "/console/incidents", LOOKS, incidents::show);
    table.page(post, "/console/incidents", ORDERS, incidents::look_after);
    table.page(post, "/console/incidents/exclude", ORDERS, incidents::exclude);
    table.page(get, "/console/uptime", LOOKS, uptime::show);
    table.page(get, "/console/quarantine", ORDERS, quarantine::show);
    table.page(post, "/console/quarantine", ORDERS, quarantine::review);
    table.page(get, "/console/quarantine/{id}", ORDERS, quarantine::one);
    table.page(get, "/console/audit", ORDERS, audit::show);
    managed(table);
    table.page(get, "/api/v1", LOOKS, reader::show);
    table.page(get, "/console/sign-in", Needs::Nobody, access::show);
    table.page(post, "/console/sign-in", Needs::Nobody, access::enter);
    table.page(get, "/console/sign-in/provider", Needs::Nobody, access::start);
    table.page(get, "/console/sign-in/back", Needs::Nobody, access::back);
    table.page(post, "/console/sign-out", LOOKS, access::leave);
    table.page(get, "/console/style.css", Needs::Nobody, style);
    table.page(get, "/console/live.js", Needs::Nobody, live);
    table.page(get, "/console/further.js", Needs::Nobody, further);
}

/// What is ordered of a session with a reason alone.
fn decided(table: &mut Table) {
    let routes = [
        ("/console/sessions/{session}/forgive", Decision::Forgive),
        ("/console/sessions/{session}/charge", Decision::Charge),
        ("/console/sessions/{session}/end", Decision::End),
        ("/console/sessions/{session}/receipt", Decision::Receipt),
    ];
    for (path, decision) in routes {
        let form =
            async move |console: Shared, caller: Caller, id: Path<String>| decision.form(console, caller, id).await;
        table.page(&Method::GET, path, ORDERS, form);
        let order = async move |console: Shared, caller: Caller, id: Path<String>, asked: Form<orders::Asked>| {
            decision.order(console, caller, id, asked).await
        };
        table.page(&Method::POST, path, ORDERS, order);
    }
}

/// Chargers, tariffs, people and machines.
fn managed(table: &mut Table) {
    let (get, post) = (&Method::GET, &Method::POST);
    table.page(get, "/console/chargers", LOOKS, chargers::show);
    table.page(get, "/console/codes/{site}", LOOKS, chargers::codes);
    table.page(get, "/console/chargers/new", ORDERS, chargers::add_form);
    table.page(post, "/console/chargers/new", ORDERS, chargers::add);
    table.page(get, "/console/chargers/{charger}", LOOKS, chargers::one);
    table.page(post, "/console/chargers/{charger}", ORDERS, chargers::order);
    table.page(get, "/console/drivers", ORDERS, drivers::show);
    table.page(post, "/console/drivers/link", ORDERS, drivers::link);
    table.page(post, "/console/drivers/forget", OWNS, drivers::forget);
    table.page(get, "/console/tariffs", LOOKS, sites::show);
    table.page(post, "/console/tariffs", OWNS, sites::publish);
    table.page(get, "/console/tariffs/{site}", OWNS, sites::edit);
    table.page(get, "/console/settings", OWNS, settings::show);
    table.page(post, "/console/settings/webhooks", OWNS, told::again);
    table.page(post, "/console/settings/users", OWNS, settings::add_user);
    table.page(post, "/console/settings/users/password", OWNS, settings::renew_password);
    table.page(post, "/console/settings/users/remove", OWNS, settings::remove_user);
    table.page(post, "/console/settings/keys", OWNS, settings::add_key);
    table.page(post, "/console/settings/keys/remove", OWNS, settings::remove_key);
}

/// A file of ours that is the same for everybody.
fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], content)
}

async fn style() -> impl IntoResponse {
    file("text/css; charset=utf-8", include_str!("../assets/style.css"))
}

async fn live() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("../assets/live.js"))
}

async fn further() -> impl IntoResponse {
    file("text/javascript; charset=utf-8", include_str!("../assets/further.js"))
}

pub(crate) async fn nowhere() -> Problem {
    Problem::not_found(words::NO_PAGE)
}

/// What is wrong, and what to do.
pub(crate) fn problem(caller: Option<&Caller>, problem: &Problem) -> Html<String> {
    let body = html! {
        div role="alert" {
            p { strong { (problem.title) } }
            p { (worded(&problem.detail)) }
            @if let (Some(field), Some(value)) = (&problem.field, problem.value.as_ref().filter(|it| !it.is_empty())) {
                p { (field) ": " code { (value) } }
            }
            p { (worded(&problem.remedy)) }
        }
        p.row { a.button href="/console" { (words::TO_NOW) } }
    };
    let page = match caller {
        Some(caller) => framed(caller, words::WENT_WRONG, "", &body),
        None => bare(words::WENT_WRONG, &body),
    };
    Html(page.into_string())
}

/// The page on which somebody signs in.
pub(crate) fn sign_in(token: &str, to: &str, problem: Option<&str>) -> Markup {
    let body = html! {
        @if let Some(problem) = problem { p role="alert" { (problem) } }
        form.fields.narrow method="post" action="/console/sign-in" {
            (hidden("csrf", token))
            (hidden("to", to))
            label { (words::NAME) input name="name" required autocomplete="username" autocapitalize="none" maxlength="60"; }
            label { (words::PASSWORD) input type="password" name="password" required autocomplete="current-password"; }
            div { button.first { (words::SIGN_IN) } }
        }
        p.dim { (worded(words::FORGOTTEN)) }
    };
    bare(words::SIGN_IN, &body)
}

/// The page on which somebody is sent to sign in.
pub(crate) fn sign_in_elsewhere(to: &str) -> Markup {
    let body = html! {
        p { a.button href=(format!("/console/sign-in/provider?to={}", escaped(to))) { (words::SIGN_IN) } }
        p.dim { (words::ASK_FOR_ADMISSION) }
    };
    bare(words::SIGN_IN, &body)
}

/// More sites are not chosen from a list: it would be heavier than the rest of the page.
const MOST_SITES: usize = 100;

/// The field of a search that says which site is meant.
fn which_site(sites: &[Arc<SiteInForce>], chosen: Option<&str>) -> Markup {
    html! {
        label {
            (words::SITE)
            @if sites.len() > MOST_SITES {
                input name="site" value=[chosen] placeholder=(words::ANY_SITE) maxlength="36" autocomplete="off";
            } @else {
                select name="site" {
                    option value="" { (words::ANY_SITE) }
                    @for known in sites {
                        option value=(known.site.id) selected[chosen == Some(known.site.id.as_str())] { (known.site.name) }
                    }
                }
            }
        }
    }
}

/// The way to the next page of a list, where there is one; `here` ends where a parameter may follow.
fn more(next: Option<&str>, here: &str) -> Markup {
    html! {
        @if let Some(next) = next {
            p.row { a.button href=(format!("{here}after={}", escaped(next))) rel="next" { (words::MORE) } }
        }
    }
}

fn hidden(name: &str, value: &str) -> Markup {
    html! { input type="hidden" name=(name) value=(value); }
}

/// A link to one session.
fn session_link(id: &str) -> String {
    format!("/console/sessions/{}", escaped(id))
}

/// A text as a part of an address.
fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
