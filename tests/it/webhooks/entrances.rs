//! The two ways in, as Lambda is given them.

use plugtill::edges::dynamo::StoreFault;
use plugtill_stripe_webhook::{Input, InputError, handle};
use serde_json::{Value, json};

use super::{SECRET, capturable, endpoint, request, signed};

/// What EventBridge gives the function.
fn on_the_bus(source: &str, event: &Value) -> Value {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": event["type"], "source": source,
        "account": "123456789012", "time": "2026-03-02T09:00:00Z", "region": "eu-west-1", "resources": [],
        "detail": event,
    })
}

const STRIPE: &str = "aws.partner/stripe.com/ed_test_61";

#[tokio::test]
async fn a_request_is_verified_over_its_bytes_whether_they_come_as_text_or_as_base64() {
    let endpoint = endpoint().await;
    // Bytes that any reading and writing again would change: spaces, an escaped letter, a number's spelling.
    let body = capturable().to_string().replace(":2000", " :  2.000e3").replace("eur", "\\u0065ur");
    let header = signed(SECRET, endpoint.now(), &body);
    let plain = request(Some(&header), &body);
    let mut encoded = request(Some(&header), &aws_smithy_types::base64::encode(&body));
    encoded["isBase64Encoded"] = json!(true);
    for payload in [plain, encoded] {
        let answer = handle(&endpoint.webhook, Input::try_from(payload).unwrap()).await.unwrap();
        assert_eq!(answer.status_code, 200);
    }
    assert_eq!(endpoint.pending("pi_1").await[0].version, 1, "the second is the first again");
}

#[tokio::test]
async fn the_name_of_the_header_is_read_in_any_case() {
    let endpoint = endpoint().await;
    let body = capturable().to_string();
    let mut payload = request(None, &body);
    payload["headers"]["Stripe-Signature"] = signed(SECRET, endpoint.now(), &body).into();
    assert_eq!(handle(&endpoint.webhook, Input::try_from(payload).unwrap()).await.unwrap().status_code, 200);
}

#[tokio::test]
async fn an_event_on_the_bus_is_filed_like_a_request_and_is_the_same_event() {
    let endpoint = endpoint().await;
    let input = Input::try_from(on_the_bus(STRIPE, &capturable())).unwrap();
    assert_eq!(handle(&endpoint.webhook, input).await.unwrap().status_code, 200);
    assert_eq!(endpoint.pending_ids("pi_1").await, ["evt_1"]);
    assert_eq!(endpoint.stack.queues.depth("settle"), 1);
    assert!(matches!(endpoint.delivers(&capturable()).await, plugtill_stripe_webhook::Received::Duplicate));
}

#[tokio::test]
async fn an_event_of_another_source_is_refused() {
    for source in ["aws.partner/stripe.com.example/ed_1", "aws.ec2", "stripe.com", ""] {
        let refused = Input::try_from(on_the_bus(source, &capturable()));
        assert!(matches!(refused, Err(InputError::OtherSource(_))), "{source}: {refused:?}");
    }
}

#[tokio::test]
async fn what_comes_neither_way_is_refused() {
    for payload in [json!({}), json!(null), json!({ "Records": [] }), json!({ "detail-type": "x" }), capturable()] {
        assert!(matches!(Input::try_from(payload.clone()), Err(InputError::Unknown(_))), "{payload}");
    }
}

#[tokio::test]
async fn an_event_on_the_bus_that_is_not_filed_fails_so_that_lambda_tries_again() {
    let endpoint = endpoint().await;
    endpoint.stack.table.inject_on("TransactWriteItems", StoreFault::ThrottleBefore);
    let payload = on_the_bus(STRIPE, &capturable());
    assert!(handle(&endpoint.webhook, Input::try_from(payload.clone()).unwrap()).await.is_err());
    assert!(handle(&endpoint.webhook, Input::try_from(payload).unwrap()).await.is_ok());
    let mut broken = capturable();
    broken["data"] = json!(null);
    let broken = Input::try_from(on_the_bus(STRIPE, &broken)).unwrap();
    assert!(handle(&endpoint.webhook, broken).await.is_err(), "kept among the dead letters");
}

#[tokio::test]
async fn the_body_of_a_request_does_not_pass_for_an_event_on_the_bus() {
    let endpoint = endpoint().await;
    let body = on_the_bus(STRIPE, &capturable()).to_string();
    let answer = handle(&endpoint.webhook, Input::try_from(request(None, &body)).unwrap()).await.unwrap();
    assert_eq!(answer.status_code, 400);
    assert_eq!(endpoint.pending("pi_1").await, []);
}
