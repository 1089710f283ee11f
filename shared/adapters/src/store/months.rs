//! Closed days, a month of them in one piece: a daily total changes no more once its day is over everywhere, so that a year of
//! many sites need not be read day by day.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp, tz};
use plugtill_domain::ids::{ChargerId, ConnectorId, SiteId};
use plugtill_domain::ledger::{Balances, Counts};
use plugtill_domain::money::Currency;
use plugtill_domain::revenue::Total;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{ConnectorDay, DayTotal, Item, Store, StoreError, document, keys, packed, text, to_document};

/// The last zone's day ends twelve hours after UTC's; an hour more for whatever is being written.
const OVER_EVERYWHERE: SignedDuration = SignedDuration::from_hours(13);
/// An item holds 400 KB; a site with more to say is read day by day.
const MOST_BYTES: usize = 380 << 10;
/// Three years and the months at their ends.
const MOST_MONTHS: i32 = 37;
/// The days of so many sites are read at once.
const AT_ONCE: usize = 32;

/// The closed days of a month.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Month<T> {
    /// Up to which of its days, included.
    through: Date,
    /// The oldest first.
    days: Vec<T>,
}

/// A site's day as an item holds it: without names, since a month of many connectors has thousands.
type SiteRow = (Date, Currency, [i64; 5], Balances, BTreeMap<u8, i64>, i64);
/// A connector's day.
type ConnectorRow = (Date, ChargerId, u32, String, Currency, [i64; 5], Balances);

fn counted(counts: Counts) -> [i64; 5] {
    let Counts { sessions, energy_wh, plugged_seconds, idle_seconds, idle_fees } = counts;
    [sessions, energy_wh, plugged_seconds, idle_seconds, idle_fees]
}

fn counts([sessions, energy_wh, plugged_seconds, idle_seconds, idle_fees]: [i64; 5]) -> Counts {
    Counts { sessions, energy_wh, plugged_seconds, idle_seconds, idle_fees }
}

fn site_row(day: DayTotal) -> SiteRow {
    (day.day, day.currency, counted(day.total.counts), day.total.balances, day.hours, day.leaks)
}

fn site_day((day, currency, counted, balances, hours, leaks): SiteRow) -> DayTotal {
    DayTotal { day, currency, total: Total { counts: counts(counted), balances }, hours, leaks }
}

fn connector_row(day: ConnectorDay) -> ConnectorRow {
    let Total { counts, balances } = day.total;
    (day.day, day.charger, day.connector.0, day.terms, day.currency, counted(counts), balances)
}

fn connector_day((day, charger, connector, terms, currency, counted, balances): ConnectorRow) -> ConnectorDay {
    let total = Total { counts: counts(counted), balances };
    ConnectorDay { day, charger, connector: ConnectorId(connector), terms, currency, total }
}

/// From one day to another, both included.
type Days = (Date, Date);

/// The last day that is over in every zone, at an instant.
#[must_use]
pub fn closed_by(at: Timestamp) -> Date {
    (at - OVER_EVERYWHERE).to_zoned(tz::TimeZone::UTC).date().saturating_sub(Span::new().days(1))
}

fn day_after(day: Date) -> Date {
    day.saturating_add(Span::new().days(1))
}

/// The first days of the months that a span touches; none of one so long that it is sooner read day by day.
fn months((from, to): Days) -> Vec<Date> {
    let first = from.first_of_month();
    let count = i32::from(to.year() - from.year()) * 12 + i32::from(to.month() - from.month()) + 1;
    let count = if count <= MOST_MONTHS { count } else { 0 };
    (0..count).map(|count| first.saturating_add(Span::new().months(count))).filter(|month| *month <= to).collect()
}

fn site_key(month: Date, site: &SiteId) -> (String, String) {
    (format!("m#{}", month.strftime("%Y-%m")), site.to_string())
}

fn connector_key(month: Date, site: &SiteId) -> (String, String) {
    (format!("v#{}", month.strftime("%Y-%m")), site.to_string())
}

/// What is known of a span from the months' items; and from which day on it has to be read day by day.
fn covered<T: DeserializeOwned>(
    months: &[Date],
    (from, to): Days,
    item: impl Fn(Date) -> Option<Month<T>>,
    day_of: impl Fn(&T) -> Date,
) -> (Vec<T>, Date) {
    let (mut days, mut next) = (Vec::new(), from);
    for month in months {
        let Some(known) = item(*month) else { break };
        days.extend(known.days.into_iter().filter(|day| (from..=to).contains(&day_of(day))));
        next = next.max(day_after(known.through));
        if known.through < month.last_of_month() {
            break;
        }
    }
    (days, next)
}

impl Store {
    /// Puts a site's days together that are closed by `through` and were not yet.
    ///
    /// # Errors
    /// When the table does not answer. What was put together by then stays so; the next time does the rest.
    pub async fn close_days(&self, site: &SiteId, through: Date) -> Result<(), StoreError> {
        let Some(first) = self.first_day(site).await? else { return Ok(()) };
        // From the latest month back to one that is whole: those before it were whole earlier.
        let (mut month, mut left) = (through.first_of_month(), Vec::new());
        while month >= first.first_of_month() {
            let known = self.month::<SiteRow>(&site_key(month, site)).await?;
            if known.is_some_and(|known| known.through >= through.min(month.last_of_month())) {
                break;
            }
            left.push(month);
            month = month.saturating_sub(Span::new().months(1));
        }
        for month in left.into_iter().rev() {
            let last = through.min(month.last_of_month());
            // The site's own comes last: it says that the month is done.
            self.extend(&connector_key(month, site), (month, last), async |span| {
                Ok(self.connector_days_one_by_one(site, span).await?.into_iter().map(connector_row).collect())
            })
            .await?;
            let days = async |span| {
                Ok::<Vec<SiteRow>, _>(self.days_one_by_one(site, span).await?.into_iter().map(site_row).collect())
            };
            self.extend(&site_key(month, site), (month, last), days).await?;
        }
        Ok(())
    }

