//! One money move: ask Stripe with the move's own key, and read what the answer means.
//!
//! An answer that does not come leaves the outcome unknown. While Stripe keeps the key, asking again with it is safe.
//! When it no longer can be (the key is too old, or Stripe keeps a failure under it), what the first try made is looked
//! for; only proof that it made nothing leads to a new key, and that decision is stored before it is used.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::stripe::{
    CaptureOrder, Destination, Intent, IntentStatus, PaymentOrder, RefundOrder, StripeFailure,
};
use plugtill_domain::decide::{Event, Found};
use plugtill_domain::money::MoneyError;
use plugtill_domain::payment::{Payment, Purpose};
use plugtill_domain::session::Session;
use plugtill_domain::site::Terms;

use crate::{Settle, SettleError};

/// Stripe keeps idempotency keys for at least 24 hours; past this a move is looked for before it is asked for again.
const KEY_LIVES: SignedDuration = SignedDuration::from_hours(23);
/// What a move made is looked for from a little before it was intended: clocks differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(10);

/// A move and all that asking for it takes.
struct Move<'a> {
    function: &'a Settle,
    session: &'a Session,
    terms: &'a Terms,
    payment: &'a Payment,
    since: Timestamp,
    key: String,
    now: Timestamp,
}

/// Performs a money move that was intended at `since`; returns the event of its answer.
pub(crate) async fn perform(
    function: &Settle,
    session: &Session,
    terms: &Terms,
    (payment, since): (&Payment, Timestamp),
    now: Timestamp,
) -> Result<Event, SettleError> {
    let step = Move { function, session, terms, payment, since, key: payment.key(&session.id), now };
    if now.duration_since(since) > KEY_LIVES {
        return step.look_for_it(StripeFailure::Busy { code: "key_too_old".to_owned() }).await;
    }
    match step.ask().await {
        Ok(event) => Ok(event),
        Err(StripeFailure::Declined { code, decline_code, .. }) => Ok(step.refused(decline_code.unwrap_or(code))),
        Err(StripeFailure::Refused { code, status, .. }) => {
            step.look_before_giving_up(code.unwrap_or_else(|| format!("http_{status}"))).await
        }
        Err(unknown @ StripeFailure::Unknown { stored: true, .. }) => step.look_for_it(unknown).await,
        Err(unknown @ StripeFailure::Unknown { stored: false, .. }) => step.look_after_silence(unknown).await,
        Err(source @ (StripeFailure::Busy { .. } | StripeFailure::KeyRefused { .. })) => Err(step.stays_due(source)),
    }
}

