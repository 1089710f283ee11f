//! A tariff as drivers read it: the week as a price table.
//!
//! The columns stand in the order of the EU's AFIR (Regulation 2023/1804, Article 5): per kWh, per minute, per session,
//! then everything else. What a cell says is what the engine does: of its prices the first whose condition holds counts.
//!
//! # Layout, in reading order
//! - [`week`]: the tariff to a [`PriceTable`].
//! - `condition`: restrictions, and what stands beside the table, in words.
//! - `text`: the table for a terminal.

mod condition;
mod text;

use std::collections::BTreeSet;

use jiff::civil::Time;
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::money::Currency;
use plugtill_domain::tariff::{Component, Day, Dimension, Element, ReservationPhase, Tariff};
use rust_decimal::Decimal;
use serde::Serialize;

pub use text::render_text;

/// The prices of a week.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceTable {
    /// The currency of every price.
    pub currency: &'static str,
    /// What the prices say of tax.
    pub tax: TaxDisplay,
    /// The week's hours by the site's clock, days with the same hours together.
    pub days: Vec<DayGroup>,
    /// What else a driver has to know, a sentence each.
    pub notes: Vec<String>,
}

/// What prices say of tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxDisplay {
    /// It is in them.
    Included,
    /// The tariff states it, and it is added.
    Added,
    /// The tariff says nothing.
    AsAtTheSite,
}

/// Days with the same prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayGroup {
    /// Which, in order.
    pub days: Vec<Day>,
    /// From midnight to midnight.
    pub bands: Vec<Band>,
}

/// Hours with the same prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Band {
    /// Inclusive.
    pub from: Time,
    /// Exclusive; midnight is the end of the day.
    pub until: Time,
    /// Per kWh.
    pub per_kwh: Vec<Price>,
    /// Per minute while charging.
    pub per_minute_charging: Vec<Price>,
    /// Per minute while plugged in and not charging.
    pub per_minute_parked: Vec<Price>,
    /// Per session.
    pub per_session: Vec<Price>,
}

/// A price and its condition; the first that holds counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Index of the tariff's element.
    pub element: usize,
    /// Major units per kWh, minute or session. Per minute: a sixtieth of the tariff's price per hour, to four decimals.
    pub price: Decimal,
    /// In words; `None` holds always.
    pub condition: Option<String>,
}

/// The week of a tariff. Elements that hold on some dates only are told in the notes.
#[must_use]
pub fn week(tariff: &Tariff, idle: Option<&IdlePolicy>) -> PriceTable {
    let mut days: Vec<DayGroup> = Vec::new();
    for day in Day::ALL {
        let bands = bands(tariff, day);
        match days.iter_mut().find(|group| group.bands == bands) {
            Some(group) => group.days.push(day),
            None => days.push(DayGroup { days: vec![day], bands }),
        }
    }
    PriceTable {
        currency: tariff.currency.code(),
        tax: if tariff.tax_included {
            TaxDisplay::Included
        } else if tariff.states_tax() {
            TaxDisplay::Added
        } else {
            TaxDisplay::AsAtTheSite
        },
        days,
        notes: condition::notes(tariff, idle),
    }
}

/// The hours of a day: cut wherever an element begins or ends, and put together again where nothing changes.
fn bands(tariff: &Tariff, day: Day) -> Vec<Band> {
    let times = tariff.elements.iter().flat_map(|e| [e.restrictions.start_time, e.restrictions.end_time]);
    let mut cuts: BTreeSet<Time> = times.flatten().collect();
    cuts.insert(Time::midnight());
    let cuts: Vec<Time> = cuts.into_iter().collect();
    let mut bands: Vec<Band> = Vec::new();
    for (index, from) in cuts.iter().enumerate() {
        let until = cuts.get(index + 1).copied().unwrap_or(Time::midnight());
        let band = band(tariff, day, *from, until);
        match bands.last_mut() {
            Some(last) if last.says_the_same_as(&band) => last.until = until,
            Some(_) | None => bands.push(band),
        }
    }
    bands
}

fn band(tariff: &Tariff, day: Day, from: Time, until: Time) -> Band {
    let of = |dimension| prices(tariff, dimension, day, from);
    Band {
        from,
        until,
        per_kwh: of(Dimension::Energy),
        per_minute_charging: of(Dimension::Time),
        per_minute_parked: of(Dimension::ParkingTime),
        per_session: of(Dimension::Flat),
    }
}

/// The prices of a dimension in the order in which they are asked; what follows one that holds always never counts.
fn prices(tariff: &Tariff, dimension: Dimension, day: Day, time: Time) -> Vec<Price> {
    let mut found = Vec::new();
    for (index, element) in tariff.elements.iter().enumerate() {
        let here = &element.restrictions;
        if here.reservation.is_some() || here.depends_on_calendar() || !here.match_in_week(day, time) {
            continue;
        }
        let Some(component) = element.components.iter().find(|c| c.dimension == dimension) else { continue };
        let condition = condition::of(here);
        let holds_always = condition.is_none();
        found.push(Price { element: index, price: shown(tariff, component), condition });
        if holds_always {
            break;
        }
    }
    found
}

/// The price in the unit of its column.
fn shown(tariff: &Tariff, component: &Component) -> Decimal {
    let price = match component.dimension {
        Dimension::Time | Dimension::ParkingTime => component.price / Decimal::from(60),
        Dimension::Energy | Dimension::Flat => component.price,
    };
    printed(price, tariff.currency)
}

/// With as many decimals as the currency has, and up to four where there are more.
fn printed(price: Decimal, currency: Currency) -> Decimal {
    let mut price = price.round_dp(4).normalize();
    if price.scale() < currency.exponent() {
        price.rescale(currency.exponent());
    }
    price
}

/// The elements of a phase of reservations, with their index.
fn reserved(tariff: &Tariff, phase: ReservationPhase) -> impl Iterator<Item = (usize, &Element)> {
    let of_phase = move |(_, element): &(usize, &Element)| element.restrictions.reservation == Some(phase);
    tariff.elements.iter().enumerate().filter(of_phase)
}

impl Band {
    fn says_the_same_as(&self, other: &Self) -> bool {
        Self { from: self.from, until: self.until, ..other.clone() } == *self
    }
}
