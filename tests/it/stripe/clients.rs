//! The unmodified async-stripe client, and our own gateway over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use plugtill::stripe_simulator::StripeFault::{BadGateway, DropAfterCommit};
use plugtill_adapters::stripe::{HttpsTransport, IntentStatus, StripeFailure};
use stripe::{ApiErrorsCode, Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError};
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_shared::{
    BalanceTransaction, Charge, CheckoutSession, Customer, Dispute, PaymentIntent, PaymentIntentStatus, PaymentMethod,
    Payout, Refund,
};

use super::bench::{Bench, HOUR_SECONDS, Outcome, SECRET, eur, gateway, taking};

#[derive(miniserde::Deserialize)]
struct Seen {
    id: String,
    status: String,
    amount_received: i64,
}

#[derive(miniserde::Deserialize)]
struct Listed<T> {
    data: Vec<T>,
}

const HOLD: [(&str, &str); 6] = [
    ("amount", "4000"),
    ("currency", "eur"),
    ("capture_method", "manual"),
    ("confirm", "true"),
    ("payment_method", "pm_card_visa"),
    ("metadata[session]", "s-1"),
];

async fn client(bench: &Bench) -> Outcome<Client> {
    let address = bench.served().await?;
    Ok(ClientBuilder::new(SECRET).url(format!("http://{address}/")).build()?)
}

fn post(path: &str, form: &[(&str, &str)]) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, path).form(&form.iter().copied().collect::<BTreeMap<_, _>>())
}

#[tokio::test]
async fn the_unmodified_client_holds_and_captures_once_under_its_key() -> Outcome {
    let bench = Bench::new();
    let client = client(&bench).await?;
    let key = RequestStrategy::Idempotent(IdempotencyKey::new("hold:s-1")?);
    let hold = || post("/payment_intents", &HOLD).customize::<Seen>().request_strategy(key.clone());
    let (first, again) = (hold().send(&client).await?, hold().send(&client).await?);
    assert_eq!((first.status.as_str(), &first.id), ("requires_capture", &again.id));
    let capture = post(&format!("/payment_intents/{}/capture", first.id), &[("amount_to_capture", "1234")]);
    let taken: Seen = capture.customize().send(&client).await?;
    assert_eq!((taken.status.as_str(), taken.amount_received), ("succeeded", 1234));
    assert_eq!((bench.books().holds, bench.books().captured_minor.get("EUR")), (1, Some(&1234)));
    Ok(())
}

#[tokio::test]
async fn every_object_decodes_as_the_clients_own_generated_type() -> Outcome {
    let bench = Bench::new();
    let client = client(&bench).await?;
    let customer: Customer = post("/customers", &[("metadata[reference]", "d-1")]).customize().send(&client).await?;
    let attach = post("/payment_methods/pm_card_visa/attach", &[("customer", customer.id.as_str())]);
    let saved: PaymentMethod = attach.customize().send(&client).await?;
    let mut form = HOLD.to_vec();
    form.retain(|(name, _)| *name != "payment_method");
    form.extend([("customer", customer.id.as_str()), ("payment_method", saved.id.as_str())]);
    form.push(("expand[0]", "latest_charge"));
    let hold: PaymentIntent = post("/payment_intents", &form).customize().send(&client).await?;
    assert_eq!(hold.status, PaymentIntentStatus::RequiresCapture);
    let charge = hold.latest_charge.as_ref().and_then(|charge| charge.as_object()).ok_or("not expanded")?;
    let read = RequestBuilder::new(StripeMethod::Get, format!("/charges/{}", charge.id));
    let read: Charge = read.customize().send(&client).await?;
    assert_eq!((read.amount, read.captured), (4000, false));
    let capture = post(&format!("/payment_intents/{}/capture", hold.id), &[]);
    let taken: PaymentIntent = capture.customize().send(&client).await?;
    let refund = post("/refunds", &[("payment_intent", taken.id.as_str()), ("amount", "1500")]);
    let refund: Refund = refund.customize().send(&client).await?;
    assert_eq!((taken.amount_received, refund.amount), (4000, 1500));
    Ok(())
}

