//! What drivers see, asked as a browser asks; the pages are Stripe's simulator's, paid as a driver pays.

use axum::body::Body;
use http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use plugtill::stack::{Options, Stack};
use plugtill::stripe_simulator::{Buyer, Disturbance, KeyRefusal};
use plugtill_domain::checkout::{CheckoutState, Errand};
use plugtill_domain::ids::{ConnectorId, IdTag};
use plugtill_domain::session::Outcome;
use plugtill_domain::site::Site;
use plugtill_domain::units::WattHours;
use plugtill_operator::{Answer, Request as Order};
use plugtill_tests::{Story, at, look_at, site, tell};
use serde_json::{Value, json};
use tower::ServiceExt;

pub(crate) async fn told_by_stripe(change: Value) -> (Stack, Vec<Site>) {
    let sites = site(change);
    let options = Options { start: at(0), webhooks: Some(Disturbance::default()), ..Options::default() };
    (Stack::start(&options, &sites).await.unwrap(), sites)
}

async fn asked(stack: &mut Stack, request: Request<Body>) -> (Response<()>, String) {
    let (parts, body) = stack.portal().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
}

pub(crate) async fn get(stack: &mut Stack, path: &str) -> (StatusCode, String) {
    let (answer, body) = asked(stack, Request::get(path).body(Body::empty()).unwrap()).await;
    if answer.status() == StatusCode::OK {
        assert_eq!(answer.headers()["cache-control"], "no-store", "{path} is nobody else's");
    }
    (answer.status(), body)
}

pub(crate) async fn post(stack: &mut Stack, path: &str, form: &str) -> (StatusCode, String, Option<String>) {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let (answer, body) = asked(stack, request.body(Body::from(form.to_owned())).unwrap()).await;
    let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
    (answer.status(), body, location)
}

/// Where a page leads to.
pub(crate) async fn follow(stack: &mut Stack, path: &str) -> (StatusCode, String, Option<String>) {
    let (answer, body) = asked(stack, Request::get(path).body(Body::empty()).unwrap()).await;
    let location = answer.headers().get("location").map(|it| it.to_str().unwrap().to_owned());
    (answer.status(), body, location)
}

/// The id of the page that a driver was sent to.
pub(crate) fn page_of(location: Option<String>) -> String {
    let url = location.unwrap();
    url.split('/').next_back().unwrap().split('#').next().unwrap().to_owned()
}

pub(crate) fn path_of(url: &str) -> &str {
    url.strip_prefix(plugtill::stack::PORTAL_URL).unwrap()
}

fn company() -> Buyer {
    Buyer {
        name: Some("Fleet & Sons".to_owned()),
        tax_id: Some(("eu_vat".to_owned(), "FR123".to_owned())),
        ..Buyer::default()
    }
}

pub(crate) async fn wait(stack: &mut Stack, minutes: i64) {
    let until = stack.clock.now() + SignedDuration::from_mins(minutes);
    stack.advance_to(until).await.unwrap();
}

/// The token of the checkout that waits, from the page it is shown on after Stripe's.
pub(crate) fn token(stack: &Stack, page: &str) -> IdTag {
    let request = Request::get(format!("http://stripe.local/v1/checkout/sessions/{page}"))
        .header("authorization", format!("Bearer {}", plugtill::stack::SIMULATOR_KEY));
    let answer = stack.stripe.handle(&request.body(bytes::Bytes::new()).unwrap()).unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    answer["client_reference_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_driver_without_an_account_pays_charges_and_reads_the_receipt() {
    let operator = json!({ "name": "Yard Ltd", "address": "1 Quay", "tax_id": "FR99", "contact": "help@yard.example" });
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {}, "operator": operator, "tax_percent": "20" })).await;
    let (status, _, location) = post(&mut stack, "/checkouts", "charger=CP1&connector=1&money=15.00&kwh=30").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let page = page_of(location);
    let token = token(&stack, &page);
    let stored = stack.store.checkout(&token).await.unwrap().unwrap();
    assert_eq!(stored.amount.minor(), 2_000);
    assert_eq!(stored.limit.map(|limit| limit.energy), Some(Some(WattHours(30_000))));
    assert!(matches!(&stored.errand, Errand::Charge { connector, .. } if *connector == ConnectorId(1)));
    let here = format!("/checkouts/{token}");
    assert!(get(&mut stack, &here).await.1.contains("Waiting for your payment"));

    stack.stripe.pay(&page, "pm_card_visa", true, &company()).unwrap();
    wait(&mut stack, 1).await;
    let (_, body) = get(&mut stack, &here).await;
    assert!(body.contains("Plug in and start") && body.contains("20.00 EUR"), "{body}");

    let story = Story::new().start_as(token.as_str(), 7, 2, 1_000).stop(62, 11_000, "EVDisconnected");
    let received = tell(&mut stack, &story.status(62, "Available")).await;
    let happened = look_at(stack, received, &sites).await;
    let mut stack = happened.replayed.stack;
    let (_, body) = get(&mut stack, &here).await;
    let link = body.split("<a href=\"").nth(1).unwrap().split('"').next().unwrap();
    let (status, receipt) = get(&mut stack, path_of(link)).await;
    assert_eq!(status, StatusCode::OK);
    let shown =
        ["Receipt R-000001", "Yard Ltd", "FR99", "Fleet &amp; Sons", "FR123", "4.20 EUR", "Energy", "VAT", "Paid."];
    for words in shown {
        assert!(receipt.contains(words), "{words} in {receipt}");
    }
    let (_, data) = get(&mut stack, &format!("{}/receipt.json", path_of(link))).await;
    let data: Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["taxes"], json!([{ "name": "VAT", "percent": "20", "amount": "0.70 EUR" }]));
    assert_eq!(data["moves"][1], json!({ "what": "charged to your card", "amount": "4.20 EUR", "state": "done" }));
    assert_eq!((&data["owed"], &data["outcome"]), (&Value::Null, &json!("captured")));
}

