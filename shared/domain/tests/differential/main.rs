//! The engine against another one, `ocpi-tariffs`, on generated tariffs and sessions.
//!
//! Equal means: each component's amount before tax is the same to the cent once the other's exact amount is rounded by
//! our one rule, and the totals differ by no more than those roundings explain. What differs beyond that has to belong to
//! a class that is recognised by looking at tariff and session, before either engine is asked.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "../common/mod.rs"]
mod common;
mod other;

use std::collections::BTreeMap;

use common::generate::Pair;
use common::{bill, evidence, terms, totals};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Bill, Line, LineKind};
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;
use serde_json::Value;

const PAIRS: u64 = 14_000;
/// So many of them lie in no class and are equal.
const AT_LEAST_EQUAL: usize = 10_000;

/// A kind of pair that the two engines price differently: its name, how to tell it, and what decides it for ours.
struct Class {
    name: &'static str,
    tells: fn(&Pair) -> bool,
    because: &'static str,
}

const CLASSES: &[Class] = &[
    Class {
        name: "until the end of the day",
        tells: ends_at_midnight,
        because: "TariffRestrictions, end_time: \"To stop at end of the day use: 00:00\"; the other never matches before 00:00",
    },
    Class {
        name: "power or current not told",
        tells: restricts_what_is_not_told,
        because: "TariffRestrictions, min_current: active \"when the EV is charging with more than, or equal to, the defined \
                  amount\"; the other takes an unknown value for one that matches, here power is the average of the \
                  register and an unknown current matches nothing: what cannot be shown is not billed",
    },
    Class {
        name: "steps over what has no price",
        tells: rounds_up_what_is_partly_free,
        because: "Example switching to Free-of-Charge: \"the total of billable parking time for the session is 8 minutes. \
                  This is rounded up to 15 minutes\"; the other rounds up the 20 minutes of which 12 are free",
    },
    Class {
        name: "steps when charging resumes after parking",
        tells: rounds_up_after_parking,
        because: "the same example: \"according to the step_size of the last time based Price Component that was active \
                  during the session\"; the other takes the parking's, though charging came last",
    },
    Class {
        name: "bounds with another tax than the prices",
        tells: bounds_with_other_taxes,
        because: "NOTE at min_price and max_price: \"As the VAT might be built up of different parts [...] as a rule, they both \
                  apply\"; the other sets both sides where the first is out of bounds, and only then",
    },
    Class {
        name: "a least price where nothing is priced",
        tells: bounds_what_may_have_no_price,
        because: "NOTE at min_price: \"The total cost of a Charging Session excluding VAT can never be lower\"; the other \
                  has no total then, and so no bound",
    },
];

fn ends_at_midnight(pair: &Pair) -> bool {
    let elements = pair.tariff["elements"].as_array().unwrap().iter();
    elements.map(|element| &element["restrictions"]).any(|restrictions| {
        restrictions["end_time"] == "00:00"
            && ["00:00", ""].contains(&restrictions["start_time"].as_str().unwrap_or(""))
    })
}

fn restricts_what_is_not_told(pair: &Pair) -> bool {
    let restricts = |name| !pair.restricted(name).is_empty();
    let told = pair.legs.iter().all(|leg| leg.power_w.is_some());
    !told && ["min_power", "max_power", "min_current", "max_current"].into_iter().any(restricts)
}

/// The components of a dimension, each with whether its element is always there.
fn components<'a>(pair: &'a Pair, dimension: &'a str) -> impl Iterator<Item = (&'a Value, bool)> {
    let elements = pair.tariff["elements"].as_array().unwrap().iter();
    elements.flat_map(move |element| {
        let components = element["price_components"].as_array().unwrap().iter();
        let always = element.get("restrictions").is_none();
        components.filter(move |component| component["type"] == dimension).map(move |component| (component, always))
    })
}

fn has_steps(pair: &Pair, dimension: &str) -> bool {
    components(pair, dimension).any(|(component, _)| component["step_size"] != 1)
}

fn rounds_up_what_is_partly_free(pair: &Pair) -> bool {
    let always_priced = |dimension| components(pair, dimension).any(|(_, always)| always);
    ["ENERGY", "TIME", "PARKING_TIME"].into_iter().any(|name| has_steps(pair, name) && !always_priced(name))
}

fn rounds_up_after_parking(pair: &Pair) -> bool {
    let parked = pair.legs.iter().position(|leg| leg.mode == Mode::Idle);
    let resumed = pair.legs.iter().rposition(|leg| leg.mode == Mode::Charging);
    let both = components(pair, "TIME").next().and(components(pair, "PARKING_TIME").next()).is_some();
    both && parked.zip(resumed).is_some_and(|(parked, resumed)| parked < resumed)
        && (has_steps(pair, "TIME") || has_steps(pair, "PARKING_TIME"))
}