#[tokio::test]
async fn balances_payouts_disputes_and_pages_decode_as_the_clients_own_generated_types() -> Outcome {
    let bench = Bench::new();
    let client = client(&bench).await?;
    let get = |path: String| RequestBuilder::new(StripeMethod::Get, path);
    let hold: PaymentIntent = post("/payment_intents", &HOLD).customize().send(&client).await?;
    let _: PaymentIntent =
        post(&format!("/payment_intents/{}/capture", hold.id), &[]).customize().send(&client).await?;
    let refund: Refund =
        post("/refunds", &[("payment_intent", hold.id.as_str()), ("amount", "500")]).customize().send(&client).await?;
    let disputed = bench.simulator.dispute(hold.id.as_str(), "fraudulent").ok_or("no dispute")?;
    let dispute: Dispute = get(format!("/disputes/{disputed}")).customize().send(&client).await?;
    assert_eq!(dispute.amount, 3500);
    bench.simulator.end_refund(refund.id.as_str(), false);
    let failed: Refund = get(format!("/refunds/{}", refund.id)).customize().send(&client).await?;
    assert_eq!(failed.status.as_deref(), Some("failed"));
    bench.simulator.decide_dispute(&disputed, true);
    bench.sleep(5 * 24 * HOUR_SECONDS);
    let moved: Listed<BalanceTransaction> = get("/balance_transactions".to_owned()).customize().send(&client).await?;
    let payouts: Listed<Payout> = get("/payouts".to_owned()).customize().send(&client).await?;
    // 40.00 less 0.85, 5.00 out and back, 35.00 out and back less 20.00: 19.15, and all of it went to the bank.
    assert_eq!(payouts.data.iter().map(|payout| payout.amount).collect::<Vec<_>>(), [1915]);
    assert_eq!(moved.data.iter().map(|moved| moved.net).sum::<i64>(), 0);
    let page = [
        ("mode", "payment"),
        ("success_url", "https://x.example"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "2000"),
        ("line_items[0][price_data][product_data][name]", "Charging"),
    ];
    let page: CheckoutSession = post("/checkout/sessions", &page).customize().send(&client).await?;
    assert!(page.url.is_some());
    Ok(())
}

#[tokio::test]
async fn the_unmodified_client_understands_a_decline() -> Outcome {
    let bench = Bench::new();
    let client = client(&bench).await?;
    let mut form = HOLD;
    form[4] = ("payment_method", "pm_card_chargeDeclinedInsufficientFunds");
    let declined = post("/payment_intents", &form).customize::<Seen>().send(&client).await;
    let Err(StripeError::Stripe(error, 402)) = declined else { return Err("not a decline".into()) };
    assert_eq!(error.code, Some(ApiErrorsCode::CardDeclined));
    assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));
    let intent = error.payment_intent.ok_or("the decline does not show its intent")?;
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    Ok(())
}

#[tokio::test]
async fn the_gateway_holds_and_captures_over_http() -> Outcome {
    let bench = Bench::new();
    let address = bench.served().await?;
    let stripe = gateway(Arc::new(HttpsTransport::new()), SECRET, &format!("http://{address}/"));
    let customer = stripe.create_customer("customer:d-1", "d-1").await?;
    let payment_method = stripe.attach_payment_method("attach:d-1", "pm_card_visa", &customer).await?;
    let order = super::bench::Driver { customer, payment_method }.order(eur("40.00")?);
    let hold = stripe.place_hold("hold:s-1", &order).await?;
    bench.goes_wrong(&[DropAfterCommit, BadGateway]);
    let taken = stripe.capture("capture:s-1", &hold.id, &taking("12.34")?).await?;
    assert_eq!((taken.status, taken.amount_received), (IntentStatus::Succeeded, eur("12.34")?));
    let books = bench.books();
    assert_eq!((books.holds, books.captures, books.captured_minor.get("EUR")), (1, 1, Some(&1234)));
    Ok(())
}

#[tokio::test]
async fn silence_is_an_unknown_outcome_after_the_time_limit() -> Outcome {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let transport = HttpsTransport::new().with_timeout(Duration::from_millis(20));
    let stripe = gateway(Arc::new(transport), SECRET, &format!("http://{}", silent.local_addr()?));
    let made = stripe.create_customer("customer:d-1", "d-1").await;
    assert!(matches!(made, Err(StripeFailure::Unknown { .. })), "{made:?}");
    Ok(())
}

#[tokio::test]
async fn an_answer_without_end_is_an_unknown_outcome_and_is_not_kept() -> Outcome {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let endless = axum::Router::new().fallback(|| async {
        let more = || async { Some((Ok::<_, std::convert::Infallible>(bytes::Bytes::from(vec![b' '; 1 << 16])), ())) };
        axum::body::Body::from_stream(futures_util::stream::unfold((), move |()| more()))
    });
    tokio::spawn(async move { axum::serve(listener, endless).await });
    let stripe = gateway(Arc::new(HttpsTransport::new()), SECRET, &format!("http://{address}"));
    let made = stripe.create_customer("customer:d-1", "d-1").await;
    let Err(StripeFailure::Unknown { what, .. }) = made else { return Err("it was believed".into()) };
    assert!(what.contains("length limit exceeded"), "{what}");
    Ok(())
}

#[tokio::test]
async fn the_key_never_travels_in_clear_to_another_machine() -> Outcome {
    let stripe = gateway(Arc::new(HttpsTransport::new()), SECRET, "http://stripe.invalid");
    let made = stripe.create_customer("customer:d-1", "d-1").await;
    let Err(StripeFailure::Unknown { what, .. }) = made else { return Err("it was sent".into()) };
    assert!(what.contains("use https://"), "{what}");
    Ok(())
}
