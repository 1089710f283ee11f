//! How full a site was: from the sessions of all its connectors.

use jiff::Timestamp;
use plugtill_domain::idle::{Occupied, occupancy};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::session::Session;
use plugtill_domain::site::{Site, Terms};

use super::{Store, StoreError, document, keys};

impl Store {
    /// How full the site was between two instants, oldest first; nothing where the terms do not ask for it.
    ///
    /// A site that does not list its connectors one by one has those that ever had a session.
    ///
    /// # Errors
    /// When the table does not answer or a session cannot be read.
    pub async fn occupied(
        &self,
        site: &Site,
        terms: &Terms,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Occupied>, StoreError> {
        if terms.idle.as_ref().is_none_or(|idle| idle.occupancy.is_empty()) {
            return Ok(Vec::new());
        }
        let connectors = self.connectors(&site.id).await?;
        let mut in_use = Vec::new();
        for (charger, connector) in &connectors {
            let before = self.latest_session(charger, *connector, from).await?.map(|stored| stored.session);
            let during = self.sessions_started(charger, *connector, from, to).await?;
            let stop = |session: Session| (session.id.started_at, session.stopped.map(|stop| stop.at));
            in_use.extend(before.into_iter().chain(during).map(stop));
        }
        Ok(occupancy(&in_use, site.connector_count().unwrap_or(connectors.len()), from, to))
    }

    /// The sessions of a connector that started after `from` and not after `to`.
    async fn sessions_started(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let partition = keys::connector(charger, connector);
        let items = self.range(&partition, &keys::session_sort(from), &keys::session_sort(to)).await?;
        let sessions: Vec<Session> = items.iter().map(document).collect::<Result<_, _>>()?;
        Ok(sessions.into_iter().filter(|session| session.id.started_at > from).collect())
    }
}
