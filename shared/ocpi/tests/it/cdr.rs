//! CDRs: figures by hand, sums, corrections, and what another reader makes of them.

#[path = "../../../domain/tests/common/mod.rs"]
mod common;

use chrono_tz::Tz;
use common::generate::Pair;
use common::{Leg, evidence, terms};
use jiff::Timestamp;
use ocpi_tariffs::price::TariffSource;
use ocpi_tariffs::{Version, cdr as other};
use plugtill_domain::credit::{CreditOrder, Extent, credit};
use plugtill_domain::evidence::{Evidence, Started};
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Bill, LineKind, Surroundings, assess, periods};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::{Site, SiteFile, Terms};
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::usage::Mode;
use plugtill_ocpi::cdr::{CdrError, Source, cdrs};
use rust_decimal::Decimal;
use serde_json::{Value, json};

const AROUND: Surroundings<'static> = Surroundings::of(Watts(60_000));

fn site(change: impl FnOnce(&mut Value)) -> Result<Site, String> {
    let mut site = json!({
        "id": "harbour", "name": "Harbour", "time_zone": "Europe/Amsterdam", "currency": "EUR", "country": "NL",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 60_000 }] }], "hold": "20.00",
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "FLAT", "price": 1 }] }] },
        "roaming": { "country_code": "NL", "party_id": "TST", "address": "Kade 1", "city": "Delft", "country": "NLD",
            "latitude": "52.0116", "longitude": "4.3571", "connector_standard": "IEC_62196_T2",
            "connector_format": "SOCKET", "connector_power_type": "AC_3_PHASE" },
    });
    change(&mut site);
    let file: SiteFile = serde_json::from_value(json!({ "sites": [site] })).map_err(|error| error.to_string())?;
    file.sites().map_err(|(_, error)| error.to_string()).map(|mut sites| sites.remove(0))
}

/// A session that was billed for this evidence.
fn settled(started_at: Timestamp, told: &[Evidence], terms: &Terms) -> Session {
    let zero = Money::zero(terms.tariff.currency);
    Session {
        id: format!("CP-1~2~{started_at:.3}").parse().unwrap(),
        site: "harbour".parse().unwrap(),
        terms: "v1".to_owned(),
        max_power: AROUND.max_power,
        started: Started::at(WattHours(0), "TAG".parse().unwrap()),
        stopped: None,
        payer: None,
        settle_at: None,
        payments: Vec::new(),
        bill: Some(assess(started_at, told, AROUND, terms).bill.unwrap()),
        waived: zero,
        uncollectable: zero,
        outcome: Outcome::Captured,
        reason: None,
        contradicted: None,
        limit: None,
        watch_at: None,
        stay_watch: None,
        stays_since: None,
        hooked: false,
        stop_asked: None,
        closed: None,
        next_session_at: None,
        check_at: None,
        answered: false,
        balance: None,
        remind_at: None,
        credits: Vec::new(),
        disputes: Vec::new(),
        notices: Vec::new(),
        receipt_number: Some("R-000007".to_owned()),
    }
}

fn records(session: &Session, told: &[Evidence], terms: &Terms) -> Vec<Value> {
    let site = site(|_| ()).unwrap();
    let periods = periods(session.id.started_at, told, AROUND, terms);
    let source = Source { session, terms, periods: &periods, site: &site };
    let made = cdrs(source, "2026-04-01T12:00:00Z".parse().unwrap()).unwrap();
    // By way of the text: numbers have to be numbers there.
    made.iter().map(|cdr| serde_json::from_str(&serde_json::to_string(cdr).unwrap()).unwrap()).collect()
}

fn started_at() -> Timestamp {
    "2026-03-10T18:00:00Z".parse().unwrap()
}

/// Energy 0.25, time 1.20 an hour, 20 per cent; 20 kWh in two hours, then an hour idle at 0.10 a minute after 15 minutes.
fn worked() -> (Vec<Evidence>, Terms) {
    let component = |kind: &str, price: &str| json!({ "type": kind, "price": price, "step_size": 1, "vat": 20 });
    let tariff = json!({ "id": "DAY", "currency": "EUR",
        "elements": [{ "price_components": [component("ENERGY", "0.25"), component("TIME", "1.20")] }] });
    let mut terms = terms(&tariff, "Europe/Amsterdam");
    let idle = json!({ "grace_minutes": 15, "price_per_minute": "0.10", "vat": 20 });
    terms.idle = Some(serde_json::from_value::<IdlePolicy>(idle).unwrap());
    let legs = [Leg::of(Mode::Charging, 7_200, 20_000), Leg::of(Mode::Idle, 3_600, 0)];
    (evidence(started_at(), &legs), terms)
}

