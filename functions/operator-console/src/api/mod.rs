//! The JSON API under `/api/v1`.
//!
//! # Layout, in reading order
//! - [`routes`]: what there is. `about`: what its document says of a route; `openapi`: the document.
//! - `read`: questions. `manage`: chargers, sites. `orders`: orders, each once by its `Idempotency-Key`. `shapes`: what is answered.

mod about;
mod books;
mod convert;
mod exports;
mod manage;
mod openapi;
mod orders;
mod read;
mod shapes;

use axum::body::Bytes;
use axum::extract::Path;
use http::{HeaderMap, Method};
use plugtill_domain::access::Role;

use crate::Shared;
use crate::access::Caller;
use crate::pages::Decision;
use crate::routes::{Needs, Table};

pub(crate) use about::{About, Kind, Parameter, Shape};
pub(crate) use exports::{CDRS, file};
pub(crate) use openapi::{least, show as document};
pub(crate) use orders::{of_incident, reviewing};

use shapes as s;

const LOOKS: Needs = Needs::Role(Role::Viewer);
const ORDERS: Needs = Needs::Role(Role::Manager);
const OWNS: Needs = Needs::Role(Role::Owner);

const SITE: Parameter = Parameter { name: "site", what: "Of this site only.", kind: Kind::Text };
const ALL: Parameter = Parameter { name: "all", what: "Also what is over or was looked at.", kind: Kind::Flag };
const FROM: Parameter =
    Parameter { name: "from", what: "Started at or after this instant or UTC day.", kind: Kind::Text };
const TO: Parameter =
    Parameter { name: "to", what: "Started before this instant, or up to this UTC day.", kind: Kind::Text };
const FROM_DAY: Parameter =
    Parameter { name: "from", what: "The first day; 30 days ago when left out.", kind: Kind::Day };
const TO_DAY: Parameter = Parameter { name: "to", what: "The last day; today when left out.", kind: Kind::Day };
const AFTER: Parameter = Parameter { name: "after", what: "The `next` of the page before.", kind: Kind::Text };
const LIMIT: Parameter = Parameter { name: "limit", what: "At most so many; 50 when left out.", kind: Kind::Limit };
const SEARCH: [Parameter; 8] = [
    SITE,
    Parameter { name: "charger", what: "Of this charger only.", kind: Kind::Text },
    Parameter { name: "outcome", what: "With this outcome only.", kind: Kind::Outcome },
    FROM,
    TO,
    Parameter { name: "text", what: "A part of the session's id, its tag or its receipt's number.", kind: Kind::Text },
    AFTER,
    LIMIT,
];

pub(crate) fn routes(table: &mut Table) {
    let get = &Method::GET;
    let about = About::asking;
    table.api(get, "/api/v1/me", LOOKS, about("Who asks, and what they may do", &[], Shape::of::<s::Me>()), read::me);
    let shape = Shape::of::<s::Sites>();
    table.api(get, "/api/v1/sites", LOOKS, about("Sites", &[], shape), read::sites);
    let shape = Shape::of::<s::Connectors>();
    table.api(
        get,
        "/api/v1/connectors",
        LOOKS,
        about("Connectors as they are now, a page at a time", &[SITE, AFTER, LIMIT], shape),
        read::connectors,
    );
    let shape = Shape::of::<s::Sessions>();
    let sessions = about("Sessions, the latest first, a page at a time", &SEARCH, shape);
    table.api(get, "/api/v1/sessions", LOOKS, sessions, read::sessions);
    let shape = Shape::of::<s::Detail>();
    let one = about("A session: bill, payments, postings, evidence", &[], shape);
    table.api(get, "/api/v1/sessions/{session}", LOOKS, one, read::session);
    breaking(table);
    let shape = Shape::of::<s::Quarantine>();
    let kept = about("What could not be used, of 31 days", &[ALL, AFTER, LIMIT], shape);
    table.api(get, "/api/v1/quarantine", ORDERS, kept, read::quarantine);
    let month = Parameter { name: "month", what: "An instant in it; this month when left out.", kind: Kind::Text };
    let by = Parameter { name: "by", what: "By this person or machine only.", kind: Kind::Text };
    let audit = About {
        query: vec![month, by, AFTER, LIMIT],
        ..about("What was ordered in a month", &[], Shape::of::<s::Audit>())
    };
    table.api(get, "/api/v1/audit", ORDERS, audit, read::audit);
    let shape = Shape::of::<s::Balances>();
    table.api(
        get,
        "/api/v1/balances",
        LOOKS,
        about("Who owes what, the oldest first", &[AFTER, LIMIT], shape),
        read::balances,
    );
    let shape = Shape::of::<s::Days>();
    let days = about("What each site came to, day by day", &[SITE, FROM_DAY, TO_DAY], shape);
    table.api(get, "/api/v1/days", LOOKS, days, read::days);
    books_routes(table);
    let shape = Shape::of::<s::Users>();
    table.api(get, "/api/v1/users", OWNS, about("Who may sign in, and which keys hold", &[], shape), read::users);
    table.api(get, "/api/v1/openapi.json", LOOKS, about("This document", &[], Shape::any()), openapi::show);
    order_routes(table);
    managed(table);
}

