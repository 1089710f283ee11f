//! A site back in the form of its file, for whoever wants to change it: what is written here reads as the same site, but for
//! the cards of drivers, which are nobody's to see or to publish.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{AlertPolicy, ChargerEntry, LateEvidence, NoChargeBelow, Operator, PaymentPolicy, Roaming, Role, Site};
use super::{SizedHold, Terms, is_default};
use crate::assignment::{Assignment, Place};
use crate::hook::Endpoint;
use crate::idle::IdlePolicy;
use crate::ids::{ChargerId, ConnectorId, IdTag, SiteId};
use crate::money::{Currency, Money};
use crate::pricing::Tax;
use crate::tariff::WrittenTariff;

/// A site file with one site.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenFile<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tariffs: Vec<WrittenAssignment<'a>>,
    sites: [WrittenSite<'a>; 1],
}

#[derive(Debug, Clone, Serialize)]
struct WrittenSite<'a> {
    id: &'a SiteId,
    name: &'a str,
    time_zone: &'a str,
    currency: Currency,
    country: &'a str,
    chargers: &'a [ChargerEntry],
    tariff: WrittenTariff<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tariffs: Vec<WrittenAssignment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle: Option<&'a IdlePolicy>,
    #[serde(skip_serializing_if = "<[Tax]>::is_empty")]
    taxes: &'a [Tax],
    #[serde(skip_serializing_if = "Option::is_none")]
    no_charge_below: Option<&'a NoChargeBelow>,
    hold: WrittenHold,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<&'a PaymentPolicy>,
    settle_after_minutes: u32,
    late_evidence: LateEvidence,
    role: Role,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    uncertified_clocks: bool,
    #[serde(skip_serializing_if = "WrittenDrivers::is_empty")]
    drivers: WrittenDrivers<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<&'a Operator>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roaming: Option<&'a Roaming>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerts: Option<&'a AlertPolicy>,
    #[serde(skip_serializing_if = "<[Endpoint]>::is_empty")]
    webhooks: &'a [Endpoint],
}

#[derive(Debug, Clone, Serialize)]
struct WrittenDrivers<'a> {
    groups: &'a BTreeMap<String, BTreeSet<IdTag>>,
}

#[derive(Debug, Clone, Serialize)]
struct WrittenAssignment<'a> {
    tariff: WrittenTariff<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charger: Option<&'a ChargerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connector: Option<ConnectorId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum WrittenHold {
    Fixed(String),
    Sized { full_charge_kwh: String, at_least: String, at_most: String },
}

impl WrittenDrivers<'_> {
    fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

impl<'a> From<&'a Assignment> for WrittenAssignment<'a> {
    fn from(assignment: &'a Assignment) -> Self {
        let (charger, connector) = match &assignment.place {
            Place::Operator | Place::Site => (None, None),
            Place::Charger(charger) => (Some(charger), None),
            Place::Connector(charger, connector) => (Some(charger), Some(*connector)),
        };
        Self { tariff: (&assignment.tariff).into(), charger, connector, group: assignment.group.as_deref() }
    }
}

impl From<&Terms> for WrittenHold {
    fn from(terms: &Terms) -> Self {
        let amount = |money: Money| money.to_decimal().to_string();
        match &terms.sized_hold {
            None => Self::Fixed(amount(terms.hold)),
            Some(SizedHold { full_charge_kwh, at_least, at_most }) => Self::Sized {
                full_charge_kwh: full_charge_kwh.to_string(),
                at_least: amount(*at_least),
                at_most: amount(*at_most),
            },
        }
    }
}

impl Site {
    /// The site as a file of its own. Chargers that were let in apart stand in it too.
    #[must_use]
    pub fn written(&self) -> WrittenFile<'_> {
        let (terms, everywhere) = (&self.terms, |one: &&Assignment| one.place == Place::Operator);
        let site = WrittenSite {
            id: &self.id,
            name: &self.name,
            time_zone: &self.time_zone,
            currency: terms.hold.currency(),
            country: &self.country,
            chargers: &self.chargers,
            tariff: (&terms.tariff).into(),
            tariffs: self.assignments.iter().filter(|one| !everywhere(one)).map(WrittenAssignment::from).collect(),
            idle: terms.idle.as_ref(),
            taxes: &terms.taxes,
            no_charge_below: terms.no_charge_below.as_ref(),
            hold: terms.into(),
            payments: Some(&terms.payments).filter(|payments| !is_default(payments)),
            settle_after_minutes: terms.settle_after_minutes,
            late_evidence: terms.late_evidence,
            role: self.role,
            uncertified_clocks: terms.uncertified_clocks,
            drivers: WrittenDrivers { groups: &self.drivers.groups },
            operator: self.operator.as_ref(),
            roaming: self.roaming.as_ref(),
            alerts: Some(&self.alerts).filter(|alerts| **alerts != AlertPolicy::default()),
            webhooks: &self.webhooks,
        };
        let tariffs = self.assignments.iter().filter(everywhere).map(WrittenAssignment::from).collect();
        WrittenFile { tariffs, sites: [site] }
    }
}
