//! The signed cookie of a session, and the token that a form of it carries.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::access::UserName;
use sha2::Sha256;

/// How long somebody stays signed in.
const LIVES: SignedDuration = SignedDuration::from_hours(8);
/// How long a sign-in page may be filled in.
const FORM_LIVES: SignedDuration = SignedDuration::from_hours(1);
const SIGNATURE_BYTES: usize = 32;

/// The session's cookie over plain http, on a machine of one's own.
pub const COOKIE: &str = "plugtill";
/// The same over https: browsers take it from this host alone, and send it nowhere else.
pub const SECURE_COOKIE: &str = "__Host-plugtill";
const FORM_COOKIE: &str = "plugtill-form";
const SECURE_FORM_COOKIE: &str = "__Host-plugtill-form";
const ATTEMPT_COOKIE: &str = "plugtill-attempt";
const SECURE_ATTEMPT_COOKIE: &str = "__Host-plugtill-attempt";

/// Signs sessions and forms.
#[derive(Clone)]
pub struct Seal {
    signer: Hmac<Sha256>,
    secure: bool,
}

/// A session that we have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// Whose.
    pub(crate) name: UserName,
    /// Since when, UTC.
    pub(crate) since: Timestamp,
    /// The cookie's value, which the tokens of its forms are made of.
    pub(crate) value: String,
}

/// The key stays out of logs.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").field("secure", &self.secure).finish_non_exhaustive()
    }
}

impl Seal {
    /// Signs with `key`; `secure` where the pages are reached by https. `None`: the key cannot sign.
    #[must_use]
    pub fn new(key: &[u8; 32], secure: bool) -> Option<Self> {
        Some(Self { signer: Hmac::new_from_slice(key).ok()?, secure })
    }

    /// The `Set-Cookie` that signs somebody in.
    pub(crate) fn session(&self, name: &UserName, now: Timestamp, nonce: &str) -> String {
        let value = self.sign("session", &format!("{name}|{}|{nonce}", now.as_millisecond()));
        self.cookie(self.session_name(), &value, LIVES)
    }

    /// The `Set-Cookie` that ends a session.
    pub(crate) fn no_session(&self) -> String {
        self.cookie(self.session_name(), "", SignedDuration::ZERO)
    }

    /// The `Set-Cookie` of a sign-in page, and the token of its form.
    pub(crate) fn form(&self, now: Timestamp, nonce: &str) -> (String, String) {
        let value = self.sign("form", &format!("|{}|{nonce}", now.as_millisecond()));
        let token = self.token(&value);
        (self.cookie(self.form_name(), &value, FORM_LIVES), token)
    }

    /// The `Set-Cookie` of somebody who is sent to a provider to sign in and wants to go to `to` then, and its value.
    pub(crate) fn attempt(&self, to: &str, now: Timestamp, nonce: &str) -> (String, String) {
        let to = URL_SAFE_NO_PAD.encode(to);
        let value = self.sign("attempt", &format!("{to}|{}|{nonce}", now.as_millisecond()));
        (self.cookie(self.attempt_name(), &value, FORM_LIVES), value)
    }

    /// Where somebody who comes back from a provider wanted to go, and the value that was kept; `None`: they were not sent there
    /// from here, or too long ago.
    pub(crate) fn attempt_of(&self, headers: &HeaderMap, now: Timestamp) -> Option<(String, String)> {
        let value = cookie_of(headers, self.attempt_name())?;
        let (to, since) = self.read("attempt", value)?;
        let to = String::from_utf8(URL_SAFE_NO_PAD.decode(to).ok()?).ok()?;
        let age = now.duration_since(since);
        (age < FORM_LIVES && !age.is_negative()).then(|| (to, value.to_owned()))
    }

    /// The `Set-Cookie` that ends an attempt: a code comes back once.
    pub(crate) fn no_attempt(&self) -> String {
        self.cookie(self.attempt_name(), "", SignedDuration::ZERO)
    }

