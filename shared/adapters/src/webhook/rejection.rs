//! Why a webhook is not believed.

/// A reason, for the log and for counting. The sender is told none of it: it would help whoever tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Rejection {
    /// No `Stripe-Signature`.
    #[error("no signature header")]
    NoHeader,
    /// A `Stripe-Signature` that is not one: no time, two times, no hexadecimal.
    #[error("a malformed signature header")]
    MalformedHeader,
    /// No signature of the scheme `v1`.
    #[error("no signature of scheme v1")]
    NoSignature,
    /// Signed longer ago than the tolerance: a replay (F70), or our clock is wrong.
    #[error("signed too long ago")]
    TooOld,
    /// Signed further ahead than the tolerance.
    #[error("signed in the future")]
    TooNew,
    /// None of our secrets signed these bytes.
    #[error("a wrong signature")]
    WrongSignature,
    /// More bytes than any event has.
    #[error("too large a body")]
    TooLarge,
    /// Signed by Stripe, and yet no event that can be read.
    #[error("no readable event")]
    NotAnEvent,
}

impl Rejection {
    /// The word it is counted under.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoHeader => "no_header",
            Self::MalformedHeader => "malformed_header",
            Self::NoSignature => "no_signature",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
            Self::WrongSignature => "wrong_signature",
            Self::TooLarge => "too_large",
            Self::NotAnEvent => "not_an_event",
        }
    }
}
