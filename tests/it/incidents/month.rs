//! A month of 200 chargers whose faults are known: every incident is told once, nothing else is.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plugtill::stack::{Options, Stack};
use plugtill_domain::site::Site;
use plugtill_tests::{at, site};
use serde_json::{Value, json};

const SITES: usize = 10;
const CHARGERS: usize = 20;
const DAYS: i64 = 30;

/// What happens to chargers, as their messages, and how many incidents of each kind that is.
struct Month {
    random: fastrand::Rng,
    lines: Vec<(Timestamp, String)>,
    truth: BTreeMap<&'static str, usize>,
    connections: BTreeMap<String, u64>,
}

impl Month {
    fn status(&mut self, charger: &str, when: Timestamp, status: &str) {
        let error = if status == "Faulted" { "OverCurrentFailure" } else { "NoError" };
        let body = json!({ "connectorId": 1, "errorCode": error, "status": status, "timestamp": when.to_string() });
        let frame = json!([2, format!("{charger}-{when}"), "StatusNotification", body]);
        let line = json!({ "topic": format!("{charger}/in"), "received_at": when.to_string(), "payload": frame });
        self.lines.push((when, line.to_string()));
    }

    fn link(&mut self, charger: &str, when: Timestamp, connected: bool) {
        let connection = self.connections.entry(charger.to_owned()).or_insert(1);
        *connection += u64::from(connected);
        let kind = if connected { "connected" } else { "disconnected" };
        let event = json!({ "clientId": charger, "eventType": kind, "timestamp": when.as_millisecond(),
                            "versionNumber": *connection });
        self.lines.push((when, event.to_string()));
    }

    fn is(&mut self, kind: &'static str) {
        *self.truth.entry(kind).or_default() += 1;
    }

    /// A fault that the charger repeats every minute.
    fn fault(&mut self, charger: &str, from: Timestamp, minutes: i64) {
        for minute in 0..minutes {
            self.status(charger, from + SignedDuration::from_mins(minute), "Faulted");
        }
        self.status(charger, from + SignedDuration::from_mins(minutes), "Available");
    }

    /// Comes and goes every minute.
    fn flaps(&mut self, charger: &str, from: Timestamp) {
        for time in 0..8 {
            self.status(charger, from + SignedDuration::from_mins(time * 2), "Faulted");
            self.status(charger, from + SignedDuration::from_mins(time * 2 + 1), "Available");
        }
    }

    fn away(&mut self, charger: &str, from: Timestamp, minutes: i64) {
        self.link(charger, from, false);
        self.link(charger, from + SignedDuration::from_mins(minutes), true);
    }

    /// One thing a day at most happens to a charger, and its site's storm with all the others.
    fn of_charger(&mut self, charger: &str, stormy: Option<i64>) {
        for day in 0..DAYS {
            if stormy == Some(day) {
                let from = at(day * 24 * 60 + 600) + SignedDuration::from_secs(self.random.i64(0..120));
                self.away(charger, from, 90);
                continue;
            }
            let from = at(day * 24 * 60 + self.random.i64(0..18 * 60));
            match self.random.u32(0..40) {
                0 => {
                    let minutes = self.random.i64(3..40);
                    self.fault(charger, from, minutes);
                    self.is("charger_fault");
                }
                1 => self.fault(charger, from, 1),
                2 => {
                    self.flaps(charger, from);
                    self.is("charger_fault");
                }
                3 => {
                    let minutes = self.random.i64(6..300);
                    self.away(charger, from, minutes);
                    self.is("charger_offline");
                }
                4 | 5 => {
                    let minutes = self.random.i64(1..5);
                    self.away(charger, from, minutes);
                }
                _ => {}
            }
        }
    }
}

fn name(place: usize, charger: usize) -> String {
    format!("S{place}C{charger}")
}

fn sites() -> Vec<Site> {
    let entry = |id: String| json!({ "id": id, "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
    let chargers = |place: usize| (0..CHARGERS).map(|charger| entry(name(place, charger))).collect::<Value>();
    let one = |place: usize| {
        let change = json!({ "id": format!("site{place}"), "name": format!("Site {place}"),
                             "chargers": chargers(place) });
        site(change).remove(0)
    };
    (0..SITES).map(one).collect()
}

fn generated() -> Month {
    let random = fastrand::Rng::with_seed(20_260_302);
    let mut month = Month { random, lines: Vec::new(), truth: BTreeMap::new(), connections: BTreeMap::new() };
    for place in 0..SITES {
        // Every third site loses its network as a whole, once.
        let storm = (place % 3 == 0).then(|| 3 + i64::try_from(place).unwrap() * 2);
        for charger in 0..CHARGERS {
            month.of_charger(&name(place, charger), storm);
        }
        if storm.is_some() {
            month.is("site_storm");
        }
    }
    month.lines.sort_by_key(|(when, _)| *when);
    month
}

#[tokio::test]
async fn a_month_of_200_chargers_alerts_each_incident_once_and_nothing_else() {
    let month = generated();
    let mut stack = Stack::start(&Options { start: at(0), ..Options::default() }, &sites()).await.unwrap();
    let messages = month.lines.len();
    for (when, line) in month.lines {
        stack.advance_to(when).await.unwrap();
        stack.deliver(vec![line]).await.unwrap();
    }
    stack.advance_to(at((DAYS + 2) * 24 * 60)).await.unwrap();
    let mut opened: BTreeMap<String, usize> = BTreeMap::new();
    let mut recovered: BTreeMap<String, usize> = BTreeMap::new();
    for sent in stack.topics.sent() {
        let told = match sent.attribute("event") {
            "opened" => &mut opened,
            "recovered" => &mut recovered,
            _ => continue,
        };
        *told.entry(sent.attribute("kind").to_owned()).or_default() += 1;
    }
    let truth: BTreeMap<String, usize> = month.truth.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    let incidents: usize = truth.values().sum();
    let alerts: usize = opened.values().sum();
    println!("{incidents} incidents, {alerts} alerts, {messages} messages: {} an alert", messages / alerts);
    assert_eq!(opened, truth, "alerts / incidents = 1.0, kind by kind");
    assert_eq!(recovered, truth, "and each is told to be over");
}
