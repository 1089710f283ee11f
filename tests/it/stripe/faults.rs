//! Answers that are lost, late or wrong; one charge all the same.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use plugtill::stripe_simulator::StripeFault::{
    BadGateway, DropAfterCommit, DropBefore, InFlight, LockTimeout, RateLimited, ServerError, ServerErrorAfterCommit,
};
use plugtill::stripe_simulator::{StripeFault, StripeSimulator};
use plugtill_adapters::stripe::{
    Answer, HttpTransport, IntentStatus, RetryPolicy, SecretKey, Stripe, StripeFailure, TransportError,
};

use super::bench::{Bench, HOUR_SECONDS, Outcome, SECRET, eur, gateway, taking};

#[tokio::test]
async fn f49_a_charge_whose_answer_is_lost_is_made_once() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    bench.goes_wrong(&[DropAfterCommit]);
    let charge = bench.stripe.charge("topup:s-1", &driver.order(eur("10.00")?)).await?;
    assert_eq!(charge.status, IntentStatus::Succeeded);
    assert_eq!((bench.books().top_ups, bench.books().captured_minor.get("EUR")), (1, Some(&1000)));
    Ok(())
}

/// A hold that is placed although this goes wrong three times.
async fn is_outwaited(passing: StripeFault) -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    bench.goes_wrong(&[passing; 3]);
    bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    assert_eq!(bench.books().holds, 1, "{passing:?}");
    Ok(())
}

#[tokio::test]
async fn f50_what_never_arrived_is_sent_again_with_the_same_key() -> Outcome {
    is_outwaited(DropBefore).await?;
    is_outwaited(BadGateway).await
}

#[tokio::test]
async fn f54_a_key_in_flight_is_outwaited() -> Outcome {
    is_outwaited(InFlight).await
}

#[tokio::test]
async fn f55_a_rate_limit_is_outwaited() -> Outcome {
    is_outwaited(RateLimited).await
}

#[tokio::test]
async fn f56_a_lock_on_the_intent_is_outwaited() -> Outcome {
    is_outwaited(LockTimeout).await
}

#[tokio::test]
async fn after_its_last_attempt_the_gateway_says_what_it_knows() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    bench.goes_wrong(&[RateLimited; 4]);
    let busy = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await;
    assert_eq!(busy, Err(StripeFailure::Busy { code: "rate_limit".to_owned() }));
    bench.goes_wrong(&[BadGateway; 4]);
    let unknown = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await;
    assert_eq!(unknown, Err(StripeFailure::Unknown { what: "HTTP 502".to_owned(), stored: false }));
    bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    assert_eq!(bench.books().holds, 1);
    Ok(())
}

#[tokio::test]
async fn f51_a_stored_server_error_comes_back_for_a_day_and_reading_tells_the_truth() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    bench.goes_wrong(&[ServerErrorAfterCommit]);
    for _ in 0..2 {
        let taken = bench.stripe.capture("capture:s-1", &hold.id, &taking("12.00")?).await;
        assert_eq!(taken, Err(StripeFailure::Unknown { what: "HTTP 500".to_owned(), stored: true }));
    }
    let found = bench.stripe.read_intent(&hold.id).await?;
    assert_eq!((found.status, found.amount_received), (IntentStatus::Succeeded, eur("12.00")?));
    assert_eq!(bench.books().captures, 1);
    Ok(())
}

#[tokio::test]
async fn a_server_error_before_anything_was_done_blocks_its_key_only() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    bench.goes_wrong(&[ServerError]);
    let order = driver.order(eur("40.00")?);
    assert!(matches!(bench.stripe.place_hold("hold:s-1", &order).await, Err(StripeFailure::Unknown { .. })));
    assert_eq!(bench.books().holds, 0);
    bench.stripe.place_hold("hold:s-1:2", &order).await?;
    bench.sleep(24 * HOUR_SECONDS);
    bench.stripe.place_hold("hold:s-1", &order).await?;
    assert_eq!(bench.books().holds, 2, "after a day the key is forgotten, and a hold under it is a new one");
    Ok(())
}

