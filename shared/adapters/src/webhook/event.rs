//! What is read of an event. Everything else in it is ignored: another API version may write it differently.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::Rejection;

/// The types that are acted on, in Stripe's words. Any other is answered with 200 and forgotten, so that an endpoint
/// may be subscribed to more than this.
pub const ACTED_ON: [&str; 25] = [
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "payment_intent.amount_capturable_updated",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
    "charge.captured",
    "charge.expired",
    "charge.refunded",
    "charge.updated",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "setup_intent.succeeded",
    "setup_intent.setup_failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payout.paid",
    "payout.failed",
];

/// What kind of object an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A hosted pay page.
    CheckoutSession,
    /// A payment.
    PaymentIntent,
    /// A card to be saved.
    SetupIntent,
    /// A try of a payment.
    Charge,
    /// Money on its way back.
    Refund,
    /// A cardholder's objection.
    Dispute,
    /// Money on its way to the bank.
    Payout,
    /// An object of a later API.
    Unknown,
}

/// Each kind with its name in the field `object`.
const KINDS: [(&str, ObjectKind); 7] = [
    ("checkout.session", ObjectKind::CheckoutSession),
    ("payment_intent", ObjectKind::PaymentIntent),
    ("setup_intent", ObjectKind::SetupIntent),
    ("charge", ObjectKind::Charge),
    ("refund", ObjectKind::Refund),
    ("dispute", ObjectKind::Dispute),
    ("payout", ObjectKind::Payout),
];

impl ObjectKind {
    /// The kind that Stripe names `name`.
    #[must_use]
    pub fn of(name: &str) -> Self {
        KINDS.iter().find(|(known, _)| *known == name).map_or(Self::Unknown, |(_, kind)| *kind)
    }

    /// Stripe's name for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("unknown", |(name, _)| *name)
    }
}

/// An event of a type that is acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeEvent {
    /// Its id, `evt_…`: the same in every delivery.
    pub id: String,
    /// Its type, one of [`ACTED_ON`].
    pub event_type: &'static str,
    /// When it happened, UTC, to the second.
    pub created: Timestamp,
    /// The connected account it happened in; none for the platform's own.
    pub account: Option<String>,
    /// The id of the object it is about.
    pub object: String,
    /// What that object is.
    pub kind: ObjectKind,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    event_type: String,
}

#[derive(Deserialize)]
struct Wire {
    id: String,
    created: i64,
    account: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    object: String,
}

impl StripeEvent {
    /// Reads an event; `None` when it is of a type that is not acted on, whatever else is in it.
    ///
    /// # Errors
    /// When it has no type, or is of a type that is acted on and lacks what is read of it.
    pub fn read(event: &Value) -> Result<Option<Self>, Rejection> {
        let Typed { event_type } = Typed::deserialize(event).map_err(|_| Rejection::NotAnEvent)?;
        let Some(event_type) = ACTED_ON.iter().find(|known| **known == event_type) else { return Ok(None) };
        let Wire { id, created, account, data } = Wire::deserialize(event).map_err(|_| Rejection::NotAnEvent)?;
        let created = Timestamp::from_second(created).map_err(|_| Rejection::NotAnEvent)?;
        let usable = [Some(&id), Some(&data.object.id), account.as_ref()].into_iter().flatten().all(|id| is_id(id));
        if !usable {
            return Err(Rejection::NotAnEvent);
        }
        let kind = ObjectKind::of(&data.object.object);
        Ok(Some(Self { id, event_type, created, account, object: data.object.id, kind }))
    }
}

/// Ids become keys of the table and paths of requests.
fn is_id(id: &str) -> bool {
    (1..=255).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
