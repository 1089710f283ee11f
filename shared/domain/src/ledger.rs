//! Postings: double entry, append-only. An entry is what an event changed in a session's balances.

use std::collections::BTreeMap;
use std::ops::{AddAssign, Sub};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Currency;
use crate::payment::{Payment, Purpose};
use crate::pricing::LineKind;
use crate::session::{Outcome, Session};
use crate::units::seconds_between;

/// Where an amount stands. Debits are positive, credits negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Taken from cards (debit).
    Captured,
    /// Given back to cards (credit).
    Refunded,
    /// Taken back by banks for disputes (credit).
    ChargedBack,
    /// Billed and given up (debit).
    Waived,
    /// Billed and not obtainable (debit).
    Uncollectable,
    /// Billed and still owed; negative while a refund is on its way (debit).
    Open,
    /// Kept back by banks until a dispute is decided (debit).
    Disputed,
    /// Revenue from energy (credit).
    Energy,
    /// Revenue from charging time (credit).
    Time,
    /// Revenue from flat fees (credit).
    Flat,
    /// Revenue from idle fees (credit).
    Idle,
    /// Revenue from parking time (credit).
    Parking,
    /// Revenue from reservations (credit).
    Reservation,
    /// What the tariff's least or highest price adds or takes away (credit).
    PriceLimit,
    /// Tax owed (credit).
    Tax,
    /// Kept by Stripe and the platform (debit).
    Fees,
    /// Brought to the operator's bank (debit).
    PaidOut,
    /// Taken out of what Stripe holds for the operator: fees and payouts (credit).
    Withheld,
}

impl Account {
    /// Every account.
    pub const ALL: [Self; 18] = [
        Self::Captured,
        Self::Refunded,
        Self::ChargedBack,
        Self::Waived,
        Self::Uncollectable,
        Self::Open,
        Self::Disputed,
        Self::Energy,
        Self::Time,
        Self::Flat,
        Self::Idle,
        Self::Parking,
        Self::Reservation,
        Self::PriceLimit,
        Self::Tax,
        Self::Fees,
        Self::PaidOut,
        Self::Withheld,
    ];

    /// The word of its JSON form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Refunded => "refunded",
            Self::ChargedBack => "charged_back",
            Self::Waived => "waived",
            Self::Uncollectable => "uncollectable",
            Self::Open => "open",
            Self::Disputed => "disputed",
            Self::Energy => "energy",
            Self::Time => "time",
            Self::Flat => "flat",
            Self::Idle => "idle",
            Self::Parking => "parking",
            Self::Reservation => "reservation",
            Self::PriceLimit => "price_limit",
            Self::Tax => "tax",
            Self::Fees => "fees",
            Self::PaidOut => "paid_out",
            Self::Withheld => "withheld",
        }
    }
}

/// Balances by account, in minor units of one currency. Accounts at zero are absent.
pub type Balances = BTreeMap<Account, i64>;

/// One posting: its legs sum to zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was posted, UTC.
    pub at: Timestamp,
    /// The currency of all legs.
    pub currency: Currency,
    /// What changed.
    pub legs: Balances,
    /// What changed of what is counted.
    #[serde(flatten)]
    pub counts: Counts,
}

/// What reports count of sessions besides money. A session counts once it has an outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Sessions with an outcome.
    pub sessions: i64,
    /// Energy billed, in Wh.
    pub energy_wh: i64,
    /// From the start until the vehicle left, as far as it is proven, in seconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub plugged_seconds: i64,
    /// Of these, after charging had ended, before any grace.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub idle_seconds: i64,
    /// Sessions that an idle fee was billed for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub idle_fees: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_zero(count: &i64) -> bool {
    *count == 0
}