#[tokio::test]
async fn f57_a_checkout_waits_while_the_key_is_refused_and_charges_once_it_works_again() {
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {} })).await;
    let (_, _, location) = post(&mut stack, "/checkouts", "charger=CP1&connector=1").await;
    let page = page_of(location);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    stack.stripe.refuse_key(Some(KeyRefusal::Revoked));
    let (status, body, _) = post(&mut stack, "/checkouts", "charger=CP1&connector=1").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("Nothing was charged"), "{body}");
    wait(&mut stack, 4).await;
    let stored = stack.store.checkout(&token).await.unwrap().unwrap();
    assert_eq!(stored.state, CheckoutState::Open, "nothing is believed that Stripe was not asked about");
    let told = stack.topics.sent();
    assert_eq!(told.iter().filter(|sent| sent.attribute("kind") == "stripe_key_refused").count(), 1);

    stack.stripe.refuse_key(None);
    wait(&mut stack, 2).await;
    let stored = stack.store.checkout(&token).await.unwrap().unwrap();
    assert!(stored.held.is_some(), "{stored:?}");
    let story = Story::new().start_as(token.as_str(), 7, 7, 1_000).stop(67, 11_000, "EVDisconnected");
    let received = tell(&mut stack, &story.status(67, "Available")).await;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 350));
}

#[tokio::test]
async fn a_driver_without_an_account_is_forgotten_by_the_session_and_a_business_keeps_its_invoice() {
    for (tax_id, name_stays) in [(None, false), (Some(("eu_vat".to_owned(), "FR123".to_owned())), true)] {
        let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
        let (_, _, location) = post(&mut stack, "/checkouts", "charger=CP1&connector=1&phone=%2B4915142424242").await;
        let page = page_of(location);
        let token = token(&stack, &page);
        let (name, email) = (Some("Ann Example".to_owned()), Some("ann@mail.example".to_owned()));
        stack.stripe.pay(&page, "pm_card_visa", true, &Buyer { name, email, tax_id, ..Buyer::default() }).unwrap();
        wait(&mut stack, 1).await;
        let story = Story::new().start_as(token.as_str(), 7, 2, 1_000).stop(62, 11_000, "EVDisconnected");
        tell(&mut stack, &story.status(62, "Available")).await;
        wait(&mut stack, 60).await;
        let session = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0);
        let order =
            json!({ "erase": { "whose": { "session": session.id }, "reason": "asked", "by": "desk", "apply": true } });
        let Answer::Erased(erased) = stack.order(serde_json::from_value(order).unwrap()).await.unwrap() else {
            panic!()
        };
        assert_eq!((erased.sessions.len(), erased.not_yet.len()), (1, 0));
        let checkout = stack.store.checkout(&token).await.unwrap().unwrap();
        assert_eq!((checkout.buyer.email, checkout.texts_to), (None, None));
        assert_eq!(checkout.buyer.name.is_some(), name_stays);
    }
}

/// A session whose card declines at the end, and the link that its driver was sent.
async fn unpaid() -> (Stack, Vec<Site>, u64) {
    let (mut stack, sites) = told_by_stripe(json!({})).await;
    let story = Story::new().start_as("BROKE", 7, 0, 1_000).stop(60, 11_000, "EVDisconnected");
    let received = tell(&mut stack, &story.status(60, "Available")).await;
    (stack, sites, received)
}

