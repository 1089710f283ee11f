//! *Revenue*: what a period came to, beside the period before.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use plugtill_domain::ids::ChargerId;
use plugtill_domain::ledger::Account;
use plugtill_domain::revenue::{COMPONENTS, Total, change};
use plugtill_domain::units::WattHours;

use super::{amount, behind, chart, filter, query, rate};
use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, PERIOD, Revenue, Scope};
use crate::pages::escaped;
use crate::pages::frame::framed;
use crate::problem::Problem;
use crate::{Shared, words};

/// More rows of one kind are in the exports.
const MOST: usize = 50;
/// So many hours of the week are named.
const BUSIEST: usize = 6;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &PERIOD)?;
    let scope = Scope::of(&console, &caller, &asked).await?;
    let every = Scope { sites: crate::now::sites(&console, &caller, None).await?, ..scope.clone() };
    let found = books::revenue(&console, &scope).await?;
    let shown: Vec<&Revenue> = found.iter().filter(|of| !of.total.is_nothing()).collect();
    let body = html! {
        (filter(&asked, &scope, &every, "/console/revenue"))
        @if shown.is_empty() { p.card { (words::NO_REVENUE) } }
        @for of in shown { (section(of, &scope)) }
    };
    Ok(Html(framed(&caller, words::REVENUE, "/console/revenue", &body).into_string()))
}

fn section(of: &Revenue, scope: &Scope) -> Markup {
    let days: Vec<_> = of.days.iter().map(|(day, total)| (*day, total.gross())).collect();
    html! {
        section {
            h2 { (of.currency) }
            (figures(of, scope))
            p.dim { (words::compared(scope.before(), scope.days())) }
            div.sides {
                div { h3 { (words::BY_COMPONENT) } (components(of, scope)) }
                div {
                    h3 { (words::BY_DAY) } (chart::columns(&days, (scope.from, scope.to), of.currency))
                    h3 { (words::BY_HOUR) } (chart::week(&of.hours, of.currency))
                    p.dim { (words::HOURS_ARE) }
                    @if !of.hours.is_empty() { (busiest(of, scope)) }
                }
            }
            @if scope.site.is_none() { h3 { (words::BY_SITE) } (sites(of, scope)) }
            @else {
                h3 { (words::BY_TARIFF) } (tariffs(of, scope))
                h3 { (words::BY_CONNECTOR) } (connectors(of, scope))
            }
            details { summary { (words::DAYS) } (days_table(of, scope)) }
        }
    }
}

/// The numbers that matter most, each with the postings behind it and the change since the period before.
fn figures(of: &Revenue, scope: &Scope) -> Markup {
    let (now, was, currency) = (&of.total, &of.before, of.currency);
    let money = |name: &'static str, value: fn(&Total) -> i64, account: Option<Account>| {
        let href = behind(scope, currency, account, "");
        figure(name, &amount(value(now), currency), Some(&href), change(value(now), value(was)))
    };
    let sessions = format!("/console/postings?{}&currency={currency}", query(scope));
    let counted = (now.counts, was.counts);
    let energy = words::kwh(WattHours(now.counts.energy_wh));
    html! {
        ul.needs.figures {
            (money(words::GROSS, Total::gross, None))
            (money(words::TAX, |total| total.of(Account::Tax), Some(Account::Tax)))
            (money(words::NET, Total::net, None))
            (money(words::COLLECTED, Total::collected, Some(Account::Captured)))
            (money(words::REFUNDED, |total| total.of(Account::Refunded), Some(Account::Refunded)))
            (money(words::STILL_OPEN, |total| total.of(Account::Open), Some(Account::Open)))
            (money(words::FEES, |total| total.of(Account::Fees), Some(Account::Fees)))
            (money(words::KEPT, Total::kept, None))
            (figure(words::SESSIONS, &now.counts.sessions.to_string(), Some(&sessions), change(counted.0.sessions, counted.1.sessions)))
            (figure(words::ENERGY, &energy, Some(&sessions), change(counted.0.energy_wh, counted.1.energy_wh)))
            (figure(words::PER_KWH, &rate(now.per_kwh(), currency), Some(&sessions), None))
            (figure(words::PER_SESSION, &rate(now.per_session(), currency), Some(&sessions), None))
        }
    }
}

fn figure(name: &str, value: &str, href: Option<&str>, change: Option<rust_decimal::Decimal>) -> Markup {
    let inner =
        html! { strong { (value) } (name) @if let Some(change) = change { small { (words::changed(change)) } } };
    html! { li { @if let Some(href) = href { a href=(href) { (inner) } } @else { div { (inner) } } } }
}

