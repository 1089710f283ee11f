//! Secrets Manager on one machine: secrets by name, read by the unmodified SDK client.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use http::StatusCode;
use serde_json::{Value, json};

use super::lock;
use super::transport::{Edge, answer, body, dropped, sdk_client, target};

const JSON: &str = "application/x-amz-json-1.1";

/// The secrets of this process. Clones share them.
#[derive(Clone, Default)]
pub struct LocalSecrets(Arc<Secrets>);

#[derive(Default)]
struct Secrets(Mutex<State>);

#[derive(Default)]
struct State {
    by_name: BTreeMap<String, String>,
    reads: usize,
    unreachable: bool,
}

impl LocalSecrets {
    /// Stores `text` as the secret `name`, in place of what it was.
    pub fn put(&self, name: &str, text: &str) {
        lock(&self.0.0).by_name.insert(name.to_owned(), text.to_owned());
    }

    /// Lets every connection break from now on, or no more.
    pub fn unreachable(&self, unreachable: bool) {
        lock(&self.0.0).unreachable = unreachable;
    }

    /// How often a secret was asked for.
    #[must_use]
    pub fn reads(&self) -> usize {
        lock(&self.0.0).reads
    }

    /// An SDK client of these secrets that tries once.
    #[must_use]
    pub fn sdk_client(&self) -> Client {
        sdk_client!(aws_sdk_secretsmanager, Arc::clone(&self.0), "http://secretsmanager.local", RetryConfig::disabled())
    }
}

impl Edge for Secrets {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let mut state = lock(&self.0);
        state.reads += 1;
        if state.unreachable {
            return Err(dropped());
        }
        let refused = |kind: &str| answer(StatusCode::BAD_REQUEST, JSON, json!({ "__type": kind }).to_string());
        if target(request) != "GetSecretValue" {
            return Ok(refused("UnknownOperationException"));
        }
        let asked: Value = serde_json::from_slice(body(request)).unwrap_or_default();
        let name = asked["SecretId"].as_str().unwrap_or_default();
        Ok(match state.by_name.get(name) {
            Some(text) => answer(StatusCode::OK, JSON, json!({ "Name": name, "SecretString": text }).to_string()),
            None => refused("ResourceNotFoundException"),
        })
    }
}

impl fmt::Debug for LocalSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSecrets").field("reads", &self.reads()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}
