//! What a failed request means for the money.

use serde::Deserialize;

use super::TransportError;

/// Why Stripe did not do what was asked, split by what the caller has to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StripeFailure {
    /// The card was declined: final for this attempt.
    #[error("declined: {code}")]
    Declined {
        /// Stripe's error code.
        code: String,
        /// The issuer's reason.
        decline_code: Option<String>,
        /// Whether trying again makes sense, in the networks' words.
        advice_code: Option<String>,
    },
    /// It may or may not have happened: read the object before anything else.
    #[error("outcome unknown: {what}")]
    Unknown {
        /// What happened instead of an answer.
        what: String,
        /// Whether Stripe keeps that answer under the key for a day: asking again with it brings the same.
        stored: bool,
    },
    /// Nothing happened; the same key may be used again.
    #[error("busy: {code}")]
    Busy {
        /// Stripe's error code.
        code: String,
    },
    /// The key is not accepted: nothing will work until it is replaced.
    #[error("Stripe refuses the secret key (HTTP {status}); replace it")]
    KeyRefused {
        /// The HTTP status.
        status: u16,
    },
    /// The request can never succeed as it is.
    #[error("refused (HTTP {status}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Stripe's error code.
        code: Option<String>,
        /// Stripe's explanation.
        message: String,
        /// The parameter at fault.
        param: Option<String>,
    },
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorObject,
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    advice_code: Option<String>,
    message: Option<String>,
    param: Option<String>,
}

impl StripeFailure {
    /// Reads an error answer. A body that is no JSON leaves only the status: a 5xx or a proxy's page is unknown.
    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let error = serde_json::from_slice::<ErrorBody>(body).map(|body| body.error).ok();
        let code = error.as_ref().and_then(|error| error.code.clone());
        match (status, error) {
            (401 | 403, _) => Self::KeyRefused { status },
            (409 | 429, _) => Self::Busy { code: code.unwrap_or_else(|| format!("http_{status}")) },
            // An external dependency of Stripe's failed: like a 5xx, it may have happened.
            (424, _) => Self::unknown(format!("HTTP {status}")),
            (402, Some(error)) if error.kind == "card_error" => Self::Declined {
                code: code.unwrap_or_else(|| "card_declined".to_owned()),
                decline_code: error.decline_code,
                advice_code: error.advice_code,
            },
            (400..=499, Some(error)) => {
                Self::Refused { status, code, message: error.message.unwrap_or_default(), param: error.param }
            }
            _ => Self::unknown(format!("HTTP {status}")),
        }
    }

    /// No answer that can be read.
    pub(super) fn unknown(what: impl Into<String>) -> Self {
        Self::Unknown { what: what.into(), stored: false }
    }

    /// Whether the same request with the same key may bring an answer.
    #[must_use]
    pub const fn is_worth_repeating(&self) -> bool {
        matches!(self, Self::Unknown { stored: false, .. } | Self::Busy { .. })
    }
}

impl From<TransportError> for StripeFailure {
    fn from(error: TransportError) -> Self {
        Self::unknown(error.to_string())
    }
}
