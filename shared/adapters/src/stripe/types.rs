//! What is sent to Stripe and what is read of its answers: the fields that are used and no others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::dispute::{Dispute, DisputeState};
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
    /// The move's name; kept in the object's metadata, to find it by.
    pub name: String,
    /// Whether the hold is to be one that can be raised, where the card allows.
    pub raisable: bool,
    /// For whom, where not for the account itself.
    pub destination: Option<Destination>,
}

/// A connected account that a payment is for (Stripe Connect, destination charges).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// `acct_…`.
    pub account: String,
    /// What the platform keeps of it.
    pub fee: Money,
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
    /// Whether the hold can be raised.
    pub raisable: bool,
    /// Whose card, where it is saved.
    pub customer: Option<String>,
    /// Which card.
    pub payment_method: Option<String>,
    /// What was written on it when it was made.
    pub metadata: BTreeMap<String, String>,
}

impl Intent {
    /// The session it belongs to, as its maker wrote it on it.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.metadata.get("session").map(String::as_str)
    }
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
    /// The payment intent.
    pub intent: Option<String>,
    /// What was written on it when it was made.
    pub metadata: BTreeMap<String, String>,
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
pub(super) struct CaptureForm<'a> {
    amount_to_capture: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_fee_amount: Option<i64>,
    metadata: SessionMetadata<'a>,
    expand: [&'static str; 1],
}

/// A hold that a driver placed at Stripe's page learns only at its capture which session it pays for.
#[derive(Serialize)]
struct SessionMetadata<'a> {
    session: &'a str,
}

impl<'a> CaptureForm<'a> {
    pub(super) fn new(order: &'a CaptureOrder) -> Result<Self, StripeFailure> {
        Ok(Self {
            amount_to_capture: to_stripe(order.amount)?,
            application_fee_amount: fee_of(order.destination.as_ref())?,
            metadata: SessionMetadata { session: &order.session },
            expand: WITH_CHARGE,
        })
    }
}

/// What is to be taken from a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureOrder {
    /// How much.
    pub amount: Money,
    /// For which session.
    pub session: String,
    /// For whom, where not for the account itself.
    pub destination: Option<Destination>,
}

#[derive(Serialize)]
pub(super) struct RaiseForm {
    pub amount: i64,
    pub expand: [&'static str; 1],
}

/// Objects of one customer or intent, the newest first.
#[derive(Serialize)]
pub(super) struct ListForm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_intent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payout: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Since>,
    pub limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_after: Option<String>,
    pub expand: &'a [&'static str],
}

/// The longest page of a list.
const PAGE: u32 = 100;

impl Default for ListForm<'_> {
    fn default() -> Self {
        let (customer, payment_intent, payout) = (None, None, None);
        Self { customer, payment_intent, payout, created: None, limit: PAGE, starting_after: None, expand: &[] }
    }
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct Since {
    pub gte: i64,
}

#[derive(Serialize)]
pub(super) struct ReadForm {
    pub expand: [&'static str; 1],
}

#[derive(Serialize)]
pub(super) struct RefundForm<'a> {
    payment_intent: &'a str,
    amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverse_transfer: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund_application_fee: Option<bool>,
    metadata: Metadata<'a>,
}

impl<'a> RefundForm<'a> {
    /// What was paid to a connected account comes back from there, and the platform's fee with it.
    pub(super) fn new(intent: &'a str, order: &'a RefundOrder) -> Result<Self, StripeFailure> {
        let connected = order.connected.then_some(true);
        let metadata = Metadata { session: &order.session, purpose: "refund", r#move: &order.name };
        let amount = to_stripe(order.amount)?;
        let (reverse_transfer, refund_application_fee) = (connected, connected);
        Ok(Self { payment_intent: intent, amount, reverse_transfer, refund_application_fee, metadata })
    }
}

/// A dispute as Stripe shows it.
#[derive(Debug, Deserialize)]
pub(super) struct DisputeObject {
    id: String,
    amount: i64,
    currency: String,
    reason: String,
    status: String,
    payment_intent: Option<String>,
    evidence_details: Option<EvidenceDetails>,
    balance_transactions: Option<Vec<MovedObject>>,
}

#[derive(Debug, Deserialize)]
struct EvidenceDetails {
    due_by: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct MovedObject {
    amount: i64,
}

impl TryFrom<DisputeObject> for Dispute {
    type Error = StripeFailure;

