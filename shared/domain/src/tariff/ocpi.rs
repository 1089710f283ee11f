//! The wire form: OCPI Tariff objects of 2.2.1, 2.3.0 (its tax fields) and 2.1.1 (a subset), to the model.
//!
//! A field that is not known is refused by name: a price or restriction that is ignored would be a wrong bill.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::{Component, Day, Dimension, Element, PriceLimit, ReservationPhase, Restrictions, Tariff, TariffError};
use crate::money::Currency;
use crate::units::{Milliamperes, WattHours, Watts};

/// An OCPI Tariff object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OcpiTariff {
    #[serde(default)]
    id: String,
    #[serde(deserialize_with = "any_case")]
    currency: Currency,
    elements: Vec<OcpiElement>,
    #[serde(default)]
    min_price: Option<OcpiLimit>,
    #[serde(default)]
    max_price: Option<OcpiLimit>,
    #[serde(default, deserialize_with = "instant")]
    start_date_time: Option<Timestamp>,
    #[serde(default, deserialize_with = "instant")]
    end_date_time: Option<Timestamp>,
    #[serde(default)]
    tax_included: Option<TaxIncluded>,
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
    _alt_text: Option<Vec<IgnoredAny>>,
    #[serde(default, rename = "energy_mix")]
    _energy_mix: Option<IgnoredAny>,
}

/// OCPI 2.3.0, `TaxIncluded`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum TaxIncluded {
    #[serde(rename = "YES")]
    Yes,
    #[serde(rename = "NO")]
    No,
    #[serde(rename = "N/A")]
    NotApplicable,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct OcpiLimit {
    #[serde(alias = "before_taxes")]
    excl_vat: Decimal,
    #[serde(default, alias = "after_taxes")]
    incl_vat: Option<Decimal>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct OcpiElement {
    price_components: Vec<OcpiComponent>,
    #[serde(default)]
    restrictions: Option<OcpiRestrictions>,
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

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct OcpiRestrictions {
    #[serde(deserialize_with = "time")]
    start_time: Option<Time>,
    #[serde(deserialize_with = "time")]
    end_time: Option<Time>,
    start_date: Option<Date>,
    end_date: Option<Date>,
    min_kwh: Option<Decimal>,
    max_kwh: Option<Decimal>,
    min_current: Option<Decimal>,
    max_current: Option<Decimal>,
    min_power: Option<Decimal>,
    max_power: Option<Decimal>,
    min_duration: Option<i64>,
    max_duration: Option<i64>,
    day_of_week: Option<Vec<Day>>,
    reservation: Option<ReservationPhase>,
}

const fn one() -> u32 {
    1
}

fn any_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
    String::deserialize(deserializer)?.to_ascii_uppercase().parse().map_err(D::Error::custom)
}

/// `HH:MM`.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let read = Time::strptime("%H:%M", &text);
    read.map(Some).map_err(|_| D::Error::custom(format!("`{text}` is not a time of day; write it as `09:30`")))
}

/// RFC 3339; without an offset it is UTC (OCPI 2.2.1, types, `DateTime`).
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let utc = || text.parse::<DateTime>().and_then(|local| TimeZone::UTC.to_timestamp(local));
    let read = text.parse::<Timestamp>().or_else(|_| utc());
    read.map(Some)
        .map_err(|_| D::Error::custom(format!("`{text}` is not an instant; write it as `2026-06-30T23:59:59Z`")))
}

impl TryFrom<OcpiTariff> for Tariff {
    type Error = TariffError;

    fn try_from(ocpi: OcpiTariff) -> Result<Self, TariffError> {
        let limit = |limit: Option<OcpiLimit>, path| limit.map(|limit| limit.checked(path)).transpose();
        let (min_price, max_price) = (limit(ocpi.min_price, "min_price")?, limit(ocpi.max_price, "max_price")?);
        let (from, until) = (ocpi.start_date_time, ocpi.end_date_time);
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            return Err(refused(
                "end_date_time",
                "is not after start_date_time: no session can start under this tariff",
            ));
        }
        let mut elements = Vec::with_capacity(ocpi.elements.len());
        for (index, element) in ocpi.elements.into_iter().enumerate() {
            elements.push(element.checked(&format!("elements[{index}]"))?);
        }
        if elements.iter().all(|element| element.components.is_empty()) {
            return Err(TariffError::Empty);
        }
        Ok(Self {
            id: ocpi.id,
            currency: ocpi.currency,
            tax_included: ocpi.tax_included == Some(TaxIncluded::Yes),
            elements,
            min_price,
            max_price,
            valid_from: from,
            valid_until: until,
        })
    }
}

