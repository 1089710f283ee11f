//! What charging at a connector costs, before anybody pays: per kWh, per minute, per session, then anything else (Regulation
//! (EU) 2023/1804, AFIR, Art. 5(4)), taxes included, with an example that the pricing engine reckons.

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use crate::idle::IdlePolicy;
use crate::money::Money;
use crate::pricing::{Surroundings, price};
use crate::site::Terms;
use crate::tariff::{Component, Dimension, Element, PriceLimit, Restrictions};
use crate::timeline::Timeline;
use crate::units::{WattHours, Watts};

/// What the example charges: a usual stop on the way.
const EXAMPLE: WattHours = WattHours(20_000);

/// What charging costs under some terms. All prices are in major units of the terms' currency, taxes included.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer<'a> {
    /// The terms.
    pub terms: &'a Terms,
    /// In the order in which they are to be told.
    pub prices: Vec<Price<'a>>,
    /// What a session costs at least.
    pub at_least: Option<Decimal>,
    /// What a session costs at most.
    pub at_most: Option<Decimal>,
    /// What a vehicle costs that has charged and stays; `None` where it costs nothing.
    pub idle: Option<IdleFee<'a>>,
    /// A session as an example; `None` where it cannot be priced.
    pub example: Option<Example>,
    /// What is reserved on the card before charging starts.
    pub held: Money,
}

/// One price.
#[derive(Debug, Clone, PartialEq)]
pub struct Price<'a> {
    /// What for.
    pub dimension: Dimension,
    /// For a kWh, a minute or a session.
    pub each: Decimal,
    /// When it holds.
    pub restrictions: &'a Restrictions,
}

/// What staying costs.
#[derive(Debug, Clone, PartialEq)]
pub struct IdleFee<'a> {
    /// The rule.
    pub policy: &'a IdlePolicy,
    /// For a minute; where it depends on how full the site is, from how many per cent.
    pub steps: Vec<(Option<u8>, Decimal)>,
    /// At most, for a session.
    pub cap: Option<Decimal>,
}

/// What a usual session would cost from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Energy.
    pub energy: WattHours,
    /// How long it takes at the connector's full power.
    pub minutes: i64,
    /// Taxes included.
    pub total: Money,
}

impl<'a> Offer<'a> {
    /// The offer of a connector of this power for a session that starts at `now`, UTC.
    #[must_use]
    pub fn of(terms: &'a Terms, max_power: Watts, now: Timestamp) -> Self {
        let mut prices: Vec<(u8, Price<'a>)> = Vec::new();
        for element in terms.tariff.elements.iter().filter(|element| element.restrictions.reservation.is_none()) {
            prices.extend(element.components.iter().filter_map(|component| priced(component, element, terms)));
        }
        prices.sort_by_key(|(rank, _)| *rank);
        let bound = |limit: Option<PriceLimit>| {
            let limit = limit?;
            Some(limit.incl_tax.unwrap_or_else(|| with_taxes(limit.excl_tax, None, terms)))
        };
        Self {
            terms,
            prices: prices.into_iter().map(|(_, price)| price).collect(),
            at_least: bound(terms.tariff.min_price),
            at_most: bound(terms.tariff.max_price),
            idle: terms.idle.as_ref().filter(|_| !terms.uncertified_clocks).map(|policy| idle_fee(policy, terms)),
            example: example(terms, max_power, now),
            held: terms.hold_at(now, max_power),
        }
    }
}

/// A price with its place in the order; `None` where it can never be asked for.
fn priced<'a>(component: &Component, element: &'a Element, terms: &Terms) -> Option<(u8, Price<'a>)> {
    let (rank, hours) = match component.dimension {
        Dimension::Energy => (0, false),
        Dimension::Time => (1, true),
        Dimension::Flat => (2, false),
        Dimension::ParkingTime => (3, true),
    };
    if hours && terms.uncertified_clocks {
        return None;
    }
    let gross = with_taxes(component.price, component.vat, terms);
    let each = if hours { gross / Decimal::from(60) } else { gross };
    Some((rank, Price { dimension: component.dimension, each, restrictions: &element.restrictions }))
}

/// A price with the taxes that go on top of it.
fn with_taxes(price: Decimal, own: Option<Decimal>, terms: &Terms) -> Decimal {
    if terms.tariff.tax_included {
        return price;
    }
    let percent = own.unwrap_or_else(|| terms.taxes.iter().map(|tax| tax.percent).sum());
    price * (Decimal::ONE_HUNDRED + percent) / Decimal::ONE_HUNDRED
}

fn idle_fee<'a>(policy: &'a IdlePolicy, terms: &Terms) -> IdleFee<'a> {
    let own = |price: Decimal| with_taxes(price, policy.vat, terms);
    let steps = if policy.occupancy.is_empty() {
        vec![(None, own(policy.price_per_minute))]
    } else {
        policy.occupancy.iter().map(|step| (Some(step.from_percent), own(step.price_per_minute))).collect()
    };
    IdleFee { policy, steps, cap: policy.cap.map(own) }
}

fn example(terms: &Terms, max_power: Watts, now: Timestamp) -> Option<Example> {
    let seconds = EXAMPLE.0.checked_mul(3_600)?.checked_div(i64::from(max_power.0))?;
    let minutes = (seconds + 59) / 60;
    let timeline = Timeline::steady(now, now + SignedDuration::from_mins(minutes), EXAMPLE);
    let total = price(&timeline, Surroundings::of(max_power), terms).ok()?.total;
    Some(Example { energy: EXAMPLE, minutes, total })
}
