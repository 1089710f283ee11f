//! Which terms a session is priced by, and what the operator's exceptions do to its bill.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use jiff::Timestamp;
use plugtill_domain::idle::Occupied;
use plugtill_domain::language::Language;
use plugtill_domain::pricing::{Bill, LineKind, Surroundings, assess};
use plugtill_domain::site::{Site, SiteFile};
use plugtill_domain::units::Watts;
use plugtill_domain::usage_record::UsageRecord;
use plugtill_texts::bill::explain;
use serde_json::{Value, json};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn energy(price: &str) -> Value {
    json!({ "id": price, "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": price }] }] })
}

fn file(change: Value, file_wide: Value) -> Result<Site, String> {
    let mut site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 50_000 }] }],
        "tariff": energy("0.35"), "hold": "20.00",
    });
    let mut file = json!({});
    for (whole, part) in [(&mut site, change), (&mut file, file_wide)] {
        if let (Value::Object(whole), Value::Object(part)) = (whole, part) {
            whole.extend(part);
        }
    }
    file["sites"] = json!([site]);
    let file: SiteFile = serde_json::from_value(file).map_err(|e| e.to_string())?;
    Ok(file.sites().map_err(|(_, error)| error.to_string())?.remove(0))
}

fn site(change: Value) -> Site {
    file(change, json!({})).unwrap()
}

/// From 20:00 to 23:00 in Paris: an hour of charging 10 kWh, then plugged in.
fn record() -> Value {
    json!({
        "time_zone": "Europe/Paris", "currency": "EUR",
        "started_at": "2026-03-02T19:00:00Z", "ended_at": "2026-03-02T22:00:00Z",
        "charging_ended_at": "2026-03-02T20:00:00Z",
        "readings": [
            { "at": "2026-03-02T19:00:00Z", "register_wh": 0 },
            { "at": "2026-03-02T20:00:00Z", "register_wh": 10_000 },
        ],
    })
}

fn billed(site: &Site, record: Value, occupied: &[Occupied]) -> Bill {
    let record: UsageRecord = serde_json::from_value(record).unwrap();
    let around = Surroundings { occupied, ..Surroundings::of(Watts(50_000)) };
    assess(record.started_at, &record.evidence().unwrap(), around, &site.terms).bill.unwrap()
}

#[allow(clippy::needless_pass_by_value, reason = "reads as the policy it is given")]
fn idle(policy: Value) -> i64 {
    billed(&site(json!({ "idle": policy })), record(), &[]).amount_of(LineKind::Idle).minor()
}

#[test]
fn the_nearest_tariff_wins_and_there_the_drivers_group() {
    let site = file(
        json!({
            "drivers": { "groups": { "staff": ["ANNA"] } },
            "tariffs": [
                { "tariff": energy("0.10"), "group": "staff" },
                { "tariff": energy("0.50"), "charger": "A" },
                { "tariff": energy("0.20"), "charger": "A", "group": "staff" },
                { "tariff": energy("0.60"), "charger": "A", "connector": 2 },
            ],
        }),
        json!({ "tariffs": [{ "tariff": energy("0.01"), "group": "staff" }] }),
    );
    // The group of the file-wide tariff has to be known to the site too.
    let site = site.unwrap();
    let price = |charger: &str, connector: u32, tag: &str| {
        let place = (&charger.parse().unwrap(), plugtill_domain::ids::ConnectorId(connector));
        let index = site.terms_at(place, &tag.parse().unwrap(), at("2026-03-02T19:00:00Z")).unwrap();
        site.terms_of(index).tariff.id
    };
    assert_eq!(price("B", 1, "BERT"), "0.35");
    assert_eq!(price("B", 1, "ANNA"), "0.10");
    assert_eq!(price("A", 1, "BERT"), "0.50");
    assert_eq!(price("A", 1, "ANNA"), "0.20");
    assert_eq!(price("A", 2, "ANNA"), "0.60", "the connector is nearer than the group's charger");
}

