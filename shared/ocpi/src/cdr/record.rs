//! The record as it is written: OCPI's objects, field by field.

use plugtill_domain::site::{ConnectorFormat, PowerType};
use rust_decimal::Decimal;
use rust_decimal::serde::arbitrary_precision;
use serde::{Serialize, Serializer};

use super::tariff::Tariff;

/// A charge detail record, in the order of the standard's table.
#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_field_names, reason = "the standard's own words")]
pub struct Cdr {
    pub(super) country_code: String,
    pub(super) party_id: String,
    pub(super) id: String,
    pub(super) start_date_time: String,
    pub(super) end_date_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session_id: Option<String>,
    pub(super) cdr_token: Token,
    pub(super) auth_method: &'static str,
    pub(super) cdr_location: Location,
    pub(super) currency: &'static str,
    pub(super) tariffs: [Tariff; 1],
    pub(super) charging_periods: Vec<ChargingPeriod>,
    pub(super) total_cost: Price,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_fixed_cost: Option<Price>,
    pub(super) total_energy: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_energy_cost: Option<Price>,
    pub(super) total_time: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_time_cost: Option<Price>,
    pub(super) total_parking_time: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_parking_cost: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_reservation_cost: Option<Price>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remark: Option<String>,
    pub(super) invoice_reference_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credit: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) credit_reference_id: Option<String>,
    pub(super) last_updated: String,
}

/// `CdrToken`. The operator's own drivers: no other party has issued their tokens.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Token {
    pub(super) country_code: String,
    pub(super) party_id: String,
    pub(super) uid: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) contract_id: String,
}

/// `CdrLocation`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Location {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) address: String,
    pub(super) city: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postal_code: Option<String>,
    pub(super) country: String,
    pub(super) coordinates: Coordinates,
    pub(super) evse_uid: String,
    pub(super) evse_id: String,
    pub(super) connector_id: String,
    pub(super) connector_standard: String,
    pub(super) connector_format: ConnectorFormat,
    pub(super) connector_power_type: PowerType,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Coordinates {
    pub(super) latitude: String,
    pub(super) longitude: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct ChargingPeriod {
    pub(super) start_date_time: String,
    pub(super) dimensions: Vec<Dimension>,
    pub(super) tariff_id: String,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Dimension {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) volume: Number,
}

/// Major units.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Price {
    pub(super) excl_vat: Number,
    pub(super) incl_vat: Number,
}

/// A JSON number of four decimals (OCPI 2.2.1, types, `number`), never through a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(pub(super) Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        arbitrary_precision::serialize(&self.0.round_dp(4).normalize(), serializer)
    }
}
