//! The Stripe simulator's hosted page, for drivers on one machine: as much of Stripe's as it takes to pay or not to.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{DOCTYPE, html};
use serde::Deserialize;

use crate::stripe_simulator::{Buyer, StripeSimulator};

/// Where the pages are, below the address of the portal.
pub(crate) const PATH: &str = "/simulator/pay";

/// Test cards that drivers may want to try (docs.stripe.com/testing).
const CARDS: [(&str, &str); 5] = [
    ("pm_card_visa", "4242 4242 4242 4242, pays"),
    ("pm_card_chargeDeclinedInsufficientFunds", "4000 0000 0000 9995, insufficient funds"),
    ("pm_card_chargeDeclinedExpiredCard", "4000 0000 0000 0069, expired"),
    ("pm_card_authenticationRequired", "4000 0025 0000 3155, asks the cardholder"),
    ("pm_card_chargeCustomerFail", "4000 0000 0000 0341, is saved and declines later"),
];

#[derive(Deserialize)]
struct Paying {
    card: String,
    #[serde(default)]
    email: String,
}

/// The pages of a simulator.
pub(crate) fn router(simulator: Arc<StripeSimulator>) -> axum::Router {
    axum::Router::new().route(&format!("{PATH}/{{page}}"), get(show).post(pay)).with_state(simulator)
}

async fn show(State(simulator): State<Arc<StripeSimulator>>, Path(page): Path<String>) -> Response {
    shown(&simulator, &page, None)
}

fn shown(simulator: &StripeSimulator, page: &str, problem: Option<&str>) -> Response {
    let Some(offer) = simulator.offer(page) else {
        return (StatusCode::NOT_FOUND, "there is no such page, or its time is over").into_response();
    };
    let body = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" href="data:,";
                title { "Pay (simulated)" }
            }
            body { main {
                h1 { (offer.what()) }
                p { "This page stands in for Stripe's: no card is asked for and no money moves." }
                @if let Some(problem) = problem { p role="alert" { (problem.replace('_', " ")) } }
                form method="post" {
                    label { "Test card " select name="card" {
                        @for (card, name) in CARDS { option value=(card) { (name) } }
                    } }
                    p { label { "E-mail for the receipt " input type="email" name="email"; } }
                    button { "Pay" }
                }
                p { a href=(offer.back) { "Back" } }
            } }
        }
    };
    Html(body.into_string()).into_response()
}

async fn pay(
    State(simulator): State<Arc<StripeSimulator>>,
    Path(page): Path<String>,
    Form(paying): Form<Paying>,
) -> Response {
    let Some(offer) = simulator.offer(&page) else { return shown(&simulator, &page, None) };
    let buyer = Buyer { email: Some(paying.email).filter(|email| !email.is_empty()), ..Buyer::default() };
    match simulator.pay(&page, &paying.card, true, &buyer) {
        Ok(()) => Redirect::to(&offer.back).into_response(),
        Err(problem) => shown(&simulator, &page, Some(&problem.to_string())),
    }
}
