//! SNS on one machine: a sink that keeps every message published and knows whom it would have reached.
//!
//! Any topic is accepted; who hears it is decided by the [`SubscriptionSet`], as a filter policy on message attributes
//! does on AWS. A message that AWS would refuse (no text, a subject of two lines, a number that is none) is refused.

mod subscription;
mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use jiff::Timestamp;

use super::clock::VirtualClock;
use super::faults::FaultQueue;
use super::lock;
use super::transport::sdk_client;
pub use subscription::{Protocol, Recipient, Subscription, SubscriptionSet};

/// What goes wrong with one publish request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// Refused, not published: `Throttling`.
    ThrottleBefore,
    /// The connection breaks before the request arrives.
    DropBefore,
    /// Published, and the connection breaks before the answer.
    DropAfter,
}

/// A message as it was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// Counted, not drawn: two runs are the same.
    pub message_id: String,
    /// The topic, unless it went to one telephone.
    pub topic_arn: Option<String>,
    /// The telephone (E.164), unless it went to a topic.
    pub phone_number: Option<String>,
    /// The subject line of an e-mail.
    pub subject: Option<String>,
    /// The text.
    pub message: String,
    /// Message attributes of type String or Number, by name.
    pub attributes: BTreeMap<String, String>,
    /// When, on the virtual clock.
    pub at: Timestamp,
    /// Whom it reached.
    pub recipients: Vec<Recipient>,
}

/// How many deliveries went out, by protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Text messages, to subscribers and to single numbers.
    pub sms: u64,
    /// E-mails.
    pub email: u64,
}

/// The SNS of this process. Clones share it.
#[derive(Clone, Debug)]
pub struct LocalTopics(Arc<Topics>);

#[derive(Debug)]
struct Topics {
    clock: VirtualClock,
    subscriptions: SubscriptionSet,
    sent: Mutex<Vec<SentMessage>>,
    faults: FaultQueue<PublishFault>,
}

impl LocalTopics {
    /// A sink with these subscribers.
    #[must_use]
    pub fn new(clock: VirtualClock, subscriptions: SubscriptionSet) -> Self {
        Self(Arc::new(Topics { clock, subscriptions, sent: Mutex::default(), faults: FaultQueue::new() }))
    }

    /// An SDK client that publishes here and tries once.
    #[must_use]
    pub fn sdk_client(&self) -> Client {
        sdk_client!(aws_sdk_sns, Arc::clone(&self.0), "http://sns.local", RetryConfig::disabled())
    }

    /// Everything published so far, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        lock(&self.0.sent).clone()
    }

    /// How many deliveries all of that made.
    #[must_use]
    pub fn delivered(&self) -> Delivered {
        let sent = lock(&self.0.sent);
        let by = |protocol| {
            let recipients = sent.iter().flat_map(|message| &message.recipients);
            recipients.filter(|recipient| recipient.protocol == protocol).map(|_| 1).sum()
        };
        Delivered { sms: by(Protocol::Sms), email: by(Protocol::Email) }
    }

    /// Orders a fault for the next publish request.
    pub fn inject(&self, fault: PublishFault) {
        self.0.faults.push(None, fault);
    }
}

impl Topics {
    /// Keeps a message and returns its id.
    fn keep(&self, publication: wire::Publication) -> String {
        let recipients = match &publication.phone_number {
            Some(number) => vec![Recipient { protocol: Protocol::Sms, endpoint: number.clone() }],
            None => self.subscriptions.reached_by(publication.topic_arn.as_deref(), &publication.attributes),
        };
        let at = self.clock.now();
        let mut sent = lock(&self.sent);
        let message_id = format!("00000000-0000-4000-9000-{:012x}", sent.len() + 1);
        sent.push(SentMessage {
            message_id: message_id.clone(),
            topic_arn: publication.topic_arn,
            phone_number: publication.phone_number,
            subject: publication.subject,
            message: publication.message,
            attributes: publication.attributes,
            at,
            recipients,
        });
        message_id
    }
}
