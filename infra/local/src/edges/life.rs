//! Processes that end in the middle of their work: at a request that is lost with them, or that is still carried out.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// Whether the process that is running has ended. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Life(Arc<AtomicBool>);

impl Life {
    /// The process ends at the request that it is making; the edge never answers that.
    pub fn end(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Runs `work` to its end, or to its process's: then `None`, and what was in memory is gone.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        // Apart, for whoever waits for it is passed around.
        let mut work = Box::pin(work);
        poll_fn(move |context| {
            let polled = work.as_mut().poll(context);
            match (self.0.swap(false, Ordering::Relaxed), polled) {
                (true, _) => Poll::Ready(None),
                (false, polled) => polled.map(Some),
            }
        })
    }
}
