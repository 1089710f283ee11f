//! The API: paging, orders that are carried out once, problems that say what to do, and a document that is true.

use std::collections::BTreeSet;

use http::StatusCode;
use jiff::SignedDuration;
use plugtill_adapters::store::{Answered, Begun, NamedOrder, Store};
use plugtill_operator_console::{Face, routes};
use plugtill_tests::wrong::{Edge, Wrong, goes_wrong, nth_goes_wrong};
use serde_json::{Value, json};

use super::{Desk, hour, hours};

/// Every session, by following `next` from page to page.
async fn paged(desk: &mut Desk, key: &str, query: &str) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..100 {
        let reply = desk.read_by(key, &format!("/api/v1/sessions?{query}{after}")).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let page = reply.json();
        found.extend(page["sessions"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { return found };
        after = format!("&after={next}");
    }
    panic!("the pages have no end");
}

#[tokio::test]
async fn paging_shows_every_session_exactly_once_the_latest_first() {
    let mut desk = Desk::new().await;
    let (yard, quay) = (hours(31).traffic(), hours(9).traffic().replace("CP1/", "CP2/"));
    let mut lines: Vec<&str> = yard.lines().chain(quay.lines()).collect();
    lines.sort_by_key(|line| line.split("received_at").nth(1).unwrap().to_owned());
    desk.hear(&lines.join("\n")).await;
    desk.wait(180).await;
    let key = desk.key("viewer", &[]).await;
    for limit in [1, 7, 40, 200] {
        let found = paged(&mut desk, &key, &format!("limit={limit}")).await;
        let ids: BTreeSet<&str> = found.iter().map(|session| session["id"].as_str().unwrap()).collect();
        assert_eq!((found.len(), ids.len()), (40, 40), "limit {limit}");
        let starts: Vec<&str> = found.iter().map(|session| session["started_at"].as_str().unwrap()).collect();
        assert!(starts.is_sorted_by(|a, b| a >= b), "{starts:?}");
    }
    assert_eq!(paged(&mut desk, &key, "limit=4&site=quay").await.len(), 9);
    assert_eq!(paged(&mut desk, &key, "limit=4&charger=CP1").await.len(), 31);
    assert_eq!(paged(&mut desk, &key, "limit=4&outcome=captured").await.len(), 40);
    assert_eq!(paged(&mut desk, &key, "limit=4&outcome=waived").await.len(), 0);
    assert_eq!(paged(&mut desk, &key, "limit=4&text=cp2~1").await.len(), 9);
    let some = paged(&mut desk, &key, "limit=4&site=yard&from=2026-03-02T10:00:00Z&to=2026-03-02T13:00:00Z").await;
    assert_eq!(some.len(), 3);
    let only = desk.key("viewer", &["quay"]).await;
    assert_eq!(paged(&mut desk, &only, "limit=5").await.len(), 9);
}

#[tokio::test]
async fn a_session_is_told_with_bill_money_postings_and_evidence() {
    let mut desk = Desk::after(&hour()).await;
    let (key, session) = (desk.key("viewer", &["yard"]).await, desk.session().await);
    let told = desk.read_by(&key, &format!("/api/v1/sessions/{session}")).await.json();
    assert_eq!(told["session"]["billed"], json!({ "amount": "3.50", "currency": "EUR" }));
    assert_eq!(told["session"]["outcome"], "captured");
    assert_eq!(told["bill"]["total"], "3.50 EUR");
    let moves: Vec<_> = told["payments"].as_array().unwrap().iter().map(|it| it["purpose"].as_str().unwrap()).collect();
    assert_eq!(moves, ["hold", "capture"]);
    let legs: Vec<_> =
        told["postings"].as_array().unwrap().iter().flat_map(|it| it["legs"].as_array().unwrap()).collect();
    let accounts: Vec<_> =
        legs.iter().map(|leg| (leg["account"].as_str().unwrap(), leg["amount"]["amount"].as_str().unwrap())).collect();
    assert_eq!(accounts, [("captured", "3.50"), ("energy", "-3.50")]);
    let evidence: Vec<_> = told["evidence"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
    assert_eq!(
        evidence,
        ["Started with tag TAG1, register 1 kWh", "Connector free", "Stopped: vehicle unplugged, register 11 kWh"]
    );
    let days = desk.read_by(&key, "/api/v1/days?from=2026-03-02&to=2026-03-02").await.json();
    assert_eq!((&days["days"][0]["sessions"], &days["days"][0]["energy_kwh"]), (&json!(1), &json!("10.000")));
}

#[tokio::test]
async fn an_order_that_is_sent_again_is_carried_out_once_and_answered_the_same() {
    let mut desk = Desk::after(&hour()).await;
    let (key, session) = (desk.key("manager", &["yard"]).await, desk.session().await);
    let path = format!("/api/v1/sessions/{session}/credits");
    let order = json!({ "reason": "slow charger", "amount": "1.00" });
    let first = desk.order_by(&key, "ticket-7", &path, &order).await;
    assert_eq!(first.json()["to_refund"], json!({ "amount": "1.00", "currency": "EUR" }), "{}", first.body);
    desk.wait(30).await;
    let again = desk.order_by(&key, "ticket-7", &path, &order).await;
    assert_eq!((again.status, &again.body), (StatusCode::OK, &first.body));
    let other = desk.order_by(&key, "ticket-7", &path, &json!({ "reason": "slow charger", "amount": "2.00" })).await;
    assert_eq!((other.status, other.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("Idempotency-Key")));
    let unnamed = desk.order_by(&key, "", &path, &order).await;
    assert_eq!(unnamed.status, StatusCode::BAD_REQUEST);
    desk.wait(30).await;
    let books = desk.stack.stripe.books();
    assert_eq!((books.refunds, books.net_minor_by_session.values().sum::<i64>()), (1, 250));
    let audit = desk.read_by(&key, "/api/v1/audit").await.json();
    let credits: Vec<_> = audit["audit"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["order"].as_str().unwrap().starts_with("credit"))
        .collect();
    assert_eq!((credits.len(), credits[0]["by"].as_str()), (1, Some("manager-machine")));
}

#[tokio::test]
async fn an_order_is_carried_out_once_whoever_sends_it_again_and_whatever_becomes_of_its_answer() {
    // Every write that the order makes is made without an answer, one after the other; then it is sent again.
    for write in 0..6 {
        let mut desk = Desk::after(&hour()).await;
        let (key, session) = (desk.key("manager", &["yard"]).await, desk.session().await);
        let path = format!("/api/v1/sessions/{session}/credits");
        let order = json!({ "reason": "slow charger", "amount": "1.00" });
        let writes = ["PutItem", "BatchWriteItem", "TransactWriteItems"];
        let wrong = move |edge: Edge, operation: &str| edge == Edge::Table && writes.contains(&operation);
        nth_goes_wrong(&desk.stack, wrong, (write, 4), Wrong::LostAfter);
        let first = desk.order_by(&key, "ticket-7", &path, &order).await;
        goes_wrong(&desk.stack, |_, _| None);
        if first.status != StatusCode::OK {
            let soon = desk.order_by(&key, "ticket-7", &path, &order).await;
            assert!([StatusCode::OK, StatusCode::CONFLICT].contains(&soon.status), "{write}: {}", soon.body);
        }
        desk.wait(5).await;
        let again = desk.order_by(&key, "ticket-7", &path, &order).await;
        assert_eq!(again.status, StatusCode::OK, "{write}: {}", again.body);
        desk.wait(30).await;
        let books = desk.stack.stripe.books();
        assert_eq!((books.refunds, books.net_minor_by_session.values().sum::<i64>()), (1, 250), "{write}");
        // Another caller's order of that name is another order.
        let owner = desk.key("owner", &[]).await;
        let reply = desk.order_by(&owner, "ticket-7", &path, &order).await;
        assert_eq!(reply.json()["billed"], json!({ "amount": "1.50", "currency": "EUR" }), "{}", reply.body);
    }
}

#[tokio::test]
async fn an_order_that_is_underway_is_not_begun_a_second_time() {
    let desk = Desk::after(&hour()).await;
    let (store, now) = (desk.stack.store.clone(), desk.stack.clock.now());
    let order = NamedOrder { by: "machine:m".to_owned(), name: "1".to_owned(), asked: "credit a".to_owned() };
    let other = NamedOrder { asked: "credit b".to_owned(), ..order.clone() };
    assert_eq!(store.begin_order(&order, now).await.unwrap(), Begun::Free);
    let (items, _) = store.every_item(None).await.unwrap();
    assert!(items.iter().all(|item| Store::form(item).is_ok()), "what `verify` walks over is known to it");
    let minute = SignedDuration::from_secs(60);
    assert_eq!(store.begin_order(&order, now + minute).await.unwrap(), Begun::Underway);
    assert_eq!(store.begin_order(&other, now + minute * 2).await.unwrap(), Begun::Another);
    // Whoever had begun it is gone.
    let later = now + minute + SignedDuration::from_secs(1);
    assert_eq!(store.begin_order(&order, later).await.unwrap(), Begun::Free);
    assert_eq!(store.begin_order(&order, later).await.unwrap(), Begun::Underway);
    store.end_order(&order, None, later).await.unwrap();
    assert_eq!(store.begin_order(&order, later).await.unwrap(), Begun::Free, "it was refused");
    let answered = Answered { status: 200, body: "{}".to_owned() };
    store.end_order(&order, Some(&answered), later).await.unwrap();
    assert_eq!(store.begin_order(&order, later + minute * 9).await.unwrap(), Begun::Answered(answered));
}

#[tokio::test]
async fn a_problem_names_field_value_and_remedy() {
    let mut desk = Desk::after(&hour()).await;
    let key = desk.key("manager", &[]).await;
    for (path, status, field, value) in [
        ("/api/v1/sessions?limit=0", 400, "limit", "0"),
        ("/api/v1/sessions?limit=x", 400, "limit", "x"),
        ("/api/v1/sessions?outcome=paid", 400, "outcome", "paid"),
        ("/api/v1/sessions?from=yesterday", 400, "from", "yesterday"),
        ("/api/v1/sessions?after=CP1", 400, "after", "CP1"),
        ("/api/v1/sessions?charger=a%20b", 400, "charger", "a b"),
        ("/api/v1/sessions?sort=up", 400, "sort", "up"),
        ("/api/v1/days?from=2026-02-30", 400, "from", "2026-02-30"),
        ("/api/v1/days?from=2026-11-22&to=0339-05-23", 400, "from", "2026-11-22"),
        ("/api/v1/incidents?all=perhaps", 400, "all", "perhaps"),
    ] {
        let reply = desk.read_by(&key, path).await;
        assert_eq!(reply.headers["content-type"], "application/problem+json", "{path}");
        let problem = reply.json();
        assert_eq!((reply.status.as_u16(), &problem["status"]), (status, &json!(status)), "{path}: {problem}");
        assert_eq!((&problem["field"], &problem["value"]), (&json!(field), &json!(value)), "{path}");
        for name in ["type", "title", "detail", "remedy"] {
            assert!(problem[name].as_str().is_some_and(|text| !text.is_empty()), "{path}: {name} in {problem}");
        }
    }
    let ends = [
        "from=9999-12-30",
        "to=9999-12-30",
        "to=-009998-01-02",
        "from=-000009-01-01&to=-000001-01-01",
        "to=1970-01-01",
    ];
    for query in ends {
        assert_eq!(desk.read_by(&key, &format!("/api/v1/sessions?{query}")).await.status, StatusCode::OK, "{query}");
    }
    for path in [
        "/api/v1/sessions/CP1~1~2020-01-01T00:00:00.000Z",
        "/api/v1/sessions/nonsense",
        "/api/v1/sessions?site=moon",
        "/api/v1/nowhere",
    ] {
        let reply = desk.read_by(&key, path).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}: {}", reply.body);
        assert_eq!(reply.headers["content-type"], "application/problem+json", "{path}");
    }
    let session = desk.session().await;
    let reply =
        desk.order_by(&key, "k", &format!("/api/v1/sessions/{session}/credits"), &json!({ "amount": "1.00" })).await;
    assert!(reply.status == StatusCode::BAD_REQUEST && reply.body.contains("reason"), "{}", reply.body);
    let reply =
        desk.order_by(&key, "k", &format!("/api/v1/sessions/{session}/forgiveness"), &json!({ "reason": "x" })).await;
    assert_eq!(
        (reply.status, reply.headers["content-type"].to_str().unwrap()),
        (StatusCode::CONFLICT, "application/problem+json")
    );
}

#[tokio::test]
async fn the_document_tells_of_every_route_and_refers_to_nothing_that_is_not_there() {
    let mut desk = Desk::new().await;
    let key = desk.key("viewer", &[]).await;
    let text = desk.read_by(&key, "/api/v1/openapi.json").await.body;
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    for route in routes::all().iter().filter(|route| route.face == Face::Api && !route.path.contains("rest")) {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        assert!(operation["summary"].is_string() && operation["responses"]["200"].is_object(), "{}", route.path);
    }
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name}");
    }
}

