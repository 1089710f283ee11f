//! Whether Stripe still tells what happens: an endpoint that was switched off makes no noise.

use jiff::SignedDuration;
use plugtill_adapters::store::StoreError;
use plugtill_domain::reconcile::Charge;

use crate::Reconcile;

/// Stripe delivers within this time, or tries again for days.
const DELIVERED_WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// What is older says nothing of how it is now.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(24);
/// Of so many of the newest payments at least one is told of, unless none is.
const LOOKED_AT: usize = 10;

pub(crate) async fn look(function: &Reconcile, charges: &[Charge]) -> Result<(), StoreError> {
    let Some(silent) = &function.silent else { return Ok(()) };
    let now = function.clock.now();
    let age = |charge: &&Charge| now.duration_since(charge.at);
    let mut recent: Vec<_> = charges.iter().filter(|one| (DELIVERED_WITHIN..LOOKED_BACK).contains(&age(one))).collect();
    recent.sort_by_key(|charge| std::cmp::Reverse(charge.at));
    recent.truncate(LOOKED_AT);
    if recent.is_empty() {
        return Ok(());
    }
    for charge in &recent {
        if function.store.has_events(&charge.intent).await? {
            return if silent.open().await?.is_some() { silent.recover(now).await } else { Ok(()) };
        }
    }
    silent.raise(&format!("{} payments, no event", recent.len()), now).await
}
