//! *Session*: what the charger said beside what it came to and where the money went.

use axum::extract::{Path, State};
use axum::response::Html;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::access::Role;
use plugtill_domain::ledger::Entry;
use plugtill_domain::money::Money;
use plugtill_domain::payment::{Payment, PaymentState};
use plugtill_domain::session::{Reason, Session};

use super::frame::{framed, local, moment, when};
use super::orders::Decision;
use super::session_link;
use crate::access::Caller;
use crate::problem::Problem;
use crate::story::{self, Story};
use crate::{Console, Shared, words};

/// More moments are not told one by one: the API has them all.
const MOST_MOMENTS: usize = 150;

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Html<String>, Problem> {
    let story = story::story(&console, &caller, &id).await?;
    let (session, zone) = (&story.session, story.site.terms.zone());
    let place = words::place(&story.site.name, session.id.charger.as_str(), session.id.connector.0);
    let body = html! {
        (facts(&console, &story, &zone))
        @if caller.may(Role::Manager) { (actions(session)) }
        div.sides {
            section { h2 { (words::BILL) } (bill(&story)) (money(&story)) (postings(&story.postings, &zone)) }
            section { h2 { (words::TIMELINE) } (timeline(&story, &zone)) }
        }
    };
    let title = format!("{place}, {}", local(session.id.started_at, &zone));
    Ok(Html(framed(&caller, &title, "/console/sessions", &body).into_string()))
}

fn facts(console: &Console, story: &Story, zone: &TimeZone) -> Markup {
    let session = &story.session;
    html! {
        dl {
            dt { (words::OUTCOME) }
            dd { strong { (words::standing(session)) } @if let Some(reason) = &session.reason { small { (words::reason(reason)) } } }
            @if let Some(why) = session.contradicted { dt { (words::CONTRADICTED) } dd { (words::reason(&Reason::Implausible(why))) } }
            dt { (words::UNTIL) }
            dd { @if let Some(at) = session.ended_at() { (when(at, zone)) } @else { (words::RUNS) } }
            dt { (words::TAG) }
            dd { a href=(format!("/console/sessions?text={}", super::escaped(session.id_tag().as_str()))) { (session.id_tag()) } }
            @if let Some(number) = &session.receipt_number { dt { (words::RECEIPT) } dd { (number) } }
            @if session.uncollectable.is_positive() { dt { (words::OWED) } dd { (session.uncollectable) } }
        }
        p { a href=(console.desk.links.session_page(&session.id)) rel="noreferrer" { (words::DRIVERS_PAGE) } }
    }
}

/// What can be ordered of it as it stands.
fn actions(session: &Session) -> Markup {
    let here = session_link(&session.id.to_string());
    let suits = Decision::ALL.into_iter().filter(|decision| decision.suits(session));
    html! {
        nav.row aria-label=(words::ACTIONS) {
            @if session.billed().is_positive() { a.button href=(format!("{here}/credit")) { (words::GIVE_BACK) } }
            @for decision in suits { a.button href=(format!("{here}/{}", decision.path())) { (decision.title()) } }
        }
    }
}

fn bill(story: &Story) -> Markup {
    html! {
        @match &story.receipt.bill {
            Some(bill) => (bill.to_html()),
            None => p.card { (words::NO_BILL) },
        }
    }
}

fn money(story: &Story) -> Markup {
    let session = &story.session;
    html! {
        h2 { (words::MONEY) }
        @if session.payments.is_empty() { p.card { (words::NO_MONEY) } }
        @else {
            table { tbody { @for payment in &session.payments { (moved(payment)) } } }
        }
        @if !session.credits.is_empty() {
            h2 { (words::CREDITS) }
            table { tbody { @for credit in &session.credits { tr {
                th scope="row" { (words::credit_note(credit.number.as_deref(), &credit.by, &credit.reason)) }
                td.amount { (credit.total) }
            } } } }
        }
    }
}

fn moved(payment: &Payment) -> Markup {
    let state = match &payment.state {
        PaymentState::Intended(_) => words::ON_ITS_WAY.to_owned(),
        PaymentState::Done(_) => words::DONE.to_owned(),
        PaymentState::Refused(code) => words::refused(code),
    };
    html! {
        tr {
            th scope="row" {
                (words::purpose(payment.purpose))
                small { (state) @if let Some(intent) = &payment.intent { " · " code { (intent) } } }
            }
            td.amount { (payment.amount) }
        }
    }
}

fn postings(entries: &[Entry], zone: &TimeZone) -> Markup {
    html! {
        h2 { (words::POSTINGS) }
        @if entries.is_empty() { p.card { (words::NO_POSTINGS) } }
        @for entry in entries {
            table {
                thead { tr { th scope="col" { (when(entry.at, zone)) } th.amount scope="col" { (entry.currency) } } }
                tbody { @for (account, minor) in &entry.legs { tr {
                    th scope="row" { (words::account(*account)) }
                    td.amount { (Money::new(*minor, entry.currency).to_decimal()) }
                } } }
            }
        }
    }
}

fn timeline(story: &Story, zone: &TimeZone) -> Markup {
    html! {
        ol.line {
            @for told in story.timeline.iter().take(MOST_MOMENTS) {
                li { (moment(told.at, zone)) " " (words::moment(&told.what)) }
            }
        }
        @if story.timeline.len() > MOST_MOMENTS { p { (words::more_moments(story.timeline.len() - MOST_MOMENTS)) } }
    }
}
