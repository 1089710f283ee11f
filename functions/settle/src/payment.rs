//! One money move: ask Stripe with the move's own key, and read what the answer means.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::stripe::{Intent, IntentStatus, PaymentOrder, StripeFailure};
use plugtill_domain::decide::Event;
use plugtill_domain::session::{Payment, PaymentState, Purpose, Session};

use crate::{Settle, SettleError};

/// Stripe keeps idempotency keys for at least 24 hours; past this a move that makes something new is not repeated.
const KEY_LIVES: SignedDuration = SignedDuration::from_hours(23);

/// Performs the session's next money move; returns the event of its answer.
pub(crate) async fn perform(function: &Settle, session: &Session, now: Timestamp) -> Result<Event, SettleError> {
    let Some(payment) = session.next_payment() else {
        return Ok(Event::Refused { code: "nothing_to_do".to_owned(), at: now });
    };
    let key = payment.key(&session.id);
    match ask(function, session, payment, &key, now).await {
        Ok(event) => Ok(event),
        Err(Asked::TooOld) => Err(SettleError::TooOldToRepeat(key)),
        Err(Asked::Failed(StripeFailure::Declined { code, decline_code, .. })) => {
            Ok(Event::Refused { code: decline_code.unwrap_or(code), at: now })
        }
        Err(Asked::Failed(StripeFailure::Refused { code, status, .. })) => {
            let code = code.unwrap_or_else(|| format!("http_{status}"));
            look_before_giving_up(function, payment, key, code, now).await
        }
        Err(Asked::Failed(unknown @ StripeFailure::Unknown { .. })) => {
            look_after_silence(function, payment, key, unknown, now).await
        }
        Err(Asked::Failed(source @ (StripeFailure::Busy { .. } | StripeFailure::KeyRefused { .. }))) => {
            Err(SettleError::Stripe { key, source })
        }
    }
}

enum Asked {
    Failed(StripeFailure),
    TooOld,
}

impl From<StripeFailure> for Asked {
    fn from(failure: StripeFailure) -> Self {
        Self::Failed(failure)
    }
}

async fn ask(
    function: &Settle,
    session: &Session,
    payment: &Payment,
    key: &str,
    now: Timestamp,
) -> Result<Event, Asked> {
    let stripe = &function.stripe;
    let intent = payment.intent.as_deref().unwrap_or_default();
    match payment.purpose {
        Purpose::Hold | Purpose::TopUp => {
            let PaymentState::Intended(since) = payment.state else { return Err(Asked::TooOld) };
            let Some(order) = order(session, payment) else {
                return Ok(Event::Refused { code: "no_payment_method".to_owned(), at: now });
            };
            if now.duration_since(since) > KEY_LIVES {
                return Err(Asked::TooOld);
            }
            if payment.purpose == Purpose::Hold {
                Ok(made(stripe.place_hold(key, &order).await?, &IntentStatus::RequiresCapture, now))
            } else {
                Ok(made(stripe.charge(key, &order).await?, &IntentStatus::Succeeded, now))
            }
        }
        Purpose::Capture => Ok(paid(stripe.capture(key, intent, payment.amount).await?, now)),
        Purpose::Release => Ok(paid(stripe.cancel(key, intent).await?, now)),
        Purpose::Refund => {
            stripe.refund(key, intent, payment.amount).await?;
            Ok(Event::Paid { intent: intent.to_owned(), capture_before: None, at: now })
        }
    }
}

fn order(session: &Session, payment: &Payment) -> Option<PaymentOrder> {
    let payer = session.payer.as_ref()?;
    Some(PaymentOrder {
        amount: payment.amount,
        customer: payer.customer.clone(),
        payment_method: payer.payment_method.clone(),
        session: session.id.to_string(),
        purpose: payment.purpose.as_str(),
    })
}

/// An off-session intent in any other state waits for the driver, who is not there.
fn made(intent: Intent, wanted: &IntentStatus, at: Timestamp) -> Event {
    if intent.status == *wanted {
        paid(intent, at)
    } else {
        Event::Refused { code: "authentication_required".to_owned(), at }
    }
}

fn paid(intent: Intent, at: Timestamp) -> Event {
    Event::Paid { intent: intent.id, capture_before: intent.capture_before, at }
}

/// Stripe refuses a capture or release of an intent that is already final: the object says which way it went.
async fn look_before_giving_up(
    function: &Settle,
    payment: &Payment,
    key: String,
    code: String,
    now: Timestamp,
) -> Result<Event, SettleError> {
    let ends = matches!(payment.purpose, Purpose::Capture | Purpose::Release);
    let (true, Some(intent)) = (ends, &payment.intent) else { return Ok(Event::Refused { code, at: now }) };
    let found = function.stripe.read_intent(intent).await;
    let found = found.map_err(|source| SettleError::Stripe { key, source })?;
    Ok(done_already(payment, &found, now).unwrap_or(Event::Refused { code, at: now }))
}

/// After a timeout or a 5xx the outcome is unknown: the object decides, and only then may the same key be tried again.
async fn look_after_silence(
    function: &Settle,
    payment: &Payment,
    key: String,
    source: StripeFailure,
    now: Timestamp,
) -> Result<Event, SettleError> {
    let ends = matches!(payment.purpose, Purpose::Capture | Purpose::Release);
    let (true, Some(intent)) = (ends, &payment.intent) else { return Err(SettleError::Stripe { key, source }) };
    match function.stripe.read_intent(intent).await {
        Ok(found) => done_already(payment, &found, now).ok_or(SettleError::Stripe { key, source }),
        Err(_) => Err(SettleError::Stripe { key, source }),
    }
}

/// The event of a move that turns out to be done; `None` when the intent is not in the state the move leads to.
fn done_already(payment: &Payment, found: &Intent, at: Timestamp) -> Option<Event> {
    let captured = found.status == IntentStatus::Succeeded && found.amount_received == payment.amount;
    let done = match payment.purpose {
        Purpose::Capture => captured,
        Purpose::Release => found.status == IntentStatus::Canceled,
        Purpose::Hold | Purpose::TopUp | Purpose::Refund => false,
    };
    done.then(|| paid(found.clone(), at))
}
