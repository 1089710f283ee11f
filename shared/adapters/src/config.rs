//! What a function reads from its environment, once, at start.

use std::sync::{Arc, Mutex, PoisonError};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use jiff::{SignedDuration, Timestamp};

use crate::alerts::Alerts;
use crate::chargers::Chargers;
use crate::clock::Clock;
use crate::dead_letters::DeadLetters;
use crate::doorbell::Doorbell;
use crate::links::Links;
use crate::store::Store;
use crate::stripe::{HttpTransport, HttpsTransport, Paced, STRIPE_URL, SecretKey, Stripe};
use crate::transport::is_here;
use crate::webhook::SigningSecrets;

/// How long a key of Stripe's is used before it is read again.
const KEY_TRUSTED: SignedDuration = SignedDuration::from_mins(15);

/// A variable the function cannot run without is missing or unusable.
#[derive(Debug, thiserror::Error)]
#[error("environment variable {name} {problem}; infra/aws/template.yaml sets it")]
pub struct ConfigError {
    name: &'static str,
    problem: String,
}

/// The AWS clients' configuration, with rustls and ring for TLS.
pub async fn aws() -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await
}

/// Reads a variable.
///
/// # Errors
/// When it is not set or empty.
pub fn variable(name: &'static str) -> Result<String, ConfigError> {
    let value = std::env::var(name).unwrap_or_default();
    if value.is_empty() { Err(ConfigError { name, problem: "is not set".to_owned() }) } else { Ok(value) }
}

/// The table named by `TABLE_NAME`, with `DUE_SHARDS` shards in its due-index.
///
/// # Errors
/// When a variable is missing or unusable.
pub fn store(aws: &SdkConfig) -> Result<Store, ConfigError> {
    let shards = variable("DUE_SHARDS")?;
    let due_shards = shards
        .parse()
        .map_err(|_| ConfigError { name: "DUE_SHARDS", problem: format!("is `{shards}`, not a whole number") })?;
    Ok(Store::new(aws_sdk_dynamodb::Client::new(aws), variable("TABLE_NAME")?, due_shards))
}

/// The queues at `DEAD_LETTER_QUEUE_URLS`, which commas separate.
///
/// # Errors
/// When the variable is missing.
pub fn dead_letters(aws: &SdkConfig) -> Result<DeadLetters, ConfigError> {
    let urls = variable("DEAD_LETTER_QUEUE_URLS")?;
    Ok(DeadLetters::new(aws_sdk_sqs::Client::new(aws), urls.split(',').map(|url| url.trim().to_owned()).collect()))
}

/// The doorbells at `SETTLE_QUEUE_URL` and `NOTIFY_QUEUE_URL`.
///
/// # Errors
/// When a variable is missing.
pub fn doorbell(aws: &SdkConfig) -> Result<Doorbell, ConfigError> {
    let client = aws_sdk_sqs::Client::new(aws);
    Ok(Doorbell::new(client, variable("SETTLE_QUEUE_URL")?, variable("NOTIFY_QUEUE_URL")?))
}

/// The doorbells with the one at `CHARGER_QUEUE_URL`, for functions that let chargers be told something.
///
/// # Errors
/// When a variable is missing.
pub fn doorbell_to_chargers(aws: &SdkConfig) -> Result<Doorbell, ConfigError> {
    Ok(doorbell(aws)?.with_chargers(variable("CHARGER_QUEUE_URL")?))
}

/// Those of [`doorbell_to_chargers`], and the one at `WEBHOOK_QUEUE_URL`.
///
/// # Errors
/// When a variable is missing.
pub fn doorbell_to_all(aws: &SdkConfig) -> Result<Doorbell, ConfigError> {
    Ok(doorbell_to_chargers(aws)?.with_webhooks(variable("WEBHOOK_QUEUE_URL")?))
}

/// The broker of this account and region.
#[must_use]
pub fn chargers(aws: &SdkConfig) -> Chargers {
    Chargers::new(aws_sdk_iotdataplane::Client::new(aws))
}

/// The topic at `ALERT_TOPIC_ARN`.
///
/// # Errors
/// When a variable is missing.
pub fn alerts(aws: &SdkConfig) -> Result<Alerts, ConfigError> {
    Ok(Alerts::new(aws_sdk_sns::Client::new(aws), variable("ALERT_TOPIC_ARN")?))
}

/// The machine's clock.
#[must_use]
pub fn clock() -> Clock {
    Clock::system()
}

/// Stripe, with the key in the secret at `STRIPE_SECRET_ARN`; a simulator on the same machine where `STRIPE_API_URL` names
/// one.
///
/// # Errors
/// When a variable is missing or unusable, or the secret cannot be read.
pub async fn stripe(aws: &SdkConfig) -> Result<Stripe, ConfigError> {
    Ok(Stripe::new(transport()?, stripe_key(aws).await?, &stripe_api_url()?))
}

/// A key of Stripe's that is read again now and then: one that was replaced is used a quarter of an hour later at most, and
/// at once where Stripe has refused the old one.
#[derive(Debug)]
pub struct FreshKey {
    aws: SdkConfig,
    clock: Clock,
    read_at: Mutex<Timestamp>,
}

