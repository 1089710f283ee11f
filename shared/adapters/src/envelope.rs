//! The envelope a charger frame arrives in. One adapter for every gateway's form, so that no other room knows them.

use std::borrow::Cow;

use jiff::Timestamp;
use plugtill_domain::ids::{ChargerId, IdError};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Which way a frame went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the charger: `<charger>/in`.
    In,
    /// To the charger: `<charger>/out`.
    Out,
}

/// A frame and what the topic and the broker say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// From the topic, never from the body.
    pub charger: ChargerId,
    /// From the topic.
    pub direction: Direction,
    /// When the broker received it, UTC.
    pub received_at: Timestamp,
    /// The OCPP-J frame as it was sent.
    pub frame: Cow<'a, str>,
}

/// Why an envelope cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the JSON of any known envelope.
    #[error("not an envelope: {0}; expected {{\"topic\",\"received_at\",\"payload\"}} or the IoT rule's fields")]
    NotAnEnvelope(#[source] serde_json::Error),
    /// The topic is not `<charger>/in` or `<charger>/out`.
    #[error("topic `{0}` is not <charger>/in or <charger>/out")]
    Topic(String),
    /// The charger's name is not usable.
    #[error(transparent)]
    Charger(#[from] IdError),
}

/// A line of captured traffic, as `plugtill replay` reads it.
#[derive(Deserialize)]
struct Captured<'a> {
    #[serde(borrow)]
    topic: Cow<'a, str>,
    received_at: Timestamp,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// What the IoT rules send, in two forms. `SELECT encode(*, 'base64') AS frame_base64, topic(1) AS charger, topic(2) AS
/// direction, timestamp() AS received_at` passes any payload, byte for byte; `SELECT * AS message, …`, which the public
/// AWS OCPP gateway uses, only what is JSON.
#[derive(Deserialize)]
struct IotRule<'a> {
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    frame_base64: Option<String>,
    charger: String,
    direction: String,
    received_at: i64,
}

/// What an IoT rule's error action sends: the payload the rule could not read, with its topic.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IotFailure {
    topic: String,
    base64_original_payload: String,
}

/// What IoT Core tells of a client's connection (`$aws/events/presence/…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifecycle {
    /// The client's name, which is the charger's.
    pub charger: ChargerId,
    /// Whether the connection was made, or is gone.
    pub connected: bool,
    /// When, UTC.
    pub at: Timestamp,
    /// Which of the client's connections, counted up by the broker; none where it does not count.
    pub connection: Option<u64>,
}

/// The lifecycle event in `body`; `None` when it is something else.
#[must_use]
pub fn lifecycle(body: &str) -> Option<Lifecycle> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Presence {
        client_id: String,
        event_type: String,
        timestamp: i64,
        version_number: Option<u64>,
    }
    // Next to none of the messages are: none is read in vain.
    let event: Presence = body.contains("\"clientId\"").then(|| serde_json::from_str(body).ok())??;
    let connected = match event.event_type.as_str() {
        "connected" => true,
        "disconnected" => false,
        _ => return None,
    };
    let at = Timestamp::from_millisecond(event.timestamp).ok()?;
    Some(Lifecycle { charger: event.client_id.parse().ok()?, connected, at, connection: event.version_number })
}

/// What the rule for gateways sends: `SELECT encode(*, 'base64') AS frames_base64 FROM '+/frames'`. Only gateways may publish
/// there, since what they send names the chargers that it is of.
#[derive(Deserialize)]
struct Gathered {
    frames_base64: String,
}

/// What a gateway sent in one message: an array of captured frames, each with a topic and a receive time of its own. `None`
/// when `body` is something else.
#[must_use]
pub fn gathered(body: &str) -> Option<Vec<String>> {
    // Next to none of the messages are: none is read in vain.
    let encoded = if body.contains("\"frames_base64\"") {
        serde_json::from_str::<Gathered>(body).ok()?.frames_base64
    } else {
        let failure: IotFailure = body.contains("/frames\"").then(|| serde_json::from_str(body).ok())??;
        failure.topic.ends_with("/frames").then_some(failure.base64_original_payload)?
    };
    let text = decoded(&encoded);
    let captured: Vec<&RawValue> = serde_json::from_str(&text).ok()?;
    Some(captured.into_iter().map(|one| one.get().to_owned()).collect())
}

/// Opens the envelope in `body`; `now` stands in where the broker gave no receive time.
///
/// # Errors
/// When it is no envelope or names no charger.
pub fn open(body: &str, now: Timestamp) -> Result<Envelope<'_>, EnvelopeError> {
    let not_captured = match serde_json::from_str::<Captured<'_>>(body) {
        Ok(captured) => return enveloped(&captured.topic, captured.received_at, frame_text(captured.payload)),
        Err(error) => error,
    };
    if let Ok(rule) = serde_json::from_str::<IotRule<'_>>(body) {
        let received_at = Timestamp::from_millisecond(rule.received_at).unwrap_or(now);
        let topic = format!("{}/{}", rule.charger, rule.direction);
        let encoded = rule.frame_base64.as_deref().map(decoded);
        if let Some(frame) = encoded.or_else(|| rule.message.map(frame_text)) {
            return enveloped(&topic, received_at, frame);
        }
    }
    let failure: IotFailure = serde_json::from_str(body).map_err(|_| EnvelopeError::NotAnEnvelope(not_captured))?;
    enveloped(without_rule(&failure.topic), now, decoded(&failure.base64_original_payload))
}

/// What is no base64 is passed on as it is: the frame's parser refuses it.
fn decoded<'a>(base64: &str) -> Cow<'a, str> {
    Cow::Owned(aws_smithy_types::base64::decode(base64).map_or_else(|_| base64.to_owned(), text))
}

/// What stands before bytes that are no text.
pub const BYTES: &str = "base64:";

/// Received bytes as text. What is no UTF-8 can be no frame, whose parser refuses it (RFC 8259 §8.1); it is kept as `base64:…`,
/// so that quarantine has every byte.
#[must_use]
pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| format!("{BYTES}{}", aws_smithy_types::base64::encode(error.as_bytes())))
}

/// The topic without what Basic Ingest puts before it: `$aws/rules/<rule>/<charger>/in` reaches the rule as `<charger>/in`.
fn without_rule(topic: &str) -> &str {
    topic.strip_prefix("$aws/rules/").and_then(|rest| rest.split_once('/')).map_or(topic, |(_, topic)| topic)
}

fn enveloped<'a>(topic: &str, received_at: Timestamp, frame: Cow<'a, str>) -> Result<Envelope<'a>, EnvelopeError> {
    let (charger, direction) = match topic.rsplit_once('/') {
        Some((charger, "in")) => (charger, Direction::In),
        Some((charger, "out")) => (charger, Direction::Out),
        Some(_) | None => return Err(EnvelopeError::Topic(topic.chars().take(120).collect())),
    };
    Ok(Envelope { charger: charger.parse()?, direction, received_at, frame })
}

/// A gateway may pass the frame as JSON or as a string that holds it (the only way to pass one that is no JSON).
fn frame_text(raw: &RawValue) -> Cow<'_, str> {
    if raw.get().starts_with('"')
        && let Ok(text) = serde_json::from_str::<String>(raw.get())
    {
        return Cow::Owned(text);
    }
    Cow::Borrowed(raw.get())
}
