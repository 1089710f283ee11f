//! What drivers say that is wrong with their sessions: incidents whose facts are a driver's own words, until they are forgotten.

use plugtill_domain::incident::{Incident, Kind, Subject};
use plugtill_domain::session::Session;

use super::incidents::past_item;
use super::{Store, StoreError};

/// The incident under which a session's driver is heard.
#[must_use]
pub fn question(session: &Session) -> Subject {
    Subject::of_session(Kind::DriverAsks, session.site.clone(), session.id.clone())
}

impl Store {
    /// All that a session's driver has said, the oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn questions(&self, session: &Session) -> Result<Vec<Incident>, StoreError> {
        let subject = question(session);
        let past = self.past_incidents(Some(&session.site), session.id.started_at).await?;
        let mut said: Vec<Incident> = past.into_iter().filter(|incident| incident.subject == subject).collect();
        let latest = self.incident(subject).await?.incident;
        // One that is over stands among the past ones too.
        said.extend(latest.filter(Incident::is_going_on));
        Ok(said)
    }

    /// Forgets the words of a session's driver, and keeps that there were some. How often.
    ///
    /// # Errors
    /// When the table does not answer, an item cannot be read, or writers keep overtaking each other.
    pub async fn forget_questions(&self, session: &Session) -> Result<usize, StoreError> {
        let forgotten = |incident: &Incident| Incident { facts: String::new(), ..incident.clone() };
        let said = self.questions(session).await?;
        let over = said.iter().filter(|incident| !incident.is_going_on());
        let items = over.map(|incident| past_item(&forgotten(incident))).collect::<Result<Vec<_>, _>>()?;
        if !items.is_empty() {
            self.file(items).await?;
        }
        let latest = self.incident(question(session)).await?;
        let has_words = |incident: &&Incident| !incident.facts.is_empty();
        self.update_incident(latest, |latest| latest.filter(has_words).map(forgotten)).await?;
        Ok(said.len())
    }
}