#[test]
fn a_tariff_is_assigned_only_while_it_is_valid_and_the_later_one_replaces_it() {
    let mut old = energy("0.35");
    old["end_date_time"] = json!("2026-03-01T00:00:00Z");
    let mut new = energy("0.40");
    new["start_date_time"] = json!("2026-02-28T00:00:00Z");
    let site = site(json!({ "tariff": old, "tariffs": [{ "tariff": new }] }));
    let index = |when: &str| {
        let place = (&"A".parse().unwrap(), plugtill_domain::ids::ConnectorId(1));
        site.terms_at(place, &"TAG".parse().unwrap(), at(when))
    };
    assert_eq!(index("2026-02-27T00:00:00Z"), Some(0));
    assert_eq!(index("2026-02-28T12:00:00Z"), Some(1), "both are valid: the one that came last");
    assert_eq!(index("2026-03-02T00:00:00Z"), Some(1));
}

#[test]
fn an_assignment_that_names_what_is_not_there_is_refused() {
    let refused = |tariffs: Value| file(json!({ "tariffs": tariffs }), json!({})).unwrap_err();
    assert!(refused(json!([{ "tariff": energy("1"), "connector": 2 }])).contains("of which charger"));
    assert!(refused(json!([{ "tariff": energy("1"), "group": "staff" }])).contains("drivers.groups"));
    let named = json!([{ "id": "A", "connectors": [{ "id": 0, "max_power_w": 1 }] }]);
    let other = json!([{ "tariff": energy("1"), "charger": "B" }]);
    assert!(file(json!({ "chargers": named, "tariffs": other }), json!({})).unwrap_err().contains("no charger B"));
    let mut francs = energy("1");
    francs["currency"] = json!("CHF");
    assert!(refused(json!([{ "tariff": francs }])).contains("tariff.currency"));
}

#[test]
fn a_site_without_a_tariff_takes_the_files() {
    let site = file(json!({ "tariff": null }), json!({ "tariff": energy("0.42") })).unwrap();
    assert_eq!(site.terms.tariff.id, "0.42");
    assert!(file(json!({ "tariff": null }), json!({})).unwrap_err().starts_with("tariff: a site needs a tariff"));
}

#[test]
fn quiet_hours_are_free_by_the_sites_own_clock() {
    // Idle from 21:00 to 23:00 in Paris; ten minutes of grace; quiet from 22:00 on: 50 minutes are left.
    let policy = json!({
        "grace_minutes": 10, "price_per_minute": "0.10", "quiet_hours": [{ "from": "22:00", "until": "06:00" }],
    });
    assert_eq!(idle(policy), 500);
    assert_eq!(idle(json!({ "grace_minutes": 10, "price_per_minute": "0.10" })), 1100);
}

#[test]
fn a_fee_from_the_time_connected_does_not_look_at_the_end_of_charging() {
    // Connected 180 minutes; everything after 30 is billed, charging or not.
    assert_eq!(idle(json!({ "after_connected_minutes": 30, "price_per_minute": "0.10" })), 1500);
    assert_eq!(idle(json!({ "after_connected_minutes": 200, "price_per_minute": "0.10" })), 0);
}

#[test]
fn a_vehicle_that_is_moved_in_time_owes_nothing() {
    let policy = |minutes: u32| json!({ "grace_minutes": 5, "price_per_minute": "0.10", "waived_if_moved_within_minutes": minutes });
    assert_eq!(idle(policy(120)), 0);
    assert_eq!(idle(policy(119)), 1150);
}

#[test]
fn the_occupancy_decides_the_price_of_each_minute() {
    let policy = json!({
        "cap": "60.00",
        "occupancy": [
            { "from_percent": 50, "price_per_minute": "0.50" }, { "from_percent": 100, "price_per_minute": "1.00" },
        ],
    });
    let site = site(json!({ "idle": policy }));
    let since = |from: &str, percent: u8| Occupied { from: at(from), percent };
    let occupied = [
        since("2026-03-02T18:00:00Z", 25),
        since("2026-03-02T20:30:00Z", 50),
        since("2026-03-02T21:00:00Z", 100),
        since("2026-03-02T21:10:00Z", 40),
    ];
    let bill = billed(&site, record(), &occupied);
    let fees: Vec<_> = bill.lines.iter().filter(|line| line.kind == LineKind::Idle).collect();
    assert_eq!(fees.iter().map(|line| line.amount.minor()).collect::<Vec<_>>(), [1500, 1000], "30 min, then 10 min");
    assert_eq!(fees[1].from_percent, Some(100));
    let full = [since("2026-03-02T18:00:00Z", 100)];
    let bill = billed(&site, record(), &full);
    assert_eq!(bill.amount_of(LineKind::Idle).minor(), 6000, "capped");
    assert!(explain(Language::En, &bill, &site.terms).to_string().contains("never more than 60.00 EUR a session"));
}

