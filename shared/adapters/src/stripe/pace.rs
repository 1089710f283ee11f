//! A limit on requests a second. Stripe answers 429 above its own, and a backlog that keeps running into that is settled
//! later than one that does not.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::time::Instant;

use crate::transport::{Answer, HttpTransport};

/// Sends requests no closer together than an interval, in the order in which they are asked for.
#[derive(Debug)]
pub struct Paced<T> {
    transport: T,
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl<T> Paced<T> {
    /// At most `per_second` requests in any second by all of `workers` together, which do not know of each other: each has
    /// the same whole number of them. Where there are more workers than requests, each sends one now and then, and a
    /// second may see one of each.
    #[must_use]
    pub fn new(transport: T, per_second: NonZeroU32, workers: NonZeroU32) -> Self {
        let second = Duration::from_secs(1);
        let each = per_second.get() / workers.get();
        let interval =
            if each == 0 { second * workers.get() / per_second.get() } else { second / each + Duration::from_nanos(1) };
        Self { transport, interval, next: Mutex::default() }
    }

    /// When the next request may be sent; the one after it an interval later.
    fn turn(&self) -> Instant {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.map_or(now, |next| next.max(now));
        *next = Some(turn + self.interval);
        turn
    }
}

impl<T: HttpTransport> HttpTransport for Paced<T> {
    fn send(&self, request: Request<Bytes>) -> Answer<'_> {
        let turn = self.turn();
        Box::pin(async move {
            tokio::time::sleep_until(turn).await;
            self.transport.send(request).await
        })
    }
}
