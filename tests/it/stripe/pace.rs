//! A backlog meets Stripe's limit: no second sees more requests than are configured, and none is lost.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use plugtill::stripe_simulator::StripeSimulator;
use plugtill_adapters::stripe::{Answer, HttpTransport, Paced, SecretKey, Stripe};
use tokio::time::{Instant, sleep};

use super::bench::{Bench, Outcome, SECRET, eur, taking};

const CAPTURES: usize = 10_000;
const PER_SECOND: u32 = 24;
const WORKERS: u32 = 8;
/// What a request to Stripe takes.
const LATENCY: Duration = Duration::from_millis(330);

/// Stripe at a distance, and when it was asked for captures.
#[derive(Debug)]
struct Distant {
    simulator: Arc<StripeSimulator>,
    asked: Arc<Mutex<Vec<Instant>>>,
}

impl HttpTransport for Distant {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        if request.method() == Method::POST {
            self.asked.lock().unwrap().push(Instant::now());
        }
        Box::pin(async move {
            sleep(LATENCY).await;
            self.simulator.send(request).await
        })
    }
}

#[tokio::test(start_paused = true)]
async fn f55_a_backlog_of_ten_thousand_captures_keeps_to_the_limit_and_loses_none() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let mut holds = VecDeque::new();
    for session in 0..CAPTURES {
        let hold = bench.stripe.place_hold(&format!("hold:{session}"), &driver.order(eur("20.00")?)).await?;
        holds.push_back(hold.id);
    }
    let (backlog, asked) = (Arc::new(Mutex::new(holds)), Arc::new(Mutex::new(Vec::new())));
    let began = Instant::now();
    let workers: Vec<_> = (0..WORKERS).map(|_| tokio::spawn(worker(&bench, &asked, Arc::clone(&backlog)))).collect();
    for worker in workers {
        worker.await??;
    }
    let took = began.elapsed();
    let mut asked = asked.lock().unwrap().clone();
    asked.sort_unstable();
    let busiest = (0..asked.len())
        .map(|first| asked[first..].iter().take_while(|at| **at < asked[first] + Duration::from_secs(1)).count());
    let busiest = busiest.max().unwrap_or_default();
    println!("{CAPTURES} captures by {WORKERS} workers in {} s, {busiest} in the busiest second", took.as_secs());
    assert_eq!(bench.books().captures, CAPTURES as u64);
    assert_eq!(asked.len(), CAPTURES, "none was asked for twice");
    assert!(busiest <= usize::try_from(PER_SECOND)?, "{busiest} in the busiest second");
    assert!(
        took < Duration::from_secs(CAPTURES as u64 / u64::from(PER_SECOND) + 60),
        "{took:?}: slower than it may be"
    );
    Ok(())
}

/// One of the functions that settle at the same time; it knows of no other.
fn worker(
    bench: &Bench,
    asked: &Arc<Mutex<Vec<Instant>>>,
    backlog: Arc<Mutex<VecDeque<String>>>,
) -> impl Future<Output = Result<(), String>> + Send + 'static {
    let distant = Distant { simulator: Arc::clone(&bench.simulator), asked: Arc::clone(asked) };
    let limits = NonZeroU32::new(PER_SECOND).zip(NonZeroU32::new(WORKERS)).unwrap();
    let paced = Paced::new(distant, limits.0, limits.1);
    let stripe = Stripe::new(Arc::new(paced), SecretKey::new(SECRET), "http://stripe.local");
    async move {
        loop {
            let Some(intent) = backlog.lock().unwrap().pop_front() else { return Ok(()) };
            let order = taking("3.50").map_err(|error| error.to_string())?;
            stripe.capture(&format!("capture:{intent}"), &intent, &order).await.map_err(|error| error.to_string())?;
        }
    }
}
