//! Events, and their delivery to a webhook endpoint: signed, at least once, in no order, for up to three days.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Reply;
use super::error::ApiError;
use super::form::Form;

/// Stripe tries for three days (docs.stripe.com/webhooks, "retries").
const GIVES_UP_SECONDS: i64 = 3 * 24 * 3600;
/// The wait before the first repetition; four times longer each time.
const FIRST_WAIT_SECONDS: i64 = 60;

/// What goes wrong on the way to the endpoint, drawn from a seed.
#[derive(Debug, Clone, Default)]
pub struct Disturbance {
    /// How many per cent are delivered twice.
    pub duplicated_percent: u8,
    /// How many per cent never arrive.
    pub dropped_percent: u8,
    /// Held back for up to so many seconds, and so out of order.
    pub held_up_to_seconds: u32,
    /// The seed.
    pub seed: u64,
}

/// One delivery, as the endpoint receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Names the delivery; a duplicate has its own.
    pub id: u64,
    /// The `Stripe-Signature` header.
    pub signature: String,
    /// The raw body.
    pub body: String,
}

/// An endpoint and what is on its way to it.
#[derive(Debug)]
pub(super) struct Webhooks {
    secret: String,
    random: fastrand::Rng,
    disturbance: Disturbance,
    events: Vec<String>,
    waiting: BTreeMap<u64, Waiting>,
    sequence: u64,
}

#[derive(Debug)]
struct Waiting {
    body: String,
    created: i64,
    due: i64,
    tries: u32,
}

impl Webhooks {
    pub(super) fn new(secret: String, disturbance: Disturbance) -> Self {
        let random = fastrand::Rng::with_seed(disturbance.seed);
        Self { secret, random, disturbance, events: Vec::new(), waiting: BTreeMap::new(), sequence: 0 }
    }

    /// Makes the events of what a request has changed.
    pub(super) fn announce(&mut self, reply: &Reply, now: i64) {
        let object = serde_json::from_str(&reply.1).unwrap_or(Value::Null);
        for (kind, object) in events_of(reply.0, object) {
            self.emit(kind, &object, now);
        }
    }

    pub(super) fn emit(&mut self, kind: &str, object: &Value, now: i64) {
        let id = format!("evt_{:014}", self.events.len() + 1);
        let event = json!({
            "id": id, "object": "event", "api_version": plugtill_adapters::stripe::API_VERSION, "created": now,
            "type": kind, "data": { "object": object }, "livemode": false, "pending_webhooks": 1, "request": null,
        });
        let body = event.to_string();
        self.events.push(body.clone());
        let drawn = |random: &mut fastrand::Rng, percent: u8| random.u8(0..100) < percent;
        if drawn(&mut self.random, self.disturbance.dropped_percent) {
            return;
        }
        let copies = 1 + u64::from(drawn(&mut self.random, self.disturbance.duplicated_percent));
        for _ in 0..copies {
            let due = now + i64::from(self.random.u32(0..=self.disturbance.held_up_to_seconds));
            self.sequence += 1;
            self.waiting.insert(self.sequence, Waiting { body: body.clone(), created: now, due, tries: 0 });
        }
    }

    /// What is to be delivered now. Each delivery is signed when it is sent, as Stripe does it.
    pub(super) fn due(&mut self, now: i64) -> Vec<Delivery> {
        let mut due = Vec::new();
        for (id, waiting) in self.waiting.iter_mut().filter(|(_, waiting)| waiting.due <= now) {
            let wait = FIRST_WAIT_SECONDS.saturating_mul(4_i64.saturating_pow(waiting.tries));
            (waiting.tries, waiting.due) = (waiting.tries + 1, now.saturating_add(wait));
            let signature = signature(&self.secret, now, &waiting.body);
            due.push(Delivery { id: *id, signature, body: waiting.body.clone() });
        }
        due
    }

    pub(super) fn answered(&mut self, id: u64, status: u16, now: i64) {
        let over = self.waiting.get(&id).is_some_and(|waiting| now - waiting.created >= GIVES_UP_SECONDS);
        if over || (200..300).contains(&status) {
            self.waiting.remove(&id);
        }
    }

    pub(super) fn next_at(&self) -> Option<i64> {
        self.waiting.values().map(|waiting| waiting.due).min()
    }

    /// The newest first, as Stripe lists.
    pub(super) fn list(&self, form: &Form<'_>) -> Result<Reply, ApiError> {
        form.only(&["limit", "expand"])?;
        let limit = form.limit()?;
        let newest: Vec<Value> =
            self.events.iter().rev().take(limit).filter_map(|event| serde_json::from_str(event).ok()).collect();
        let has_more = self.events.len() > limit;
        let list = json!({ "object": "list", "url": "/v1/events", "has_more": has_more, "data": newest });
        Ok((200, list.to_string()))
    }
}

/// `t=…,v1=…` over the bytes that are sent (docs.stripe.com/webhooks, "verify manually").
fn signature(secret: &str, now: i64, body: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("{now}.{body}").as_bytes());
    let mut header = format!("t={now},v1=");
    for byte in mac.finalize().into_bytes() {
        let _ = write!(header, "{byte:02x}");
    }
    header
}

/// The events that an answer to a request tells of.
fn events_of(status: u16, mut object: Value) -> Vec<(&'static str, Value)> {
    if status == 402 {
        let intent = object["error"]["payment_intent"].take();
        return if intent.is_null() { Vec::new() } else { vec![("payment_intent.payment_failed", intent)] };
    }
    let word = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
    match (word("object").as_str(), word("status").as_str()) {
        ("payment_intent", "requires_capture") => vec![("payment_intent.amount_capturable_updated", object)],
        ("payment_intent", "requires_action") => vec![("payment_intent.requires_action", object)],
        ("payment_intent", "canceled") => vec![("payment_intent.canceled", object)],
        ("payment_intent", "succeeded") => {
            let kind = if word("capture_method") == "manual" { "charge.captured" } else { "charge.succeeded" };
            vec![(kind, charge_of(&object)), ("payment_intent.succeeded", object)]
        }
        ("refund", _) => {
            let charge = json!({ "id": charge_id(&word("payment_intent")), "object": "charge" });
            vec![("refund.created", object), ("charge.refunded", charge)]
        }
        ("checkout.session", "expired") => vec![("checkout.session.expired", object)],
        ("checkout.session", "complete") => vec![("checkout.session.completed", object)],
        _ => Vec::new(),
    }
}

fn charge_of(intent: &Value) -> Value {
    let id = intent["id"].as_str().unwrap_or_default();
    json!({ "id": charge_id(id), "object": "charge", "payment_intent": id, "metadata": intent["metadata"] })
}

/// A charge bears the number of its intent.
fn charge_id(intent: &str) -> String {
    intent.replacen("pi_", "ch_", 1)
}