#[test]
fn an_idle_policy_that_contradicts_itself_is_refused() {
    let refused = |policy: Value| file(json!({ "idle": policy }), json!({})).unwrap_err();
    let steps = json!([{ "from_percent": 50, "price_per_minute": "1" }]);
    assert!(refused(json!({ "price_per_minute": "1", "occupancy": steps })).contains("the steps carry the prices"));
    assert!(refused(json!({ "grace_minutes": 5, "after_connected_minutes": 5 })).contains("remove grace_minutes"));
    let always = json!([{ "from": "22:00", "until": "22:00" }]);
    assert!(refused(json!({ "quiet_hours": always })).contains("quiet_hours"));
    assert!(refused(json!({ "price_per_minute": "-1" })).contains("below zero"));
}

#[test]
fn a_session_too_small_to_matter_is_not_charged_and_says_so() {
    let policy = json!({ "seconds": 120, "kwh": "0.5" });
    let site = site(json!({ "no_charge_below": policy, "idle": { "price_per_minute": "1" } }));
    let mut small = record();
    small["readings"][1]["register_wh"] = json!(499);
    let bill = billed(&site, small, &[]);
    assert!(bill.is_not_charged() && bill.total.is_zero());
    assert!(explain(Language::En, &bill, &site.terms).to_string().contains("no charge below 120 s or 0.5 kWh"));
    let mut large = record();
    large["readings"][1]["register_wh"] = json!(500);
    assert!(!billed(&site, large, &[]).is_not_charged());
}

#[test]
fn several_taxes_are_printed_apart_and_a_price_that_includes_tax_is_not_raised() {
    let taxes = json!([{ "name": "GST", "percent": "5" }, { "name": "PST", "percent": "7" }]);
    let bill = billed(&site(json!({ "taxes": taxes })), record(), &[]);
    let printed: Vec<_> =
        bill.lines.iter().filter_map(|line| Some((line.tax.as_deref()?, line.amount.minor()))).collect();
    assert_eq!(printed, [("GST", 18), ("PST", 25)], "5 % and 7 % of 3.50, each rounded once");
    assert_eq!(bill.total.minor(), 393);
    let mut gross = energy("0.35");
    gross["tax_included"] = json!("YES");
    let bill = billed(&site(json!({ "tariff": gross, "taxes": taxes })), record(), &[]);
    assert_eq!(bill.total.minor(), 350);
    assert_eq!(bill.tax().minor(), 16 + 22, "5/112 and 7/112 of 3.50");
    assert_eq!(bill.net_of(LineKind::Energy).minor(), 350 - 38);
}

