//! Tariffs and sessions from a seed: the same seed always gives the same pair.
//!
//! All is chosen so that every price change falls on a whole second and every share of energy on a whole watt-hour:
//! times of day on quarter hours, durations and legs on whole minutes, powers of whole watt-hours a second, energy
//! bounds of multiples of 60 Wh. So a session cut at its price changes is the same session, and nothing has to be rounded
//! but the amounts.

use fastrand::Rng;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::usage::Mode;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Leg;

const ZONES: &[&str] =
    &["Europe/Amsterdam", "Europe/London", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"];
const DAYS: &[&str] = &["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];
/// Per cent; not given stands for no tax.
const VATS: &[Option<&str>] = &[None, Some("0"), Some("5.2"), Some("10"), Some("20"), Some("21")];
/// Watt-hours a second: 3.6 to 54 kW.
const POWERS: &[i64] = &[1, 2, 3, 4, 5, 6, 10, 12, 15];

/// A tariff, and a session that it prices.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) tariff: Value,
    pub(crate) zone: &'static str,
    pub(crate) started_at: Timestamp,
    pub(crate) legs: Vec<Leg>,
}

impl Pair {
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let zone = pick(&mut rng, ZONES);
        let started_at = start(&mut rng, zone);
        Self { tariff: tariff(&mut rng, started_at), zone, started_at, legs: legs(&mut rng) }
    }

    /// Every restriction of the tariff by this name, with what it says.
    pub(crate) fn restricted(&self, name: &str) -> Vec<&Value> {
        let elements = self.tariff["elements"].as_array().unwrap().iter();
        elements.filter_map(|element| element["restrictions"].get(name)).collect()
    }
}

/// A number as it is written.
pub(crate) fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}

/// Once in `times`.
fn rarely(rng: &mut Rng, times: u32) -> bool {
    rng.u32(..times) == 0
}

/// A minute of the years 2024 to 2027, every sixth within the eight hours before a clock change.
fn start(rng: &mut Rng, zone: &str) -> Timestamp {
    let minute = Timestamp::from_second(1_704_067_200 + rng.i64(0..2_103_840) * 60).unwrap();
    let zone = TimeZone::get(zone).unwrap();
    let change = zone.following(minute).next().filter(|_| rarely(rng, 6));
    change.map_or(minute, |change| change.timestamp() - SignedDuration::from_mins(rng.i64(1..480)))
}

/// Charging, mostly followed by idling; now and then the station withholds power, or charging resumes.
fn legs(rng: &mut Rng) -> Vec<Leg> {
    let told = !rarely(rng, 12);
    let mut legs = Vec::new();
    let mut modes = vec![Mode::Charging; rng.usize(1..4)];
    if rarely(rng, 2) {
        modes.push(Mode::Idle);
    }
    if rarely(rng, 8) {
        modes.insert(rng.usize(..=modes.len()), Mode::Withheld);
    }
    if rarely(rng, 8) {
        modes.extend([Mode::Idle, Mode::Charging]);
    }
    for mode in modes {
        let (seconds, power) = (rng.i64(1..100) * 60, if mode == Mode::Charging { pick(rng, POWERS) } else { 0 });
        let whole = u32::try_from(power).unwrap();
        legs.push(Leg {
            power_w: told.then_some(whole * 3_600),
            current_ma: told.then_some(whole * 5_000),
            ..Leg::of(mode, seconds, seconds * power)
        });
    }
    legs
}

