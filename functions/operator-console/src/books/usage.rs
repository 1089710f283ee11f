//! What connectors did: charging, idle, faulted, free.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use plugtill_adapters::store::SiteInForce;
use plugtill_domain::ids::{ChargerId, ConnectorId};
use plugtill_domain::incident::uptime;
use plugtill_domain::ledger::Counts;
use plugtill_domain::money::Currency;
use plugtill_domain::revenue::{Total, fold};

use super::Scope;
use crate::Console;
use crate::problem::Problem;

/// What a connector did in a period. Seconds; they add up to the period.
#[derive(Debug, Clone)]
pub(crate) struct ConnectorUse {
    pub(crate) charger: ChargerId,
    pub(crate) connector: ConnectorId,
    pub(crate) counts: Counts,
    pub(crate) charging: i64,
    pub(crate) idle: i64,
    pub(crate) faulted: i64,
    pub(crate) free: i64,
    /// What its idle fees came to, without tax, by currency.
    pub(crate) idle_fees: Vec<(Currency, i64)>,
}

/// What a site's connectors did.
#[derive(Debug, Clone)]
pub(crate) struct Usage {
    pub(crate) known: std::sync::Arc<SiteInForce>,
    pub(crate) connectors: Vec<ConnectorUse>,
    /// All of them in the period before.
    pub(crate) before: Counts,
}

/// What the connectors of each site did.
pub(crate) async fn usage(console: &Console, scope: &Scope) -> Result<Vec<Usage>, Problem> {
    let mut found = Vec::with_capacity(scope.sites.len());
    for known in &scope.sites {
        let zone = known.site.zone();
        let days = console.desk.store.connector_days(&known.site.id, (scope.before().0, scope.to)).await?;
        let mut before = Counts::default();
        for day in days.iter().filter(|day| day.day < scope.from) {
            before += day.total.counts;
        }
        let own = days.into_iter().filter(|day| day.day >= scope.from);
        let mut totals: BTreeMap<_, Totals> = BTreeMap::new();
        for ((charger, connector, code), total) in
            fold(own.map(|day| ((day.charger, day.connector, day.currency.code()), day.total)))
        {
            totals.entry((charger, connector)).or_default().push((code, total));
        }
        let span = period(console, scope, &zone);
        let incidents = console.desk.incidents_of(&known.site.id, span.0).await?;
        let mut connectors = Vec::new();
        for (charger, connector) in console.desk.store.connectors_of(&known.site).await? {
            let down = uptime::of((&charger, connector), incidents.iter(), span);
            let faulted = down.down + down.excluded;
            let own = totals.remove(&(charger.clone(), connector)).unwrap_or_default();
            connectors.push(used((charger, connector), &own, faulted, span));
        }
        found.push(Usage { known: std::sync::Arc::clone(known), connectors, before });
    }
    Ok(found)
}

/// From the first day's beginning to the last day's end, or to now.
fn period(console: &Console, scope: &Scope, zone: &TimeZone) -> (Timestamp, Timestamp) {
    let now = console.desk.clock.now();
    let begin = |day: jiff::civil::Date| day.to_zoned(zone.clone()).map_or(now, |zoned| zoned.timestamp());
    let to = scope.to.checked_add(Span::new().days(1)).map_or(now, begin);
    (begin(scope.from).min(now), to.min(now))
}

/// By currency.
type Totals = Vec<(&'static str, Total)>;

fn used(
    (charger, connector): (ChargerId, ConnectorId),
    totals: &[(&'static str, Total)],
    faulted: i64,
    (from, to): (Timestamp, Timestamp),
) -> ConnectorUse {
    let (mut counts, mut idle_fees) = (Counts::default(), Vec::new());
    for (code, total) in totals {
        counts += total.counts;
        let minor = total.of(plugtill_domain::ledger::Account::Idle);
        idle_fees.extend(code.parse().ok().filter(|_| minor != 0).map(|currency: Currency| (currency, minor)));
    }
    let whole = to.duration_since(from).as_secs().max(0);
    // A session counts on the day on which it was settled, so that the first and the last day may hold what is another's.
    let plugged = counts.plugged_seconds.min(whole);
    let idle = counts.idle_seconds.clamp(0, plugged);
    let faulted = faulted.min(whole - plugged);
    ConnectorUse {
        charger,
        connector,
        counts,
        charging: plugged - idle,
        idle,
        faulted,
        free: whole - plugged - faulted,
        idle_fees,
    }
}
