//! Tariffs at work: which one a session is pinned to, and what the site around it does to its bill.

use plugtill::site_file;
use plugtill_domain::pricing::LineKind;
use plugtill_domain::session::{Outcome, Reason};
use plugtill_tests::{Story, at, look_at, site, stack, tell};
use serde_json::{Value, json};

fn energy(price: &str) -> Value {
    json!({ "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": price }] }] })
}

fn ten_kwh() -> Story {
    Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected")
}

#[tokio::test]
async fn f91_a_session_keeps_the_terms_of_its_start_when_the_operator_publishes_others() {
    let before = site(json!({}));
    let mut stack = stack(&before).await;
    let first = Story::new().start(0, 1_000).meter(30, "6000", "Wh");
    let told = tell_part(&mut stack, &first).await;
    let after = site(json!({ "tariff": energy("9.99"), "idle": null }));
    stack.store.put_site(&after[0]).await.unwrap();
    let received = told + tell(&mut stack, &Story::new().stop(60, 11_000, "EVDisconnected")).await;
    let happened = look_at(stack, received, &after).await;
    assert_eq!(happened.session().billed().minor(), 350);
}

/// Delivers a story without letting the day after it pass.
async fn tell_part(stack: &mut plugtill::stack::Stack, story: &Story) -> u64 {
    let traffic = story.traffic();
    for line in traffic.lines() {
        stack.deliver(vec![line.to_owned()]).await.unwrap();
    }
    traffic.lines().count() as u64
}

#[tokio::test]
async fn the_drivers_group_and_the_connector_decide_the_price() {
    let change = json!({
        "drivers": { "default_payment_method": "pm_card_visa", "groups": { "staff": ["TAG1"] } },
        "tariffs": [{ "tariff": energy("0.20"), "group": "staff" }],
    });
    let happened = ten_kwh().happens(change.clone()).await;
    assert_eq!(happened.session().billed().minor(), 200);
    let mut nearer = change;
    let own = json!({ "tariff": energy("0.50"), "charger": "CP1", "connector": 1 });
    nearer["tariffs"].as_array_mut().unwrap().push(own);
    assert_eq!(ten_kwh().happens(nearer).await.session().billed().minor(), 500);
}

#[tokio::test]
async fn a_start_for_which_no_tariff_is_valid_is_quarantined_with_the_remedy() {
    let mut old = energy("0.35");
    old["end_date_time"] = json!("2026-01-01T00:00:00Z");
    let happened = Story::new().start(0, 1_000).happens(json!({ "tariff": old })).await;
    assert!(happened.accounts.sessions.is_empty());
    let reasons = happened.quarantine("2026-03-02").await;
    assert!(
        reasons[0].starts_with("CP1: no tariff is valid for a session that starts at 2026-03-02T09:00:00Z"),
        "{reasons:?}"
    );
}

#[tokio::test]
async fn f12_a_gap_that_spans_a_price_change_is_split_by_time_and_marked() {
    let day = json!({ "type": "ENERGY", "price": "0.60" });
    let night = json!({ "type": "ENERGY", "price": "0.30" });
    // 09:00 UTC is 10:00 in Paris: the price falls at 10:30, half an hour after the start.
    let tariff = json!({ "currency": "EUR", "elements": [
        { "price_components": [day], "restrictions": { "start_time": "06:00", "end_time": "10:30" } },
        { "price_components": [night] },
    ]});
    let gap = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected");
    let happened = gap.happens(json!({ "tariff": tariff })).await;
    let bill = happened.session().bill.clone().unwrap();
    let lines: Vec<_> = bill.lines.iter().filter(|line| line.kind == LineKind::Energy).collect();
    let amounts: Vec<_> = lines.iter().map(|line| (line.amount.minor(), line.estimated)).collect();
    assert_eq!(amounts, [(300, true), (150, true)]);
    // A reading at the change itself: nothing is left to estimate.
    let read = Story::new().start(0, 1_000).meter(30, "9000", "Wh").stop(60, 11_000, "EVDisconnected");
    let happened = read.happens(json!({ "tariff": tariff })).await;
    let bill = happened.session().bill.clone().unwrap();
    assert!(bill.lines.iter().all(|line| !line.estimated));
    assert_eq!(bill.total.minor(), 480 + 60);
}

