//! What can be made to go wrong with the next request.

use bytes::Bytes;
use http::Response;

use super::answer;
use super::error::ApiError;

/// What goes wrong with the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// All is well: lets a request pass before the next fault.
    Nothing,
}

/// How the key is refused, for as long as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
            | Self::Nothing => return None,
        };
        Some(answer(reply.reply(), false))
    }
}