#[test]
fn a_currency_has_the_digits_of_its_minor_unit() {
    for (code, minor) in [("EUR", 350), ("JPY", 4), ("KWD", 3_500), ("HUF", 350), ("ISK", 4)] {
        let tariff =
            json!({ "currency": code, "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] });
        let site = site(json!({ "currency": code, "tariff": tariff, "hold": "0" }));
        let mut record = record();
        record["currency"] = json!(code);
        assert_eq!(billed(&site, record, &[]).total.minor(), minor, "{code}");
    }
}

#[test]
fn an_explanation_is_one_structure_in_three_forms() {
    let site = site(json!({ "idle": { "grace_minutes": 15, "price_per_minute": "0.10", "cap": "5.00" } }));
    let explanation = explain(Language::En, &billed(&site, record(), &[]), &site.terms);
    let (text, json) = (explanation.to_string(), serde_json::to_value(&explanation).unwrap());
    assert!(text.contains("10 kWh x 0.35 EUR/kWh = 3.5, rounded to 3.50 EUR"), "{text}");
    assert!(text.contains("105 min x 0.10 EUR/min = 10.5, capped to 5.00 EUR"), "{text}");
    assert!(text.contains("tariff `0.35`, element 1: always"), "{text}");
    assert_eq!(json["lines"][1]["kind"], "idle");
    assert_eq!(json["total"], "8.50 EUR");
    let html = explanation.to_html().into_string();
    assert!(html.contains("tariff <code>0.35</code>, element 1: always"), "{html}");
    assert!(html.contains("<td>5.00 EUR</td>") && !html.contains("<script"), "{html}");
}

#[test]
fn a_usage_record_that_contradicts_itself_is_refused_by_field() {
    let refused = |field: &str, value: Value| {
        let mut changed = record();
        changed[field] = value;
        serde_json::from_value::<UsageRecord>(changed).unwrap().evidence().unwrap_err().to_string()
    };
    assert!(refused("time_zone", json!("Mars/Olympus")).starts_with("time_zone: `Mars/Olympus`"));
    assert!(refused("ended_at", json!("2026-03-02T18:00:00Z")).starts_with("ended_at"));
    assert!(refused("charging_ended_at", json!("2026-03-03T18:00:00Z")).starts_with("charging_ended_at"));
    let outside = json!([{ "at": "2026-03-09T00:00:00Z", "register_wh": 1 }]);
    assert!(refused("readings", outside).starts_with("readings[0].at"));
    let falling = json!([
        { "at": "2026-03-02T19:00:00Z", "register_wh": 5 }, { "at": "2026-03-02T20:00:00Z", "register_wh": 4 },
    ]);
    assert!(refused("readings", falling).contains("falls from 5 to 4 Wh"));
}

#[test]
fn a_site_is_written_as_a_file_that_reads_as_the_same_site() {
    let night = json!({ "id": "night", "currency": "EUR", "tax_included": "YES", "min_price": { "excl_vat": "1.00", "incl_vat": "1.20" },
        "max_price": { "excl_vat": "40" }, "start_date_time": "2026-01-01T00:00:00Z", "end_date_time": "2027-01-01T00:00:00Z",
        "elements": [{
            "price_components": [{ "type": "ENERGY", "price": "0.3111", "step_size": 100 }, { "type": "FLAT", "price": "1" }],
            "restrictions": { "start_time": "22:30", "end_time": "06:00", "start_date": "2026-02-01", "end_date": "2026-12-01",
                "min_kwh": "0.5", "max_kwh": "80", "min_current": "6.1", "max_current": "32", "min_power": "3.7", "max_power": "150",
                "min_duration": 60, "max_duration": 7200, "day_of_week": ["SATURDAY", "SUNDAY"] },
        }, { "price_components": [{ "type": "TIME", "price": "2" }], "restrictions": { "reservation": "RESERVATION" } }] });
    let rich = json!({
        "tariff": night, "taxes": [{ "name": "GST", "percent": "5" }, { "name": "PST", "percent": "7" }],
        "tariffs": [{ "tariff": energy("0.20"), "group": "staff" }, { "tariff": energy("0.50"), "charger": "CP1", "connector": 2 },
            { "tariff": energy("0.60"), "charger": "CP2" }],
        "chargers": [{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 50_000 }, { "id": 2, "max_power_w": 22_000 }] },
            { "id": "CP2", "connectors": [{ "id": 0, "max_power_w": 50_000 }] }],
        "idle": { "grace_minutes": 15, "price_per_minute": "0.10", "cap": "5.00", "quiet_hours": [{ "from": "22:00", "until": "07:00" }] },
        "no_charge_below": { "seconds": 60, "kwh": "0.1" }, "hold": { "full_charge_kwh": "60", "at_least": "20.00", "at_most": "80.00" },
        "payments": { "raise_hold": true, "remind_after_days": [2, 9], "account": { "id": "acct_1", "fee_percent": "3" } },
        "settle_after_minutes": 7, "late_evidence": "charge", "role": "answering", "uncertified_clocks": true,
        "drivers": { "groups": { "staff": ["TAG1", "TAG2"] } }, "operator": { "name": "Yard Ltd" },
        "alerts": { "language": "fr", "storm_at": 3, "delay_minutes": { "charger_fault": 2 } },
        "webhooks": [{ "url": "https://example.com/hook", "events": ["session.settled"] }],
    });
    let everywhere = json!({ "tariffs": [{ "tariff": energy("0.10"), "group": "staff" }] });
    for site in [site(json!({})), file(rich, everywhere).unwrap()] {
        let text = serde_json::to_string_pretty(&site.written()).unwrap();
        let read: SiteFile = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(read.sites().unwrap(), [site], "{text}");
    }
    let with_cards = site(json!({ "drivers": { "default_payment_method": "pm_1", "by_id_tag": { "TAG1": "pm_2" } } }));
    assert!(!serde_json::to_string(&with_cards.written()).unwrap().contains("pm_"));
}
