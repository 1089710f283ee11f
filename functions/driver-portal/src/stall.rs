//! A stall, as the code on it leads to it: its price before anything else, whether it is free, and a way to pay.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Html;
use jiff::SignedDuration;
use jiff::Timestamp;
use maud::{Markup, html};
use plugtill_domain::evidence::ConnectorStatus;
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag};
use plugtill_domain::language::Language;
use plugtill_domain::offer::Offer;
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::{Site, Terms};
use plugtill_texts::offer::{Offered, PriceTag};
use plugtill_texts::text;

use crate::{Portal, Problem, Reads, Shared, checkout, page};

/// A status that is older says nothing any more. Chargers tell of changes alone.
const RECENT: SignedDuration = SignedDuration::from_hours(24 * 31);

pub(crate) async fn show(
    State(portal): Shared,
    Extension(language): Reads,
    Path((charger, connector)): Path<(String, u32)>,
) -> Result<Html<String>, Problem> {
    let charger: ChargerId = charger.parse().map_err(|_| Problem::NoStall)?;
    let connector = ConnectorId(connector);
    let (sites, index) = portal.directory.site_of(&charger).await?.ok_or(Problem::NoStall)?;
    let site = &sites.get(index).ok_or(Problem::NoStall)?.site;
    let entry = site.connector(&charger, connector).filter(|_| connector.0 > 0).ok_or(Problem::NoStall)?;
    let (now, anybody) = (portal.clock.now(), checkout::draw()?);
    let offered = terms(site, (&charger, connector), &anybody, now)
        .map(|terms| (Offered::of(language, &Offer::of(&terms, entry.max_power_w, now)), terms));
    let state = Standing::of(&portal, &charger, connector, now).await?;
    let fee_now = match &offered {
        Some((_, terms)) => fee_now(&portal, site, terms, now).await?,
        None => None,
    };
    let title = checkout::stall(language, &site.name, &charger, connector);
    let questions = |contact: &String| text(language, "stall-questions", &[("contact", contact.as_str().into())]);
    let body = html! {
        @match &offered {
            Some((offer, _)) => {
                (prices(language, offer))
                h2 { (text(language, "stall-now", &[])) }
                p #now role="status" data-again=(state.name()) { (text(language, state.name(), &[])) }
                (idle(language, offer, fee_now))
                section #pay data-again=(state.may_pay()) {
                    h2 { (text(language, "stall-pay", &[])) }
                    @if state.may_pay() { (pay(language, (&charger, connector), offer)) }
                    @else { p { (text(language, "stall-not-now", &[])) } }
                }
                script src="/live.js" defer {}
            }
            None => { p role="alert" { (text(language, "stall-unpriced", &[])) } }
        }
        @if let Some(contact) = site.operator.as_ref().and_then(|operator| operator.contact.as_ref()) {
            p { (questions(contact)) }
        }
    };
    Ok(Html(page::page(language, &title, &body).into_string()))
}

fn terms(site: &Site, place: (&ChargerId, ConnectorId), tag: &IdTag, now: Timestamp) -> Option<Terms> {
    site.terms_at(place, tag, now).map(|index| site.terms_of(index))
}

fn prices(language: Language, offer: &Offered) -> Markup {
    let line = |price: &PriceTag| {
        html! {
            p.price { (price.amount) " " small { (price.per) @if !price.when.is_empty() { ", " (price.when.join(", ")) } } }
        }
    };
    html! {
        section aria-label=(text(language, "stall-price", &[])) {
            @for price in &offer.prices { (line(price)) }
            @for note in &offer.notes { p { (note) } }
            @if let Some((example, total)) = &offer.example { p { (example) " " strong { (total) } "." } }
        }
    }
}

/// How a stall is, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    status: Option<ConnectorStatus>,
    /// Its charger is known not to be connected.
    cut_off: bool,
    /// A session runs there.
    taken: bool,
}

impl Standing {
    pub(crate) async fn of(
        portal: &Portal,
        charger: &ChargerId,
        connector: ConnectorId,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let cut_off = portal.store.is_cut_off(charger).await?;
        let latest = portal.store.latest_session(charger, connector, now).await?.map(|stored| stored.session);
        let running = latest.as_ref().filter(|it| it.ended_at().is_none() && it.outcome == Outcome::Open);
        // Of a session that runs tells only what was said since it began.
        let since = running.map_or(now - RECENT, |running| running.id.started_at);
        let mut status = portal.store.status_after(charger, connector, since).await?;
        // That it charges was said of a session that is over.
        if let Some(ended_at) = latest.as_ref().and_then(Session::ended_at).filter(|_| status.is_some_and(is_busy)) {
            status = portal.store.status_after(charger, connector, ended_at).await?;
        }
        // A session whose stop is lost does not keep others from a connector that is free.
        let taken = running.is_some() && status != Some(ConnectorStatus::Available);
        Ok(Self { status, cut_off, taken })
    }

