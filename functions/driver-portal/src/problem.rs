//! What a driver is answered when something is wrong: what it is, and what to do.

use axum::Extension;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use plugtill_adapters::store::StoreError;
use plugtill_adapters::stripe::StripeFailure;
use plugtill_domain::language::Language;
use plugtill_texts::text;

/// Why a request was not answered as asked.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing there, or nothing for who asks.
    #[error("nothing at this address")]
    NotFound,
    /// No such charger or connector here.
    #[error("no such stall")]
    NoStall,
    /// A field cannot be used.
    #[error("{0} `{1}`")]
    Field(&'static str, String),
    /// Nothing is owed.
    #[error("nothing owed")]
    NothingOwed,
    /// Nobody can charge at a stall as it is: the name of the words for that.
    #[error("{0}")]
    NotNow(&'static str),
    /// Stripe made a page without an address.
    #[error("a payment page without an address")]
    NoPage,
    /// The table does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stripe does not answer.
    #[error(transparent)]
    Stripe(#[from] StripeFailure),
}

/// A problem on its way to its page: the message, and the value that it is about.
#[derive(Debug, Clone)]
pub(crate) struct Told(&'static str, String);

impl Told {
    pub(crate) fn words(&self, language: Language) -> String {
        text(language, self.0, &[("value", self.1.as_str().into())])
    }
}

impl Problem {
    /// A field that cannot be used: the message names it and says what to write.
    pub(crate) fn field(message: &'static str, value: &impl ToString) -> Self {
        Self::Field(message, value.to_string())
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoStall => StatusCode::NOT_FOUND,
            Self::Field(..) => StatusCode::BAD_REQUEST,
            Self::NothingOwed | Self::NotNow(_) => StatusCode::CONFLICT,
            Self::Store(_) | Self::Stripe(_) | Self::NoPage => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn told(self) -> Told {
        let name = match self {
            Self::Field(message, value) => return Told(message, value),
            Self::NotFound => "wrong-nothing-here",
            Self::NoStall => "wrong-no-stall",
            Self::NothingOwed => "wrong-nothing-owed",
            Self::NotNow(name) => name,
            Self::NoPage => "wrong-no-page",
            Self::Store(_) => "wrong-store",
            Self::Stripe(_) => "wrong-stripe",
        };
        Told(name, String::new())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match &self {
            Self::Store(error) => tracing::error!(%error, "the table does not answer a driver"),
            Self::Stripe(error) => tracing::error!(%error, "Stripe makes no page for a driver"),
            Self::NotFound | Self::NoStall | Self::Field(..) | Self::NothingOwed | Self::NotNow(_) | Self::NoPage => {}
        }
        let status = self.status();
        // The page is made where the language is known.
        (status, Extension(self.told())).into_response()
    }
}
