//! What Stripe answers to the moves that were asked for, and what is found there that was not.

use jiff::Timestamp;

use super::{Decision, Nothing, commit, nothing};
use crate::balance::DriverNoticeKind;
use crate::credit::{Credit, CreditOrder, Extent, credit};
use crate::decide::Found;
use crate::dispute::{Dispute, DisputeState};
use crate::money::Money;
use crate::payment::{ActiveHold, MoveId, Payment, PaymentState, Purpose};
use crate::session::{Outcome, Payer, Reason, Session, Work};
use crate::settlement;
use crate::site::Terms;
use crate::watch::StopCause;

/// What Stripe says of a move that is done.
pub(super) struct Answer {
    pub intent: String,
    pub amount: Option<Money>,
    pub refund: Option<String>,
    pub capture_before: Option<Timestamp>,
}

pub(super) fn renew(mut session: Session, now: Timestamp, terms: &Terms) -> Decision {
    if session.due().is_none_or(|(_, work)| work != Work::RenewHold) {
        return nothing();
    }
    let held = session.active_holds().pop().map_or(terms.hold, |hold| hold.amount);
    session.intend(Purpose::Hold, held, None, now);
    commit(session)
}

/// The move, while its answer is still awaited.
fn awaited(session: &mut Session, which: MoveId) -> Option<&mut Payment> {
    session.payments.iter_mut().find(|payment| payment.id() == which && payment.is_intended())
}

pub(super) fn paid(mut session: Session, which: MoveId, answer: Answer, at: Timestamp, terms: &Terms) -> Decision {
    let older = session.active_holds();
    let Some(payment) = awaited(&mut session, which) else {
        return Decision::Nothing(Nothing::Duplicate);
    };
    payment.state = PaymentState::Done(answer.capture_before);
    payment.intent = Some(answer.intent);
    payment.refund = answer.refund;
    if let Some(amount) = answer.amount {
        payment.amount = amount;
    }
    match payment.purpose {
        // The new hold stands before the old one is given back.
        Purpose::Hold => {
            for hold in older {
                session.intend(Purpose::Release, hold.amount, Some(hold.intent), at);
            }
        }
        Purpose::Refund => session.tell(DriverNoticeKind::Refunded, at),
        Purpose::Raise | Purpose::Capture | Purpose::Release | Purpose::TopUp | Purpose::Link => {}
    }
    give_back_stray_holds(&mut session, at);
    settlement::conclude(&mut session, &terms.payments, at);
    commit(session)
}

/// A hold whose answer came after the session was settled, or that another took the place of, has nothing to pay.
fn give_back_stray_holds(session: &mut Session, now: Timestamp) {
    if session.outcome != Outcome::Open && session.next_payment().is_none() {
        settlement::release_all(session, now);
    }
}

pub(super) fn refused(mut session: Session, which: MoveId, code: &str, at: Timestamp, terms: &Terms) -> Decision {
    let Some(payment) = awaited(&mut session, which) else {
        return Decision::Nothing(Nothing::Duplicate);
    };
    payment.state = PaymentState::Refused(code.to_owned());
    let (purpose, amount) = (payment.purpose, payment.amount);
    match purpose {
        // Without a hold the session is charged as a whole at its end, unless the driver pays before.
        Purpose::Hold if session.active_holds().is_empty() => {
            session.tell(DriverNoticeKind::HoldDeclined, at);
            // Nobody is let charge on a card that bears nothing, where the charger does as we say.
            if session.answered && session.ended_at().is_none() {
                session.stop_asked.get_or_insert((at, StopCause::Declined));
            }
        }
        // The hold stays as it was; a refused release has lapsed by itself; what a refused refund owes the driver stays
        // open, for a person to pay out.
        Purpose::Hold | Purpose::Raise | Purpose::Release | Purpose::Refund | Purpose::Link => {}
        // The hold is gone: what it should have paid is charged instead.
        Purpose::Capture if session.payer.is_some() => session.intend(Purpose::TopUp, amount, None, at),
        Purpose::Capture | Purpose::TopUp => {
            session.uncollectable = Money::new(session.uncollectable.minor() + amount.minor(), amount.currency());
            session.reason = Some(Reason::Declined(code.to_owned()));
        }
    }
    if purpose == Purpose::Raise {
        // Looked at once more, to do without.
        session.watch_at = Some(at);
    }
    settlement::conclude(&mut session, &terms.payments, at);
    commit(session)
}

