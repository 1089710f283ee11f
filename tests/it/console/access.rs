//! Who gets in, as whom, and for how long; `matrix` has what they may.

use axum::body::Body;
use http::{Request, StatusCode};
use plugtill_tests::{Story, at};
use serde_json::json;

use super::{Desk, PASSWORD, Visitor, hour};

/// The name of what CP1 sent and nobody could use.
async fn kept(desk: &Desk) -> String {
    let found = desk.stack.store.quarantined(at(0), at(10)).await.unwrap();
    found.first().unwrap().id.to_string()
}

async fn busy() -> Desk {
    let story = hour().frame("in", at(1), &json!([2, "x", "StopTransaction", { "transactionId": "?" }]));
    let mut desk = Desk::after(&story).await;
    desk.user("ann", "owner", &[]).await;
    desk.user("bob", "manager", &["yard"]).await;
    desk.user("cat", "manager", &["quay"]).await;
    desk.user("dan", "viewer", &["yard"]).await;
    desk
}

#[tokio::test]
async fn what_is_another_sites_is_not_there() {
    let mut desk = busy().await;
    let (session, kept) = (desk.session().await, kept(&desk).await);
    let cat = desk.sign_in("cat").await;
    for path in [
        format!("/console/sessions/{session}"),
        format!("/api/v1/sessions/{session}"),
        "/api/v1/connectors?site=yard".to_owned(),
    ] {
        assert_eq!(desk.get(&cat, &path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        "/console",
        "/console/sessions",
        "/console/quarantine",
        "/console/audit",
        "/api/v1/sessions",
        "/api/v1/quarantine",
        "/api/v1/days",
        "/api/v1/balances",
    ] {
        let reply = desk.get(&cat, path).await;
        assert!(reply.status == StatusCode::OK && !reply.body.contains("CP1"), "{path}: {}", reply.body);
    }
    let form = format!("id={}&decision=drop&note=noise", kept.replace('#', "%23"));
    assert_eq!(desk.post(&cat, "/console/quarantine", &form).await.status, StatusCode::NOT_FOUND);
    let key = desk.key("manager", &["quay"]).await;
    for (path, body) in [("credits", json!({ "reason": "x" })), ("forgiveness", json!({ "reason": "x" }))] {
        let reply = desk.order_by(&key, "k", &format!("/api/v1/sessions/{session}/{path}"), &body).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(desk.stack.store.kept(&kept.parse().unwrap()).await.unwrap().unwrap().review.is_none());
}

#[tokio::test]
async fn a_form_that_is_not_of_the_session_does_nothing() {
    let mut desk = busy().await;
    let session = desk.session().await;
    let (ann, bob) = (desk.sign_in("ann").await, desk.sign_in("bob").await);
    let path = format!("/console/sessions/{session}/credit");
    let form = "id=c1&reason=asked&confirmed=true";
    for token in ["", "csrf=&", "csrf=AAAA&", &format!("csrf={}&", bob.token)] {
        let reply = desk.send(&ann, &path, format!("{token}{form}")).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{token}");
    }
    let api = Request::post(format!("/api/v1/sessions/{session}/credits")).header("cookie", &ann.cookie);
    let api = api.header("idempotency-key", "k").body(Body::from(r#"{"reason":"asked"}"#)).unwrap();
    assert_eq!(desk.ask(api).await.status, StatusCode::FORBIDDEN, "a page of somebody else's sends no header");
    desk.wait(30).await;
    assert_eq!(desk.stack.stripe.books().refunds, 0);
    assert_eq!(desk.post(&ann, &path, form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_cookie_holds_for_eight_hours_where_we_signed_it_and_while_its_user_may_sign_in() {
    let mut desk = busy().await;
    let ann = desk.sign_in("ann").await;
    let led_away = |reply: &super::Reply| reply.status == StatusCode::SEE_OTHER;
    let (name, value) = ann.cookie.split_once('=').unwrap();
    let (text, signature) = value.split_once('.').unwrap();
    for forged in
        [format!("{text}."), format!("{text}.{}", "A".repeat(43)), format!("x{text}.{signature}"), String::new()]
    {
        let forged = Visitor { cookie: format!("{name}={forged}"), token: String::new() };
        assert!(led_away(&desk.get(&forged, "/console").await), "{}", forged.cookie);
    }
    desk.wait(8 * 60 - 1).await;
    assert_eq!(desk.get(&ann, "/console").await.status, StatusCode::OK);
    desk.wait(1).await;
    assert!(led_away(&desk.get(&ann, "/console").await), "its time is over");
    let dan = desk.sign_in("dan").await;
    desk.order(json!({ "remove_user": { "name": "dan", "by": "test" } })).await;
    assert!(led_away(&desk.get(&dan, "/console").await), "dan may no longer sign in");
    let bob = desk.sign_in("bob").await;
    desk.wait(1).await;
    desk.user("bob", "viewer", &["yard"]).await;
    assert!(led_away(&desk.get(&bob, "/console").await), "bob has another password");
}

#[tokio::test]
async fn a_cookie_that_was_copied_holds_no_longer_than_until_somebody_signs_out() {
    let mut desk = busy().await;
    let (ann, bob) = (desk.sign_in("ann").await, desk.sign_in("bob").await);
    desk.wait(1).await;
    let elsewhere = desk.sign_in("ann").await;
    assert_eq!(desk.send(&ann, "/console/sign-out", "csrf=AAAA".to_owned()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.get(&ann, "/console").await.status, StatusCode::OK, "another's form ends nothing");
    let before = desk.stack.table.usage().round_trips;
    assert_eq!(desk.get(&ann, "/api/v1/me").await.status, StatusCode::OK);
    let asked = desk.stack.table.usage().round_trips - before;
    let out = desk.post(&ann, "/console/sign-out", "").await;
    assert_eq!((out.status, out.location()), (StatusCode::SEE_OTHER, "/console/sign-in"));
    for copy in [&ann, &elsewhere] {
        assert!(desk.get(copy, "/console").await.location().starts_with("/console/sign-in"), "led to sign in");
        assert_eq!(desk.get(copy, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(desk.get(&bob, "/console").await.status, StatusCode::OK, "bob has not signed out");
    desk.wait(1).await;
    let again = desk.sign_in("ann").await;
    assert_eq!(desk.get(&ann, "/console").await.location(), "/console/sign-in?to=%2Fconsole", "nor after that");
    let before = desk.stack.table.usage().round_trips;
    assert_eq!(desk.get(&again, "/api/v1/me").await.status, StatusCode::OK);
    assert_eq!(desk.stack.table.usage().round_trips - before, asked, "it costs no request more");
}

#[tokio::test]
async fn a_machine_signs_out_nobody_who_bears_its_name() {
    let mut desk = busy().await;
    desk.user("viewer-machine", "viewer", &[]).await;
    let (person, key) = (desk.sign_in("viewer-machine").await, desk.key("viewer", &[]).await);
    let request = Request::post("/console/sign-out").header("authorization", format!("Bearer {key}"));
    assert_eq!(desk.ask(request.body(Body::empty()).unwrap()).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.get(&person, "/console").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_tries_in_vain_waits_and_a_name_that_nobody_has_is_refused_alike() {
    let mut desk = busy().await;
    for name in ["ann", "nobody"] {
        for _ in 0..3 {
            let reply = desk.enter(name, "wrong").await;
            assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(reply.body.contains("do not go together"), "{}", reply.body);
        }
        let reply = desk.enter(name, PASSWORD).await;
        assert_eq!(
            (reply.status, reply.headers["retry-after"].to_str().unwrap()),
            (StatusCode::TOO_MANY_REQUESTS, "1")
        );
    }
    desk.wait(1).await;
    desk.sign_in("ann").await;
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let mut desk = busy().await;
    for order in [
        json!({ "remove_user": { "name": "ann", "by": "test" } }),
        json!({ "add_user": { "name": "ann", "role": "viewer", "by": "test" } }),
    ] {
        let refused = desk.stack.order(serde_json::from_value(order).unwrap()).await.unwrap_err().to_string();
        assert!(refused.contains("last owner"), "{refused}");
    }
}

#[tokio::test]
async fn a_key_that_was_removed_opens_nothing() {
    let mut desk = Desk::after(&Story::new()).await;
    let key = desk.key("viewer", &[]).await;
    assert_eq!(desk.read_by(&key, "/api/v1/me").await.json()["name"], "viewer-machine");
    for wrong in [format!("{key}x"), "ptk..x".to_owned(), "ptk".to_owned(), String::new()] {
        assert_eq!(desk.read_by(&wrong, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let id = key.split('.').nth(1).unwrap();
    desk.order(json!({ "remove_key": { "id": id, "by": "test" } })).await;
    assert_eq!(desk.read_by(&key, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
}
