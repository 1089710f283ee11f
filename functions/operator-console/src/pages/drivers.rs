//! *Drivers and tags*: who owes, which tags are known and how they pay, links to save a card, forgetting somebody.

use std::collections::BTreeMap;

use axum::extract::{Form, Query, State};
use axum::response::Html;
use maud::{Markup, html};
use plugtill_domain::access::Role;
use plugtill_domain::ids::{IdTag, SiteId};
use plugtill_domain::site::Site;
use plugtill_operator::{Answer, Erase, Erased, Owed, Request, Whose};
use serde::Deserialize;

use super::frame::framed;
use super::{escaped, hidden, session_link};
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Console, Shared, look, now, paged, words};

const HERE: &str = "/console/drivers";
/// Balances on a page.
const MOST: usize = 60;
/// Tags of more sites are shown site by site.
const MOST_SITES: usize = 20;

/// A tag at a site, as the forms say it.
#[derive(Debug, Deserialize)]
pub(crate) struct Tagged {
    site: String,
    tag: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    confirmed: bool,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["site", "after"])?;
    let only: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let known = now::sites(&console, &caller, only.as_ref()).await?;
    let sees = |site: &SiteId| known.iter().any(|known| known.site.id == *site);
    let (owed, next) = console.desk.owed(asked.text("after").map(paged::of_cursor), MOST, sees).await?;
    let more = next.map(|next| {
        let site = only.as_ref().map_or_else(String::new, |site| format!("site={}&", escaped(site.as_str())));
        format!("{HERE}?{site}after={}", paged::cursor(&next))
    });
    let sites: Vec<&Site> = known.iter().map(|known| &known.site).collect();
    let body = html! {
        h2 { (words::WHO_OWES) }
        @if owed.is_empty() { p.card { (words::NOBODY_OWES) } }
        @else { table.stack { tbody { @for owed in &owed { (debtor(owed)) } } } }
        @if let Some(more) = more { p.row { a.button href=(more) rel="next" { (words::MORE_OWE) } } }
        @for site in sites.iter().take(MOST_SITES) { (tags(site)) }
        @if sites.len() > MOST_SITES { p.dim { (words::CHOOSE_SITE) } }
        @if caller.may(Role::Manager) {
            h2 { (words::CARD_LINK) }
            (form(&caller, &sites, ("link", words::MAKE_LINK), &html! {}))
        }
        @if caller.may(Role::Owner) {
            h2 { (words::FORGET) }
            p { (words::FORGET_MEANS) }
            (form(&caller, &sites, ("forget", words::LOOK_FIRST), &html! {
                label { (words::REASON) input name="reason" required maxlength="200"; }
            }))
        }
    };
    Ok(Html(framed(&caller, words::DRIVERS, HERE, &body).into_string()))
}

fn debtor(owed: &Owed) -> Markup {
    html! {
        tr {
            th scope="row" { (owed.id_tag) small { (words::BLOCKED) } }
            td.amount { (owed.amount) }
            td { a href=(session_link(&owed.session.to_string())) { (words::SESSION) } }
        }
    }
}

fn tags(site: &Site) -> Markup {
    let drivers = &site.drivers;
    let group_of = |tag: &IdTag| drivers.groups.iter().find(|(_, tags)| tags.contains(tag)).map(|(name, _)| name);
    let grouped = drivers.groups.values().flatten().filter(|tag| !drivers.by_id_tag.contains_key(*tag));
    let row = |tag: &IdTag, card: Option<&String>| {
        html! {
            dt { a href=(format!("/console/sessions?text={}", escaped(tag.as_str()))) { (tag) } }
            dd {
                @if let Some(card) = card { (words::PAYS) " " code { (card) } } @else { (words::NO_CARD) }
                @if let Some(group) = group_of(tag) { ", " (words::GROUP) " " (group) }
            }
        }
    };
    html! {
        section.card {
            h2 { (site.name) ": " (words::KNOWN_TAGS) }
            @if drivers.by_id_tag.is_empty() && drivers.groups.is_empty() && drivers.default_payment_method.is_none() {
                p { (words::NO_TAGS) }
            } @else {
                dl {
                    @for (tag, card) in &drivers.by_id_tag { (row(tag, Some(card))) }
                    @for tag in grouped { (row(tag, None)) }
                    @if let Some(card) = &drivers.default_payment_method {
                        dt { (words::EVERYBODY_ELSE) } dd { (words::PAYS) " " code { (card) } }
                    }
                }
            }
        }
    }
}

fn form(caller: &Caller, sites: &[&Site], (what, button): (&str, &str), more: &Markup) -> Markup {
    html! {
        form.fields method="post" action=(format!("{HERE}/{what}")) {
            (hidden("csrf", &caller.token))
            label { (words::TAGS_NAME) input name="tag" required maxlength="36" autocomplete="off"; }
            label { (words::SITE) select name="site" { @for site in sites { option value=(site.id) { (site.name) } } } }
            (more)
            div { button { (button) } }
        }
    }
}

/// The site and tag of a form, where the caller may see the site.
fn tagged(caller: &Caller, asked: &Tagged) -> Result<(SiteId, IdTag), Problem> {
    let missing = || Problem::not_found(words::no_site(&asked.site));
    let site: SiteId = asked.site.parse().map_err(|_| missing())?;
    let tag = asked.tag.trim().parse();
    let tag = tag.map_err(|_| Problem::field("tag", &asked.tag, words::NOT_A_TAG, words::GIVE_TAG))?;
    if caller.sees(Some(&site)) { Ok((site, tag)) } else { Err(missing()) }
}

pub(crate) async fn link(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Tagged>,
) -> Result<Html<String>, Problem> {
    let (site, tag) = tagged(&caller, &asked)?;
    let request = Request::CardLink { site, tag, by: caller.name.to_string() };
    let Answer::Link(link) = look::asked(&console, request).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let body = html! {
        p role="status" { (words::CARD_LINK_MADE) }
        p { code { (link) } }
        p.row { a.button href=(HERE) { (words::DRIVERS) } }
    };
    Ok(Html(framed(&caller, words::CARD_LINK, HERE, &body).into_string()))
}

pub(crate) async fn forget(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Tagged>,
) -> Result<Html<String>, Problem> {
    let (site, tag) = tagged(&caller, &asked)?;
    let (reason, by) = (asked.reason.clone(), caller.name.to_string());
    let erase = Erase { whose: Whose::Tag { site, tag }, reason, by, apply: asked.confirmed };
    let erased = forgotten(&console, erase).await?;
    let body = html! {
        p role="status" { @if !erased.applied { (words::NOT_DONE_YET) " " } (words::erased(erased.sessions.len(), erased.frames, erased.not_yet.len())) }
        @if !erased.at_stripe.is_empty() { p { (words::stripe_customers(&erased.at_stripe)) } }
        @if erased.applied { p.row { a.button href=(HERE) { (words::DRIVERS) } } }
        @else {
            form method="post" action=(format!("{HERE}/forget")) {
                (hidden("csrf", &caller.token)) (hidden("site", &asked.site)) (hidden("tag", &asked.tag))
                (hidden("reason", &asked.reason)) (hidden("confirmed", "true"))
                div.row { button.first { (words::DO_IT) } a.button href=(HERE) { (words::BACK) } }
            }
            p.dim { (words::STANDS_IN_AUDIT) }
        }
    };
    Ok(Html(framed(&caller, words::FORGET, HERE, &body).into_string()))
}

async fn forgotten(console: &Console, erase: Erase) -> Result<Erased, Problem> {
    let Answer::Erased(erased) = look::asked(console, Request::Erase(erase)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    Ok(erased)
}
