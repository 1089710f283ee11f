//! The page of an incident: all that is known of it, and a button for whoever looks after it.
//!
//! Its name was sent to those who are told of incidents, and cannot be guessed. Programs that look at links in mails only
//! ask for the page: it is acknowledged by the button alone.

use axum::extract::{Form, Path, State};
use axum::response::{Html, Redirect};
use plugtill_adapters::store::IncidentPage;
use plugtill_domain::incident::{Incident, Rules, acknowledge};
use serde::Deserialize;

use crate::{Portal, Problem, Shared, page};

/// A name is not longer.
const LONGEST_NAME: usize = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct Acknowledging {
    by: String,
}

pub(crate) async fn show(State(portal): Shared, Path(name): Path<String>) -> Result<Html<String>, Problem> {
    let (known, incident) = named(&portal, &name).await?;
    let site = match &known.subject.site {
        Some(id) => portal.directory.site(id).await?,
        None => None,
    };
    let rules = rules(site.as_deref());
    let called = site.as_ref().map(|known| known.site.name.as_str());
    let language = rules.policy.language;
    let told = plugtill_texts::page(language, &incident, called, &rules.zone, portal.clock.now());
    Ok(Html(page::incident(language, &told, &name).into_string()))
}

/// The same button twice is one acknowledgement.
pub(crate) async fn look_after(
    State(portal): Shared,
    Path(name): Path<String>,
    Form(asked): Form<Acknowledging>,
) -> Result<Redirect, Problem> {
    let (known, _) = named(&portal, &name).await?;
    let by: String = asked.by.trim().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    if by.is_empty() {
        return Err(Problem::field("wrong-by", &""));
    }
    let site = match &known.subject.site {
        Some(id) => portal.directory.site(id).await?,
        None => None,
    };
    let (rules, now) = (rules(site.as_deref()), portal.clock.now());
    let stored = portal.store.incident(known.subject).await?;
    let is_this = |incident: &&Incident| incident.first_at == known.first_at;
    portal.store.update_incident(stored, |latest| acknowledge(latest.filter(is_this)?, &by, now, &rules)).await?;
    Ok(Redirect::to(&format!("/i/{name}")))
}

async fn named(portal: &Portal, name: &str) -> Result<(IncidentPage, Incident), Problem> {
    let found = portal.store.incident_page(name).await?.ok_or(Problem::NotFound)?;
    let (page, incident) = found;
    Ok((page, incident.ok_or(Problem::NotFound)?))
}

pub(crate) fn rules(site: Option<&plugtill_adapters::store::SiteInForce>) -> Rules {
    site.map(|known| known.site.rules()).unwrap_or_default()
}
