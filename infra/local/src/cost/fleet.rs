//! The sessions that are played: an hour each, at chargers that speak OCPP 1.6, spread evenly over time.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::ocpp::Dialect;
use plugtill_adapters::store::{Store, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use serde_json::{Value, json};

use super::session::Session;
use super::{CostArguments, Ingest};
use crate::edges::iot::Published;
use crate::stack::{Done, Stack, StackError};

/// When the first session starts, UTC.
pub(super) const START: Timestamp = Timestamp::constant(1_772_442_000, 0);
/// A month, as AWS's price pages count it.
const MONTH_SECONDS: u64 = 730 * 3600;
pub(super) const LASTS: SignedDuration = SignedDuration::from_hours(1);
/// As in `infra/aws/template.yaml`: how long messages wait for company, and how many at most.
const WINDOW: [SignedDuration; 2] = [SignedDuration::from_secs(5), SignedDuration::from_secs(1)];
const BATCH: usize = 100;
/// The same of a stream.
const STREAM_WINDOW: SignedDuration = SignedDuration::from_secs(300);
const STREAM_BATCH: usize = 1_000;
/// Lambda looks into a queue by five connections at once, each of which gathers a batch of its own.
const POLLERS: usize = 5;
/// How long a gateway waits for company: with meter values, and with all else.
const GATEWAY_WINDOW: [SignedDuration; 2] = [SignedDuration::from_secs(300), SignedDuration::from_secs(10)];
/// So many of them share the fleet, and send at most so many bytes at once.
const GATEWAYS: usize = 2;
const GATEWAY_BYTES: usize = 96_000;
/// AWS IoT counts what goes through rules by 5 KB, SQS by 64 KB.
const RULE_BYTES: usize = 5 * 1024;
const QUEUE_BYTES: usize = 64 * 1024;
/// Stands for the transaction that a charger is given.
pub(super) const UNNAMED: i64 = -1;
/// After the last message time goes on until everything has settled.
const AFTERMATH: SignedDuration = SignedDuration::from_hours(2);

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// Sessions.
    pub sessions: u64,
    /// Sessions that ended with an outcome.
    pub closed: u64,
    /// Frames that chargers sent.
    pub from_chargers: u64,
    /// What rules looked at, in fives of kilobytes.
    pub rules: u64,
    /// What actions of rules passed on, in fives of kilobytes.
    pub actions: u64,
    /// Requests that put charger messages into their queue.
    pub queued: u64,
    /// Messages in them.
    pub messages: u64,
    /// Records of the stream.
    pub streamed: u64,
    /// Batches that the queue of charger messages gave out.
    pub batches: u64,
    /// What each function has done.
    pub done: Done,
}

/// Where a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Queue,
    Function,
    Stream,
}

/// A frame on its way.
pub(super) struct Frame {
    pub at: Timestamp,
    pub way: Way,
    pub charger: usize,
    pub is_meter_value: bool,
    pub line: String,
}

/// Plays them all.
pub(super) async fn play(stack: &mut Stack, arguments: &CostArguments) -> Result<Played, StackError> {
    let mut played = Played { sessions: u64::from(arguments.sessions), ..Played::default() };
    known_before(&stack.store, arguments.sessions).await?;
    let mut frames: Vec<Frame> = Vec::new();
    let apart = MONTH_SECONDS * 1_000 / arguments.month;
    for number in 0..u64::from(arguments.sessions) {
        let apart = i64::try_from(number * apart).unwrap_or(i64::MAX);
        let start = START + SignedDuration::from_millis(apart);
        let charger = usize::try_from(number).unwrap_or_default();
        frames.extend(Session { charger, start, arguments }.frames(&mut played));
    }
    frames.sort_by_key(|frame| frame.at);
    let end = frames.last().map_or(START, |frame| frame.at) + AFTERMATH;
    let messages = sent(frames, arguments, &mut played);
    deliver(stack, messages, arguments, &mut played).await?;
    stack.advance_to(end).await?;
    played.done = std::mem::take(&mut stack.done);
    played.closed = closed(stack, arguments.sessions).await?;
    Ok(played)
}

/// What is noted of a charger at its first session, months ago.
async fn known_before(store: &Store, chargers: u32) -> Result<(), StoreError> {
    let (Ok(site), connector) = ("yard".parse(), ConnectorId(1)) else { return Ok(()) };
    let names = (0..chargers).filter_map(|number| format!("CP{number}").parse::<ChargerId>().ok());
    let items = names.map(|charger| {
        Ok([Store::connector_item(&site, &charger, connector), Store::dialect_item(&charger, Dialect::V16)?])
    });
    let items: Vec<_> = items.collect::<Result<_, StoreError>>()?;
    store.file(items.into_iter().flatten().collect()).await
}

/// A message as a queue, a stream or a function gets it.
struct Message {
    at: Timestamp,
    way: Way,
    body: String,
}

