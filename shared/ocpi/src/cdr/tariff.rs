//! A tariff as it was at the start of the session, back in OCPI's form: prices before tax, to four decimals.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use plugtill_domain::site::Terms;
use plugtill_domain::tariff::{self, Component, Day, Dimension, PriceLimit, ReservationPhase, Restrictions};
use plugtill_domain::units::{Milliamperes, Watts};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Number, instant};

#[derive(Debug, Clone, Serialize)]
pub(super) struct Tariff {
    country_code: String,
    party_id: String,
    id: String,
    currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_price: Option<Limit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_price: Option<Limit>,
    elements: Vec<Element>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date_time: Option<String>,
    last_updated: String,
}

#[derive(Debug, Clone, Serialize)]
struct Limit {
    excl_vat: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    incl_vat: Option<Number>,
}

#[derive(Debug, Clone, Serialize)]
struct Element {
    price_components: Vec<PriceComponent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restrictions: Option<TariffRestrictions>,
}

#[derive(Debug, Clone, Serialize)]
struct PriceComponent {
    #[serde(rename = "type")]
    dimension: Dimension,
    price: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat: Option<Number>,
    step_size: u32,
}

#[derive(Debug, Clone, Serialize)]
struct TariffRestrictions {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_kwh: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_kwh: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_current: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_current: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_power: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_power: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_duration: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_duration: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    day_of_week: Vec<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<ReservationPhase>,
}

impl Tariff {
    /// The tariff of these terms for a session that started at `at`.
    pub(super) fn of(terms: &Terms, (country_code, party_id): (&str, &str), at: Timestamp) -> Self {
        let tariff = &terms.tariff;
        Self {
            country_code: country_code.to_owned(),
            party_id: party_id.to_owned(),
            id: tariff.id.clone(),
            currency: tariff.currency.code(),
            min_price: tariff.min_price.map(|limit| Limit::of(limit, terms)),
            max_price: tariff.max_price.map(|limit| Limit::of(limit, terms)),
            elements: tariff.elements.iter().map(|element| Element::of(element, terms)).collect(),
            start_date_time: tariff.valid_from.map(instant),
            end_date_time: tariff.valid_until.map(instant),
            last_updated: instant(tariff.valid_from.unwrap_or(at)),
        }
    }
}

impl Limit {
    fn of(limit: PriceLimit, terms: &Terms) -> Self {
        let untaxed =
            |price: Decimal| if terms.tariff.tax_included { untaxed(price, site_taxes(terms)) } else { price };
        Self { excl_vat: Number(untaxed(limit.excl_tax)), incl_vat: limit.incl_tax.map(Number) }
    }
}

impl Element {
    fn of(element: &tariff::Element, terms: &Terms) -> Self {
        let restricted = element.restrictions != Restrictions::default();
        Self {
            price_components: element.components.iter().map(|component| PriceComponent::of(component, terms)).collect(),
            restrictions: restricted.then(|| TariffRestrictions::of(&element.restrictions)),
        }
    }
}

impl PriceComponent {
    fn of(component: &Component, terms: &Terms) -> Self {
        let vat = component.vat.unwrap_or_else(|| site_taxes(terms));
        let price = if terms.tariff.tax_included { untaxed(component.price, vat) } else { component.price };
        Self {
            dimension: component.dimension,
            price: Number(price),
            vat: (!vat.is_zero()).then_some(Number(vat)),
            step_size: component.step_size,
        }
    }
}

impl TariffRestrictions {
    fn of(restrictions: &Restrictions) -> Self {
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        let kilo = |thousandths: u32| Number(Decimal::new(thousandths.into(), 3));
        let (watts, milliamperes) = (|power: Watts| kilo(power.0), |current: Milliamperes| kilo(current.0));
        Self {
            start_time: restrictions.start_time.map(clock),
            end_time: restrictions.end_time.map(clock),
            start_date: restrictions.start_date,
            end_date: restrictions.end_date,
            min_kwh: restrictions.min_energy.map(|energy| Number(energy.to_kwh())),
            max_kwh: restrictions.max_energy.map(|energy| Number(energy.to_kwh())),
            min_current: restrictions.min_current.map(milliamperes),
            max_current: restrictions.max_current.map(milliamperes),
            min_power: restrictions.min_power.map(watts),
            max_power: restrictions.max_power.map(watts),
            min_duration: restrictions.min_duration_seconds,
            max_duration: restrictions.max_duration_seconds,
            day_of_week: restrictions.days.clone(),
            reservation: restrictions.reservation,
        }
    }
}

/// The site's taxes together, in per cent: OCPI 2.2.1 has one number for them.
fn site_taxes(terms: &Terms) -> Decimal {
    terms.taxes.iter().map(|tax| tax.percent).sum()
}

fn untaxed(price: Decimal, percent: Decimal) -> Decimal {
    price * Decimal::ONE_HUNDRED / (Decimal::ONE_HUNDRED + percent)
}
