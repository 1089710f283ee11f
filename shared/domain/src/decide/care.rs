//! What operators decide about a settled session, and the reminders of what is owed.

use jiff::Timestamp;

use super::{Decision, Nothing, commit, nothing};
use crate::balance::DriverNoticeKind;
use crate::credit::{self, CreditError, CreditOrder};
use crate::ids::IdTag;
use crate::money::Money;
use crate::payment::Purpose;
use crate::session::{Reason, Session};
use crate::settlement;
use crate::site::Terms;

pub(super) fn remind(mut session: Session, now: Timestamp, terms: &Terms) -> Decision {
    let due = session.remind_at.is_some_and(|at| at <= now);
    let Some(balance) = session.balance.as_mut().filter(|_| due) else { return nothing() };
    balance.reminders += 1;
    session.remind_at = balance.next_reminder_at(&terms.payments.remind_after_days);
    session.tell(DriverNoticeKind::Reminder, now);
    commit(session)
}

/// The same order credits once, however often it arrives.
pub(super) fn credit(mut session: Session, order: CreditOrder, now: Timestamp, terms: &Terms) -> Decision {
    if session.credits.iter().any(|credit| credit.id == order.id) {
        return Decision::Nothing(Nothing::Duplicate);
    }
    let Some(bill) = &session.bill else { return Decision::Nothing(CreditError::NotBilled.into()) };
    match credit::credit(bill, &session.credits, order, now) {
        Err(error) => Decision::Nothing(error.into()),
        Ok(credit) => {
            session.credits.push(credit);
            settlement::conclude(&mut session, &terms.payments, now);
            commit(session)
        }
    }
}

/// What was not obtainable is no longer asked for.
pub(super) fn forgive(mut session: Session, reason: String, now: Timestamp, terms: &Terms) -> Decision {
    if session.balance.is_none() {
        return nothing();
    }
    let given_up = session.uncollectable;
    session.uncollectable = Money::zero(given_up.currency());
    session.waived = Money::new(session.waived.minor() + given_up.minor(), given_up.currency());
    session.reason = Some(Reason::Forgiven(reason));
    settlement::conclude(&mut session, &terms.payments, now);
    commit(session)
}

/// The card may bear now what it did not bear then. Refused once more, it is owed as before.
pub(super) fn charge_again(mut session: Session, now: Timestamp) -> Decision {
    let owed = session.uncollectable;
    if session.payer.is_none() || session.balance.is_none() || !owed.is_positive() || session.next_payment().is_some() {
        return Decision::Nothing(Nothing::NothingToCharge);
    }
    session.uncollectable = Money::zero(owed.currency());
    session.intend(Purpose::TopUp, owed, None, now);
    commit(session)
}

pub(super) fn receipt_again(mut session: Session, now: Timestamp) -> Decision {
    if session.bill.is_none() {
        return Decision::Nothing(Nothing::NotBilled);
    }
    let owed = session.balance.is_some();
    session.tell(if owed { DriverNoticeKind::Reminder } else { DriverNoticeKind::ReceiptReady }, now);
    commit(session)
}

/// Money, times and energy stay: tax law wants them, and they say nothing of who it was.
pub(super) fn erase(mut session: Session, tag: IdTag) -> Decision {
    if !session.is_over() {
        return Decision::Nothing(Nothing::NotOver);
    }
    if session.started.id_tag == tag && session.payer.is_none() {
        return Decision::Nothing(Nothing::Duplicate);
    }
    session.started.id_tag = tag;
    session.payer = None;
    commit(session)
}