fn tariff(rng: &mut Rng, around: Timestamp) -> Value {
    let count = rng.usize(1..5);
    let one_vat = rarely(rng, 2).then(|| [pick(rng, VATS)]);
    let vats = one_vat.as_ref().map_or(VATS, |one| one.as_slice());
    let mut prices = Vec::new();
    let mut elements: Vec<Value> = (0..count).map(|_| element(rng, &mut prices, vats)).collect();
    for (index, element) in elements.iter_mut().enumerate() {
        // Mostly the last one is always there.
        if index + 1 < count || rarely(rng, 4) {
            element["restrictions"] = restrictions(rng, around);
        }
    }
    let mut tariff = json!({ "id": "T", "country_code": "NL", "party_id": "TST", "currency": "EUR",
        "last_updated": "2024-01-01T00:00:00Z", "elements": elements });
    for (bound, cents) in [("min_price", 50..300), ("max_price", 300..900)] {
        if rarely(rng, 16) {
            tariff[bound] = limit(Decimal::new(rng.i64(cents), 2), vats);
        }
    }
    tariff
}

/// A bound whose two sides lie as far apart as the tariff's tax, where it has one; otherwise ten per cent.
fn limit(excl: Decimal, vats: &[Option<&str>]) -> Value {
    let vat = if let [one] = vats { one.unwrap_or("0") } else { "10" };
    let vat: Decimal = vat.parse().unwrap();
    let incl = excl + excl * vat / Decimal::ONE_HUNDRED;
    json!({ "excl_vat": number(&excl.to_string()), "incl_vat": number(&incl.to_string()) })
}

/// Components of different dimensions; no price comes twice in a tariff, so that it names its component.
fn element(rng: &mut Rng, prices: &mut Vec<i64>, vats: &[Option<&'static str>]) -> Value {
    let mut components = Vec::new();
    for (dimension, digits, steps) in [
        ("ENERGY", 10..9_000, [60, 100, 500, 1_000]),
        ("TIME", 100..50_000, [60, 300, 900, 1_800]),
        ("PARKING_TIME", 100..80_000, [60, 300, 600, 900]),
        ("FLAT", 100..30_000, [1, 1, 1, 1]),
    ] {
        if rarely(rng, 2) || (dimension == "FLAT" && components.is_empty()) {
            let mut price = rng.i64(digits.clone());
            while prices.contains(&price) {
                price = rng.i64(digits.clone());
            }
            prices.push(price);
            let step = if rarely(rng, 10) { pick(rng, &steps) } else { 1 };
            let text = Decimal::new(price, 4).to_string();
            let mut component = json!({ "type": dimension, "price": number(&text), "step_size": step });
            if let Some(vat) = pick(rng, vats) {
                component["vat"] = number(vat);
            }
            components.push(component);
        }
    }
    json!({ "price_components": components })
}

fn restrictions(rng: &mut Rng, around: Timestamp) -> Value {
    let mut restrictions = json!({});
    for _ in 0..rng.usize(1..3) {
        let (name, value) = match rng.u32(..12) {
            0 | 1 => ("start_time", time(rng)),
            2 | 3 => ("end_time", time(rng)),
            4 => ("day_of_week", json!(DAYS.iter().filter(|_| rarely(rng, 2)).collect::<Vec<_>>())),
            5 => (pick(rng, &["start_date", "end_date"]), date(rng, around)),
            6 | 7 => (pick(rng, &["min_kwh", "max_kwh"]), number(&Decimal::new(rng.i64(1..500) * 60, 3).to_string())),
            8 | 9 => (pick(rng, &["min_duration", "max_duration"]), json!(rng.i64(1..240) * 60)),
            10 => (pick(rng, &["min_power", "max_power"]), json!(pick(rng, &[4, 11, 20, 22, 43]))),
            _ => (pick(rng, &["min_current", "max_current"]), json!(pick(rng, &[5, 16, 25, 32, 63]))),
        };
        restrictions[name] = value;
    }
    restrictions
}

fn time(rng: &mut Rng) -> Value {
    json!(format!("{:02}:{:02}", rng.u32(..24), pick(rng, &[0, 15, 30, 45])))
}

fn date(rng: &mut Rng, around: Timestamp) -> Value {
    let day = around + SignedDuration::from_hours(rng.i64(-24..48));
    json!(TimeZone::UTC.to_datetime(day).date().to_string())
}
