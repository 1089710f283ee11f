//! *Settings*, as far as they say who is told of what: sites with their contacts, and systems of the operator's own.

use axum::extract::{Form, State};
use axum::response::Redirect;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::incident::AlertPolicy;
use plugtill_operator::{Answer, GivenUp, Request, Told};
use serde::Deserialize;

use super::frame::worded;
use super::{escaped, hidden, session_link};
use crate::access::Caller;
use crate::problem::Problem;
use crate::{Console, Shared, look, words};

/// Sites that are shown; more are in the API.
const MOST: usize = 60;

/// A form that says nothing but that it is ours.
#[derive(Debug, Deserialize)]
pub(crate) struct Nothing {}

/// The sites, what each wants to be told, and by whom drivers are answered.
pub(super) fn sites(sites: &[std::sync::Arc<SiteInForce>]) -> Markup {
    html! {
        h2 { (words::SITES) }
        @if sites.is_empty() { p.card { (worded(words::NO_SITES)) } }
        ul.list { @for known in sites.iter().take(MOST) { (site(known)) } }
        @if sites.len() > MOST { p.dim { (words::more_moments(sites.len() - MOST)) } }
        p.dim { (worded(words::SUBSCRIBE)) }
    }
}

fn site(known: &SiteInForce) -> Markup {
    let site = &known.site;
    let operator = site.operator.as_ref();
    html! {
        li.card {
            p { strong { (site.name) } small { (words::site_facts(site)) } }
            @if let Some(operator) = operator {
                p { (operator.name) @if let Some(contact) = &operator.contact { ", " (contact) } }
            } @else { p.dim { (worded(words::NO_OPERATOR)) } }
            p { (alerts(&site.alerts)) }
            p.row { a.button href=(format!("/console/tariffs/{}", escaped(site.id.as_str()))) { (words::change_site(&site.name)) } }
        }
    }
}

fn alerts(policy: &AlertPolicy) -> String {
    words::alert_policy(policy)
}

/// Systems of the operator's own that are told.
pub(super) async fn systems(console: &Console, caller: &Caller) -> Result<Markup, Problem> {
    let Answer::Webhooks(told) = look::asked(console, Request::Webhooks).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    Ok(listed(caller, &told))
}

fn listed(caller: &Caller, told: &Told) -> Markup {
    html! {
        h2 { (words::SYSTEMS) }
        @if told.addresses.is_empty() { p.card { (worded(words::NO_SYSTEMS)) } }
        ul.list { @for address in &told.addresses {
            li.card {
                p { code { (address.url) } small { (address.site) ": " (words::topics(&address.events)) } }
                details { summary { (words::SIGNING_SECRET) } p { code { (address.secret) } } }
            }
        } }
        @if !told.given_up.is_empty() {
            h3 { (words::NOT_TAKEN) }
            table.stack { tbody { @for one in told.given_up.iter().take(MOST) { (given_up(one)) } } }
            form method="post" action="/console/settings/webhooks" {
                (hidden("csrf", &caller.token)) button { (words::TELL_AGAIN) }
            }
        }
    }
}

fn given_up(one: &GivenUp) -> Markup {
    use plugtill_adapters::store::About;
    html! {
        tr {
            th scope="row" {
                @match &one.name.about {
                    About::Session(session) => { a href=(session_link(&session.to_string())) { (words::SESSION) } }
                    About::Incident(page) => { (words::incident(page.subject.kind)) }
                }
            }
            td { code { (one.problem) } }
        }
    }
}

/// Tries once more what they did not take.
pub(crate) async fn again(
    State(console): Shared,
    caller: Caller,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Redirect, Problem> {
    if !caller.sees(None) {
        return Err(Problem::not_found(words::OWNERS_OF_ALL));
    }
    look::asked(&console, Request::RetryWebhooks { by: caller.name.to_string() }).await?;
    Ok(Redirect::to("/console/settings"))
}