/// What breaks, and what that adds up to.
fn breaking(table: &mut Table) {
    let (get, shape) = (&Method::GET, Shape::of::<s::Incidents>());
    let kind = Parameter { name: "kind", what: "Of this kind only.", kind: Kind::Incident };
    let month =
        Parameter { name: "month", what: "All of the month of this instant or day, instead.", kind: Kind::Text };
    let query = [SITE, kind, ALL, month, AFTER, LIMIT];
    let of = About::asking("Incidents that are open, or of 31 days, or of a month", &query, shape);
    table.api(get, "/api/v1/incidents", LOOKS, of, read::incidents);
    let of = About::asking("Uptime over twelve months", &[SITE], Shape::of::<s::Uptimes>());
    table.api(get, "/api/v1/uptime", LOOKS, of, read::uptime);
}

/// Chargers, sites, and Stripe's books.
fn managed(table: &mut Table) {
    let (get, post, about) = (&Method::GET, &Method::POST, About::ordering);
    let listed = About::asking(
        "Chargers, where they stand, when they were heard of",
        &[AFTER, LIMIT],
        Shape::of::<s::Chargers>(),
    );
    table.api(get, "/api/v1/chargers", LOOKS, listed, manage::chargers);
    let told = about("Tell a charger something", Shape::of::<s::NewCommand>(), Shape::of::<s::Told>());
    table.api(post, "/api/v1/chargers/{charger}/commands", ORDERS, told, manage::tell);
    let published = about("Put a site file into force", Shape::of::<s::NewSites>(), Shape::of::<s::PublishedSites>());
    table.api(post, "/api/v1/sites", OWNS, published, manage::publish);
    let shape = Shape::of::<s::Simulations>();
    let simulated = about("What a site file would have brought in 31 days", Shape::of::<s::NewSites>(), shape);
    table.api(post, "/api/v1/sites/simulations", OWNS, simulated, manage::simulate);
    let compared = About::asking("Whether our books and Stripe's agree", &[], Shape::of::<s::Compared>());
    table.api(get, "/api/v1/reconciliation", ORDERS, compared, manage::reconciliation);
}

const PERIOD: [Parameter; 3] = [SITE, FROM_DAY, TO_DAY];

fn books_routes(table: &mut Table) {
    let get = &Method::GET;
    let period = |what, shape| About::asking(what, &PERIOD, shape);
    let of = period("What a period came to, beside the period before", Shape::of::<s::Revenues>());
    table.api(get, "/api/v1/revenue", LOOKS, of, books::revenue);
    let narrowed = [
        ("charger", "Of this charger only.", Kind::Text),
        ("connector", "Of this connector of it only.", Kind::Text),
        ("account", "With a leg in this account only.", Kind::Account),
        ("currency", "In this currency only.", Kind::Text),
        ("hour", "Of sessions that began in this hour of the site's week, 0 on Monday at midnight.", Kind::Text),
        ("tariff", "Of sessions under this tariff only.", Kind::Text),
        ("after", "The `next` of the page before.", Kind::Text),
        ("limit", "At most so many; 50 when left out.", Kind::Limit),
    ];
    let narrowed = narrowed.map(|(name, what, kind)| Parameter { name, what, kind });
    let mut of = period("The double entries that the sums are made of", Shape::of::<s::Postings>());
    of.query.extend(narrowed);
    table.api(get, "/api/v1/postings", LOOKS, of, books::postings);
    let mut of = period("What was delivered and did not arrive as money", Shape::of::<s::Leakage>());
    of.query.extend([AFTER, LIMIT]);
    table.api(get, "/api/v1/leakage", LOOKS, of, books::leakage);
    let mut of = period("A period as a file", Shape::file());
    of.files = exports::names().collect();
    table.api(get, "/api/v1/exports/{file}", ORDERS, of, exports::file);
    let of = period("What connectors did with their time", Shape::of::<s::Uses>());
    table.api(get, "/api/v1/use", LOOKS, of, books::usage);
}

const DECISIONS: [(&str, &str, Decision); 4] = [
    ("/api/v1/sessions/{session}/forgiveness", "Give up what a session owes", Decision::Forgive),
    ("/api/v1/sessions/{session}/charges", "Ask the card once more for what it did not pay", Decision::Charge),
    ("/api/v1/sessions/{session}/end", "Say that a session is over which nothing else ends", Decision::End),
    ("/api/v1/sessions/{session}/receipts", "Tell the driver of the receipt once more", Decision::Receipt),
];

fn order_routes(table: &mut Table) {
    let post = &Method::POST;
    let about = About::ordering;
    let order = about("Give something of a bill back", Shape::of::<s::NewCredit>(), Shape::of::<s::Done>());
    table.api(post, "/api/v1/sessions/{session}/credits", ORDERS, order, orders::credit);
    for (path, what, decision) in DECISIONS {
        let order = about(what, Shape::of::<s::NewDecision>(), Shape::of::<s::Done>());
        let decide = async move |console: Shared, caller: Caller, id: Path<String>, headers: HeaderMap, body: Bytes| {
            orders::decide(console, caller, id, headers, body, decision).await
        };
        table.api(post, path, ORDERS, order, decide);
    }
    let order =
        about("Say that you look after an incident", Shape::of::<s::LookingAfter>(), Shape::of::<s::Incident>());
    table.api(post, "/api/v1/incidents/acknowledgements", ORDERS, order, orders::look_after);
    let order = about(
        "Say why an outage does not count against uptime",
        Shape::of::<s::Excluding>(),
        Shape::of::<s::Incident>(),
    );
    table.api(post, "/api/v1/incidents/exclusions", ORDERS, order, orders::exclude);
    let order =
        about("Say what becomes of something in quarantine", Shape::of::<s::Review>(), Shape::of::<s::Waiting>());
    table.api(post, "/api/v1/quarantine/{id}/review", ORDERS, order, orders::review);
}
