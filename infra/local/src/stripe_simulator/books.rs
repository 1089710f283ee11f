//! What was really charged, counted from the simulator's own objects.

use std::collections::BTreeMap;

use serde::Serialize;

use super::currencies::iso_minor;
use super::objects::{Intent, State, Status};

/// The simulator's books.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    /// Captures and charges, in minor units of ISO 4217 by currency (upper case).
    pub captured_minor: BTreeMap<String, i64>,
    /// Captures and charges for connected accounts with what the platform keeps of them, in Stripe's units, by account.
    pub by_account: BTreeMap<String, (i64, i64)>,
    /// What Stripe kept, over all currencies, in Stripe's units; of the platform's own balance.
    pub fees_minor: i64,
    /// What went to banks, over all currencies and balances, in Stripe's units.
    pub paid_out_minor: i64,
    /// Refunds, in minor units of ISO 4217 by currency (upper case).
    pub refunded_minor: BTreeMap<String, i64>,
    /// Captures and charges, in minor units of ISO 4217 by `metadata[session]`.
    pub captured_minor_by_session: BTreeMap<String, i64>,
    /// Captures and charges less refunds, in minor units of ISO 4217 by `metadata[session]`.
    pub net_minor_by_session: BTreeMap<String, i64>,
}

/// A payment intent, as somebody sees it who looks it up. Amounts are in Stripe's units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenIntent {
    /// Its id.
    pub id: String,
    /// What was to be taken, or is held.
    pub amount: i64,
    /// What was taken.
    pub received: i64,
    /// What was given back of it.
    pub refunded: i64,
    /// Stripe's word for its state.
    pub status: &'static str,
    /// Whether it was held first.
    pub held: bool,
    /// `metadata[session]`.
    pub session: Option<String>,
    /// The connected account it is for.
    pub account: Option<String>,
}

impl SeenIntent {
    pub(super) fn all(state: &State) -> Vec<Self> {
        let mut seen: Vec<Self> = state.intents.iter().map(|(id, intent)| Self::of(id, intent)).collect();
        seen.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        seen
    }

    fn of(id: &str, intent: &Intent) -> Self {
        Self {
            id: id.to_owned(),
            amount: intent.amount,
            received: intent.received,
            refunded: intent.refunded,
            status: intent.status.as_str(),
            held: intent.manual && intent.charge.is_some(),
            session: intent.metadata.get("session").cloned(),
            account: intent.destination.clone(),
        }
    }
}

impl Books {
    pub(super) fn of(state: &State) -> Self {
        let mut books = Self {
            refunds: state.refunds.len() as u64,
            declines: state.declines,
            fees_minor: state.fees(),
            paid_out_minor: state.paid_out(),
            ..Self::default()
        };
        for intent in state.intents.values() {
            books.count(intent);
            if intent.received > 0 {
                books.add(intent);
            }
        }
        books
    }

    fn count(&mut self, intent: &Intent) {
        let held = intent.manual && intent.charge.is_some();
        self.holds += u64::from(held);
        match intent.status {
            Status::Succeeded if held => self.captures += 1,
            Status::Succeeded => self.top_ups += 1,
            Status::Canceled if intent.has_lapsed() => self.lapsed += 1,
            Status::Canceled if held => self.releases += 1,
            Status::RequiresCapture => self.open_holds += 1,
            Status::Canceled
            | Status::RequiresPaymentMethod
            | Status::RequiresConfirmation
            | Status::RequiresAction => {}
        }
    }

    fn add(&mut self, intent: &Intent) {
        let code = intent.currency.to_ascii_uppercase();
        let minor = |count| code.parse().map_or(count, |currency| iso_minor(count, currency));
        let (received, refunded) = (minor(intent.received), minor(intent.refunded));
        if let Some(session) = intent.metadata.get("session") {
            *self.captured_minor_by_session.entry(session.clone()).or_default() += received;
            *self.net_minor_by_session.entry(session.clone()).or_default() += received - refunded;
        }
        if let Some(account) = &intent.destination {
            let (taken, fees) = self.by_account.entry(account.clone()).or_default();
            *taken += intent.received;
            *fees += intent.application_fee;
        }
        *self.captured_minor.entry(code.clone()).or_default() += received;
        if refunded > 0 {
            *self.refunded_minor.entry(code).or_default() += refunded;
        }
    }
}
