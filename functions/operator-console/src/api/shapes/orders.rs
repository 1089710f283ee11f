//! What orders say, and what they did.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Amount;

/// Something of a bill to be given back: an amount, a line, or all that is left.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCredit {
    /// Printed on the credit note.
    #[schema(pattern = r"\S")]
    pub(crate) reason: String,
    /// Major units, tax included; not together with a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^[0-9]+(\.[0-9]+)?$")]
    pub(crate) amount: Option<String>,
    /// A printed line with its tax, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u32>,
}

/// What is decided about a session.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDecision {
    /// Why.
    #[schema(pattern = r"\S")]
    pub(crate) reason: String,
}

/// Which incident you look after.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookingAfter {
    /// Its name.
    pub(crate) subject: String,
    /// Which of that name; the latest when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_at: Option<Timestamp>,
}

/// Which outage does not count against uptime, and why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Excluding {
    /// Its name.
    pub(crate) subject: String,
    /// Which of that name; the latest when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) first_at: Option<Timestamp>,
    /// Why.
    #[schema(pattern = r"\S")]
    pub(crate) reason: String,
}

/// What becomes of something in quarantine.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Review {
    /// `retry`, `accept` or `drop`.
    #[schema(pattern = "^(retry|accept|drop)$")]
    pub(crate) decision: String,
    /// Why; a retry needs no word.
    #[serde(default)]
    pub(crate) note: String,
}

/// What an order did to a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    pub(crate) session: String,
    pub(crate) billed: Amount,
    /// On its way back to the card.
    pub(crate) to_refund: Amount,
    pub(crate) owed: Amount,
    pub(crate) outcome: String,
}
