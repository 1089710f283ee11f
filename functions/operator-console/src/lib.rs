//! What operators see and order: pages for people, a JSON API for machines, over one table of routes.
//!
//! Orders go through `plugtill-operator`, in the name of whoever signed in: nothing here changes a session by itself.
//!
//! # Layout, in reading order
//! - [`routes`]: every route with the role that it needs; the router, the tests and the `OpenAPI` document are made of it.
//! - `access`: who asks, and whether they may. `problem`: what is answered when something is wrong.
//! - `now`, `past`, `story`: what is shown: connectors as they are, sessions looked back on, one session as a whole. `heard`: what
//!   is remembered of those that run.
//! - `look`: what the desk knows, as far as somebody may see it; `paged`: a page of it; `linted`: tariffs in a file.
//! - `broken`: incidents.
//! - `books`: what a period came to, and what that rests on.
//! - `api`: the JSON API. `pages`: the pages; `words`: all that they say.

mod access;
mod api;
mod asked;
mod books;
mod broken;
pub mod codes;
mod heard;
mod linted;
mod look;
mod now;
mod observed;
mod paged;
mod pages;
mod past;
mod problem;
pub mod routes;
mod story;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use plugtill_adapters::config::variable;
use plugtill_adapters::transport::HttpsTransport;
use plugtill_operator::Desk;

pub use access::{COOKIE, Pace, Provider, ProviderSettings, SECURE_COOKIE, Seal};
pub use heard::Heard;
pub use observed::{Around, observed};
pub use routes::{Face, Needs, Route};

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Console {
    /// Carries out orders, and knows table, sites and time.
    pub desk: Desk,
    /// Signs sessions.
    pub seal: Seal,
    /// Says who somebody is; without one, passwords do.
    pub provider: Option<Provider>,
    /// How often one caller may ask the API.
    pub pace: Pace,
    /// What running sessions have said.
    pub heard: Heard,
    /// Where chargers connect, as it is entered on them; empty where that is not known here.
    pub endpoints: Vec<String>,
}

type Shared = State<Arc<Console>>;

/// The pages under `/console` and the API under `/api/v1`.
pub fn router(console: Console) -> Router {
    routes::table().router(Arc::new(console))
}

/// The provider that the environment names, for pages at `here`: `OIDC_ISSUER`, `OIDC_DOMAIN`, `OIDC_CLIENT_ID` and
/// `OWNER_EMAIL`. None where the first is empty: passwords prove who somebody is then.
///
/// # Errors
/// When only some of the variables are set, or the owner's address cannot be a name.
pub fn provider(here: &str) -> Result<Option<Provider>, Box<dyn std::error::Error + Send + Sync>> {
    let Ok(issuer) = variable("OIDC_ISSUER") else { return Ok(None) };
    let owner = variable("OWNER_EMAIL")?.to_ascii_lowercase().parse()?;
    let settings = ProviderSettings {
        issuer,
        domain: variable("OIDC_DOMAIN")?,
        client: variable("OIDC_CLIENT_ID")?,
        here: here.trim_end_matches('/').to_owned(),
        owner: Some(owner),
    };
    Ok(Some(Provider::new(settings, Arc::new(HttpsTransport::new()))))
}
