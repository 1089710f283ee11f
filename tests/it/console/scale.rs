//! Much of everything: lists that page, books that are put together, questions that read no more than they need.

use std::collections::BTreeSet;

use http::StatusCode;
use jiff::civil::date;
use plugtill_adapters::store::closed_by;
use plugtill_domain::ids::{ConnectorId, SiteId};
use plugtill_domain::revenue::fold;
use plugtill_tests::{Story, at, site, stack, stop_body};
use serde_json::{Value, json};

use super::{Desk, hours};

/// The table of a stack.
const TABLE: &str = "plugtill";

/// Sessions of half an hour on each of `days` days, one of each day not paid.
fn days(days: i64) -> Story {
    (0..days * 2).fold(Story::new(), |story, index| {
        let (minute, register) = (index / 2 * 24 * 60 + index % 2 * 60, 1_000 + index * 5_000);
        let tag = if index % 2 == 0 { "TAG1" } else { "BROKE" };
        let stop = stop_body(index + 1, minute + 30, register + 4_000, "EVDisconnected");
        let story = story.start_as(tag, index + 1, minute, register);
        story.call(at(minute + 30), "StopTransaction", &stop).status(minute + 31, "Available")
    })
}

/// A desk that looks back on so many days.
async fn after_days(count: i64) -> Desk {
    let mut desk = Desk::new().await;
    desk.hear(&days(count).traffic()).await;
    desk.wait(180).await;
    desk
}

fn yard() -> SiteId {
    "yard".parse().unwrap()
}

