//! Paying what a session left owed: a fresh page at Stripe for whoever has the link.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Redirect;
use plugtill_adapters::stripe::PageTask;
use plugtill_domain::checkout::{Buyer, Checkout, CheckoutState, Errand};

use crate::{Problem, Reads, Shared, checkout, session_of, site_of};

pub(crate) async fn open(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Redirect, Problem> {
    let session = session_of(&portal, &link).await?;
    let amount = session.uncollectable;
    if session.balance.is_none() || !amount.is_positive() {
        return Err(Problem::NothingOwed);
    }
    let site = site_of(&portal, &session).await?;
    let terms = portal.directory.terms(&session.terms).await?;
    let what = checkout::stall(language, &site.name, &session.id.charger, session.id.connector);
    let destination = checkout::destination(&terms, amount)?;
    let order = Checkout {
        token: checkout::draw()?,
        site: site.id,
        errand: Errand::Pay { session: session.id },
        amount,
        limit: None,
        answered: false,
        opened_at: portal.clock.now(),
        page: None,
        buyer: Buyer::default(),
        held: None,
        texts_to: None,
        language: Some(language),
        state: CheckoutState::Open,
    };
    let task = PageTask::Pay { amount, what, hold: false, raisable: false, destination };
    Ok(Redirect::to(&checkout::paid_at(&portal, order, task).await?))
}
