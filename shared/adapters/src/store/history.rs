//! Looking back: the sessions of a connector from the latest on, a day's postings, the daily totals day by day.

use jiff::Timestamp;
use jiff::civil::Date;
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId};
use plugtill_domain::ledger::{Balances, Entry};
use plugtill_domain::session::Session;

use super::ledger::{ACCOUNTS, name};
use super::{Store, StoreError, document, keys, number, text};

/// What a site's sessions came to on a day, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTotal {
    /// The site's own calendar day.
    pub day: Date,
    /// The currency's code.
    pub currency: String,
    /// How many sessions got their outcome.
    pub sessions: i64,
    /// Energy billed, in Wh.
    pub energy_wh: i64,
    /// The accounts, in minor units; those at zero are absent.
    pub balances: Balances,
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

    /// The postings of a site on one of its days that are a session's, oldest first.
    ///
    /// # Errors
    /// When the table does not answer or a posting cannot be read.
    pub async fn postings_of(&self, site: &SiteId, day: Date, session: &SessionId) -> Result<Vec<Entry>, StoreError> {
        let named = format!("#{session}#");
        let items = self.range(&format!("j#{site}#{day}"), "0", keys::LAST).await?;
        items.iter().filter(|item| text(item, "sk").contains(&named)).map(document).collect()
    }

    /// A site's daily totals from one day to another, both included, oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn days(&self, site: &SiteId, (from, to): (Date, Date)) -> Result<Vec<DayTotal>, StoreError> {
        let items = self.range(&format!("d#{site}"), &format!("{from}#"), &format!("{to}#{}", keys::LAST)).await?;
        let read = |item: &super::Item| {
            let (day, currency) = text(item, "sk").rsplit_once('#')?;
            let balances = ACCOUNTS.into_iter().map(|account| (account, number(item, name(account))));
            Some(DayTotal {
                day: day.parse().ok()?,
                currency: currency.to_owned(),
                sessions: number(item, "sessions"),
                energy_wh: number(item, "energy_wh"),
                balances: balances.filter(|(_, minor)| *minor != 0).collect(),
            })
        };
        Ok(items.iter().filter_map(read).collect())
    }
}
