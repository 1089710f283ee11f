//! *Exports*: a period as files for spreadsheets, accounts, partners and data warehouses.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Html;
use maud::html;
use plugtill_sheets::Format;

use super::{filter, query};
use crate::access::Caller;
use crate::api::CDRS;
use crate::asked::Asked;
use crate::books::{Listing, PERIOD, Scope};
use crate::pages::frame::{framed, worded};
use crate::problem::Problem;
use crate::{Shared, words};

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &PERIOD)?;
    let scope = Scope::of(&console, &caller, &asked).await?;
    let every = Scope { sites: crate::now::sites(&console, &caller, None).await?, ..scope.clone() };
    let address = |file: &str| format!("/console/exports/{file}?{}", query(&scope));
    let may_roam = scope.sites.iter().all(|known| known.site.roaming.is_some());
    let body = html! {
        (filter(&asked, &scope, &every, "/console/exports"))
        ul.list {
            @for listing in Listing::ALL {
                li.card {
                    h2 { (words::listing(listing)) } p { (words::listing_is(listing)) }
                    p.row { @for format in Format::ALL {
                        a.button href=(address(&format!("{}.{}", listing.name(), format.extension()))) download {
                            (words::format(format)) span.skip { " " (words::listing(listing)) }
                        }
                    } }
                }
            }
            li.card {
                h2 { (words::CDRS) } p { (worded(words::CDRS_ARE)) }
                @if may_roam { p.row { a.button href=(address(CDRS)) download { "JSON" } } }
            }
        }
        p.dim { (words::EXPORTS_AUDITED) }
    };
    Ok(Html(framed(&caller, words::EXPORTS, "/console/exports", &body).into_string()))
}
