//! What can be made to go wrong with the next request.

use bytes::Bytes;
use http::Response;
use serde::Deserialize;

use super::answer;
use super::error::ApiError;

/// Decides for each request, by its method and path, what goes wrong with it.
pub type Draw = Box<dyn FnMut(&http::Method, &str) -> Option<StripeFault> + Send>;

/// What goes wrong with the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StripeFault {
    /// 500, stored under the key; nothing done.
    ServerError,
    /// 500, stored under the key, although it was done.
    ServerErrorAfterCommit,
    /// A proxy's 502 page; nothing done.
    BadGateway,
    /// 429; nothing done, nothing stored.
    RateLimited,
    /// 429, the object is being worked on; nothing done, nothing stored.
    LockTimeout,
    /// 409, the same key is being worked on; nothing done, nothing stored.
    InFlight,
    /// Done; the answer is lost.
    DropAfterCommit,
    /// Lost on its way.
    DropBefore,
    /// Lost on its way, with whoever asks.
    DieBefore,
    /// Done; whoever asked is no more.
    DieAfterCommit,
    /// Done at once, answered when whoever asks has waited for long.
    AnswerLate,
    /// All is well: lets a request pass before the next fault.
    Nothing,
}

/// What goes wrong with requests that change something, drawn from a seed, each in per mille.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mishaps {
    /// Holds that the issuer declines.
    pub declined_holds: u32,
    /// Charges without a hold that the issuer declines.
    pub declined_charges: u32,
    /// Requests that are carried out and whose answer is lost.
    pub lost_answers: u32,
    /// Requests that are answered with a 500, stored under their key.
    pub stored_errors: u32,
    /// The seed.
    pub seed: u64,
}

/// The mishaps, and where the draw stands.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    mishaps: Mishaps,
    random: Option<fastrand::Rng>,
}

impl Drawn {
    pub(super) fn from(mishaps: Mishaps) -> Self {
        Self { mishaps, random: Some(fastrand::Rng::with_seed(mishaps.seed)) }
    }

    /// What becomes of the next request.
    pub(super) fn fault(&mut self) -> Option<StripeFault> {
        let Mishaps { lost_answers, stored_errors, .. } = self.mishaps;
        if self.happens(lost_answers) {
            return Some(StripeFault::DropAfterCommit);
        }
        self.happens(stored_errors).then_some(StripeFault::ServerError)
    }

    /// Whether the issuer declines what its card would allow.
    pub(super) fn declines(&mut self, is_hold: bool) -> bool {
        let Mishaps { declined_holds, declined_charges, .. } = self.mishaps;
        self.happens(if is_hold { declined_holds } else { declined_charges })
    }

    fn happens(&mut self, per_mille: u32) -> bool {
        per_mille > 0 && self.random.as_mut().is_some_and(|random| random.u32(..1_000) < per_mille)
    }
}

/// How the key is refused, for as long as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRefusal {
    /// 401 to every request: revoked.
    Revoked,
    /// 403 to every request: another account's.
    Forbidden,
    /// 403 to refunds only: a restricted key without that permission.
    RefundsForbidden,
}

impl KeyRefusal {
    /// The answer to a request of this path, where the key is refused.
    pub(super) fn answer_to(self, path: &str) -> Option<Response<Bytes>> {
        let refused = match self {
            Self::Revoked => ApiError::unauthorized(),
            Self::RefundsForbidden if !path.starts_with("/v1/refunds") => return None,
            Self::Forbidden | Self::RefundsForbidden => ApiError::forbidden(),
        };
        Some(answer(refused.reply(), false))
    }
}

impl StripeFault {
    /// Whether there is nobody left to answer.
    pub(super) const fn is_death(self) -> bool {
        matches!(self, Self::DieBefore | Self::DieAfterCommit)
    }

    pub(super) const fn is_lost_on_its_way(self) -> bool {
        matches!(self, Self::DropBefore | Self::DieBefore)
    }

    pub(super) const fn is_lost_on_its_way_back(self) -> bool {
        matches!(self, Self::DropAfterCommit | Self::DieAfterCommit)
    }

    /// The answer of a fault that keeps the request from being looked at.
    pub(super) fn turned_away(self) -> Option<Response<Bytes>> {
        let reply = match self {
            Self::BadGateway => {
                let mut page = answer((502, "<html><body>Bad gateway</body></html>".to_owned()), false);
                page.headers_mut().insert("content-type", http::HeaderValue::from_static("text/html"));
                return Some(page);
            }
            Self::RateLimited => ApiError::rate_limited(),
            Self::LockTimeout => ApiError::lock_timeout(),
            Self::InFlight => ApiError::key_in_use(),
            Self::ServerError
            | Self::ServerErrorAfterCommit
            | Self::DropAfterCommit
            | Self::DropBefore
            | Self::DieBefore
            | Self::DieAfterCommit
            | Self::AnswerLate
            | Self::Nothing => return None,
        };
        Some(answer(reply.reply(), false))
    }
}