    /// The name of its words.
    pub(crate) const fn name(self) -> &'static str {
        match self.status {
            _ if self.cut_off => "stall-cut-off",
            Some(ConnectorStatus::Unavailable | ConnectorStatus::Faulted) => "stall-broken",
            Some(ConnectorStatus::SuspendedEv | ConnectorStatus::Finishing) => "stall-charged",
            Some(ConnectorStatus::Charging) => "stall-charges",
            _ if self.taken => "stall-charges",
            Some(ConnectorStatus::Available) => "stall-free",
            Some(ConnectorStatus::Preparing | ConnectorStatus::Occupied | ConnectorStatus::SuspendedEvse) => {
                "stall-waits"
            }
            Some(ConnectorStatus::Reserved) => "stall-reserved",
            None => "stall-silent",
        }
    }

    /// Whether somebody who pays now can charge there: many plug in first, and who has reached a limit pays once more without
    /// unplugging.
    pub(crate) const fn may_pay(self) -> bool {
        let delivers = match self.status {
            Some(
                ConnectorStatus::Unavailable
                | ConnectorStatus::Faulted
                | ConnectorStatus::Reserved
                | ConnectorStatus::Charging
                | ConnectorStatus::SuspendedEv,
            ) => false,
            Some(
                ConnectorStatus::Available
                | ConnectorStatus::Preparing
                // Plugged in without a session: its tag was refused, or is still to be shown.
                | ConnectorStatus::SuspendedEvse
                | ConnectorStatus::Occupied
                | ConnectorStatus::Finishing,
            )
            | None => true,
        };
        delivers && !self.cut_off && !self.taken
    }
}

const fn is_busy(status: ConnectorStatus) -> bool {
    matches!(status, ConnectorStatus::Charging | ConnectorStatus::SuspendedEv | ConnectorStatus::SuspendedEvse)
}

fn idle(language: Language, offer: &Offered, fee_now: Option<bool>) -> Markup {
    let say = |name: &str| text(language, name, &[]);
    html! {
        h2 { (say("stall-after")) }
        @if offer.idle.is_empty() {
            p { (say("stall-stay-free")) }
        } @else {
            p { (text(language, "stall-stay-costs", &[("rules", offer.idle.join("; ").into())])) }
            @match fee_now {
                Some(true) => { p { (say("stall-fee-now")) } }
                Some(false) => { p { (say("stall-no-fee-now")) } }
                None => {}
            }
        }
    }
}

fn pay(language: Language, (charger, connector): (&ChargerId, ConnectorId), offer: &Offered) -> Markup {
    let say = |name: &str| text(language, name, &[]);
    html! {
        p { (text(language, "stall-hold", &[("amount", offer.held.as_str().into())])) }
        form method="post" action="/checkouts" {
            input type="hidden" name="charger" value=(charger);
            input type="hidden" name="connector" value=(connector);
            details {
                summary { (say("stall-limits")) }
                label for="money" { (say("stall-limit-money")) }
                input id="money" name="money" inputmode="decimal" placeholder="15.00";
                label for="kwh" { (say("stall-limit-kwh")) }
                input id="kwh" name="kwh" inputmode="decimal" placeholder="20";
                label for="minutes" { (say("stall-limit-minutes")) }
                input id="minutes" name="minutes" inputmode="numeric" placeholder="90";
                label for="phone" { (say("stall-phone")) }
                input id="phone" name="phone" type="tel" autocomplete="tel" placeholder="+49 151 12345678";
            }
            p { button { (say("pay-by-card")) } }
        }
    }
}

/// Whether a vehicle that stayed longer than it may would pay now; `None` where the site has no idle fee.
async fn fee_now(portal: &Portal, site: &Site, terms: &Terms, now: Timestamp) -> Result<Option<bool>, Problem> {
    let Some(idle) = &terms.idle else { return Ok(None) };
    // A minute, seen by the policy itself without what it grants at the beginning.
    let always = IdlePolicy {
        grace_minutes: 0,
        after_connected_minutes: None,
        waived_if_moved_within_minutes: None,
        ..idle.clone()
    };
    let minute = (now - SignedDuration::from_mins(1), now);
    let occupied = portal.store.occupied(site, terms, minute).await?;
    let billed = always.billed(&[minute], &[minute], &terms.zone(), &occupied);
    Ok(Some(
        billed.iter().any(|part| {
            part.seconds > 0 && part.price_per_minute.is_sign_positive() && !part.price_per_minute.is_zero()
        }),
    ))
}
