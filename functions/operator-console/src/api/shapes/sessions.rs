//! Sessions, as the API tells of them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::Amount;

/// A page of sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sessions {
    pub(crate) sessions: Vec<Session>,
    /// Give it as `after` for the next page; left out on the last. A page may be shorter than its limit, even empty, and
    /// have a next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) site: String,
    pub(crate) charger: String,
    pub(crate) connector: u32,
    pub(crate) id_tag: String,
    pub(crate) started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<Timestamp>,
    /// `open`, `captured`, `waived`, `uncollectable` or `quarantined`.
    pub(crate) outcome: String,
    /// Why it ended so, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What later evidence holds against the bill, in words. It stands until a person has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contradicted: Option<String>,
    /// As billed; a decimal number as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) energy_kwh: Option<String>,
    /// Less what was credited.
    pub(crate) billed: Amount,
    /// Less what was given back.
    pub(crate) collected: Amount,
    pub(crate) owed: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) receipt_number: Option<String>,
}

/// A session with all that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Detail {
    pub(crate) session: Session,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bill: Option<Bill>,
    pub(crate) payments: Vec<Payment>,
    pub(crate) credits: Vec<Credit>,
    /// Double entry: the legs of each sum to zero.
    pub(crate) postings: Vec<Posting>,
    /// What the charger said, in order.
    pub(crate) evidence: Vec<Evidence>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Bill {
    pub(crate) lines: Vec<Line>,
    pub(crate) notes: Vec<String>,
    pub(crate) total: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Line {
    pub(crate) title: String,
    pub(crate) arithmetic: String,
    pub(crate) because: Vec<String>,
    pub(crate) amount: String,
}

/// A move of money.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Payment {
    /// `hold`, `raise`, `capture`, `release`, `top_up`, `link` or `refund`.
    pub(crate) purpose: String,
    pub(crate) attempt: u32,
    pub(crate) amount: Amount,
    /// `intended`, `done` or `refused`.
    pub(crate) state: String,
    /// At Stripe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) intent: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Credit {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) by: String,
    pub(crate) reason: String,
    pub(crate) amount: Amount,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Posting {
    pub(crate) at: Timestamp,
    pub(crate) legs: Vec<Leg>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Leg {
    pub(crate) account: String,
    /// Debits are positive, credits negative.
    pub(crate) amount: Amount,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Evidence {
    pub(crate) at: Timestamp,
    /// In words.
    pub(crate) what: String,
}