impl Move<'_> {
    async fn ask(&self) -> Result<Event, StripeFailure> {
        let (stripe, key, amount) = (&self.function.stripe, self.key.as_str(), self.payment.amount);
        match self.payment.purpose {
            Purpose::Hold => match self.order()? {
                Some(order) => Ok(self.made(stripe.place_hold(key, &order).await?, &IntentStatus::RequiresCapture)),
                None => Ok(self.refused("no_payment_method".to_owned())),
            },
            Purpose::TopUp => match self.order()? {
                Some(order) => Ok(self.made(stripe.charge(key, &order).await?, &IntentStatus::Succeeded)),
                None => Ok(self.refused("no_payment_method".to_owned())),
            },
            Purpose::Raise => Ok(self.paid(stripe.raise(key, self.intent(), amount).await?)),
            Purpose::Capture => {
                let session = self.session.id.to_string();
                let order = CaptureOrder { amount, session, destination: self.destination()? };
                Ok(self.paid(stripe.capture(key, self.intent(), &order).await?))
            }
            Purpose::Release => Ok(self.paid(stripe.cancel(key, self.intent()).await?)),
            Purpose::Refund => {
                let order = RefundOrder {
                    amount,
                    session: self.session.id.to_string(),
                    name: self.payment.name(&self.session.id),
                    connected: self.terms.payments.account.is_some(),
                };
                Ok(self.refunded(stripe.refund(key, self.intent(), &order).await?.id))
            }
            // Found done, never asked for.
            Purpose::Link => Ok(self.refused("not_ours_to_ask".to_owned())),
        }
    }

    fn intent(&self) -> &str {
        self.payment.intent.as_deref().unwrap_or_default()
    }

    fn order(&self) -> Result<Option<PaymentOrder>, StripeFailure> {
        let Some(payer) = &self.session.payer else { return Ok(None) };
        Ok(Some(PaymentOrder {
            amount: self.payment.amount,
            customer: payer.customer.clone(),
            payment_method: payer.payment_method.clone(),
            session: self.session.id.to_string(),
            purpose: self.payment.purpose.as_str(),
            name: self.payment.name(&self.session.id),
            raisable: self.terms.payments.raise_hold && self.payment.purpose == Purpose::Hold,
            destination: self.destination()?,
        }))
    }

    /// The account is pinned with the terms the session started under.
    fn destination(&self) -> Result<Option<Destination>, StripeFailure> {
        let Some(account) = &self.terms.payments.account else { return Ok(None) };
        let impossible = |error: MoneyError| StripeFailure::Refused {
            status: 400,
            code: Some("invalid_application_fee".to_owned()),
            message: error.to_string(),
            param: Some("application_fee_amount".to_owned()),
        };
        let fee = account.fee(self.payment.amount).map_err(impossible)?;
        Ok(Some(Destination { account: account.id.clone(), fee }))
    }

    /// An off-session intent in any other state waits for the driver, who is not there.
    fn made(&self, intent: Intent, wanted: &IntentStatus) -> Event {
        if intent.status == *wanted { self.paid(intent) } else { self.refused("authentication_required".to_owned()) }
    }

    fn paid(&self, intent: Intent) -> Event {
        let (capture_before, at) = (intent.capture_before, self.now);
        let which = self.payment.id();
        Event::Paid { which, intent: intent.id, amount: None, refund: None, capture_before, at }
    }

    fn refunded(&self, refund: String) -> Event {
        let (which, intent, at) = (self.payment.id(), self.intent().to_owned(), self.now);
        Event::Paid { which, intent, amount: None, refund: Some(refund), capture_before: None, at }
    }

    fn refused(&self, code: String) -> Event {
        Event::Refused { which: self.payment.id(), code, at: self.now }
    }

    fn stays_due(&self, source: StripeFailure) -> SettleError {
        SettleError::Stripe { key: self.key.clone(), source }
    }

    async fn read_intent(&self) -> Result<Intent, SettleError> {
        self.function.stripe.read_intent(self.intent()).await.map_err(|source| self.stays_due(source))
    }

    /// Whether the move acts on an intent that is there already, and so can be read off it.
    const fn acts_on_an_intent(&self) -> bool {
        matches!(self.payment.purpose, Purpose::Capture | Purpose::Release | Purpose::Raise)
    }

    /// Stripe refuses a capture or release of an intent that is already final: the object says which way it went.
    async fn look_before_giving_up(&self, code: String) -> Result<Event, SettleError> {
        if !self.acts_on_an_intent() {
            return Ok(self.refused(code));
        }
        let found = self.read_intent().await?;
        Ok(self.done_already(&found).unwrap_or_else(|| self.refused(code)))
    }

    /// After a timeout or a 5xx the object decides, and only then may the same key be tried again.
    async fn look_after_silence(&self, source: StripeFailure) -> Result<Event, SettleError> {
        if self.acts_on_an_intent()
            && let Ok(found) = self.function.stripe.read_intent(self.intent()).await
            && let Some(event) = self.done_already(&found)
        {
            return Ok(event);
        }
        Err(self.stays_due(source))
    }

    /// The key can no longer tell: looks for what the move made. Proof that it made nothing allows a new key.
    async fn look_for_it(&self, source: StripeFailure) -> Result<Event, SettleError> {
        let stripe = &self.function.stripe;
        let name = self.payment.name(&self.session.id);
        let failed = |source| self.stays_due(source);
        let again = Event::AskAgain { which: self.payment.id(), retry: self.payment.retry, at: self.now };
        match self.payment.purpose {
            Purpose::Capture | Purpose::Release | Purpose::Raise => {
                let found = self.read_intent().await?;
                Ok(self.done_already(&found).unwrap_or(again))
            }
            Purpose::Refund => match stripe.find_refund(self.intent(), &name).await.map_err(failed)? {
                Some(refund) => Ok(self.refunded(refund.id)),
                None => Ok(again),
            },
            Purpose::Hold | Purpose::TopUp => {
                let Some(payer) = &self.session.payer else { return Ok(self.refused("no_payment_method".to_owned())) };
                let since = self.since - CLOCKS_DIFFER;
                let found = stripe.find_intent(&payer.customer, &name, since).await.map_err(failed)?;
                Ok(match found {
                    None => again,
                    Some(intent) if intent.status == IntentStatus::Canceled => again,
                    Some(intent) => match (self.payment.purpose, &intent.status) {
                        (Purpose::Hold, IntentStatus::RequiresCapture) | (Purpose::TopUp, IntentStatus::Succeeded) => {
                            self.paid(intent)
                        }
                        (_, IntentStatus::Other(status)) if status == "processing" => return Err(failed(source)),
                        (_, _) => self.refused("card_declined".to_owned()),
                    },
                })
            }
            Purpose::Link => Ok(self.refused("not_ours_to_ask".to_owned())),
        }
    }

    /// The event of a move that turns out to be done; `None` when the intent is not in the state the move leads to.
    fn done_already(&self, found: &Intent) -> Option<Event> {
        let paid = |amount| {
            let (which, intent, at) = (self.payment.id(), found.id.clone(), self.now);
            let capture_before = found.capture_before;
            Event::Paid { which, intent, amount, refund: None, capture_before, at }
        };
        match (self.payment.purpose, &found.status) {
            // Somebody may have captured another amount: then that is what was taken.
            (Purpose::Capture, IntentStatus::Succeeded) => Some(paid(Some(found.amount_received))),
            (Purpose::Release, IntentStatus::Canceled) => Some(paid(None)),
            (Purpose::Raise, IntentStatus::RequiresCapture) if found.amount == self.payment.amount => Some(paid(None)),
            // The hold was captured instead of given back: that money has to find its way.
            (Purpose::Release, IntentStatus::Succeeded) => {
                let intent = found.id.clone();
                Some(Event::Found(Found::Captured { intent, amount: found.amount_received }, self.now))
            }
            (_, _) => None,
        }
    }
}