#[tokio::test]
async fn f53_a_key_used_for_another_amount_is_refused() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    let other = bench.stripe.place_hold("hold:s-1", &driver.order(eur("41.00")?)).await;
    assert!(matches!(other, Err(StripeFailure::Refused { status: 400, code: None, .. })), "{other:?}");
    assert_eq!(bench.books().holds, 1);
    Ok(())
}

#[tokio::test]
async fn a_key_that_stripe_would_not_take_is_not_sent() -> Outcome {
    let bench = Bench::new();
    for key in [String::new(), "k".repeat(256)] {
        let made = bench.stripe.create_customer(&key, "d-1").await;
        assert!(matches!(made, Err(StripeFailure::Refused { status: 400, .. })), "{made:?}");
    }
    Ok(())
}

/// Answers everything alike and counts.
#[derive(Debug)]
struct Always {
    status: u16,
    header: Option<(&'static str, &'static str)>,
    asked: AtomicUsize,
    keys: Mutex<Vec<String>>,
}

impl Always {
    fn new(status: u16, header: Option<(&'static str, &'static str)>) -> Arc<Self> {
        Arc::new(Self { status, header, asked: AtomicUsize::new(0), keys: Mutex::default() })
    }

    async fn attempts(self: &Arc<Self>) -> usize {
        let transport = Arc::<Self>::clone(self);
        let made = gateway(transport, "sk_test_x", "http://stripe.local").create_customer("key-1", "d-1").await;
        assert!(made.is_err(), "{made:?}");
        self.asked.load(Ordering::Relaxed)
    }
}

impl HttpTransport for Always {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let sent = request.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).push(sent.to_owned());
        assert!(!format!("{request:?}").contains("sk_test_x"), "{request:?}");
        let mut answer = Response::builder().status(self.status);
        if let Some((name, value)) = self.header {
            answer = answer.header(name, value);
        }
        let answer = answer.body(Bytes::from_static(b"{}")).map_err(|e| TransportError(e.to_string()));
        Box::pin(std::future::ready(answer))
    }
}

#[tokio::test]
async fn every_attempt_bears_the_same_key() {
    let always = Always::new(503, None);
    assert_eq!(always.attempts().await, 4);
    assert_eq!(*always.keys.lock().expect("nobody holds this"), ["key-1"; 4]);
}

#[tokio::test]
async fn stripe_decides_whether_another_attempt_makes_sense() {
    assert_eq!(Always::new(500, Some(("stripe-should-retry", "false"))).attempts().await, 1);
    assert_eq!(Always::new(429, Some(("stripe-should-retry", "false"))).attempts().await, 1);
    assert_eq!(Always::new(400, Some(("stripe-should-retry", "true"))).attempts().await, 4);
    assert_eq!(Always::new(500, Some(("idempotent-replayed", "true"))).attempts().await, 1);
    assert_eq!(Always::new(424, None).attempts().await, 4);
    assert_eq!(Always::new(404, None).attempts().await, 4, "a 4xx that is not Stripe's JSON is some proxy's page");
    assert_eq!(Always::new(401, None).attempts().await, 1);
}

#[tokio::test]
async fn waits_double_between_attempts() {
    let retry = RetryPolicy { attempts: 3, base_delay: Duration::from_millis(20) };
    let stripe = Stripe::new(Always::new(500, None), SecretKey::new("sk_test_x"), "http://stripe.local");
    let started = Instant::now();
    assert!(stripe.with_retry(retry).create_customer("key-1", "d-1").await.is_err());
    assert!(started.elapsed() >= Duration::from_millis(10 + 20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn f57_a_key_that_is_replaced_works_from_the_next_request_on_with_all_clones() -> Outcome {
    let bench = Bench::new();
    let transport = Arc::<StripeSimulator>::clone(&bench.simulator);
    let stripe = gateway(transport, "sk_test_revoked", "http://stripe.local");
    let clone = stripe.clone();
    let refused = clone.create_customer("customer:d-2", "d-2").await;
    assert_eq!(refused, Err(StripeFailure::KeyRefused { status: 401 }));
    stripe.replace_key(SecretKey::new(SECRET));
    clone.create_customer("customer:d-2", "d-2").await?;
    Ok(())
}
