//! The sessions that are played: an hour each, at chargers that speak OCPP 1.6, spread evenly over time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{CostArguments, Samples};
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
    /// Of these the meter values.
    pub meter_values: u64,
    /// Frames of another back end that were read along.
    pub read_along: u64,
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

/// Plays them all.
pub(super) async fn play(stack: &mut Stack, arguments: &CostArguments) -> Result<Played, StackError> {
    let mut played = Played { sessions: u64::from(arguments.sessions), ..Played::default() };
    let mut frames: BTreeMap<(Timestamp, u64), (Way, String)> = BTreeMap::new();
    let apart = MONTH_SECONDS * 1_000 / arguments.month;
    for number in 0..u64::from(arguments.sessions) {
        let apart = i64::try_from(number * apart).unwrap_or(i64::MAX);
        let told =
            Session { charger: format!("CP{number}"), start: START + SignedDuration::from_millis(apart), arguments };
        for (at, way, line) in told.frames(&mut played) {
            frames.insert((at, frames.len() as u64), (way, line));
        }
    }
    let end = frames.keys().next_back().map_or(START, |(at, _)| *at) + AFTERMATH;
    deliver(stack, frames, arguments, &mut played).await?;
    stack.advance_to(end).await?;
    played.done = std::mem::take(&mut stack.done);
    played.closed = closed(stack, arguments.sessions).await?;
    Ok(played)
}

/// Delivers frames as queue, rule and stream would: each gathers for itself.
async fn deliver(
    stack: &mut Stack,
    frames: BTreeMap<(Timestamp, u64), (Way, String)>,
    arguments: &CostArguments,
    played: &mut Played,
) -> Result<(), StackError> {
    let mut batches: BTreeMap<(Timestamp, Way, usize), Vec<String>> = BTreeMap::new();
    let window = WINDOW[usize::from(arguments.answering)];
    for (index, ((at, _), (way, line))) in frames.into_iter().enumerate() {
        let (until, which) = match way {
            Way::Queue => (gathered(at, window), index % POLLERS),
            Way::Function => (at, index),
            Way::Stream => (gathered(at, STREAM_WINDOW), 0),
        };
        batches.entry((until, way, which)).or_default().push(line);
    }
    let mut transactions = BTreeMap::new();
    for ((until, way, _), lines) in batches {
        stack.advance_to(until).await?;
        let most = if way == Way::Stream { STREAM_BATCH } else { BATCH };
        for chunk in lines.chunks(most) {
            played.batches += u64::from(way == Way::Queue);
            stack.deliver(chunk.iter().map(|line| named(line, &transactions)).collect()).await?;
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
fn gathered(at: Timestamp, window: SignedDuration) -> Timestamp {
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
    charger: String,
    start: Timestamp,
    arguments: &'a CostArguments,
}

impl Session<'_> {
    fn frames(&self, played: &mut Played) -> Vec<(Timestamp, Way, String)> {
        let mut sent = vec![
            (0, Way::Queue, self.call("1", "StatusNotification", &self.status(0, "Preparing"))),
            (
                2,
                Way::Queue,
                self.call(
                    "2",
                    "StartTransaction",
                    &json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 1_000, "timestamp": self.at(2) }),
                ),
            ),
            (4, Way::Queue, self.call("3", "StatusNotification", &self.status(4, "Charging"))),
        ];
        let samples: Vec<i64> = self.samples();
        let way = match self.arguments.samples {
            Samples::Queue => Some(Way::Queue),
            Samples::Function => Some(Way::Function),
            Samples::Stream => Some(Way::Stream),
            Samples::Off | Samples::InStop => None,
        };
        for (number, second) in samples.iter().enumerate().filter(|_| self.arguments.samples != Samples::InStop) {
            played.meter_values += 1;
            played.from_chargers += 1;
            let body =
                json!({ "connectorId": 1, "transactionId": self.transaction(), "meterValue": [self.sample(*second)] });
            sent.extend(way.map(|way| (*second, way, self.call(&format!("m{number}"), "MeterValues", &body))));
        }
        let end = LASTS.as_secs();
        let mut stop = json!({ "transactionId": self.transaction(), "idTag": "TAG1", "meterStop": 12_000, "reason": "EVDisconnected",
                               "timestamp": self.at(end) });
        if self.arguments.samples == Samples::InStop {
            stop["transactionData"] = samples.iter().map(|second| self.sample(*second)).collect();
        }
        sent.push((end, Way::Queue, self.call("4", "StopTransaction", &stop)));
        sent.push((end + 5, Way::Queue, self.call("5", "StatusNotification", &self.status(end + 5, "Available"))));
        played.from_chargers += 5;
        if !self.arguments.answering {
            // Of another back end's answers the one that names the transaction matters; the others are read along as well.
            played.read_along += 5;
            let answer =
                json!([3, "2", { "transactionId": self.transaction(), "idTagInfo": { "status": "Accepted" } }]);
            sent.push((3, Way::Queue, self.line("out", 3, &answer)));
        }
        sent.into_iter()
            .map(|(second, way, line)| (self.start + SignedDuration::from_secs(second), way, line))
            .collect()
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
        let topic = format!("{}/{direction}", self.charger);
        json!({ "topic": topic, "received_at": self.at(second), "payload": frame }).to_string()
    }
}
