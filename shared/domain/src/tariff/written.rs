//! A tariff back in the form in which it was read: what is written here reads as the same tariff.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Component, Day, Dimension, Element, PriceLimit, ReservationPhase, Restrictions, Tariff};
use crate::money::Currency;

/// An OCPI Tariff object, as a site file holds it.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenTariff<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_included: Option<&'static str>,
    elements: Vec<WrittenElement<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_price: Option<WrittenLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_price: Option<WrittenLimit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
struct WrittenLimit {
    excl_vat: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    incl_vat: Option<Decimal>,
}

#[derive(Debug, Clone, Serialize)]
struct WrittenElement<'a> {
    price_components: Vec<WrittenComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restrictions: Option<WrittenRestrictions<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct WrittenComponent {
    #[serde(rename = "type")]
    dimension: Dimension,
    price: Decimal,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat: Option<Decimal>,
    step_size: u32,
}

#[derive(Debug, Clone, Serialize)]
struct WrittenRestrictions<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_kwh: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_kwh: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_current: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_current: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_power: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_power: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_duration: Option<i64>,
    #[serde(skip_serializing_if = "<[Day]>::is_empty")]
    day_of_week: &'a [Day],
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<ReservationPhase>,
}

impl<'a> From<&'a Tariff> for WrittenTariff<'a> {
    fn from(tariff: &'a Tariff) -> Self {
        Self {
            id: &tariff.id,
            currency: tariff.currency,
            tax_included: tariff.tax_included.then_some("YES"),
            elements: tariff.elements.iter().map(WrittenElement::from).collect(),
            min_price: tariff.min_price.map(WrittenLimit::from),
            max_price: tariff.max_price.map(WrittenLimit::from),
            start_date_time: tariff.valid_from,
            end_date_time: tariff.valid_until,
        }
    }
}

impl From<PriceLimit> for WrittenLimit {
    fn from(limit: PriceLimit) -> Self {
        Self { excl_vat: limit.excl_tax, incl_vat: limit.incl_tax }
    }
}

impl<'a> From<&'a Element> for WrittenElement<'a> {
    fn from(element: &'a Element) -> Self {
        let restricted = element.restrictions != Restrictions::default();
        Self {
            price_components: element.components.iter().map(WrittenComponent::from).collect(),
            restrictions: restricted.then(|| WrittenRestrictions::from(&element.restrictions)),
        }
    }
}

impl From<&Component> for WrittenComponent {
    fn from(component: &Component) -> Self {
        let Component { dimension, price, vat, step_size } = *component;
        Self { dimension, price, vat, step_size }
    }
}

impl<'a> From<&'a Restrictions> for WrittenRestrictions<'a> {
    fn from(restrictions: &'a Restrictions) -> Self {
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        let kilo = |thousandths: u32| Decimal::new(thousandths.into(), 3).normalize();
        Self {
            start_time: restrictions.start_time.map(clock),
            end_time: restrictions.end_time.map(clock),
            start_date: restrictions.start_date,
            end_date: restrictions.end_date,
            min_kwh: restrictions.min_energy.map(|energy| energy.to_kwh().normalize()),
            max_kwh: restrictions.max_energy.map(|energy| energy.to_kwh().normalize()),
            min_current: restrictions.min_current.map(|current| kilo(current.0)),
            max_current: restrictions.max_current.map(|current| kilo(current.0)),
            min_power: restrictions.min_power.map(|power| kilo(power.0)),
            max_power: restrictions.max_power.map(|power| kilo(power.0)),
            min_duration: restrictions.min_duration_seconds,
            max_duration: restrictions.max_duration_seconds,
            day_of_week: &restrictions.days,
            reservation: restrictions.reservation,
        }
    }
}
