//! What is read of Stripe's answers: the fields that are used and no others.

use std::collections::BTreeMap;

use jiff::Timestamp;
use miniserde::Deserialize;
use plugtill_domain::dispute::{Dispute, DisputeState};
use plugtill_domain::money::Currency;

use super::StripeFailure;
use super::amount::from_stripe;
use super::types::{Intent, IntentStatus, Refund};

#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub id: String,
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
