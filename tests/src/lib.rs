//! What the tests speak in: a yard with chargers, the messages they send, and what came of them.

pub mod wrong;

use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};
use plugtill::replay::{Replayed, replay};
use plugtill::site_file;
use plugtill::stack::{Options, Stack};
use plugtill::summary::{Accounts, Summary, accounts, reproduce};
use plugtill::traffic::Traffic;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use serde_json::{Value, json};

/// The instant at which every story starts, UTC.
pub const START: &str = "2026-03-02T09:00:00Z";

/// A story told by chargers: messages in the order they are received.
#[derive(Debug, Clone, Default)]
pub struct Story {
    lines: Vec<(Timestamp, String)>,
    sequence: u64,
}

/// `minutes` after [`START`].
///
/// # Panics
/// When the instant does not exist.
#[must_use]
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub fn at(minutes: i64) -> Timestamp {
    START.parse::<Timestamp>().expect("an instant") + SignedDuration::from_mins(minutes)
}

impl Story {
    /// Nothing told yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A line as it stands, received at `received`.
    #[must_use]
    pub fn line(mut self, received: Timestamp, line: impl Into<String>) -> Self {
        self.lines.push((received, line.into()));
        self
    }

    /// A frame of charger `CP1`, received at `received`.
    #[must_use]
    pub fn frame(self, direction: &str, received: Timestamp, frame: &Value) -> Self {
        let line =
            json!({ "topic": format!("CP1/{direction}"), "received_at": received.to_string(), "payload": frame });
        self.line(received, line.to_string())
    }

    /// A call with a message id of its own.
    #[must_use]
    pub fn call(mut self, received: Timestamp, action: &str, payload: &Value) -> Self {
        self.sequence += 1;
        let id = format!("m{}", self.sequence);
        self.frame("in", received, &json!([2, id, action, payload]))
    }

    /// A start at `minute` with the back end's answer, in transaction 7 of tag `TAG1`.
    #[must_use]
    pub fn start(self, minute: i64, register_wh: i64) -> Self {
        self.start_as("TAG1", 7, minute, register_wh)
    }

    /// A start of any tag in any transaction.
    #[must_use]
    pub fn start_as(self, tag: &str, transaction: i64, minute: i64, register_wh: i64) -> Self {
        let id = format!("start-{transaction}-{minute}");
        let body =
            json!({ "connectorId": 1, "idTag": tag, "meterStart": register_wh, "timestamp": at(minute).to_string() });
        let answer = json!([3, id, { "transactionId": transaction, "idTagInfo": { "status": "Accepted" } }]);
        self.frame("in", at(minute), &json!([2, id, "StartTransaction", body])).frame("out", at(minute), &answer)
    }

    /// A stop at `minute` with this register and reason.
    #[must_use]
    pub fn stop(self, minute: i64, register_wh: i64, reason: &str) -> Self {
        let body = stop_body(7, minute, register_wh, reason);
        self.call(at(minute), "StopTransaction", &body)
    }

    /// A status of connector 1 at `minute`.
    #[must_use]
    pub fn status(self, minute: i64, status: &str) -> Self {
        self.status_received(minute, minute, status)
    }

    /// A status of connector 1 of `minute` that arrives at another.
    #[must_use]
    pub fn status_received(self, minute: i64, received: i64, status: &str) -> Self {
        let error = if status == "Faulted" { "GroundFailure" } else { "NoError" };
        let body =
            json!({ "connectorId": 1, "errorCode": error, "status": status, "timestamp": at(minute).to_string() });
        self.call(at(received), "StatusNotification", &body)
    }

    /// A reading of the register at `minute`.
    #[must_use]
    pub fn meter(self, minute: i64, value: &str, unit: &str) -> Self {
        self.meter_in(7, minute, value, unit)
    }

    /// A reading of the register at `minute` in any transaction.
    #[must_use]
    pub fn meter_in(self, transaction: i64, minute: i64, value: &str, unit: &str) -> Self {
        let sample = json!({ "value": value, "unit": unit });
        let values = json!([{ "timestamp": at(minute).to_string(), "sampledValue": [sample] }]);
        let body = json!({ "connectorId": 1, "transactionId": transaction, "meterValue": values });
        self.call(at(minute), "MeterValues", &body)
    }

    /// Heartbeats every twelve hours of these days: a charger that is alive and has nothing to tell.
    #[must_use]
    pub fn beats(self, days: std::ops::Range<i64>) -> Self {
        days.flat_map(|day| [day * 24 * 60 + 1, day * 24 * 60 + 721])
            .fold(self, |story, minute| story.call(at(minute), "Heartbeat", &json!({})))
    }

    /// The last message once more, `minutes` later.
    #[must_use]
    pub fn again(mut self, minutes: i64) -> Self {
        if let Some((received, line)) = self.lines.last().cloned() {
            let later = received + SignedDuration::from_mins(minutes);
            let line =
                line.replace(&format!("\"received_at\":\"{received}\""), &format!("\"received_at\":\"{later}\""));
            self.lines.push((later, line));
        }
        self
    }

    /// The same, but all of it arrives at once, as from a charger that was offline.
    ///
    /// # Panics
    /// When a line is no JSON object.
    #[must_use]
    #[allow(clippy::expect_used, reason = "a helper of tests")]
    pub fn received_at_once(mut self, at: Timestamp) -> Self {
        for (received, line) in &mut self.lines {
            let mut told: Value = serde_json::from_str(line).expect("JSON");
            told["received_at"] = json!(at.to_string());
            (*received, *line) = (at, told.to_string());
        }
        self
    }

