//! The pages, as people read them: on a phone first, on paper too.

use jiff::Timestamp;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use plugtill_domain::checkout::{Checkout, CheckoutState, Errand};
use plugtill_domain::language::Language;
use plugtill_domain::session::Outcome;
use plugtill_texts::receipt::Receipt;
use plugtill_texts::{Args, amount, text};

use crate::live::{Live, figures};

/// A driver's page, with the languages that it can be read in.
pub(crate) fn page(language: Language, title: &str, body: &Markup) -> Markup {
    let others = Language::ALL.into_iter().filter(|other| *other != language);
    page_in(
        language,
        title,
        &html! {
            (body)
            nav.languages aria-label=(text(language, "language", &[])) {
                @for other in others {
                    @let code = other.as_str();
                    a href={ "?lang=" (code) } lang=(code) hreflang=(code) { (own_name(other)) }
                }
            }
        },
    )
}

/// What a language calls itself.
const fn own_name(language: Language) -> &'static str {
    match language {
        Language::En => "English",
        Language::De => "Deutsch",
        Language::Fr => "Français",
        Language::Nl => "Nederlands",
        Language::Es => "Español",
    }
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

/// What could not be done. It answers a form too, whose address cannot be opened again in another language.
pub(crate) fn problem(language: Language, what: &str) -> Markup {
    page_in(language, &text(language, "wrong-title", &[]), &html! { p role="alert" { (what) } })
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

/// What became of a checkout, and whether its driver comes from having paid; `session` leads to the session that came of it.
pub(crate) fn checkout(
    language: Language,
    (checkout, has_paid): (&Checkout, bool),
    session: Option<&str>,
    local: impl Fn(Timestamp) -> String,
) -> Markup {
    let name = match (&checkout.state, &checkout.errand) {
        (CheckoutState::Open, Errand::Charge { .. } | Errand::Pay { .. }) if has_paid => "checkout-confirmed",
        (CheckoutState::Open, _) => "checkout-open",
        (CheckoutState::Held, Errand::Charge { .. }) => "checkout-held",
        (CheckoutState::Started(_), _) => "checkout-started",
        (CheckoutState::Releasing | CheckoutState::Released, _) => "checkout-released",
        (CheckoutState::Done, Errand::Pay { .. }) => "checkout-paid",
        (CheckoutState::Done | CheckoutState::Held, _) => "checkout-saved",
        (CheckoutState::Expired, _) => "checkout-expired",
    };
    let (charger, connector) = match &checkout.errand {
        Errand::Charge { charger, connector } => (charger.as_str(), i64::from(connector.0)),
        Errand::Pay { .. } | Errand::SaveCard { .. } => ("", 0),
    };
    let is_started = matches!(checkout.state, CheckoutState::Started(_));
    let until = checkout.held.as_ref().map(|held| local(held.start_before)).unwrap_or_default();
    let args = [
        ("amount", amount(language, checkout.amount).into()),
        ("charger", charger.into()),
        ("connector", connector.into()),
        ("until", until.into()),
    ];
    page(
        language,
        &text(language, name, &[]),
        &html! {
            p #what role="status" data-again=(name) { (text(language, &format!("{name}.what"), &args)) }
            @if let Some(link) = session {
                p { a href=(link) data-on[is_started] { (text(language, "checkout-session", &[])) } }
            }
            @if matches!(checkout.state, CheckoutState::Open | CheckoutState::Held) || is_started { script src="/live.js" defer {} }
        },
    )
}

pub(crate) fn card(language: Language, site: &str, link: &str) -> Markup {
    let save = text(language, "card-save", &[]);
    page(
        language,
        &save,
        &html! {
            p { (text(language, "card-what", &[("site", site.into())])) }
            form method="post" action=(format!("/cards/{link}")) { button { (save) } }
        },
    )
}

/// A session: how it stands, and what it came to.
/// `asked`: since when the operator has been told that something is wrong.
pub(crate) fn session(
    language: Language,
    receipt: &Receipt,
    live: Option<&Live>,
    asked: Option<&str>,
    link: &str,
) -> Markup {
    let shown = Shown { language, receipt, link };
    let title = receipt.number.as_ref().map_or_else(
        || shown.say("session-title"),
        |number| shown.tell("receipt-title", &[("number", number.as_str().into())]),
    );
    page(
        language,
        &title,
        &html! {
            (shown.owed())
            @if let Some(live) = live {
                section aria-live="polite" data-live={ "/sessions/" (link) "/live" } { (figures(language, live)) }
                script src="/live.js" defer {}
            }
            (shown.parties())
            @match &receipt.bill {
                Some(bill) => { h2 { (shown.say("session-cost")) } (bill.to_html()) }
                None => { p { (shown.say("session-unbilled")) } }
            }
            (shown.money())
            p { (shown.outcome()) }
            @if let Some(closed) = &receipt.closed { p { (shown.note(closed)) } }
            (shown.meter())
            (shown.ask(asked))
            p.screen { a href=(format!("/sessions/{link}/receipt.json")) { (shown.say("session-data")) } }
        },
    )
}

/// The parts of a session's page.
struct Shown<'a> {
    language: Language,
    receipt: &'a Receipt,
    link: &'a str,
}

