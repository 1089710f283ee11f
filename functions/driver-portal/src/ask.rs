//! Something is wrong with a session: its driver says so on its page, and operators are told as of any incident.

use axum::extract::{Form, Path, State};
use axum::response::Redirect;
use jiff::Timestamp;
use plugtill_adapters::store::{StoreError, question};
use plugtill_domain::incident::{Incident, Sighting, observe};
use plugtill_domain::session::Session;
use serde::Deserialize;

use crate::{Portal, Problem, Shared, incident, session_of};

/// As long as an alert by e-mail can carry beside the rest.
const LONGEST_WORDS: usize = 500;
const LONGEST_ADDRESS: usize = 100;

/// What a driver says.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    words: String,
    /// How they are reached; empty where they want no answer.
    #[serde(default)]
    reach: String,
}

/// Since when the operator has been asked and has not closed it, UTC.
pub(crate) async fn since(portal: &Portal, session: &Session) -> Result<Option<Timestamp>, StoreError> {
    let latest = portal.store.incident(question(session)).await?.incident;
    Ok(latest.filter(Incident::is_going_on).map(|incident| incident.first_at))
}

/// Once until it is answered: who presses the button twice has asked once.
pub(crate) async fn open(
    State(portal): Shared,
    Path(link): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Redirect, Problem> {
    let session = session_of(&portal, &link).await?;
    let words = cut(&asked.words, LONGEST_WORDS);
    if words.is_empty() {
        return Err(Problem::field("wrong-empty", &""));
    }
    let reach = cut(&asked.reach, LONGEST_ADDRESS);
    let facts = if reach.is_empty() { words } else { format!("{words} ({reach})") };
    let site = portal.directory.site(&session.site).await?;
    let rules = incident::rules(site.as_deref());
    let seen = Sighting::now(question(&session), facts, false, portal.clock.now());
    let known = portal.store.incident(seen.subject.clone()).await?;
    let is_new = |latest: Option<&Incident>| !latest.is_some_and(Incident::is_going_on);
    portal.store.update_incident(known, |latest| observe(latest, &seen, &rules).filter(|_| is_new(latest))).await?;
    Ok(Redirect::to(&portal.links.session_page(&session.id)))
}

fn cut(text: &str, longest: usize) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().filter(|c| !c.is_control()).take(longest).collect()
}
