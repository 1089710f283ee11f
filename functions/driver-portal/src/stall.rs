//! A stall, as the code on it leads to it: its price before anything else, whether it is free, and a way to pay.

use axum::extract::{Path, State};
use axum::response::Html;
use jiff::SignedDuration;
use jiff::Timestamp;
use maud::{Markup, html};
use plugtill_domain::evidence::ConnectorStatus;
use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag};
use plugtill_domain::offer::{Offer, Price};
use plugtill_domain::site::{Site, Terms};

use crate::{Portal, Problem, Shared, checkout, page};

/// A status that is older says nothing any more.
const RECENT: SignedDuration = SignedDuration::from_hours(24 * 7);

pub(crate) async fn show(
    State(portal): Shared,
    Path((charger, connector)): Path<(String, u32)>,
) -> Result<Html<String>, Problem> {
    let charger: ChargerId = charger.parse().map_err(|_| Problem::NoStall)?;
    let connector = ConnectorId(connector);
    let (sites, index) = portal.directory.site_of(&charger).await?.ok_or(Problem::NoStall)?;
    let site = &sites.get(index).ok_or(Problem::NoStall)?.site;
    let entry = site.connector(&charger, connector).filter(|_| connector.0 > 0).ok_or(Problem::NoStall)?;
    let (now, anybody) = (portal.clock.now(), checkout::draw()?);
    let offered = terms(site, (&charger, connector), &anybody, now)
        .map(|terms| (Offer::of(&terms, entry.max_power_w, now), terms));
    let state = portal.store.status_after(&charger, connector, now - RECENT).await?;
    let fee_now = match &offered {
        Some((_, terms)) => fee_now(&portal, site, terms, now).await?,
        None => None,
    };
    let title = format!("{}, charger {charger}, connector {connector}", site.name);
    let body = html! {
        @match &offered {
            Some((offer, _)) => { (prices(offer)) (availability(state)) (idle(offer, fee_now)) (pay(&charger, connector, offer)) }
            None => { p role="alert" { "This stall has no price at the moment, so it cannot be paid for here. Please ask the operator." } }
        }
        @if let Some(contact) = site.operator.as_ref().and_then(|operator| operator.contact.as_ref()) {
            p { "Questions: " (contact) }
        }
    };
    Ok(Html(page::page(&title, &body).into_string()))
}

fn terms(site: &Site, place: (&ChargerId, ConnectorId), tag: &IdTag, now: Timestamp) -> Option<Terms> {
    site.terms_at(place, tag, now).map(|index| site.terms_of(index))
}

fn prices(offer: &Offer) -> Markup {
    let line = |price: &Price| {
        let (amount, per) = price.price.split_once(" per ").unwrap_or((&price.price, ""));
        html! {
            p.price { (amount) " " small { "per " (per) @if !price.when.is_empty() { ", " (price.when.join(", ")) } } }
        }
    };
    html! {
        section aria-label="Price" {
            @for price in &offer.prices { (line(price)) }
            @for note in &offer.notes { p { (note) } }
            @if let Some(example) = &offer.example {
                p { "For example, " (example.kwh) " kWh from now on, at full power " (example.minutes) " minutes: " strong { (example.total) } "." }
            }
        }
    }
}

fn availability(status: Option<ConnectorStatus>) -> Markup {
    let words = match status {
        Some(ConnectorStatus::Available) => "This stall is free.",
        Some(ConnectorStatus::Preparing | ConnectorStatus::Occupied) => {
            "A vehicle is plugged in and does not charge yet."
        }
        Some(ConnectorStatus::Charging | ConnectorStatus::SuspendedEvse) => "A vehicle is charging here.",
        Some(ConnectorStatus::SuspendedEv | ConnectorStatus::Finishing) => {
            "A vehicle has charged here and is still plugged in."
        }
        Some(ConnectorStatus::Reserved) => "This stall is reserved.",
        Some(ConnectorStatus::Unavailable | ConnectorStatus::Faulted) => {
            "This stall is out of order at the moment. Please take another one."
        }
        None => "Nothing has been heard of this stall lately: whether it is free is to be seen on it.",
    };
    html! { h2 { "Now" } p role="status" { (words) } }
}

fn idle(offer: &Offer, fee_now: Option<bool>) -> Markup {
    html! {
        h2 { "When the vehicle has charged" }
        @if offer.idle.is_empty() {
            p { "It costs nothing to stay plugged in." }
        } @else {
            p { "Staying plugged in costs " (offer.idle.join("; ")) "." }
            @match fee_now {
                Some(true) => { p { "At this hour the fee applies." } }
                Some(false) => { p { "At this hour it costs nothing to stay." } }
                None => {}
            }
        }
    }
}

fn pay(charger: &ChargerId, connector: ConnectorId, offer: &Offer) -> Markup {
    html! {
        h2 { "Charge and pay by card" }
        p { (offer.held) " are reserved on your card now. What charging costs is taken of it at the end, and the rest is given back." }
        form method="post" action="/checkouts" {
            input type="hidden" name="charger" value=(charger);
            input type="hidden" name="connector" value=(connector);
            details {
                summary { "Stop by itself, or be told by text message" }
                label for="money" { "Stop when it costs" }
                input id="money" name="money" inputmode="decimal" placeholder="15.00";
                label for="kwh" { "Stop after so many kWh" }
                input id="kwh" name="kwh" inputmode="decimal" placeholder="20";
                label for="minutes" { "Stop after so many minutes" }
                input id="minutes" name="minutes" inputmode="numeric" placeholder="90";
                label for="phone" { "Tell me at this telephone when it has charged, before an idle fee, and of the receipt" }
                input id="phone" name="phone" type="tel" autocomplete="tel" placeholder="+49 151 12345678";
            }
            p { button { "Pay by card" } }
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
