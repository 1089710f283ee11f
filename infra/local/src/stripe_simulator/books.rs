//! What was really charged, counted from the simulator's own objects.

use std::collections::BTreeMap;

use super::objects::{State, Status};

/// The simulator's books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Books {
    /// Holds that were placed.
    pub holds: u64,
    /// Holds that were captured.
    pub captures: u64,
    /// Holds that were given back.
    pub releases: u64,
    /// Holds that lapsed.
    pub lapsed: u64,
    /// Charges without a hold.
    pub top_ups: u64,
    /// Refunds.
    pub refunds: u64,
    /// Declined confirmations.
    pub declines: u64,
    /// Holds that stand.
    pub open_holds: u64,
    /// Captures and charges, in minor units by currency (upper case).
    pub captured_minor: BTreeMap<String, i64>,
    /// Refunds, in minor units by currency (upper case).
    pub refunded_minor: BTreeMap<String, i64>,
    /// Captures and charges less refunds, in minor units by `metadata[session]`.
    pub net_minor_by_session: BTreeMap<String, i64>,
}

impl Books {
    pub(super) fn of(state: &State) -> Self {
        let mut books = Self { refunds: state.refunds.len() as u64, declines: state.declines, ..Self::default() };
        for intent in state.intents.values() {
            let held = intent.manual && intent.charge.is_some();
            books.holds += u64::from(held);
            match intent.status {
                Status::Succeeded if held => books.captures += 1,
                Status::Succeeded => books.top_ups += 1,
                Status::Canceled if intent.lapsed => books.lapsed += 1,
                Status::Canceled if held => books.releases += 1,
                Status::RequiresCapture => books.open_holds += 1,
                Status::Canceled | Status::RequiresPaymentMethod | Status::RequiresConfirmation => {}
            }
            let currency = intent.currency.to_ascii_uppercase();
            *books.captured_minor.entry(currency.clone()).or_default() += intent.received;
            *books.refunded_minor.entry(currency).or_default() += intent.refunded;
            if let Some(session) = intent.metadata.get("session").filter(|_| intent.received > 0) {
                *books.net_minor_by_session.entry(session.clone()).or_default() += intent.received - intent.refunded;
            }
        }
        books
    }
}
