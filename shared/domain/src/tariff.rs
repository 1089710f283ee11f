//! A tariff, read from an OCPI 2.2.1 Tariff object (module Tariffs).
//!
//! What is not supported is refused by its name and JSON path: a price that is ignored would be a wrong bill.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Currency;

/// Prices of a session, in major units, before tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The operator's id of the tariff.
    pub id: String,
    /// The currency of every price.
    pub currency: Currency,
    /// ENERGY: price per kWh.
    pub energy_per_kwh: Option<Decimal>,
    /// TIME: price per hour of charging.
    pub time_per_hour: Option<Decimal>,
    /// PARKING_TIME: price per hour plugged in and not charging.
    pub parking_per_hour: Option<Decimal>,
    /// FLAT: price once a session.
    pub flat: Option<Decimal>,
}

/// Why a tariff cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// A part of the standard that is not priced yet.
    #[error("{path}: `{name}` is not supported yet; remove it, or the bill would not be what the tariff says")]
    Unsupported {
        /// Where in the object.
        path: String,
        /// The field or value.
        name: String,
    },
    /// No component at all.
    #[error("elements: a tariff needs at least one price component")]
    Empty,
    /// A price below zero.
    #[error("{path}: price {price} is below zero")]
    Negative {
        /// Where in the object.
        path: String,
        /// The price as given.
        price: Decimal,
    },
}

/// The wire form (OCPI 2.2.1, module Tariffs): only what the conversion looks at; the rest is refused by name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcpiTariff {
    #[serde(default)]
    id: String,
    currency: Currency,
    elements: Vec<OcpiElement>,
    #[serde(default, rename = "country_code")]
    _country_code: Option<String>,
    #[serde(default, rename = "party_id")]
    _party_id: Option<String>,
    #[serde(default, rename = "type")]
    _kind: Option<String>,
    #[serde(default, rename = "last_updated")]
    _last_updated: Option<String>,
    #[serde(default, rename = "tariff_alt_url")]
    _alt_url: Option<String>,
    #[serde(default, rename = "tariff_alt_text")]
    _alt_text: Option<Vec<serde::de::IgnoredAny>>,
    #[serde(default, rename = "energy_mix")]
    _energy_mix: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    min_price: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    max_price: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    start_date_time: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    end_date_time: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OcpiElement {
    price_components: Vec<OcpiComponent>,
    #[serde(default)]
    restrictions: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OcpiComponent {
    #[serde(rename = "type")]
    dimension: Dimension,
    price: Decimal,
    #[serde(default)]
    vat: Option<Decimal>,
    #[serde(default = "one")]
    step_size: u32,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Dimension {
    Energy,
    Time,
    ParkingTime,
    Flat,
}

const fn one() -> u32 {
    1
}

impl TryFrom<OcpiTariff> for Tariff {
    type Error = TariffError;

    /// The first component of a dimension counts: without restrictions every element matches (OCPI 2.2.1, TariffElement).
    fn try_from(ocpi: OcpiTariff) -> Result<Self, TariffError> {
        refuse(ocpi.min_price.is_some(), "", "min_price")?;
        refuse(ocpi.max_price.is_some(), "", "max_price")?;
        refuse(ocpi.start_date_time.is_some(), "", "start_date_time")?;
        refuse(ocpi.end_date_time.is_some(), "", "end_date_time")?;
        let mut tariff = Self {
            id: ocpi.id,
            currency: ocpi.currency,
            energy_per_kwh: None,
            time_per_hour: None,
            parking_per_hour: None,
            flat: None,
        };
        for (index, element) in ocpi.elements.iter().enumerate() {
            tariff.take(index, element)?;
        }
        let Self { energy_per_kwh, time_per_hour, parking_per_hour, flat, .. } = &tariff;
        if energy_per_kwh.or(*time_per_hour).or(*parking_per_hour).or(*flat).is_none() {
            return Err(TariffError::Empty);
        }
        Ok(tariff)
    }
}

impl Tariff {
    fn take(&mut self, index: usize, element: &OcpiElement) -> Result<(), TariffError> {
        refuse(element.restrictions.is_some(), &format!("elements[{index}]."), "restrictions")?;
        for (place, component) in element.price_components.iter().enumerate() {
            let path = format!("elements[{index}].price_components[{place}].");
            refuse(component.vat.is_some(), &path, "vat")?;
            refuse(component.step_size > 1, &path, &format!("step_size {}", component.step_size))?;
            if component.price.is_sign_negative() {
                return Err(TariffError::Negative { path: format!("{path}price"), price: component.price });
            }
            let price = match component.dimension {
                Dimension::Energy => &mut self.energy_per_kwh,
                Dimension::Time => &mut self.time_per_hour,
                Dimension::ParkingTime => &mut self.parking_per_hour,
                Dimension::Flat => &mut self.flat,
            };
            price.get_or_insert(component.price);
        }
        Ok(())
    }
}

fn refuse(given: bool, path: &str, name: &str) -> Result<(), TariffError> {
    if given {
        return Err(TariffError::Unsupported { path: format!("{path}{name}"), name: name.to_owned() });
    }
    Ok(())
}
