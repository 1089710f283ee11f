//! Paying before charging: a hold at Stripe's page, for one connector.

use std::collections::BTreeMap;

use axum::Extension;
use axum::extract::{Form, Path, RawQuery, State};
use axum::response::{Html, Redirect};
use jiff::Timestamp;
use plugtill_adapters::stripe::{Destination, PageOrder, PageTask};
use plugtill_domain::checkout::{
    Buyer, Checkout, CheckoutEvent, CheckoutState, Errand, PAGE_LIVES, is_token, phone, token,
};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag};
use plugtill_domain::language::Language;
use plugtill_domain::money::{Currency, Money, parse_decimal};
use plugtill_domain::site::{Role, Terms};
use plugtill_domain::units::WattHours;
use plugtill_domain::watch::Limit;
use plugtill_texts::text;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use crate::stall::Standing;
use crate::{Portal, Problem, Reads, Shared, page};

/// Bytes of a token that are drawn: 18 hexadecimal digits.
const RANDOM_BYTES: usize = 9;

/// What Stripe adds to the address for who has paid: its event may come a moment later.
const PAID: &str = "paid";

/// What a driver asks for at a charger.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    charger: String,
    connector: u32,
    /// Stop at so much, in the site's currency.
    #[serde(default)]
    money: String,
    /// Stop at so many kWh.
    #[serde(default)]
    kwh: String,
    /// Stop after so many minutes.
    #[serde(default)]
    minutes: String,
    /// Be told at this telephone when charging has ended, before an idle fee, and of the receipt.
    #[serde(default)]
    phone: String,
}

/// Stores the checkout, then makes the page, and sends the driver there. A page that is never heard of is looked for.
pub(crate) async fn open(
    State(portal): Shared,
    Extension(language): Reads,
    Form(asked): Form<Asked>,
) -> Result<Redirect, Problem> {
    let unknown = || Problem::field("wrong-charger", &asked.charger);
    let charger: ChargerId = asked.charger.parse().map_err(|_| unknown())?;
    let connector = ConnectorId(asked.connector);
    let found = portal.directory.site_of(&charger).await?.ok_or_else(unknown)?;
    let site = &found.0.get(found.1).ok_or_else(unknown)?.site;
    let entry = site.connector(&charger, connector).ok_or_else(|| Problem::field("wrong-connector", &connector))?;
    let (now, token) = (portal.clock.now(), draw()?);
    let state = Standing::of(&portal, &charger, connector, now).await?;
    if !state.may_pay() {
        return Err(Problem::NotNow(state.name()));
    }
    let no_price = || Problem::field("wrong-no-price", &charger);
    let index = site.terms_at((&charger, connector), &token, now).ok_or_else(no_price)?;
    let terms = site.terms_of(index);
    let errand = Errand::Charge { charger: charger.clone(), connector };
    let checkout = Checkout {
        token,
        site: site.id.clone(),
        errand,
        amount: terms.hold_at(now, entry.max_power_w),
        limit: asked.limit(terms.hold.currency())?,
        answered: site.role == Role::Answering,
        opened_at: now,
        page: None,
        buyer: Buyer::default(),
        held: None,
        texts_to: asked.texts_to()?,
        language: Some(language),
        state: CheckoutState::Open,
    };
    let what = stall(language, &site.name, &charger, connector);
    let task = PageTask::Pay {
        amount: checkout.amount,
        what,
        hold: true,
        raisable: terms.payments.raise_hold,
        destination: destination(&terms, checkout.amount)?,
    };
    Ok(Redirect::to(&paid_at(&portal, checkout, task).await?))
}

/// Stores a checkout and makes its page; the page's address.
pub(crate) async fn paid_at(portal: &Portal, checkout: Checkout, task: PageTask) -> Result<String, Problem> {
    let back = portal.links.checkout(&checkout.token);
    let order = PageOrder {
        token: checkout.token.to_string(),
        task,
        success_url: format!("{back}?{PAID}"),
        cancel_url: back,
        expires_at: checkout.opened_at + PAGE_LIVES,
        metadata: metadata(&checkout),
    };
    if !portal.store.open_checkout(&checkout).await? {
        return Err(Problem::field("wrong-token", &""));
    }
    let made = portal.stripe.make_page(&format!("checkout:{}", checkout.token), &order).await?;
    portal.store.update_checkout(&checkout.token, &CheckoutEvent::PageMade(made.id)).await?;
    made.url.ok_or(Problem::NoPage)
}

/// What is written on the payment, so that it is found again from Stripe's side.
fn metadata(checkout: &Checkout) -> BTreeMap<String, String> {
    let session = checkout.session().map(|session| ("session".to_owned(), session.to_string()));
    session.into_iter().chain([("checkout".to_owned(), checkout.token.to_string())]).collect()
}