/// What is sent of the frames, counted as AWS IoT counts it.
fn sent(frames: Vec<Frame>, arguments: &CostArguments, played: &mut Played) -> Vec<Message> {
    let (gathered, alone): (Vec<Frame>, Vec<Frame>) =
        frames.into_iter().partition(|frame| arguments.ingest == Ingest::Gateway && frame.way == Way::Queue);
    let mut messages: Vec<Message> = Vec::new();
    for Frame { at, way, line, .. } in alone {
        // The envelope is the rule's.
        count(played, way, line.len());
        messages.push(Message { at, way, body: line });
    }
    let mut open: BTreeMap<(Timestamp, usize), Vec<(usize, String)>> = BTreeMap::new();
    for Frame { at, charger, is_meter_value, line, .. } in gathered {
        let until = end_of(at, GATEWAY_WINDOW[usize::from(!is_meter_value)]);
        open.entry((until, charger % GATEWAYS)).or_default().push((charger, line));
    }
    for ((at, _), mut lines) in open {
        // A charger's frames together, so that its meter values become one item.
        lines.sort_by_key(|(charger, _)| *charger);
        let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        let mut left = lines.as_slice();
        while !left.is_empty() {
            let mut bytes = 0;
            let fits = |line: &&String| {
                bytes += line.len() + 1;
                bytes <= GATEWAY_BYTES
            };
            let (now, later) = left.split_at(left.iter().take_while(fits).count().max(1));
            let payload = format!("[{}]", now.join(","));
            count(played, Way::Queue, payload.len());
            let body = json!({ "frames_base64": base64::encode(payload), "gateway": "gateway", "received_at": at.as_millisecond() });
            messages.push(Message { at, way: Way::Queue, body: body.to_string() });
            left = later;
        }
    }
    messages
}

fn count(played: &mut Played, way: Way, bytes: usize) {
    let parts = bytes.div_ceil(RULE_BYTES) as u64;
    played.rules += parts;
    played.actions += parts;
    match way {
        Way::Queue => {
            played.messages += 1;
            played.queued += (bytes * 4).div_ceil(3 * QUEUE_BYTES) as u64;
        }
        Way::Stream => played.streamed += 1,
        Way::Function => {}
    }
}

/// Delivers messages as queue, rule and stream would: each gathers for itself.
async fn deliver(
    stack: &mut Stack,
    messages: Vec<Message>,
    arguments: &CostArguments,
    played: &mut Played,
) -> Result<(), StackError> {
    let mut batches: BTreeMap<(Timestamp, Way, usize), Vec<String>> = BTreeMap::new();
    let window = WINDOW[usize::from(arguments.answering)];
    for (index, Message { at, way, body }) in messages.into_iter().enumerate() {
        let (until, which) = match way {
            Way::Queue => (end_of(at, window), index % POLLERS),
            Way::Function => (at, index),
            Way::Stream => (end_of(at, STREAM_WINDOW), 0),
        };
        batches.entry((until, way, which)).or_default().push(body);
    }
    let mut transactions = BTreeMap::new();
    for ((until, way, _), bodies) in batches {
        stack.advance_to(until).await?;
        let most = if way == Way::Stream { STREAM_BATCH } else { BATCH };
        for chunk in bodies.chunks(most) {
            played.batches += u64::from(way == Way::Queue);
            stack.deliver(chunk.iter().map(|body| named(body, &transactions)).collect()).await?;
            transactions.extend(stack.broker.take().iter().filter_map(given));
        }
    }
    Ok(())
}

/// The charger and the transaction that an answer gives it.
fn given(published: &Published) -> Option<(String, i64)> {
    let frame: Value = serde_json::from_str(&published.frame).ok()?;
    Some((published.topic.split('/').next()?.to_owned(), frame[2]["transactionId"].as_i64()?))
}

/// A frame with the transaction that its charger was given, where it waits for one.
fn named(line: &str, transactions: &BTreeMap<String, i64>) -> String {
    let charger = line.split("\"topic\":\"").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let given = transactions.get(charger).copied().unwrap_or(UNNAMED);
    line.replace(&format!("\"transactionId\":{UNNAMED}"), &format!("\"transactionId\":{given}"))
}

/// The end of the window that an instant lies in.
fn end_of(at: Timestamp, window: SignedDuration) -> Timestamp {
    let passed = at.as_millisecond().rem_euclid(i64::try_from(window.as_millis()).unwrap_or(1));
    at + window - SignedDuration::from_millis(passed)
}

async fn closed(stack: &Stack, sessions: u32) -> Result<u64, StackError> {
    let mut closed = 0;
    for number in 0..sessions {
        let Ok(charger) = format!("CP{number}").parse() else { continue };
        let found = stack.store.sessions(&charger, plugtill_domain::ids::ConnectorId(1)).await?;
        closed +=
            found.iter().filter(|session| session.due().is_none() && session.collected().is_positive()).count() as u64;
    }
    Ok(closed)
}
