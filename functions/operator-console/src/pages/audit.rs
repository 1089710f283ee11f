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
use super::{escaped, hidden, session_link};
use crate::access::Caller;
use crate::asked::Asked;
use crate::look::Trail;
use crate::problem::Problem;
use crate::{Shared, look, words};

const HERE: &str = "/console/audit";
/// A page holds no more.
const MOST: usize = 100;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["month", "by", "after"])?;
    let month = asked.instant("month", false)?.unwrap_or_else(|| console.desk.clock.now());
    let (by, first) = (asked.text("by"), first_day(month));
    let trail = look::audit(&console, &caller, (month, by), (asked.text("after"), MOST)).await?;
    let body = html! {
        (filter(first, by, &trail))
        h2 { (words::month(first)) }
        @if trail.entries.is_empty() { p.card { @if by.is_some() { (words::ORDERED_NOTHING) } @else { (words::AUDIT_EMPTY) } } }
        @else { table.stack { tbody { @for entry in &trail.entries { (row(entry)) } } } }
        (super::more(trail.next.as_deref(), &format!("{}&", here(first, by))))
        @if let Some(before) = before(first) { p.row { a.button href=(here(before, by)) { (words::MONTH_BEFORE) } } }
    };
    Ok(Html(framed(&caller, words::AUDIT, HERE, &body).into_string()))
}

/// The page of a month, of one person where one was chosen.
fn here(first: Date, by: Option<&str>) -> String {
    let by = by.map_or_else(String::new, |by| format!("&by={}", escaped(by)));
    format!("{HERE}?month={first}{by}")
}

/// Who ordered: one of those who did in this month, or who was chosen in another.
fn filter(first: Date, by: Option<&str>, trail: &Trail) -> Markup {
    let others = trail.people.iter().map(String::as_str).filter(|name| Some(*name) != by);
    html! {
        form.fields role="search" method="get" action=(HERE) {
            (hidden("month", &first.to_string()))
            label { (words::WHO) select name="by" {
                option value="" { (words::EVERYBODY) }
                @if let Some(by) = by { option value=(by) selected { (by) } }
                @for name in others { option value=(name) { (name) } }
            } }
            div { button.first { (words::FILTER) } }
        }
    }
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
