//! SQS on one machine: standard queues with the promises that the handlers rely on, on the virtual clock.
//!
//! Kept as on AWS: at least once, visibility timeout, receive count, dead letters, delays of up to 15 minutes, the
//! limits of a request. Messages come in the order in which they become visible, which standard queues do not promise:
//! a test that wants disorder sends in disorder, or asks for duplicates. Not kept: message attributes, retention.

mod queue;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::retry::RetryConfig;
use jiff::{SignedDuration, Timestamp};

use super::clock::VirtualClock;
use super::faults::{Draw, FaultQueue};
use super::lock;
use super::transport::sdk_client;
pub use queue::{DeadLetter, Delivery, Receipt};
use queue::{Message, Queue};

/// The longest delay of one message.
pub const MAX_DELAY_SECONDS: u32 = 900;

/// How a queue treats what is received and not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueOptions {
    /// How long a received message stays hidden from other receivers.
    pub visibility_seconds: u32,
    /// After so many receipts without a deletion, the next one moves the message to `dead_letter`.
    pub max_receive_count: u32,
    /// The queue that takes them; without one, messages come back for ever.
    pub dead_letter: Option<String>,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self { visibility_seconds: 30, max_receive_count: u32::MAX, dead_letter: None }
    }
}

/// What goes wrong with one send request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueFault {
    /// Refused, not queued: `RequestThrottled`.
    ThrottleBefore,
    /// The connection breaks before the request arrives.
    DropBefore,
    /// The messages are queued and the connection breaks before the answer.
    DropAfter,
    /// Each message of the request is queued twice, under one message id.
    Duplicate,
    /// Whoever sends ends before the request arrives.
    DieBefore,
    /// Whoever sends ends once the messages are queued.
    DieAfter,
}

/// A message was sent to a queue that nobody created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no queue {0:?}")]
pub struct UnknownQueue(pub String);

/// The queues of this process. Clones share them.
#[derive(Clone, Debug)]
pub struct LocalQueues(Arc<Queues>);

#[derive(Debug)]
struct Queues {
    clock: VirtualClock,
    state: Mutex<State>,
    faults: FaultQueue<QueueFault>,
    requests: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<String, Queue>,
    /// When which message of any queue with a receiver becomes visible: the driver's next appointment.
    appointments: BTreeSet<(Timestamp, u64)>,
    last_sequence: u64,
}

impl LocalQueues {
    /// No queues yet.
    #[must_use]
    pub fn new(clock: VirtualClock) -> Self {
        let requests = AtomicU64::default();
        Self(Arc::new(Queues { clock, state: Mutex::default(), faults: FaultQueue::new(), requests }))
    }

    /// Creates the queue, or changes the options of the one there is; its dead-letter queue is created with it.
    pub fn create(&self, name: &str, options: QueueOptions) {
        let mut state = lock(&self.0.state);
        if let Some(dead) = &options.dead_letter {
            state.park(dead);
        }
        state.queues.entry(name.to_owned()).or_default().options = options;
    }

    /// How many requests SDK clients made, whatever became of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// The address under which SDK clients send to this queue.
    #[must_use]
    pub fn url(name: &str) -> String {
        format!("{}{name}", wire::URL_BASE)
    }

    /// An SDK client of these queues that tries once. It can send; receiving is this type's own API, since on AWS the
    /// Lambda service does it.
    #[must_use]
    pub fn sdk_client(&self) -> Client {
        sdk_client!(aws_sdk_sqs, Arc::clone(&self.0), "http://sqs.local", RetryConfig::disabled())
    }

    /// Queues a message that becomes visible after `delay` (at most [`MAX_DELAY_SECONDS`]) and returns its id.
    ///
    /// # Errors
    /// The queue was never created.
    pub fn send(&self, name: &str, body: &str, delay: SignedDuration) -> Result<String, UnknownQueue> {
        let delay = delay.clamp(SignedDuration::ZERO, SignedDuration::from_secs(i64::from(MAX_DELAY_SECONDS)));
        self.0.send(name, body, delay, 1)
    }

    /// Takes up to `max` messages that are visible at `now`; each stays hidden for the visibility timeout and comes
    /// back unless deleted. A message received too often goes to the dead letters instead. Nothing from a queue that
    /// was never created.
    #[must_use]
    pub fn receive(&self, name: &str, max: usize, now: Timestamp) -> Vec<Delivery> {
        lock(&self.0.state).receive(name, max, now)
    }

    /// Forgets a message: it is done. False when the receipt is not the message's latest (it was delivered again
    /// since, and will be done again) or the message is already gone.
    #[must_use]
    pub fn delete(&self, name: &str, receipt: &Receipt) -> bool {
        lock(&self.0.state).delete(name, *receipt)
    }

    /// Lets a received message become visible again at `at`, earlier or later than its queue would. False as for
    /// [`Self::delete`].
    #[must_use]
    pub fn change_visibility(&self, name: &str, receipt: &Receipt, at: Timestamp) -> bool {
        lock(&self.0.state).change_visibility(name, *receipt, at)
    }

