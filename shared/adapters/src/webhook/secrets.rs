//! The endpoint's signing secrets, in AWS Secrets Manager.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Rejection, verify};

/// What every signing secret of Stripe's begins with; it is part of the key.
const PREFIX: &str = "whsec_";
/// Fewer characters than this after the prefix are a placeholder, not a secret.
const SHORTEST: usize = 16;
/// One in force and one that is being rolled out or away.
const MOST: usize = 2;
/// How long secrets are trusted unread: a secret that was taken away is forgotten after this.
const TRUSTED: SignedDuration = SignedDuration::from_mins(15);
/// How often they are read again because a signature does not fit: anyone can send one that does not.
const AGAIN: SignedDuration = SignedDuration::from_mins(1);

/// Why there are no secrets to verify with.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// Secrets Manager gave none.
    #[error("names a secret that holds nothing or that this function may not read")]
    Unreadable,
    /// There is none in it.
    #[error("names a secret without a signing secret in it; Stripe shows it beside the endpoint")]
    None,
    /// Something else is in it.
    #[error("names a secret with something in it that is no signing secret: those begin with `{PREFIX}`")]
    NotASecret,
    /// Too many to tell which are meant.
    #[error("names a secret with more than {MOST} signing secrets in it")]
    TooMany,
}

/// What Stripe signs an endpoint's webhooks with. Its value is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(String);

impl SigningSecret {
    /// The secret `value`, prefix included.
    ///
    /// # Errors
    /// When it cannot be one of Stripe's.
    pub fn new(value: &str) -> Result<Self, SecretsError> {
        let long_enough = value.strip_prefix(PREFIX).is_some_and(|rest| rest.len() >= SHORTEST);
        if long_enough { Ok(Self(value.to_owned())) } else { Err(SecretsError::NotASecret) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

/// The secrets in force. Clones share what was read.
#[derive(Debug, Clone)]
pub struct SigningSecrets {
    client: Client,
    /// Its ARN or name.
    secret: String,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug)]
struct Known {
    secrets: Arc<[SigningSecret]>,
    asked_at: Timestamp,
}

impl SigningSecrets {
    /// Reads the secrets, at `now` (UTC). Their text is one or two of them: apart by spaces or lines, or as JSON, a list
    /// or an object of any names.
    ///
    /// # Errors
    /// When there is none: a function that went on would have to believe everyone or no one.
    pub async fn read(client: Client, secret: impl Into<String>, now: Timestamp) -> Result<Self, SecretsError> {
        let secret = secret.into();
        let secrets = fetch(&client, &secret).await?;
        Ok(Self { client, secret, known: Arc::new(Mutex::new(Known { secrets, asked_at: now })) })
    }

    /// Whether one of the secrets signed this: see [`verify`]. A signature that does not fit has the secrets read again,
    /// at most once a minute, so that they can be rolled without a deployment.
    ///
    /// # Errors
    /// Why not.
    pub async fn verify(&self, header: Option<&str>, body: &[u8], now: Timestamp) -> Result<(), Rejection> {
        self.read_again(now, TRUSTED).await;
        match verify(header, body, &self.known(), now) {
            Err(Rejection::WrongSignature) if self.read_again(now, AGAIN).await => {
                verify(header, body, &self.known(), now)
            }
            verdict => verdict,
        }
    }

    fn known(&self) -> Arc<[SigningSecret]> {
        Arc::clone(&self.known.lock().unwrap_or_else(PoisonError::into_inner).secrets)
    }

    /// Reads the secrets unless that was tried less than `age` ago; whether it was done. Those that are known stay when
    /// it fails.
    async fn read_again(&self, now: Timestamp, age: SignedDuration) -> bool {
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if now.duration_since(known.asked_at).abs() < age {
                return false;
            }
            known.asked_at = now;
        }
        match fetch(&self.client, &self.secret).await {
            Ok(secrets) => {
                self.known.lock().unwrap_or_else(PoisonError::into_inner).secrets = secrets;
                true
            }
            Err(error) => {
                tracing::error!(problem = %error, "signing secrets could not be read again; the known ones stay");
                false
            }
        }
    }
}

async fn fetch(client: &Client, secret: &str) -> Result<Arc<[SigningSecret]>, SecretsError> {
    let answer = client.get_secret_value().secret_id(secret).send().await;
    let text = answer.ok().and_then(|answer| answer.secret_string).ok_or(SecretsError::Unreadable)?;
    parse(&text)
}

fn parse(text: &str) -> Result<Arc<[SigningSecret]>, SecretsError> {
    let secrets: Vec<_> = match serde_json::from_str(text) {
        Ok(Value::Array(values)) => values.iter().map(json_secret).collect::<Result<_, _>>()?,
        Ok(Value::Object(values)) => values.values().map(json_secret).collect::<Result<_, _>>()?,
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | Err(_) => {
            text.split_whitespace().map(SigningSecret::new).collect::<Result<_, _>>()?
        }
    };
    match secrets.len() {
        0 => Err(SecretsError::None),
        1..=MOST => Ok(secrets.into()),
        _ => Err(SecretsError::TooMany),
    }
}

fn json_secret(value: &Value) -> Result<SigningSecret, SecretsError> {
    SigningSecret::new(value.as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "whsec_aaaaaaaaaaaaaaaa";
    const TWO: &str = "whsec_bbbbbbbbbbbbbbbb";

    #[test]
    fn a_secret_may_be_written_as_text_or_as_json() {
        let both = [SigningSecret::new(ONE).unwrap(), SigningSecret::new(TWO).unwrap()];
        let forms = [
            format!("{ONE}\n{TWO}\n"),
            format!("{ONE} {TWO}"),
            format!(r#"["{ONE}","{TWO}"]"#),
            format!(r#"{{"current":"{ONE}","next":"{TWO}"}}"#),
        ];
        for form in forms {
            assert_eq!(*parse(&form).unwrap(), both, "{form}");
        }
        assert_eq!(*parse(ONE).unwrap(), both[..1]);
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for empty in ["", " \n", "[]", "{}"] {
            assert!(matches!(parse(empty), Err(SecretsError::None)), "{empty:?}");
        }
        for wrong in ["sk_live_aaaaaaaaaaaaaaaaaaaaaaaa", "whsec_", "whsec_short", "null", r#"{"a":1}"#, r#"[""]"#] {
            assert!(matches!(parse(wrong), Err(SecretsError::NotASecret)), "{wrong:?}");
        }
        assert!(matches!(parse(&format!("{ONE} {TWO} {ONE}")), Err(SecretsError::TooMany)));
    }

    #[test]
    fn a_secret_is_never_shown() {
        let shown = format!("{:?}", SigningSecret::new(ONE).unwrap());
        assert_eq!(shown, "SigningSecret");
        assert!(!format!("{:?}", parse("whsec_x").unwrap_err()).contains("whsec_x"));
    }
}
