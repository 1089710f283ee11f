//! Sites as operators write them, drawn from the seed and read as any site file is.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::site::Site;
use serde_json::{Value, json};

use super::random::{happens, one};
use crate::site_file::{SiteFileError, parse};

/// What a connector can deliver, in W.
pub(super) const MAX_POWER_W: i64 = 22_000;
/// Tags of drivers, and the cards that pay for them.
const DRIVERS: [(&str, &str); 6] = [
    ("TAG1", "pm_card_visa"),
    ("TAG2", "pm_card_jcb"),
    ("BROKE", "pm_card_chargeCustomerFail"),
    ("ASKED", "pm_card_authenticationRequired"),
    ("POOR", "pm_card_chargeDeclinedInsufficientFunds"),
    ("TAG3", "pm_card_visa"),
];
/// Of ten drivers seven have a card that pays.
pub(super) const TAGS: [&str; 10] =
    ["TAG1", "TAG1", "TAG1", "TAG2", "TAG2", "TAG3", "BROKE", "ASKED", "POOR", "NOBODY"];

/// Where a vehicle can charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) charger: String,
    pub(super) connector: i64,
    /// Speaks OCPP 2.0.1; otherwise 1.6.
    pub(super) is_new: bool,
}

/// The sites of a run and their connectors.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "a site file has sites, and so has this")]
pub(super) struct Sites {
    pub(super) sites: Vec<Site>,
    pub(super) places: Vec<Place>,
    entries: Vec<Value>,
}

/// From then on the sites are these.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) at: Timestamp,
    pub(super) sites: Vec<Site>,
}

impl Sites {
    /// One or two sites with one or two chargers each, and more where there are many sessions.
    pub(super) fn drawn(random: &mut Rng, sessions: usize) -> Result<Self, SiteFileError> {
        let (mut entries, mut places) = (Vec::new(), Vec::new());
        for site in 0..random.usize(1..=2) {
            let answering = site == 1 && random.bool();
            let chargers: Vec<Place> = (0..random.usize(1..=2 + sessions / 16))
                .flat_map(|charger| {
                    // A 1.6 charger learns its transaction's name from its back end: a script knows only another's.
                    let is_new = answering || happens(random, 250);
                    let place = move |connector| Place { charger: format!("CP{site}{charger}"), connector, is_new };
                    (1..=random.i64(1..=2)).map(place)
                })
                .collect();
            entries.push(entry(random, site, answering, &chargers));
            places.extend(chargers);
        }
        Ok(Self { sites: read(&entries)?, places, entries })
    }