impl FreshKey {
    /// The key was just read.
    #[must_use]
    pub fn new(aws: &SdkConfig, clock: Clock) -> Self {
        let read_at = Mutex::new(clock.now());
        Self { aws: aws.clone(), clock, read_at }
    }

    /// Gives `stripe` the key as it is now, when the one it has is old or `refused`. One that cannot be read changes nothing:
    /// the old one may still do.
    pub async fn renew(&self, stripe: &Stripe, refused: bool) {
        let now = self.clock.now();
        {
            let mut read_at = self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
            if !refused && now.duration_since(*read_at).abs() < KEY_TRUSTED {
                return;
            }
            *read_at = now;
        }
        match stripe_key(&self.aws).await {
            Ok(key) => stripe.replace_key(key),
            Err(error) => tracing::warn!(%error, "the key is read again later"),
        }
    }
}

/// Where Stripe's API is: its own address, or a simulator's on this machine that `STRIPE_API_URL` names.
///
/// # Errors
/// When it names anything else.
pub fn stripe_api_url() -> Result<String, ConfigError> {
    stripe_url(std::env::var("STRIPE_API_URL").ok())
}

/// Stripe's own address, or a simulator's on this machine: a key is shown to nobody else.
fn stripe_url(simulator: Option<String>) -> Result<String, ConfigError> {
    let Some(url) = simulator else { return Ok(STRIPE_URL.to_owned()) };
    if url.parse().is_ok_and(|uri| is_here(&uri)) {
        return Ok(url);
    }
    let problem =
        format!("is `{url}`: only a simulator on this machine may stand in for Stripe; leave it out otherwise");
    Err(ConfigError { name: "STRIPE_API_URL", problem })
}

/// To Stripe; with `STRIPE_REQUESTS_PER_SECOND` and `STRIPE_WORKERS` no faster than this worker's share of that.
fn transport() -> Result<Arc<dyn HttpTransport>, ConfigError> {
    if std::env::var_os("STRIPE_REQUESTS_PER_SECOND").is_none() {
        return Ok(Arc::new(HttpsTransport::new()));
    }
    let whole = |name: &'static str| {
        let text = variable(name)?;
        text.parse().map_err(|_| ConfigError { name, problem: format!("is `{text}`, not a whole number above zero") })
    };
    let (per_second, workers) = (whole("STRIPE_REQUESTS_PER_SECOND")?, whole("STRIPE_WORKERS")?);
    Ok(Arc::new(Paced::new(HttpsTransport::new(), per_second, workers)))
}

/// The key in the secret at `STRIPE_SECRET_ARN`, as it is now.
///
/// # Errors
/// When the variable is missing or the secret cannot be read.
pub async fn stripe_key(aws: &SdkConfig) -> Result<SecretKey, ConfigError> {
    Ok(SecretKey::new(secret(aws, "STRIPE_SECRET_ARN").await?))
}

/// The text of the secret that a variable names.
async fn secret(aws: &SdkConfig, name: &'static str) -> Result<String, ConfigError> {
    let unreadable = |problem: &str| ConfigError { name, problem: problem.to_owned() };
    let secrets = aws_sdk_secretsmanager::Client::new(aws);
    let secret = secrets.get_secret_value().secret_id(variable(name)?).send().await;
    let secret = secret.map_err(|_| unreadable("names a secret that this function may not read"))?;
    secret.secret_string.ok_or_else(|| unreadable("names a secret without text"))
}

/// Links at `PORTAL_URL`, signed with the secret at `LINK_SECRET_ARN`.
///
/// # Errors
/// When a variable is missing, or the secret cannot be read or is too short.
pub async fn links(aws: &SdkConfig) -> Result<Links, ConfigError> {
    const NAME: &str = "LINK_SECRET_ARN";
    let key = secret(aws, NAME).await?;
    let links = Links::new(key.as_bytes(), &variable("PORTAL_URL")?);
    links.map_err(|error| ConfigError { name: NAME, problem: error.to_string() })
}

/// What Stripe signs its webhooks with, from the secret at `STRIPE_WEBHOOK_SECRET_ARN`.
///
/// # Errors
/// When the variable is missing, or there is no signing secret at it.
pub async fn signing_secrets(aws: &SdkConfig, clock: &Clock) -> Result<SigningSecrets, ConfigError> {
    const NAME: &str = "STRIPE_WEBHOOK_SECRET_ARN";
    let client = aws_sdk_secretsmanager::Client::new(aws);
    let secrets = SigningSecrets::read(client, variable(NAME)?, clock.now()).await;
    secrets.map_err(|error| ConfigError { name: NAME, problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_to_stripe_or_to_a_simulator_on_this_machine() {
        assert_eq!(stripe_url(None).unwrap(), STRIPE_URL);
        for url in ["http://127.0.0.1:12111", "http://localhost:12111", "http://[::1]:12111"] {
            assert_eq!(stripe_url(Some(url.to_owned())).unwrap(), url);
        }
        for url in
            ["https://stripe.example", "http://10.0.0.1", "", "http://127.0.0.1.example", "https://api.stripe.com"]
        {
            let error = stripe_url(Some(url.to_owned())).unwrap_err().to_string();
            assert!(error.contains("STRIPE_API_URL") && error.contains("on this machine"), "{error}");
        }
    }
}
