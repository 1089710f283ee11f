//! SNS: a sink that keeps every message, for the console, the report and the tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::clock::VirtualClock;
use super::transport::{self, Answer, Fault, Faults, Service};

/// A message that SNS took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// When, UTC.
    pub at: Timestamp,
    /// The topic.
    pub topic: String,
    /// The e-mail's subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// What filter policies look at.
    pub attributes: BTreeMap<String, String>,
}

/// What SNS was given. Every message goes to one SMS and one e-mail subscription, as a new deployment has them.
#[derive(Debug, Clone)]
pub struct Outbox {
    sink: Arc<Sink>,
    faults: Faults,
}

#[derive(Debug)]
struct Sink {
    clock: VirtualClock,
    sent: Mutex<Vec<SentMessage>>,
}

impl Outbox {
    /// An empty outbox on `clock`.
    #[must_use]
    pub fn new(clock: VirtualClock) -> Self {
        Self { sink: Arc::new(Sink { clock, sent: Mutex::default() }), faults: Faults::default() }
    }

    /// An unmodified SDK client that speaks to this outbox.
    #[must_use]
    pub fn client(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&transport::config(Arc::clone(&self.sink), self.faults.clone()))
    }

    /// Everything sent so far, oldest first.
    #[must_use]
    pub fn sent(&self) -> Vec<SentMessage> {
        self.sink.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets the next request fail.
    pub fn inject(&self, fault: Fault) {
        self.faults.push(fault);
    }
}

impl Service for Sink {
    /// AWS Query protocol: a form body, an XML answer.
    fn answer(&self, _: &str, body: &[u8]) -> Answer {
        let mut form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        if form.get("Action").is_none_or(|action| action != "Publish") {
            let body = "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>".to_owned();
            return Answer { status: 400, body };
        }
        let mut attributes = BTreeMap::new();
        for index in 1.. {
            let entry = format!("MessageAttributes.entry.{index}");
            let Some(name) = form.remove(&format!("{entry}.Name")) else { break };
            attributes.insert(name, form.remove(&format!("{entry}.Value.StringValue")).unwrap_or_default());
        }
        let mut take = |name: &str| form.remove(name).unwrap_or_default();
        let message = SentMessage {
            at: self.clock.now(),
            topic: take("TopicArn"),
            subject: take("Subject"),
            text: take("Message"),
            attributes,
        };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push(message);
        let id = sent.len();
        let body = format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>{id}</MessageId></PublishResult></PublishResponse>"
        );
        Answer { status: 200, body }
    }
}
