//! What running sessions have said, as this process has read it: a page that is shown anew reads only what came since.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::{Store, StoreError};
use plugtill_domain::evidence::Evidence;
use plugtill_domain::session::Session;

/// What came late, or was gathered otherwise, is seen after so long.
const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// What is remembered of a session.
#[derive(Debug, Clone)]
struct Known {
    /// In the order in which it was read.
    evidence: Vec<Evidence>,
    /// When all of it was read, UTC.
    read_at: Timestamp,
}

/// What running sessions have said. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Mutex<HashMap<String, Known>>>);

impl Heard {
    /// What the charger said in a session.
    ///
    /// # Errors
    /// When the table does not answer.
    pub(crate) async fn evidence(
        &self,
        store: &Store,
        session: &Session,
        now: Timestamp,
    ) -> Result<Vec<Evidence>, StoreError> {
        let name = session.id.to_string();
        let known = self.known(&name, now);
        // The events of a 2.0.1 transaction lie elsewhere.
        let known = known.filter(|_| session.started.transaction.is_none());
        let Some(Known { mut evidence, read_at }) = known else {
            let frames = store.evidence(session).await?;
            let evidence: Vec<Evidence> = frames.into_iter().flat_map(|frame| frame.evidence).collect();
            self.keep(name, Known { evidence: evidence.clone(), read_at: now }, now);
            return Ok(evidence);
        };
        let since = evidence.iter().map(|said| said.at).max().unwrap_or(session.id.started_at);
        let frames = store.said_since(&session.id, since).await?;
        let new = frames.into_iter().flat_map(|frame| frame.evidence).filter(|said| said.at > since);
        evidence.extend(new);
        self.keep(name, Known { evidence: evidence.clone(), read_at }, now);
        Ok(evidence)
    }

    fn known(&self, name: &str, now: Timestamp) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        known.filter(|known| now.duration_since(known.read_at).abs() < FRESH)
    }

    fn keep(&self, name: String, known: Known, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, known| now.duration_since(known.read_at).abs() < FRESH);
        all.insert(name, known);
    }
}
