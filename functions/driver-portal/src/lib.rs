//! What drivers see: a way to pay before charging, the session as it runs, the receipt, and a way to pay what is owed.
//!
//! No account and no password: a checkout is known by its random token, a session by a signed link. Cards are given at
//! Stripe's page only.
//!
//! # Layout, in reading order
//! - [`router`]: the routes, and the headers of every answer.
//! - `stall`: what charging costs at a stall, before anything else. `live`: a session while it runs.
//! - `checkout`: paying before charging, and what became of it. `card`: saving a card. `pay`: paying what is owed.
//! - `ask`: something is wrong with a session. `incident`: what operators are told of, and who looks after it.
//! - `page`: what a session came to, as people read it. `language`: in which language.
//! - `observed`: what goes with every request on AWS.
//! - `problem`: what is answered when something is wrong.

mod ask;
mod card;
mod checkout;
mod incident;
mod language;
mod live;
mod observed;
mod page;
mod pay;
mod problem;
mod stall;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::middleware::{from_fn, map_response};
use axum::response::{Html, IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::HeaderValue;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::links::Links;
use plugtill_adapters::signatures;
use plugtill_adapters::store::{Directory, Store};
use plugtill_adapters::stripe::Stripe;
use plugtill_domain::language::Language;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_texts::receipt::{Facts, Receipt};

pub use observed::{Around, observed};
pub use problem::Problem;

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Portal {
    /// The table.
    pub store: Store,
    /// Sites and terms.
    pub directory: Directory,
    /// Stripe, with a key that may make pages and nothing else.
    pub stripe: Stripe,
    /// Signs and reads links.
    pub links: Links,
    /// Tells when pages close.
    pub clock: Clock,
}

type Shared = State<Arc<Portal>>;
type Reads = Extension<Language>;

/// The routes; each is authorised by what its path holds, but for stalls, which show what stands on them, and the first post,
/// which only leads to Stripe's page.
pub fn router(portal: Portal) -> Router {
    Router::new()
        .route("/stalls/{charger}/{connector}", get(stall::show))
        .route("/checkouts", post(checkout::open))
        .route("/checkouts/{token}", get(checkout::show))
        .route("/cards/{link}", get(card::show).post(card::open))
        .route("/sessions/{link}", get(show))
        .route("/sessions/{link}/live", get(live::show))
        .route("/sessions/{link}/receipt.json", get(show_json))
        .route("/sessions/{link}/signed.xml", get(show_signed))
        .route("/sessions/{link}/payments", post(pay::open))
        .route("/sessions/{link}/questions", post(ask::open))
        .route("/s/{name}", get(lead))
        .route("/i/{name}", get(incident::show).post(incident::look_after))
        .route("/style.css", get(async || asset("text/css", STYLE)))
        .route("/live.js", get(async || asset("text/javascript", SCRIPT)))
        .fallback(async || Problem::NotFound)
        .with_state(Arc::new(portal))
        .layer(from_fn(language::spoken))
        .layer(map_response(async |answer: Response| guarded(answer)))
}

/// What every page is drawn with, and what keeps a running session's figures fresh.
const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/live.js");

/// On every answer, errors and redirects too: what one driver may see is kept by no cache and its address told to no other site;
/// nothing runs or is drawn that is not ours, and no other page may hold this one in a frame.
const HEADERS: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self' https://checkout.stripe.com; \
         frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

fn guarded(mut answer: Response) -> Response {
    for (name, value) in HEADERS {
        answer.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

/// Nobody's own, and the same for an hour.
fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([("content-type", kind), ("cache-control", "public, max-age=3600")], text)
}

async fn show(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Html<String>, Problem> {
    let session = session_of(&portal, &link).await?;
    let live = live::of(&portal, &session, language).await?;
    let zone = site_of(&portal, &session).await?.terms.zone();
    let asked = ask::since(&portal, &session).await?.map(|at| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string());
    let receipt = receipt_of(&portal, &link, language).await?;
    Ok(Html(page::session(language, &receipt, live.as_ref(), asked.as_deref(), &link).into_string()))
}

/// From the short name in a text message to the session's page.
async fn lead(State(portal): Shared, Path(name): Path<String>) -> Result<Redirect, Problem> {
    let session = portal.store.session_of_name(&name).await?.ok_or(Problem::NotFound)?;
    Ok(Redirect::to(&portal.links.session_page(&session)))
}

async fn show_json(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Json<Receipt>, Problem> {
    Ok(Json(receipt_of(&portal, &link, language).await?))
}

/// What the meter signed, in the form that the transparency software of the German calibration law reads.
async fn show_signed(
    State(portal): Shared,
    Extension(language): Reads,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    let receipt = receipt_of(&portal, &link, language).await?;
    if receipt.signed.is_empty() {
        return Err(Problem::NotFound);
    }
    let named = [("content-type", "application/xml"), ("content-disposition", "attachment; filename=signed.xml")];
    Ok((named, page::signed(&receipt).into_string()).into_response())
}

async fn receipt_of(portal: &Portal, link: &str, language: Language) -> Result<Receipt, Problem> {
    let session = session_of(portal, link).await?;
    let site = site_of(portal, &session).await?;
    let terms = portal.directory.terms(&session.terms).await?;
    let checkout = portal.store.checkout(session.id_tag()).await?;
    let buyer = checkout.map(|checkout| checkout.buyer).unwrap_or_default();
    let signed = signatures::values(&portal.store.evidence(&session).await?);
    Ok(Receipt::of(language, Facts { session: &session, terms: &terms, site: &site, buyer, signed }))
}

/// The session that a link leads to; a link that we have not signed leads nowhere.
async fn session_of(portal: &Portal, link: &str) -> Result<Session, Problem> {
    let id = portal.links.session(link).ok_or(Problem::NotFound)?;
    let stored = portal.store.session(&id).await?.ok_or(Problem::NotFound)?;
    Ok(stored.session)
}

async fn site_of(portal: &Portal, session: &Session) -> Result<Site, Problem> {
    let known = portal.directory.site(&session.site).await?.ok_or(Problem::NotFound)?;
    Ok(known.site.clone())
}
