//! Doorbells: a queue message that says "look at this now". Losing one only delays, `sweep` rings again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::builders::SendMessageBatchRequestEntryBuilder;
use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};
use jiff::Timestamp;
use plugtill_domain::ids::{ChargerId, IdTag, SessionId};
use plugtill_domain::incident::Subject;
use serde::{Deserialize, Serialize};

use crate::store::{Due, HookName};

/// The longest delay SQS keeps a message back, in seconds; what is due later is left to `sweep`.
const LONGEST_DELAY_SECONDS: i64 = 900;
/// The most messages in one `SendMessageBatch`.
const BATCH: usize = 10;

/// What a doorbell message says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ring {
    /// `settle`: this session has work due.
    Session(SessionId),
    /// `settle`: this driver's visit to Stripe's page has work due.
    Checkout(IdTag),
    /// `notify`: this subject's incident has something to be told.
    Incident(Subject),
    /// `notify`: this session's driver is to be told something.
    Notice(SessionId, u32),
    /// `charger-events`: this charger is to be told something, by the command's id.
    Command(ChargerId, String),
    /// `settle`: this Stripe object, by its id, has events that nobody has looked at.
    StripeObject(String),
    /// `webhooks`: a system of the operator's own is to be told this.
    Hook(HookName),
}

impl Ring {
    /// The command that a message rings for, in a queue where chargers' messages come too.
    #[must_use]
    pub fn command(body: &str) -> Option<(ChargerId, String)> {
        let rings = body.starts_with("{\"command\":");
        match rings.then(|| serde_json::from_str(body).ok())?? {
            Self::Command(charger, id) => Some((charger, id)),
            Self::Session(_)
            | Self::Checkout(_)
            | Self::Incident(_)
            | Self::Notice(..)
            | Self::StripeObject(_)
            | Self::Hook(_) => None,
        }
    }
}

impl From<Due> for Ring {
    fn from(due: Due) -> Self {
        match due {
            Due::Session(id) => Self::Session(id),
            Due::Incident(subject) => Self::Incident(subject),
            Due::Notice(session, index) => Self::Notice(session, index),
            Due::Checkout(token) => Self::Checkout(token),
            Due::Command(charger, id) => Self::Command(charger, id),
            Due::StripeObject(object) => Self::StripeObject(object),
            Due::Hook(name) => Self::Hook(name),
        }
    }
}

impl From<IdTag> for Ring {
    fn from(token: IdTag) -> Self {
        Self::Checkout(token)
    }
}

/// Why a doorbell could not be rung. The work stays due; `sweep` rings again.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not take the message: {0}")]
pub struct RingError(String);

/// The queues of the functions that have work to do.
#[derive(Debug, Clone)]
pub struct Doorbell {
    client: Client,
    settle_queue: String,
    notify_queue: String,
    charger_queue: Option<String>,
    webhook_queue: Option<String>,
    left_to_sweep: Arc<AtomicI64>,
}

impl Doorbell {
    /// Doorbells on the queues at these URLs.
    #[must_use]
    pub fn new(client: Client, settle_queue: impl Into<String>, notify_queue: impl Into<String>) -> Self {
        let left_to_sweep = Arc::new(AtomicI64::new(i64::MAX));
        let (settle_queue, notify_queue) = (settle_queue.into(), notify_queue.into());
        Self { client, settle_queue, notify_queue, charger_queue: None, webhook_queue: None, left_to_sweep }
    }

    /// The same with the queue of the function that tells chargers what to do. Who has none leaves that to `sweep`.
    #[must_use]
    pub fn with_chargers(self, queue: impl Into<String>) -> Self {
        Self { charger_queue: Some(queue.into()), ..self }
    }

    /// The same with the queue of the function that tells the operator's own systems: `sweep` alone has it.
    #[must_use]
    pub fn with_webhooks(self, queue: impl Into<String>) -> Self {
        Self { webhook_queue: Some(queue.into()), ..self }
    }

