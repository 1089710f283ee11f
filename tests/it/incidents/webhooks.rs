//! What the operator's own systems are told.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::StatusCode;
use plugtill::edges::receivers::{LocalReceivers, Posted};
use plugtill::stack::{Options, Stack};
use plugtill_operator::{Answer, Request};
use plugtill_tests::{Story, at, site};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{tell_only, told_of, until};

const URL: &str = "https://erp.example/plugtill";

async fn told_to(endpoints: Value) -> (Stack, LocalReceivers) {
    let receivers = LocalReceivers::default();
    let outgoing = Some(Arc::new(receivers.clone()) as Arc<dyn plugtill_adapters::transport::HttpTransport>);
    let options = Options { start: at(0), outgoing, ..Options::default() };
    (Stack::start(&options, &site(json!({ "webhooks": endpoints }))).await.unwrap(), receivers)
}

fn session() -> Story {
    Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

fn types(posted: &[Posted]) -> Vec<String> {
    let of = |posted: &Posted| -> Value { serde_json::from_str(&posted.body).unwrap() };
    posted.iter().map(|one| of(one)["type"].as_str().unwrap().to_owned()).collect()
}

fn header<'a>(posted: &'a Posted, name: &str) -> &'a str {
    posted.headers[name].to_str().unwrap()
}

async fn webhooks(stack: &mut Stack) -> plugtill_operator::Told {
    let Answer::Webhooks(told) = stack.order(Request::Webhooks).await.unwrap() else { panic!("webhooks") };
    told
}

#[tokio::test]
async fn each_event_of_a_session_and_an_incident_is_told_once_signed_as_the_standard_says() {
    let (mut stack, receivers) = told_to(json!([{ "url": URL }])).await;
    tell_only(&mut stack, &session()).await;
    tell_only(&mut stack, &Story::new().status(70, "Faulted").status(80, "Available")).await;
    until(&mut stack, 26 * 60).await;
    let posted = receivers.posted();
    let expected = ["session.started", "session.stopped", "session.settled", "incident.opened", "incident.recovered"];
    assert_eq!(types(&posted), expected);
    let settled: Value = serde_json::from_str(&posted[2].body).unwrap();
    assert_eq!(settled["data"]["outcome"], "captured");
    assert_eq!(settled["data"]["billed"], json!({ "minor": 350, "currency": "EUR" }));
    assert_eq!(settled["data"]["receipt"], "R-000001");
    assert!(posted.iter().all(|one| !one.body.contains("TAG1")), "nothing tells who the driver is");

    let secret = webhooks(&mut stack).await.addresses.remove(0).secret;
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    for one in &posted {
        let signed = format!("{}.{}.{}", header(one, "webhook-id"), header(one, "webhook-timestamp"), one.body);
        let signature = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(signed).finalize().into_bytes();
        assert_eq!(header(one, "webhook-signature"), format!("v1,{}", STANDARD.encode(signature)));
    }
    let mut ids: Vec<_> = posted.iter().map(|one| header(one, "webhook-id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), posted.len(), "each has an id of its own");
}

#[tokio::test]
async fn who_wants_some_events_is_told_of_those_and_who_fails_is_told_again_under_the_same_id() {
    let other = "https://pager.example/hook";
    let (mut stack, receivers) = told_to(
        json!([{ "url": URL, "events": ["session.settled"] }, { "url": other, "events": ["incident.opened"] }]),
    )
    .await;
    receivers.answer(Some(StatusCode::INTERNAL_SERVER_ERROR));
    receivers.answer(None);
    tell_only(&mut stack, &session()).await;
    until(&mut stack, 200).await;
    let posted = receivers.posted();
    assert_eq!(types(&posted), ["session.settled"; 3]);
    assert!(posted.iter().all(|one| one.url == URL));
    let ids: Vec<_> = posted.iter().map(|one| header(one, "webhook-id")).collect();
    assert_eq!(ids, [ids[0]; 3]);
    assert_eq!(told_of(&stack, "dead_letters"), Vec::<String>::new());
    tell_only(&mut stack, &Story::new().status(210, "Faulted")).await;
    until(&mut stack, 220).await;
    let last = receivers.posted().pop().unwrap();
    assert_eq!((last.url.as_str(), types(std::slice::from_ref(&last))[0].as_str()), (other, "incident.opened"));
}

#[tokio::test]
async fn what_nobody_takes_for_two_days_is_given_up_told_and_can_be_tried_again() {
    let (mut stack, receivers) = told_to(json!([{ "url": URL, "events": ["session.settled"] }])).await;
    for _ in 0..8 {
        receivers.answer(Some(StatusCode::SERVICE_UNAVAILABLE));
    }
    tell_only(&mut stack, &session()).await;
    until(&mut stack, 3 * 24 * 60).await;
    assert_eq!(receivers.posted().len(), 8);
    let given_up = webhooks(&mut stack).await.given_up;
    assert_eq!(given_up.len(), 1);
    assert!(given_up[0].problem.contains("HTTP 503"), "{given_up:?}");
    assert_eq!(told_of(&stack, "dead_letters")[0], "opened");
    let order = Request::RetryWebhooks { by: "night shift".to_owned() };
    stack.order(order).await.unwrap();
    until(&mut stack, 3 * 24 * 60 + 10).await;
    assert_eq!(receivers.posted().len(), 9);
    assert_eq!(webhooks(&mut stack).await.given_up, []);
    assert_eq!(told_of(&stack, "dead_letters").last().map(String::as_str), Some("recovered"));
}

#[tokio::test]
async fn an_address_that_others_can_read_along_is_refused() {
    let text = json!({ "sites": [{ "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR",
        "country": "FR", "chargers": [], "hold": "20.00", "webhooks": [{ "url": "http://erp.example" }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] } }] });
    let refused = plugtill::site_file::parse(&text.to_string(), "site").unwrap_err().to_string();
    assert!(refused.contains("webhooks.url") && refused.contains("https://"), "{refused}");
}