    /// Some operators change their prices while vehicles charge.
    pub(super) fn edits(
        &self,
        random: &mut Rng,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Edit>, SiteFileError> {
        let mut entries = self.entries.clone();
        let mut edits = Vec::new();
        for _ in 0..one(random, &[0, 0, 1, 2]) {
            let seconds = random.i64(0..to.duration_since(from).as_secs().max(1));
            for entry in &mut entries {
                let currency = entry["currency"].as_str().unwrap_or("EUR").to_owned();
                let may_park = entry.get("idle").is_none();
                entry["tariff"] = tariff(random, &currency, Money::of_currency(&currency), may_park);
            }
            edits.push(Edit { at: from + SignedDuration::from_secs(seconds), sites: read(&entries)? });
        }
        edits.sort_by_key(|edit| edit.at);
        Ok(edits)
    }

    /// For whom the money of each charger is: a connected account, or the platform itself.
    pub(super) fn accounts(&self) -> BTreeMap<String, Option<String>> {
        let of = |entry: &Value| {
            let account = entry["payments"]["account"]["id"].as_str().map(str::to_owned);
            let chargers = entry["chargers"].as_array().cloned().unwrap_or_default();
            let ids =
                chargers.iter().filter_map(|charger| charger["id"].as_str().map(str::to_owned)).collect::<Vec<_>>();
            ids.into_iter().map(move |id| (id, account.clone()))
        };
        self.entries.iter().flat_map(of).collect()
    }
}

fn read(entries: &[Value]) -> Result<Vec<Site>, SiteFileError> {
    parse(&json!({ "sites": entries }).to_string(), "the simulated sites")
}

fn entry(random: &mut Rng, number: usize, answering: bool, places: &[Place]) -> Value {
    let currency = one(random, &["EUR", "EUR", "USD", "JPY"]);
    let money = Money::of_currency(currency);
    let mut chargers: Vec<Value> = Vec::new();
    for place in places {
        let connector = json!({ "id": place.connector, "max_power_w": MAX_POWER_W });
        match chargers.iter_mut().find(|known| known["id"] == place.charger.as_str()) {
            Some(known) => known["connectors"].as_array_mut().map_or((), |connectors| connectors.push(connector)),
            None => chargers.push(json!({ "id": place.charger, "connectors": [connector] })),
        }
    }
    let idle = idle(random, money);
    let mut site = json!({
        "id": format!("site{number}"), "name": format!("Site {number}"), "currency": currency, "country": "FR",
        "time_zone": one(random, &["Europe/Paris", "America/New_York", "Asia/Tokyo", "UTC"]),
        "chargers": chargers, "tariff": tariff(random, currency, money, idle.is_none()),
        "tax_percent": one(random, &["0", "19", "7.7"]), "hold": money.of(one(random, &[200, 1_000, 2_000, 6_000])),
        "settle_after_minutes": random.u32(1..=10), "late_evidence": one(random, &["waive", "charge"]),
        "role": if answering { "answering" } else { "listening" },
        "drivers": { "by_id_tag": DRIVERS.into_iter().collect::<BTreeMap<_, _>>() },
    });
    if let Some(idle) = idle {
        site["idle"] = idle;
    }
    if happens(random, 300) {
        site["payments"] = json!({ "account": { "id": format!("acct_{number}"), "fee_percent": "5" } });
    }
    if happens(random, 300) {
        site["no_charge_below"] = json!({ "seconds": 120, "kwh": "0.5" });
    }
    site
}

/// Amounts in the currency's own digits.
#[derive(Clone, Copy)]
struct Money {
    scale: usize,
}

impl Money {
    fn of_currency(currency: &str) -> Self {
        Self { scale: if currency == "JPY" { 0 } else { 2 } }
    }

    /// So many cents, or as many whole units where there are no cents.
    fn of(self, cents: u32) -> String {
        if self.scale == 0 { cents.to_string() } else { format!("{}.{:02}", cents / 100, cents % 100) }
    }
}

fn tariff(random: &mut Rng, currency: &str, money: Money, may_park: bool) -> Value {
    let component =
        |kind: &str, price: u32, step: u32| json!({ "type": kind, "price": money.of(price), "step_size": step });
    let mut components = vec![component("ENERGY", random.u32(15..=90), one(random, &[1, 1, 1_000]))];
    if happens(random, 400) {
        components.push(component("FLAT", random.u32(10..=150), 1));
    }
    if happens(random, 400) {
        components.push(component("TIME", random.u32(30..=300), one(random, &[1, 60, 900])));
    }
    if may_park && happens(random, 500) {
        components.push(component("PARKING_TIME", random.u32(60..=600), one(random, &[1, 300])));
    }
    let mut elements = vec![json!({ "price_components": components })];
    if happens(random, 400) {
        let night = component("ENERGY", random.u32(5..=40), 1);
        let hours = json!({ "start_time": "21:00", "end_time": "06:00" });
        elements.insert(0, json!({ "price_components": [night], "restrictions": hours }));
    }
    json!({ "currency": currency, "elements": elements })
}

fn idle(random: &mut Rng, money: Money) -> Option<Value> {
    if happens(random, 250) {
        return None;
    }
    let price = money.of(random.u32(5..=60));
    let mut idle = json!({ "grace_minutes": random.u32(0..=20), "price_per_minute": price });
    if happens(random, 600) {
        idle["cap"] = json!(money.of(random.u32(300..=1_500)));
    }
    if happens(random, 400) {
        idle["quiet_hours"] = json!([{ "from": "22:00", "until": "07:00" }]);
    }
    Some(idle)
}
