//! *Chargers*: who is let in, how they are, what they are told.

use std::collections::BTreeMap;

use axum::extract::{Form, Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};
use plugtill_domain::access::Role;
use plugtill_domain::command::{Command, CommandState, Order};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdError, SiteId};
use plugtill_domain::site::{ANY_CHARGER, ConnectorEntry};
use plugtill_domain::units::Watts;
use plugtill_operator::{Answer, Listed, NewCharger, Request, Telling};
use serde::Deserialize;

use super::frame::{framed, when};
use super::{escaped, hidden};
use crate::access::Caller;
use crate::asked::Asked;
use crate::problem::Problem;
use crate::{Console, Shared, codes, look, now, words};

const HERE: &str = "/console/chargers";
/// Chargers on a page, and commands.
const MOST: usize = 100;

/// A charger to be let in, as the form says it.
#[derive(Debug, Deserialize)]
pub(crate) struct Adding {
    id: String,
    site: String,
    connectors: String,
}

/// What a charger is to be told, as the form says it.
#[derive(Debug, Deserialize)]
pub(crate) struct Ordering {
    order: String,
    #[serde(default)]
    connector: String,
    #[serde(default)]
    confirmed: bool,
}

pub(crate) async fn show(
    State(console): Shared,
    caller: Caller,
    Query(given): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, Problem> {
    let asked = Asked::of(given, &["after"])?;
    let (found, next) = look::some_chargers(&console, &caller, (asked.text("after"), MOST)).await?;
    let sites = now::sites(&console, &caller, None).await?;
    let body = html! {
        p.row {
            @if caller.may(Role::Manager) { a.button href="/console/chargers/new" { (words::LET_IN) } }
            @for known in &sites { a.button href=(format!("/console/codes/{}", escaped(known.site.id.as_str()))) { (words::codes_of(&known.site.name)) } }
        }
        @if found.is_empty() { p.card { (words::NO_CHARGERS) } } @else {
            table.stack {
                thead { tr {
                    th scope="col" { (words::CHARGER) } th scope="col" { (words::SITE) } th scope="col" { (words::SPEAKS) }
                    th scope="col" { (words::CONNECTION) } th scope="col" { (words::HEARD) }
                } }
                tbody { @for listed in &found { (row(listed)) } }
            }
        }
        (super::more(next.as_deref(), &format!("{HERE}?")))
    };
    Ok(Html(framed(&caller, words::CHARGERS, HERE, &body).into_string()))
}

fn row(listed: &Listed) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if listed.charger == ANY_CHARGER { (words::ANY_CHARGER_IS) }
                @else { a href=(format!("{HERE}/{}", escaped(&listed.charger))) { (listed.charger) } }
            }
            td { (listed.site) small { (words::connectors(listed.connectors)) } }
            td { (listed.ocpp.map_or(words::NOT_YET, words::dialect)) }
            td { (words::connection(listed.connected)) }
            td { @if let Some(at) = listed.heard_at { (when(at, &TimeZone::UTC)) " UTC" } }
        }
    }
}

/// Codes to print for the stalls of a site.
pub(crate) async fn codes(
    State(console): Shared,
    caller: Caller,
    Path(site): Path<String>,
) -> Result<Html<String>, Problem> {
    let missing = || Problem::not_found(words::no_site(&site));
    let id: SiteId = site.parse().map_err(|_| missing())?;
    let [known] = now::sites(&console, &caller, Some(&id)).await?.try_into().map_err(|_| missing())?;
    let (base, at) = (console.desk.links.base_url(), console.desk.clock.now());
    let stalls = codes::stalls(&known.site, base, at).map_err(|error| Problem::refused(error.to_string()))?;
    let body = html! {
        @if stalls.is_empty() { p.card { (words::NO_CODES) } } @else {
            p.dim.on-screen { (words::PRINT_CODES) }
            div.codes { @for stall in &stalls { (stall) } }
        }
    };
    Ok(Html(framed(&caller, &words::codes_of(&known.site.name), HERE, &body).into_string()))
}

pub(crate) async fn add_form(State(console): Shared, caller: Caller) -> Result<Html<String>, Problem> {
    let sites = now::sites(&console, &caller, None).await?;
    let body = html! {
        form.fields.narrow method="post" action="/console/chargers/new" {
            (hidden("csrf", &caller.token))
            label { (words::CHARGERS_NAME) input name="id" required maxlength="48" autocomplete="off"; }
            label { (words::SITE) select name="site" { @for known in &sites { option value=(known.site.id) { (known.site.name) } } } }
            label { (words::ITS_CONNECTORS) input name="connectors" required placeholder="1:22000 2:22000" autocomplete="off"; }
            div.row { button.first { (words::LET_IN) } a.button href=(HERE) { (words::BACK) } }
        }
        p.dim { (words::LETS_IN_ANEW) }
    };
    Ok(Html(framed(&caller, words::LET_IN, HERE, &body).into_string()))
}

