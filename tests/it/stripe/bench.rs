//! Simulator, clock and gateway on one bench.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use plugtill::stripe_simulator::{Books, StripeFault, StripeSimulator};
use plugtill_adapters::stripe::{
    CaptureOrder, HttpTransport, PaymentOrder, RefundOrder, RetryPolicy, SecretKey, Stripe, StripeFailure,
};
use plugtill_domain::money::Money;
use serde_json::Value;

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

pub(crate) const SECRET: &str = "sk_test_bench";

/// 2026-01-01T00:00:00Z.
pub(crate) const START_SECONDS: i64 = 1_767_225_600;

pub(crate) const HOUR_SECONDS: i64 = 3600;

pub(crate) struct Bench {
    pub(crate) clock: Arc<AtomicI64>,
    pub(crate) simulator: Arc<StripeSimulator>,
    pub(crate) stripe: Stripe,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(AtomicI64::new(START_SECONDS * 1000));
        let simulator = Arc::new(StripeSimulator::new(Arc::clone(&clock), SECRET));
        let transport = Arc::<StripeSimulator>::clone(&simulator);
        Self { clock, stripe: gateway(transport, SECRET, "http://stripe.local"), simulator }
    }

    pub(crate) fn sleep(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.load(Ordering::Relaxed) / 1000
    }

    pub(crate) fn goes_wrong(&self, faults: &[StripeFault]) {
        for fault in faults {
            self.simulator.inject(*fault);
        }
    }

    pub(crate) fn books(&self) -> Books {
        self.simulator.books()
    }

    /// The events that are delivered now, each taken at once.
    pub(crate) fn take_events(&self) -> Vec<Value> {
        let due = self.simulator.webhooks_due();
        for delivery in &due {
            self.simulator.webhook_answered(delivery.id, 200);
        }
        due.iter().map(|delivery| serde_json::from_str(&delivery.body).unwrap()).collect()
    }

    /// A driver whose card Stripe has saved.
    pub(crate) async fn driver(&self, card: &str) -> Result<Driver, StripeFailure> {
        let customer = self.stripe.create_customer("customer:d-1", "d-1").await?;
        let payment_method = self.stripe.attach_payment_method("attach:d-1", card, &customer).await?;
        Ok(Driver { customer, payment_method })
    }

    /// Serves the simulator on this machine until the test ends.
    pub(crate) async fn served(&self) -> Outcome<SocketAddr> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Arc::clone(&self.simulator).router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(address)
    }

    /// A request without any client, as `POST path form` or `GET path`; the answer as Stripe writes it.
    pub(crate) fn raw(&self, request: &str, key: Option<&str>) -> Outcome<Response<serde_json::Value>> {
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut raw = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {SECRET}"));
        if let Some(key) = key {
            raw = raw.header("idempotency-key", key);
        }
        let body = Bytes::copy_from_slice(words.next().unwrap_or_default().as_bytes());
        let answer = self.simulator.handle(&raw.body(body)?).ok_or("the answer was lost")?;
        let (parts, body) = answer.into_parts();
        Ok(Response::from_parts(parts, serde_json::from_slice(&body)?))
    }
}

pub(crate) struct Driver {
    pub(crate) customer: String,
    pub(crate) payment_method: String,
}

impl Driver {
    /// An order for session `s-1`.
    pub(crate) fn order(&self, amount: Money) -> PaymentOrder {
        PaymentOrder {
            amount,
            customer: self.customer.clone(),
            payment_method: self.payment_method.clone(),
            session: "s-1".to_owned(),
            purpose: "hold",
            name: "hold:s-1:1".to_owned(),
            raisable: false,
            destination: None,
        }
    }
}

/// A capture for session `s-1`.
pub(crate) fn taking(amount: &str) -> Outcome<CaptureOrder> {
    Ok(CaptureOrder { amount: eur(amount)?, session: "s-1".to_owned(), destination: None })
}

/// A refund for session `s-1`.
pub(crate) fn refund_of(amount: &str) -> Outcome<RefundOrder> {
    let (session, name) = ("s-1".to_owned(), "refund:s-1:1".to_owned());
    Ok(RefundOrder { amount: eur(amount)?, session, name, connected: false })
}

/// A gateway that repeats at once.
pub(crate) fn gateway(transport: Arc<dyn HttpTransport>, secret: &str, url: &str) -> Stripe {
    let retry = RetryPolicy { attempts: 4, base_delay: Duration::ZERO };
    Stripe::new(transport, SecretKey::new(secret), url).with_retry(retry)
}

pub(crate) fn money(amount: &str, currency: &str) -> Outcome<Money> {
    Ok(Money::parse(amount, currency.parse()?)?)
}

pub(crate) fn eur(amount: &str) -> Outcome<Money> {
    money(amount, "EUR")
}