#[tokio::test]
async fn chargers_sites_and_books_are_there_for_machines_too() {
    let mut desk = Desk::after(&super::hour()).await;
    let key = desk.key("owner", &[]).await;
    let listed = desk.read_by(&key, "/api/v1/chargers").await.json();
    let ids: Vec<_> = listed["chargers"].as_array().unwrap().iter().map(|it| (&it["id"], &it["connectors"])).collect();
    assert_eq!(ids, [(&json!("CP2"), &json!(1)), (&json!("CP1"), &json!(1))]);
    assert!(desk.read_by(&key, "/api/v1/reconciliation").await.json()["at"].is_null(), "never compared");
    let since = desk.stack.clock.now() - jiff::SignedDuration::from_hours(24);
    desk.stack.reconcile(since).await.unwrap();
    let compared = desk.read_by(&key, "/api/v1/reconciliation").await.json();
    assert_eq!((compared["sessions"].as_u64(), &compared["differences"]), (Some(1), &json!([])));

    let tariff =
        json!({ "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.45" }] }] });
    let file = plugtill_tests::file(json!({ "drivers": {}, "tariff": tariff }));
    let body = json!({ "file": file });
    let would = desk.order_by(&key, "s1", "/api/v1/sites/simulations", &body).await.json();
    assert_eq!(
        (&would["sites"][0]["before"]["amount"], &would["sites"][0]["after"]["amount"]),
        (&json!("3.50"), &json!("4.50"))
    );
    let published = desk.order_by(&key, "p1", "/api/v1/sites", &body).await.json();
    assert_eq!(published["sites"][0]["change"], "changed");
    let bad = desk.order_by(&key, "p2", "/api/v1/sites", &json!({ "file": { "sites": [] } })).await;
    assert!(bad.status.is_client_error(), "{}", bad.body);
    let told =
        desk.order_by(&key, "c1", "/api/v1/chargers/CP1/commands", &json!({ "order": "dance", "connector": 1 })).await;
    assert!(told.status == StatusCode::BAD_REQUEST && told.body.contains("dance"), "{}", told.body);
    let told =
        desk.order_by(&key, "c2", "/api/v1/chargers/CP1/commands", &json!({ "order": "unlock", "connector": 1 })).await;
    assert!(told.status == StatusCode::CONFLICT && told.body.contains("another back end"), "{}", told.body);
}

#[tokio::test]
async fn a_machine_that_runs_wild_is_told_to_wait_and_nobody_else_is() {
    let mut desk = Desk::new().await;
    let (wild, calm) = (desk.key("viewer", &[]).await, desk.key("manager", &[]).await);
    let mut refused = None;
    for _ in 0..300 {
        let reply = desk.read_by(&wild, "/api/v1/me").await;
        if reply.status != StatusCode::OK {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("there is a limit");
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["type"], "/problems/too-many");
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(desk.read_by(&calm, "/api/v1/me").await.status, StatusCode::OK);
    desk.wait(1).await;
    assert_eq!(desk.read_by(&wild, "/api/v1/me").await.status, StatusCode::OK);
}
