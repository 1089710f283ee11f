//! What all of them share: a site that takes 0.50 a kilowatt-hour and holds 20.00, and what happens there.

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::decide::{Assessment, Decision, Event, Nothing, Opening, decide};
use plugtill_domain::evidence::{Evidence, Fact, Started, StopReason, Stopped};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Surroundings, assess};
use plugtill_domain::session::{Payer, Session};
use plugtill_domain::site::{SiteFile, Terms};
use plugtill_domain::units::{WattHours, Watts};
use serde_json::json;

const POWER: Watts = Watts(50_000);
/// What is held, in cents.
pub(crate) const HOLD: i64 = 2_000;
/// The least that Stripe moves, in cents.
pub(crate) const LEAST: i64 = 50;

pub(crate) fn at(minute: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

pub(crate) fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

/// The terms; late evidence that raises a bill is charged where `charges_late` says so.
pub(crate) fn terms(charges_late: bool) -> Terms {
    let component = json!({ "type": "ENERGY", "price": "0.50" });
    let file: SiteFile = serde_json::from_value(json!({ "sites": [{
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": POWER.0 }] }],
        "tariff": { "id": "T", "currency": "EUR", "elements": [{ "price_components": [component] }] },
        "hold": "20.00", "late_evidence": if charges_late { "charge" } else { "waive" },
    }] }))
    .unwrap();
    file.sites().unwrap().remove(0).terms
}

/// What `wh` cost, in cents, reckoned apart: half a cent a watt-hour twenty times over, half away from zero.
pub(crate) const fn price(wh: i64) -> i64 {
    (wh * 50 + 500) / 1_000
}

/// A session at `charger` that began at a minute with this register.
pub(crate) fn opening(charger: &str, minute: i64, register: i64, tag: &str) -> Opening {
    Opening {
        id: format!("{charger}~1~{}", at(minute)).parse().unwrap(),
        site: "yard".parse().unwrap(),
        terms: "v1".to_owned(),
        max_power: POWER,
        started: Started::at(WattHours(register), tag.parse().unwrap()),
        payer: Some(Payer { customer: "cus_1".to_owned(), payment_method: "pm_1".to_owned() }),
        hold: None,
        limit: None,
        stay_watch: None,
        hooked: false,
        answered: false,
        received_at: at(minute),
    }
}

pub(crate) fn stopped(minute: i64, register: i64) -> Stopped {
    Stopped {
        transaction: "7".parse().unwrap(),
        at: at(minute),
        register: Some(WattHours(register)),
        reason: StopReason::EvDisconnected,
        readings: Vec::new(),
        signed: false,
    }
}

/// Start and stop, priced as the settlement does.
pub(crate) fn assessed(session: &Session, terms: &Terms, now: Timestamp) -> Event {
    let mut evidence = vec![Evidence { at: session.id.started_at, fact: Fact::Started(session.started.clone()) }];
    evidence.extend(session.stopped.clone().map(|stop| Evidence { at: stop.at, fact: Fact::Stopped(stop) }));
    let assessed = assess(session.id.started_at, &evidence, Surroundings::of(POWER), terms);
    let (bill, unplugged) = (assessed.bill, assessed.unplugged);
    Event::Assessed(Assessment { at: now, bill, unplugged, minimum: eur(LEAST) })
}

/// Decides, and takes the new state where there is one.
pub(crate) fn happens(state: &mut Option<Session>, event: Event, terms: &Terms) -> Result<(), Nothing> {
    match decide(state.clone(), event, terms) {
        Decision::Commit(after) => {
            *state = Some(*after);
            Ok(())
        }
        Decision::Nothing(why) => Err(why),
    }
}
