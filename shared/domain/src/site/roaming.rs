//! What roaming partners are told of a site, in OCPI's words: who operates it, where it is, what its plugs are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SiteError;
use crate::ids::{ChargerId, ConnectorId};

/// A site for CDRs (OCPI 2.2.1, `CdrLocation`). Only what cannot be known otherwise; lengths are the standard's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roaming {
    /// ISO 3166-1 alpha-2 country of the operator.
    pub country_code: String,
    /// The operator's id by ISO 15118, three letters.
    pub party_id: String,
    /// Street and number.
    pub address: String,
    /// City or town.
    pub city: String,
    /// Where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-3 country of the site.
    pub country: String,
    /// Degrees, for example `51.047599`.
    pub latitude: String,
    /// Degrees, for example `3.729944`.
    pub longitude: String,
    /// OCPI `ConnectorType`, for example `IEC_62196_T2`.
    pub connector_standard: String,
    /// OCPI `ConnectorFormat`.
    pub connector_format: ConnectorFormat,
    /// OCPI `PowerType`.
    pub connector_power_type: PowerType,
    /// The eMI3 id of an EVSE by `charger/connector`; without one it is made of operator, charger and connector.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evse_ids: BTreeMap<String, String>,
}

/// Whether the cable belongs to the station.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum ConnectorFormat {
    Socket,
    Cable,
}

/// How power is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum PowerType {
    #[serde(rename = "AC_1_PHASE")]
    Ac1Phase,
    #[serde(rename = "AC_2_PHASE")]
    Ac2Phase,
    #[serde(rename = "AC_2_PHASE_SPLIT")]
    Ac2PhaseSplit,
    #[serde(rename = "AC_3_PHASE")]
    Ac3Phase,
    #[serde(rename = "DC")]
    Dc,
}

impl Roaming {
    /// Whether the standard allows these values.
    ///
    /// # Errors
    /// Names the field, the value and the remedy.
    pub fn check(&self) -> Result<(), SiteError> {
        let letters = |text: &str, many: usize| text.len() == many && text.bytes().all(|b| b.is_ascii_alphabetic());
        let text = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
        let checks = [
            ("roaming.country_code", &self.country_code, letters(&self.country_code, 2), "two letters, such as `NL`"),
            ("roaming.party_id", &self.party_id, letters(&self.party_id, 3), "three letters, such as `TNM`"),
            ("roaming.country", &self.country, letters(&self.country, 3), "three letters, such as `NLD`"),
            ("roaming.address", &self.address, text(&self.address, 45), "1 to 45 characters"),
            ("roaming.city", &self.city, text(&self.city, 45), "1 to 45 characters"),
            ("roaming.latitude", &self.latitude, degrees(&self.latitude, 90), "degrees such as `51.047599`"),
            ("roaming.longitude", &self.longitude, degrees(&self.longitude, 180), "degrees such as `3.729944`"),
            (
                "roaming.connector_standard",
                &self.connector_standard,
                text(&self.connector_standard, 40),
                "OCPI's word for the plug, such as `IEC_62196_T2`",
            ),
        ];
        let refuse = |field, value: &str, remedy| {
            Err(SiteError::Value { field, problem: format!("`{value}` cannot be sent: it has to be {remedy}") })
        };
        if let Some((field, value, _, remedy)) = checks.into_iter().find(|(_, _, fits, _)| !fits) {
            return refuse(field, value, remedy);
        }
        if let Some(code) = self.postal_code.as_ref().filter(|code| !text(code, 10)) {
            return refuse("roaming.postal_code", code, "1 to 10 characters");
        }
        match self.evse_ids.values().find(|id| !text(id, 48)) {
            Some(id) => refuse("roaming.evse_ids", id, "1 to 48 characters, such as `NL*TNM*E0001*1`"),
            None => Ok(()),
        }
    }

    /// The eMI3 id of a connector's EVSE.
    #[must_use]
    pub fn evse_id(&self, charger: &ChargerId, connector: ConnectorId) -> String {
        let given = self.evse_ids.get(&format!("{charger}/{connector}")).cloned();
        given.unwrap_or_else(|| {
            let allowed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '*' };
            let charger: String = charger.as_str().chars().map(allowed).collect();
            let id = format!("{}*{}*E{charger}*{connector}", self.country_code, self.party_id);
            id.to_ascii_uppercase().chars().take(48).collect()
        })
    }
}

fn degrees(text: &str, most: u8) -> bool {
    let written = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-') && text.len() <= 11;
    let value = text.parse::<rust_decimal::Decimal>();
    written && value.is_ok_and(|value| value.abs() <= most.into())
}