    /// The story as captured traffic, in the order of the receive times.
    #[must_use]
    pub fn traffic(&self) -> String {
        let mut lines = self.lines.clone();
        lines.sort_by_key(|(received, _)| *received);
        lines.into_iter().map(|(_, line)| line + "\n").collect()
    }

    /// How many messages it has.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lines.len() as u64
    }

    /// Lets the story happen at a site of [`site`] with `change` made to it.
    ///
    /// # Panics
    /// When the product stops.
    pub async fn happens(&self, change: Value) -> Happened {
        happened(self.traffic(), &site(change)).await
    }
}

/// The body of a stop.
#[must_use]
pub fn stop_body(transaction: i64, minute: i64, register_wh: i64, reason: &str) -> Value {
    json!({ "transactionId": transaction, "meterStop": register_wh, "timestamp": at(minute).to_string(),
            "reason": reason })
}

/// A site as a site file has it, with the fields of `change` in place of its own.
///
/// # Panics
/// When the change makes it unusable.
#[must_use]
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub fn site(change: Value) -> Vec<Site> {
    site_file::parse(&file(change).to_string(), "site").expect("a usable site")
}

/// The file of the same.
#[must_use]
pub fn file(change: Value) -> Value {
    let mut site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 22000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] },
        "idle": { "grace_minutes": 15, "price_per_minute": "0.10", "cap": "12.00" },
        "tax_percent": "0", "hold": "20.00", "settle_after_minutes": 2, "late_evidence": "waive",
        "drivers": { "default_payment_method": "pm_card_visa",
                     "by_id_tag": { "BROKE": "pm_card_chargeCustomerFail" } },
    });
    if let (Value::Object(site), Value::Object(change)) = (&mut site, change) {
        site.extend(change);
    }
    json!({ "sites": [site] })
}

/// What came of a story.
pub struct Happened {
    /// The run.
    pub replayed: Replayed,
    /// Its sessions.
    pub accounts: Accounts,
    /// Its report.
    pub summary: Summary,
}

/// Runs traffic and proves the invariants that hold for every story.
///
/// # Panics
/// When the product stops or an invariant is broken.
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub async fn happened(traffic: String, sites: &[Site]) -> Happened {
    let never = AtomicBool::new(false);
    let replayed = replay(Traffic::of(traffic), sites, Options::default(), &never, |_| ()).await.expect("a replay");
    look(replayed, sites).await
}

/// A stack of its own, at [`START`], for tests that reach into it.
///
/// # Panics
/// When it cannot be started.
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub async fn stack(sites: &[Site]) -> Stack {
    Stack::start(&Options { start: at(0), ..Options::default() }, sites).await.expect("a stack")
}

/// Tells `stack` a story, message by message, and lets a day pass.
///
/// # Panics
/// When the product stops.
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub async fn tell(stack: &mut Stack, story: &Story) -> u64 {
    let mut lines = story.lines.clone();
    lines.sort_by_key(|(received, _)| *received);
    let last = lines.last().map_or(at(0), |(received, _)| *received);
    let received = lines.len() as u64;
    for (at, line) in lines {
        stack.advance_to(at).await.expect("time passes");
        stack.deliver(vec![line]).await.expect("a delivery");
    }
    stack.advance_to(last + SignedDuration::from_hours(26)).await.expect("time passes");
    received
}

/// Looks at a stack that was told something.
///
/// # Panics
/// When an invariant is broken.
pub async fn look_at(stack: Stack, received: u64, sites: &[Site]) -> Happened {
    look(Replayed { stack, received, stopped: false }, sites).await
}

/// Looks at a run and proves the invariants that hold for every story.
///
/// # Panics
/// When an invariant is broken.
#[allow(clippy::expect_used, reason = "a helper of tests")]
pub async fn look(replayed: Replayed, sites: &[Site]) -> Happened {
    let accounts = accounts(&replayed.stack, sites).await.expect("accounts");
    assert_eq!(accounts.violations, [], "the books meet");
    assert_eq!(
        reproduce(&replayed.stack, &accounts, sites).await.expect("evidence"),
        [],
        "evidence gives every bill again"
    );
    let summary = Summary::of(&replayed.stack, &accounts, replayed.received, 1.0);
    let messages = &summary.messages;
    let sum = messages.processed + messages.duplicate + messages.rejected + messages.quarantined + messages.ignored;
    assert_eq!(messages.received, sum, "nothing received is lost");
    Happened { replayed, accounts, summary }
}

impl Happened {
    /// The only session.
    ///
    /// # Panics
    /// When there is none or more than one.
    #[must_use]
    pub fn session(&self) -> &Session {
        assert_eq!(self.accounts.sessions.len(), 1, "one session");
        &self.accounts.sessions[0]
    }

    /// What Stripe's books say was taken and kept, in minor units.
    #[must_use]
    pub fn collected_minor(&self) -> i64 {
        self.replayed.stack.stripe.books().net_minor_by_session.values().sum()
    }

    /// Why messages of a day were quarantined.
    ///
    /// # Panics
    /// When the table does not answer.
    #[allow(clippy::expect_used, reason = "a helper of tests")]
    pub async fn quarantine(&self, day: &str) -> Vec<String> {
        let found = self.replayed.stack.store.quarantine(day).await.expect("quarantine");
        found.into_iter().map(|item| format!("{}: {} | {}", item.charger, item.reason, item.bytes)).collect()
    }
}
