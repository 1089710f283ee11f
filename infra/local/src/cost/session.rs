//! The frames of one session: an hour at a charger that speaks OCPP 1.6.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::fleet::{Frame, LASTS, Played, UNNAMED, Way};
use super::{CostArguments, Ingest, Samples};

/// One session: plugged in, an hour of 11 kW, unplugged.
pub(super) struct Session<'a> {
    pub charger: usize,
    pub start: Timestamp,
    pub arguments: &'a CostArguments,
}

impl Session<'_> {
    pub(super) fn frames(&self, played: &mut Played) -> Vec<Frame> {
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
