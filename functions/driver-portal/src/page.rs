//! The pages, as people read them: on a phone first, on paper too.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use plugtill_domain::checkout::{Checkout, CheckoutState, Errand};
use plugtill_domain::language::Language;
use plugtill_domain::session::Outcome;

use plugtill_domain::receipt::Receipt;

use crate::live::{Live, figures};

pub(crate) fn page(title: &str, body: &Markup) -> Markup {
    page_in(Language::En, title, body)
}

fn page_in(language: Language, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href="/style.css";
            }
            body { main { h1 { (title) } (body) } }
        }
    }
}

pub(crate) fn problem(what: &str) -> Markup {
    page("This did not work", &html! { p role="alert" { (what) } })
}

/// An incident, and the button for whoever looks after it.
pub(crate) fn incident(language: Language, told: &plugtill_texts::Page, name: &str) -> Markup {
    let body = html! {
        @for line in told.lines.iter().filter(|line| !line.is_empty()) { p { (line) } }
        @if let Some(acknowledged) = &told.acknowledged { p role="status" { (acknowledged) } }
        @if let Some([label, button]) = &told.ask {
            form method="post" action={ "/i/" (name) } {
                p { label { (label) " " input name="by" required maxlength="60" autocomplete="name"; } }
                button { (button) }
            }
        }
    };
    page_in(language, &told.title, &body)
}

/// What became of a checkout; `session` leads to the session that came of it.
pub(crate) fn checkout(checkout: &Checkout, session: Option<&str>, local: impl Fn(Timestamp) -> String) -> Markup {
    let (title, what) = match (&checkout.state, &checkout.errand) {
        (CheckoutState::Open, _) => {
            ("Waiting for your payment", "Finish at the payment page, then come back here.".to_owned())
        }
        (CheckoutState::Held, Errand::Charge { charger, connector }) => {
            let until = checkout.held.as_ref().map(|held| local(held.start_before)).unwrap_or_default();
            (
                "Plug in and start",
                format!(
                    "{} is reserved on your card. Plug in at charger {charger}, connector {connector}, before {until}; otherwise \
                 the reservation is given back.",
                    checkout.amount
                ),
            )
        }
        (CheckoutState::Started(_), _) => ("Charging", "Your session has started.".to_owned()),
        (CheckoutState::Releasing | CheckoutState::Released, _) => (
            "Reservation given back",
            format!(
                "Charging did not start in time. {} is free again; your bank may take some days \
             to show it.",
                checkout.amount
            ),
        ),
        (CheckoutState::Done, Errand::Pay { .. }) => ("Paid", "Thank you: nothing is owed any more.".to_owned()),
        (CheckoutState::Done | CheckoutState::Held, _) => ("Card saved", "Thank you.".to_owned()),
        (CheckoutState::Expired, _) => {
            ("Not paid", "The payment page was left or has closed. Nothing was charged.".to_owned())
        }
    };
    page(
        title,
        &html! {
            p { (what) }
            @if let Some(link) = session { nav { a href=(link) { "See the session and its receipt" } } }
        },
    )
}

pub(crate) fn card(site: &str, link: &str) -> Markup {
    page(
        "Save a card",
        &html! {
            p { "Charging at " (site) " is then paid by this card, whenever your tag starts it. You give the card at Stripe's page; \
                 nobody else sees it. Nothing is charged now." }
            form method="post" action=(format!("/cards/{link}")) { button { "Save a card" } }
        },
    )
}

