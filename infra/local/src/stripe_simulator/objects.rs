//! What the simulator knows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::balance::{Movement, Payout};
use super::disputes::Dispute;
use super::faults::Drawn;
use super::keys::Keys;
use super::pages::{Page, Setup};

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// Where pages are shown; a matter of the run, not of the books.
    #[serde(skip)]
    pub pages_at: String,
    pub keys: Keys,
    pub customers: HashMap<String, Customer>,
    pub payment_methods: HashMap<String, PaymentMethod>,
    pub intents: HashMap<String, Intent>,
    pub refunds: HashMap<String, Refund>,
    #[serde(default)]
    pub pages: HashMap<String, Page>,
    #[serde(default)]
    pub setups: HashMap<String, Setup>,
    #[serde(default)]
    pub disputes: HashMap<String, Dispute>,
    /// In the order of their ids, which is that of time.
    #[serde(default)]
    pub movements: BTreeMap<String, Movement>,
    #[serde(default)]
    pub payouts: BTreeMap<String, Payout>,
    /// When holds lapse, unix seconds, while nothing has said so.
    #[serde(default)]
    pub lapses: BTreeSet<(i64, String)>,
    pub declines: u64,
    #[serde(default)]
    pub raises: u64,
    sequence: u64,
    /// Not part of what is kept: a run that goes on is disturbed anew.
    #[serde(skip)]
    pub drawn: Drawn,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Customer {
    pub created: i64,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PaymentMethod {
    /// The test card it stands for.
    pub token: String,
    pub customer: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Intent {
    pub amount: i64,
    pub currency: String,
    pub customer: Option<String>,
    pub payment_method: Option<String>,
    pub manual: bool,
    pub off_session: bool,
    pub status: Status,
    pub created: i64,
    pub received: i64,
    pub refunded: i64,
    pub charge: Option<String>,
    pub capture_before: Option<i64>,
    /// When it ended without being taken, unix seconds.
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
    pub metadata: BTreeMap<String, String>,
    /// Whether a hold that can be raised was asked for, and the card allows it.
    #[serde(default)]
    pub raisable: bool,
    #[serde(default)]
    pub raises: u32,
    /// The connected account it is for.
    #[serde(default)]
    pub destination: Option<String>,
    #[serde(default)]
    pub application_fee: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    RequiresCapture,
    Succeeded,
    Canceled,
}

impl Status {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::RequiresCapture => "requires_capture",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refund {
    pub intent: String,
    pub amount: i64,
    pub created: i64,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub status: RefundStatus,
}

/// How far a refund is (docs.stripe.com/refunds).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundStatus {
    /// Given to the bank.
    #[default]
    Succeeded,
    /// On its way.
    Pending,
    /// The bank did not take it: the money is back in the balance.
    Failed,
}

impl State {
    /// The next id of a kind of object.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.sequence += 1;
        format!("{prefix}_{:014}", self.sequence)
    }

    /// Ends every hold that was not captured in time.
    pub(super) fn lapse_all(&mut self, now: i64) {
        self.intents.values_mut().for_each(|intent| intent.lapse(now));
    }

    /// When the next hold lapses, unix seconds.
    pub(super) fn next_lapse_at(&mut self) -> Option<i64> {
        let is_over = |(_, id): &(i64, String)| self.intents.get(id).is_none_or(Intent::has_ended_otherwise);
        while self.lapses.first().is_some_and(is_over) {
            self.lapses.pop_first();
        }
        self.lapses.first().map(|(at, _)| *at)
    }

    /// The holds that have lapsed and of which nothing was said yet.
    pub(super) fn lapsed(&mut self, now: i64) -> Vec<String> {
        let mut lapsed = Vec::new();
        while self.next_lapse_at().is_some_and(|at| at <= now) {
            lapsed.extend(self.lapses.pop_first().map(|(_, id)| id));
        }
        for id in &lapsed {
            if let Some(intent) = self.intents.get_mut(id) {
                intent.lapse(now);
            }
        }
        lapsed
    }
}

/// Stripe's reason for a hold that ended by itself.
const AUTOMATIC: &str = "automatic";

impl Intent {
    /// Ends an uncaptured hold whose time is over, as Stripe does by itself.
    pub(super) fn lapse(&mut self, now: i64) {
        let over = self.capture_before.filter(|before| *before <= now);
        if self.status == Status::RequiresCapture && over.is_some() {
            self.status = Status::Canceled;
            self.canceled_at = over;
            self.cancellation_reason = Some(AUTOMATIC.to_owned());
        }
    }

    /// When it will end by itself.
    pub(super) fn lapses_at(&self) -> Option<i64> {
        self.capture_before.filter(|_| self.status == Status::RequiresCapture)
    }

    /// Whether it was captured or given back.
    fn has_ended_otherwise(&self) -> bool {
        self.status != Status::RequiresCapture && !self.has_lapsed()
    }

    /// Whether it ended by itself at `capture_before`.
    pub(super) fn has_lapsed(&self) -> bool {
        self.cancellation_reason.as_deref() == Some(AUTOMATIC)
    }
}
