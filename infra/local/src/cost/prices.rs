//! The price file.

use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;

/// Prices of us-east-1, without free tiers, discounts and taxes.
const US_EAST_1: &str = include_str!("../../prices/us-east-1.json");

/// The price file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {problem}; infra/local/prices/us-east-1.json is an example")]
pub struct PricesError {
    path: String,
    problem: String,
}

/// What AWS charges, and what functions are assumed to wait for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    pub region: String,
    pub as_of: String,
    pub usd_per_million: PerMillion,
    pub usd_per_gb_of_logs: Decimal,
    pub usd_per_stream_shard_hour: Decimal,
    /// How long a function is busy with each of these, in milliseconds.
    pub assumed_ms: AssumedMs,
    pub function_memory_mb: Decimal,
    /// Of `settle`, which mostly waits for Stripe.
    pub settle_memory_mb: Decimal,
    pub log_bytes_per_invocation: Decimal,
}

/// USD a million.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PerMillion {
    pub iot_message: Decimal,
    pub iot_rule: Decimal,
    pub iot_action: Decimal,
    pub queue_request: Decimal,
    pub stream_record: Decimal,
    pub function_request: Decimal,
    pub function_gb_second: Decimal,
    pub table_write_unit: Decimal,
    pub table_read_unit: Decimal,
    pub alert_request: Decimal,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssumedMs {
    pub invocation: Decimal,
    pub table_request: Decimal,
    pub queue_request: Decimal,
    pub alert_request: Decimal,
    pub to_charger: Decimal,
    pub stripe_request: Decimal,
}

impl Prices {
    /// The file at `path`, or us-east-1's.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, PricesError> {
        let name = path.map_or_else(|| "us-east-1.json".to_owned(), |path| path.display().to_string());
        let failed = |problem: String| PricesError { path: name.clone(), problem };
        let text = match path {
            Some(path) => std::fs::read_to_string(path).map_err(|e| failed(e.to_string()))?,
            None => US_EAST_1.to_owned(),
        };
        serde_json::from_str(&text).map_err(|e| failed(e.to_string()))
    }
}