/// What the pages of a list hold, by the name of what is in it, `limit` at a time.
async fn paged(desk: &mut Desk, key: &str, path: &str, list: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    let joint = if path.contains('?') { '&' } else { '?' };
    for _ in 0..200 {
        let reply = desk.read_by(key, &format!("/api/v1/{path}{joint}limit={limit}{after}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let page = reply.json();
        let some = page[list].as_array().unwrap();
        assert!(some.len() <= limit, "{path}: {} on a page of {limit}", some.len());
        found.extend(some.iter().cloned());
        let Some(next) = page["next"].as_str() else { return found };
        after = format!("&after={}", form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
    }
    panic!("{path}: the pages have no end");
}

#[tokio::test]
async fn the_books_say_the_same_whether_days_are_put_together_or_read_one_by_one() {
    let mut desk = after_days(35).await;
    let (store, now) = (desk.stack.store.clone(), desk.stack.clock.now());
    let span = (date(2026, 3, 1), date(2026, 4, 30));
    let key = desk.key("viewer", &["yard"]).await;
    let paths = [
        "revenue?site=yard&from=2026-03-10&to=2026-04-06",
        "use?from=2026-03-10&to=2026-04-06",
        "days?from=2026-03-10",
    ];
    // Every night of the 35 days has put its day together; what is read one by one is what was posted.
    let (folded, raw) = (store.days(&yard(), span).await.unwrap(), store.day_totals(&yard()).await.unwrap());
    assert_eq!(folded.iter().map(|day| day.day).collect::<BTreeSet<_>>().len(), 35, "{folded:?}");
    assert_eq!(fold(folded.iter().map(|day| (day.currency.to_string(), day.total.clone()))), raw);
    assert!(folded.iter().all(|day| day.leaks > 0 && !day.hours.is_empty()), "{folded:?}");
    let connectors = store.connector_days(&yard(), span).await.unwrap();
    let raw = store.connector_totals(&yard()).await.unwrap();
    assert_eq!(fold(connectors.iter().map(|day| (day.currency.to_string(), day.total.clone()))), raw);
    let mut before = Vec::new();
    for path in paths {
        before.push(desk.read_by(&key, &format!("/api/v1/{path}")).await.body);
    }
    // Put together once more, and further than the nights did.
    for through in [closed_by(now), date(2026, 4, 4), date(2026, 4, 5), date(2026, 4, 5)] {
        store.close_days(&yard(), through).await.unwrap();
    }
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(desk.read_by(&key, &format!("/api/v1/{path}")).await.body, before, "{path}");
    }
    assert_eq!(store.days(&yard(), span).await.unwrap(), folded);
    assert_eq!(store.connector_days(&yard(), span).await.unwrap(), connectors);
}

#[tokio::test]
async fn days_that_no_night_has_put_together_are_put_together_by_the_next() {
    let desk = after_days(35).await;
    let span = (date(2026, 3, 1), date(2026, 4, 30));
    let (store, known) = (&desk.stack.store, desk.stack.store.days(&yard(), span).await.unwrap());
    let other = stack(&site(json!({}))).await.store;
    // As after an update: totals are there, and nothing was ever put together.
    for total in &known {
        let mut item = plugtill_adapters::store::Item::new();
        let text = |value: String| aws_sdk_dynamodb::types::AttributeValue::S(value);
        item.insert("pk".to_owned(), text("d#yard".to_owned()));
        item.insert("sk".to_owned(), text(format!("{}#{}", total.day, total.currency)));
        let number = aws_sdk_dynamodb::types::AttributeValue::N(total.total.counts.sessions.to_string());
        item.insert("sessions".to_owned(), number);
        other.file(vec![item]).await.unwrap();
    }
    let sessions = |days: Vec<plugtill_adapters::store::DayTotal>| -> i64 {
        days.iter().map(|day| day.total.counts.sessions).sum()
    };
    assert_eq!(sessions(other.days(&yard(), span).await.unwrap()), 70, "read one by one");
    other.close_days(&yard(), date(2026, 4, 4)).await.unwrap();
    assert_eq!(sessions(other.days(&yard(), span).await.unwrap()), 70, "a month, and what is left of another");
    assert_eq!(sessions(other.days(&yard(), (date(2026, 3, 30), date(2026, 4, 2))).await.unwrap()), 8);
    assert_eq!(sessions(store.days(&yard(), span).await.unwrap()), 70);
}

#[tokio::test]
async fn who_owes_is_found_without_reading_sessions() {
    let mut desk = after_days(10).await;
    let key = desk.key("manager", &[]).await;
    desk.read_by(&key, "/api/v1/balances").await;
    let before = desk.stack.table.usage().round_trips;
    let told = paged(&mut desk, &key, "balances", "balances", 200).await;
    let asked = desk.stack.table.usage().round_trips - before;
    assert!(asked <= 6, "10 of 20 sessions owe, in {asked} requests");
    assert_eq!(told.len(), 10);
    let since: Vec<_> = told.iter().map(|one| one["since"].as_str().unwrap().to_owned()).collect();
    assert!(since.is_sorted(), "the oldest first: {since:?}");
    assert!(told.iter().all(|one| one["id_tag"] == "BROKE" && one["amount"]["amount"] == "1.40"), "{told:?}");
    for limit in [1, 7, 10] {
        assert_eq!(paged(&mut desk, &key, "balances", "balances", limit).await, told, "limit {limit}");
    }
    let session = told[3]["session"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/sessions/{session}/forgiveness");
    assert_eq!(desk.order_by(&key, "f", &path, &json!({ "reason": "goodwill" })).await.status, StatusCode::OK);
    let left = paged(&mut desk, &key, "balances", "balances", 9).await;
    assert!(left.len() == 9 && left.iter().all(|one| one["session"] != session.as_str()), "{left:?}");
    let only = desk.key("manager", &["quay"]).await;
    assert_eq!(paged(&mut desk, &only, "balances", "balances", 9).await, Vec::<Value>::new());
    desk.user("ann", "manager", &["yard"]).await;
    let ann = desk.sign_in("ann").await;
    let now = desk.get(&ann, "/console").await.body;
    assert!(now.contains("<a href=\"/console/drivers\"><strong>12.60 EUR</strong>not paid"), "9 times 1.40: {now}");
}

#[tokio::test]
async fn a_balance_that_a_credit_lowers_is_owed_as_what_is_left() {
    let mut desk = Desk::new().await;
    desk.hear(&days(1).traffic()).await;
    desk.wait(180).await;
    let key = desk.key("manager", &[]).await;
    let session = paged(&mut desk, &key, "balances", "balances", 9).await[0]["session"].as_str().unwrap().to_owned();
    let order = json!({ "reason": "slow", "amount": "0.40" });
    let reply = desk.order_by(&key, "c", &format!("/api/v1/sessions/{session}/credits"), &order).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let open = desk.stack.store.open_balances(None, None).await.unwrap();
    assert_eq!(open.iter().map(|open| open.amount.to_string()).collect::<Vec<_>>(), ["1.00 EUR"]);
    assert_eq!((open[0].site.as_str(), open[0].id_tag.as_str()), ("yard", "BROKE"));
    assert_eq!(paged(&mut desk, &key, "balances", "balances", 9).await[0]["amount"]["amount"], "1.00");
}

#[tokio::test]
async fn every_list_of_the_api_pages_and_its_pages_are_the_whole() {
    let connectors: Vec<Value> = (1..=3).map(|id| json!({ "id": id, "max_power_w": 22_000 })).collect();
    let charger = |number: usize| json!({ "id": format!("CP{number}"), "connectors": connectors });
    let mut sites = site(json!({ "chargers": (1..=4).map(charger).collect::<Vec<_>>() }));
    sites.extend(site(json!({ "id": "empty", "name": "Empty", "chargers": [] })));
    sites.extend(site(json!({ "id": "zoo", "name": "Zoo", "chargers": [charger(9)] })));
    let mut desk = Desk { stack: stack(&sites).await };
    for minute in 0..5 {
        let noise = json!([2, format!("x{minute}"), "StopTransaction", { "transactionId": "none" }]);
        desk.hear(&Story::new().frame("in", at(minute), &noise).traffic()).await;
        let broken = Story::new().status(minute * 60, "Faulted").status(minute * 60 + 30, "Available");
        desk.hear(&broken.traffic()).await;
    }
    desk.wait(60).await;
    let key = desk.key("owner", &[]).await;
    for name in ["a", "b", "c", "d"] {
        desk.user(name, "viewer", &[]).await;
    }
    for (path, list, least) in [
        ("connectors", "connectors", 15),
        ("chargers", "chargers", 5),
        ("quarantine", "quarantine", 5),
        ("incidents?all=true", "incidents", 5),
        ("audit", "audit", 5),
    ] {
        let whole = paged(&mut desk, &key, path, list, 200).await;
        assert!(whole.len() >= least, "{path}: {whole:?}");
        for limit in [1, 2, 4] {
            assert_eq!(paged(&mut desk, &key, path, list, limit).await, whole, "{path}, limit {limit}");
        }
    }
    for after in ["a~b", "a~b~c~d", "%20", "yard~CP1~x"] {
        let reply = desk.read_by(&key, &format!("/api/v1/connectors?after={after}")).await;
        assert_eq!((reply.status, reply.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("after")), "{after}");
    }
}

#[tokio::test]
async fn now_shows_as_many_connectors_as_a_page_holds_and_the_way_to_the_others() {
    let charger =
        |number: usize| json!({ "id": format!("CP{number:03}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
    let mut sites = site(json!({ "chargers": (0..100).map(charger).collect::<Vec<_>>() }));
    sites.extend(site(json!({ "id": "zoo", "name": "Zoo", "chargers": [charger(900)] })));
    let mut desk = Desk { stack: stack(&sites).await };
    desk.user("ann", "viewer", &[]).await;
    let ann = desk.sign_in("ann").await;
    let (mut path, mut seen) = ("/console".to_owned(), Vec::new());
    loop {
        let page = desk.get(&ann, &path).await.body;
        assert!(page.len() < 60_000, "{path} has {} bytes", page.len());
        seen.extend(
            page.split("<li class=\"tile ")
                .skip(1)
                .map(|tile| tile.split("\">").nth(2).unwrap().split('<').next().unwrap().to_owned()),
        );
        let Some(more) = page.split("<a class=\"button\" href=\"").nth(1) else { break };
        path = more.split('"').next().unwrap().replace("&amp;", "&");
        assert!(page.contains("72 of 100 connectors: 72 ") || page.contains("28 of 100 connectors: 28 "), "{page}");
    }
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (101, 101), "{seen:?}");
}

#[tokio::test]
async fn a_page_of_sessions_reads_little_of_each_of_many_connectors() {
    let charger =
        |number: usize| json!({ "id": format!("CP{number}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
    let mut desk = Desk { stack: stack(&site(json!({ "chargers": (1..=6).map(charger).collect::<Vec<_>>() }))).await };
    let mut lines = Vec::new();
    for number in 1..=6 {
        let story = hours(30).traffic().replace("CP1/", &format!("CP{number}/"));
        lines.extend(story.lines().map(str::to_owned));
    }
    lines.sort_by_key(|line| line.split("received_at").nth(1).unwrap().to_owned());
    desk.hear(&lines.join("\n")).await;
    desk.wait(180).await;
    let key = desk.key("viewer", &[]).await;
    desk.read_by(&key, "/api/v1/sessions?limit=1").await;
    let read = |desk: &Desk| desk.stack.table.usage().read_unit_tenths;
    let before = read(&desk);
    let page = desk.read_by(&key, "/api/v1/sessions?limit=6").await.json();
    assert_eq!(page["sessions"].as_array().unwrap().len(), 6);
    let units = (read(&desk) - before) / 10;
    assert!(units <= 40, "six sessions of 180 in {units} read units");
    assert_eq!(paged(&mut desk, &key, "sessions", "sessions", 50).await.len(), 180);
}

#[tokio::test]
async fn an_hour_of_the_week_and_a_tariff_are_looked_into_through_their_postings() {
    let named = json!({ "id": "day", "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] });
    let mut desk = Desk { stack: stack(&site(json!({ "tariff": named }))).await };
    desk.hear(&hours(31).traffic()).await;
    desk.wait(180).await;
    let key = desk.key("viewer", &[]).await;
    let span = "from=2026-03-02&to=2026-03-03";
    let told = desk.read_by(&key, &format!("/api/v1/revenue?site=yard&{span}")).await.json()["revenue"][0].clone();
    let billed = |postings: &[Value]| -> i64 {
        let legs = postings.iter().flat_map(|posting| posting["legs"].as_array().unwrap());
        let energy = legs.filter(|leg| leg["account"] == "energy").map(|leg| leg["amount"]["amount"].as_str().unwrap());
        energy.map(|amount| -amount.replace('.', "").parse::<i64>().unwrap()).sum()
    };
    for hour in told["hours"].as_array().unwrap() {
        let path = format!("postings?{span}&hour={}", hour["hour"]);
        let behind = paged(&mut desk, &key, &path, "postings", 1).await;
        assert_eq!(billed(&behind).to_string(), hour["billed"]["amount"].as_str().unwrap().replace('.', ""), "{path}");
    }
    let of = paged(&mut desk, &key, &format!("postings?{span}&tariff=day"), "postings", 7).await;
    assert_eq!(billed(&of), 31 * 140);
    assert_eq!(paged(&mut desk, &key, &format!("postings?{span}&tariff=night"), "postings", 7).await.len(), 0);
    let reply = desk.read_by(&key, "/api/v1/postings?hour=168").await;
    assert_eq!((reply.status, reply.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("hour")));
    desk.user("ann", "viewer", &[]).await;
    let ann = desk.sign_in("ann").await;
    let page = desk.get(&ann, &format!("/console/revenue?site=yard&{span}")).await.body;
    assert!(
        page.contains("Busiest") && page.contains("&amp;hour=10\"") && page.contains("&amp;tariff=day\""),
        "{page}"
    );
}

#[tokio::test]
async fn uptime_is_shown_and_an_outage_excluded_with_its_reason() {
    let mut desk = Desk::after(&super::hour()).await;
    desk.hear(&Story::new().status(24 * 60, "Faulted").status(26 * 60, "Available").traffic()).await;
    desk.wait(24 * 60).await;
    desk.user("bob", "manager", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    let shown = desk.get(&bob, "/console/uptime").await.body;
    assert!(shown.contains("CP1 · 1") && shown.contains("120 minutes") && shown.contains("GroundFailure"), "{shown}");
    let page = desk.get(&bob, "/console/incidents?all=true").await.body;
    assert!(page.contains("120 minutes in which nobody could charge"), "{page}");
    let field = |name: &str| {
        page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().replace('#', "%23")
    };
    let form = format!("subject={}&first_at={}", field("subject"), field("first_at"));
    let silent = desk.post(&bob, "/console/incidents/exclude", &form).await;
    assert_eq!(silent.status, StatusCode::BAD_REQUEST, "{}", silent.body);
    let done = desk.post(&bob, "/console/incidents/exclude", &format!("{form}&reason=vandalism")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = desk.get(&bob, "/console/incidents?all=true").await.body;
    assert!(page.contains("vandalism") && !page.contains("Why: vandalism"), "{page}");
    let key = desk.key("viewer", &["yard"]).await;
    let told = desk.read_by(&key, "/api/v1/uptime").await.json();
    let one = &told["sites"][0]["connectors"][0];
    assert_eq!((&one["percent"], &one["minutes_excluded"]), (&json!("100.00"), &json!(120)), "{told}");
    let only = desk.key("viewer", &["quay"]).await;
    assert_eq!(desk.read_by(&only, "/api/v1/uptime?site=yard").await.status, StatusCode::NOT_FOUND);
    let charger = "CP1".parse().unwrap();
    assert!(desk.stack.store.first_session(&charger, ConnectorId(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn incidents_are_looked_back_on_month_by_month_of_one_site_or_kind() {
    let mut desk = Desk::new().await;
    let story = Story::new().status(60, "Faulted").status(120, "Available").traffic();
    desk.hear(&story).await;
    let april = Story::new().status(31 * 24 * 60, "Faulted").status(31 * 24 * 60 + 60, "Available").traffic();
    desk.hear(&april.replace("CP1/", "CP2/")).await;
    desk.wait(20 * 24 * 60).await;
    let key = desk.key("viewer", &[]).await;
    let mut told = Vec::new();
    for query in [
        "",
        "all=true&kind=charger_fault",
        "month=2026-03-15",
        "month=2026-03-31T23:59:59.999Z&kind=charger_fault",
        "month=2026-04-01&kind=charger_fault",
        "month=2026-04-01&kind=charger_fault&site=quay",
        "month=2026-04-01&kind=charger_fault&site=yard",
        "month=2026-04-01&kind=emergency_stop",
        "month=2026-02-28",
        "month=2026-05-01",
        "month=-000002-12-05",
        "month=9999-12-05",
    ] {
        let found = paged(&mut desk, &key, &format!("incidents?{query}"), "incidents", 200).await;
        let sites: BTreeSet<String> = found.iter().map(|it| it["site"].as_str().unwrap_or("none").to_owned()).collect();
        told.push((query, sites.into_iter().collect::<Vec<_>>().join(" ")));
    }
    let sites: Vec<&str> = told.iter().map(|(_, sites)| sites.as_str()).collect();
    assert_eq!(sites, ["", "quay", "yard", "yard", "quay", "quay", "", "", "", "", "", ""], "{told:?}");
    for (query, status, field) in
        [("kind=flood", 400, Some("kind")), ("month=may", 400, Some("month")), ("site=moon", 404, None)]
    {
        let reply = desk.read_by(&key, &format!("/api/v1/incidents?{query}")).await;
        assert_eq!((reply.status.as_u16(), reply.json()["field"].as_str()), (status, field), "{query}");
    }
    desk.user("ann", "viewer", &["yard"]).await;
    let ann = desk.sign_in("ann").await;
    let all = desk.get(&ann, "/console/incidents?all=true&kind=charger_fault").await.body;
    assert!(all.contains("No such incident") && all.contains("<option value=\"charger_fault\" selected>"), "{all}");
    let april = desk.get(&ann, "/console/incidents?month=2026-04-01&kind=charger_fault").await.body;
    assert!(april.contains("April 2026") && april.contains("No such incident"), "quay is not there for ann: {april}");
    let before = "href=\"/console/incidents?kind=charger_fault&amp;month=2026-03-01\">The month before";
    assert!(april.contains(before), "{april}");
    let march = desk.get(&ann, "/console/incidents?kind=charger_fault&month=2026-03-01").await.body;
    assert!(march.contains("March 2026") && march.matches("<li class=\"card").count() == 1, "{march}");
    assert_eq!(desk.get(&ann, "/console/incidents?site=quay").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn incidents_are_read_of_the_sites_that_somebody_sees_alone() {
    let named = |number: usize| json!({ "id": format!("s{number}"), "name": format!("S{number}"), "chargers": [] });
    let mut desk = Desk { stack: stack(&(0..20).flat_map(|number| site(named(number))).collect::<Vec<_>>()).await };
    let (every, one) = (desk.key("viewer", &[]).await, desk.key("manager", &["s7"]).await);
    for query in ["", "all=true", "month=2026-03-01"] {
        let mut asked = Vec::new();
        for (key, site) in [(&one, ""), (&every, "&site=s7"), (&every, "")] {
            let path = format!("/api/v1/incidents?{query}{site}").replace("?&", "?");
            desk.read_by(key, &path).await;
            let before = desk.stack.table.usage().round_trips;
            assert_eq!(desk.read_by(key, &path).await.status, StatusCode::OK, "{path}");
            asked.push(desk.stack.table.usage().round_trips - before);
        }
        assert!(asked[0] <= 4 && asked[1] <= 4 && asked[2] > 20, "{query}: {asked:?}");
    }
}

#[tokio::test]
async fn a_running_session_is_shown_as_it_is_whenever_it_was_looked_at_before() {
    let mut desk = Desk::new().await;
    let key = desk.key("viewer", &["yard"]).await;
    desk.hear(&Story::new().start(0, 1_000).status(1, "Charging").traffic()).await;
    desk.wait(1).await;
    // Within the minutes for which what was read is remembered, and beyond.
    for minute in [3, 4, 5, 6, 9, 15] {
        let register = (1_000 + minute * 100).to_string();
        desk.hear(&Story::new().meter(minute, &register, "Wh").traffic()).await;
        let told = desk.read_by(&key, "/api/v1/connectors?site=yard").await.json();
        let energy = (rust_decimal::Decimal::new(minute * 100, 3)).to_string();
        assert_eq!(told["connectors"][0]["session"]["energy_kwh"], json!(energy), "{minute}: {told}");
        assert_eq!(told["connectors"][0]["state"], "charging", "{minute}: {told}");
    }
    desk.hear(&Story::new().status(16, "SuspendedEV").traffic()).await;
    assert_eq!(desk.read_by(&key, "/api/v1/connectors?site=yard").await.json()["connectors"][0]["state"], "idle");
    desk.hear(&Story::new().stop(20, 2_500, "EVDisconnected").status(20, "Available").traffic()).await;
    let told = desk.read_by(&key, "/api/v1/connectors?site=yard").await.json();
    assert_eq!((&told["connectors"][0]["state"], &told["connectors"][0]["session"]), (&json!("free"), &Value::Null));
}

#[tokio::test]
async fn what_leaked_is_read_from_its_own_postings_and_from_all_where_those_are_not_there() {
    let mut desk = Desk::new().await;
    desk.hear(&days(3).traffic()).await;
    desk.wait(180).await;
    let key = desk.key("viewer", &["yard"]).await;
    let path = "/api/v1/leakage?from=2026-03-02&to=2026-03-06";
    let told = desk.read_by(&key, path).await.json();
    assert_eq!(told["sessions"].as_array().unwrap().len(), 3, "{told}");
    let day = date(2026, 3, 2);
    let (own, all) =
        (desk.stack.store.leaks(&yard(), day).await.unwrap(), desk.stack.store.postings(&yard(), day).await.unwrap());
    assert_eq!((own.len(), all.len()), (1, 2), "{own:?} of {all:?}");
    assert!(all.contains(&own[0]));
    // As an earlier version has left it: the day counts one, and there is none of its own.
    let text = |value: &str| aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
    let request = desk.stack.table.sdk_client().delete_item().table_name(TABLE);
    request.key("pk", text("l#yard#2026-03-02")).key("sk", text(&own[0].place)).send().await.unwrap();
    assert_eq!(desk.stack.store.leaks(&yard(), day).await.unwrap(), []);
    assert_eq!(desk.read_by(&key, path).await.json(), told);
}

#[tokio::test]
async fn a_search_looks_at_so_many_says_how_far_back_it_came_and_goes_on_from_there() {
    let mut desk = after_days(80).await;
    desk.user("ann", "viewer", &["yard"]).await;
    let ann = desk.sign_in("ann").await;
    let first_day = at(0).strftime("%Y-%m-%d");
    let (mut path, mut rounds) = (format!("/console/sessions?text={first_day}"), 0);
    let found = loop {
        let reply = desk.get(&ann, &path).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let further = reply.body.split("href=\"").find_map(|rest| rest.split_once("\" rel=\"next\" data-further"));
        let Some((next, _)) = further else { break reply.body };
        assert!(reply.body.contains("Looked back to ") && reply.body.contains("/console/further.js"));
        path = next.replace("&amp;", "&");
        rounds += 1;
    };
    assert_eq!((rounds, found.matches("<tr><th scope=\"row\"").count()), (1, 2), "{found}");
}

/// Sessions of half an hour, one an hour, none of them paid.
fn unpaid(count: i64) -> Story {
    (0..count).fold(Story::new(), |story, index| {
        let (minute, register) = (index * 60, 1_000 + index * 5_000);
        let stop = stop_body(index + 1, minute + 30, register + 4_000, "EVDisconnected");
        let story = story.start_as("BROKE", index + 1, minute, register);
        story.call(at(minute + 30), "StopTransaction", &stop).status(minute + 31, "Available")
    })
}

#[tokio::test]
async fn the_sums_of_what_leaked_are_those_of_all_however_many_are_listed() {
    let mut desk = Desk::new().await;
    desk.hear(&unpaid(160).traffic()).await;
    desk.wait(180).await;
    let (key, order) = (desk.key("manager", &["yard"]).await, json!({ "reason": "goodwill" }));
    let period = "from=2026-03-02&to=2026-03-12";
    let leaking = paged(&mut desk, &key, &format!("leakage?{period}"), "sessions", 200).await;
    // The oldest: what a list that ends early leaves out.
    let oldest = leaking.last().unwrap()["session"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/sessions/{oldest}/forgiveness");
    assert_eq!(desk.order_by(&key, "f", &path, &order).await.status, StatusCode::OK);
    for limit in [60, 200] {
        let found = paged(&mut desk, &key, &format!("leakage?{period}"), "sessions", limit).await;
        let ids: BTreeSet<&str> = found.iter().map(|leak| leak["session"]["id"].as_str().unwrap()).collect();
        assert_eq!((found.len(), ids.len()), (160, 160), "limit {limit}");
        let since: Vec<_> = found.iter().map(|leak| leak["since"].as_str().unwrap()).collect();
        assert!(since.is_sorted_by(|a, b| a >= b), "{since:?}");
    }
    let told = desk.read_by(&key, &format!("/api/v1/leakage?{period}&limit=1")).await.json();
    let money = |amount: &str| json!([{ "amount": amount, "currency": "EUR" }]);
    let reasons = json!([
        { "reason": "declined: generic_decline", "sessions": 159, "amounts": money("222.60") },
        { "reason": "forgiven", "sessions": 1, "amounts": money("1.40") },
    ]);
    assert_eq!(told["reasons"], reasons, "159 and one of 4 kWh at 0.35");
    let accounts = json!([
        { "account": "uncollectable", "amount": money("222.60")[0] },
        { "account": "waived", "amount": money("1.40")[0] },
    ]);
    assert_eq!(told["totals"][0]["accounts"], accounts);
    desk.user("ann", "viewer", &["yard"]).await;
    let ann = desk.sign_in("ann").await;
    let (mut path, mut rows) = (format!("/console/leakage?{period}"), Vec::new());
    loop {
        let page = desk.get(&ann, &path).await.body;
        assert!(page.len() < 60_000, "{path} has {} bytes", page.len());
        assert_eq!(page.contains("<td>159</td><td class=\"amount\">222.60 EUR"), rows.is_empty(), "{page}");
        rows.push(page.matches("/console/sessions/CP1").count());
        let Some((_, next)) = page.split_once("<p class=\"row\"><a class=\"button\" href=\"") else { break };
        path = next.split('"').next().unwrap().replace("&amp;", "&");
    }
    assert_eq!(rows, [100, 60]);
}
