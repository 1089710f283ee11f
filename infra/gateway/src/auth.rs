//! Who may connect: credentials are read here and judged by the function that the gateway was given.

use std::pin::Pin;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What the back end says about a charger and its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may connect.
    Welcome,
    /// Nobody registered a charger of this name.
    UnknownCharger,
    /// The charger is known and the password is not its own.
    WrongPassword,
}

/// Judges a charger's id and password. It is called on the runtime that started the gateway, for both protocols.
pub type Authenticator = Arc<dyn Fn(String, String) -> Pin<Box<dyn Future<Output = Verdict> + Send>> + Send + Sync>;

/// The password of HTTP Basic credentials (RFC 7617; OCPP security profile 1), if they are given and are the charger's.
pub(super) fn password_of(charger: &str, headers: &HeaderMap) -> Option<String> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    // Not split at the first colon: OCPP allows colons in the id.
    Some(credentials.strip_prefix(charger)?.strip_prefix(':')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(charger: &str, authorization: &str) -> Option<String> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization.parse().unwrap())]);
        password_of(charger, &headers)
    }

    #[test]
    fn colons_belong_to_id_and_password() {
        let header = format!("basic {}", STANDARD.encode("DE:1:pass:word"));
        assert_eq!(read("DE:1", &header).as_deref(), Some("pass:word"));
        assert_eq!(read("DE:2", &header), None);
    }

    #[test]
    fn what_is_not_basic_is_no_password() {
        for header in ["Bearer abc", "Basic", "Basic ???", "Basic /w=="] {
            assert_eq!(read("A", header), None, "{header}");
        }
        assert_eq!(password_of("A", &HeaderMap::new()), None);
    }
}