    /// A text that only we can make of a value.
    pub(crate) fn made_of(&self, purpose: &str, value: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.keyed(purpose, value).finalize().into_bytes())
    }

    /// The session of a request; `None`: there is none, we have not signed it, or its time is over.
    pub(crate) fn session_of(&self, headers: &HeaderMap, now: Timestamp) -> Option<Session> {
        let value = cookie_of(headers, self.session_name())?;
        let (name, since) = self.read("session", value)?;
        let age = now.duration_since(since);
        let holds = age < LIVES && !age.is_negative();
        Some(Session { name: name.parse().ok()?, since, value: value.to_owned() }).filter(|_| holds)
    }

    /// The value of the sign-in page that a request comes from.
    pub(crate) fn form_of<'a>(&self, headers: &'a HeaderMap, now: Timestamp) -> Option<&'a str> {
        let value = cookie_of(headers, self.form_name())?;
        let (_, since) = self.read("form", value)?;
        (now.duration_since(since) < FORM_LIVES).then_some(value)
    }

    /// What every form of this session carries.
    pub(crate) fn token(&self, value: &str) -> String {
        self.made_of("token", value)
    }

    /// Whether a form carries its session's token.
    pub(crate) fn is_token(&self, value: &str, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        self.keyed("token", value).verify_slice(&bytes).is_ok()
    }

    fn sign(&self, purpose: &str, text: &str) -> String {
        let signature = self.keyed(purpose, text).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whose a value is and since when, if we have signed it for this purpose.
    fn read(&self, purpose: &str, value: &str) -> Option<(String, Timestamp)> {
        let (text, signature) = value.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok().filter(|bytes| bytes.len() == SIGNATURE_BYTES)?;
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        self.keyed(purpose, &text).verify_slice(&signature).ok()?;
        let mut parts = text.split('|');
        let (name, since) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        Some((name, Timestamp::from_millisecond(since).ok()?))
    }

    fn keyed(&self, purpose: &str, text: &str) -> Hmac<Sha256> {
        self.signer.clone().chain_update(purpose).chain_update(" ").chain_update(text)
    }

    fn cookie(&self, name: &str, value: &str, lives: SignedDuration) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lives.as_secs())
    }

    const fn session_name(&self) -> &'static str {
        if self.secure { SECURE_COOKIE } else { COOKIE }
    }

    const fn form_name(&self) -> &'static str {
        if self.secure { SECURE_FORM_COOKIE } else { FORM_COOKIE }
    }

    const fn attempt_name(&self) -> &'static str {
        if self.secure { SECURE_ATTEMPT_COOKIE } else { ATTEMPT_COOKIE }
    }

    pub(crate) const fn is_secure(&self) -> bool {
        self.secure
    }
}

fn cookie_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let sent = headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let mut pairs = sent.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([("cookie".parse().unwrap(), format!("theme=dark; {pair}").parse().unwrap())])
    }

    #[test]
    fn a_session_is_known_for_eight_hours_and_only_where_it_was_signed() {
        let (seal, other) = (Seal::new(&[1; 32], false).unwrap(), Seal::new(&[2; 32], false).unwrap());
        let (now, ann) = (Timestamp::from_second(1_000_000).unwrap(), "ann".parse().unwrap());
        let headers = sent(&seal.session(&ann, now, "n"));
        let almost = now + LIVES - SignedDuration::from_secs(1);
        assert_eq!(seal.session_of(&headers, almost).map(|session| (session.name, session.since)), Some((ann, now)));
        assert_eq!(seal.session_of(&headers, now + LIVES), None, "its time is over");
        assert_eq!(other.session_of(&headers, now), None, "another key");
        let (form, _) = seal.form(now, "n");
        assert_eq!(seal.session_of(&sent(&form.replace(FORM_COOKIE, COOKIE)), now), None, "a form is no session");
    }

    #[test]
    fn a_token_goes_with_its_session_alone() {
        let seal = Seal::new(&[1; 32], true).unwrap();
        let token = seal.token("one");
        assert!(seal.is_token("one", &token) && !seal.is_token("other", &token));
        assert!(!seal.is_token("one", "") && !seal.is_token("one", &token[..10]));
    }

    #[test]
    fn over_https_the_cookie_is_the_hosts_own() {
        let cookie = Seal::new(&[1; 32], true).unwrap().session(&"ann".parse().unwrap(), Timestamp::UNIX_EPOCH, "n");
        assert!(
            cookie.starts_with("__Host-plugtill=") && cookie.ends_with("HttpOnly; SameSite=Lax; Secure"),
            "{cookie}"
        );
    }
}
