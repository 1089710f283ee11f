//! Drivers at Stripe's page: what became of them, and holds that nobody came for.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::store::Store;
use plugtill_adapters::stripe::{HostedPage, Intent, IntentStatus, PageStatus, StripeFailure};
use plugtill_domain::checkout::{Checkout, CheckoutEvent, CheckoutWork, Errand, Held};
use plugtill_domain::decide::{Event, Found};
use plugtill_domain::ids::{IdTag, SessionId};
use plugtill_domain::payment::ActiveHold;
use plugtill_domain::session::Payer;
use plugtill_domain::site::PaymentPolicy;

use crate::{Settle, SettleError, session};

/// Does what is due for a checkout now.
pub(crate) async fn work(function: &Settle, token: &IdTag) -> Result<(), SettleError> {
    while let Some(checkout) = function.store.checkout(token).await? {
        let now = function.clock.now();
        let Some((due_at, due)) = checkout.due() else { return Ok(()) };
        if due_at > now {
            return Ok(function.doorbell.ring(vec![(token.clone().into(), due_at)], now).await?);
        }
        let event = match due {
            CheckoutWork::GiveUp => CheckoutEvent::NotStarted(now),
            CheckoutWork::Release => release(function, &checkout).await?,
            CheckoutWork::LookUp => match Box::pin(look_up(function, &checkout)).await? {
                Some(event) => event,
                None => Box::pin(close(function, &checkout)).await?,
            },
        };
        let Some(after) = function.store.update_checkout(token, &event).await? else { return Ok(()) };
        let_start(function, &after, now).await?;
    }
    Ok(())
}

/// Asks Stripe what became of a page, and takes it over.
pub(crate) async fn follow_up(function: &Settle, token: &IdTag) -> Result<(), SettleError> {
    let Some(checkout) = function.store.checkout(token).await? else { return Ok(()) };
    if let Some(event) = look_up(function, &checkout).await? {
        let after = function.store.update_checkout(token, &event).await?;
        if let Some(after) = after {
            let_start(function, &after, function.clock.now()).await?;
        }
    }
    work(function, token).await
}

/// The driver has paid: the charger is told at once, where we may.
async fn let_start(function: &Settle, checkout: &Checkout, now: Timestamp) -> Result<(), SettleError> {
    let Some((charger, id)) = Store::start_ring(checkout) else { return Ok(()) };
    Ok(function.doorbell.ring(vec![(Ring::Command(charger, id), now)], now).await?)
}

/// What became of the page; `None` while the driver is there.
async fn look_up(function: &Settle, checkout: &Checkout) -> Result<Option<CheckoutEvent>, SettleError> {
    // Stripe never answered with a page, so that nobody can have been sent there.
    let Some(page) = &checkout.page else { return Ok(Some(CheckoutEvent::Expired)) };
    let page = function.stripe.read_page(page).await.map_err(|source| failed(checkout, source))?;
    match page.status {
        PageStatus::Open => Ok(None),
        PageStatus::Expired => Ok(Some(CheckoutEvent::Expired)),
        PageStatus::Complete => Box::pin(completed(function, checkout, page)).await,
    }
}

async fn completed(
    function: &Settle,
    checkout: &Checkout,
    page: HostedPage,
) -> Result<Option<CheckoutEvent>, SettleError> {
    let now = function.clock.now();
    let HostedPage { intent, saved, buyer, .. } = page;
    match &checkout.errand {
        Errand::Charge { .. } => {
            let Some((reserved, payer)) = intent.and_then(held) else { return Ok(None) };
            let within = policy(function, checkout).await?.start_within_minutes;
            let start_before = now + SignedDuration::from_mins(i64::from(within));
            let ActiveHold { intent, amount, capture_before } = reserved;
            let held = Held { intent, payer, amount, capture_before, known_at: now, start_before };
            Ok(Some(CheckoutEvent::Held(held, buyer)))
        }
        Errand::SaveCard { tag } => {
            let Some((customer, payment_method)) = saved else { return Ok(None) };
            let payer = Payer { customer, payment_method };
            function.store.file(vec![Store::driver_item(&checkout.site, Some(tag.clone()), &payer)?]).await?;
            Ok(Some(CheckoutEvent::Done(buyer)))
        }
        Errand::Pay { session } => {
            let Some(intent) = intent else { return Ok(None) };
            let found = match intent.status {
                IntentStatus::Succeeded => Found::Linked { intent: intent.id, amount: intent.amount_received },
                IntentStatus::RequiresCapture => match held(intent) {
                    Some((hold, payer)) => Found::Held { hold, payer },
                    None => return Ok(None),
                },
                IntentStatus::Canceled | IntentStatus::Other(_) => return Ok(None),
            };
            take_over(function, session, found, now).await?;
            Ok(Some(CheckoutEvent::Done(buyer)))
        }
    }
}

async fn take_over(function: &Settle, session: &SessionId, found: Found, now: Timestamp) -> Result<(), SettleError> {
    session::tell(function, session, Event::Found(found, now), now).await
}

fn held(intent: Intent) -> Option<(ActiveHold, Payer)> {
    if intent.status != IntentStatus::RequiresCapture {
        return None;
    }
    let payer = Payer { customer: intent.customer?, payment_method: intent.payment_method? };
    let (amount, capture_before) = (intent.amount_capturable, intent.capture_before);
    Some((ActiveHold { intent: intent.id, amount, capture_before }, payer))
}

async fn policy(function: &Settle, checkout: &Checkout) -> Result<PaymentPolicy, SettleError> {
    let known = function.directory.site(&checkout.site).await?;
    Ok(known.map(|known| known.site.terms.payments.clone()).unwrap_or_default())
}

/// The page's time is over: it is closed, so that nobody pays there later.
async fn close(function: &Settle, checkout: &Checkout) -> Result<CheckoutEvent, SettleError> {
    let Some(page) = &checkout.page else { return Ok(CheckoutEvent::Expired) };
    let key = format!("close:{}", checkout.token);
    match function.stripe.close_page(&key, page).await {
        Ok(_) => Ok(CheckoutEvent::Expired),
        // It was paid, or closed by itself, a moment ago: what became of it is asked once more.
        Err(StripeFailure::Refused { .. }) => {
            look_up(function, checkout).await.map(|event| event.unwrap_or(CheckoutEvent::Expired))
        }
        Err(source) => Err(failed(checkout, source)),
    }
}

/// Gives the hold of a driver back who did not start.
async fn release(function: &Settle, checkout: &Checkout) -> Result<CheckoutEvent, SettleError> {
    let Some(held) = &checkout.held else { return Ok(CheckoutEvent::Released) };
    let key = format!("release:{}", checkout.token);
    match function.stripe.cancel(&key, &held.intent).await {
        Ok(_) => Ok(CheckoutEvent::Released),
        Err(StripeFailure::Refused { .. }) => {
            let found = function.stripe.read_intent(&held.intent).await.map_err(|source| failed(checkout, source))?;
            if found.status == IntentStatus::RequiresCapture {
                return Err(failed(checkout, StripeFailure::Busy { code: "not_released".to_owned() }));
            }
            Ok(CheckoutEvent::Released)
        }
        Err(source) => Err(failed(checkout, source)),
    }
}

fn failed(checkout: &Checkout, source: StripeFailure) -> SettleError {
    SettleError::Stripe { key: format!("checkout:{}", checkout.token), source }
}
