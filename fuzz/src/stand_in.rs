//! What stands in for AWS and Stripe under the pages: a table that holds one site and one session, and whose answer to every
//! other write is that it was done. Nothing that one input does is there for the next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::StatusCode;
use plugtill_adapters::stripe::{Answer, HttpTransport};
use serde_json::{Value, json};

/// A table, and queues that take everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aws(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    items: BTreeMap<(String, String), Value>,
    is_fixed: bool,
}

/// An SDK client whose requests are answered here.
macro_rules! sdk_client {
    ($sdk:ident, $aws:expr) => {{
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::from_static("us-east-1"))
            .endpoint_url("http://aws.local")
            .allow_no_auth()
            .retry_config($sdk::config::retry::RetryConfig::disabled())
            .timeout_config($sdk::config::timeout::TimeoutConfig::disabled())
            .stalled_stream_protection($sdk::config::StalledStreamProtectionConfig::disabled())
            .http_client($aws)
            .build();
        $sdk::Client::from_conf(config)
    }};
}
pub(crate) use sdk_client;

impl Aws {
    /// From now on no write changes anything.
    pub(crate) fn fix(&self) {
        self.table(|table| table.is_fixed = true);
    }

    fn table<T>(&self, work: impl FnOnce(&mut Table) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, request: &HttpRequest) -> Value {
        let target = request.headers().get("x-amz-target").and_then(|target| target.split_once('.'));
        let body = request.body().bytes().unwrap_or_default();
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        self.table(|table| match target.map_or("", |(_, name)| name) {
            "GetItem" => table.get(&asked),
            "BatchGetItem" => table.get_all(&asked),
            "Query" => table.query(&asked),
            "SendMessageBatch" => json!({ "Successful": [], "Failed": [] }),
            _ => table.write(&asked),
        })
    }
}

impl Table {
    fn get(&self, asked: &Value) -> Value {
        let found = key(&asked["Key"]).and_then(|key| self.items.get(&key));
        found.map_or_else(|| json!({}), |item| json!({ "Item": item }))
    }

    fn get_all(&self, asked: &Value) -> Value {
        let tables = asked["RequestItems"].as_object().into_iter().flatten();
        let found = |keys: &Value| -> Vec<Value> {
            let keys = keys["Keys"].as_array().into_iter().flatten().filter_map(key);
            keys.filter_map(|key| self.items.get(&key).cloned()).collect()
        };
        let responses: serde_json::Map<String, Value> =
            tables.map(|(table, keys)| (table.clone(), Value::from(found(keys)))).collect();
        json!({ "Responses": responses })
    }

    /// A partition, or the part of it that the query names.
    fn query(&self, asked: &Value) -> Value {
        let values = &asked["ExpressionAttributeValues"];
        let bound = |name: &str, otherwise: &str| values[name]["S"].as_str().unwrap_or(otherwise).to_owned();
        let (partition, from, to) = (bound(":pk", ""), bound(":from", ""), bound(":to", "~"));
        let items = self.items.iter().filter(|((pk, sk), _)| *pk == partition && from <= *sk && *sk <= to);
        let mut items: Vec<&Value> = items.map(|(_, item)| item).collect();
        if asked["ScanIndexForward"] == false {
            items.reverse();
        }
        items.truncate(asked["Limit"].as_u64().and_then(|limit| limit.try_into().ok()).unwrap_or(usize::MAX));
        json!({ "Items": items, "Count": items.len(), "ScannedCount": items.len() })
    }

    fn write(&mut self, asked: &Value) -> Value {
        if !self.is_fixed {
            for item in puts(asked) {
                self.items.extend(key(item).map(|key| (key, item.clone())));
            }
        }
        json!({})
    }
}

/// The items that a request puts, by whichever operation.
fn puts(asked: &Value) -> impl Iterator<Item = &Value> {
    let batch = asked["RequestItems"].as_object().into_iter().flatten().flat_map(|(_, puts)| puts.as_array());
    let batch = batch.flatten().map(|put| &put["PutRequest"]["Item"]);
    let together = asked["TransactItems"].as_array().into_iter().flatten().map(|write| &write["Put"]["Item"]);
    batch.chain(together).chain([&asked["Item"]])
}

fn key(item: &Value) -> Option<(String, String)> {
    Some((item["pk"]["S"].as_str()?.to_owned(), item["sk"]["S"].as_str()?.to_owned()))
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = SdkBody::from(self.answer(&request).to_string());
        let mut response = HttpResponse::new(StatusCode::OK.into(), body);
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl HttpClient for Aws {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A Stripe that makes one page.
#[derive(Debug)]
pub(crate) struct Stripe;

impl HttpTransport for Stripe {
    fn send(&self, _: http::Request<bytes::Bytes>) -> Answer<'_> {
        let page = json!({ "id": "cs_1", "object": "checkout.session", "status": "open", "payment_status": "unpaid",
            "url": "https://checkout.stripe.com/c/pay/cs_1" });
        Box::pin(async move { Ok(http::Response::new(page.to_string().into())) })
    }
}