/// The move is asked for under a new key; only after it is proven that the old one did nothing.
pub(super) fn ask_again(mut session: Session, which: MoveId, retry: u32, now: Timestamp) -> Decision {
    let Some(payment) = awaited(&mut session, which).filter(|payment| payment.retry == retry) else {
        return nothing();
    };
    payment.retry += 1;
    payment.state = PaymentState::Intended(now);
    commit(session)
}

pub(super) fn found(mut session: Session, found: Found, now: Timestamp, terms: &Terms) -> Decision {
    let changed = match found {
        Found::Linked { intent, amount } => link(&mut session, intent, amount, now),
        Found::Held { hold, payer } => held(&mut session, hold, payer, now),
        Found::Stray(hold) => stray(&mut session, hold, now),
        Found::HoldGone { intent } => hold_gone(&mut session, intent, now),
        Found::Captured { intent, amount } => captured(&mut session, intent, amount, now),
        Found::Refunded { refund, intent, amount } => refunded(&mut session, refund, intent, amount, now),
        Found::RefundFailed { refund } => refund_failed(&mut session, &refund),
        Found::Disputed(dispute) => disputed(&mut session, dispute),
        Found::Booked { intent, refund, movement, booked } => {
            set(&mut session, &intent, refund.as_deref(), |payment| {
                let known = payment.movements.insert(movement.clone(), booked.clone());
                known.as_ref() != Some(&booked)
            })
        }
    };
    if !changed {
        return Decision::Nothing(Nothing::Duplicate);
    }
    settlement::conclude(&mut session, &terms.payments, now);
    commit(session)
}

fn knows(session: &Session, purpose: Purpose, intent: &str) -> bool {
    session.payments.iter().any(|p| p.purpose == purpose && p.intent.as_deref() == Some(intent))
}

fn link(session: &mut Session, intent: String, amount: Money, now: Timestamp) -> bool {
    if knows(session, Purpose::Link, &intent) {
        return false;
    }
    session.found(Purpose::Link, amount, intent, now);
    // What is still owed stays given up; the rest is accounted for again by what was paid.
    let owed = (session.billed().minor() - session.collected().minor() - session.waived.minor()).max(0);
    let left = owed.min(session.uncollectable.minor());
    session.uncollectable = Money::new(left, session.uncollectable.currency());
    true
}

/// The driver placed a hold for a session that runs: with its own card, which pays from now on.
fn held(session: &mut Session, hold: ActiveHold, payer: Payer, now: Timestamp) -> bool {
    if knows(session, Purpose::Hold, &hold.intent) {
        return false;
    }
    let older = session.active_holds();
    if let Some(payment) = session.found(Purpose::Hold, hold.amount, hold.intent, now) {
        payment.state = PaymentState::Done(hold.capture_before);
    }
    session.payer = Some(payer);
    for hold in older {
        session.intend(Purpose::Release, hold.amount, Some(hold.intent), now);
    }
    give_back_stray_holds(session, now);
    true
}

/// A hold that nobody knows of pays nothing: it is recorded, so that it can be given back.
fn stray(session: &mut Session, hold: ActiveHold, now: Timestamp) -> bool {
    if session.payments.iter().any(|payment| payment.intent.as_deref() == Some(&hold.intent)) {
        return false;
    }
    if let Some(payment) = session.found(Purpose::Hold, hold.amount, hold.intent.clone(), now) {
        payment.state = PaymentState::Done(hold.capture_before);
    }
    session.intend(Purpose::Release, hold.amount, Some(hold.intent), now);
    true
}

