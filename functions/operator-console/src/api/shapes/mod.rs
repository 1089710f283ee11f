//! What the API answers and takes. These types are an interface: their document is made of them.

mod books;
mod manage;
mod orders;
mod sessions;

use jiff::Timestamp;
use jiff::civil::Date;
use plugtill_domain::money::Money;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use books::*;
pub(crate) use manage::*;
pub(crate) use orders::*;
pub(crate) use sessions::*;

/// An amount of money.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Amount {
    /// Major units, exactly: a decimal number as text.
    pub(crate) amount: String,
    /// ISO 4217.
    pub(crate) currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { amount: money.to_decimal().to_string(), currency: money.currency().to_string() }
    }
}

/// Who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The name that stands in the audit trail.
    pub(crate) name: String,
    /// `viewer`, `manager` or `owner`.
    pub(crate) role: String,
    /// The sites that the role is for; left out where it is for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sites: Option<Vec<String>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sites {
    pub(crate) sites: Vec<Site>,
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Site {
    pub(crate) id: String,
    pub(crate) name: String,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// IANA.
    pub(crate) time_zone: String,
    pub(crate) currency: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Connectors {
    pub(crate) connectors: Vec<ConnectorNow>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A connector as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectorNow {
    pub(crate) site: String,
    pub(crate) charger: String,
    pub(crate) connector: u32,
    /// `free`, `preparing`, `charging`, `paused`, `idle`, `reserved`, `unavailable`, `faulted`, `offline` or `unknown`.
    pub(crate) state: String,
    /// The session that runs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<RunningSession>,
}

/// A session that runs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunningSession {
    pub(crate) id: String,
    pub(crate) started_at: Timestamp,
    /// A decimal number as text.
    pub(crate) energy_kwh: String,
    /// By the last reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) power_w: Option<u32>,
    /// What it would cost if it ended now.
    pub(crate) cost: Amount,
    /// Since when the vehicle has charged and stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) idle_since: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Incidents {
    pub(crate) incidents: Vec<Incident>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// Something that breaks, or broke.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Incident {
    /// What is wrong where: its name. One name has one incident at a time.
    pub(crate) subject: String,
    /// In words.
    pub(crate) title: String,
    /// Left out where it is no site's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) site: Option<String>,
    /// `critical`, `warning` or `low`.
    pub(crate) severity: String,
    pub(crate) open: bool,
    /// The charger's code, or figures.
    pub(crate) facts: String,
    pub(crate) first_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acknowledged_by: Option<String>,
    /// In which nobody could charge there.
    pub(crate) minutes_lost: i64,
    /// What its connectors usually earn in that time; left out where nobody was kept from charging.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revenue_lost: Option<Amount>,
    /// Why it does not count against uptime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) excluded: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Quarantine {
    pub(crate) quarantine: Vec<Waiting>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// Something that could not be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    pub(crate) id: String,
    pub(crate) received_at: Timestamp,
    pub(crate) charger: String,
    pub(crate) reason: String,
    /// As it was received.
    pub(crate) bytes: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reviewed_by: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Audit {
    pub(crate) audit: Vec<Audited>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// Something that was ordered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Audited {
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    pub(crate) order: String,
    pub(crate) outcome: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Balances {
    pub(crate) balances: Vec<Balance>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Balance {
    pub(crate) session: String,
    pub(crate) id_tag: String,
    pub(crate) amount: Amount,
    pub(crate) since: Timestamp,
    pub(crate) reminders: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Days {
    pub(crate) days: Vec<DayTotal>,
}

/// What a site came to on one of its own days, in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DayTotal {
    pub(crate) site: String,
    #[schema(value_type = String, format = Date)]
    pub(crate) day: Date,
    pub(crate) sessions: i64,
    /// A decimal number as text.
    pub(crate) energy_kwh: String,
    /// Debits are positive, credits (revenue, tax) negative; accounts at zero are left out.
    pub(crate) accounts: Vec<Leg>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Users {
    pub(crate) users: Vec<User>,
    pub(crate) keys: Vec<Key>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sites: Option<Vec<String>>,
    pub(crate) since: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Key {
    /// The part of it that is no secret.
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sites: Option<Vec<String>>,
    pub(crate) since: Timestamp,
}
