//! What is sent to Stripe and what is read of its answers: the fields that are used and no others.

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::money::{Currency, Money};
use serde::Serialize;

use super::StripeFailure;
use super::amount::{from_stripe, to_stripe};

/// A hold or charge to be made on a saved card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentOrder {
    /// How much.
    pub amount: Money,
    /// Whose card.
    pub customer: String,
    /// Which card.
    pub payment_method: String,
    /// For which session; kept in the object's metadata.
    pub session: String,
    /// What for; kept in the object's metadata.
    pub purpose: &'static str,
}

/// A payment intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Stripe's id.
    pub id: String,
    /// Where it stands.
    pub status: IntentStatus,
    /// What it is for in all.
    pub amount: Money,
    /// What a hold still allows to take.
    pub amount_capturable: Money,
    /// What was taken.
    pub amount_received: Money,
    /// When an uncaptured hold lapses, UTC.
    pub capture_before: Option<Timestamp>,
}

/// Where a payment intent stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntentStatus {
    /// Held.
    RequiresCapture,
    /// Taken.
    Succeeded,
    /// Given back or lapsed.
    Canceled,
    /// Waiting for something; Stripe's word.
    Other(String),
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Stripe's id.
    pub id: String,
    /// `succeeded`, `pending`, …
    pub status: String,
    /// How much is given back.
    pub amount: Money,
}

#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub id: String,
}

/// The charge says until when a hold can be captured; intents name it only by id unless asked.
pub(super) const WITH_CHARGE: [&str; 1] = ["latest_charge"];

#[derive(Serialize)]
pub(super) struct CustomerForm<'a> {
    metadata: CustomerMetadata<'a>,
}

#[derive(Serialize)]
struct CustomerMetadata<'a> {
    reference: &'a str,
}

impl<'a> CustomerForm<'a> {
    pub(super) const fn new(reference: &'a str) -> Self {
        Self { metadata: CustomerMetadata { reference } }
    }
}

#[derive(Serialize)]
pub(super) struct AttachForm<'a> {
    pub customer: &'a str,
}

#[derive(Serialize)]
pub(super) struct CaptureForm {
    pub amount_to_capture: i64,
    pub expand: [&'static str; 1],
}

#[derive(Serialize)]
pub(super) struct ReadForm {
    pub expand: [&'static str; 1],
}

#[derive(Serialize)]
pub(super) struct RefundForm<'a> {
    pub payment_intent: &'a str,
    pub amount: i64,
}

#[derive(Serialize)]
pub(super) struct IntentForm<'a> {
    amount: i64,
    currency: String,
    customer: &'a str,
    payment_method: &'a str,
    capture_method: &'static str,
    confirm: bool,
    off_session: bool,
    metadata: Metadata<'a>,
    expand: [&'static str; 1],
}

#[derive(Serialize)]
struct Metadata<'a> {
    session: &'a str,
    purpose: &'static str,
}

impl<'a> IntentForm<'a> {
    pub(super) fn new(order: &'a PaymentOrder, capture_method: &'static str) -> Result<Self, StripeFailure> {
        Ok(Self {
            amount: to_stripe(order.amount)?,
            currency: order.amount.currency().code().to_ascii_lowercase(),
            customer: &order.customer,
            payment_method: &order.payment_method,
            capture_method,
            confirm: true,
            off_session: true,
            metadata: Metadata { session: &order.session, purpose: order.purpose },
            expand: WITH_CHARGE,
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct RefundObject {
    id: String,
    status: String,
    amount: i64,
    currency: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct IntentObject {
    id: String,
    status: String,
    amount: i64,
    amount_capturable: i64,
    amount_received: i64,
    currency: String,
    latest_charge: Option<ChargeObject>,
}

#[derive(Debug, Deserialize)]
struct ChargeObject {
    payment_method_details: Option<PaymentMethodDetails>,
}

#[derive(Debug, Deserialize)]
struct PaymentMethodDetails {
    card: Option<CardDetails>,
}

#[derive(Debug, Deserialize)]
struct CardDetails {
    capture_before: Option<i64>,
}

impl TryFrom<IntentObject> for Intent {
    type Error = StripeFailure;

    fn try_from(object: IntentObject) -> Result<Self, StripeFailure> {
        let currency = currency(&object.id, &object.currency)?;
        let card = object.latest_charge.and_then(|charge| charge.payment_method_details?.card);
        Ok(Self {
            id: object.id,
            status: match object.status.as_str() {
                "requires_capture" => IntentStatus::RequiresCapture,
                "succeeded" => IntentStatus::Succeeded,
                "canceled" => IntentStatus::Canceled,
                _ => IntentStatus::Other(object.status),
            },
            amount: from_stripe(object.amount, currency)?,
            amount_capturable: from_stripe(object.amount_capturable, currency)?,
            amount_received: from_stripe(object.amount_received, currency)?,
            capture_before: card.and_then(|card| Timestamp::from_second(card.capture_before?).ok()),
        })
    }
}

impl TryFrom<RefundObject> for Refund {
    type Error = StripeFailure;

    fn try_from(object: RefundObject) -> Result<Self, StripeFailure> {
        let currency = currency(&object.id, &object.currency)?;
        Ok(Self { id: object.id, status: object.status, amount: from_stripe(object.amount, currency)? })
    }
}

/// Stripe writes currencies in lower case.
fn currency(object: &str, code: &str) -> Result<Currency, StripeFailure> {
    let unknown = |_| StripeFailure::Unknown { what: format!("{object} is in `{code}`, no known currency") };
    code.to_ascii_uppercase().parse().map_err(unknown)
}
