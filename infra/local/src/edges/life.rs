//! Processes that end in the middle of their work, at a request that is lost with them or is still carried out; and such
//! as wait for an answer for so long that another has begun the same work.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::Poll;

/// Whether the process that is running has ended, or waits. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Life(Arc<State>);

#[derive(Debug, Default)]
struct State {
    ended: AtomicBool,
    /// For how many seconds it is to wait; 0 when it is not.
    waits: AtomicI64,
    /// Whether a request went wrong since somebody last asked.
    wronged: AtomicBool,
}

/// Work that can be put aside.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What became of work.
pub(crate) enum Outcome<T> {
    Done(T),
    /// Its process has ended.
    Died,
    /// It waits for an answer, for so many seconds.
    Waits(Work<T>, i64),
}

impl Life {
    /// The process ends at the request that it is making; the edge never answers that.
    pub fn end(&self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }

    /// The answer to the request that it is making comes so many seconds later.
    pub fn stall(&self, seconds: i64) {
        self.0.waits.store(seconds, Ordering::Relaxed);
    }

    /// A request goes wrong: what it was for may have been done, and nobody knows.
    pub fn wrong(&self) {
        self.0.wronged.store(true, Ordering::Relaxed);
    }

    /// Whether a request went wrong since this was last asked.
    pub(crate) fn take_wrong(&self) -> bool {
        self.0.wronged.swap(false, Ordering::Relaxed)
    }

    /// Runs `work` to its end, or to its process's: then `None`, and what was in memory is gone.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> impl Future<Output = Option<T>> {
        // Apart, for whoever waits for it is passed around.
        let mut work = Box::pin(work);
        poll_fn(move |context| {
            let polled = work.as_mut().poll(context);
            // Nobody else could do this work meanwhile: it goes on at once.
            self.0.waits.store(0, Ordering::Relaxed);
            match (self.0.ended.swap(false, Ordering::Relaxed), polled) {
                (true, _) => Poll::Ready(None),
                (false, polled) => polled.map(Some),
            }
        })
    }

    /// Runs `work` to its end, to its process's, or to an answer that does not come.
    pub(crate) fn begin<T>(&self, work: Work<T>) -> impl Future<Output = Outcome<T>> {
        let mut kept = Some(work);
        poll_fn(move |context| {
            let Some(mut work) = kept.take() else { return Poll::Ready(Outcome::Died) };
            let polled = work.as_mut().poll(context);
            let waits = self.0.waits.swap(0, Ordering::Relaxed);
            match (self.0.ended.swap(false, Ordering::Relaxed), polled) {
                (true, _) => Poll::Ready(Outcome::Died),
                (false, Poll::Ready(done)) => Poll::Ready(Outcome::Done(done)),
                (false, Poll::Pending) if waits > 0 => Poll::Ready(Outcome::Waits(work, waits)),
                (false, Poll::Pending) => {
                    kept = Some(work);
                    Poll::Pending
                }
            }
        })
    }
}

/// Waits until whoever does the work looks at it once more.
pub(crate) async fn once_more() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
