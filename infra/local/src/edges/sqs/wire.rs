//! SQS as its SDK speaks it: AWS JSON 1.0, errors named once more in `x-amzn-query-error`.
//!
//! Answers leave out the MD5 of the body: the SDK for Rust does not check it.

use std::sync::atomic::Ordering;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::StatusCode;
use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{MAX_DELAY_SECONDS, QueueFault, Queues, UnknownQueue};
use crate::edges::transport::{Edge, answer, body, died, dropped, target};

/// What stands before the name in a queue's address.
pub(super) const URL_BASE: &str = "http://sqs.local/";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const MAX_ENTRIES: usize = 10;
const MAX_REQUEST_BYTES: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessage {
    queue_url: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendMessageBatch {
    queue_url: String,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueueAttributes {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    id: String,
    message_body: String,
    #[serde(default)]
    delay_seconds: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SentBatch {
    successful: Vec<Sent>,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    id: String,
    sender_fault: bool,
    code: &'static str,
    message: String,
}

/// A refusal: its code in the SQS query protocol, which the SDK reads first, and what to do about it.
#[derive(Debug)]
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<UnknownQueue> for Refusal {
    fn from(unknown: UnknownQueue) -> Self {
        Self::new("AWS.SimpleQueueService.NonExistentQueue", unknown.to_string())
    }
}

impl Edge for Queues {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let operation = target(request);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let fault = self.faults.take(operation);
        if fault == Some(QueueFault::DropBefore) {
            return Err(dropped());
        }
        if fault == Some(QueueFault::DieBefore) {
            return Err(died());
        }
        if fault == Some(QueueFault::ThrottleBefore) {
            return Ok(refuse(&Refusal::new("RequestThrottled", "Rate exceeded")));
        }
        let copies = if fault == Some(QueueFault::Duplicate) { 2 } else { 1 };
        let answered = match operation {
            "SendMessage" => self.serve_one(body(request), copies),
            "SendMessageBatch" => self.serve_batch(body(request), copies),
            "GetQueueAttributes" => self.attributes(body(request)),
            _ => Err(Refusal::new("UnsupportedOperation", format!("the local queues do not serve {operation:?}"))),
        };
        if fault == Some(QueueFault::DropAfter) {
            return Err(dropped());
        }
        if fault == Some(QueueFault::DieAfter) {
            return Err(died());
        }
        Ok(answered.unwrap_or_else(|refusal| refuse(&refusal)))
    }
}

impl Queues {
    fn serve_one(&self, body: &[u8], copies: u32) -> Result<HttpResponse, Refusal> {
        let request: SendMessage = read(body)?;
        let name = queue_name(&request.queue_url);
        let message_id = self.accept(name, &request.message_body, request.delay_seconds, copies)?;
        write(&Sent { id: None, message_id })
    }

    fn serve_batch(&self, body: &[u8], copies: u32) -> Result<HttpResponse, Refusal> {
        let request: SendMessageBatch = read(body)?;
        check_batch(&request.entries)?;
        let name = queue_name(&request.queue_url);
        let mut batch = SentBatch { successful: Vec::new(), failed: Vec::new() };
        for Entry { id, message_body, delay_seconds } in request.entries {
            match self.accept(name, &message_body, delay_seconds, copies) {
                Ok(message_id) => batch.successful.push(Sent { id: Some(id), message_id }),
                Err(Refusal { code: "InvalidParameterValue", message }) => {
                    batch.failed.push(Failed { id, sender_fault: true, code: "InvalidParameterValue", message });
                }
                Err(refusal) => return Err(refusal),
            }
        }
        write(&batch)
    }

    /// How many messages wait: the one attribute that is served.
    fn attributes(&self, body: &[u8]) -> Result<HttpResponse, Refusal> {
        let request: GetQueueAttributes = read(body)?;
        let name = queue_name(&request.queue_url);
        let count = self.depth(name).ok_or_else(|| UnknownQueue(name.to_owned()))?;
        write(&serde_json::json!({ "Attributes": { "ApproximateNumberOfMessages": count.to_string() } }))
    }

    fn accept(&self, name: &str, body: &str, delay_seconds: u32, copies: u32) -> Result<String, Refusal> {
        if delay_seconds > MAX_DELAY_SECONDS {
            return Err(Refusal::new("InvalidParameterValue", "DelaySeconds must be between 0 and 900"));
        }
        if body.is_empty() || body.len() > MAX_REQUEST_BYTES {
            return Err(Refusal::new("InvalidParameterValue", "the message must have 1 byte to 1 MiB"));
        }
        Ok(self.send(name, body, SignedDuration::from_secs(i64::from(delay_seconds)), copies)?)
    }
}

fn check_batch(entries: &[Entry]) -> Result<(), Refusal> {
    if entries.is_empty() {
        return Err(Refusal::new("AWS.SimpleQueueService.EmptyBatchRequest", "the batch has no entries"));
    }
    if entries.len() > MAX_ENTRIES {
        return Err(Refusal::new(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            "a batch has 10 entries at most",
        ));
    }
    if entries.iter().map(|entry| entry.message_body.len()).sum::<usize>() > MAX_REQUEST_BYTES {
        return Err(Refusal::new("AWS.SimpleQueueService.BatchRequestTooLong", "a batch has 1 MiB at most"));
    }
    let mut ids: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::new("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", "two entries have one id"));
    }
    Ok(())
}

fn queue_name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::new("InvalidParameterValue", error.to_string()))
}

fn write(reply: &impl Serialize) -> Result<HttpResponse, Refusal> {
    let json = serde_json::to_vec(reply).map_err(|error| Refusal::new("InternalError", error.to_string()))?;
    Ok(answer(StatusCode::OK, CONTENT_TYPE, json))
}

fn refuse(refusal: &Refusal) -> HttpResponse {
    let name = refusal.code.rsplit('.').next().unwrap_or(refusal.code);
    let json = serde_json::json!({ "__type": format!("com.amazonaws.sqs#{name}"), "message": refusal.message });
    let mut response = answer(StatusCode::BAD_REQUEST, CONTENT_TYPE, json.to_string());
    response.headers_mut().insert("x-amzn-query-error", format!("{};Sender", refusal.code));
    response
}
