//! What operators see and order: pages for people, a JSON API for machines, over one table of routes.
//!
//! Orders go through `plugtill-operator`, in the name of whoever signed in: nothing here changes a session by itself.
//!
//! # Layout, in reading order
//! - [`routes`]: every route with the role that it needs; the router, the tests and the `OpenAPI` document are made of it.
//! - `access`: who asks, and whether they may. `problem`: what is answered when something is wrong.
//! - `now`, `past`, `story`: what is shown: connectors as they are, sessions looked back on, one session as a whole.
//! - `books`: what a period came to, and what that rests on.
//! - `api`: the JSON API. `pages`: the pages; `words`: all that they say.

mod access;
mod api;
mod asked;
mod books;
mod look;
mod now;
mod observed;
mod pages;
mod past;
mod problem;
pub mod routes;
mod story;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use plugtill_operator::Desk;

pub use access::{COOKIE, SECURE_COOKIE, Seal};
pub use observed::{Around, observed};
pub use routes::{Face, Needs, Route};

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Console {
    /// Carries out orders, and knows table, sites and time.
    pub desk: Desk,
    /// Signs sessions.
    pub seal: Seal,
}

type Shared = State<Arc<Console>>;

/// The pages under `/console` and the API under `/api/v1`.
pub fn router(console: Console) -> Router {
    routes::table().router(Arc::new(console))
}
