//! What is not Stripe's, or not of now: refused with 400, without a hint, without a request to the table.

use plugtill_adapters::webhook::{Rejection, SigningSecret, verify};
use plugtill_stripe_webhook::{Input, LARGEST_BODY, Received, handle};
use plugtill_tests::at;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Endpoint, SECRET, capturable, endpoint, request, signature, signed};

/// An endpoint, the time, and a genuine body.
async fn genuine() -> (Endpoint, i64, String) {
    let endpoint = endpoint().await;
    let now = endpoint.now();
    (endpoint, now, capturable().to_string())
}

#[tokio::test]
async fn a_genuine_webhook_is_taken() {
    let (endpoint, now, body) = genuine().await;
    let received = endpoint.receives(Some(&signed(SECRET, now, &body)), &body).await;
    assert!(matches!(received, Received::Filed), "what the others differ from: {received:?}");
}

#[tokio::test]
async fn forged_with_a_wrong_secret_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let header = signed("whsec_guessed_guessed_guessed", now, &body);
    endpoint.refuses(Some(&header), &body, Rejection::WrongSignature).await;
}

#[tokio::test]
async fn forged_with_the_secret_of_another_endpoint_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let other = SECRET.replace('0', "1");
    endpoint.refuses(Some(&signed(&other, now, &body)), &body, Rejection::WrongSignature).await;
}

#[tokio::test]
async fn forged_by_altering_a_byte_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let dearer = body.replace("2000", "2001");
    assert_ne!(dearer, body);
    endpoint.refuses(Some(&signed(SECRET, now, &body)), &dearer, Rejection::WrongSignature).await;
}

#[tokio::test]
async fn forged_by_serialising_again_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let value: Value = serde_json::from_str(&body).unwrap();
    let header = signed(SECRET, now, &body);
    endpoint.refuses(Some(&header), &serde_json::to_string_pretty(&value).unwrap(), Rejection::WrongSignature).await;
}

#[tokio::test]
async fn forged_without_a_header_is_refused() {
    let (endpoint, _, body) = genuine().await;
    endpoint.refuses(None, &body, Rejection::NoHeader).await;
}

#[tokio::test]
async fn forged_with_an_empty_header_is_refused() {
    let (endpoint, _, body) = genuine().await;
    endpoint.refuses(Some(""), &body, Rejection::MalformedHeader).await;
}

#[tokio::test]
async fn forged_without_a_signature_is_refused() {
    let (endpoint, now, body) = genuine().await;
    endpoint.refuses(Some(&format!("t={now}")), &body, Rejection::NoSignature).await;
}

#[tokio::test]
async fn forged_with_the_scheme_v0_alone_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let v0 = signature(SECRET, &format!("{now}.{body}"));
    endpoint.refuses(Some(&format!("t={now},v0={v0}")), &body, Rejection::NoSignature).await;
}

#[tokio::test]
async fn stale_by_301_seconds_is_refused() {
    let (endpoint, now, body) = genuine().await;
    endpoint.refuses(Some(&signed(SECRET, now - 301, &body)), &body, Rejection::TooOld).await;
}

#[tokio::test]
async fn signed_301_seconds_ahead_is_refused() {
    let (endpoint, now, body) = genuine().await;
    endpoint.refuses(Some(&signed(SECRET, now + 301, &body)), &body, Rejection::TooNew).await;
}

#[tokio::test]
async fn stale_with_a_new_time_in_front_of_the_old_signature_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let header = signed(SECRET, now - 600, &body).replace(&format!("t={}", now - 600), &format!("t={now}"));
    endpoint.refuses(Some(&header), &body, Rejection::WrongSignature).await;
}

#[tokio::test]
async fn forged_with_an_empty_body_is_refused() {
    let (endpoint, now, body) = genuine().await;
    endpoint.refuses(Some(&signed(SECRET, now, &body)), "", Rejection::WrongSignature).await;
    endpoint.refuses(Some(&signed(SECRET, now, "")), "", Rejection::NotAnEvent).await;
}

#[tokio::test]
async fn forged_with_a_time_that_is_no_number_is_refused() {
    let (endpoint, _, body) = genuine().await;
    for time in ["yesterday", "", "-1772442000", "1772442000.0", "0x69a5"] {
        let header = format!("t={time},v1={}", signature(SECRET, &format!("{time}.{body}")));
        endpoint.refuses(Some(&header), &body, Rejection::MalformedHeader).await;
    }
}

