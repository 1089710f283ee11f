//! Simulated chargers and drivers: what eight connectors of a busy car park would send.

use std::collections::BTreeMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Connectors in the car park.
const CONNECTORS: u32 = 8;
/// Vehicles charge at this power.
const WATTS: i64 = 11_000;
/// How long a fault lasts.
const FAULT: SignedDuration = SignedDuration::from_mins(25);
const METER_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// Messages to come, in order of their receive times.
pub(super) struct Chargers {
    random: Rng,
    waiting: BTreeMap<(Timestamp, u64), String>,
    registers: [i64; CONNECTORS as usize],
    free_at: [Timestamp; CONNECTORS as usize],
    sequence: u64,
    transactions: u64,
}

/// One visit of a vehicle, as it is written down.
struct Visit {
    charger: String,
    started_at: Timestamp,
    charging_ends_at: Timestamp,
    leaves_at: Timestamp,
    register: i64,
    energy_wh: i64,
    id_tag: String,
}

impl Chargers {
    /// Chargers whose first vehicles arrive soon after `start`; the same seed makes the same traffic.
    pub(super) fn new(start: Timestamp, seed: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            waiting: BTreeMap::new(),
            registers: [100_000; CONNECTORS as usize],
            free_at: [start; CONNECTORS as usize],
            sequence: 0,
            transactions: 0,
        }
    }

    /// The messages received up to `until`.
    pub(super) fn until(&mut self, until: Timestamp) -> Vec<(Timestamp, String)> {
        for connector in 0..CONNECTORS as usize {
            while self.free_at.get(connector).is_some_and(|free_at| *free_at <= until) {
                self.plan(connector);
            }
        }
        let mut due = Vec::new();
        while let Some(entry) = self.waiting.first_entry().filter(|entry| entry.key().0 <= until) {
            due.push((entry.key().0, entry.remove()));
        }
        due
    }

    fn minutes(&mut self, range: std::ops::Range<i64>) -> SignedDuration {
        SignedDuration::from_mins(self.random.i64(range))
    }

    fn plan(&mut self, connector: usize) {
        let (Some(free_at), Some(register)) =
            (self.free_at.get(connector).copied(), self.registers.get(connector).copied())
        else {
            return;
        };
        let faulty = self.random.u8(0..15) == 0;
        let repaired_at = if faulty { free_at + FAULT } else { free_at };
        let started_at = repaired_at + self.minutes(2..40);
        let charging = self.minutes(5..150);
        let idle = if self.random.u8(0..10) < 4 { self.minutes(3..120) } else { SignedDuration::ZERO };
        let declined = self.random.u8(0..12) == 0;
        let visit = Visit {
            charger: format!("DEMO-{:02}", connector + 1),
            started_at,
            charging_ends_at: started_at + charging,
            leaves_at: started_at + charging + idle,
            register,
            energy_wh: WATTS * charging.as_secs() / 3600,
            id_tag: if declined { "DECLINED".to_owned() } else { format!("TAG{:05}", self.random.u32(0..100_000)) },
        };
        if faulty {
            self.fault(&visit, free_at);
        }
        self.write(&visit);
        if let (Some(free_at), Some(register)) = (self.free_at.get_mut(connector), self.registers.get_mut(connector)) {
            *free_at = visit.leaves_at + SignedDuration::from_secs(10);
            *register = visit.register + visit.energy_wh;
        }
    }

    fn write(&mut self, visit: &Visit) {
        let second = SignedDuration::from_secs(1);
        let idles = visit.leaves_at > visit.charging_ends_at;
        self.transactions += 1;
        let transaction = self.transactions;
        self.status(visit, visit.started_at - second * 20, "Preparing", "NoError");
        let start = json!({
            "connectorId": 1, "idTag": visit.id_tag, "meterStart": visit.register,
            "timestamp": visit.started_at.to_string(),
        });
        let id = self.call(visit, visit.started_at, "StartTransaction", &start);
        let answer = json!([3, id, { "transactionId": transaction, "idTagInfo": { "status": "Accepted" } }]);
        self.send(&visit.charger, "out", visit.started_at + second, &answer);
        self.status(visit, visit.started_at + second * 2, "Charging", "NoError");
        let mut at = visit.started_at + METER_EVERY;
        while at < visit.leaves_at {
            let seconds = at.min(visit.charging_ends_at).duration_since(visit.started_at).as_secs();
            self.meter(visit, at, visit.register + WATTS * seconds / 3600, transaction);
            at += METER_EVERY;
        }
        if idles {
            self.status(visit, visit.charging_ends_at, "SuspendedEV", "NoError");
        }
        let stop = json!({
            "transactionId": transaction, "idTag": visit.id_tag, "meterStop": visit.register + visit.energy_wh,
            "timestamp": visit.leaves_at.to_string(), "reason": "EVDisconnected",
        });
        self.call(visit, visit.leaves_at, "StopTransaction", &stop);
        self.status(visit, visit.leaves_at + second * 3, "Available", "NoError");
    }

    /// A fault before the vehicle comes, reported every minute, as chargers do.
    fn fault(&mut self, visit: &Visit, from: Timestamp) {
        let mut at = from + SignedDuration::from_secs(10);
        while at < from + FAULT {
            self.status(visit, at, "Faulted", "GroundFailure");
            at += SignedDuration::from_mins(1);
        }
        self.status(visit, from + FAULT, "Available", "NoError");
    }

    fn status(&mut self, visit: &Visit, at: Timestamp, status: &str, error: &str) {
        let body = json!({ "connectorId": 1, "errorCode": error, "status": status, "timestamp": at.to_string() });
        self.call(visit, at, "StatusNotification", &body);
    }

    fn meter(&mut self, visit: &Visit, at: Timestamp, register: i64, transaction: u64) {
        let sample =
            json!({ "value": register.to_string(), "measurand": "Energy.Active.Import.Register", "unit": "Wh" });
        let values = json!([{ "timestamp": at.to_string(), "sampledValue": [sample] }]);
        let body = json!({ "connectorId": 1, "transactionId": transaction, "meterValue": values });
        self.call(visit, at, "MeterValues", &body);
    }

    fn call(&mut self, visit: &Visit, at: Timestamp, action: &str, payload: &Value) -> String {
        let id = (self.sequence + 1).to_string();
        self.send(&visit.charger, "in", at, &json!([2, id, action, payload]));
        id
    }

    fn send(&mut self, charger: &str, direction: &str, at: Timestamp, frame: &Value) {
        self.sequence += 1;
        let topic = format!("{charger}/{direction}");
        let line = json!({ "topic": topic, "received_at": at.to_string(), "payload": frame });
        self.waiting.insert((at, self.sequence), line.to_string());
    }
}
