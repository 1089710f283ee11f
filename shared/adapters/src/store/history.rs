//! Looking back: the sessions of a connector from the latest on, a day's postings, the daily totals of sites and connectors.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId};
use plugtill_domain::ledger::Entry;
use plugtill_domain::money::Currency;
use plugtill_domain::revenue::Total;
use plugtill_domain::session::Session;

use super::{Item, Store, StoreError, document, keys, ledger, number, text};

/// What a site's sessions came to on a day, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTotal {
    /// The site's own calendar day.
    pub day: Date,
    /// The currency.
    pub currency: Currency,
    /// What it came to.
    pub total: Total,
    /// What was billed, in minor units, by the hour of the site's week in which the sessions began, from Monday at midnight.
    pub hours: BTreeMap<u8, i64>,
    /// How many of its postings may be of something that was not collected.
    pub leaks: i64,
}

/// What the sessions of a connector under one version of terms came to on a day, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorDay {
    /// The site's own calendar day.
    pub day: Date,
    /// Of which charger.
    pub charger: ChargerId,
    /// Which.
    pub connector: ConnectorId,
    /// The version of the terms.
    pub terms: String,
    /// The currency.
    pub currency: Currency,
    /// What it came to.
    pub total: Total,
}

/// A posting, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Of which session.
    pub session: SessionId,
    /// The posting.
    pub entry: Entry,
    /// Its place among those of its site and day.
    pub place: String,
}

impl Store {
    /// At most `limit` sessions of a connector that started between two instants, both included (UTC), the latest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn sessions_back(
        &self,
        (charger, connector): (&ChargerId, ConnectorId),
        (from, to): (Timestamp, Timestamp),
        limit: i32,
    ) -> Result<Vec<Session>, StoreError> {
        if from > to {
            return Ok(Vec::new());
        }
        let (first, last) = (keys::session_sort(from), keys::session_sort(to));
        let query = self.between(&keys::connector(charger, connector), &first, &last);
        let (mut found, mut next) = (Vec::new(), None);
        let wanted = usize::try_from(limit).unwrap_or_default();
        // A page may end by its size before it has as many as were asked for.
        loop {
            let query = query.clone().scan_index_forward(false).limit(limit).set_exclusive_start_key(next);
            let page = query.send().await.map_err(|e| StoreError::from_sdk(&e))?;
            for item in page.items.unwrap_or_default() {
                found.push(document(&item)?);
            }
            next = page.last_evaluated_key;
            if next.is_none() || found.len() >= wanted {
                found.truncate(wanted);
                return Ok(found);
            }
        }
    }

    /// A site's daily totals, read day by day.
    pub(super) async fn days_one_by_one(
        &self,
        site: &SiteId,
        (from, to): (Date, Date),
    ) -> Result<Vec<DayTotal>, StoreError> {
        let items = self.range(&keys::days(site), &format!("{from}#"), &format!("{to}#{}", keys::LAST)).await?;
        let read = |item: &Item| {
            let (day, currency) = text(item, "sk").rsplit_once('#')?;
            let hours = item.keys().filter_map(|name| Some((ledger::hour_of(name)?, number(item, name))));
            Some(DayTotal {
                day: day.parse().ok()?,
                currency: currency.parse().ok()?,
                total: ledger::total(item),
                hours: hours.collect(),
                leaks: number(item, ledger::LEAKS),
            })
        };
        Ok(items.iter().filter_map(read).collect())
    }

    /// The daily totals of a site's connectors, read day by day.
    pub(super) async fn connector_days_one_by_one(
        &self,
        site: &SiteId,
        (from, to): (Date, Date),
    ) -> Result<Vec<ConnectorDay>, StoreError> {
        let span = (format!("{from}#"), format!("{to}#{}", keys::LAST));
        let items = self.range(&keys::connector_days(site), &span.0, &span.1).await?;
        let read = |item: &Item| {
            // A charger's name may hold what parts the others.
            let (day, rest) = text(item, "sk").split_once('#')?;
            let mut parts = rest.rsplitn(4, '#');
            let (currency, terms, connector) = (parts.next()?, parts.next()?, parts.next()?);
            Some(ConnectorDay {
                day: day.parse().ok()?,
                charger: parts.next()?.parse().ok()?,
                connector: ConnectorId(connector.parse().ok()?),
                terms: terms.to_owned(),
                currency: currency.parse().ok()?,
                total: ledger::total(item),
            })
        };
        Ok(items.iter().filter_map(read).collect())
    }

    /// The postings of a site on one of its days, oldest first: those that a daily total is the sum of.
    ///
    /// # Errors
    /// When the table does not answer or a posting cannot be read.
    pub async fn postings(&self, site: &SiteId, day: Date) -> Result<Vec<Posted>, StoreError> {
        posted(&self.range(&format!("j#{site}#{day}"), "0", keys::LAST).await?)
    }

    /// Those of them that are of something not collected. A day that was posted by an earlier version has fewer than its total
    /// counts.
    ///
    /// # Errors
    /// When the table does not answer or a posting cannot be read.
    pub async fn leaks(&self, site: &SiteId, day: Date) -> Result<Vec<Posted>, StoreError> {
        posted(&self.range(&keys::leaks(site, day), "0", keys::LAST).await?)
    }

    /// At most `limit` of them behind a place.
    ///
    /// # Errors
    /// When the table does not answer or a posting cannot be read.
    pub async fn postings_behind(
        &self,
        (site, day): (&SiteId, Date),
        place: Option<&str>,
        limit: i32,
    ) -> Result<Vec<Posted>, StoreError> {
        let from = place.map_or_else(|| "0".to_owned(), |place| format!("{place} "));
        let query = self.between(&format!("j#{site}#{day}"), &from, keys::LAST).limit(limit);
        posted(&query.send().await.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default())
    }
}

fn posted(items: &[Item]) -> Result<Vec<Posted>, StoreError> {
    let mut found = Vec::with_capacity(items.len());
    for item in items {
        let place = text(item, "sk");
        let (_, rest) = place.split_once('#').unwrap_or_default();
        let Some(session) = rest.rsplit_once('#').and_then(|(id, _)| id.parse().ok()) else { continue };
        found.push(Posted { session, entry: document(item)?, place: place.to_owned() });
    }
    Ok(found)
}
