//! Chargers and sites, and whether Stripe's books agree.
//!
//! Letting chargers, people and machines in is not here: it is answered with a secret, and an order's answer is kept.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::HeaderMap;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::reconcile::Reconciliation;
use plugtill_operator::{Answer, Listed, NewSites, Published, Request, Simulated};

use super::orders::read;
use super::shapes as s;
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Shared, look, pages, words};

/// A count as the API says it.
fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

pub(super) async fn chargers(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Json<s::Chargers>, Problem> {
    let asked = Asked::of(given, &["after", "limit"])?;
    let (listed, next) = look::some_chargers(&console, &caller, asked.part()?).await?;
    Ok(Json(s::Chargers { chargers: listed.into_iter().map(s::Charger::from).collect(), next }))
}

impl From<Listed> for s::Charger {
    fn from(listed: Listed) -> Self {
        Self {
            id: listed.charger,
            site: listed.site.to_string(),
            connectors: count(listed.connectors),
            speaks: listed.ocpp.map(|dialect| words::dialect(dialect).to_owned()),
            connected: listed.connected,
            heard_at: listed.heard_at,
        }
    }
}

pub(super) async fn tell(
    State(console): Shared,
    caller: Caller,
    Path(charger): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::NewCommand>(&console, &caller, &headers, (&format!("tell {charger}"), &body))?;
    let charger = pages::charger_seen(&console, &caller, &charger).await?;
    let order = pages::telling(&console, &charger, (&new.order, ConnectorId(new.connector))).await?;
    let by = caller.name.to_string();
    sent.once(async {
        let Answer::Told(told) = look::asked(&console, Request::Tell { charger, order, by }).await? else {
            return Ok(None);
        };
        let told = told.into_iter().next();
        Ok(told.map(|it| s::Told { id: it.id, charger: it.charger.to_string(), asked_at: it.asked_at }))
    })
    .await
}

pub(super) async fn publish(
    State(console): Shared,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::NewSites>(&console, &caller, &headers, ("publish", &body))?;
    owns_all(&caller)?;
    let sites = NewSites { file: new.file, by: caller.name.to_string(), apply: true };
    sent.once(async {
        let Answer::Sites(sites) = look::asked(&console, Request::Publish(sites)).await? else { return Ok(None) };
        Ok(Some(s::PublishedSites { sites: sites.into_iter().map(s::PublishedSite::from).collect() }))
    })
    .await
}

/// Who owns some sites has no say over the others.
fn owns_all(caller: &Caller) -> Result<(), Problem> {
    if caller.sees(None) { Ok(()) } else { Err(Problem::not_found(words::OWNERS_OF_ALL)) }
}

impl From<Published> for s::PublishedSite {
    fn from(one: Published) -> Self {
        let change = one.change.as_str().to_owned();
        Self { site: one.site.to_string(), change, chargers: count(one.chargers) }
    }
}

pub(super) async fn simulate(
    State(console): Shared,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let (sent, new) = read::<s::NewSites>(&console, &caller, &headers, ("simulate", &body))?;
    owns_all(&caller)?;
    sent.once(async {
        let simulated = look::simulated(&console, new.file).await?;
        Ok(Some(s::Simulations { sites: simulated.into_iter().map(s::Simulation::from).collect() }))
    })
    .await
}

impl From<Simulated> for s::Simulation {
    fn from(one: Simulated) -> Self {
        Self {
            site: one.site.to_string(),
            sessions: count(one.sessions),
            left_out: count(one.left_out),
            of: count(one.of),
            before: one.before.into(),
            after: one.after.into(),
            dearer: count(one.dearer),
            cheaper: count(one.cheaper),
        }
    }
}

pub(super) async fn reconciliation(State(console): Shared, caller: Caller) -> Result<Json<s::Compared>, Problem> {
    Ok(Json(s::Compared::from(look::reconciliation(&console, &caller).await?)))
}

impl From<Option<Reconciliation>> for s::Compared {
    fn from(compared: Option<Reconciliation>) -> Self {
        let (at, since) = (compared.as_ref().map(|it| it.at), compared.as_ref().map(|it| it.since));
        let of = |part: fn(&Reconciliation) -> usize| compared.as_ref().map_or(0, |it| count(part(it)));
        let (sessions, charges) = (of(|it| it.sessions), of(|it| it.charges));
        let (movements, payouts) = (of(|it| it.movements), of(|it| it.payouts));
        let differences = compared.into_iter().flat_map(|it| it.differences);
        let differences = differences.map(|it| s::Difference {
            kind: it.kind.to_string(),
            session: it.session,
            object: it.object,
            ours: it.ours.into(),
            theirs: it.theirs.into(),
            age_minutes: it.age_minutes,
            repair: it.repair.to_string(),
        });
        Self { at, since, sessions, charges, movements, payouts, differences: differences.collect() }
    }
}