impl Counts {
    /// What a session counts.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        if session.outcome == Outcome::Open {
            return Self::default();
        }
        let Some(bill) = &session.bill else { return Self { sessions: 1, ..Self::default() } };
        let left = bill.idle.iter().map(|span| span.to).fold(bill.ended_at, Timestamp::max);
        Self {
            sessions: 1,
            energy_wh: bill.energy.0,
            plugged_seconds: seconds_between(session.id.started_at, left),
            idle_seconds: bill.total_idle_seconds,
            idle_fees: i64::from(bill.amount_of(LineKind::Idle).is_positive()),
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.sessions += other.sessions;
        self.energy_wh += other.energy_wh;
        self.plugged_seconds += other.plugged_seconds;
        self.idle_seconds += other.idle_seconds;
        self.idle_fees += other.idle_fees;
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            sessions: self.sessions - other.sessions,
            energy_wh: self.energy_wh - other.energy_wh,
            plugged_seconds: self.plugged_seconds - other.plugged_seconds,
            idle_seconds: self.idle_seconds - other.idle_seconds,
            idle_fees: self.idle_fees - other.idle_fees,
        }
    }
}

/// The balances of one session. A session is posted once it has an outcome.
#[must_use]
pub fn balances(session: &Session) -> Balances {
    let mut balances = Balances::new();
    if session.outcome == Outcome::Open {
        return balances;
    }
    let mut put = |account, minor: i64| {
        if minor != 0 {
            balances.insert(account, minor);
        }
    };
    put(Account::Captured, session.captured().minor());
    put(Account::Refunded, -session.done(Purpose::Refund).minor());
    put(Account::Waived, session.waived.minor());
    put(Account::ChargedBack, -session.disputed().minor() - session.lost().minor());
    put(Account::Uncollectable, session.uncollectable.minor() + session.lost().minor());
    put(Account::Disputed, session.disputed().minor());
    put(Account::Open, session.open().minor());
    let (fees, paid_out) = withheld(session);
    put(Account::Fees, fees);
    put(Account::PaidOut, paid_out);
    put(Account::Withheld, -fees - paid_out);
    if let Some(bill) = &session.bill {
        for (account, kind) in REVENUE {
            put(account, credited(session, &[kind]) - bill.net_of(kind).minor());
        }
        let bounds = [LineKind::MinPrice, LineKind::MaxPrice];
        let bounded: i64 = bounds.iter().map(|kind| bill.net_of(*kind).minor()).sum();
        put(Account::PriceLimit, credited(session, &bounds) - bounded);
        put(Account::Tax, credited(session, &[LineKind::Tax]) - bill.tax().minor());
    }
    balances
}

/// What was billed, with tax: the credits to revenue and tax, in minor units.
#[must_use]
pub fn billed(balances: &Balances) -> i64 {
    use Account::{Energy, Flat, Idle, Parking, PriceLimit, Reservation, Tax, Time};
    let credits = [Energy, Time, Flat, Idle, Parking, Reservation, PriceLimit, Tax];
    -credits.iter().filter_map(|account| balances.get(account)).sum::<i64>()
}

/// What credit notes gave back of these kinds of line, in minor units.
fn credited(session: &Session, kinds: &[LineKind]) -> i64 {
    let lines = session.credits.iter().flat_map(|credit| &credit.lines);
    lines.filter(|line| kinds.contains(&line.kind)).map(|line| line.amount.minor()).sum()
}

/// What Stripe kept for itself and the platform, and what it paid out, in minor units.
fn withheld(session: &Session) -> (i64, i64) {
    let done = || session.payments.iter().filter(|payment| payment.is_done());
    let fees = done().filter_map(Payment::fee).sum();
    let paid_out = done().map(Payment::paid_out).sum();
    (fees, paid_out)
}

const REVENUE: [(Account, LineKind); 6] = [
    (Account::Energy, LineKind::Energy),
    (Account::Time, LineKind::Time),
    (Account::Flat, LineKind::Flat),
    (Account::Idle, LineKind::Idle),
    (Account::Parking, LineKind::Parking),
    (Account::Reservation, LineKind::Reservation),
];

/// The entry that turns the balances of `before` into those of `after`; `None` when nothing is to be posted.
#[must_use]
pub fn entry(before: Option<&Session>, after: &Session, at: Timestamp) -> Option<Entry> {
    let mut legs = balances(after);
    for (account, minor) in before.map(balances).unwrap_or_default() {
        *legs.entry(account).or_default() -= minor;
    }
    legs.retain(|_, minor| *minor != 0);
    let counts = Counts::of(after) - before.map(Counts::of).unwrap_or_default();
    let moved = !legs.is_empty() || counts != Counts::default();
    moved.then(|| Entry { at, currency: after.waived.currency(), legs, counts })
}
