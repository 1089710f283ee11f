//! SNS on one machine: one topic, its subscriptions with filter policies, and every message that was published.
//!
//! A message that AWS would refuse (no text, a subject of two lines, a number that is none) is refused. Whoever keeps a
//! directory keeps subscriptions and messages in it: `subscriptions.json`, looked at anew with every request, so that
//! another process may change it, and `messages.jsonl`.

mod files;
mod requests;
mod subscription;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::clock::VirtualClock;
use super::faults::{Draw, FaultQueue};
use super::lock;
use super::transport::sdk_client;
pub use subscription::{Attributes, Protocol, Recipient, Subscription};

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishFault {
    /// Refused, not published: `Throttling`.
    ThrottleBefore,
    /// The connection breaks before the request arrives.
    DropBefore,
    /// Published, and the connection breaks before the answer.
    DropAfter,
    /// Whoever asks ends before the request arrives.
    DieBefore,
    /// Published, and whoever asks ends.
    DieAfter,
    /// Refused for good: whoever has the telephone wants no text messages. SNS's text of it names the number.
    OptedOut,
    /// Published, but the month's limit for text messages is reached: none of them is delivered.
    SmsLimitReached,
}

/// A message as it was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// Counted, not drawn: two runs are the same.
    pub message_id: String,
    /// The topic, unless it went to one telephone.
    pub topic_arn: Option<String>,
    /// The telephone (E.164), unless it went to a topic.
    pub phone_number: Option<String>,
    /// The subject line of an e-mail.
    pub subject: Option<String>,
    /// The text where the protocol has none of its own.
    pub message: String,
    /// The text message, where it is another.
    pub sms: Option<String>,
    /// Message attributes by name.
    pub attributes: Attributes,
    /// When, on the virtual clock.
    pub at: Timestamp,
    /// Whom it reached.
    pub recipients: Vec<Recipient>,
}

impl SentMessage {
    /// The value of an attribute, the first where it has several; empty when there is none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// What a text message says.
    #[must_use]
    pub fn text(&self) -> &str {
        self.sms.as_deref().unwrap_or(&self.message)
    }
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
    directory: Option<PathBuf>,
    subscriptions: Mutex<Vec<Subscription>>,
    sent: Mutex<Vec<SentMessage>>,
    /// How many of them [`LocalTopics::take_new`] has given out.
    taken: Mutex<usize>,
    faults: FaultQueue<PublishFault>,
}

impl LocalTopics {
    /// How many messages were published.
    #[must_use]
    pub fn requests(&self) -> u64 {
        lock(&self.0.sent).len() as u64
    }

    /// Topics with these subscribers. Messages are kept in `directory`, where there is one.
    #[must_use]
    pub fn new(
        clock: VirtualClock,
        subscriptions: impl IntoIterator<Item = Subscription>,
        directory: Option<&Path>,
    ) -> Self {
        let topics = Topics {
            clock,
            directory: directory.map(Path::to_owned),
            subscriptions: Mutex::default(),
            sent: Mutex::default(),
            taken: Mutex::default(),
            faults: FaultQueue::new(),
        };
        for subscription in subscriptions {
            topics.remember(subscription);
        }
        Self(Arc::new(topics))
    }

    /// Topics whose subscribers are those that a directory keeps.
    #[must_use]
    pub fn kept(clock: VirtualClock, directory: &Path) -> Self {
        Self::new(clock, [], Some(directory))
    }

    /// An SDK client that publishes here and tries once.
    #[must_use]
    pub fn sdk_client(&self) -> Client {
        sdk_client!(aws_sdk_sns, Arc::clone(&self.0), "http://sns.local", RetryConfig::disabled())
    }

    /// Everything published so far by this process, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        lock(&self.0.sent).clone()
    }

    /// What was published since this was last asked.
    #[must_use]
    pub fn take_new(&self) -> Vec<SentMessage> {
        let (sent, mut taken) = (lock(&self.0.sent), lock(&self.0.taken));
        let new = sent.get(*taken..).unwrap_or_default().to_vec();
        *taken = sent.len();
        new
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

    /// Has `draw` decide what goes wrong with each request for which nothing is ordered.
    pub fn draw(&self, draw: Draw<PublishFault>) {
        self.0.faults.draw(draw);
    }
}

impl Topics {
    /// Keeps a message and returns its id.
    fn keep(&self, publication: wire::Publication, sms_limit_reached: bool) -> std::io::Result<String> {
        let mut recipients = match &publication.phone_number {
            Some(number) => vec![Recipient { protocol: Protocol::Sms, endpoint: number.clone() }],
            None => self.reached_by(&publication.attributes)?,
        };
        if sms_limit_reached {
            recipients.retain(|recipient| recipient.protocol != Protocol::Sms);
        }
        let at = self.clock.now();
        let mut sent = lock(&self.sent);
        let message_id = format!("00000000-0000-4000-9000-{:012x}", sent.len() + 1);
        let message = SentMessage {
            message_id: message_id.clone(),
            topic_arn: publication.topic_arn,
            phone_number: publication.phone_number,
            subject: publication.subject,
            message: publication.message,
            sms: publication.sms,
            attributes: publication.attributes,
            at,
            recipients,
        };
        if let Some(directory) = &self.directory {
            files::append(directory, &message)?;
        }
        sent.push(message);
        Ok(message_id)
    }

    fn reached_by(&self, attributes: &Attributes) -> std::io::Result<Vec<Recipient>> {
        let subscriptions = self.subscriptions()?;
        let hearing = subscriptions.into_iter().filter(|subscription| subscription.hears(attributes));
        Ok(hearing.map(|subscription| subscription.recipient).collect())
    }
}

/// The messages that a directory keeps, oldest first.
///
/// # Errors
/// When they cannot be read.
pub fn kept_messages(directory: &Path) -> std::io::Result<Vec<SentMessage>> {
    files::messages(directory)
}
