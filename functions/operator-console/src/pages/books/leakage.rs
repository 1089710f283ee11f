//! *Leakage*: what was delivered and did not arrive as money, why, and since when.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::revenue::{LEAKS, Total};

use super::{amount, behind, filter};
use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, Leak, Leaks, PERIOD, Scope};
use crate::pages::frame::{framed, when};
use crate::pages::session_link;
use crate::problem::Problem;
use crate::{Shared, words};

/// More sessions are in the API.
const MOST: usize = 100;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &PERIOD)?;
    let scope = Scope::of(&console, &caller, &asked).await?;
    let every = Scope { sites: crate::now::sites(&console, &caller, None).await?, ..scope.clone() };
    let leaks = books::leaks(&console, &scope).await?;
    let leaking = leaks.totals.values().filter(|(_, total)| LEAKS.iter().any(|account| total.of(*account) != 0));
    let body = html! {
        (filter(&asked, &scope, &every, "/console/leakage"))
        @for (currency, total) in leaking { (totals(*currency, total, &scope)) }
        @if leaks.sessions.is_empty() { p.good { (words::NOTHING_LEAKS) } } @else {
            h2 { (words::WHY_NOT) } (reasons(&leaks))
            h2 { (words::SESSIONS) } (sessions(&leaks, &scope))
            @if leaks.more || leaks.sessions.len() > MOST { p.dim { (words::MORE_LEAKS) } }
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
    let mut by: BTreeMap<String, (usize, BTreeMap<&'static str, Money>)> = BTreeMap::new();
    for leak in &leaks.sessions {
        let (count, amounts) = by.entry(reason(leak)).or_default();
        *count += 1;
        for money in leak.amounts.values() {
            let currency = money.currency();
            let known = amounts.get(currency.code()).copied().map_or(0, Money::minor);
            amounts.insert(currency.code(), Money::new(known + money.minor(), currency));
        }
    }
    html! {
        table {
            thead { tr { th scope="col" { (words::WHY) } th scope="col" { (words::SESSIONS) } th.amount scope="col" { (words::AMOUNT) } } }
            tbody { @for (reason, (count, amounts)) in by {
                tr { th scope="row" { (reason) } td { (count) } td.amount { @for money in amounts.values() { (money) " " } } }
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
            tbody { @for leak in leaks.sessions.iter().take(MOST) { (row(leak, scope)) } }
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