pub(crate) async fn add(
    State(console): Shared,
    caller: Caller,
    Form(asked): Form<Adding>,
) -> Result<Html<String>, Problem> {
    let wrong = |field, value: &str, error: String| Problem::field(field, value, error, words::LOOK_AT_LABEL);
    let site: SiteId = asked.site.parse().map_err(|error: IdError| wrong("site", &asked.site, error.to_string()))?;
    now::sites(&console, &caller, Some(&site)).await?;
    let id: ChargerId = asked.id.trim().parse().map_err(|error: IdError| wrong("id", &asked.id, error.to_string()))?;
    // Somebody else's charger is not moved here by its name.
    if look::site_of(&console, id.as_str()).await?.is_some_and(|site| !caller.sees(Some(&site))) {
        return Err(Problem::refused(words::NAME_TAKEN.to_owned()));
    }
    let connectors = connectors(&asked.connectors)?;
    let new = NewCharger { id, site, connectors, password: None, by: caller.name.to_string() };
    let Answer::Added(added) = look::asked(&console, Request::AddCharger(new)).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let body = html! {
        p role="status" { (words::SHOWN_ONCE) }
        dl {
            dt { (words::CHARGERS_NAME) } dd { code { (added.charger) } }
            dt { (words::PASSWORD) } dd { code { (added.password) } }
        }
        (steps(&console, &added.charger))
        p.row { a.button href=(format!("{HERE}/{}", escaped(added.charger.as_str()))) { (words::LOOK_AT_CHARGER) } }
    };
    Ok(Html(framed(&caller, words::MAY_CONNECT, HERE, &body).into_string()))
}

/// What is entered on a charger, with this installation's own addresses where they are known.
/// Where chargers connect to this installation itself, what is entered on them; else how AWS IoT is told of one.
fn steps(console: &Console, charger: &ChargerId) -> Markup {
    html! {
        ol {
            @if console.endpoints.is_empty() {
                li { (words::REGISTER_IT) " " code { "aws iot create-thing --thing-name " (charger) } }
                li { (words::CERTIFY_IT) }
                li { (words::TOPICS) ": " code { (charger) "/in" } ", " code { (charger) "/out" } "." }
                li { (words::BY_GATEWAY) }
            } @else {
                li { (words::CHOOSE_DIALECT) }
                li {
                    (words::ENTER_ADDRESS)
                    @for (index, endpoint) in console.endpoints.iter().enumerate() {
                        @if index > 0 { ", " } @else { ": " } code { (endpoint) }
                    }
                    "."
                }
                li { (words::ENTER_PASSWORD) }
                li { (words::RESTART_IT) }
            }
        }
    }
}

/// `1:22000 2:22000`.
fn connectors(text: &str) -> Result<Vec<ConnectorEntry>, Problem> {
    let one = |part: &str| {
        let (id, watts) = part.split_once(':')?;
        Some(ConnectorEntry { id: ConnectorId(id.parse().ok()?), max_power_w: Watts(watts.parse().ok()?) })
    };
    let parts = text.split([' ', ',']).filter(|part| !part.is_empty());
    let read = parts.map(|part| {
        one(part).ok_or_else(|| Problem::field("connectors", part, words::NO_CONNECTOR, words::GIVE_CONNECTORS))
    });
    read.collect()
}

pub(crate) async fn one(
    State(console): Shared,
    caller: Caller,
    Path(charger): Path<String>,
) -> Result<Html<String>, Problem> {
    let (listed, charger) = seen(&console, &caller, &charger).await?;
    let Answer::Told(told) = look::asked(&console, Request::Told { charger: charger.clone() }).await? else {
        return Err(Problem::not_found(words::NOT_FOUND[1]));
    };
    let body = html! {
        dl {
            dt { (words::SITE) } dd { (listed.site) }
            dt { (words::SPEAKS) } dd { (listed.ocpp.map_or(words::NOT_YET, words::dialect)) }
            dt { (words::CONNECTION) } dd { (words::connection(listed.connected)) }
            dt { (words::HEARD) } dd { @if let Some(at) = listed.heard_at { (when(at, &TimeZone::UTC)) " UTC" } @else { (words::NOT_YET) } }
        }
        p.row { a.button href=(format!("/console/sessions?charger={}", escaped(charger.as_str()))) { (words::ITS_SESSIONS) } }
        @if caller.may(Role::Manager) { h2 { (words::TELL_IT) } (tell(&caller, &charger, listed.connectors)) }
        @if listed.connected != Some(true) { details { summary { (words::CONNECT) } (steps(&console, &charger)) } }
        h2 { (words::WHAT_IT_WAS_TOLD) }
        @if told.is_empty() { p.card { (words::TOLD_NOTHING) } }
        @else { table.stack { tbody { @for command in told.iter().rev().take(MOST) { (command_row(command)) } } } }
    };
    Ok(Html(framed(&caller, &words::of_charger(charger.as_str(), None), HERE, &body).into_string()))
}

