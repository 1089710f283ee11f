//! Files of a period: `days.csv`, `sessions.xlsx`, `journal.parquet`, `cdrs.json` and the like. Who takes one with them stands in
//! the audit trail.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header;
use plugtill_adapters::store::Audited;
use plugtill_sheets::Format;

use crate::access::Caller;
use crate::asked::Asked;
use crate::books::{self, Listing, PERIOD, Scope};
use crate::problem::Problem;
use crate::{Shared, words};

/// The file of CDRs.
pub(crate) const CDRS: &str = "cdrs.json";

/// Every file's name.
pub(crate) fn names() -> impl Iterator<Item = String> {
    let sheets = Listing::ALL.into_iter().flat_map(|listing| Format::ALL.map(|format| (listing, format)));
    sheets.map(|(listing, format)| format!("{}.{}", listing.name(), format.extension())).chain([CDRS.to_owned()])
}

pub(crate) async fn file(
    State(console): Shared,
    caller: Caller,
    Path(file): Path<String>,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let missing = || Problem::not_found(words::no_file(&file));
    let (name, extension) = file.split_once('.').ok_or_else(missing)?;
    let scope = Scope::of(&console, &caller, &Asked::of(given, &PERIOD)?).await?;
    let (kind, content) = if file == CDRS {
        let cdrs = books::cdrs_of(&console, &scope).await?;
        let content = serde_json::to_vec(&cdrs).map_err(|error| Problem::refused(error.to_string()))?;
        ("application/json", content)
    } else {
        let listing = Listing::ALL.into_iter().find(|listing| listing.name() == name).ok_or_else(missing)?;
        let format: Format = extension.parse().map_err(|_| missing())?;
        let sheet = books::sheet(&console, &scope, listing).await?;
        (format.media_type(), format.write(&sheet).map_err(|error| Problem::refused(error.to_string()))?)
    };
    let sites = scope.site.as_ref().map_or_else(|| words::ALL_SITES.to_owned(), ToString::to_string);
    let taken = Audited {
        at: console.desk.clock.now(),
        by: caller.name.to_string(),
        session: None,
        order: format!("export {file}: {} to {}, {sites}", scope.from, scope.to),
        outcome: words::bytes(content.len()),
    };
    console.desk.store.audit(&taken).await?;
    let named = format!("attachment; filename=\"plugtill-{name}-{}-{}.{extension}\"", scope.from, scope.to);
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named.as_str())], content).into_response())
}
