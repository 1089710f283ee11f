//! What Stripe says has happened to an object. An event is never believed: it only says where to look.

use plugtill_adapters::store::FiledEvent;
use plugtill_adapters::webhook::ObjectKind;

use crate::{Settle, SettleError};

/// Looks at every event of the object that nobody has looked at. One that comes in meanwhile stays due and rings itself.
pub(crate) async fn work_on_object(function: &Settle, object: &str) -> Result<(), SettleError> {
    for event in function.store.pending_events(object).await? {
        match event.kind {
            ObjectKind::CheckoutSession
            | ObjectKind::PaymentIntent
            | ObjectKind::SetupIntent
            | ObjectKind::Charge
            | ObjectKind::Refund
            | ObjectKind::Dispute
            | ObjectKind::Payout
            | ObjectKind::Unknown => ignore(&event),
        }
        function.store.event_handled(&event).await?;
    }
    Ok(())
}

fn ignore(event: &FiledEvent) {
    let (kind, event_type) = (event.kind.as_str(), event.event_type.as_str());
    tracing::info!(object = event.object, kind, event_type, event = event.event_id, "Stripe event ignored");
}
