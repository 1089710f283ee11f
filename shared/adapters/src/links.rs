//! Links to a session that only we can have made: who has one may see that session and pay what it owes, nothing else.
//!
//! A link names the session and carries the first 16 bytes of its HMAC-SHA256. Nothing in it tells who the driver is. It
//! holds for as long as the key does: a receipt is asked for years later.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use plugtill_domain::ids::{IdTag, SessionId};
use sha2::Sha256;

const SIGNATURE_BYTES: usize = 16;
/// Shorter keys can be guessed.
const SHORTEST_KEY: usize = 32;

/// Makes and reads links.
#[derive(Clone)]
pub struct Links {
    signer: Hmac<Sha256>,
    base_url: String,
}

/// The key cannot sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key for links has {0} bytes, at least {SHORTEST_KEY} are needed")]
pub struct WeakKey(usize);

/// The key stays out of logs.
impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Links {
    /// Links at `base_url`, signed with `key`.
    ///
    /// # Errors
    /// When the key is too short to protect anything.
    pub fn new(key: &[u8], base_url: &str) -> Result<Self, WeakKey> {
        let weak = WeakKey(key.len());
        if key.len() < SHORTEST_KEY {
            return Err(weak);
        }
        let signer = Hmac::new_from_slice(key).map_err(|_| weak)?;
        Ok(Self { signer, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// The page of a session: how it stands, its receipt, and a way to pay what it owes.
    #[must_use]
    pub fn session_page(&self, session: &SessionId) -> String {
        format!("{}/sessions/{}", self.base_url, self.sign(session))
    }

    /// The page of a checkout, which its token alone opens.
    #[must_use]
    pub fn checkout(&self, token: &IdTag) -> String {
        format!("{}/checkouts/{token}", self.base_url)
    }

    /// The session that a link's last part leads to; `None` when we have not signed it.
    #[must_use]
    pub fn session(&self, signed: &str) -> Option<SessionId> {
        let (id, signature) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok().filter(|bytes| bytes.len() == SIGNATURE_BYTES)?;
        let id = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        self.signer.clone().chain_update(&id).verify_truncated_left(&signature).ok()?;
        id.parse().ok()
    }

    fn sign(&self, session: &SessionId) -> String {
        let id = session.to_string();
        let signature = self.signer.clone().chain_update(&id).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&id), URL_SAFE_NO_PAD.encode(&signature[..SIGNATURE_BYTES]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(key: u8) -> Links {
        Links::new(&[key; 32], "https://pay.example/").unwrap()
    }

    fn session() -> SessionId {
        "CP1~1~2026-03-02T10:00:00.000Z".parse().unwrap()
    }

    #[test]
    fn a_link_leads_to_its_session_and_no_other() {
        let page = links(7).session_page(&session());
        let signed = page.strip_prefix("https://pay.example/sessions/").unwrap();
        assert_eq!(links(7).session(signed), Some(session()));
        assert_eq!(links(8).session(signed), None, "another key");
        let (id, signature) = signed.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode("CP2~1~2026-03-02T10:00:00.000Z");
        let shorter = URL_SAFE_NO_PAD.encode(&URL_SAFE_NO_PAD.decode(signature).unwrap()[..8]);
        for forged in [format!("{other}.{signature}"), format!("{id}.{shorter}"), format!("{id}."), id.to_owned()] {
            assert_eq!(links(7).session(&forged), None, "{forged}");
        }
    }

    #[test]
    fn a_key_that_can_be_guessed_signs_nothing_and_no_key_is_shown() {
        assert_eq!(Links::new(b"short", "https://pay.example").err(), Some(WeakKey(5)));
        assert_eq!(format!("{:?}", links(7)), r#"Links { base_url: "https://pay.example", .. }"#);
    }
}
