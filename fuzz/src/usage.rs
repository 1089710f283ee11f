//! Sessions told as records, with a tariff, an idle policy and taxes: what is billed for them.

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::money::Money;
use plugtill_domain::offer::Offer;
use plugtill_domain::pricing::{Surroundings, Tax, periods, price};
use plugtill_domain::site::{LateEvidence, PaymentPolicy, Terms};
use plugtill_domain::tariff::Tariff;
use plugtill_domain::tariff::ocpi::OcpiTariff;
use plugtill_domain::timeline::Timeline;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::usage_record::UsageRecord;
use serde::Deserialize;
use serde_json::json;

use crate::{bill, says_something};

/// What is priced, as an input tells it.
#[derive(Deserialize)]
struct Case {
    tariff: OcpiTariff,
    usage: UsageRecord,
    #[serde(default)]
    idle: Option<IdlePolicy>,
    #[serde(default)]
    taxes: Vec<Tax>,
}

/// A case as JSON.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let case: Case = match serde_json::from_slice(input) {
        Ok(case) => case,
        Err(error) => return says_something(&error),
    };
    let tariff = match Tariff::try_from(case.tariff) {
        Ok(tariff) => tariff,
        Err(error) => return says_something(&error),
    };
    let zone = case.usage.time_zone.clone();
    let terms = Terms { idle: case.idle, taxes: case.taxes, time_zone: zone, ..terms(tariff) };
    if let Err(error) = terms.check(case.usage.currency) {
        return says_something(&error);
    }
    match case.usage.evidence() {
        Ok(evidence) => {
            let began = case.usage.started_at;
            bill::of(began, &evidence, Watts(350_000), &terms);
            for period in periods(began, &evidence, Surroundings::of(Watts(350_000)), &terms) {
                assert!(period.energy >= WattHours(0), "{period:?}");
            }
        }
        Err(error) => says_something(&error),
    }
}

/// A usual session under these terms, and what is offered before it.
pub(crate) fn usual(terms: &Terms) {
    let began: Timestamp = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_515 + 17);
    let session = Timeline::steady(began, began + SignedDuration::from_mins(95), WattHours(31_337));
    if let Ok(priced) = price(&session, Surroundings::of(Watts(50_000)), terms) {
        bill::adds_up(&priced, terms);
    }
    let _ = Offer::of(terms, Watts(22_000), began);
    let hold = terms.hold_at(began, Watts(22_000));
    assert!(hold.minor() >= 0, "a hold of {hold}");
}

/// Terms that are nothing but a tariff.
pub(crate) fn terms(tariff: Tariff) -> Terms {
    Terms {
        site: "yard".parse().unwrap_or_else(|error| panic!("{error}")),
        hold: Money::new(5_000, tariff.currency),
        sized_hold: None,
        payments: PaymentPolicy::default(),
        tariff,
        time_zone: "Europe/Berlin".to_owned(),
        idle: None,
        taxes: Vec::new(),
        no_charge_below: None,
        settle_after_minutes: 2,
        late_evidence: LateEvidence::Waive,
        uncertified_clocks: false,
    }
}

/// Terms in which everything that can be priced has a price.
pub(crate) fn terms_of_everything() -> Terms {
    let price = |kind: &str, price: &str, step: u32| json!({ "type": kind, "price": price, "step_size": step });
    let tariff = json!({ "id": "all", "currency": "EUR", "elements": [
        { "price_components": [price("ENERGY", "0.59", 10)],
          "restrictions": { "start_time": "08:00", "end_time": "20:00", "max_power": 11 } },
        { "price_components": [price("FLAT", "0.35", 1), price("ENERGY", "0.39", 1), price("TIME", "1.20", 60)] },
    ] });
    let idle = json!({ "grace_minutes": 10, "price_per_minute": "0.10", "cap": "12.00",
        "quiet_hours": [{ "from": "22:00", "until": "07:00" }] });
    let tariff = crate::tariff::read(&tariff.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let idle = serde_json::from_value(idle).unwrap_or_else(|error| panic!("{error}"));
    let taxes = serde_json::from_value(json!([{ "name": "VAT", "percent": "19" }]));
    Terms { idle: Some(idle), taxes: taxes.unwrap_or_else(|error| panic!("{error}")), ..terms(tariff) }
}