    fn try_from(object: DisputeObject) -> Result<Self, StripeFailure> {
        let currency = currency(&object.id, &object.currency)?;
        let moved: i64 = object.balance_transactions.iter().flatten().map(|moved| moved.amount).sum();
        Ok(Self {
            intent: object.payment_intent.unwrap_or_default(),
            amount: from_stripe(object.amount, currency)?,
            reason: object.reason,
            state: match object.status.as_str() {
                "won" | "warning_closed" => DisputeState::Won,
                "lost" => DisputeState::Lost,
                _ => DisputeState::Open,
            },
            withdrawn: moved < 0,
            evidence_due_by: object.evidence_details.and_then(|it| Timestamp::from_second(it.due_by?).ok()),
            id: object.id,
        })
    }
}

/// A charge, as far as it says which intent made it.
#[derive(Debug, Deserialize)]
pub(super) struct ChargeOfIntent {
    pub payment_intent: Option<String>,
}

/// A refund to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// How much.
    pub amount: Money,
    /// For which session.
    pub session: String,
    /// The move's name.
    pub name: String,
    /// Whether the payment was for a connected account.
    pub connected: bool,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_method_options: Option<MethodOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_data: Option<TransferData<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_fee_amount: Option<i64>,
    metadata: Metadata<'a>,
    expand: [&'static str; 1],
}

#[derive(Serialize)]
struct Metadata<'a> {
    session: &'a str,
    purpose: &'static str,
    r#move: &'a str,
}

#[derive(Serialize)]
pub(super) struct MethodOptions {
    card: CardOptions,
}

#[derive(Serialize)]
struct CardOptions {
    request_incremental_authorization: &'static str,
}

impl MethodOptions {
    pub(super) const RAISABLE: Self = Self { card: CardOptions { request_incremental_authorization: "if_available" } };
}

#[derive(Serialize)]
pub(super) struct TransferData<'a> {
    pub destination: &'a str,
}

/// The platform's part of an amount for a connected account; nothing is no fee to Stripe.
pub(super) fn fee_of(destination: Option<&Destination>) -> Result<Option<i64>, StripeFailure> {
    let fee = destination.map(|destination| destination.fee).filter(|fee| fee.is_positive());
    fee.map(to_stripe).transpose()
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
            payment_method_options: order.raisable.then_some(MethodOptions::RAISABLE),
            on_behalf_of: order.destination.as_ref().map(|to| to.account.as_str()),
            transfer_data: order.destination.as_ref().map(|to| TransferData { destination: &to.account }),
            application_fee_amount: fee_of(order.destination.as_ref())?,
            metadata: Metadata { session: &order.session, purpose: order.purpose, r#move: &order.name },
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
    payment_intent: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub data: Vec<T>,
    pub has_more: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct IntentObject {
    id: String,
    status: String,
    amount: i64,
    amount_capturable: i64,
    amount_received: i64,
    currency: String,
    customer: Option<String>,
    payment_method: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
    latest_charge: Option<ChargeObject>,
    transfer_data: Option<TransferredTo>,
    pub created: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct TransferredTo {
    destination: Option<String>,
}

impl IntentObject {
    /// What was given back of it, in Stripe's count; its charge has to be expanded.
    pub(super) fn refunded(&self) -> i64 {
        self.latest_charge.as_ref().and_then(|charge| charge.amount_refunded).unwrap_or_default()
    }

    /// Its charge, which has to be expanded.
    pub(super) fn charge(&self) -> Option<&str> {
        self.latest_charge.as_ref()?.id.as_deref()
    }

    /// The connected account that it is for.
    pub(super) fn account(&self) -> Option<&str> {
        self.transfer_data.as_ref()?.destination.as_deref()
    }
}

#[derive(Debug, Deserialize)]
struct ChargeObject {
    id: Option<String>,
    amount_refunded: Option<i64>,
    payment_method_details: Option<PaymentMethodDetails>,
}

#[derive(Debug, Deserialize)]
struct PaymentMethodDetails {
    card: Option<CardDetails>,
}

#[derive(Debug, Deserialize)]
struct CardDetails {
    capture_before: Option<i64>,
    incremental_authorization: Option<Incremental>,
}

#[derive(Debug, Deserialize)]
struct Incremental {
    status: String,
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
            capture_before: card.as_ref().and_then(|card| Timestamp::from_second(card.capture_before?).ok()),
            raisable: card.and_then(|card| card.incremental_authorization).is_some_and(|it| it.status == "available"),
            customer: object.customer,
            payment_method: object.payment_method,
            metadata: object.metadata.unwrap_or_default(),
        })
    }
}

impl TryFrom<RefundObject> for Refund {
    type Error = StripeFailure;

    fn try_from(object: RefundObject) -> Result<Self, StripeFailure> {
        let currency = currency(&object.id, &object.currency)?;
        let amount = from_stripe(object.amount, currency)?;
        let metadata = object.metadata.unwrap_or_default();
        Ok(Self { id: object.id, status: object.status, amount, intent: object.payment_intent, metadata })
    }
}

/// Stripe writes currencies in lower case.
pub(super) fn currency(object: &str, code: &str) -> Result<Currency, StripeFailure> {
    let unknown = |_| StripeFailure::unknown(format!("{object} is in `{code}`, no known currency"));
    code.to_ascii_uppercase().parse().map_err(unknown)
}
