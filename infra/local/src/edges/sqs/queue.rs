//! One queue and its messages.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use jiff::Timestamp;

use super::QueueOptions;

/// The right to delete one delivery of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Receipt {
    sequence: u64,
    receive_count: u32,
}

impl Receipt {
    pub(super) fn sequence(self) -> u64 {
        self.sequence
    }
}

/// As the `receiptHandle` of a Lambda event.
impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.sequence, self.receive_count)
    }
}

/// A message as handed to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The id given when it was sent; the same for each delivery and duplicate.
    pub message_id: String,
    /// What deletes it.
    pub receipt: Receipt,
    /// As sent.
    pub body: String,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

/// A message that its queue gave up on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The id given when it was sent.
    pub message_id: String,
    /// As sent.
    pub body: String,
    /// How often it was received in vain.
    pub receive_count: u32,
    /// When it was given up.
    pub at: Timestamp,
}

#[derive(Debug)]
pub(super) struct Message {
    id: String,
    body: String,
    pub(super) visible_at: Timestamp,
    pub(super) receive_count: u32,
    /// The queue that it died in, once it is a dead letter.
    pub(super) given_up_by: Option<String>,
}

impl Message {
    pub(super) fn new(id: String, body: String, visible_at: Timestamp) -> Self {
        Self { id, body, visible_at, receive_count: 0, given_up_by: None }
    }

    pub(super) fn delivery(&self, sequence: u64) -> Delivery {
        Delivery {
            message_id: self.id.clone(),
            receipt: Receipt { sequence, receive_count: self.receive_count },
            body: self.body.clone(),
            receive_count: self.receive_count,
        }
    }

    fn dead_letter(&self) -> DeadLetter {
        DeadLetter {
            message_id: self.id.clone(),
            body: self.body.clone(),
            receive_count: self.receive_count,
            at: self.visible_at,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) options: QueueOptions,
    /// Holds dead letters, so nobody waits for its messages.
    pub(super) parked: bool,
    messages: HashMap<u64, Message>,
    /// By the time at which they become visible, then in the order sent; a message in flight stands at its return.
    schedule: BTreeSet<(Timestamp, u64)>,
}

impl Queue {
    pub(super) fn insert(&mut self, sequence: u64, message: Message) {
        self.schedule.insert((message.visible_at, sequence));
        self.messages.insert(sequence, message);
    }

    pub(super) fn remove(&mut self, sequence: u64) -> Option<Message> {
        let message = self.messages.remove(&sequence)?;
        self.schedule.remove(&(message.visible_at, sequence));
        Some(message)
    }

    pub(super) fn first_visible(&self, now: Timestamp) -> Option<u64> {
        self.schedule.first().filter(|(visible_at, _)| *visible_at <= now).map(|(_, sequence)| *sequence)
    }

    pub(super) fn is_latest(&self, receipt: Receipt) -> bool {
        self.messages.get(&receipt.sequence).is_some_and(|message| message.receive_count == receipt.receive_count)
    }

    pub(super) fn depth(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn schedule(&self) -> &BTreeSet<(Timestamp, u64)> {
        &self.schedule
    }

    pub(super) fn take_letters_from(&mut self, source: &str) -> Vec<DeadLetter> {
        let letters = self.letters_from(source);
        let from_source = |message: &Message| message.given_up_by.as_deref() == Some(source);
        self.schedule.retain(|(_, sequence)| self.messages.get(sequence).is_some_and(|message| !from_source(message)));
        self.messages.retain(|_, message| !from_source(message));
        letters
    }

    pub(super) fn letters_from(&self, source: &str) -> Vec<DeadLetter> {
        let in_order = self.schedule.iter().filter_map(|(_, sequence)| self.messages.get(sequence));
        let from_source = in_order.filter(|message| message.given_up_by.as_deref() == Some(source));
        from_source.map(Message::dead_letter).collect()
    }
}
