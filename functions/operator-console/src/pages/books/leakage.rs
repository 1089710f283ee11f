//! *Leakage*: what was delivered and did not arrive as money, why, and since when.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::money::Currency;
use plugtill_domain::revenue::{LEAKS, Total};

use super::{amount, behind, filter, query};
use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, Leak, Leaks, PERIOD, Scope};
use crate::pages::frame::{framed, when};
use crate::pages::{more, session_link};
use crate::problem::Problem;
use crate::{Shared, words};

/// Sessions on a page.
const MOST: usize = 100;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let names: Vec<&str> = PERIOD.into_iter().chain(["after"]).collect();
    let asked = Asked::of(given, &names)?;
    let after = asked.text("after");
    let scope = Scope::of(&console, &caller, &asked).await?;
    let every = Scope { sites: crate::now::sites(&console, &caller, None).await?, ..scope.clone() };
    let leaks = books::leaks(&console, &scope, words::reasons_of, (after, MOST)).await?;
    let leaking = leaks.totals.values().filter(|(_, total)| LEAKS.iter().any(|account| total.of(*account) != 0));
    let body = html! {
        (filter(&asked, &scope, &every, "/console/leakage"))
        @for (currency, total) in leaking { (totals(*currency, total, &scope)) }
        @if leaks.sessions.is_empty() && after.is_none() { p.good { (words::NOTHING_LEAKS) } } @else {
            @if after.is_none() { h2 { (words::WHY_NOT) } (reasons(&leaks)) }
            h2 { (words::SESSIONS) } (sessions(&leaks, &scope))
            (more(leaks.next.as_deref(), &format!("/console/leakage?{}&", query(&scope))))
        }
    };
    Ok(Html(framed(&caller, words::LEAKAGE, "/console/leakage", &body).into_string()))
}

fn totals(currency: Currency, total: &Total, scope: &Scope) -> Markup {
    html! {
        h2 { (currency) }
        table {
            thead { tr { th scope="col" { (words::WHAT_BECAME) } th.amount scope="col" { (words::AMOUNT) } } }
            tbody {
                @for account in LEAKS.into_iter().filter(|account| total.of(*account) != 0) {
                    tr {
                        th scope="row" { (words::account(account)) }
                        td.amount { a href=(behind(scope, currency, Some(account), "")) { (amount(total.of(account), currency)) } }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (words::OF_BILLED) " " (amount(total.gross(), currency)) }
                td.amount { (amount(LEAKS.iter().map(|account| total.of(*account)).sum(), currency)) }
            } }
        }
    }
}

/// What people read as the reason.
fn reason(leak: &Leak) -> String {
    let known = leak.session.reason.as_ref();
    known.map_or_else(|| words::standing(&leak.session).to_owned(), words::reason)
}

fn reasons(leaks: &Leaks) -> Markup {
    html! {
        table {
            thead { tr { th scope="col" { (words::WHY) } th scope="col" { (words::SESSIONS) } th.amount scope="col" { (words::AMOUNT) } } }
            tbody { @for (reason, because) in &leaks.reasons {
                tr {
                    th scope="row" { (reason) } td { (because.sessions) }
                    td.amount { @for money in because.amounts.values() { (money) " " } }
                }
            } }
        }
    }
}

fn sessions(leaks: &Leaks, scope: &Scope) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (words::SINCE_WHEN) } th scope="col" { (words::PLACE) } th scope="col" { (words::WHY) }
                th scope="col" { (words::ENERGY) } th.amount scope="col" { (words::AMOUNT) }
            } }
            tbody { @for leak in &leaks.sessions { (row(leak, scope)) } }
        }
    }
}

fn row(leak: &Leak, scope: &Scope) -> Markup {
    let session = &leak.session;
    let known = scope.sites.iter().find(|known| known.site.id == session.site);
    let zone = known.map_or(TimeZone::UTC, |known| known.site.zone());
    html! {
        tr {
            th scope="row" { a href=(session_link(&session.id.to_string())) { (when(leak.since, &zone)) } }
            td {
                (known.map_or(session.site.as_str(), |known| &known.site.name))
                small { (words::connector(session.id.charger.as_str(), session.id.connector.0)) }
            }
            td { (reason(leak)) }
            td { @if let Some(bill) = &session.bill { (words::kwh(bill.energy)) } }
            td.amount { @for money in leak.amounts.values() { (money) " " } }
        }
    }
}
