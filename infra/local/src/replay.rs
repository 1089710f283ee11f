//! Captured traffic through the product, in event time.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::site::Site;

use crate::stack::{Options, Stack, StackError};
use crate::traffic::{Line, Traffic, TrafficError, window};

/// The most messages of one delivery.
const BATCH: usize = 250;
/// After the last message time goes on until everything that can settle has: the wait for an unplug and some.
const AFTERMATH: SignedDuration = SignedDuration::from_hours(26);

/// A replay could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The traffic cannot be read.
    #[error(transparent)]
    Traffic(#[from] TrafficError),
    /// The product stopped.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Nothing in it.
    #[error("{0}: no messages; expected JSON lines {{\"topic\",\"received_at\",\"payload\"}}")]
    Empty(String),
}

/// A finished replay.
pub struct Replayed {
    /// The product as it stands.
    pub stack: Stack,
    /// Messages received.
    pub received: u64,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

/// Replays `traffic` for `sites`; `progress` is called with the bytes read. `stop` ends it at the next batch.
///
/// # Errors
/// When the traffic cannot be read or the product stops.
pub async fn replay(
    mut traffic: Traffic,
    sites: &[Site],
    options: Options,
    stop: &AtomicBool,
    mut progress: impl FnMut(u64),
) -> Result<Replayed, ReplayError> {
    let settle_after = sites.iter().map(|site| site.terms.settle_after_minutes).min().unwrap_or(2);
    let first = traffic.next_line()?.ok_or_else(|| ReplayError::Empty("the traffic".to_owned()))?;
    let start = first.received_at.unwrap_or(Timestamp::UNIX_EPOCH);
    let options = Options { start, ..options };
    let mut stack = Stack::start(&options, sites).await?;
    let longest = SignedDuration::from_mins(i64::from(settle_after)) + AFTERMATH;
    let mut gatherer = Gatherer { next: Some(first), window: window(settle_after), last: start };
    let mut received = 0;
    while !stop.load(Ordering::Relaxed) {
        let Some(at) = gatherer.next_at() else { break };
        stack.advance_to(at).await?;
        let batch = gatherer.gather(&mut traffic, stack.next_wake())?;
        received += batch.len() as u64;
        progress(batch.iter().map(|body| body.len() as u64 + 1).sum());
        stack.clock.advance_to(gatherer.last);
        stack.deliver(batch).await?;
    }
    let stopped = gatherer.next.is_some();
    if !stopped {
        let end = gatherer.last + longest;
        stack.advance_to(end).await?;
    }
    stack.save(&options)?;
    Ok(Replayed { stack, received, stopped })
}

struct Gatherer {
    next: Option<Line>,
    window: SignedDuration,
    /// The receive time of the latest message taken; messages without one count as received with it.
    last: Timestamp,
}

impl Gatherer {
    fn next_at(&self) -> Option<Timestamp> {
        self.next.as_ref().map(|line| line.received_at.unwrap_or(self.last))
    }

    /// Takes messages until the batch is full, something falls due, or one that cannot wait has waited its window.
    fn gather(&mut self, traffic: &mut Traffic, wake: Option<Timestamp>) -> Result<Vec<String>, TrafficError> {
        let mut until = wake;
        let mut batch = Vec::new();
        while let Some(at) = self.next_at() {
            if batch.len() == BATCH || !batch.is_empty() && until.is_some_and(|until| at >= until) {
                break;
            }
            let Some(line) = self.next.take() else { break };
            if !line.may_wait {
                let close = at + self.window;
                until = Some(until.map_or(close, |until| until.min(close)));
            }
            self.last = self.last.max(at);
            batch.push(line.body);
            self.next = traffic.next_line()?;
        }
        Ok(batch)
    }
}