/// A session: how it stands, and what it came to.
pub(crate) fn session(receipt: &Receipt, live: Option<&Live>, link: &str) -> Markup {
    let title = receipt.number.as_ref().map_or_else(|| "Your session".to_owned(), |number| format!("Receipt {number}"));
    page(
        &title,
        &html! {
            (owed(receipt, link))
            @if let Some(live) = live {
                section aria-live="polite" data-live={ "/sessions/" (link) "/live" } { (figures(live)) }
                script src="/live.js" defer {}
            }
            (parties(receipt))
            @match &receipt.bill {
                Some(bill) => { h2 { "What it cost" } (PreEscaped(bill.to_html())) }
                None => { p { "The bill is made when the session has ended." } }
            }
            (money(receipt))
            p { (outcome(receipt)) }
            @if let Some(closed) = &receipt.closed { p { "Note: " (closed) "." } }
            (meter(receipt, link))
            nav { a href=(format!("/sessions/{link}/receipt.json")) { "The same as data (JSON)" } }
        },
    )
}

fn meter(receipt: &Receipt, link: &str) -> Markup {
    html! {
        @if !receipt.signed.is_empty() {
            h2 { "What the meter signed" }
            table {
                @for value in &receipt.signed {
                    tr { th scope="row" { (value.context.as_deref().unwrap_or("reading")) } td { (value.verdict) } }
                }
            }
            p { a href=(format!("/sessions/{link}/signed.xml")) { "Download, to check it with the transparency software" } }
        }
    }
}

/// The signed values as SAFE's transparency software reads them.
pub(crate) fn signed(receipt: &Receipt) -> Markup {
    html! {
        (PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
        values {
            @for value in &receipt.signed {
                value {
                    signedData format="OCMF" encoding="plain" { (value.text) }
                    @if let Some(key) = &value.public_key { publicKey encoding="plain" { (key) } }
                }
            }
        }
    }
}

fn owed(receipt: &Receipt, link: &str) -> Markup {
    html! {
        @if let Some(amount) = &receipt.owed {
            section.owed {
                p { "Still to be paid: " strong { (amount) } }
                form method="post" action=(format!("/sessions/{link}/payments")) { button { "Pay by card" } }
            }
        }
    }
}

fn parties(receipt: &Receipt) -> Markup {
    let row = |name: &str, value: Option<&String>| {
        html! { @if let Some(value) = value { tr { th scope="row" { (name) } td { (value) } } } }
    };
    html! {
        table {
            (row("Delivered by", Some(&receipt.operator.name)))
            (row("Address", receipt.operator.address.as_ref()))
            (row("Tax number", receipt.operator.tax_id.as_ref()))
            (row("Questions", receipt.operator.contact.as_ref()))
            (row("Place", Some(&format!("{}, charger {}, connector {}", receipt.site, receipt.charger, receipt.connector))))
            (row("From", Some(&receipt.started_at)))
            (row("Until", receipt.ended_at.as_ref()))
            (row("Energy in kWh", receipt.energy_kwh.as_ref()))
            (row("For", receipt.buyer.name.as_ref()))
            (row("Address", receipt.buyer.address.as_ref()))
            (row("Tax number", receipt.buyer.tax_id.as_ref()))
        }
    }
}

fn money(receipt: &Receipt) -> Markup {
    html! {
        @if !receipt.moves.is_empty() {
            h2 { "Your card" }
            table.money {
                @for moved in &receipt.moves {
                    tr { th scope="row" { (moved.what) small { (moved.state) } } td { (moved.amount) } }
                }
            }
        }
        @for credit in &receipt.credits {
            h2 { "Credit note " (credit.number.as_deref().unwrap_or_default()) }
            table.money { tr { th scope="row" { (credit.reason) small { (credit.at) } } td { (credit.amount) } } }
        }
    }
}

fn outcome(receipt: &Receipt) -> String {
    let what = match receipt.outcome {
        Outcome::Open => "The session is not settled yet.",
        Outcome::Captured => "Paid.",
        Outcome::Waived => "Nothing has to be paid.",
        Outcome::Uncollectable => "Not paid yet.",
        Outcome::Quarantined => {
            "The charger's readings contradict each other. Nothing is charged until somebody has looked."
        }
    };
    receipt.reason.as_ref().map_or_else(|| what.to_owned(), |reason| format!("{what} Note: {reason}."))
}