fn bounds_with_other_taxes(pair: &Pair) -> bool {
    let decimal = |value: &Value| value.to_string().parse().unwrap_or(Decimal::ZERO);
    let bounds = ["min_price", "max_price"].into_iter().filter_map(|name| pair.tariff.get(name));
    let components = || ["ENERGY", "TIME", "PARKING_TIME", "FLAT"].into_iter().flat_map(|name| components(pair, name));
    let taxed = |excl: Decimal, vat: &Value| excl + excl * decimal(vat) / Decimal::ONE_HUNDRED;
    let mut bounds = bounds.map(|bound| (decimal(&bound["excl_vat"]), decimal(&bound["incl_vat"])));
    bounds.any(|(excl, incl)| components().any(|(component, _)| taxed(excl, &component["vat"]) != incl))
}

fn bounds_what_may_have_no_price(pair: &Pair) -> bool {
    let mut always = ["ENERGY", "TIME", "FLAT"].into_iter().flat_map(|name| components(pair, name));
    pair.tariff.get("min_price").is_some() && !always.any(|(_, always)| always)
}

#[test]
fn both_engines_price_ten_thousand_pairs_alike_and_the_rest_differs_in_classes() {
    let (mut equal, mut differing) = (0, BTreeMap::<&str, usize>::new());
    let mut wrong = Vec::new();
    for seed in 0..PAIRS {
        let pair = Pair::of(seed);
        let classes: Vec<_> = CLASSES.iter().filter(|class| (class.tells)(&pair)).map(|class| class.name).collect();
        match (compare(&pair), classes.as_slice()) {
            (Ok(()), []) => equal += 1,
            (Ok(()), [..]) => {}
            (Err(difference), []) => wrong.push(format!("seed {seed}: {difference}")),
            (Err(_), [only]) => *differing.entry(only).or_default() += 1,
            (Err(_), [_, _, ..]) => *differing.entry("several of these").or_default() += 1,
        }
    }
    eprintln!("{PAIRS} pairs: {equal} equal outside every class; differing, by class: {differing:#?}");
    assert!(
        wrong.is_empty(),
        "{} differ and lie in no class, for example\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    assert!(equal >= AT_LEAST_EQUAL, "only {equal} are equal");
    for class in CLASSES {
        assert!(differing.contains_key(class.name), "no longer a difference: {} ({})", class.name, class.because);
    }
}

/// Amounts before tax in minor units, by kind and price; nothing is the same as none.
type Amounts = BTreeMap<(LineKind, Decimal), i64>;

fn compare(pair: &Pair) -> Result<(), String> {
    let bill = bill(pair.started_at, &evidence(pair.started_at, &pair.legs), &terms(&pair.tariff, pair.zone));
    let other = other::price(pair);
    let ours = amounts(&bill);
    let theirs: Amounts =
        other.exact.iter().map(|(of, exact)| (*of, rounded(*exact))).filter(|(_, minor)| *minor != 0).collect();
    if ours != theirs {
        return Err(format!("ours {ours:?}, other {theirs:?}"));
    }
    let (net, gross) = totals(&bill);
    // Half a cent for each line that was rounded, a tax being a line too; of what it is on, the highest is 21 per cent.
    let roundings = Decimal::from(bill.lines.len().max(1)) * Decimal::new(5, 1);
    within("before tax", net, other.excl, roundings)?;
    within("after tax", gross, other.incl, roundings * Decimal::new(121, 2))
}

fn amounts(bill: &Bill) -> Amounts {
    let mut amounts = Amounts::new();
    let of_tariff = |line: &&Line| line.element.is_some() && !line.amount.is_zero();
    for line in bill.lines.iter().filter(of_tariff) {
        *amounts.entry((line.kind, line.price.normalize())).or_default() += line.amount.minor();
    }
    amounts
}

/// Their hours are decimals of 28 digits, so that a third of one is not exact: what is left of that goes first.
fn rounded(exact: Decimal) -> i64 {
    Money::round(exact.round_dp(12), "EUR".parse().unwrap()).unwrap().minor()
}

fn within(name: &str, minor: i64, exact: Decimal, allowed: Decimal) -> Result<(), String> {
    let exact = exact * Decimal::ONE_HUNDRED;
    let differs = (Decimal::from(minor) - exact).abs() > allowed;
    if differs { Err(format!("{name}: ours {minor}, other {exact}, allowed {allowed}")) } else { Ok(()) }
}