#[tokio::test]
async fn power_and_current_as_the_charger_reports_them_choose_the_element() {
    let fast = json!({ "type": "ENERGY", "price": "0.70" });
    let slow = json!({ "type": "ENERGY", "price": "0.40" });
    let tariff = |bound: Value| {
        json!({ "currency": "EUR", "elements": [
            { "price_components": [fast], "restrictions": bound }, { "price_components": [slow] },
        ]})
    };
    // 10 kW in the first half hour, 2 kW in the second; 45 A over the phases, then 9.
    let sample = |minute: i64, register: &str, amperes: &str| {
        let phase =
            |phase: &str| json!({ "measurand": "Current.Import", "phase": phase, "value": amperes, "unit": "A" });
        let samples = json!([{ "value": register }, phase("L1"), phase("L2"), phase("L3")]);
        let values = json!([{ "timestamp": at(minute).to_string(), "sampledValue": samples }]);
        json!({ "connectorId": 1, "transactionId": 7, "meterValue": values })
    };
    let story = Story::new()
        .start(0, 1_000)
        .call(at(30), "MeterValues", &sample(30, "6000", "15.0"))
        .call(at(60), "MeterValues", &sample(60, "7000", "3.0"))
        .stop(60, 7_000, "EVDisconnected");
    for bound in [json!({ "min_power": 5 }), json!({ "min_power": 9.9, "max_power": 11 })] {
        let happened = story.happens(json!({ "tariff": tariff(bound) })).await;
        assert_eq!(happened.session().billed().minor(), 350 + 40);
    }
    let happened = story.happens(json!({ "tariff": tariff(json!({ "min_current": 200 })) })).await;
    assert_eq!(happened.session().billed().minor(), 240, "nothing shows 200 A");
}

#[tokio::test]
async fn idle_minutes_cost_by_how_full_the_site_was() {
    let yard = json!({ "sites": [{
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 22000 }, { "id": 2, "max_power_w": 22000 }] }],
        "tariff": energy("0.35"), "hold": "20.00",
        "idle": { "occupancy": [{ "from_percent": 100, "price_per_minute": "1.00" }] },
        "drivers": { "default_payment_method": "pm_card_visa" },
    }]});
    let sites = site_file::parse(&yard.to_string(), "site").unwrap();
    let other = |id: &str, action: &str, minute: i64, body: Value| json!([2, format!("{id}-{minute}"), action, body]);
    let start = json!({ "connectorId": 2, "idTag": "TAG2", "meterStart": 0, "timestamp": at(70).to_string() });
    let stop = plugtill_tests::stop_body(8, 80, 2_000, "EVDisconnected");
    let story = Story::new()
        .start(0, 1_000)
        .status(1, "Charging")
        .meter(60, "11000", "Wh")
        .status(60, "SuspendedEV")
        .frame("in", at(70), &other("s", "StartTransaction", 70, start))
        .frame("out", at(70), &json!([3, "s-70", { "transactionId": 8 }]))
        .frame("in", at(80), &other("e", "StopTransaction", 80, stop))
        .stop(100, 11_000, "EVDisconnected");
    let happened = plugtill_tests::happened(story.traffic(), &sites).await;
    let billed: Vec<_> = happened.accounts.sessions.iter().map(|session| session.billed().minor()).collect();
    assert_eq!(billed, [350 + 1000, 70], "the ten minutes in which both connectors were taken");
}

#[tokio::test]
async fn sessions_too_small_to_charge_are_counted_by_driver() {
    let story = Story::new().start(0, 1_000).stop(1, 1_100, "EVDisconnected");
    let happened = story.happens(json!({ "no_charge_below": { "seconds": 120, "kwh": "0.5" } })).await;
    assert_eq!(happened.session().outcome, Outcome::Waived);
    assert_eq!(happened.session().reason, Some(Reason::NothingDue));
    assert_eq!(happened.summary.not_charged, [("TAG1".to_owned(), 1)].into());
    assert!(happened.summary.to_string().contains("Too small 1 sessions of TAG1 were not charged"));
}

#[tokio::test]
async fn every_settled_session_is_exported_as_a_cdr_and_none_that_is_not() {
    let roaming = json!({ "country_code": "NL", "party_id": "TST", "address": "Kade 1", "city": "Delft",
        "country": "NLD", "latitude": "52.0116", "longitude": "4.3571", "connector_standard": "IEC_62196_T2",
        "connector_format": "SOCKET", "connector_power_type": "AC_3_PHASE" });
    let sites = site(json!({ "roaming": roaming }));
    let story = ten_kwh().start_as("TAG", 8, 120, 11_000).meter_in(8, 150, "12000", "Wh");
    let mut stack = stack(&sites).await;
    let received = tell(&mut stack, &story).await;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.accounts.sessions.len(), 2);
    let mut out = Vec::new();
    plugtill::cdrs::write(&happened.replayed.stack, &happened.accounts, &sites, &mut out).await.unwrap();
    let cdr: Value = serde_json::from_slice(&out).expect("one line, of the session that ended");
    assert_eq!(cdr["total_cost"]["incl_vat"].to_string(), "3.5");
    assert_eq!(cdr["id"], "R-000001");
    assert_eq!(cdr["charging_periods"][0]["dimensions"][1]["volume"], 10);
    let unknown = plugtill::cdrs::write(&happened.replayed.stack, &happened.accounts, &site(json!({})), &mut out).await;
    assert!(unknown.unwrap_err().to_string().contains("roaming is missing"));
}