    /// The earliest time at which any queue has something to receive, past or future; dead letters wait for no one.
    #[must_use]
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        lock(&self.0.state).appointments.first().map(|(at, _)| *at)
    }

    /// How many messages the queue holds: visible, delayed and in flight.
    #[must_use]
    pub fn depth(&self, name: &str) -> usize {
        self.0.depth(name).unwrap_or(0)
    }

    /// What this queue gave up on, oldest first.
    #[must_use]
    pub fn dead_letters(&self, name: &str) -> Vec<DeadLetter> {
        let state = lock(&self.0.state);
        let dead = state.queues.get(name).and_then(|queue| queue.options.dead_letter.as_ref());
        dead.and_then(|dead| state.queues.get(dead)).map_or_else(Vec::new, |dead| dead.letters_from(name))
    }

    /// Takes them out.
    #[must_use]
    pub fn take_dead_letters(&self, name: &str) -> Vec<DeadLetter> {
        let mut state = lock(&self.0.state);
        let dead = state.queues.get(name).and_then(|queue| queue.options.dead_letter.clone());
        let dead = dead.and_then(|dead| state.queues.get_mut(&dead));
        dead.map_or_else(Vec::new, |dead| dead.take_letters_from(name))
    }

    /// Orders a fault for the next send request of an SDK client.
    pub fn inject(&self, fault: QueueFault) {
        self.0.faults.push(None, fault);
    }

    /// Has `draw` decide what goes wrong with each request for which nothing is ordered.
    pub fn draw(&self, draw: Draw<QueueFault>) {
        self.0.faults.draw(draw);
    }
}

impl Queues {
    fn depth(&self, name: &str) -> Option<usize> {
        lock(&self.state).queues.get(name).map(Queue::depth)
    }

    fn send(&self, name: &str, body: &str, delay: SignedDuration, copies: u32) -> Result<String, UnknownQueue> {
        let visible_at = self.clock.now().saturating_add(delay).unwrap_or(Timestamp::MAX);
        let mut state = lock(&self.state);
        if !state.queues.contains_key(name) {
            return Err(UnknownQueue(name.to_owned()));
        }
        let id = MessageId(state.last_sequence + 1).to_string();
        for _ in 0..copies {
            state.last_sequence += 1;
            let sequence = state.last_sequence;
            state.add(name, sequence, Message::new(id.clone(), body.to_owned(), visible_at));
        }
        Ok(id)
    }
}

impl State {
    /// Makes `name` a queue of dead letters, which nobody is called to receive.
    fn park(&mut self, name: &str) {
        let queue = self.queues.entry(name.to_owned()).or_default();
        queue.parked = true;
        for appointment in queue.schedule() {
            self.appointments.remove(appointment);
        }
    }

    fn add(&mut self, name: &str, sequence: u64, message: Message) {
        let Some(queue) = self.queues.get_mut(name) else { return };
        if !queue.parked {
            self.appointments.insert((message.visible_at, sequence));
        }
        queue.insert(sequence, message);
    }

    fn remove(&mut self, name: &str, sequence: u64) -> Option<Message> {
        let message = self.queues.get_mut(name)?.remove(sequence)?;
        self.appointments.remove(&(message.visible_at, sequence));
        Some(message)
    }

    fn receive(&mut self, name: &str, max: usize, now: Timestamp) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        while deliveries.len() < max {
            let Some(sequence) = self.queues.get(name).and_then(|queue| queue.first_visible(now)) else { break };
            let Some(message) = self.remove(name, sequence) else { break };
            deliveries.extend(self.deliver(name, sequence, message, now));
        }
        deliveries
    }

    /// Hands the message out and hides it, or moves it to the dead letters.
    fn deliver(&mut self, name: &str, sequence: u64, mut message: Message, now: Timestamp) -> Option<Delivery> {
        let options = &self.queues.get(name)?.options;
        if let Some(dead) = options.dead_letter.clone()
            && message.receive_count >= options.max_receive_count
        {
            message.given_up_by = Some(name.to_owned());
            message.visible_at = now;
            self.add(&dead, sequence, message);
            return None;
        }
        let hidden = SignedDuration::from_secs(i64::from(options.visibility_seconds));
        message.visible_at = now.saturating_add(hidden).unwrap_or(Timestamp::MAX);
        message.receive_count += 1;
        let delivery = message.delivery(sequence);
        self.add(name, sequence, message);
        Some(delivery)
    }

    fn holds(&self, name: &str, receipt: Receipt) -> bool {
        self.queues.get(name).is_some_and(|queue| queue.is_latest(receipt))
    }

    fn delete(&mut self, name: &str, receipt: Receipt) -> bool {
        self.holds(name, receipt) && self.remove(name, receipt.sequence()).is_some()
    }

    fn change_visibility(&mut self, name: &str, receipt: Receipt, at: Timestamp) -> bool {
        if !self.holds(name, receipt) {
            return false;
        }
        let Some(mut message) = self.remove(name, receipt.sequence()) else { return false };
        message.visible_at = at;
        self.add(name, receipt.sequence(), message);
        true
    }
}

/// Ids of the shape that SQS gives, counted instead of drawn so that two runs are the same.
struct MessageId(u64);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00000000-0000-4000-8000-{:012x}", self.0)
    }
}