    /// The first day on which a site has a total.
    async fn first_day(&self, site: &SiteId) -> Result<Option<Date>, StoreError> {
        let query = self.between(&keys::days(site), "0", keys::LAST).limit(1);
        let page = query.send().await.map_err(|e| StoreError::from_sdk(&e))?;
        Ok(page.items.unwrap_or_default().first().and_then(|item| text(item, "sk").split_once('#')?.0.parse().ok()))
    }

    async fn month<T: DeserializeOwned>(&self, (pk, sk): &(String, String)) -> Result<Option<Month<T>>, StoreError> {
        self.get(pk, sk).await?.as_ref().map(document).transpose()
    }

    /// Adds to a month's item the days of it that it lacks.
    async fn extend<T: Serialize + DeserializeOwned>(
        &self,
        key: &(String, String),
        (month, last): Days,
        read: impl AsyncFn(Days) -> Result<Vec<T>, StoreError>,
    ) -> Result<(), StoreError> {
        let known = self.month::<T>(key).await?;
        let from = known.as_ref().map_or(month, |known| day_after(known.through));
        if from > last {
            return Ok(());
        }
        let mut days = known.map(|known| known.days).unwrap_or_default();
        days.extend(read((from, last)).await?);
        let doc = to_document(&Month { through: last, days })?;
        if packed::length(&doc) > MOST_BYTES {
            tracing::warn!(key = ?key, "a month is too long for an item; it is read day by day");
            return Ok(());
        }
        let mut item = keys::key(&key.0, &key.1);
        item.insert("doc".to_owned(), doc);
        self.file(vec![item]).await
    }

    /// A site's daily totals from one day to another, both included, oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn days(&self, site: &SiteId, span: Days) -> Result<Vec<DayTotal>, StoreError> {
        let mut found = self.days_of(std::slice::from_ref(site), span).await?;
        Ok(found.remove(site).unwrap_or_default())
    }

    /// The daily totals of these sites from one day to another, both included, oldest first. Sites without any are left out.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn days_of(&self, sites: &[SiteId], span: Days) -> Result<BTreeMap<SiteId, Vec<DayTotal>>, StoreError> {
        let months = months(span);
        let keys = sites.iter().flat_map(|site| months.iter().map(|month| site_key(*month, site)));
        let items = by_key(self.read_all(keys.collect()).await?);
        // Owned, for the compiler cannot tell that a borrow of each lives long enough.
        let reads = sites.iter().cloned().map(|site| {
            let known = |month| items.get(&site_key(month, &site)).and_then(|item| document(item).ok());
            let (rows, next) = covered(&months, span, known, |row: &SiteRow| row.0);
            async move {
                let mut days: Vec<DayTotal> = rows.into_iter().map(site_day).collect();
                if next <= span.1 {
                    days.extend(self.days_one_by_one(&site, (next, span.1)).await?);
                }
                Ok::<_, StoreError>((site, days))
            }
        });
        let found: Vec<_> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().filter(|(_, days)| !days.is_empty()).collect())
    }

    /// The daily totals of a site's connectors from one day to another, both included, oldest first.
    ///
    /// # Errors
    /// When the table does not answer or an item cannot be read.
    pub async fn connector_days(&self, site: &SiteId, span: Days) -> Result<Vec<ConnectorDay>, StoreError> {
        let months = months(span);
        let keys = months.iter().map(|month| connector_key(*month, site));
        let items = by_key(self.read_all(keys.collect()).await?);
        let known = |month| items.get(&connector_key(month, site)).and_then(|item| document(item).ok());
        let (days, next) = covered(&months, span, known, |row: &ConnectorRow| row.0);
        let mut days: Vec<ConnectorDay> = days.into_iter().map(connector_day).collect();
        if next <= span.1 {
            days.extend(self.connector_days_one_by_one(site, (next, span.1)).await?);
        }
        Ok(days)
    }
}

fn by_key(items: Vec<Item>) -> BTreeMap<(String, String), Item> {
    let keyed = |item: Item| ((text(&item, "pk").to_owned(), text(&item, "sk").to_owned()), item);
    items.into_iter().map(keyed).collect()
}

#[cfg(test)]
mod tests {
    use super::{closed_by, months};
    use jiff::civil::date;

    #[test]
    fn a_day_is_closed_once_it_is_over_in_the_last_zone() {
        for (at, day) in [("2026-03-03T12:59:59Z", 1), ("2026-03-03T13:00:00Z", 2), ("2026-03-04T12:59:59Z", 2)] {
            assert_eq!(closed_by(at.parse().unwrap()), date(2026, 3, day), "{at}");
        }
    }

    #[test]
    fn a_span_touches_every_month_that_has_a_day_of_it() {
        assert_eq!(months((date(2026, 1, 31), date(2026, 3, 1))), [1, 2, 3].map(|month| date(2026, month, 1)));
        assert_eq!(months((date(2026, 2, 2), date(2026, 2, 2))), [date(2026, 2, 1)]);
        assert!(months((date(2026, 2, 2), date(2026, 1, 2))).is_empty());
        assert_eq!(months((date(2025, 12, 31), date(2026, 1, 1))).len(), 2);
        assert!(months((date(1970, 1, 1), jiff::civil::Date::MAX)).is_empty(), "read day by day");
        assert_eq!(months((jiff::civil::Date::MAX, jiff::civil::Date::MAX)).len(), 1);
    }
}
