//! What a period came to, and what that rests on.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use plugtill_domain::ids::SiteId;
use plugtill_domain::ledger::{Account, Counts};
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::revenue::{COMPONENTS, LEAKS, Total};
use plugtill_domain::units::WattHours;

use super::convert::legs;
use super::shapes as s;
use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, Because, Behind, ConnectorUse, Leak, Narrow, PERIOD, Revenue, Scope};
use crate::problem::Problem;
use crate::{Shared, words};

type Given = Query<BTreeMap<String, String>>;
type Answered<T> = Result<Json<T>, Problem>;

pub(super) async fn revenue(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Revenues> {
    let scope = Scope::of(&console, &caller, &Asked::of(given, &PERIOD)?).await?;
    let found = books::revenue(&console, &scope).await?;
    let revenue = found.iter().map(|of| came_to(of, &scope)).collect();
    Ok(Json(s::Revenues { from: scope.from, to: scope.to, revenue }))
}

pub(super) async fn postings(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Postings> {
    let names: Vec<&str> = PERIOD.into_iter().chain(Narrow::NAMES).chain(["after", "limit"]).collect();
    let asked = Asked::of(given, &names)?;
    let scope = Scope::of(&console, &caller, &asked).await?;
    let after: Option<Behind> = asked.parsed("after", words::GIVE_AFTER)?;
    let (rows, next) = books::trail(&console, &scope, &Narrow::of(&asked)?, (after, asked.limit()?)).await?;
    let postings = rows.into_iter().map(|row| s::SitePosting {
        site: row.known.site.id.to_string(),
        day: row.day,
        at: row.posted.entry.at,
        session: row.posted.session.to_string(),
        counts: counts(&row.posted.entry.counts),
        legs: legs(&row.posted.entry.legs, row.posted.entry.currency),
    });
    Ok(Json(s::Postings { postings: postings.collect(), next: next.map(|next| next.to_string()) }))
}

pub(super) async fn leakage(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Leakage> {
    let names: Vec<&str> = PERIOD.into_iter().chain(["after", "limit"]).collect();
    let asked = Asked::of(given, &names)?;
    let scope = Scope::of(&console, &caller, &asked).await?;
    let leaks = books::leaks(&console, &scope, words::reasons_name, asked.part()?).await?;
    let totals = leaks.totals.values().map(|(currency, total)| s::Leaked {
        billed: amount(total.gross(), *currency),
        accounts: named(LEAKS.into_iter(), total, *currency),
    });
    Ok(Json(s::Leakage {
        from: scope.from,
        to: scope.to,
        totals: totals.collect(),
        reasons: leaks.reasons.into_iter().map(because).collect(),
        sessions: leaks.sessions.iter().map(leak).collect(),
        next: leaks.next,
    }))
}

pub(super) async fn usage(State(console): Shared, caller: Caller, Query(given): Given) -> Answered<s::Uses> {
    let scope = Scope::of(&console, &caller, &Asked::of(given, &PERIOD)?).await?;
    let mut connectors = Vec::new();
    for of in books::usage(&console, &scope).await? {
        connectors.extend(of.connectors.iter().map(|one| used(&of.known.site.id, one)));
    }
    Ok(Json(s::Uses { from: scope.from, to: scope.to, connectors }))
}

fn came_to(of: &Revenue, scope: &Scope) -> s::Revenue {
    let connectors = of.connectors.iter().map(|((charger, connector), total)| s::ConnectorRevenue {
        charger: charger.to_string(),
        connector: connector.0,
        total: sums(total, of.currency),
    });
    let hours =
        of.hours.iter().map(|(hour, minor)| s::HourRevenue { hour: *hour, billed: amount(*minor, of.currency) });
    let named = |name: &str, total: &Total| s::NamedRevenue { name: name.to_owned(), total: sums(total, of.currency) };
    s::Revenue {
        currency: of.currency.to_string(),
        total: sums(&of.total, of.currency),
        components: named_components(&of.total, of.currency),
        before_from: scope.before().0,
        before: sums(&of.before, of.currency),
        sites: of.sites.iter().map(|(site, total)| named(site.as_str(), total)).collect(),
        tariffs: of.tariffs.iter().map(|(tariff, total)| named(tariff, total)).collect(),
        days: of.days.iter().map(|(day, total)| s::DayRevenue { day: *day, total: sums(total, of.currency) }).collect(),
        connectors: connectors.collect(),
        hours: hours.collect(),
    }
}

fn named_components(total: &Total, currency: Currency) -> Vec<s::Leg> {
    named(COMPONENTS.into_iter().chain([Account::Tax]), total, currency)
}

/// Accounts as they are read; those at zero are left out.
fn named(accounts: impl Iterator<Item = Account>, total: &Total, currency: Currency) -> Vec<s::Leg> {
    let found = accounts.filter(|account| total.of(*account) != 0);
    let leg =
        |account: Account| s::Leg { account: account.as_str().to_owned(), amount: amount(total.of(account), currency) };
    found.map(leg).collect()
}

fn sums(total: &Total, currency: Currency) -> s::Sums {
    s::Sums {
        counts: counts(&total.counts),
        billed: amount(total.gross(), currency),
        tax: amount(total.of(Account::Tax), currency),
        net: amount(total.net(), currency),
        collected: amount(total.collected(), currency),
        refunded: amount(total.of(Account::Refunded), currency),
        open: amount(total.of(Account::Open), currency),
        fees: amount(total.of(Account::Fees), currency),
        kept: amount(total.kept(), currency),
    }
}

fn counts(counts: &Counts) -> s::Counts {
    s::Counts {
        sessions: counts.sessions,
        energy_kwh: WattHours(counts.energy_wh).to_kwh().to_string(),
        plugged_seconds: counts.plugged_seconds,
        idle_seconds: counts.idle_seconds,
        idle_fees: counts.idle_fees,
    }
}

fn because((reason, because): (String, Because)) -> s::Because {
    let amounts = because.amounts.into_values().map(Into::into);
    s::Because { reason, sessions: because.sessions, amounts: amounts.collect() }
}

fn leak(leak: &Leak) -> s::Leak {
    let legs = leak
        .amounts
        .iter()
        .map(|(account, money)| s::Leg { account: account.as_str().to_owned(), amount: (*money).into() });
    s::Leak { session: s::Session::from(&leak.session), since: leak.since, accounts: legs.collect() }
}

fn used(site: &SiteId, one: &ConnectorUse) -> s::Use {
    s::Use {
        site: site.to_string(),
        charger: one.charger.to_string(),
        connector: one.connector.0,
        sessions: one.counts.sessions,
        charging_seconds: one.charging,
        idle_seconds: one.idle,
        free_seconds: one.free,
        faulted_seconds: one.faulted,
        idle_fees: one.idle_fees.iter().map(|(currency, minor)| amount(*minor, *currency)).collect(),
    }
}

fn amount(minor: i64, currency: Currency) -> s::Amount {
    Money::new(minor, currency).into()
}
