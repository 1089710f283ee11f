//! *Audit*: what was ordered, by whom, and what came of it.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use maud::{Markup, html};
use plugtill_adapters::store::Audited;

use super::frame::{framed, when, worded};
use super::session_link;
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Shared, look, words};

/// A page holds no more.
const MOST: usize = 100;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["month", "after"])?;
    let month = asked.instant("month", false)?.unwrap_or_else(|| console.desk.clock.now());
    let (entries, next) = look::audit(&console, &caller, month, (asked.text("after"), MOST)).await?;
    let first = first_day(month);
    let body = html! {
        h2 { (words::month(first)) }
        @if entries.is_empty() { p.card { (words::AUDIT_EMPTY) } }
        @else { table.stack { tbody { @for entry in &entries { (row(entry)) } } } }
        (super::more(next.as_deref(), &format!("/console/audit?month={first}&")))
        @if let Some(before) = before(first) { p.row { a.button href=(format!("/console/audit?month={before}")) { (words::MONTH_BEFORE) } } }
    };
    Ok(Html(framed(&caller, words::AUDIT, "/console/audit", &body).into_string()))
}

/// The first day of an instant's month, by UTC.
pub(super) fn first_day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

/// The first day of the month before.
pub(super) fn before(first: Date) -> Option<Date> {
    first.checked_sub(Span::new().months(1)).ok()
}

fn row(entry: &Audited) -> Markup {
    html! {
        tr {
            th scope="row" {
                (words::order(&entry.order))
                small { (words::BY) " " (entry.by) ", " (when(entry.at, &TimeZone::UTC)) " UTC" }
                small { (worded(&entry.outcome)) }
            }
            td { @if let Some(session) = &entry.session { a href=(session_link(session)) { (words::SESSION) } } }
        }
    }
}
