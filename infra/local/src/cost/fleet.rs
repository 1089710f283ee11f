//! The sessions that are played: an hour each, at chargers that speak OCPP 1.6, spread evenly over time.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::ocpp::Dialect;
use plugtill_adapters::store::{Store, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use serde_json::{Value, json};

use super::{CostArguments, Ingest, Samples};
use crate::edges::iot::Published;
use crate::stack::{Done, Stack, StackError};

/// When the first session starts, UTC.
pub(super) const START: Timestamp = Timestamp::constant(1_772_442_000, 0);
/// A month, as AWS's price pages count it.
const MONTH_SECONDS: u64 = 730 * 3600;
const LASTS: SignedDuration = SignedDuration::from_hours(1);
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
const UNNAMED: i64 = -1;
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
enum Way {
    Queue,
    Function,
    Stream,
}

/// A frame on its way.
struct Frame {
    at: Timestamp,
    way: Way,
    charger: usize,
    is_meter_value: bool,
    line: String,
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

/// One session: plugged in, an hour of 11 kW, unplugged.
struct Session<'a> {
    charger: usize,
    start: Timestamp,
    arguments: &'a CostArguments,
}

impl Session<'_> {
    fn frames(&self, played: &mut Played) -> Vec<Frame> {
        let mut sent = vec![
            self.queued(0, self.call("1", "StatusNotification", &self.status(0, "Preparing"))),
            self.queued(
                2,
                self.call(
                    "2",
                    "StartTransaction",
                    &json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 1_000, "timestamp": self.at(2) }),
                ),
            ),
            self.queued(4, self.call("3", "StatusNotification", &self.status(4, "Charging"))),
        ];
        let samples: Vec<i64> = self.samples();
        let way = match self.arguments.samples {
            Samples::Queue => Some(Way::Queue),
            Samples::Function => Some(Way::Function),
            Samples::Stream => Some(Way::Stream),
            Samples::Off | Samples::InStop => None,
        };
        for (number, second) in samples.iter().enumerate().filter(|_| way.is_some()) {
            let body =
                json!({ "connectorId": 1, "transactionId": self.transaction(), "meterValue": [self.sample(*second)] });
            let frame = self.queued(*second, self.call(&format!("m{number}"), "MeterValues", &body));
            sent.push(Frame { way: way.unwrap_or(Way::Queue), is_meter_value: true, ..frame });
        }
        let end = LASTS.as_secs();
        let mut stop = json!({ "transactionId": self.transaction(), "idTag": "TAG1", "meterStop": 12_000, "reason": "EVDisconnected",
                               "timestamp": self.at(end) });
        if self.arguments.samples == Samples::InStop {
            stop["transactionData"] = samples.iter().map(|second| self.sample(*second)).collect();
        }
        sent.push(self.queued(end, self.call("4", "StopTransaction", &stop)));
        sent.push(self.queued(end + 5, self.call("5", "StatusNotification", &self.status(end + 5, "Available"))));
        played.from_chargers += sent.len() as u64;
        if !self.arguments.answering {
            sent.extend(self.answers(&sent, played));
        }
        sent
    }

    /// Another back end's answers, of which the one that names the transaction matters. What a gateway sends is that one; the
    /// broker's rule looks at all.
    fn answers(&self, calls: &[Frame], played: &mut Played) -> Vec<Frame> {
        let (id, accepted) = (self.transaction(), json!({ "status": "Accepted" }));
        let named = json!([3, "2", { "transactionId": id, "idTagInfo": accepted }]);
        let mut answers = vec![self.queued(3, self.line("out", 3, &named))];
        if self.arguments.ingest == Ingest::Broker {
            let others = calls.len().saturating_sub(1);
            if self.arguments.transactions_only {
                played.rules += others as u64;
            } else {
                let plain = calls.iter().filter(|call| !call.line.contains("StartTransaction"));
                answers.extend(plain.enumerate().map(|(number, call)| {
                    let second = call.at.duration_since(self.start).as_secs() + 1;
                    self.queued(second, self.line("out", second, &json!([3, format!("a{number}"), {}])))
                }));
            }
        }
        answers
    }

    fn queued(&self, second: i64, line: String) -> Frame {
        let at = self.start + SignedDuration::from_secs(second);
        Frame { at, way: Way::Queue, charger: self.charger, is_meter_value: false, line }
    }

    fn samples(&self) -> Vec<i64> {
        let count = i64::from(self.arguments.meter_values);
        (1..=count).map(|number| 5 + number * (LASTS.as_secs() - 10) / (count + 1)).collect()
    }

    /// As chargers send it: register, power and current.
    fn sample(&self, second: i64) -> Value {
        let register = 1_000 + 11_000 * second / LASTS.as_secs();
        json!({ "timestamp": self.at(second), "sampledValue": [
            { "value": register.to_string(), "measurand": "Energy.Active.Import.Register", "unit": "Wh" },
            { "value": "11000", "measurand": "Power.Active.Import", "unit": "W" },
            { "value": "16", "measurand": "Current.Import", "unit": "A", "phase": "L1" },
        ] })
    }

    fn status(&self, second: i64, status: &str) -> Value {
        json!({ "connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": self.at(second) })
    }

    /// Where we answer, the id is ours and comes with the answer.
    fn transaction(&self) -> i64 {
        if self.arguments.answering { UNNAMED } else { 7 }
    }

    fn at(&self, second: i64) -> String {
        (self.start + SignedDuration::from_secs(second)).to_string()
    }

    fn call(&self, id: &str, action: &str, body: &Value) -> String {
        let second = body["timestamp"].as_str().or_else(|| body["meterValue"][0]["timestamp"].as_str());
        let at = second.and_then(|at| at.parse::<Timestamp>().ok()).unwrap_or(self.start);
        self.line("in", (at.as_second() - self.start.as_second()).max(0), &json!([2, id, action, body]))
    }

    fn line(&self, direction: &str, second: i64, frame: &Value) -> String {
        let topic = format!("CP{}/{direction}", self.charger);
        json!({ "topic": topic, "received_at": self.at(second), "payload": frame }).to_string()
    }
}
