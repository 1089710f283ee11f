//! *Postings*: the double entries behind a number. What is listed adds up to what was shown.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use plugtill_domain::ledger::{Account, billed};
use plugtill_domain::units::WattHours;

use super::{amount, filter};
use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, Behind, Narrow, PERIOD, Row, Scope};
use crate::pages::frame::{framed, when};
use crate::pages::{escaped, session_link};
use crate::problem::Problem;
use crate::{Shared, words};

/// Postings on a page.
const MOST: usize = 80;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let names: Vec<&str> = PERIOD.into_iter().chain(Narrow::NAMES).chain(["after"]).collect();
    let asked = Asked::of(given, &names)?;
    let scope = Scope::of(&console, &caller, &asked).await?;
    let every = Scope { sites: crate::now::sites(&console, &caller, None).await?, ..scope.clone() };
    let narrow = Narrow::of(&asked)?;
    let after: Option<Behind> = asked.parsed("after", words::GIVE_AFTER)?;
    let (rows, next) = books::trail(&console, &scope, &narrow, (after, MOST)).await?;
    let kept = names.iter().filter(|name| **name != "after");
    let kept: String = kept.filter_map(|name| Some(format!("{name}={}&", escaped(asked.text(name)?)))).collect();
    let body = html! {
        (filter(&asked, &scope, &every, "/console/postings"))
        @if let Some(narrowed) = narrowed(&narrow) { p { (narrowed) } }
        @if rows.is_empty() { p.card { (words::NO_POSTINGS_THERE) } } @else { (table(&rows, narrow.account)) }
        @if let Some(next) = next {
            p.row { a.button href=(format!("/console/postings?{kept}after={}", escaped(&next.to_string()))) rel="next" { (words::EARLIER_POSTINGS) } }
        }
    };
    Ok(Html(framed(&caller, words::POSTINGS, "/console/revenue", &body).into_string()))
}

fn narrowed(narrow: &Narrow) -> Option<String> {
    let account = narrow.account.map(|account| words::account(account).to_owned());
    let charger = narrow.charger.as_ref().map(|charger| words::of_charger(charger.as_str(), narrow.connector));
    let hour = narrow.hour.map(words::hour_of_week);
    let tariff = narrow.tariff.as_ref().map(|tariff| format!("{} {tariff}", words::TARIFF));
    let both: Vec<String> = account.into_iter().chain(charger).chain(hour).chain(tariff).collect();
    (!both.is_empty()).then(|| both.join(" · "))
}

fn table(rows: &[Row], account: Option<Account>) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (words::POSTED) } th scope="col" { (words::PLACE) } th scope="col" { (words::ENERGY) }
                @if account.is_some() { th.amount scope="col" { (words::AMOUNT) } }
                th.amount scope="col" { (words::GROSS) } th.amount scope="col" { (words::COLLECTED) }
            } }
            tbody { @for row in rows { (one(row, account)) } }
        }
    }
}

fn one(row: &Row, account: Option<Account>) -> Markup {
    let (entry, id) = (&row.posted.entry, &row.posted.session);
    let total = plugtill_domain::revenue::Total { counts: entry.counts, balances: entry.legs.clone() };
    html! {
        tr {
            th scope="row" { a href=(session_link(&id.to_string())) { (when(entry.at, &row.known.site.zone())) } }
            td { (row.known.site.name) small { (words::connector(id.charger.as_str(), id.connector.0)) } }
            td { @if entry.counts.energy_wh != 0 { (words::kwh(WattHours(entry.counts.energy_wh))) } }
            @if let Some(account) = account { td.amount data-as=(words::AMOUNT) { (amount(total.of(account), entry.currency)) } }
            td.amount data-as=(words::GROSS) { (amount(billed(&entry.legs), entry.currency)) }
            td.amount data-as=(words::COLLECTED) { (amount(total.collected(), entry.currency)) }
        }
    }
}
