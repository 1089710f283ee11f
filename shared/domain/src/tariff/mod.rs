//! A tariff as it is priced: elements in order, each a group of price components under the same restrictions.
//!
//! The model of an OCPI Tariff object (module Tariffs), checked once where it enters ([`ocpi`]): units are whole
//! watt-hours, watts, milliamperes and seconds, so that every boundary is exact.

pub mod ocpi;
mod restrictions;
mod written;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
pub use restrictions::{Day, Moment, ReservationPhase, Restrictions};
pub use written::WrittenTariff;

/// Prices of a session, in major units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tariff {
    /// The operator's id of the tariff.
    pub id: String,
    /// The currency of every price.
    pub currency: Currency,
    /// Whether prices include tax (OCPI 2.3.0 `tax_included: YES`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub tax_included: bool,
    /// In the order in which they are looked through.
    pub elements: Vec<Element>,
    /// The least a session costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_price: Option<PriceLimit>,
    /// The most a session costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_price: Option<PriceLimit>,
    /// From when on sessions may start under it, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// Until when sessions may start under it, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// A bound on the price of a session, in major units. Both sides apply (OCPI 2.2.1, Tariff, note on `min_price`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceLimit {
    /// Before tax.
    pub excl_tax: Decimal,
    /// After tax.
    pub incl_tax: Option<Decimal>,
}

/// A group of price components under the same restrictions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The prices.
    pub components: Vec<Component>,
    /// When they apply.
    #[serde(default)]
    pub restrictions: Restrictions,
}

/// The price of one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// What is priced.
    pub dimension: Dimension,
    /// Major units per kWh, per hour, or a session.
    pub price: Decimal,
    /// Tax in per cent, where the tariff states it; otherwise the site's taxes apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// Wh or seconds that are billed as a whole; 1 bills what was measured.
    pub step_size: u32,
}

/// What a component prices (OCPI 2.2.1, `TariffDimensionType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Dimension {
    /// kWh.
    Energy,
    /// Hours charging; hours reserved under a reservation restriction.
    Time,
    /// Hours plugged in and not charging.
    ParkingTime,
    /// Once a session.
    Flat,
}

/// Why a tariff cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffError {
    /// No component at all.
    #[error("elements: a tariff needs at least one price component")]
    Empty,
    /// A value that cannot be priced.
    #[error("{path}: {problem}")]
    Value {
        /// Where in the object.
        path: String,
        /// The value, what is wrong with it and what to do.
        problem: String,
    },
}

impl Tariff {
    /// The component that prices `dimension` at a moment: the first element that has one and whose restrictions match
    /// (OCPI 2.2.1, Tariff object). With the index of the element.
    #[must_use]
    pub fn component_at(&self, dimension: Dimension, moment: &Moment) -> Option<(usize, &Component)> {
        self.elements.iter().enumerate().find_map(|(index, element)| {
            let component = element.components.iter().find(|component| component.dimension == dimension)?;
            element.restrictions.match_at(moment).then_some((index, component))
        })
    }

    /// Whether a session may start under it.
    #[must_use]
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= at) && self.valid_until.is_none_or(|until| at < until)
    }

    /// A bound on the side on which its prices are stated: after tax where they include it.
    #[must_use]
    pub fn stated(&self, limit: PriceLimit) -> Decimal {
        limit.incl_tax.filter(|_| self.tax_included).unwrap_or(limit.excl_tax)
    }

    /// Whether any component of the dimension has a price above zero.
    #[must_use]
    pub fn charges_for(&self, dimension: Dimension) -> bool {
        self.components().any(|component| component.dimension == dimension && !component.price.is_zero())
    }

    /// The highest price of a dimension, in major units; zero where it has none.
    #[must_use]
    pub fn dearest(&self, dimension: Dimension) -> Decimal {
        let of_dimension = self.components().filter(|component| component.dimension == dimension);
        of_dimension.map(|component| component.price).max().unwrap_or_default()
    }

    /// The highest tax that a component states, in per cent.
    #[must_use]
    pub fn highest_vat(&self) -> Decimal {
        self.components().filter_map(|component| component.vat).max().unwrap_or_default()
    }

    fn components(&self) -> impl Iterator<Item = &Component> {
        self.elements.iter().flat_map(|element| &element.components)
    }

    /// Whether the tariff states the tax of any component itself.
    #[must_use]
    pub fn states_tax(&self) -> bool {
        self.components().any(|component| component.vat.is_some())
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}