    /// Rings for work that is due at an instant each, as seen at `now`.
    ///
    /// # Errors
    /// When a queue does not take a message.
    pub async fn ring(&self, rings: Vec<(Ring, Timestamp)>, now: Timestamp) -> Result<(), RingError> {
        let mut queues = [const { Vec::new() }; 4];
        let [settle, notify, chargers, webhooks] = &mut queues;
        let mut earliest = None;
        for (ring, due_at) in rings {
            // Rounded up: a message that comes too early finds nothing due.
            let ahead = due_at.duration_since(now);
            let delay_seconds = if due_at <= now { 0 } else { ahead.as_secs() + i64::from(ahead.subsec_nanos() > 0) };
            if delay_seconds > LONGEST_DELAY_SECONDS {
                self.left_to_sweep.fetch_min(due_at.as_millisecond(), Ordering::Relaxed);
                continue;
            }
            earliest = Some(earliest.map_or(due_at, |known: Timestamp| known.min(due_at)));
            match ring {
                Ring::Session(_) | Ring::Checkout(_) | Ring::StripeObject(_) => settle.push((ring, delay_seconds)),
                Ring::Incident(..) | Ring::Notice(..) => notify.push((ring, delay_seconds)),
                Ring::Command(..) => chargers.push((ring, delay_seconds)),
                Ring::Hook(_) => webhooks.push((ring, delay_seconds)),
            }
        }
        let rung = self.send_all(queues).await;
        if let (Err(_), Some(earliest)) = (&rung, earliest) {
            self.left_to_sweep.fetch_min(earliest.max(now).as_millisecond(), Ordering::Relaxed);
        }
        rung
    }

    async fn send_all(&self, [settle, notify, chargers, webhooks]: [Vec<(Ring, i64)>; 4]) -> Result<(), RingError> {
        self.send(&self.settle_queue, settle).await?;
        self.send(&self.notify_queue, notify).await?;
        for (queue, rings) in [(&self.charger_queue, chargers), (&self.webhook_queue, webhooks)] {
            if let Some(queue) = queue {
                self.send(queue, rings).await?;
            }
        }
        Ok(())
    }

    async fn send(&self, queue: &str, rings: Vec<(Ring, i64)>) -> Result<(), RingError> {
        for chunk in rings.chunks(BATCH) {
            let mut request = self.client.send_message_batch().queue_url(queue);
            for (index, (ring, delay_seconds)) in chunk.iter().enumerate() {
                let body = serde_json::to_string(ring).map_err(|e| RingError(e.to_string()))?;
                let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body);
                let delay = i32::try_from(*delay_seconds).unwrap_or_default();
                let entry = traced(entry.delay_seconds(delay)).build().map_err(|e| RingError(e.to_string()))?;
                request = request.entries(entry);
            }
            let sent = request.send().await.map_err(|e| RingError(DisplayErrorContext(&e).to_string()))?;
            if let Some(failed) = sent.failed.first() {
                return Err(RingError(failed.code.clone()));
            }
        }
        Ok(())
    }

    /// Hands a charger's message in once more. `false`: this function has no way to.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn hand_in(&self, body: String) -> Result<bool, RingError> {
        let Some(queue) = &self.charger_queue else { return Ok(false) };
        let sent = self.client.send_message().queue_url(queue).message_body(body).send().await;
        sent.map(|_| true).map_err(|e| RingError(DisplayErrorContext(&e).to_string()))
    }

    /// The earliest instant that was too far ahead to ring for, or could not be rung for, since this was last taken. A host whose timer skips
    /// empty minutes needs it; on AWS `sweep` simply runs every minute.
    #[must_use]
    pub fn take_left_to_sweep(&self) -> Option<Timestamp> {
        instant(self.left_to_sweep.swap(i64::MAX, Ordering::Relaxed))
    }

    /// The same, left in place.
    #[must_use]
    pub fn peek_left_to_sweep(&self) -> Option<Timestamp> {
        instant(self.left_to_sweep.load(Ordering::Relaxed))
    }
}

/// The trace of this invocation goes on in the one that is rung for. Lambda gives it to the program's environment; nowhere
/// else is there one.
fn traced(entry: SendMessageBatchRequestEntryBuilder) -> SendMessageBatchRequestEntryBuilder {
    let Ok(trace) = std::env::var("_X_AMZN_TRACE_ID") else { return entry };
    let value = MessageSystemAttributeValue::builder().data_type("String").string_value(trace).build();
    match value {
        Ok(value) => entry.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, value),
        Err(_) => entry,
    }
}

fn instant(millisecond: i64) -> Option<Timestamp> {
    if millisecond == i64::MAX { None } else { Timestamp::from_millisecond(millisecond).ok() }
}
