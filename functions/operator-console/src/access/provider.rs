//! An `OpenID` Connect provider that says who somebody is: the code flow with PKCE (RFC 7636), as a public client without a
//! secret.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderValue, Request, header};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::jwk::JwkSet;
use plugtill_adapters::transport::{HttpTransport, TransportError};
use plugtill_domain::access::UserName;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::tokens::{Claims, claims, key_of};

/// Keys are asked for anew at most this often, whatever tokens name.
const KEYS_TRUSTED: SignedDuration = SignedDuration::from_mins(1);
/// No answer of a provider is longer.
const LONGEST_ANSWER: usize = 256 * 1024;

/// How a provider is reached, and as whom.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// What its tokens say they are issued by; its keys lie under it.
    pub issuer: String,
    /// Where people sign in and out: `https://name.auth.region.amazoncognito.com`.
    pub domain: String,
    /// Our name there.
    pub client: String,
    /// Where our own pages are, without a slash at the end.
    pub here: String,
    /// Who owns all sites as long as nobody does.
    pub owner: Option<UserName>,
}

/// A provider.
#[derive(Clone)]
pub struct Provider {
    pub(super) settings: ProviderSettings,
    transport: Arc<dyn HttpTransport>,
    keys: Arc<Mutex<Option<(Timestamp, JwkSet)>>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why nobody is signed in. Nothing of a token is in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotSignedIn {
    /// No answer.
    #[error("the provider does not answer: {0}")]
    Silent(#[from] TransportError),
    /// An answer that cannot be used.
    #[error("the provider answers {0}")]
    Refused(String),
    /// A token that proves nothing.
    #[error("the token proves nothing: {0}")]
    Token(String),
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// What is sent along to the provider and must come back, made of one value that the browser keeps.
pub(super) struct Attempt {
    /// Comes back in the address.
    pub(super) state: String,
    /// Comes back in the token.
    pub(super) nonce: String,
    /// Proves, when the code is exchanged, that we asked.
    pub(super) verifier: String,
}

impl Provider {
    /// A provider that is asked through `transport`.
    #[must_use]
    pub fn new(settings: ProviderSettings, transport: Arc<dyn HttpTransport>) -> Self {
        Self { settings, transport, keys: Arc::default() }
    }

    /// Where somebody is sent to sign in.
    pub(super) fn sign_in_at(&self, attempt: &Attempt) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(attempt.verifier.as_bytes()));
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client)
            .append_pair("redirect_uri", &self.back())
            .append_pair("scope", "openid email")
            .append_pair("state", &attempt.state)
            .append_pair("nonce", &attempt.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .finish();
        format!("{}/oauth2/authorize?{query}", self.settings.domain)
    }

    /// Where somebody is sent to sign out there too.
    pub(super) fn sign_out_at(&self) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.settings.client)
            .append_pair("logout_uri", &format!("{}/console/sign-in", self.settings.here))
            .finish();
        format!("{}/logout?{query}", self.settings.domain)
    }

    /// A policy for pages whose forms may lead to the provider: browsers hold redirects after a form against it too.
    pub(super) fn policy(&self, usual: &str) -> Option<HeaderValue> {
        let wider = usual.replace("form-action 'self'", &format!("form-action 'self' {}", self.settings.domain));
        HeaderValue::from_str(&wider).ok()
    }

    /// Who signed in, by a code that the provider sent back with them.
    pub(super) async fn email_of(&self, code: &str, attempt: &Attempt, now: Timestamp) -> Result<String, NotSignedIn> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("client_id", &self.settings.client)
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.back())
            .append_pair("code_verifier", &attempt.verifier)
            .finish();
        let request = Request::post(format!("{}/oauth2/token", self.settings.domain))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(form));
        let tokens: Tokens = self.asked(request).await?;
        let claims = self.proven(&tokens.id_token, now).await?;
        let refused = |what: &str| Err(NotSignedIn::Token(what.to_owned()));
        if claims.exp <= now.as_second() {
            return refused("its time is over");
        }
        if claims.nonce != attempt.nonce {
            return refused("it was made for another attempt");
        }
        if claims.token_use.is_some_and(|kind| kind != "id") {
            return refused("it is no ID token");
        }
        if !claims.email_verified.is_set() {
            return refused("the e-mail address is not verified");
        }
        Ok(claims.email.to_ascii_lowercase())
    }

    async fn proven(&self, token: &str, now: Timestamp) -> Result<Claims, NotSignedIn> {
        let kid = key_of(token).ok_or_else(|| NotSignedIn::Token("it names no key".to_owned()))?;
        let keys = self.keys(&kid, now).await?;
        let (issuer, client) = (&self.settings.issuer, &self.settings.client);
        claims(token, &keys, issuer, client).map_err(|error| NotSignedIn::Token(error.to_string()))
    }

    /// The provider's keys; asked for again where a token names one that is not among them.
    async fn keys(&self, kid: &str, now: Timestamp) -> Result<JwkSet, NotSignedIn> {
        let known = self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((read_at, keys)) = known
            && (keys.find(kid).is_some() || now.duration_since(read_at) < KEYS_TRUSTED)
        {
            return Ok(keys);
        }
        let request = Request::get(format!("{}/.well-known/jwks.json", self.settings.issuer)).body(Bytes::new());
        let keys: JwkSet = self.asked(request).await?;
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, keys.clone()));
        Ok(keys)
    }

    async fn asked<T: DeserializeOwned>(&self, request: http::Result<Request<Bytes>>) -> Result<T, NotSignedIn> {
        let request = request.map_err(|error| NotSignedIn::Refused(error.to_string()))?;
        let answer = self.transport.send(request).await?;
        if !answer.status().is_success() {
            return Err(NotSignedIn::Refused(answer.status().to_string()));
        }
        if answer.body().len() > LONGEST_ANSWER {
            return Err(NotSignedIn::Refused("more than a provider has to say".to_owned()));
        }
        // What serde says of a token's text is not for the log.
        serde_json::from_slice(answer.body()).map_err(|_| NotSignedIn::Refused("something else".to_owned()))
    }

    fn back(&self) -> String {
        format!("{}/console/sign-in/back", self.settings.here)
    }
}