#[tokio::test]
async fn what_is_owed_is_paid_through_the_link_and_then_no_longer_asked_for() {
    let (mut stack, sites, received) = unpaid().await;
    let session = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0);
    assert_eq!(session.outcome, Outcome::Uncollectable);
    let path = path_of(&stack.session_page(&session.id)).to_owned();
    assert!(get(&mut stack, &path).await.1.contains("Still to be paid: <strong>3.50 EUR</strong>"));
    let (status, _, location) = post(&mut stack, &format!("{path}/payments"), "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    // Two pages, opened in two windows; one of them is paid.
    let (_, _, other) = post(&mut stack, &format!("{path}/payments"), "").await;
    assert_ne!(page_of(other), page_of(location.clone()));
    stack.stripe.pay(&page_of(location), "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 120).await;
    let body = get(&mut stack, &path).await.1;
    assert!(body.contains("paid by you") && !body.contains("Still to be paid"), "{body}");
    assert_eq!(post(&mut stack, &format!("{path}/payments"), "").await.0, StatusCode::CONFLICT);
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.session().outcome, Outcome::Captured);
    assert_eq!(happened.collected_minor(), 350);
}

#[tokio::test]
async fn a_balance_that_is_paid_twice_is_given_back_once() {
    let (mut stack, sites, received) = unpaid().await;
    let session = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0);
    let payments = format!("{}/payments", path_of(&stack.session_page(&session.id)));
    let (one, other) = (post(&mut stack, &payments, "").await.2, post(&mut stack, &payments, "").await.2);
    for page in [one, other] {
        stack.stripe.pay(&page_of(page), "pm_card_visa", true, &Buyer::default()).unwrap();
    }
    wait(&mut stack, 120).await;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 350));
    assert_eq!(happened.replayed.stack.stripe.books().refunds, 1);
}

#[tokio::test]
async fn a_link_that_was_not_signed_by_us_leads_nowhere() {
    let (mut stack, ..) = unpaid().await;
    let session = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0);
    let good = path_of(&stack.session_page(&session.id)).to_owned();
    let other = good.replace('.', "x.");
    for path in [
        other.as_str(),
        &good[..good.len() - 1],
        "/sessions/CP1",
        "/checkouts/TAG1",
        "/checkouts/p-012345678901234567",
        "/",
    ] {
        let (status, body) = get(&mut stack, path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {body}");
    }
    assert_eq!(post(&mut stack, &format!("{other}/payments"), "").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_checkout_that_cannot_be_says_which_field_and_what_to_do() {
    let (mut stack, _) = told_by_stripe(json!({})).await;
    for (form, words) in [
        ("charger=CP9&connector=1", "no charger “CP9”"),
        ("charger=CP1&connector=9", "has no connector 9"),
        ("charger=CP1&connector=1&money=-5", "“-5” is no limit; write an amount such as 15.00"),
        ("charger=CP1&connector=1&minutes=soon", "“soon”"),
        ("charger=%3Cb%3E&connector=1", "charger"),
        ("connector=1", "charger"),
    ] {
        let (status, body, _) = post(&mut stack, "/checkouts", form).await;
        assert!(status.is_client_error() && body.contains(words), "{form}: {status} {body}");
    }
    assert_eq!(stack.stripe.books().holds, 0);
}

#[tokio::test]
async fn a_page_that_stripe_does_not_make_leaves_nothing_behind_but_a_checkout_that_expires() {
    let (mut stack, _) = told_by_stripe(json!({})).await;
    for _ in 0..8 {
        stack.stripe.inject(plugtill::stripe_simulator::StripeFault::BadGateway);
    }
    let (status, body, _) = post(&mut stack, "/checkouts", "charger=CP1&connector=1").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("Nothing was charged"), "{body}");
    stack.stripe.clear_faults();
    wait(&mut stack, 90).await;
    assert_eq!(stack.stripe.books().open_holds, 0);
    let (status, _, location) = post(&mut stack, "/checkouts", "charger=CP1&connector=1").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let token = token(&stack, &page_of(location));
    wait(&mut stack, 90).await;
    assert_eq!(stack.store.checkout(&token).await.unwrap().unwrap().state, CheckoutState::Expired);
    assert!(get(&mut stack, &format!("/checkouts/{token}")).await.1.contains("Nothing was charged"));
    wait(&mut stack, 34 * 24 * 60).await;
    stack.table.expire().unwrap();
    assert!(stack.store.checkout(&token).await.unwrap().is_some(), "Stripe may still say something about it");
    wait(&mut stack, 36 * 24 * 60).await;
    stack.table.expire().unwrap();
    assert_eq!(stack.store.checkout(&token).await.unwrap(), None, "and what its driver left goes with it");
}

#[tokio::test]
async fn a_tags_holder_saves_a_card_by_the_operators_link_and_pays_by_it() {
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {} })).await;
    let (site, tag) = ("yard".parse().unwrap(), "PLATE7".parse().unwrap());
    let order = Order::CardLink { site, tag, by: "office".to_owned() };
    let Answer::Link(link) = stack.order(order).await.unwrap() else { panic!("no link") };
    let path = path_of(&link).to_owned();
    assert!(get(&mut stack, &path).await.1.contains("Nothing is charged now"));
    let (status, _, location) = post(&mut stack, &path, "").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    stack.stripe.pay(&page_of(location), "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    let story = Story::new().start_as("PLATE7", 7, 2, 1_000).stop(62, 11_000, "EVDisconnected").status(62, "Available");
    let received = tell(&mut stack, &story).await;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 350));
    let mut stack = happened.replayed.stack;
    wait(&mut stack, 8 * 24 * 60).await;
    assert_eq!(get(&mut stack, &path).await.0, StatusCode::NOT_FOUND, "a week is over");
}