fn components(of: &Revenue, scope: &Scope) -> Markup {
    let before = Scope::named(scope.site.clone(), scope.before());
    let rows = COMPONENTS.into_iter().chain([Account::Tax]).filter(|account| of.total.of(*account) != 0);
    html! {
        table {
            thead { tr { th scope="col" { (words::COMPONENT) } th.amount scope="col" { (words::AMOUNT) } th.amount scope="col" { (words::BEFORE) } } }
            tbody { @for account in rows {
                tr {
                    th scope="row" { (words::account(account)) }
                    td.amount { a href=(behind(scope, of.currency, Some(account), "")) { (amount(of.total.of(account), of.currency)) } }
                    td.amount { a href=(behind(&before, of.currency, Some(account), "")) { (amount(of.before.of(account), of.currency)) } }
                }
            } }
            tfoot { tr {
                th scope="row" { (words::GROSS) }
                td.amount { a href=(behind(scope, of.currency, None, "")) { (amount(of.total.gross(), of.currency)) } }
                td.amount { a href=(behind(&before, of.currency, None, "")) { (amount(of.before.gross(), of.currency)) } }
            } }
        }
    }
}

/// What a total is of; the address of a page about it, and of the postings behind it.
struct Named<'a> {
    name: String,
    page: Option<String>,
    postings: Option<String>,
    total: &'a Total,
}

impl<'a> Named<'a> {
    /// A total about which there is no more than its postings.
    fn posted(name: String, postings: Option<String>, total: &'a Total) -> Self {
        Self { name, page: postings, postings: None, total }
    }
}

/// A table of totals.
fn totals<'a>(of: &Revenue, what: &str, rows: impl Iterator<Item = Named<'a>>) -> Markup {
    let rows: Vec<Named<'a>> = rows.collect();
    let count = rows.len();
    let linked = |text: &str, href: Option<&str>| html! { @if let Some(href) = href { a href=(href) { (text) } } @else { (text) } };
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (what) } th scope="col" { (words::SESSIONS) } th scope="col" { (words::ENERGY) }
                th.amount scope="col" { (words::GROSS) } th.amount scope="col" { (words::COLLECTED) } th.amount scope="col" { (words::PER_KWH) }
            } }
            tbody { @for Named { name, page, postings, total } in rows.into_iter().take(MOST) {
                tr {
                    th scope="row" { (linked(&name, page.as_deref())) }
                    td { (linked(&words::sessions(total.counts.sessions), postings.as_deref())) }
                    td { (words::kwh(WattHours(total.counts.energy_wh))) }
                    td.amount data-as=(words::GROSS) { (amount(total.gross(), of.currency)) }
                    td.amount data-as=(words::COLLECTED) { (amount(total.collected(), of.currency)) }
                    td.amount data-as=(words::PER_KWH) { (rate(total.per_kwh(), of.currency)) }
                }
            } }
        }
        @if count > MOST { p.dim { (words::more_rows(count - MOST)) } }
    }
}

fn sites(of: &Revenue, scope: &Scope) -> Markup {
    let rows = of.sites.iter().map(|(site, total)| {
        let known = scope.sites.iter().find(|known| known.site.id == *site);
        let name = known.map_or_else(|| site.to_string(), |known| known.site.name.clone());
        let one = Scope::named(Some(site.clone()), (scope.from, scope.to));
        let page = Some(format!("/console/revenue?{}", query(&one)));
        Named { name, page, postings: Some(behind(&one, of.currency, None, "")), total }
    });
    totals(of, words::SITE, rows)
}

fn tariffs(of: &Revenue, scope: &Scope) -> Markup {
    let name = |id: &String| if id.is_empty() { words::UNNAMED_TARIFF.to_owned() } else { id.clone() };
    // One that has no name cannot be asked for by it.
    let address =
        |id: &String| (!id.is_empty()).then(|| behind(scope, of.currency, None, &format!("&tariff={}", escaped(id))));
    let rows = of.tariffs.iter().map(|(id, total)| Named::posted(name(id), address(id), total));
    totals(of, words::TARIFF, rows)
}

/// The hours in which most was billed, with the postings behind each.
fn busiest(of: &Revenue, scope: &Scope) -> Markup {
    let mut hours: Vec<(u8, i64)> = of.hours.iter().map(|(hour, minor)| (*hour, *minor)).collect();
    hours.sort_by_key(|(hour, minor)| (std::cmp::Reverse(*minor), *hour));
    html! {
        p { (words::BUSIEST) ": "
            @for (index, (hour, minor)) in hours.iter().take(BUSIEST).enumerate() {
                @if index > 0 { " · " }
                a href=(behind(scope, of.currency, None, &format!("&hour={hour}"))) { (words::hour_of_week(*hour)) " " (amount(*minor, of.currency)) }
            }
        }
    }
}

fn connectors(of: &Revenue, scope: &Scope) -> Markup {
    let address = |charger: &ChargerId, connector: u32| {
        let more = format!("&charger={}&connector={connector}", escaped(charger.as_str()));
        behind(scope, of.currency, None, &more)
    };
    let rows = of.connectors.iter().map(|((charger, connector), total)| {
        let name = words::connector(charger.as_str(), connector.0);
        Named::posted(name, Some(address(charger, connector.0)), total)
    });
    totals(of, words::CONNECTOR, rows)
}

fn days_table(of: &Revenue, scope: &Scope) -> Markup {
    let rows = of.days.iter().rev().map(|(day, total)| {
        let one = Scope::named(scope.site.clone(), (*day, *day));
        Named::posted(words::day(*day), Some(behind(&one, of.currency, None, "")), total)
    });
    totals(of, words::DAY, rows)
}
