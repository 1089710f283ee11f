//! What Stripe says has happened to an object. An event is never believed: it only says where to look.
//!
//! What is found is brought to the session it belongs to. There it meets what we know already: an answer of our own that
//! came first, or comes later, changes nothing more (F67).

use plugtill_adapters::store::FiledEvent;
use plugtill_adapters::stripe::{Intent, IntentStatus, Refund, StripeFailure};
use plugtill_adapters::webhook::ObjectKind;
use plugtill_domain::decide::{Event, Found};
use plugtill_domain::dispute::{Dispute, DisputeState};
use plugtill_domain::ids::{IdTag, SessionId};
use plugtill_domain::incident::{Kind, Sighting, Subject};
use plugtill_domain::session::Session;

use crate::{Settle, SettleError, checkout, session};

/// Looks at every event of the object that nobody has looked at. One that comes in meanwhile stays due and rings itself.
pub(crate) async fn work_on_object(function: &Settle, object: &str) -> Result<(), SettleError> {
    for event in function.store.pending_events(object).await? {
        let concerns_us = match look(function, &event).await {
            // An object that Stripe does not have cannot have had anything happen to it.
            Err(SettleError::Stripe { source: StripeFailure::Refused { status: 404, .. }, .. }) => false,
            looked => looked?,
        };
        if !concerns_us {
            let (kind, event_type) = (event.kind.as_str(), event.event_type.as_str());
            tracing::debug!(object = event.object, kind, event_type, event = event.event_id, "Stripe event ignored");
        }
        function.store.event_handled(&event).await?;
    }
    Ok(())
}

/// Whether the event was about something of ours.
async fn look(function: &Settle, event: &FiledEvent) -> Result<bool, SettleError> {
    let (stripe, object) = (&function.stripe, event.object.as_str());
    let failed = |source| SettleError::Stripe { key: event.event_id.clone(), source };
    match event.kind {
        ObjectKind::CheckoutSession => {
            let page = stripe.read_page(object).await.map_err(failed)?;
            match page.token.and_then(|token| token.parse().ok()) {
                Some(token) => Box::pin(checkout::follow_up(function, &token)).await.map(|()| true),
                None => Ok(false),
            }
        }
        ObjectKind::PaymentIntent => {
            let intent = stripe.read_intent(object).await.map_err(failed)?;
            Box::pin(look_at_intent(function, intent)).await
        }
        ObjectKind::Charge => match stripe.intent_of_charge(object).await.map_err(failed)? {
            Some(intent) => {
                let intent = stripe.read_intent(&intent).await.map_err(failed)?;
                Box::pin(look_at_intent(function, intent)).await
            }
            None => Ok(false),
        },
        ObjectKind::Refund => {
            let refund = stripe.read_refund(object).await.map_err(failed)?;
            let Some(id) = refund.intent.clone() else { return Ok(false) };
            let intent = stripe.read_intent(&id).await.map_err(failed)?;
            Box::pin(look_at_refund(function, &intent, refund)).await
        }
        ObjectKind::Dispute => {
            let dispute = stripe.read_dispute(object).await.map_err(failed)?;
            let intent = stripe.read_intent(&dispute.intent).await.map_err(failed)?;
            Box::pin(look_at_dispute(function, &intent, dispute)).await
        }
        // The card is saved by what became of its page; payouts are for the reconciliation.
        ObjectKind::SetupIntent | ObjectKind::Payout | ObjectKind::Unknown => Ok(false),
    }
}

/// The session that an intent belongs to: by what its maker wrote on it, or by the checkout it was paid in.
async fn session_of(function: &Settle, intent: &Intent) -> Result<Option<Session>, SettleError> {
    let Some(id) = intent.session().and_then(|id| id.parse::<SessionId>().ok()) else {
        let Some(token) = token_of(intent) else { return Ok(None) };
        let checkout = function.store.checkout(&token).await?;
        let Some(id) = checkout.and_then(|checkout| checkout.session().cloned()) else { return Ok(None) };
        return Ok(function.store.session(&id).await?.map(|stored| stored.session));
    };
    Ok(function.store.session(&id).await?.map(|stored| stored.session))
}

fn token_of(intent: &Intent) -> Option<IdTag> {
    intent.metadata.get("checkout")?.parse().ok()
}

async fn look_at_intent(function: &Settle, intent: Intent) -> Result<bool, SettleError> {
    if let Some(token) = token_of(&intent) {
        Box::pin(checkout::follow_up(function, &token)).await?;
    }
    let Some(known) = session_of(function, &intent).await? else { return Ok(false) };
    let amount = intent.amount_received;
    let ended_elsewhere = known.active_holds().iter().any(|hold| hold.intent == intent.id);
    let found = match intent.status {
        IntentStatus::Canceled if ended_elsewhere => Found::HoldGone { intent: intent.id },
        IntentStatus::Succeeded if ended_elsewhere => Found::Captured { intent: intent.id, amount },
        // Whatever else it is comes of a move of ours, whose answer tells.
        IntentStatus::Canceled | IntentStatus::Succeeded | IntentStatus::RequiresCapture | IntentStatus::Other(_) => {
            return Ok(true);
        }
    };
    tell(function, &known.id, found).await.map(|()| true)
}

async fn look_at_refund(function: &Settle, intent: &Intent, refund: Refund) -> Result<bool, SettleError> {
    let Some(known) = session_of(function, intent).await? else { return Ok(false) };
    let found = match refund.status.as_str() {
        "failed" | "canceled" => Found::RefundFailed { refund: refund.id },
        // Ours: the answer to our own request tells, now or when it is asked for again.
        _ if refund.metadata.contains_key("move") => return Ok(true),
        _ => Found::Refunded { refund: refund.id, intent: intent.id.clone(), amount: refund.amount },
    };
    tell(function, &known.id, found).await.map(|()| true)
}

async fn look_at_dispute(function: &Settle, intent: &Intent, dispute: Dispute) -> Result<bool, SettleError> {
    let Some(known) = session_of(function, intent).await? else { return Ok(false) };
    let now = function.clock.now();
    let subject = Subject::of_session(Kind::Dispute, known.site.clone(), known.id.clone());
    let until = dispute.evidence_due_by.map(|at| format!(" until {at:.0}")).unwrap_or_default();
    let facts = format!("{} {}{until}", dispute.amount, dispute.reason);
    let seen = Sighting::now(subject, facts, dispute.state != DisputeState::Open, now);
    function.incidents.tell(vec![seen], now).await?;
    tell(function, &known.id, Found::Disputed(dispute)).await.map(|()| true)
}

async fn tell(function: &Settle, id: &SessionId, found: Found) -> Result<(), SettleError> {
    let now = function.clock.now();
    session::tell(function, id, Event::Found(found, now), now).await
}
