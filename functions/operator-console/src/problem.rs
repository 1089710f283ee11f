//! What is answered when something is wrong: which field, which value, what to do. Pages say it in a page, the API as
//! `application/problem+json` (RFC 9457).

use std::ops::Deref;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use plugtill_adapters::store::StoreError;
use plugtill_domain::access::Role;
use plugtill_operator::OrderError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::words;

/// Something is wrong. Boxed: most answers are none.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Problem(Box<Said>);

/// Something is wrong (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Said {
    /// What kind of problem it is.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    /// The kind in words.
    pub(crate) title: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What is wrong here.
    pub(crate) detail: String,
    /// Which field or parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    /// What to do.
    pub(crate) remedy: String,
    /// In seconds, as a header.
    #[serde(skip)]
    pub(crate) retry_after: Option<i64>,
}

/// As many characters of a value are shown again.
const SHOWN: usize = 120;

impl Problem {
    fn new(status: StatusCode, [kind, title]: [&'static str; 2], detail: String, remedy: &str) -> Self {
        let (status, remedy) = (status.as_u16(), remedy.to_owned());
        Self(Box::new(Said { kind, title, status, detail, field: None, value: None, remedy, retry_after: None }))
    }

    /// There is no such thing, or none that may be seen.
    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, words::NOT_FOUND, detail.into(), words::LOOK_AGAIN)
    }

    /// A field or parameter cannot be used.
    pub(crate) fn field(field: &str, value: &str, detail: impl Into<String>, remedy: &str) -> Self {
        let mut problem = Self::new(StatusCode::BAD_REQUEST, words::WRONG_FIELD, detail.into(), remedy);
        problem.0.value = Some(value.chars().take(SHOWN).collect());
        problem.0.field = Some(field.to_owned());
        problem
    }

    /// The request cannot be read.
    pub(crate) fn unreadable(status: StatusCode, detail: String) -> Self {
        Self::new(status, words::WRONG_FIELD, detail, words::SEE_DOCUMENT)
    }

    /// Nobody has signed in.
    pub(crate) fn signed_out() -> Self {
        let detail = words::NOBODY_SIGNED_IN.to_owned();
        Self::new(StatusCode::UNAUTHORIZED, words::SIGNED_OUT, detail, words::SEND_KEY)
    }

    /// Somebody came back from a provider, and is nobody whom we let in.
    pub(crate) fn not_signed_in(detail: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, words::SIGNED_OUT, detail, words::SIGN_IN_AGAIN)
    }

    /// Who has signed in may not.
    pub(crate) fn forbidden(needs: Role) -> Self {
        let detail = words::needs_role(needs);
        Self::new(StatusCode::FORBIDDEN, words::FORBIDDEN, detail, words::ASK_OWNER)
    }

    /// A form that is not ours, or is too old.
    pub(crate) fn not_our_form() -> Self {
        let detail = words::FORM_TOO_OLD.to_owned();
        Self::new(StatusCode::FORBIDDEN, words::NOT_OUR_FORM, detail, words::SEND_AGAIN)
    }

    /// The state of things does not allow it.
    pub(crate) fn refused(detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, words::REFUSED, detail, words::LOOK_AT_STATE)
    }

    /// The same order is being carried out.
    pub(crate) fn underway() -> Self {
        let mut problem = Self::new(StatusCode::CONFLICT, words::REFUSED, words::UNDERWAY.to_owned(), words::ASK_SOON);
        problem.0.retry_after = Some(1);
        problem
    }

    /// Somebody asks too often; they may ask again in so many seconds.
    pub(crate) fn too_many(seconds: i64) -> Self {
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, words::TOO_MANY, words::wait(seconds), words::ASK_SLOWER);
        problem.0.retry_after = Some(seconds);
        problem
    }

    fn unavailable() -> Self {
        let detail = words::TABLE_SILENT.to_owned();
        Self::new(StatusCode::SERVICE_UNAVAILABLE, words::UNAVAILABLE, detail, words::TRY_LATER)
    }

    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Deref for Problem {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.0
    }
}

/// The guard of the route says it to whom the route speaks.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = self.status().into_response();
        if let Some(seconds) = self.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer.extensions_mut().insert(self);
        answer
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the table does not answer an operator");
        Self::unavailable()
    }
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        let detail = error.to_string();
        let of_field = |field: &str, remedy: &str| Self::field(field, "", detail.clone(), remedy);
        match error {
            OrderError::NoSession(_) | OrderError::NoSite(_) | OrderError::NotKept(_) | OrderError::NoIncident(_) => {
                Self::not_found(detail)
            }
            OrderError::Amount(_) => of_field("amount", words::GIVE_AMOUNT),
            OrderError::AmountAndLine => of_field("line", words::ONE_OF_BOTH),
            OrderError::Empty(field) => of_field(field, words::GIVE_WORDS),
            OrderError::Charger(_) | OrderError::SiteFile(_) | OrderError::Access(_) => {
                Self::unreadable(StatusCode::UNPROCESSABLE_ENTITY, detail)
            }
            OrderError::Refused(_, why) => Self::refused(why),
            OrderError::NothingToLookAfter(_) | OrderError::NotOurs(_) | OrderError::NoTelephone(_) => {
                Self::refused(detail)
            }
            OrderError::Random(_) | OrderError::Store(_) | OrderError::Ring(_) => {
                tracing::error!(error = detail, "an order was not carried out");
                Self::unavailable()
            }
        }
    }
}
