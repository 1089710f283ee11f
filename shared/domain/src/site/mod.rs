//! A site as its operator describes it: chargers, prices, policies, drivers.

mod file;
mod operator;
mod payments;
mod roaming;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::assignment::{Assignment, Place};
use crate::evidence::ConnectorStatus;
use crate::hook::Endpoint;
use crate::idle::IdlePolicy;
use crate::ids::{ChargerId, ConnectorId, IdError, IdTag, SiteId};
use crate::incident::{AlertPolicy, Rules};
use crate::money::{Currency, Money, MoneyError};
use crate::pricing::Tax;
use crate::tariff::{Dimension, Tariff, TariffError};
use crate::units::{WattHours, Watts};

pub use file::{SiteEntry, SiteFile};
pub use operator::Operator;
pub use payments::{ConnectedAccount, PaymentPolicy, SizedHold};
pub use roaming::{ConnectorFormat, PowerType, Roaming};
pub use written::WrittenFile;

/// Stands for any charger, in `chargers[].id`.
pub const ANY_CHARGER: &str = "*";
/// Stands for every connector of a charger, in `connectors[].id`.
pub const EVERY_CONNECTOR: ConnectorId = ConnectorId(0);

/// What evidence that arrives after the settlement may do when it raises the bill. Lowering always refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateEvidence {
    /// The driver does not owe the difference.
    Waive,
    /// The driver is charged the difference.
    Charge,
}

/// Who is the back end of a site's chargers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Another back end answers; plugtill reads both directions along with it.
    #[default]
    Listening,
    /// plugtill answers the chargers, and tells them to start and stop.
    Answering,
}

/// Everything a bill depends on besides evidence. Immutable once a session is pinned to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The site the terms belong to.
    pub site: SiteId,
    /// Prices.
    pub tariff: Tariff,
    /// IANA zone of the site: hours and days in tariff and idle policy are its own.
    pub time_zone: String,
    /// Idle fees, where the site has any.
    pub idle: Option<IdlePolicy>,
    /// Taxes on every line for which the tariff states none; empty where prices include them.
    pub taxes: Vec<Tax>,
    /// Sessions that are too small to be charged for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_charge_below: Option<NoChargeBelow>,
    /// What is held on the card before energy flows; the least, where holds are sized.
    pub hold: Money,
    /// Holds sized by what a full charge may cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sized_hold: Option<SizedHold>,
    /// How bills are collected.
    #[serde(default, skip_serializing_if = "is_default")]
    pub payments: PaymentPolicy,
    /// Minutes between the end of a session and its settlement, for stragglers.
    pub settle_after_minutes: u32,
    /// What evidence after the settlement may do.
    pub late_evidence: LateEvidence,
    /// Whether the chargers' clocks are not certified for billing (German Eichrecht): then only energy and flat fees are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub uncertified_clocks: bool,
}

/// A session that is shorter, or that drew less, is not charged for: a plug that did not fit, a car that would not start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoChargeBelow {
    /// Seconds from start to stop.
    #[serde(default)]
    pub seconds: i64,
    /// Energy, as a decimal number of kWh.
    #[serde(default)]
    pub kwh: Decimal,
}

impl NoChargeBelow {
    /// Whether a session of this length and energy is not charged for.
    #[must_use]
    pub fn covers(&self, duration_seconds: i64, energy: WattHours) -> bool {
        duration_seconds < self.seconds || energy.to_kwh() < self.kwh
    }
}

/// A charger's entry in a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargerEntry {
    /// The charger's identity, or `*` for any.
    pub id: String,
    /// Its connectors.
    pub connectors: Vec<ConnectorEntry>,
}

/// A connector's entry in a charger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectorEntry {
    /// The connector, or 0 for every connector.
    pub id: ConnectorId,
    /// The most it can deliver; readings beyond it are not believed.
    pub max_power_w: Watts,
}

/// Which saved card pays for which id tag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drivers {
    /// The Stripe payment method of every tag not listed.
    #[serde(default)]
    pub default_payment_method: Option<String>,
    /// The Stripe payment method of one tag.
    #[serde(default)]
    pub by_id_tag: BTreeMap<IdTag, String>,
    /// Drivers by the group that a tariff may be for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<String, BTreeSet<IdTag>>,
}

/// A site, checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The site's id.
    pub id: SiteId,
    /// The name people know it by.
    pub name: String,
    /// IANA zone: days in reports and hours in tariffs are the site's own.
    pub time_zone: String,
    /// ISO 3166-1 alpha-2 country.
    pub country: String,
    /// What a session here is billed by, from now on.
    pub terms: Terms,
    /// Other tariffs for parts of the site or for groups of drivers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignments: Vec<Assignment>,
    /// Chargers.
    pub chargers: Vec<ChargerEntry>,
    /// Who is their back end.
    #[serde(default)]
    pub role: Role,
    /// Known drivers.
    pub drivers: Drivers,
    /// Who delivers there; without it, the site's name stands on receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
    /// What roaming partners are told of it, where CDRs are sent to any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roaming: Option<Roaming>,
    /// How people there want to be told of incidents.
    #[serde(default)]
    pub alerts: AlertPolicy,
    /// Systems of the operator's own that are told of sessions and incidents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub webhooks: Vec<Endpoint>,
}

