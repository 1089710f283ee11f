//! Which money moves a bill asks for.

use jiff::Timestamp;

use crate::balance::{Balance, DriverNoticeKind};
use crate::money::Money;
use crate::payment::{Payment, Purpose};
use crate::session::{Outcome, Reason, Session};
use crate::site::{LateEvidence, PaymentPolicy};

/// How a first bill is collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// From the hold.
    pub capture: Option<Money>,
    /// As a charge of its own.
    pub charge: Option<Money>,
}

/// Splits `total` between a hold and a second charge so that each part can be moved: nothing below `minimum`, nothing
/// above the hold (Stripe "place a hold": one capture, the rest is released by it). Both `None`: too small to collect.
#[must_use]
pub fn split(total: Money, hold: Option<Money>, minimum: Money) -> Split {
    let currency = total.currency();
    let (total, minimum) = (total.minor(), minimum.minor());
    let money = |minor: i64| Some(Money::new(minor, currency));
    if total <= 0 || total < minimum {
        return Split { capture: None, charge: None };
    }
    let Some(hold) = hold.map(Money::minor) else { return Split { capture: None, charge: money(total) } };
    if total <= hold {
        return Split { capture: money(total), charge: None };
    }
    let charge = (total - hold).max(minimum);
    let capture = total - charge;
    if capture < minimum {
        return Split { capture: None, charge: money(total) };
    }
    Split { capture: money(capture), charge: money(charge) }
}

/// Asks for the moves of a first bill, of which `session.waived` is not asked for.
pub(crate) fn collect(session: &mut Session, minimum: Money, now: Timestamp) {
    let total = session.open();
    let mut holds = session.active_holds();
    let hold = holds.pop();
    let split = split(total, hold.as_ref().map(|hold| hold.amount), minimum);
    if let (Some(amount), Some(hold)) = (split.capture, &hold) {
        session.intend(Purpose::Capture, amount, Some(hold.intent.clone()), now);
    } else if let Some(hold) = hold {
        session.intend(Purpose::Release, hold.amount, Some(hold.intent), now);
    }
    for older in holds {
        session.intend(Purpose::Release, older.amount, Some(older.intent), now);
    }
    match split.charge {
        Some(amount) if session.payer.is_some() => session.intend(Purpose::TopUp, amount, None, now),
        Some(amount) => {
            session.uncollectable = amount;
            session.reason = Some(Reason::NoPaymentMethod);
        }
        // Somebody else took it, or more, already.
        None if !total.is_positive() && session.collected().is_positive() => {}
        None if split.capture.is_none() => {
            session.waived = Money::new(session.waived.minor() + total.minor(), total.currency());
            session.reason = Some(if total.is_zero() { Reason::NothingDue } else { Reason::BelowMinimum });
        }
        None => {}
    }
}

/// Gives every hold back: the session cannot be billed.
pub(crate) fn release_all(session: &mut Session, now: Timestamp) {
    for hold in session.active_holds() {
        session.intend(Purpose::Release, hold.amount, Some(hold.intent), now);
    }
}

/// Asks for the moves of a bill that late evidence has changed. Lower is refunded; higher follows the site.
pub(crate) fn correct(session: &mut Session, minimum: Money, policy: LateEvidence, now: Timestamp) {
    let total = session.billed();
    let collected = session.collected().minor();
    let owed = total.minor() - collected;
    session.uncollectable = Money::new(owed.clamp(0, session.uncollectable.minor()), total.currency());
    session.waived = Money::zero(total.currency());
    let rest = owed - session.uncollectable.minor();
    if rest < 0 {
        refund(session, -rest, now);
        session.reason = Some(Reason::LateEvidenceRefunded);
    } else if rest > 0 && policy == LateEvidence::Charge && rest >= minimum.minor() && session.payer.is_some() {
        session.intend(Purpose::TopUp, Money::new(rest, total.currency()), None, now);
        session.reason = Some(Reason::LateEvidenceCharged);
    } else if rest > 0 {
        session.waived = Money::new(rest, total.currency());
        let small = collected == 0 && rest < minimum.minor();
        session.reason = Some(if small { Reason::BelowMinimum } else { Reason::LateEvidenceWaived });
    }
}

