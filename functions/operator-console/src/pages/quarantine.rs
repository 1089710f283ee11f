//! *Quarantine*: what could not be used, and what becomes of it.

use std::collections::BTreeMap;

use axum::extract::{Form, Query, State};
use axum::response::{Html, Redirect};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_operator::{Request, Waiting};
use serde::Deserialize;

use super::frame::{framed, when, worded};
use super::hidden;
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Shared, api, look, words};

/// A page holds no more.
const MOST: usize = 20;
/// As much of what was received is shown.
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
    Ok(Html(framed(&caller, words::QUARANTINE, "/console/quarantine", &body).into_string()))
}

fn card(caller: &Caller, waiting: &Waiting) -> Markup {
    let bytes: String = waiting.bytes.chars().take(SHOWN).collect();
    let decisions = [("retry", words::RETRY), ("accept", words::ACCEPT), ("drop", words::DROP)];
    html! {
        li.card {
            h2 { (waiting.charger) }
            p { (worded(&waiting.reason)) }
            p.dim { (words::RECEIVED) " " (when(waiting.received_at, &TimeZone::UTC)) " UTC" }
            details { summary { (words::AS_RECEIVED) } pre { (bytes) } }
            @if let Some(review) = &waiting.review { p { (words::reviewed(&review.by)) @if !review.note.is_empty() { ": " (review.note) } } }
            @else {
                form.fields method="post" action="/console/quarantine" {
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
}

pub(crate) async fn review(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Deciding>,
) -> Result<Redirect, Problem> {
    let order = api::reviewing(&console, &caller, &asked.id, (&asked.decision, asked.note)).await?;
    look::asked(&console, Request::Review(order)).await?;
    Ok(Redirect::to("/console/quarantine"))
}
