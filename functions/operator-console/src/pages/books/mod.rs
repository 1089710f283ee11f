//! The books: what a period came to, and the postings that every number is the sum of.

mod chart;
mod exports;
mod leakage;
mod postings;
mod revenue;
mod usage;

use maud::{Markup, html};
use plugtill_domain::ledger::Account;
use plugtill_domain::money::{Currency, Money};
use rust_decimal::Decimal;

use super::escaped;
use crate::asked::Asked;
use crate::books::Scope;
use crate::words;

pub(super) use exports::show as exports;
pub(super) use leakage::show as leakage;
pub(super) use postings::show as postings;
pub(super) use revenue::show as revenue;
pub(super) use usage::show as usage;

/// What asks for a period: site, first and last day.
fn filter(asked: &Asked, scope: &Scope, every: &Scope, path: &str) -> Markup {
    let chosen = scope.site.as_ref().map(plugtill_domain::ids::SiteId::as_str);
    let hidden = ["charger", "connector", "account", "currency", "hour", "tariff"].map(|name| (name, asked.text(name)));
    html! {
        form.fields method="get" action=(path) {
            @for (name, value) in hidden { @if let Some(value) = value { (super::hidden(name, value)) } }
            (super::which_site(&every.sites, chosen))
            label { (words::FROM) input type="date" name="from" value=(scope.from); }
            label { (words::TO) input type="date" name="to" value=(scope.to); }
            div { button.first { (words::SHOW) } }
        }
    }
}

/// The address of the postings behind a number.
fn behind(scope: &Scope, currency: Currency, account: Option<Account>, more: &str) -> String {
    let account = account.map_or_else(String::new, |account| format!("&account={}", account.as_str()));
    format!("/console/postings?{}&currency={currency}{account}{more}", query(scope))
}

/// The scope as the parameters of an address.
fn query(scope: &Scope) -> String {
    let site = scope.site.as_ref().map_or_else(String::new, |site| format!("&site={}", escaped(site.as_str())));
    format!("from={}&to={}{site}", scope.from, scope.to)
}

/// Minor units as an amount of money.
fn amount(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).to_string()
}

/// A ratio of minor units as an amount of money, to a hundredth of the minor unit.
fn rate(minor: Option<Decimal>, currency: Currency) -> String {
    let one = Money::new(1, currency).to_decimal();
    minor.map_or_else(|| words::NOTHING_TO_SHARE.to_owned(), |minor| format!("{} {currency}", minor * one))
}
