//! What goes wrong with the requests that functions make to any edge, decided by a test request by request.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::SignedDuration;
use plugtill::edges::dynamo::StoreFault;
use plugtill::edges::sqs::QueueFault;
use plugtill::edges::{iot, sns};
use plugtill::stack::Stack;
use plugtill::stripe_simulator::StripeFault;

use crate::Story;

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "their names")]
pub enum Edge {
    Table,
    Queues,
    Topics,
    Broker,
    Stripe,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// Refused for now, and not carried out.
    Refused,
    /// Lost on its way.
    LostBefore,
    /// Carried out, and its answer lost.
    LostAfter,
    /// Whoever asks ends before it arrives.
    DiedBefore,
    /// Whoever asks ends once it is carried out.
    DiedAfter,
    /// A message that is queued twice; elsewhere nothing.
    Doubled,
}

/// How often something went wrong.
#[derive(Debug, Clone, Default)]
pub struct Met {
    times: Arc<AtomicU64>,
    outside: Arc<AtomicBool>,
}

impl Met {
    /// So often.
    #[must_use]
    pub fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    /// From now on it is the test that asks a function, and not a queue or timer: one that ends is then a future that is never
    /// ready, for the test to drop.
    pub fn outside(&self, outside: bool) {
        self.outside.store(outside, Ordering::Relaxed);
    }
}

/// From now on `decide` says of every request, by its edge and operation, what goes wrong with it. Operations are those of
/// the protocol: `PutItem`, `SendMessageBatch`, `Publish`, `POST /v1/payment_intents`.
pub fn goes_wrong(stack: &Stack, decide: impl FnMut(Edge, &str) -> Option<Wrong> + Send + 'static) -> Met {
    let (met, decide) = (Met::default(), Arc::new(Mutex::new(decide)));
    let ask = |edge: Edge| {
        let (met, decide, life) = (met.clone(), Arc::clone(&decide), stack.life());
        move |operation: &str| {
            let wrong = (decide.lock().unwrap_or_else(PoisonError::into_inner))(edge, operation)?;
            met.times.fetch_add(1, Ordering::Relaxed);
            let dies = matches!(wrong, Wrong::DiedBefore | Wrong::DiedAfter);
            if dies && !met.outside.load(Ordering::Relaxed) {
                life.end();
            }
            Some(wrong)
        }
    };
    let (table, queues, topics, broker, stripe) =
        (ask(Edge::Table), ask(Edge::Queues), ask(Edge::Topics), ask(Edge::Broker), ask(Edge::Stripe));
    stack.table.draw(Box::new(move |operation| table(operation).and_then(of_table)));
    stack.queues.draw(Box::new(move |operation| queues(operation).map(of_queues)));
    stack.topics.draw(Box::new(move |operation| topics(operation).and_then(of_topics)));
    stack.broker.draw(Box::new(move |operation| broker(operation).and_then(of_broker)));
    stack.stripe.draw(Box::new(move |method, path| stripe(&format!("{method} {path}")).and_then(of_stripe)));
    met
}

/// The `first` request and those after it, `times` in all, of those that `which` names go wrong in this way.
pub fn nth_goes_wrong(
    stack: &Stack,
    which: impl Fn(Edge, &str) -> bool + Send + 'static,
    (first, times): (u64, u64),
    wrong: Wrong,
) -> Met {
    let mut count = 0;
    goes_wrong(stack, move |edge, operation| {
        if !which(edge, operation) {
            return None;
        }
        count += 1;
        (first + 1..=first + times).contains(&count).then_some(wrong)
    })
}

/// Tells `stack` a story through the queue, as the broker does: what a function does not finish comes back by itself. Then a
/// day passes.
///
/// # Panics
/// When time does not pass although nothing goes wrong any more.
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub async fn tell_by_queue(stack: &mut Stack, story: &Story) -> u64 {
    let last = hand_in(stack, story).await;
    pass_to(stack, last + SignedDuration::from_hours(26)).await;
    story.lines.len() as u64
}

/// The same without the day after it; when the last message was handed in.
///
/// # Panics
/// When time does not pass.
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub async fn hand_in(stack: &mut Stack, story: &Story) -> jiff::Timestamp {
    let mut lines = story.lines.clone();
    lines.sort_by_key(|(received, _)| *received);
    let last = lines.last().map_or_else(|| stack.clock.now(), |(received, _)| *received);
    for (at, line) in lines {
        pass_to(stack, at).await;
        stack.hand_in(&line).expect("a queue");
        pass_to(stack, at).await;
    }
    last
}

/// Lets time pass; a sweep that fails is one of every minute.
///
/// # Panics
/// When it stands still.
#[allow(clippy::panic, reason = "a helper of tests")]
pub async fn pass_to(stack: &mut Stack, to: jiff::Timestamp) {
    for _ in 0..20_000 {
        match stack.advance_to(to).await {
            Ok(()) => return,
            Err(error) if error.is_temporary() => {}
            Err(error) => panic!("{error}"),
        }
    }
    panic!("time stands still at {}", stack.clock.now());
}

const fn of_table(wrong: Wrong) -> Option<StoreFault> {
    Some(match wrong {
        Wrong::Refused => StoreFault::ThrottleBefore,
        Wrong::LostBefore => StoreFault::DropBefore,
        Wrong::LostAfter => StoreFault::DropAfter,
        Wrong::DiedBefore => StoreFault::DieBefore,
        Wrong::DiedAfter => StoreFault::DieAfter,
        Wrong::Doubled => return None,
    })
}

const fn of_queues(wrong: Wrong) -> QueueFault {
    match wrong {
        Wrong::Refused => QueueFault::ThrottleBefore,
        Wrong::LostBefore => QueueFault::DropBefore,
        Wrong::LostAfter => QueueFault::DropAfter,
        Wrong::DiedBefore => QueueFault::DieBefore,
        Wrong::DiedAfter => QueueFault::DieAfter,
        Wrong::Doubled => QueueFault::Duplicate,
    }
}

const fn of_topics(wrong: Wrong) -> Option<sns::PublishFault> {
    Some(match wrong {
        Wrong::Refused => sns::PublishFault::ThrottleBefore,
        Wrong::LostBefore => sns::PublishFault::DropBefore,
        Wrong::LostAfter => sns::PublishFault::DropAfter,
        Wrong::DiedBefore => sns::PublishFault::DieBefore,
        Wrong::DiedAfter => sns::PublishFault::DieAfter,
        Wrong::Doubled => return None,
    })
}

const fn of_broker(wrong: Wrong) -> Option<iot::PublishFault> {
    Some(match wrong {
        Wrong::Refused | Wrong::LostBefore => iot::PublishFault::DropBefore,
        Wrong::LostAfter => iot::PublishFault::DropAfter,
        Wrong::DiedBefore => iot::PublishFault::DieBefore,
        Wrong::DiedAfter => iot::PublishFault::DieAfter,
        Wrong::Doubled => return None,
    })
}

const fn of_stripe(wrong: Wrong) -> Option<StripeFault> {
    Some(match wrong {
        Wrong::Refused => StripeFault::RateLimited,
        Wrong::LostBefore => StripeFault::DropBefore,
        Wrong::LostAfter => StripeFault::DropAfterCommit,
        Wrong::DiedBefore => StripeFault::DieBefore,
        Wrong::DiedAfter => StripeFault::DieAfterCommit,
        Wrong::Doubled => return None,
    })
}
