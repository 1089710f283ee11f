//! The simulator as a server: Stripe's paths over HTTP, and beside them what only a simulator can.

use bytes::Bytes;
use http::Request;
use plugtill::simulator::Served;
use plugtill_adapters::stripe::{HttpTransport, HttpsTransport, StripeFailure};
use serde_json::{Value, json};

use super::bench::{Driver, Outcome, SECRET, eur, gateway, taking};

/// Something that only a simulator can; its status and answer.
async fn control(url: &str, method: &str, path: &str, body: Value) -> Outcome<(u16, Value)> {
    let request = Request::builder().method(method).uri(format!("{url}/_simulator{path}"));
    let request = request.header("content-type", "application/json").body(Bytes::from(body.to_string()))?;
    let answer = HttpsTransport::new().send(request).await?;
    Ok((answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null)))
}

#[tokio::test]
async fn functions_elsewhere_move_money_at_it_and_its_controls_say_what_was_moved() -> Outcome {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(axum::serve(listener, Served::new(SECRET).router()).into_future());
    let stripe = gateway(std::sync::Arc::new(HttpsTransport::new()), SECRET, &url);
    let customer = stripe.create_customer("customer:d-1", "d-1").await?;
    let payment_method = stripe.attach_payment_method("card:d-1", "pm_card_visa", &customer).await?;
    let driver = Driver { customer, payment_method };
    let hold = stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;

    assert_eq!(control(&url, "POST", "/faults", json!(["server_error_after_commit"])).await?.0, 204);
    let failed = stripe.clone().capture("capture:s-1", &hold.id, &taking("12.34")?).await;
    assert!(matches!(failed, Err(StripeFailure::Unknown { .. })), "{failed:?}");
    let (_, books) = control(&url, "GET", "/books", Value::Null).await?;
    assert_eq!(books["captured_minor"], json!({ "EUR": 1234 }), "taken, although its answer was none");

    assert_eq!(control(&url, "POST", "/key", json!({ "refusal": "revoked" })).await?.0, 204);
    assert_eq!(stripe.read_intent(&hold.id).await, Err(StripeFailure::KeyRefused { status: 401 }));
    control(&url, "POST", "/key", json!({ "refusal": null })).await?;
    let (status, made) = control(&url, "POST", "/disputes", json!({ "intent": hold.id })).await?;
    assert!(status == 200 && made["id"].as_str().is_some_and(|id| id.starts_with("dp_")), "{made}");
    let (_, time) = control(&url, "POST", "/clock", json!({ "seconds": 864_000 })).await?;
    assert!(time["now"].as_i64() > Some(0), "{time}");
    assert_eq!(control(&url, "POST", "/faults", json!(["no such fault"])).await?.0, 422);
    assert_eq!(control(&url, "POST", "/pay", json!({ "page": "cs_none", "card": "pm_card_visa" })).await?.0, 402);
    Ok(())
}
