//! The site file: the wire form of sites, and the one place where it is checked.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::payments::HoldEntry;
use super::{
    ANY_CHARGER, ChargerEntry, Drivers, LateEvidence, NoChargeBelow, Operator, PaymentPolicy, Roaming, Role, Site,
    SiteError, Terms, is_percentage,
};
use crate::assignment::{AssignmentEntry, Place};
use crate::hook::{Endpoint, MOST_ENDPOINTS};
use crate::idle::IdlePolicy;
use crate::ids::{ChargerId, SiteId};
use crate::incident::AlertPolicy;
use crate::money::Currency;
use crate::pricing::Tax;
use crate::tariff::Tariff;
use crate::tariff::ocpi::OcpiTariff;

/// The wire form of a site file's entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEntry {
    id: String,
    name: String,
    time_zone: String,
    currency: Currency,
    country: String,
    chargers: Vec<ChargerEntry>,
    #[serde(default)]
    tariff: Option<OcpiTariff>,
    #[serde(default)]
    tariffs: Vec<AssignmentEntry>,
    #[serde(default)]
    idle: Option<IdlePolicy>,
    #[serde(default)]
    tax_percent: Decimal,
    #[serde(default)]
    taxes: Vec<Tax>,
    #[serde(default)]
    no_charge_below: Option<NoChargeBelow>,
    hold: HoldEntry,
    #[serde(default)]
    payments: PaymentPolicy,
    #[serde(default = "default_settle_after")]
    settle_after_minutes: u32,
    #[serde(default = "default_late_evidence")]
    late_evidence: LateEvidence,
    #[serde(default)]
    role: Role,
    #[serde(default)]
    uncertified_clocks: bool,
    #[serde(default)]
    drivers: Drivers,
    #[serde(default)]
    operator: Option<Operator>,
    #[serde(default)]
    roaming: Option<Roaming>,
    #[serde(default)]
    alerts: AlertPolicy,
    #[serde(default)]
    webhooks: Vec<Endpoint>,
}

/// The whole site file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFile {
    /// The tariff of every site that has none of its own.
    #[serde(default)]
    pub tariff: Option<OcpiTariff>,
    /// Further tariffs at every site, for groups of drivers.
    #[serde(default)]
    pub tariffs: Vec<AssignmentEntry>,
    /// The sites of one operator.
    pub sites: Vec<SiteEntry>,
}

impl SiteFile {
    /// The sites, checked; an error comes with the index of its site.
    ///
    /// # Errors
    /// Names the field and the remedy.
    pub fn sites(self) -> Result<Vec<Site>, (usize, SiteError)> {
        let Self { tariff, tariffs, sites } = self;
        let checked = |(index, entry): (usize, SiteEntry)| {
            entry.checked(tariff.clone(), &tariffs).map_err(|error| (index, error))
        };
        sites.into_iter().enumerate().map(checked).collect()
    }
}

const fn default_settle_after() -> u32 {
    2
}

const fn default_late_evidence() -> LateEvidence {
    LateEvidence::Waive
}

impl SiteEntry {
    fn checked(self, fallback: Option<OcpiTariff>, everywhere: &[AssignmentEntry]) -> Result<Site, SiteError> {
        let entry = self;
        let id: SiteId = entry.id.parse()?;
        let (hold, sized_hold) = entry.hold.checked(entry.currency)?;
        let missing = || "a site needs a tariff: give it one, or the file one for all sites".to_owned();
        let tariff =
            entry.tariff.or(fallback).ok_or_else(|| SiteError::Value { field: "tariff", problem: missing() })?;
        let tariff = Tariff::try_from(tariff)?;
        let mut assignments = Vec::with_capacity(entry.tariffs.len() + everywhere.len());
        for (place, assigned) in [(Place::Site, entry.tariffs.as_slice()), (Place::Operator, everywhere)] {
            for assigned in assigned {
                assignments.push(assigned.clone().checked(place.clone())?);
            }
        }
        check_chargers(&entry.chargers)?;
        let taxes = taxes(entry.taxes, entry.tax_percent)?;
        let terms = Terms {
            site: id.clone(),
            tariff,
            time_zone: entry.time_zone.clone(),
            idle: entry.idle,
            taxes,
            no_charge_below: entry.no_charge_below,
            hold,
            sized_hold,
            payments: entry.payments,
            settle_after_minutes: entry.settle_after_minutes,
            late_evidence: entry.late_evidence,
            uncertified_clocks: entry.uncertified_clocks,
        };
        terms.check(entry.currency)?;
        TimeZone::get(&entry.time_zone).map_err(|_| SiteError::Value {
            field: "time_zone",
            problem: format!("`{}` is not an IANA zone such as `Europe/Paris`", entry.time_zone),
        })?;
        let site = Site {
            id,
            name: entry.name,
            time_zone: entry.time_zone,
            country: entry.country,
            terms,
            assignments,
            chargers: entry.chargers,
            role: entry.role,
            drivers: entry.drivers,
            operator: entry.operator,
            roaming: entry.roaming,
            alerts: entry.alerts,
            webhooks: entry.webhooks,
        };
        check_webhooks(&site.webhooks)?;
        site.alerts.check().map_err(|(field, problem)| SiteError::Value { field, problem })?;
        site.roaming.as_ref().map_or(Ok(()), Roaming::check)?;
        site.check_assignments(entry.currency)?;
        Ok(site)
    }
}

/// The site's taxes; a plain percentage is VAT.
fn taxes(mut taxes: Vec<Tax>, percent: Decimal) -> Result<Vec<Tax>, SiteError> {
    if !is_percentage(percent) {
        let problem = format!("{percent} is not between 0 and 100");
        return Err(SiteError::Value { field: "tax_percent", problem });
    }
    if !percent.is_zero() {
        taxes.insert(0, Tax { name: "VAT".to_owned(), percent });
    }
    Ok(taxes)
}

fn check_webhooks(endpoints: &[Endpoint]) -> Result<(), SiteError> {
    if endpoints.len() > MOST_ENDPOINTS {
        let count = endpoints.len();
        let problem = format!("{count} addresses: {MOST_ENDPOINTS} at most; let one of yours tell the others");
        return Err(SiteError::Value { field: "webhooks", problem });
    }
    let unusable = |problem| SiteError::Value { field: "webhooks.url", problem };
    endpoints.iter().try_for_each(|endpoint| endpoint.check().map_err(unusable))
}

fn check_chargers(chargers: &[ChargerEntry]) -> Result<(), SiteError> {
    for charger in chargers.iter().filter(|charger| charger.id != ANY_CHARGER) {
        charger.id.parse::<ChargerId>()?;
    }
    Ok(())
}
