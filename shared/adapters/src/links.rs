//! Links that only we can have made: who has one may see a session and pay what it owes, or save a card for a tag.
//!
//! A link names what it is for and carries the first 16 bytes of an HMAC-SHA256 over its purpose and that. Nothing in it
//! tells who the driver is. The link to a session holds for as long as the key does: a receipt is asked for years later.
//! The link that saves a card holds for a week.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::ids::{IdTag, SessionId, SiteId};
use plugtill_domain::incident::Incident;
use sha2::Sha256;

const SIGNATURE_BYTES: usize = 16;
/// What a signature is good for: one purpose's is no other's.
const SESSION: &str = "session";
const CARD: &str = "card";
const INCIDENT: &str = "incident";
const WEBHOOK: &str = "webhook";
/// As many as cannot be guessed one request at a time.
const NAME_BYTES: usize = 9;
/// How long a card may be saved by a link.
const CARD_LINK_LIVES: SignedDuration = SignedDuration::from_hours(7 * 24);
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

    /// Where the console has a site's files of these days, both included. Not signed: it asks who it is.
    #[must_use]
    pub fn exports_page(&self, site: &SiteId, (from, to): (jiff::civil::Date, jiff::civil::Date)) -> String {
        format!("{}/console/exports?site={site}&from={from}&to={to}", self.base_url)
    }

    /// The page of a session: how it stands, its receipt, and a way to pay what it owes.
    #[must_use]
    pub fn session_page(&self, session: &SessionId) -> String {
        format!("{}/sessions/{}", self.base_url, self.sign(SESSION, &session.to_string()))
    }

    /// The page of a checkout, which its token alone opens.
    #[must_use]
    pub fn checkout(&self, token: &IdTag) -> String {
        format!("{}/checkouts/{token}", self.base_url)
    }

    /// The page on which a card is saved for a tag at a site, for a week from `now` (UTC).
    #[must_use]
    pub fn card_page(&self, site: &SiteId, tag: &IdTag, now: Timestamp) -> String {
        let until = (now + CARD_LINK_LIVES).as_second();
        format!("{}/cards/{}", self.base_url, self.sign(CARD, &format!("{until}/{site}/{tag}")))
    }

    /// The name of an incident's page, short enough for a text message, and its address. It leads to the incident by way of
    /// the table; who does not have the key cannot guess it.
    #[must_use]
    pub fn incident_page(&self, incident: &Incident) -> (String, String) {
        let name = self.short(INCIDENT, &format!("{}/{}", incident.first_at, incident.subject));
        let address = format!("{}/i/{name}", self.base_url);
        (name, address)
    }

    /// The same of a session: it leads to [`Links::session_page`].
    #[must_use]
    pub fn short_session_page(&self, session: &SessionId) -> (String, String) {
        let name = self.short(SESSION, &session.to_string());
        let address = format!("{}/s/{name}", self.base_url);
        (name, address)
    }

    fn short(&self, purpose: &str, named: &str) -> String {
        let signature = self.keyed(purpose, named).chain_update(" short").finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&signature[..NAME_BYTES])
    }

    /// The session that a link's last part leads to; `None` when we have not signed it.
    #[must_use]
    pub fn session(&self, signed: &str) -> Option<SessionId> {
        self.verified(SESSION, signed)?.parse().ok()
    }

    /// The site and tag that a card is saved for; `None` when we have not signed it, or its time is over.
    #[must_use]
    pub fn card(&self, signed: &str, now: Timestamp) -> Option<(SiteId, IdTag)> {
        let named = self.verified(CARD, signed)?;
        let (until, rest) = named.split_once('/')?;
        let (site, tag) = rest.split_once('/')?;
        let holds = until.parse::<i64>().is_ok_and(|until| now.as_second() < until);
        Some((site.parse().ok()?, tag.parse().ok()?)).filter(|_| holds)
    }

    /// The secret that a receiver at `url` verifies with, as libraries for <https://www.standardwebhooks.com> take it. Each
    /// address has its own.
    #[must_use]
    pub fn webhook_secret(&self, url: &str) -> String {
        format!("whsec_{}", STANDARD.encode(self.webhook_key(url)))
    }

    /// The signature over what is sent to `url`.
    #[must_use]
    pub fn sign_webhook(&self, url: &str, id: &str, sent_at: i64, body: &str) -> String {
        let signed = Hmac::<Sha256>::new_from_slice(&self.webhook_key(url))
            .map(|signer| signer.chain_update(format!("{id}.{sent_at}.{body}")).finalize().into_bytes());
        // A key of any length is one of HMAC's.
        signed.map_or_else(|_| String::new(), |signature| format!("v1,{}", STANDARD.encode(signature)))
    }

    /// A key made from this one, for a purpose of the caller's.
    #[must_use]
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        self.keyed("key", purpose).finalize().into_bytes().into()
    }

    /// Where pages are, as it was configured.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether pages are reached by https.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }

    fn webhook_key(&self, url: &str) -> [u8; 32] {
        self.keyed(WEBHOOK, url).finalize().into_bytes().into()
    }

    fn sign(&self, purpose: &str, named: &str) -> String {
        let signature = self.keyed(purpose, named).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(named), URL_SAFE_NO_PAD.encode(&signature[..SIGNATURE_BYTES]))
    }

    /// What a link names, if it was signed for this purpose.
    fn verified(&self, purpose: &str, signed: &str) -> Option<String> {
        let (named, signature) = signed.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok().filter(|bytes| bytes.len() == SIGNATURE_BYTES)?;
        let named = String::from_utf8(URL_SAFE_NO_PAD.decode(named).ok()?).ok()?;
        self.keyed(purpose, &named).verify_truncated_left(&signature).ok()?;
        Some(named)
    }

    fn keyed(&self, purpose: &str, named: &str) -> Hmac<Sha256> {
        self.signer.clone().chain_update(purpose).chain_update(" ").chain_update(named)
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
    fn a_link_for_a_card_holds_for_a_week_and_opens_no_session() {
        let now = Timestamp::UNIX_EPOCH;
        let page = links(7).card_page(&"yard".parse().unwrap(), &"B-EV-7".parse().unwrap(), now);
        let signed = page.strip_prefix("https://pay.example/cards/").unwrap();
        let named = Some(("yard".parse().unwrap(), "B-EV-7".parse().unwrap()));
        assert_eq!(links(7).card(signed, now + CARD_LINK_LIVES - SignedDuration::from_secs(1)), named);
        assert_eq!(links(7).card(signed, now + CARD_LINK_LIVES), None, "its time is over");
        assert_eq!((links(7).session(signed), links(8).card(signed, now)), (None, None));
        let session = links(7).session_page(&session());
        assert_eq!(links(7).card(session.rsplit('/').next().unwrap(), now), None);
    }

    #[test]
    fn a_key_that_can_be_guessed_signs_nothing_and_no_key_is_shown() {
        assert_eq!(Links::new(b"short", "https://pay.example").err(), Some(WeakKey(5)));
        assert_eq!(format!("{:?}", links(7)), r#"Links { base_url: "https://pay.example", .. }"#);
    }
}
