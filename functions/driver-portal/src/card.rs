//! Saving a card for a tag: at Stripe's page, by a link that the operator has sent to the tag's holder.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{Html, Redirect};
use plugtill_adapters::store::SiteInForce;
use plugtill_adapters::stripe::PageTask;
use plugtill_domain::checkout::{Buyer, Checkout, CheckoutState, Errand};
use plugtill_domain::ids::IdTag;
use plugtill_domain::money::Money;

use crate::{Portal, Problem, Reads, Shared, checkout, page};

pub(crate) async fn show(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Html<String>, Problem> {
    let (known, _) = named(&portal, &link).await?;
    Ok(Html(page::card(language, &known.site.name, &link).into_string()))
}

pub(crate) async fn open(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Redirect, Problem> {
    let (known, tag) = named(&portal, &link).await?;
    let currency = known.site.terms.hold.currency();
    let order = Checkout {
        token: checkout::draw()?,
        site: known.site.id.clone(),
        errand: Errand::SaveCard { tag },
        amount: Money::zero(currency),
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
    let task = PageTask::SaveCard { currency: currency.code().to_owned() };
    Ok(Redirect::to(&checkout::paid_at(&portal, order, task).await?))
}

/// The site and tag of a link that we have signed and that still holds.
async fn named(portal: &Portal, link: &str) -> Result<(std::sync::Arc<SiteInForce>, IdTag), Problem> {
    let (site, tag) = portal.links.card(link, portal.clock.now()).ok_or(Problem::NotFound)?;
    Ok((portal.directory.site(&site).await?.ok_or(Problem::NotFound)?, tag))
}
