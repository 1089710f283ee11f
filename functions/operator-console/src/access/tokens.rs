//! ID tokens: whether a provider has signed one for us, by its published keys. RSA is ring's, as all TLS here; the rest is
//! `jsonwebtoken`'s.

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, Validation, decode, decode_header};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;

/// What an ID token says.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claims {
    /// When it ends to hold, in seconds of Unix time.
    pub(super) exp: i64,
    /// What we sent along when we asked.
    #[serde(default)]
    pub(super) nonce: String,
    #[serde(default)]
    pub(super) email: String,
    /// Some providers send a word.
    #[serde(default)]
    pub(super) email_verified: Flag,
    /// Cognito's kind of token; an access token is none that tells who somebody is.
    #[serde(default)]
    pub(super) token_use: Option<String>,
}

/// `true`, or the word.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Flag {
    /// Nothing was said.
    #[default]
    Missing,
    /// Said as JSON says it.
    Said(bool),
    /// Said as a word.
    Word(String),
}

impl Flag {
    pub(super) fn is_set(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Said(said) => *said,
            Self::Word(word) => word == "true",
        }
    }
}

/// The name of the key that a token says it is signed with.
pub(super) fn key_of(token: &str) -> Option<String> {
    decode_header(token).ok()?.kid
}

/// What a token says, if one of `keys` has signed it, and it is of `issuer` and for `audience`. Whether it still holds is for
/// the caller to say: there is one clock.
pub(super) fn claims(token: &str, keys: &JwkSet, issuer: &str, audience: &str) -> JwtResult<Claims> {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        if PROVIDER.install_default().is_err() {
            tracing::debug!("tokens are verified by what was installed before");
        }
    });
    let named = key_of(token).and_then(|kid| keys.find(&kid)).ok_or(ErrorKind::InvalidKeyFormat)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    Ok(decode::<Claims>(token, &DecodingKey::from_jwk(named)?, &validation)?.claims)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the library hands over a reference")]
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> JwtResult<Box<dyn JwtVerifier>> {
    match (algorithm, key.kind()) {
        (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
            Ok(Box::new(Rs256 { modulus: n.clone(), exponent: e.clone() }))
        }
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

struct Rs256 {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signed: &Vec<u8>) -> Result<(), signature::Error> {
        let key = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signed).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}
