//! What charging at a connector costs, as it is told before anybody pays: per kWh, per minute, per session, then anything
//! else (Regulation (EU) 2023/1804, AFIR, Art. 5(4)), taxes included, with an example that the pricing engine reckons.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::explain::conditions;
use crate::idle::IdlePolicy;
use crate::money::Money;
use crate::pricing::{Surroundings, price};
use crate::site::Terms;
use crate::tariff::{Component, Dimension, Element, PriceLimit};
use crate::timeline::Timeline;
use crate::units::{WattHours, Watts};

/// What the example charges: a usual stop on the way.
const EXAMPLE: WattHours = WattHours(20_000);
/// Digits of a price in major units that are shown at least, and at most.
const DIGITS: (u32, u32) = (2, 4);

/// What charging costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// In the order in which they are to be told.
    pub prices: Vec<Price>,
    /// What holds for the whole.
    pub notes: Vec<String>,
    /// What a vehicle costs that has charged and stays; empty where it costs nothing.
    pub idle: Vec<String>,
    /// A session as an example; `None` where it cannot be priced.
    pub example: Option<Example>,
    /// What is reserved on the card before charging starts.
    pub held: String,
}

/// One price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Price {
    /// What for.
    pub dimension: Dimension,
    /// With its currency and unit, taxes included.
    pub price: String,
    /// When it holds; empty for always.
    pub when: Vec<String>,
}

/// What a usual session would cost from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Energy, in kWh.
    pub kwh: String,
    /// How long it takes at the connector's full power.
    pub minutes: i64,
    /// Taxes included.
    pub total: Money,
}

impl Offer {
    /// The offer of a connector of this power for a session that starts at `now`, UTC.
    #[must_use]
    pub fn of(terms: &Terms, max_power: Watts, now: Timestamp) -> Self {
        let mut prices: Vec<(u8, Price)> = Vec::new();
        for element in terms.tariff.elements.iter().filter(|element| element.restrictions.reservation.is_none()) {
            prices.extend(element.components.iter().filter_map(|component| priced(component, element, terms)));
        }
        prices.sort_by_key(|(rank, _)| *rank);
        Self {
            prices: prices.into_iter().map(|(_, price)| price).collect(),
            notes: notes(terms),
            idle: terms
                .idle
                .as_ref()
                .filter(|_| !terms.uncertified_clocks)
                .map(|idle| idle_fee(idle, terms))
                .unwrap_or_default(),
            example: example(terms, max_power, now),
            held: terms.hold_at(now, max_power).to_string(),
        }
    }
}

/// A price in words with its place in the order; `None` where it can never be asked for.
fn priced(component: &Component, element: &Element, terms: &Terms) -> Option<(u8, Price)> {
    let (rank, per, hours) = match component.dimension {
        Dimension::Energy => (0, "kWh", false),
        Dimension::Time => (1, "minute of charging", true),
        Dimension::Flat => (2, "session", false),
        Dimension::ParkingTime => (3, "minute without charging", true),
    };
    if hours && terms.uncertified_clocks {
        return None;
    }
    let gross = with_taxes(component.price, component.vat, terms);
    let each = if hours { gross / Decimal::from(60) } else { gross };
    let price = format!("{} per {per}", amount(each, terms));
    Some((rank, Price { dimension: component.dimension, price, when: conditions(&element.restrictions) }))
}

/// A price with the taxes that go on top of it.
fn with_taxes(price: Decimal, own: Option<Decimal>, terms: &Terms) -> Decimal {
    if terms.tariff.tax_included {
        return price;
    }
    let percent = own.unwrap_or_else(|| terms.taxes.iter().map(|tax| tax.percent).sum());
    price * (Decimal::ONE_HUNDRED + percent) / Decimal::ONE_HUNDRED
}

fn amount(major: Decimal, terms: &Terms) -> String {
    let mut shown = major.round_dp(DIGITS.1).normalize();
    if shown.scale() < DIGITS.0 {
        shown.rescale(DIGITS.0);
    }
    format!("{shown} {}", terms.tariff.currency)
}

fn notes(terms: &Terms) -> Vec<String> {
    let mut notes = Vec::new();
    let bound = |limit: Option<PriceLimit>| {
        let limit = limit?;
        Some(limit.incl_tax.unwrap_or_else(|| with_taxes(limit.excl_tax, None, terms)))
    };
    notes.extend(
        bound(terms.tariff.min_price).map(|least| format!("A session costs at least {}.", amount(least, terms))),
    );
    notes.extend(bound(terms.tariff.max_price).map(|most| format!("A session costs at most {}.", amount(most, terms))));
    if let Some(least) = terms.no_charge_below {
        notes.push(format!("A session below {} s or {} kWh costs nothing.", least.seconds, least.kwh.normalize()));
    }
    let taxes: Vec<String> =
        terms.taxes.iter().map(|tax| format!("{} % {}", tax.percent.normalize(), tax.name)).collect();
    notes.push(if taxes.is_empty() {
        "Prices include taxes.".to_owned()
    } else {
        format!("Prices include {}.", taxes.join(" and "))
    });
    notes
}

fn idle_fee(idle: &IdlePolicy, terms: &Terms) -> Vec<String> {
    let own = |price: Decimal| amount(with_taxes(price, idle.vat, terms), terms);
    let from = idle.after_connected_minutes.map_or_else(
        || format!("from {} minutes after charging has ended", idle.grace_minutes),
        |minutes| format!("from {minutes} minutes after plugging in"),
    );
    let mut rules = if idle.occupancy.is_empty() {
        vec![format!("{} a minute {from}", own(idle.price_per_minute))]
    } else {
        let step = |percent: u8, price| {
            format!("{} a minute {from}, while at least {percent} % of the connectors are in use", own(price))
        };
        idle.occupancy.iter().map(|it| step(it.from_percent, it.price_per_minute)).collect()
    };
    for quiet in &idle.quiet_hours {
        rules.push(format!("free from {} to {}", quiet.from.strftime("%H:%M"), quiet.until.strftime("%H:%M")));
    }
    rules.extend(
        idle.waived_if_moved_within_minutes.map(|minutes| format!("free for who leaves within {minutes} minutes")),
    );
    rules.extend(idle.cap.map(|cap| format!("at most {} a session", own(cap))));
    rules
}

fn example(terms: &Terms, max_power: Watts, now: Timestamp) -> Option<Example> {
    let seconds = EXAMPLE.0.checked_mul(3_600)?.checked_div(i64::from(max_power.0))?;
    let minutes = (seconds + 59) / 60;
    let timeline = Timeline::steady(now, now + SignedDuration::from_mins(minutes), EXAMPLE);
    let total = price(&timeline, Surroundings::of(max_power), terms).ok()?.total;
    Some(Example { kwh: EXAMPLE.to_kwh().normalize().to_string(), minutes, total })
}