/// Why a site cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SiteError {
    /// A name is not usable.
    #[error(transparent)]
    Id(#[from] IdError),
    /// An amount is not usable.
    #[error("hold: {0}")]
    Hold(MoneyError),
    /// The tariff is not usable.
    #[error("tariff.{0}")]
    Tariff(#[from] TariffError),
    /// A value contradicts another or is out of range.
    #[error("{field}: {problem}")]
    Value {
        /// JSON path in the site.
        field: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}

impl Terms {
    /// Whether tariff, idle policy and taxes go together.
    ///
    /// # Errors
    /// Which field contradicts another, and what to do.
    pub fn check(&self, currency: Currency) -> Result<(), SiteError> {
        let refuse = |field, problem: String| Err(SiteError::Value { field, problem });
        if self.tariff.currency != currency {
            let problem = format!("{} is not the site's {currency}", self.tariff.currency);
            return refuse("tariff.currency", problem);
        }
        if let Some(tax) = self.taxes.iter().find(|tax| !is_percentage(tax.percent)) {
            return refuse("taxes", format!("{} {} is not between 0 and 100 per cent", tax.name, tax.percent));
        }
        if self.tariff.states_tax() && !self.taxes.is_empty() {
            let problem = "the tariff states `vat` itself: remove it there, or set the site's taxes to none";
            return refuse("taxes", problem.to_owned());
        }
        if self.hold.minor() < 0 {
            return refuse("hold", format!("{} is below zero", self.hold));
        }
        self.payments.check()?;
        let Some(idle) = &self.idle else { return Ok(()) };
        if self.tariff.charges_for(Dimension::ParkingTime) {
            let problem = "the tariff has PARKING_TIME too: the same minutes would be billed twice; keep one of them";
            return refuse("idle", problem.to_owned());
        }
        idle.check().map_err(|problem| SiteError::Value { field: "idle", problem })
    }

    /// The site's zone; UTC where it is no longer known.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }
}

fn is_default(policy: &PaymentPolicy) -> bool {
    *policy == PaymentPolicy::default()
}

fn is_percentage(percent: Decimal) -> bool {
    !percent.is_sign_negative() && percent <= Decimal::ONE_HUNDRED
}

impl Site {
    fn check_assignments(&self, currency: Currency) -> Result<(), SiteError> {
        for (index, assignment) in self.assignments.iter().enumerate() {
            self.terms_of(index + 1).check(currency)?;
            let group = assignment.group.as_ref();
            if let Some(group) = group.filter(|group| !self.drivers.groups.contains_key(*group)) {
                let problem = format!("`{group}` is no group of drivers: list it in drivers.groups");
                return Err(SiteError::Value { field: "tariffs.group", problem });
            }
            let (Place::Charger(charger) | Place::Connector(charger, _)) = &assignment.place else { continue };
            if !self.has_charger(charger, true) && !self.has_charger(charger, false) {
                let problem = format!("the site has no charger {charger}");
                return Err(SiteError::Value { field: "tariffs.charger", problem });
            }
        }
        Ok(())
    }

    /// The connector's entry, when this site has it: exact names before `*` and 0.
    #[must_use]
    pub fn connector(&self, charger: &ChargerId, connector: ConnectorId) -> Option<&ConnectorEntry> {
        let entry = self.charger(charger)?;
        let exact = entry.connectors.iter().find(|c| c.id == connector);
        exact.or_else(|| entry.connectors.iter().find(|c| c.id == EVERY_CONNECTOR))
    }

    /// The charger's entry: by its name before `*`.
    #[must_use]
    pub fn charger(&self, charger: &ChargerId) -> Option<&ChargerEntry> {
        let named = |id: &str| self.chargers.iter().find(|entry| entry.id == id);
        named(charger.as_str()).or_else(|| named(ANY_CHARGER))
    }

    /// How many connectors the site has; `None` when it does not list them one by one.
    #[must_use]
    pub fn connector_count(&self) -> Option<usize> {
        let listed = |entry: &ChargerEntry| {
            entry.id != ANY_CHARGER && entry.connectors.iter().all(|connector| connector.id != EVERY_CONNECTOR)
        };
        let count = || self.chargers.iter().map(|entry| entry.connectors.len()).sum();
        self.chargers.iter().all(listed).then(count)
    }

    /// Whether this site lists the charger; `by_name` tells whether it does so other than by `*`.
    #[must_use]
    pub fn has_charger(&self, charger: &ChargerId, by_name: bool) -> bool {
        let name = if by_name { charger.as_str() } else { ANY_CHARGER };
        self.chargers.iter().any(|entry| entry.id == name)
    }

    /// The payment method that pays for `tag`.
    #[must_use]
    pub fn payment_method(&self, tag: &IdTag) -> Option<&str> {
        let listed = self.drivers.by_id_tag.get(tag).or(self.drivers.default_payment_method.as_ref());
        listed.map(String::as_str)
    }

    /// Whether a status says something of a vehicle's stay that somebody here may want to be told: that it has charged, its
    /// driver; that it charges again, staff.
    #[must_use]
    pub const fn tells_of_stays(&self, status: ConnectorStatus) -> bool {
        match status {
            ConnectorStatus::SuspendedEv | ConnectorStatus::Finishing => true,
            ConnectorStatus::Charging => self.alerts.stall_blocked_after_minutes > 0,
            ConnectorStatus::Available
            | ConnectorStatus::Occupied
            | ConnectorStatus::Preparing
            | ConnectorStatus::SuspendedEvse
            | ConnectorStatus::Reserved
            | ConnectorStatus::Unavailable
            | ConnectorStatus::Faulted => false,
        }
    }

    /// How incidents there are told, by its own clock.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules { policy: self.alerts.clone(), zone: self.terms.zone() }
    }

    /// By whose clock its days are; UTC where the zone is no longer known.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// The site's own calendar day of an instant.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone()).date()
    }
}
