//! *Quarantine*: what could not be used, and what becomes of it.

use std::collections::BTreeMap;

use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, Redirect};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_operator::{Request, Waiting};
use serde::Deserialize;

use super::frame::{framed, when, worded};
use super::{escaped, hidden};
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Shared, api, look, words};

const HERE: &str = "/console/quarantine";
/// A page holds no more.
const MOST: usize = 20;
/// As much of what was received is shown in a list; a page of its own has all of it.
const SHOWN: usize = 900;

#[derive(Debug, Deserialize)]
pub(crate) struct Deciding {
    id: String,
    decision: String,
    #[serde(default)]
    note: String,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["all", "after"])?;
    let all = asked.flag("all")?;
    let (found, next) = look::kept(&console, &caller, all, (asked.text("after"), MOST)).await?;
    let (other, label) = if all {
        ("/console/quarantine", words::WAITING_ONLY)
    } else {
        ("/console/quarantine?all=true", words::HISTORY)
    };
    let body = html! {
        @if found.is_empty() { p.good { (words::QUARANTINE_EMPTY) } }
        ul.list { @for waiting in &found { (card(&caller, waiting)) } }
        (super::more(next.as_deref(), if all { "/console/quarantine?all=true&" } else { "/console/quarantine?" }))
        p.row { a.button href=(other) { (label) } }
    };
    Ok(Html(framed(&caller, words::QUARANTINE, HERE, &body).into_string()))
}

/// One of them, with all that was received.
pub(crate) async fn one(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Problem> {
    let waiting = look::one_kept(&console, &caller, &id).await?;
    let body = html! {
        section.card {
            (facts(&waiting))
            h2 { (words::AS_RECEIVED) }
            pre { (waiting.bytes) }
            (review_of(&caller, &waiting))
        }
        p.row { a.button href=(HERE) { (words::TO_QUARANTINE) } }
    };
    Ok(Html(framed(&caller, &words::from_charger(&waiting.charger), HERE, &body).into_string()))
}

fn card(caller: &Caller, waiting: &Waiting) -> Markup {
    let (bytes, count): (String, _) = (waiting.bytes.chars().take(SHOWN).collect(), waiting.bytes.chars().count());
    let own = format!("{HERE}/{}", escaped(&waiting.id.to_string()));
    html! {
        li.card {
            h2 { a href=(own) { (waiting.charger) } }
            (facts(waiting))
            details { summary { (words::AS_RECEIVED) }
                pre { (bytes) }
                @if count > SHOWN { p { a href=(own) { (words::all_of_it(count)) } } }
            }
            (review_of(caller, waiting))
        }
    }
}

fn facts(waiting: &Waiting) -> Markup {
    html! {
        p { (worded(&waiting.reason)) }
        p.dim { (words::RECEIVED) " " (when(waiting.received_at, &TimeZone::UTC)) " UTC" }
    }
}

/// What somebody said about it, or what asks for that.
fn review_of(caller: &Caller, waiting: &Waiting) -> Markup {
    let decisions = [("retry", words::RETRY), ("accept", words::ACCEPT), ("drop", words::DROP)];
    html! {
        @if let Some(review) = &waiting.review { p { (words::reviewed(&review.by)) @if !review.note.is_empty() { ": " (review.note) } } }
        @else {
            form.fields method="post" action=(HERE) {
                (hidden("csrf", &caller.token))
                (hidden("id", &waiting.id.to_string()))
                label { (words::DECIDE) select name="decision" {
                    @for (value, label) in decisions { option value=(value) { (label) } }
                } }
                label { (words::NOTE) input name="note" maxlength="200"; }
                div { button { (words::DECIDED) } }
            }
        }
    }
}

pub(crate) async fn review(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Deciding>,
) -> Result<Redirect, Problem> {
    let order = api::reviewing(&console, &caller, &asked.id, (&asked.decision, asked.note)).await?;
    look::asked(&console, Request::Review(order)).await?;
    Ok(Redirect::to(HERE))
}
