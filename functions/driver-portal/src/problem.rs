//! What a driver is answered when something is wrong: what it is, and what to do.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use plugtill_adapters::store::StoreError;
use plugtill_adapters::stripe::StripeFailure;

use crate::page;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing there, or nothing for who asks.
    #[error("There is nothing at this address. Scan the code at the charger again.")]
    NotFound,
    /// No such charger or connector here.
    #[error("There is no such stall. Look at its label again: the charger's name, and the number of the connector.")]
    NoStall,
    /// A field cannot be used.
    #[error("{field}: {problem}")]
    Field {
        /// Which.
        field: &'static str,
        /// The value, what is wrong and what to do.
        problem: String,
    },
    /// Nothing is owed.
    #[error("Nothing is owed for this session.")]
    NothingOwed,
    /// Stripe made a page without an address.
    #[error("The payment page cannot be opened. Nothing was charged; please try again.")]
    NoPage,
    /// The table does not answer.
    #[error("This does not work at the moment. Nothing was charged; please try again in a minute.")]
    Store(#[from] StoreError),
    /// Stripe does not answer.
    #[error("The payment page cannot be opened at the moment. Nothing was charged; please try again in a minute.")]
    Stripe(#[from] StripeFailure),
}

impl Problem {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoStall => StatusCode::NOT_FOUND,
            Self::Field { .. } => StatusCode::BAD_REQUEST,
            Self::NothingOwed => StatusCode::CONFLICT,
            Self::Store(_) | Self::Stripe(_) | Self::NoPage => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match &self {
            Self::Store(error) => tracing::error!(%error, "the table does not answer a driver"),
            Self::Stripe(error) => tracing::error!(%error, "Stripe makes no page for a driver"),
            Self::NotFound | Self::NoStall | Self::Field { .. } | Self::NothingOwed | Self::NoPage => {}
        }
        (self.status(), Html(page::problem(&self.to_string()).into_string())).into_response()
    }
}