/// A hold that ended elsewhere is as good as given back: the bill is collected without it.
fn hold_gone(session: &mut Session, intent: String, now: Timestamp) -> bool {
    let Some(hold) = session.active_holds().into_iter().find(|hold| hold.intent == intent) else { return false };
    session.found(Purpose::Release, hold.amount, intent, now);
    true
}

fn captured(session: &mut Session, intent: String, amount: Money, now: Timestamp) -> bool {
    if !knows(session, Purpose::Hold, &intent) || knows(session, Purpose::Capture, &intent) {
        return false;
    }
    let release = |p: &&mut Payment| p.purpose == Purpose::Release && p.intent.as_deref() == Some(&intent);
    if let Some(payment) = session.payments.iter_mut().find(release) {
        payment.state = PaymentState::Refused("captured_at_stripe".to_owned());
    }
    session.found(Purpose::Capture, amount, intent, now);
    true
}

/// A refund from the dashboard is a credit: the bill is that much less, or somebody would be asked for it again.
fn refunded(session: &mut Session, refund: String, intent: String, amount: Money, now: Timestamp) -> bool {
    // What was never taken for this bill, as far as is known, cannot lower it: such a charge is the reconciliation's.
    let is_known = session.payments.iter().any(|p| p.refund.as_deref() == Some(&refund));
    let is_ours = session.payments.iter().any(|p| p.intent.as_deref() == Some(&intent));
    if is_known || !is_ours {
        return false;
    }
    let note = session.bill.as_ref().and_then(|bill| at_stripe(bill, &session.credits, &refund, amount, now));
    session.credits.extend(note);
    if let Some(payment) = session.found(Purpose::Refund, amount, intent, now) {
        payment.refund = Some(refund);
    }
    true
}

fn at_stripe(
    bill: &crate::pricing::Bill,
    credited: &[Credit],
    refund: &str,
    amount: Money,
    now: Timestamp,
) -> Option<Credit> {
    let (reason, by) = ("refunded at Stripe".to_owned(), "Stripe".to_owned());
    let left = bill.total.minor() - credited.iter().map(|credit| credit.total.minor()).sum::<i64>();
    let amount = Money::new(amount.minor().min(left), amount.currency());
    let order = CreditOrder { id: refund.to_owned(), extent: Extent::Amount(amount), reason, by };
    credit(bill, credited, order, now).ok()
}

fn refund_failed(session: &mut Session, refund: &str) -> bool {
    let payment = session.payments.iter_mut().find(|p| p.refund.as_deref() == Some(refund) && p.is_done());
    let Some(payment) = payment else { return false };
    payment.state = PaymentState::Refused("refund_failed".to_owned());
    true
}

fn disputed(session: &mut Session, dispute: Dispute) -> bool {
    if dispute.state == DisputeState::Lost && dispute.withdrawn {
        session.reason = Some(Reason::DisputeLost(dispute.reason.clone()));
    }
    match session.disputes.iter_mut().find(|known| known.id == dispute.id) {
        Some(known) if *known == dispute => false,
        Some(known) => {
            *known = dispute;
            true
        }
        None => {
            session.disputes.push(dispute);
            true
        }
    }
}

/// Changes the move that took, or gave back, through `intent`; whether it did.
fn set(
    session: &mut Session,
    intent: &str,
    refund: Option<&str>,
    mut change: impl FnMut(&mut Payment) -> bool,
) -> bool {
    let wanted = |payment: &&mut Payment| match refund {
        Some(refund) => payment.refund.as_deref() == Some(refund),
        None => payment.purpose.takes() && payment.is_done() && payment.intent.as_deref() == Some(intent),
    };
    session.payments.iter_mut().find(wanted).is_some_and(&mut change)
}