/// What a person can tell it; each with the value of its field.
const ORDERS: [(&str, &str); 4] = [
    ("stop", words::TELL_STOP),
    ("unlock", words::TELL_UNLOCK),
    ("status", words::TELL_STATUS),
    ("meter", words::TELL_METER),
];

fn tell(caller: &Caller, charger: &ChargerId, connectors: usize) -> Markup {
    html! {
        form.fields method="post" action=(format!("{HERE}/{}", escaped(charger.as_str()))) {
            (hidden("csrf", &caller.token))
            label { (words::WHAT_TO_DO) select name="order" { @for (order, label) in ORDERS { option value=(order) { (label) } } } }
            label { (words::CONNECTOR) select name="connector" { @for number in 1..=connectors.max(1) { option { (number) } } } }
            div { button { (words::LOOK_FIRST) } }
        }
    }
}

pub(crate) async fn order(
    State(console): Shared,
    caller: Caller,
    Path(charger): Path<String>,
    Form(asked): Form<Ordering>,
) -> Result<Response, Problem> {
    let (_, charger) = seen(&console, &caller, &charger).await?;
    let here = format!("{HERE}/{}", escaped(charger.as_str()));
    let label = label(&asked.order)?;
    let number = asked.connector.parse();
    let connector = number
        .map_err(|_| Problem::field("connector", &asked.connector, words::NO_CONNECTOR, words::GIVE_CONNECTOR))?;
    let telling = telling(&console, &charger, (&asked.order, ConnectorId(connector))).await?;
    if asked.confirmed {
        let by = caller.name.to_string();
        look::asked(&console, Request::Tell { charger, order: telling, by }).await?;
        return Ok(Redirect::to(&here).into_response());
    }
    let body = html! {
        p role="status" { (words::NOT_TOLD_YET) }
        dl { dt { (words::WHAT_TO_DO) } dd { (label) } dt { (words::CONNECTOR) } dd { (words::connector(charger.as_str(), connector)) } }
        form method="post" action=(here) {
            (hidden("csrf", &caller.token)) (hidden("order", &asked.order)) (hidden("connector", &asked.connector)) (hidden("confirmed", "true"))
            div.row { button.first { (words::DO_IT) } a.button href=(here) { (words::BACK) } }
        }
        p.dim { (words::STANDS_IN_AUDIT) }
    };
    Ok(Html(framed(&caller, label, HERE, &body).into_string()).into_response())
}

/// What an order is called.
fn label(order: &str) -> Result<&'static str, Problem> {
    let known = ORDERS.iter().find(|(known, _)| *known == order).map(|(_, label)| *label);
    let others = || words::one_of(&ORDERS.map(|(order, _)| order));
    known.ok_or_else(|| Problem::field("order", order, words::NO_ORDER, &others()))
}

pub(crate) async fn telling(
    console: &Console,
    charger: &ChargerId,
    (order, connector): (&str, ConnectorId),
) -> Result<Telling, Problem> {
    label(order)?;
    let trigger = |message: &str| Telling::Trigger { message: message.to_owned(), connector: Some(connector) };
    match order {
        "unlock" => Ok(Telling::Unlock { connector }),
        "status" => Ok(trigger("StatusNotification")),
        "meter" => Ok(trigger("MeterValues")),
        _ => {
            let latest = console.desk.store.latest_session(charger, connector, console.desk.clock.now()).await?;
            let running = latest.filter(|stored| stored.session.ended_at().is_none());
            let session = running.ok_or_else(|| Problem::refused(words::NOTHING_RUNS.to_owned()))?.session.id;
            Ok(Telling::Stop { session })
        }
    }
}

/// A charger that somebody may see.
async fn seen(console: &Console, caller: &Caller, charger: &str) -> Result<(Listed, ChargerId), Problem> {
    let missing = || Problem::not_found(words::no_charger(charger));
    let listed = look::chargers(console, caller).await?.into_iter().find(|listed| listed.charger == charger);
    Ok((listed.ok_or_else(missing)?, charger.parse().map_err(|_| missing())?))
}

/// The name of a charger that somebody may see.
pub(crate) async fn charger_seen(console: &Console, caller: &Caller, charger: &str) -> Result<ChargerId, Problem> {
    Ok(seen(console, caller, charger).await?.1)
}

fn command_row(command: &Command) -> Markup {
    let state = match &command.state {
        CommandState::Asked => words::ON_ITS_WAY.to_owned(),
        CommandState::Answered(status) => words::answered(status),
        CommandState::Unanswered => words::NO_ANSWER.to_owned(),
    };
    let (what, named) = match &command.order {
        Order::Start { connector, tag } => (words::TELL_START, format!("{connector}, {tag}")),
        Order::Stop { session, .. } => (words::TELL_STOP, session.to_string()),
        Order::Trigger { message, .. } => (words::TELL_SEND, message.clone()),
        Order::Unlock { connector } => (words::TELL_UNLOCK, connector.to_string()),
    };
    html! {
        tr {
            th scope="row" { (what) small { (named) } }
            td { (state) small { (when(command.asked_at, &TimeZone::UTC)) " UTC" } }
        }
    }
}
