//! SQS: in-process queues with the same promises. At least once, in no promised order, invisible while being worked
//! on, delayed where asked, and into the dead letters after too many tries.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::clock::VirtualClock;
use super::transport::{self, Answer, Fault, Faults, Service};

/// How a queue treats its messages.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Seconds a received message stays invisible.
    pub visibility_seconds: i64,
    /// Deliveries after which a message is a dead letter.
    pub max_receive_count: u32,
}

/// A message handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The message's id.
    pub message_id: String,
    /// Names this delivery; deleting needs it.
    pub receipt: String,
    /// What was sent.
    pub body: String,
    /// How often it has been handed out, this time included.
    pub receive_count: u32,
}

/// Queues on virtual time.
#[derive(Debug, Clone)]
pub struct LocalQueues {
    queues: Arc<Queues>,
    faults: Faults,
}

#[derive(Debug)]
struct Queues {
    clock: VirtualClock,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sequence: u64,
    queues: HashMap<String, Queue>,
}

#[derive(Debug)]
struct Queue {
    options: QueueOptions,
    /// By the instant a message becomes visible (unix milliseconds), then by the order of sending.
    waiting: BTreeMap<(i64, u64), Message>,
    dead: Vec<String>,
}

#[derive(Debug)]
struct Message {
    id: u64,
    body: String,
    receive_count: u32,
}

impl LocalQueues {
    /// Queues on `clock`.
    #[must_use]
    pub fn new(clock: VirtualClock) -> Self {
        Self { queues: Arc::new(Queues { clock, state: Mutex::default() }), faults: Faults::default() }
    }

    /// Makes a queue.
    pub fn create(&self, name: &str, options: QueueOptions) {
        let queue = Queue { options, waiting: BTreeMap::new(), dead: Vec::new() };
        self.queues.state().queues.insert(name.to_owned(), queue);
    }

    /// The URL by which the SDK client knows a queue.
    #[must_use]
    pub fn url(name: &str) -> String {
        format!("http://sqs.local/{name}")
    }

    /// An unmodified SDK client that speaks to these queues.
    #[must_use]
    pub fn client(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&transport::config(Arc::clone(&self.queues), self.faults.clone()))
    }

    /// Lets the next request fail.
    pub fn inject(&self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Hands out up to `max` messages that are visible at `now`.
    #[must_use]
    pub fn receive(&self, name: &str, max: usize, now: Timestamp) -> Vec<Delivery> {
        let mut state = self.queues.state();
        let Some(queue) = state.queues.get_mut(name) else { return Vec::new() };
        let mut deliveries = Vec::new();
        while deliveries.len() < max {
            let visible = queue.waiting.first_entry().filter(|entry| entry.key().0 <= now.as_millisecond());
            let Some(mut message) = visible.map(|entry| entry.remove()) else { break };
            if message.receive_count >= queue.options.max_receive_count {
                queue.dead.push(message.body);
                continue;
            }
            message.receive_count += 1;
            let again = (now + SignedDuration::from_secs(queue.options.visibility_seconds)).as_millisecond();
            deliveries.push(Delivery {
                message_id: message.id.to_string(),
                receipt: format!("{again}.{}", message.id),
                body: message.body.clone(),
                receive_count: message.receive_count,
            });
            queue.waiting.insert((again, message.id), message);
        }
        deliveries
    }

    /// Deletes a message by the receipt of its latest delivery; an older receipt deletes nothing.
    pub fn delete(&self, name: &str, receipt: &str) {
        let key = receipt.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
        if let (Some(key), Some(queue)) = (key, self.queues.state().queues.get_mut(name)) {
            queue.waiting.remove(&key);
        }
    }

    /// When a message of any queue is next visible, UTC.
    #[must_use]
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        let state = self.queues.state();
        let first = |queue: &Queue| queue.waiting.first_key_value().map(|((at, _), _)| *at);
        state.queues.values().filter_map(first).min().and_then(|at| Timestamp::from_millisecond(at).ok())
    }

    /// The bodies of a queue's dead letters.
    #[must_use]
    pub fn dead_letters(&self, name: &str) -> Vec<String> {
        self.queues.state().queues.get(name).map(|queue| queue.dead.clone()).unwrap_or_default()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: i64,
}

impl Queues {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send_batch(&self, batch: Batch) -> Option<serde_json::Value> {
        let name = batch.queue_url.rsplit('/').next().unwrap_or_default();
        let now = self.clock.now();
        let mut state = self.state();
        let mut sent = Vec::new();
        for entry in batch.entries {
            state.sequence += 1;
            let id = state.sequence;
            let visible_at = (now + SignedDuration::from_secs(entry.delay_seconds)).as_millisecond();
            let message = Message { id, body: entry.message_body, receive_count: 0 };
            state.queues.get_mut(name)?.waiting.insert((visible_at, id), message);
            sent.push(json!({ "Id": entry.id, "MessageId": id.to_string(), "MD5OfMessageBody": "" }));
        }
        Some(json!({ "Successful": sent, "Failed": [] }))
    }
}

impl Service for Queues {
    fn answer(&self, operation: &str, body: &[u8]) -> Answer {
        let refused = |kind: &str| Answer { status: 400, body: json!({ "__type": kind }).to_string() };
        if operation != "SendMessageBatch" {
            return refused("com.amazonaws.sqs#UnsupportedOperation");
        }
        let Ok(batch) = serde_json::from_slice(body) else { return refused("com.amazonaws.sqs#InvalidMessageContents") };
        match self.send_batch(batch) {
            Some(sent) => Answer { status: 200, body: sent.to_string() },
            None => refused("com.amazonaws.sqs#QueueDoesNotExist"),
        }
    }
}
