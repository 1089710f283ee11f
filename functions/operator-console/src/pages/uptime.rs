//! *Uptime*: how much of a year connectors could be used, how soon people acted, what breaks most.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::{Markup, html};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::ids::SiteId;
use plugtill_operator::{ConnectorAvailability, SiteAvailability};

use super::escaped;
use super::frame::{framed, local};
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Shared, now, words};

/// Connectors of a site on the page; the API has them all.
const MOST: usize = 150;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["site"])?;
    let only: Option<SiteId> = asked.parsed("site", words::GIVE_SITE)?;
    let all = now::sites(&console, &caller, None).await?;
    // One site at a time: the first, where nobody says which.
    let chosen = now::sites(&console, &caller, only.as_ref()).await?.into_iter().next();
    let body = html! {
        p { (words::UPTIME_IS) }
        form.fields method="get" action="/console/uptime" {
            (super::which_site(&all, chosen.as_ref().map(|known| known.site.id.as_str())))
            div { button.first { (words::SHOW) } }
        }
        @match &chosen {
            Some(known) => {
                @let up = console.desk.availability_of(known, console.desk.clock.now()).await?;
                (site(known, &up))
            }
            None => { p.card { (words::NO_SITES) } }
        }
        p.row { a.button href="/console/incidents?all=true" { (words::HISTORY) } }
    };
    Ok(Html(framed(&caller, words::UPTIME, "/console/incidents", &body).into_string()))
}

fn site(known: &SiteInForce, up: &SiteAvailability) -> Markup {
    let minutes = |minutes: Option<i64>| minutes.map_or_else(|| words::NOTHING_TO_SHARE.to_owned(), words::minutes);
    html! {
        section {
            h2 { (known.site.name) }
            @if up.connectors.is_empty() { p.card { (words::NOTHING_KNOWN_YET) } } @else {
                dl {
                    dt { (words::UPTIME) } dd { strong { (words::percent(up.percent)) } }
                    dt { (words::TO_ACKNOWLEDGE) } dd { (minutes(up.minutes_to_acknowledge)) }
                    dt { (words::TO_REPAIR) } dd { (minutes(up.minutes_to_repair)) }
                }
                (connectors(known, up))
                @if !up.top_errors.is_empty() {
                    h3 { (words::BREAKS_MOST) }
                    table { tbody { @for (error, count) in &up.top_errors { tr {
                        th scope="row" { (words::error_name(error)) } td.amount { (words::incidents(*count)) }
                    } } } }
                }
            }
        }
    }
}

fn connectors(known: &SiteInForce, up: &SiteAvailability) -> Markup {
    html! {
        table.stack {
            thead { tr {
                th scope="col" { (words::CONNECTOR) } th scope="col" { (words::UPTIME) } th scope="col" { (words::DOWN) }
                th scope="col" { (words::NOT_COUNTED) } th scope="col" { (words::OUTAGES) } th scope="col" { (words::COUNTED_FROM) }
            } }
            tbody { @for one in up.connectors.iter().take(MOST) { (row(known, one)) } }
        }
    }
}

fn row(known: &SiteInForce, one: &ConnectorAvailability) -> Markup {
    let sessions = format!("/console/sessions?charger={}", escaped(one.charger.as_str()));
    html! {
        tr {
            th scope="row" { a href=(sessions) { (words::connector(one.charger.as_str(), one.connector.0)) } }
            td data-as=(words::UPTIME) { (words::percent(one.percent)) }
            td data-as=(words::DOWN) { (words::minutes(one.minutes_down)) }
            td data-as=(words::NOT_COUNTED) { (words::minutes(one.minutes_excluded)) }
            td data-as=(words::OUTAGES) { (one.outages) }
            td data-as=(words::COUNTED_FROM) { (local(one.from, &known.site.zone())) }
        }
    }
}