/// For whom the money is, where it is not the platform's own.
pub(crate) fn destination(terms: &Terms, amount: Money) -> Result<Option<Destination>, Problem> {
    let Some(account) = &terms.payments.account else { return Ok(None) };
    let fee = account.fee(amount).map_err(|_| Problem::field("wrong-fee", &amount))?;
    Ok(Some(Destination { account: account.id.clone(), fee }))
}

pub(crate) fn draw() -> Result<IdTag, Problem> {
    let mut bytes = [0; RANDOM_BYTES];
    let failed = || Problem::field("wrong-token", &"");
    getrandom::fill(&mut bytes).map_err(|_| failed())?;
    token(&hex::encode(bytes)).ok_or_else(failed)
}

/// How a payment for charging at a stall is called at Stripe's page.
pub(crate) fn stall(language: Language, site: &str, charger: &ChargerId, connector: ConnectorId) -> String {
    let args =
        [("site", site.into()), ("charger", charger.as_str().into()), ("connector", i64::from(connector.0).into())];
    text(language, "stall-title", &args)
}

impl Asked {
    fn texts_to(&self) -> Result<Option<String>, Problem> {
        let given = Some(self.phone.trim()).filter(|text| !text.is_empty());
        given.map(|text| phone(text).ok_or_else(|| Problem::field("wrong-phone", &text))).transpose()
    }

    fn limit(&self, currency: Currency) -> Result<Option<Limit>, Problem> {
        // Half of Europe writes a comma before the cents.
        let given = |text: &str| Some(text.trim().replace(',', ".")).filter(|text| !text.is_empty());
        let positive = |text: &str| parse_decimal(text).ok().filter(|number| *number > Decimal::ZERO);
        let money = given(&self.money).map(|text| {
            let money = Money::parse(&text, currency).ok().filter(|money| money.is_positive());
            money.ok_or_else(|| Problem::field("wrong-money", &text))
        });
        let energy = given(&self.kwh).map(|text| {
            let wh =
                positive(&text).and_then(|kwh| kwh.checked_mul(Decimal::ONE_THOUSAND)?.to_i64()).filter(|wh| *wh > 0);
            wh.map(WattHours).ok_or_else(|| Problem::field("wrong-kwh", &text))
        });
        let minutes = given(&self.minutes).map(|text| {
            text.parse().ok().filter(|minutes| *minutes > 0).ok_or_else(|| Problem::field("wrong-minutes", &text))
        });
        let limit = Limit { money: money.transpose()?, energy: energy.transpose()?, minutes: minutes.transpose()? };
        Ok((limit != Limit::default()).then_some(limit))
    }
}

/// What became of a checkout: who has its token may see it.
pub(crate) async fn show(
    State(portal): Shared,
    Extension(language): Reads,
    Path(token): Path<String>,
    RawQuery(asked): RawQuery,
) -> Result<Html<String>, Problem> {
    let token: IdTag = token.parse().ok().filter(is_token).ok_or(Problem::NotFound)?;
    let checkout = portal.store.checkout(&token).await?.ok_or(Problem::NotFound)?;
    // A start that was refused has claimed the checkout, and left no session.
    let session = match checkout.session() {
        Some(id) => portal.store.session(id).await?.map(|_| portal.links.session_page(id)),
        None => None,
    };
    let site = portal.directory.site(&checkout.site).await?;
    let zone = site.map(|known| known.site.terms.zone());
    let local =
        |at: Timestamp| at.to_zoned(zone.clone().unwrap_or(jiff::tz::TimeZone::UTC)).strftime("%H:%M").to_string();
    let has_paid = asked.is_some_and(|asked| asked.split('&').any(|part| part == PAID));
    Ok(Html(page::checkout(language, (&checkout, has_paid), session.as_deref(), local).into_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_no_battery_holds_is_refused_by_its_field() {
        let asked = |kwh: &str| Asked {
            charger: "CP1".to_owned(),
            connector: 1,
            money: String::new(),
            kwh: kwh.to_owned(),
            minutes: String::new(),
            phone: String::new(),
        };
        let limit = |kwh: &str| asked(kwh).limit("EUR".parse().unwrap());
        assert!(matches!(limit("79228162514264337593543950335"), Err(Problem::Field("wrong-kwh", _))));
        assert!(matches!(limit("9223372036854775.807"), Ok(Some(Limit { energy: Some(WattHours(i64::MAX)), .. }))));
        assert!(matches!(limit("0,5"), Ok(Some(Limit { energy: Some(WattHours(500)), .. }))));
    }
}