/// When no move is waiting and more was accounted for than is owed: what was given up comes back first, the rest is
/// refunded. A refund that Stripe refused is not asked for again: a person has to pay it out.
fn even_out(session: &mut Session, now: Timestamp) {
    let currency = session.waived.currency();
    let refused = session.payments.iter().filter(|p| p.purpose == Purpose::Refund && p.is_refused());
    let mut surplus = -session.open().minor() - refused.map(|p| p.amount.minor()).sum::<i64>();
    for given_up in [&mut session.uncollectable, &mut session.waived] {
        let part = surplus.clamp(0, given_up.minor());
        *given_up = Money::new(given_up.minor() - part, currency);
        surplus -= part;
    }
    if surplus > 0 {
        refund(session, surplus, now);
    }
    // Less was taken than was asked for, and not by us: the rest is a balance like any other.
    let missing = session.open().minor().max(0);
    if missing > 0 {
        session.uncollectable = Money::new(session.uncollectable.minor() + missing, currency);
        session.reason = Some(Reason::TakenElsewhere);
    }
}

/// Concludes a session that has no move waiting: evens out, gives it its outcome, keeps the balance in step.
pub(crate) fn conclude(session: &mut Session, policy: &PaymentPolicy, now: Timestamp) {
    let waits = |session: &Session| session.bill.is_none() || session.next_payment().is_some();
    if waits(session) {
        return;
    }
    even_out(session, now);
    if waits(session) || session.outcome == Outcome::Quarantined {
        return;
    }
    session.outcome = outcome(session);
    if session.outcome != Outcome::Uncollectable {
        session.tell_once(DriverNoticeKind::ReceiptReady, None, now);
    }
    pursue(session, policy, now);
}

/// Refunds `minor` from what was taken last, so that the first charge, the one the driver expects, stays whole longest.
fn refund(session: &mut Session, mut minor: i64, now: Timestamp) {
    let taken = |p: &&Payment| p.purpose.takes() && p.is_done();
    let charges: Vec<_> = session.payments.iter().filter(taken).map(|p| (p.intent.clone(), p.amount)).collect();
    for (intent, amount) in charges.into_iter().rev() {
        let given_back = |p: &&Payment| p.purpose == Purpose::Refund && !p.is_refused() && p.intent == intent;
        let before: i64 = session.payments.iter().filter(given_back).map(|p| p.amount.minor()).sum();
        let part = minor.min(amount.minor() - before);
        if part > 0 {
            session.intend(Purpose::Refund, Money::new(part, amount.currency()), intent, now);
            minor -= part;
        }
    }
}

/// The outcome of a session whose moves are all done or refused.
fn outcome(session: &Session) -> Outcome {
    if session.uncollectable.is_positive() || session.lost().is_positive() {
        Outcome::Uncollectable
    } else if session.captured().is_positive() {
        Outcome::Captured
    } else {
        Outcome::Waived
    }
}

/// Keeps the balance in step with what is owed: begins to pursue it, or tells the driver that it is settled.
fn pursue(session: &mut Session, policy: &PaymentPolicy, now: Timestamp) {
    let owed = session.uncollectable.is_positive() && session.outcome == Outcome::Uncollectable;
    match (&session.balance, owed) {
        (None, true) => {
            let balance = Balance::new(now);
            session.remind_at = balance.next_reminder_at(&policy.remind_after_days);
            session.balance = Some(balance);
            session.tell(DriverNoticeKind::Unpaid, now);
        }
        (Some(_), false) => {
            session.balance = None;
            session.remind_at = None;
            session.tell(DriverNoticeKind::BalanceSettled, now);
        }
        (None, false) | (Some(_), true) => {}
    }
}
