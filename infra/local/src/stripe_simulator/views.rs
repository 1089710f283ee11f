//! How Stripe shows its objects: the fields that its own clients cannot do without and those that decide about money.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Reply;
use super::error::ApiError;
use super::objects::{Intent, Status};

/// An answer that shows `object`.
pub(super) fn show<T: Serialize>(object: &T) -> Result<Reply, ApiError> {
    serde_json::to_string(object).map(|body| (200, body)).map_err(|_| ApiError::server_error())
}

#[derive(Serialize)]
pub(super) struct IntentView<'a> {
    id: &'a str,
    object: &'static str,
    amount: i64,
    amount_capturable: i64,
    amount_received: i64,
    canceled_at: Option<i64>,
    cancellation_reason: Option<&'a str>,
    capture_method: &'static str,
    confirmation_method: &'static str,
    created: i64,
    currency: &'a str,
    customer: Option<&'a str>,
    latest_charge: Option<LatestCharge<'a>>,
    livemode: bool,
    metadata: &'a BTreeMap<String, String>,
    payment_method: Option<&'a str>,
    payment_method_types: [&'static str; 1],
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_data: Option<TransferredTo<'a>>,
}

#[derive(Serialize)]
struct TransferredTo<'a> {
    destination: &'a str,
}

/// Only an id, unless asked to be expanded.
#[derive(Serialize)]
#[serde(untagged)]
enum LatestCharge<'a> {
    Id(&'a str),
    Expanded(ChargeView<'a>),
}

impl<'a> IntentView<'a> {
    pub(super) fn new(id: &'a str, intent: &'a Intent, with_charge: bool) -> Self {
        let charge = intent.charge.as_deref().map(|charge| {
            let expanded = || LatestCharge::Expanded(ChargeView::new(charge, id, intent));
            if with_charge { expanded() } else { LatestCharge::Id(charge) }
        });
        Self {
            id,
            object: "payment_intent",
            amount: intent.amount,
            amount_capturable: if intent.status == Status::RequiresCapture { intent.amount } else { 0 },
            amount_received: intent.received,
            canceled_at: intent.canceled_at,
            cancellation_reason: intent.cancellation_reason.as_deref(),
            capture_method: if intent.manual { "manual" } else { "automatic" },
            confirmation_method: "automatic",
            created: intent.created,
            currency: &intent.currency,
            customer: intent.customer.as_deref(),
            latest_charge: charge,
            livemode: false,
            metadata: &intent.metadata,
            payment_method: intent.payment_method.as_deref(),
            payment_method_types: ["card"],
            status: intent.status.as_str(),
            transfer_data: intent.destination.as_deref().map(|destination| TransferredTo { destination }),
        }
    }
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "Stripe's own form")]
pub(super) struct ChargeView<'a> {
    id: &'a str,
    object: &'static str,
    amount: i64,
    amount_captured: i64,
    amount_refunded: i64,
    billing_details: NoDetails,
    captured: bool,
    created: i64,
    currency: &'a str,
    customer: Option<&'a str>,
    disputed: bool,
    livemode: bool,
    metadata: &'a BTreeMap<String, String>,
    paid: bool,
    payment_intent: &'a str,
    payment_method_details: MethodDetails,
    refunded: bool,
    status: &'static str,
}

#[derive(Serialize)]
struct MethodDetails {
    #[serde(rename = "type")]
    kind: &'static str,
    card: CardDetails,
}

#[derive(Serialize)]
struct CardDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    capture_before: Option<i64>,
    exp_month: u8,
    exp_year: u16,
    incremental_authorization: Incremental,
}

#[derive(Serialize)]
struct Incremental {
    status: &'static str,
}

/// A billing address that nobody gave.
#[derive(Serialize)]
struct NoDetails {}

impl<'a> ChargeView<'a> {
    pub(super) fn new(id: &'a str, intent_id: &'a str, intent: &'a Intent) -> Self {
        Self {
            id,
            object: "charge",
            amount: intent.amount,
            amount_captured: intent.received,
            amount_refunded: intent.refunded,
            billing_details: NoDetails {},
            captured: intent.status == Status::Succeeded,
            created: intent.created,
            currency: &intent.currency,
            customer: intent.customer.as_deref(),
            disputed: false,
            livemode: false,
            metadata: &intent.metadata,
            paid: true,
            payment_intent: intent_id,
            payment_method_details: MethodDetails {
                kind: "card",
                card: CardDetails {
                    capture_before: intent.capture_before,
                    exp_month: 12,
                    exp_year: 2099,
                    incremental_authorization: Incremental {
                        status: if intent.raisable { "available" } else { "unavailable" },
                    },
                },
            },
            refunded: intent.received > 0 && intent.refunded == intent.received,
            status: "succeeded",
        }
    }
}

#[derive(Serialize)]
pub(super) struct ListView<T> {
    pub object: &'static str,
    pub url: &'static str,
    pub has_more: bool,
    pub data: Vec<T>,
}