fn price(excl_vat: &str, incl_vat: &str) -> Value {
    serde_json::from_str(&format!(r#"{{ "excl_vat": {excl_vat}, "incl_vat": {incl_vat} }}"#)).unwrap()
}

#[test]
fn a_session_becomes_the_record_that_was_reckoned_by_hand() {
    let (told, terms) = worked();
    let session = settled(started_at(), &told, &terms);
    let cdr = records(&session, &told, &terms).remove(0);
    // 20 x 0.25 = 5.00; 2 h x 1.20 = 2.40; 45 min x 0.10 = 4.50; 11.90, with 20 per cent 14.28.
    assert_eq!(cdr["total_energy_cost"], price("5", "6"));
    assert_eq!(cdr["total_time_cost"], price("2.4", "2.88"));
    assert_eq!(cdr["total_parking_cost"], price("4.5", "5.4"));
    assert_eq!(cdr["total_cost"], price("11.9", "14.28"));
    assert_eq!([&cdr["total_energy"], &cdr["total_time"], &cdr["total_parking_time"]], [20, 3, 1]);
    assert_eq!(cdr["remark"], "total_parking_cost holds an idle fee of 4.50 EUR by the site's policy");
    let periods = json!([
        { "start_date_time": "2026-03-10T18:00:00Z", "tariff_id": "DAY",
          "dimensions": [{ "type": "TIME", "volume": 2 }, { "type": "ENERGY", "volume": 20 }] },
        { "start_date_time": "2026-03-10T20:00:00Z", "tariff_id": "DAY",
          "dimensions": [{ "type": "PARKING_TIME", "volume": 1 }] },
    ]);
    assert_eq!(cdr["charging_periods"], periods);
    assert_eq!(cdr["id"], "R-000007");
    assert_eq!(cdr["end_date_time"], "2026-03-10T21:00:00Z");
    assert_eq!(cdr["session_id"], "CP-1~2~2026-03-10T18:00:00.000Z");
    assert_eq!(cdr["cdr_location"]["evse_id"], "NL*TST*ECP*1*2");
    assert_eq!(cdr["cdr_token"]["type"], "RFID");
    assert_eq!(cdr["tariffs"][0]["elements"][0]["price_components"][0]["vat"], 20);
    assert!(cdr.get("credit").is_none() && cdr.get("total_fixed_cost").is_none());
}

fn credited(session: &mut Session, id: &str, extent: Extent) {
    let order = CreditOrder { id: id.to_owned(), extent, reason: "meter fault".to_owned(), by: "operator".to_owned() };
    let at = "2026-03-20T09:00:00Z".parse().unwrap();
    let note = credit(session.bill.as_ref().unwrap(), &session.credits, order, at).unwrap();
    session.credits.push(note);
}

#[test]
fn a_part_that_is_credited_credits_the_whole_record_and_states_the_rest_anew() {
    let (told, terms) = worked();
    let mut session = settled(started_at(), &told, &terms);
    let idle = session.bill.as_ref().unwrap().lines.iter().position(|line| line.kind == LineKind::Idle).unwrap();
    credited(&mut session, "1", Extent::Line(idle));
    let all = records(&session, &told, &terms);
    let [original, minus, anew] = all.as_slice() else { panic!("{} records", all.len()) };
    assert_eq!(minus["id"], "R-000007-C");
    assert_eq!((&minus["credit"], &minus["credit_reference_id"]), (&json!(true), &original["id"]));
    assert_eq!(minus["total_cost"], price("-11.9", "-14.28"));
    assert_eq!(minus["total_energy_cost"], original["total_energy_cost"], "only total_cost is negated");
    assert_eq!(minus["remark"], "meter fault");
    assert_eq!(anew["id"], "R-000007-2");
    assert_eq!(anew["total_parking_cost"], price("0", "0"));
    assert_eq!(anew["total_cost"], price("7.4", "8.88"));
    assert!(anew.get("credit").is_none());
}

#[test]
fn a_session_that_is_credited_whole_leaves_no_record_beside_the_credit() {
    let (told, terms) = worked();
    let mut session = settled(started_at(), &told, &terms);
    credited(&mut session, "1", Extent::Amount(Money::new(500, terms.tariff.currency)));
    credited(&mut session, "2", Extent::Whole);
    let all = records(&session, &told, &terms);
    let ids: Vec<_> = all.iter().map(|cdr| cdr["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["R-000007", "R-000007-C", "R-000007-2", "R-000007-2-C"]);
    let sum: Decimal = all.iter().map(|cdr| decimal(&cdr["total_cost"]["incl_vat"])).sum();
    assert_eq!(sum, Decimal::ZERO, "what was charged and what was credited cancel out");
}

#[test]
fn what_is_not_settled_or_has_no_partner_details_has_no_record() {
    let (told, terms) = worked();
    let site_without = site(|site| drop(site.as_object_mut().unwrap().remove("roaming"))).unwrap();
    let of = |session: &Session, site: &Site| {
        cdrs(Source { session, terms: &terms, periods: &[], site }, started_at()).map(|all| all.len())
    };
    let session = settled(started_at(), &told, &terms);
    assert_eq!(of(&session, &site_without), Err(CdrError::NoRoaming("harbour".to_owned())));
    for outcome in [Outcome::Open, Outcome::Quarantined] {
        let session = Session { outcome, ..session.clone() };
        assert_eq!(of(&session, &site_without), Err(CdrError::NotSettled(session.id.clone())));
    }
}

#[test]
fn partner_details_that_the_standard_does_not_take_are_refused_by_field_and_value() {
    let refused = |field: &str, value: &str| site(|site| site["roaming"][field] = json!(value)).unwrap_err();
    assert!(refused("country", "NL").contains("roaming.country: `NL` cannot be sent: it has to be three letters"));
    assert!(refused("party_id", "T1").starts_with("roaming.party_id"));
    assert!(refused("latitude", "91").starts_with("roaming.latitude"));
    assert!(refused("address", &"x".repeat(46)).starts_with("roaming.address"));
    assert!(refused("connector_format", "PLUG").contains("PLUG"));
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}

#[test]
fn costs_by_kind_sum_to_the_total_unless_the_tariff_bounds_it() {
    for seed in 0..600 {
        let pair = Pair::of(seed);
        let terms = terms(&pair.tariff, pair.zone);
        let told = evidence(pair.started_at, &pair.legs);
        let session = settled(pair.started_at, &told, &terms);
        let bill: &Bill = session.bill.as_ref().unwrap();
        let cdr = records(&session, &told, &terms).remove(0);
        let kinds = ["fixed", "energy", "time", "parking", "reservation"].map(|kind| format!("total_{kind}_cost"));
        for (side, total) in [("excl_vat", bill.total.minor() - bill.tax().minor()), ("incl_vat", bill.total.minor())] {
            let sum: Decimal = kinds.iter().filter_map(|kind| cdr.get(kind)).map(|cost| decimal(&cost[side])).sum();
            assert_eq!(decimal(&cdr["total_cost"][side]), Decimal::new(total, 2), "seed {seed}");
            let unbounded = ["min_price", "max_price"].iter().all(|bound| pair.tariff.get(*bound).is_none());
            assert!(!unbounded || sum == Decimal::new(total, 2), "{side} of seed {seed}: {sum} in {cdr:#}");
        }
    }
}

#[test]
fn another_reader_accepts_the_records_and_prices_them_alike() {
    let mut compared = 0;
    for seed in 0..600 {
        let pair = Pair::of(seed);
        // What both engines understand differently is told and argued where they are compared.
        let words = ["_price\"", "_power\"", "_current\"", "\"end_time\":\"00:00\""];
        let tariff = pair.tariff.to_string();
        let steps = tariff.matches("\"step_size\":1,").count() < tariff.matches("step_size").count();
        let withheld = pair.legs.iter().any(|leg| leg.mode == Mode::Withheld);
        if steps || withheld || words.iter().any(|word| tariff.contains(word)) {
            continue;
        }
        let terms = terms(&pair.tariff, pair.zone);
        let told = evidence(pair.started_at, &pair.legs);
        let session = settled(pair.started_at, &told, &terms);
        let text = records(&session, &told, &terms).remove(0).to_string();
        let parsed = other::parse_with_version(&text, Version::V221).unwrap();
        let zone: Tz = pair.zone.parse().unwrap();
        let (report, _) = other::price(&parsed.cdr, TariffSource::UseCdr, zone).unwrap().into_parts();
        let theirs: Decimal = report.total_cost.calculated.unwrap_or_default().excl_vat.into();
        let bill = session.bill.as_ref().unwrap();
        let ours = Decimal::new(bill.total.minor() - bill.tax().minor(), 2);
        // Half a cent a line, and what is lost on hours of four decimals.
        let allowed = Decimal::new(5, 3) * Decimal::from(bill.lines.len() + 1);
        assert!((ours - theirs).abs() <= allowed, "seed {seed}: ours {ours}, other {theirs}: {text}");
        compared += 1;
    }
    assert!(compared > 50, "only {compared} compared");
}
