//! Tells the operator's own systems what happens to sessions and incidents: signed, tried again for two days, then given up
//! where somebody can see it.
//!
//! Signed as <https://www.standardwebhooks.com> says, so that receivers verify with a library of theirs.
//!
//! # Layout, in reading order
//! - [`handle`]: a batch of doorbells in, the ones to ring again out.
//! - `payload`: what is told.

mod payload;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, StatusCode};
use jiff::Timestamp;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::{Directory, HookName, Store, StoreError, StoredHook, hook_id};
use plugtill_adapters::transport::HttpTransport;
use plugtill_domain::hook::Endpoint;
use plugtill_domain::ids::SiteId;
use plugtill_domain::incident::{Kind, Sighting, Subject};

/// What a receiver has time for; what takes longer it does after its answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// What the function works with.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// The table.
    pub store: Store,
    /// Sites, and whom each tells.
    pub directory: Directory,
    /// Where it is told that somebody does not take what he is told.
    pub incidents: Incidents,
    /// Signs what is told.
    pub links: Links,
    /// The way out.
    pub transport: Arc<dyn HttpTransport>,
    /// Tells when it was told.
    pub clock: Clock,
}

/// Why something stays due.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is told cannot be written.
    #[error("what is told cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// Not a doorbell for this function.
    #[error("message is not a webhook's doorbell: {0}")]
    NotADoorbell(String),
}

/// Handles a batch of doorbells. What the table does not take is rung again; what a receiver does not take is due later.
pub async fn handle(function: &Webhooks, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for record in event.records {
        let told = match serde_json::from_str(record.body.as_deref().unwrap_or_default()) {
            Ok(Ring::Hook(name)) => tell(function, name).await,
            Ok(_) => Err(WebhookError::NotADoorbell("meant for another function".to_owned())),
            Err(error) => Err(WebhookError::NotADoorbell(error.to_string())),
        };
        if let Err(error) = told {
            tracing::error!(error = &error as &dyn std::error::Error, "it stays due");
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = record.message_id.unwrap_or_default();
            response.batch_item_failures.push(failure);
        }
    }
    response
}

async fn tell(function: &Webhooks, name: HookName) -> Result<(), WebhookError> {
    let now = function.clock.now();
    let Some(mut stored) = function.store.hook(name).await? else { return Ok(()) };
    if stored.hook.due_at.is_none_or(|due_at| due_at > now) {
        return Ok(());
    }
    let told = payload::of(function, &stored, now).await?;
    let (site, body) = told.unwrap_or_default();
    let endpoints = endpoints(function, site.as_ref()).await?;
    let left = if body.is_empty() { Vec::new() } else { stored.hook.left(&endpoints) };
    let id = hook_id(&stored.name);
    let posts = left.into_iter().map(|endpoint| post(function, endpoint, &id, &body, now));
    stored.hook.tried(join_all(posts).await, now);
    // Told, then marked: a crash in between tells twice, under one id; the other order would tell never.
    function.store.put_hook(&stored).await?;
    Ok(tell_of_it(function, site, &stored, now).await?)
}

/// Whom a site tells; of the billing, which is no site's, everybody is told once.
async fn endpoints(function: &Webhooks, site: Option<&SiteId>) -> Result<Vec<Endpoint>, StoreError> {
    let sites = function.directory.sites().await?;
    let telling = sites.iter().filter(|known| site.is_none_or(|site| known.site.id == *site));
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for endpoint in telling.flat_map(|known| &known.site.webhooks) {
        if endpoints.iter().all(|known| known.url != endpoint.url) {
            endpoints.push(endpoint.clone());
        }
    }
    Ok(endpoints)
}

async fn post(
    function: &Webhooks,
    endpoint: &Endpoint,
    id: &str,
    body: &str,
    now: Timestamp,
) -> (String, Result<(), String>) {
    let (url, sent_at) = (endpoint.url.clone(), now.as_second());
    let signature = function.links.sign_webhook(&url, id, sent_at, body);
    let request = Request::post(&url)
        .header("content-type", "application/json")
        .header("user-agent", concat!("plugtill/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", id)
        .header("webhook-timestamp", sent_at.to_string())
        .header("webhook-signature", signature)
        .body(Bytes::copy_from_slice(body.as_bytes()));
    let request = match request {
        Ok(request) => request,
        Err(error) => return (url, Err(error.to_string())),
    };
    let answer = match function.transport.send(request).await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        // It is told no more of this: that is what it asks for.
        Ok(answer) if answer.status() == StatusCode::GONE => Ok(()),
        Ok(answer) => Err(format!("HTTP {}", answer.status().as_u16())),
        Err(error) => Err(error.to_string()),
    };
    (url, answer)
}

/// What was given up is an incident; that something was taken again ends it.
async fn tell_of_it(
    function: &Webhooks,
    site: Option<SiteId>,
    stored: &StoredHook,
    now: Timestamp,
) -> Result<(), StoreError> {
    let hook = &stored.hook;
    let Some(site) = site.filter(|_| hook.is_given_up() || !hook.delivered.is_empty()) else { return Ok(()) };
    let facts = hook.problem.clone().unwrap_or_default();
    let subject = Subject::of_site(Kind::DeadLetters, site);
    function.incidents.tell(vec![Sighting::now(subject, facts, !hook.is_given_up(), now)], now).await
}