impl Shown<'_> {
    fn say(&self, name: &str) -> String {
        self.tell(name, &[])
    }

    fn tell(&self, name: &str, args: &Args<'_>) -> String {
        text(self.language, name, args)
    }

    fn note(&self, words: &str) -> String {
        self.tell("session-note", &[("text", words.into())])
    }

    fn meter(&self) -> Markup {
        let signed = &self.receipt.signed;
        let reading = self.say("session-signed-reading");
        html! {
            @if !signed.is_empty() {
                h2 { (self.say("session-signed")) }
                table {
                    @for value in signed {
                        tr { th scope="row" { (value.context.as_ref().unwrap_or(&reading)) } td { (value.verdict) } }
                    }
                }
                p { a href=(format!("/sessions/{}/signed.xml", self.link)) { (self.say("session-signed-file")) } }
            }
        }
    }

    fn ask(&self, asked: Option<&str>) -> Markup {
        html! {
            section.screen {
                @if let Some(at) = asked {
                    p role="status" { (self.tell("ask-sent", &[("at", at.into())])) }
                } @else {
                    details {
                        summary { (self.say("ask-title")) }
                        p { (self.say("ask-what")) }
                        form method="post" action=(format!("/sessions/{}/questions", self.link)) {
                            label for="words" { (self.say("ask-words")) }
                            textarea id="words" name="words" rows="4" required maxlength="500" {}
                            label for="reach" { (self.say("ask-reach")) }
                            input id="reach" name="reach" maxlength="100" autocomplete="email";
                            p { button { (self.say("ask-send")) } }
                        }
                    }
                }
            }
        }
    }

    fn owed(&self) -> Markup {
        html! {
            @if let Some(amount) = &self.receipt.owed {
                section.owed {
                    p { (self.say("session-owed")) " " strong { (amount) } }
                    form method="post" action=(format!("/sessions/{}/payments", self.link)) {
                        button { (self.say("pay-by-card")) }
                    }
                }
            }
        }
    }

    fn parties(&self) -> Markup {
        let receipt = self.receipt;
        let row = |name: &str, value: Option<&String>| {
            html! { @if let Some(value) = value { tr { th scope="row" { (self.say(name)) } td { (value) } } } }
        };
        let place = [
            ("site", receipt.site.as_str().into()),
            ("charger", receipt.charger.as_str().into()),
            ("connector", i64::from(receipt.connector).into()),
        ];
        html! {
            table {
                (row("session-by", Some(&receipt.operator.name)))
                (row("session-address", receipt.operator.address.as_ref()))
                (row("session-tax-id", receipt.operator.tax_id.as_ref()))
                (row("session-contact", receipt.operator.contact.as_ref()))
                (row("session-place", Some(&self.tell("stall-title", &place))))
                (row("session-from", Some(&receipt.started_at)))
                (row("session-until", receipt.ended_at.as_ref()))
                (row("session-energy", receipt.energy_kwh.as_ref()))
                (row("session-for", receipt.buyer.name.as_ref()))
                (row("session-address", receipt.buyer.address.as_ref()))
                (row("session-tax-id", receipt.buyer.tax_id.as_ref()))
            }
        }
    }

    fn money(&self) -> Markup {
        let note = |number: Option<&str>| self.tell("session-credit", &[("number", number.unwrap_or_default().into())]);
        html! {
            @if !self.receipt.moves.is_empty() {
                h2 { (self.say("session-card")) }
                table.money {
                    @for moved in &self.receipt.moves {
                        tr { th scope="row" { (moved.what) small { (moved.state) } } td { (moved.amount) } }
                    }
                }
            }
            @for credit in &self.receipt.credits {
                h2 { (note(credit.number.as_deref())) }
                table.money { tr { th scope="row" { (credit.reason) small { (credit.at) } } td { (credit.amount) } } }
            }
        }
    }

    fn outcome(&self) -> String {
        let what = self.say(match self.receipt.outcome {
            Outcome::Open => "outcome-open",
            Outcome::Captured => "outcome-captured",
            Outcome::Waived => "outcome-waived",
            Outcome::Uncollectable => "outcome-uncollectable",
            Outcome::Quarantined => "outcome-quarantined",
        });
        self.receipt.reason.as_ref().map_or_else(|| what.clone(), |reason| format!("{what} {}", self.note(reason)))
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
