//! Orders to Stripe, and what it shows, as the rest of plugtill speaks of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plugtill_domain::money::Money;

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
