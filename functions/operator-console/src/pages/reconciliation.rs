//! *Reconciliation*: whether our books and Stripe's agree, and where they do not.

use axum::extract::State;
use axum::response::Html;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::reconcile::{Difference, Reconciliation};

use super::frame::{framed, when, worded};
use super::session_link;
use crate::access::Caller;
use crate::problem::Problem;
use crate::{Shared, look, words};

const HERE: &str = "/console/reconciliation";

pub(crate) async fn show(State(console): Shared, caller: Caller) -> Result<Html<String>, Problem> {
    let compared = look::reconciliation(&console, &caller).await?;
    let body = match &compared {
        None => html! { p.card { (words::NEVER_COMPARED) } },
        Some(compared) => shown(compared),
    };
    Ok(Html(framed(&caller, words::RECONCILIATION, HERE, &body).into_string()))
}

fn shown(compared: &Reconciliation) -> Markup {
    let facts = [
        (words::SESSIONS_LOOKED_AT, compared.sessions),
        (words::CHARGES, compared.charges),
        (words::MOVEMENTS, compared.movements),
        (words::PAYOUTS, compared.payouts),
    ];
    html! {
        @if compared.differences.is_empty() { p.card role="status" { (words::BOOKS_AGREE) } }
        dl {
            dt { (words::COMPARED_AT) } dd { (when(compared.at, &TimeZone::UTC)) " UTC" }
            dt { (words::BOOKS_SINCE) } dd { (when(compared.since, &TimeZone::UTC)) " UTC" }
            @for (what, count) in facts { dt { (what) } dd { (count) } }
        }
        @if !compared.differences.is_empty() {
            h2 { (words::differ(compared.differences.len())) }
            table.stack { tbody { @for difference in &compared.differences { (row(difference)) } } }
            p.dim { (worded(words::HOW_TO_REPAIR)) }
        }
    }
}

fn row(difference: &Difference) -> Markup {
    html! {
        tr {
            th scope="row" {
                (words::sentence(&difference.kind.to_string()))
                small { (words::minutes(difference.age_minutes)) }
                @if let Some(object) = &difference.object { small { code { (object) } } }
            }
            td { (difference.ours) " " (words::OURS) small { (difference.theirs) " " (words::THEIRS) } }
            td {
                (words::PROPOSED) ": " (difference.repair)
                @if let Some(session) = &difference.session { small { a href=(session_link(session)) { (words::SESSION) } } }
            }
        }
    }
}
