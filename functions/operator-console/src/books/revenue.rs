//! What was billed and collected, in one currency: as a whole, and by what it can be looked at.

use std::collections::BTreeMap;

use jiff::civil::Date;
use plugtill_adapters::store::ConnectorDay;
use plugtill_domain::ids::{ChargerId, ConnectorId, SiteId};
use plugtill_domain::money::Currency;
use plugtill_domain::revenue::{Total, fold};

use super::Scope;
use crate::Console;
use crate::problem::Problem;

/// What the sites of a scope came to, in one currency.
#[derive(Debug, Clone)]
pub(crate) struct Revenue {
    pub(crate) currency: Currency,
    pub(crate) total: Total,
    /// The same of the period before.
    pub(crate) before: Total,
    pub(crate) sites: BTreeMap<SiteId, Total>,
    pub(crate) days: BTreeMap<Date, Total>,
    /// Billed by the hour of the week in which the sessions began, from Monday at midnight, in minor units.
    pub(crate) hours: BTreeMap<u8, i64>,
    /// Of one site.
    pub(crate) connectors: BTreeMap<(ChargerId, ConnectorId), Total>,
    /// Of one site, by the tariff's id.
    pub(crate) tariffs: BTreeMap<String, Total>,
}

impl Revenue {
    fn new(currency: Currency) -> Self {
        Self {
            currency,
            total: Total::default(),
            before: Total::default(),
            sites: BTreeMap::new(),
            days: BTreeMap::new(),
            hours: BTreeMap::new(),
            connectors: BTreeMap::new(),
            tariffs: BTreeMap::new(),
        }
    }
}

/// What a scope came to, currency by currency.
pub(crate) async fn revenue(console: &Console, scope: &Scope) -> Result<Vec<Revenue>, Problem> {
    let mut found: BTreeMap<&'static str, Revenue> = BTreeMap::new();
    let (earliest, _) = scope.before();
    for (known, days) in scope.totals(console, (earliest, scope.to)).await? {
        for day in days {
            let of = found.entry(day.currency.code()).or_insert_with(|| Revenue::new(day.currency));
            if day.day < scope.from {
                of.before += &day.total;
                continue;
            }
            of.total += &day.total;
            *of.sites.entry(known.site.id.clone()).or_default() += &day.total;
            *of.days.entry(day.day).or_default() += &day.total;
            for (hour, minor) in day.hours {
                *of.hours.entry(hour).or_default() += minor;
            }
        }
    }
    if let Some(site) = &scope.site {
        let days = console.desk.store.connector_days(site, (scope.from, scope.to)).await?;
        for (code, of) in &mut found {
            let own = || days.iter().filter(|day| day.currency.code() == *code);
            of.connectors = fold(own().map(|day| ((day.charger.clone(), day.connector), day.total.clone())));
            of.tariffs = by_tariff(console, own()).await?;
        }
    }
    Ok(found.into_values().collect())
}

/// Every version of a tariff is that tariff.
async fn by_tariff<'a>(
    console: &Console,
    days: impl Iterator<Item = &'a ConnectorDay>,
) -> Result<BTreeMap<String, Total>, Problem> {
    let mut found = Vec::new();
    for (version, total) in fold(days.map(|day| (day.terms.clone(), day.total.clone()))) {
        found.push((console.desk.directory.terms(&version).await?.tariff.id.clone(), total));
    }
    Ok(fold(found))
}