#[tokio::test]
async fn forged_with_a_truncated_signature_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let v1 = signature(SECRET, &format!("{now}.{body}"));
    for length in [0, 1, 2, 32, 62, 63] {
        endpoint.refuses(Some(&format!("t={now},v1={}", &v1[..length])), &body, Rejection::MalformedHeader).await;
    }
}

#[tokio::test]
async fn forged_with_a_signature_that_leaves_the_time_out_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let header = format!("t={now},v1={}", signature(SECRET, &body));
    endpoint.refuses(Some(&header), &body, Rejection::WrongSignature).await;
}

#[tokio::test]
async fn forged_with_the_secret_without_its_prefix_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let bare = SECRET.strip_prefix("whsec_").unwrap();
    endpoint.refuses(Some(&signed(bare, now, &body)), &body, Rejection::WrongSignature).await;
}

#[tokio::test]
async fn a_body_beyond_any_event_is_refused_before_it_is_hashed() {
    let (endpoint, now, _) = genuine().await;
    let body = " ".repeat(LARGEST_BODY + 1);
    endpoint.refuses(Some(&signed(SECRET, now, &body)), &body, Rejection::TooLarge).await;
}

#[tokio::test]
async fn a_body_that_is_no_base64_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let mut request = request(Some(&signed(SECRET, now, &body)), "%%%");
    request["isBase64Encoded"] = json!(true);
    let answer = handle(&endpoint.webhook, Input::try_from(request).unwrap()).await.unwrap();
    assert_eq!(answer.status_code, 400);
}

#[tokio::test]
async fn f69_a_webhook_altered_in_any_byte_is_refused() {
    let (endpoint, now, body) = genuine().await;
    let header = signed(SECRET, now, &body);
    for index in 0..body.len() {
        let mut altered = body.clone().into_bytes();
        altered[index] ^= 1;
        let altered = String::from_utf8(altered).unwrap();
        let received = endpoint.receives(Some(&header), &altered).await;
        assert!(matches!(received, Received::Rejected(Rejection::WrongSignature)), "byte {index}: {received:?}");
    }
    let signed_part = header.split(",v0").next().unwrap();
    for index in 0..signed_part.len() {
        let mut altered = signed_part.to_owned().into_bytes();
        altered[index] ^= 1;
        let altered = String::from_utf8(altered).unwrap();
        let received = endpoint.receives(Some(&altered), &body).await;
        assert!(matches!(received, Received::Rejected(_)), "{altered}: {received:?}");
    }
    assert_eq!(endpoint.pending("pi_1").await, []);
    assert_eq!(endpoint.stack.queues.depth("settle"), 0);
}

#[tokio::test]
async fn f70_a_replay_is_refused_by_its_time_and_a_retry_signed_anew_is_not() {
    let (mut endpoint, now, body) = genuine().await;
    let first = signed(SECRET, now, &body);
    endpoint.stack.advance_to(at(6)).await.unwrap();
    endpoint.refuses(Some(&first), &body, Rejection::TooOld).await;
    // Stripe's own retry, a day later, carries the old event under a new time.
    endpoint.stack.advance_to(at(24 * 60)).await.unwrap();
    let retry = signed(SECRET, endpoint.now(), &body);
    assert!(matches!(endpoint.receives(Some(&retry), &body).await, Received::Filed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn f70_no_signature_of_more_than_300_seconds_off_is_believed(off in -100_000_i64..100_000) {
        let body = r#"{"id":"evt_1"}"#;
        let now = at(0);
        let header = signed(SECRET, now.as_second() + off, body);
        let secrets = [SigningSecret::new(SECRET).unwrap()];
        let verdict = verify(Some(&header), body.as_bytes(), &secrets, now);
        prop_assert_eq!(verdict.is_ok(), off.abs() <= 300);
    }

    #[test]
    fn f69_no_header_that_stripe_did_not_make_is_believed(header in "(t=[0-9]{0,12},?)?(v[01]=[0-9a-f]{0,66},?){0,3}.{0,8}") {
        let secrets = [SigningSecret::new(SECRET).unwrap()];
        let verdict = verify(Some(&header), br#"{"id":"evt_1"}"#, &secrets, at(0));
        prop_assert!(verdict.is_err());
    }
}
