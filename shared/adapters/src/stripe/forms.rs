//! What is sent to Stripe: the parameters that are used and no others.

use serde::Serialize;

use super::StripeFailure;
use super::amount::to_stripe;
use super::types::{CaptureOrder, Destination, PaymentOrder, RefundOrder};

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
