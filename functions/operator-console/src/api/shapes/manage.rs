//! What is managed: chargers, sites; whether Stripe's books agree.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Amount;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Chargers {
    pub(crate) chargers: Vec<Charger>,
    /// Where the next page goes on; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A charger.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Charger {
    /// Its name; `*` stands for any.
    pub(crate) id: String,
    pub(crate) site: String,
    /// How many connectors are listed.
    pub(crate) connectors: u64,
    /// What it speaks, once it has spoken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) speaks: Option<String>,
    /// Whether its connection stands, where that is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connected: Option<bool>,
    /// The last sign of life that was no evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) heard_at: Option<Timestamp>,
}

/// What a charger is to be told.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCommand {
    /// `stop`: the session that runs; `unlock`; `status` or `meter`: to send it now.
    #[schema(pattern = "^(stop|unlock|status|meter)$")]
    pub(crate) order: String,
    /// At which connector.
    pub(crate) connector: u32,
}

/// A command on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) charger: String,
    pub(crate) asked_at: Timestamp,
}

/// A site file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSites {
    /// As it lies on a machine.
    #[schema(value_type = Object)]
    pub(crate) file: Box<RawValue>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishedSites {
    pub(crate) sites: Vec<PublishedSite>,
}

/// What publishing did to a site.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PublishedSite {
    pub(crate) site: String,
    /// `opened`, `changed` or `unchanged`.
    pub(crate) change: String,
    /// How many chargers it names.
    pub(crate) chargers: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Simulations {
    pub(crate) sites: Vec<Simulation>,
}

/// What a site's sessions of the last 31 days came to and would have come to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Simulation {
    pub(crate) site: String,
    pub(crate) sessions: u64,
    /// How many could not be priced anew.
    pub(crate) left_out: u64,
    /// How many there are of which these are a sample, spread over that time.
    pub(crate) of: u64,
    pub(crate) before: Amount,
    pub(crate) after: Amount,
    pub(crate) dearer: u64,
    pub(crate) cheaper: u64,
}

/// Whether our books and Stripe's agree.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Compared {
    /// When they were compared; left out where they never were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Timestamp>,
    /// From when on Stripe's books were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Timestamp>,
    pub(crate) sessions: u64,
    pub(crate) charges: u64,
    pub(crate) movements: u64,
    pub(crate) payouts: u64,
    /// Where they differ; empty is proof.
    pub(crate) differences: Vec<Difference>,
}

/// A difference.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Difference {
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    /// Stripe's object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<String>,
    pub(crate) ours: Amount,
    pub(crate) theirs: Amount,
    pub(crate) age_minutes: i64,
    /// What would put it right.
    pub(crate) repair: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uptimes {
    pub(crate) sites: Vec<Uptime>,
}

/// How much of the last twelve months a site's connectors could be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Uptime {
    pub(crate) site: String,
    /// Of all its connectors; a decimal number as text.
    pub(crate) percent: String,
    pub(crate) connectors: Vec<ConnectorUptime>,
    /// From the alert to somebody's acknowledgement, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minutes_to_acknowledge: Option<i64>,
    /// From the first sighting to the end, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minutes_to_repair: Option<i64>,
}

/// How much of the last twelve months a connector could be used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectorUptime {
    pub(crate) charger: String,
    pub(crate) connector: u32,
    /// From when it counts.
    pub(crate) from: Timestamp,
    /// A decimal number as text.
    pub(crate) percent: String,
    /// Those that count.
    pub(crate) minutes_down: i64,
    /// Those that were excluded.
    pub(crate) minutes_excluded: i64,
    pub(crate) outages: u64,
}