impl OcpiLimit {
    /// A bound below zero would have a session earn its driver something.
    fn checked(self, path: &str) -> Result<PriceLimit, TariffError> {
        let sides = [("excl_vat", Some(self.excl_vat)), ("incl_vat", self.incl_vat)];
        for (side, amount) in sides.into_iter().filter_map(|(side, amount)| Some((side, amount?))) {
            if amount < Decimal::ZERO {
                return Err(refused(&format!("{path}.{side}"), &format!("{amount} is below zero")));
            }
        }
        Ok(PriceLimit { excl_tax: self.excl_vat, incl_tax: self.incl_vat })
    }
}

impl OcpiElement {
    fn checked(self, path: &str) -> Result<Element, TariffError> {
        let restrictions = self.restrictions.unwrap_or_default().checked(&format!("{path}.restrictions"))?;
        let mut components = Vec::with_capacity(self.price_components.len());
        for (index, component) in self.price_components.into_iter().enumerate() {
            let path = format!("{path}.price_components[{index}]");
            let reserves = matches!(component.dimension, Dimension::Flat | Dimension::Time);
            if restrictions.reservation.is_some() && !reserves {
                return Err(refused(&format!("{path}.type"), "a reservation can only have FLAT and TIME prices"));
            }
            components.push(component.checked(&path)?);
        }
        Ok(Element { components, restrictions })
    }
}

impl OcpiComponent {
    fn checked(self, path: &str) -> Result<Component, TariffError> {
        if self.price.is_sign_negative() && !self.price.is_zero() {
            return Err(refused(&format!("{path}.price"), &format!("{} is below zero", self.price)));
        }
        if let Some(vat) = self.vat.filter(|vat| vat.is_sign_negative() || *vat > Decimal::ONE_HUNDRED) {
            return Err(refused(&format!("{path}.vat"), &format!("{vat} is not between 0 and 100 per cent")));
        }
        // A step of 0 says nothing; OCPI gives FLAT no unit for it.
        let step_size = if self.dimension == Dimension::Flat { 1 } else { self.step_size.max(1) };
        Ok(Component { dimension: self.dimension, price: self.price, vat: self.vat, step_size })
    }
}

impl OcpiRestrictions {
    fn checked(self, path: &str) -> Result<Restrictions, TariffError> {
        let thousandths = |value: Option<Decimal>, name: &str| {
            value.map(|value| to_thousandths(value, &format!("{path}.{name}"))).transpose()
        };
        let watts = |value, name| thousandths(value, name).map(|watts| watts.map(Watts));
        let milliamperes = |value, name| thousandths(value, name).map(|current| current.map(Milliamperes));
        let watt_hours = |value, name| thousandths(value, name).map(|energy| energy.map(|wh| WattHours(i64::from(wh))));
        Ok(Restrictions {
            start_time: self.start_time,
            end_time: self.end_time,
            start_date: self.start_date,
            end_date: self.end_date,
            min_energy: watt_hours(self.min_kwh, "min_kwh")?,
            max_energy: watt_hours(self.max_kwh, "max_kwh")?,
            min_current: milliamperes(self.min_current, "min_current")?,
            max_current: milliamperes(self.max_current, "max_current")?,
            min_power: watts(self.min_power, "min_power")?,
            max_power: watts(self.max_power, "max_power")?,
            min_duration_seconds: self.min_duration,
            max_duration_seconds: self.max_duration,
            days: self.day_of_week.unwrap_or_default(),
            reservation: self.reservation,
        })
    }
}

/// kWh, kW and A to Wh, W and mA. Rounded up: a bound between two whole units is met exactly by the upper one.
fn to_thousandths(value: Decimal, path: &str) -> Result<u32, TariffError> {
    let whole = value.checked_mul(Decimal::ONE_THOUSAND);
    let whole = whole.map(|exact| exact.round_dp_with_strategy(0, RoundingStrategy::ToPositiveInfinity));
    whole.and_then(|whole| whole.to_u32()).ok_or_else(|| refused(path, &format!("{value} is below zero or too large")))
}

fn refused(path: &str, problem: &str) -> TariffError {
    TariffError::Value { path: path.to_owned(), problem: problem.to_owned() }
}