#[tokio::test]
async fn a_driver_who_has_paid_is_let_start_and_stopped_at_the_limit_where_we_answer_the_charger() {
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {}, "role": "answering" })).await;
    let (_, _, location) = post(&mut stack, "/checkouts", "charger=CP1&connector=1&kwh=5").await;
    let page = page_of(location);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &company()).unwrap();
    stack.advance_to(at(1)).await.unwrap();
    let told: Vec<Value> = stack.broker.take().iter().map(|it| serde_json::from_str(&it.frame).unwrap()).collect();
    // It is told once more after half a minute, for it did not answer.
    assert!(told.len() == 2 && told[0] == told[1], "{told:?}");
    let start = json!({ "connectorId": 1, "idTag": token.as_str() });
    assert_eq!((&told[0][2], &told[0][3]), (&json!("RemoteStartTransaction"), &start));
    let accepted = json!([3, told[0][1], { "status": "Accepted" }]);
    let asked = json!({ "idTag": token.as_str() });
    let start =
        json!({ "connectorId": 1, "idTag": token.as_str(), "meterStart": 1_000, "timestamp": at(2).to_string() });
    let story = Story::new().frame("in", at(1), &accepted).call(at(1), "Authorize", &asked);
    let mut received = tell_now(&mut stack, &story.call(at(2), "StartTransaction", &start)).await;
    let answers: Vec<Value> = stack.broker.take().iter().map(|it| serde_json::from_str(&it.frame).unwrap()).collect();
    assert_eq!(answers[0][2]["idTagInfo"]["status"], "Accepted");
    let transaction = answers[1][2]["transactionId"].as_i64().unwrap();
    // 5 kWh are drawn: the charger is told to stop.
    received += tell_now(&mut stack, &Story::new().meter_in(transaction, 30, "6100", "Wh")).await;
    stack.advance_to(at(32)).await.unwrap();
    let told: Vec<Value> = stack.broker.take().iter().map(|it| serde_json::from_str(&it.frame).unwrap()).collect();
    let stop = told.iter().find(|frame| frame[2] == "RemoteStopTransaction").unwrap();
    assert_eq!(stop[3], json!({ "transactionId": transaction }));
    let body = plugtill_tests::stop_body(transaction, 33, 6_100, "Remote");
    let story = Story::new().frame("in", at(33), &json!([3, stop[1], { "status": "Accepted" }]));
    let story = story.call(at(33), "StopTransaction", &body).status(34, "Available");
    received += tell(&mut stack, &story).await;
    let happened = look_at(stack, received, &sites).await;
    let session = happened.session();
    assert_eq!((session.outcome, session.collected().minor()), (Outcome::Captured, 179));
    assert_eq!(happened.replayed.stack.stripe.books().open_holds, 0);
}

/// Tells a story message by message; no time passes after it.
async fn tell_now(stack: &mut Stack, story: &Story) -> u64 {
    let traffic = story.traffic();
    for line in traffic.lines() {
        let received: Value = serde_json::from_str(line).unwrap();
        stack.advance_to(received["received_at"].as_str().unwrap().parse().unwrap()).await.unwrap();
        stack.deliver(vec![line.to_owned()]).await.unwrap();
    }
    traffic.lines().count() as u64
}
