//! Stripe's webhooks: what is believed, what is filed, and what comes of it.

mod entrances;
mod filing;
mod forged;
mod secrets;

use hmac::{Hmac, KeyInit, Mac};
use plugtill::edges::secrets::LocalSecrets;
use plugtill::edges::sqs::LocalQueues;
use plugtill::stack::Stack;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::Doorbell;
use plugtill_adapters::store::FiledEvent;
use plugtill_adapters::webhook::{Rejection, SigningSecrets};
use plugtill_stripe_webhook::{Input, Received, StripeWebhook, handle, receive};
use plugtill_tests::{at, site, stack};
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "whsec_0123456789abcdefghijklmn";
/// The secret's name at Secrets Manager.
const NAME: &str = "stripe-webhook";

/// The function beside a running product, whose clock, table and queues it shares.
struct Endpoint {
    stack: Stack,
    secrets: LocalSecrets,
    webhook: StripeWebhook,
}

async fn endpoint() -> Endpoint {
    endpoint_with(SECRET).await
}

async fn endpoint_with(secret: &str) -> Endpoint {
    let stack = stack(&site(json!({}))).await;
    let secrets = LocalSecrets::default();
    secrets.put(NAME, secret);
    let clock = stack.clock.clone();
    let (settle, notify) = (LocalQueues::url("settle"), LocalQueues::url("notify"));
    let webhook = StripeWebhook {
        store: stack.store.clone(),
        doorbell: Doorbell::new(stack.queues.sdk_client(), settle, notify),
        secrets: SigningSecrets::read(secrets.sdk_client(), NAME, at(0)).await.unwrap(),
        clock: Clock::from_fn(move || clock.now()),
    };
    Endpoint { stack, secrets, webhook }
}

impl Endpoint {
    fn now(&self) -> i64 {
        self.stack.clock.now().as_second()
    }

    /// A delivery as any host of the function has it.
    async fn receives(&self, signature: Option<&str>, body: &str) -> Received {
        let mut headers = http::HeaderMap::new();
        if let Some(signature) = signature {
            headers.insert("Stripe-Signature", signature.parse().unwrap());
        }
        receive(&self.webhook, &headers, body.as_bytes()).await
    }

    /// A delivery signed now, as Stripe signs it.
    async fn delivers(&self, event: &Value) -> Received {
        let body = event.to_string();
        self.receives(Some(&signed(SECRET, self.now(), &body)), &body).await
    }

    /// A delivery that is refused: 400 and nothing more to the sender, and not so much as a request to the table.
    async fn refuses(&self, signature: Option<&str>, body: &str, reason: Rejection) {
        let (usage, depth) = (self.stack.table.usage(), self.stack.queues.depth("settle"));
        let received = self.receives(signature, body).await;
        assert!(matches!(&received, Received::Rejected(why) if *why == reason), "{received:?} is not {reason:?}");
        let input = Input::try_from(request(signature, body)).unwrap();
        let answer = serde_json::to_value(handle(&self.webhook, input).await.unwrap()).unwrap();
        assert_eq!((&answer["statusCode"], answer.get("body")), (&json!(400), None));
        assert_eq!((self.stack.table.usage(), self.stack.queues.depth("settle")), (usage, depth), "no effect");
    }

    async fn pending(&self, object: &str) -> Vec<FiledEvent> {
        self.stack.store.pending_events(object).await.unwrap()
    }

    /// Ids of the pending events of a payment.
    async fn pending_ids(&self, object: &str) -> Vec<String> {
        self.pending(object).await.into_iter().map(|event| event.event_id).collect()
    }
}

/// An event as Stripe sends it, with more in it than is read.
fn event(id: &str, event_type: &str, created: i64, object: &str) -> Value {
    let kind = match object.split_once('_') {
        Some(("pi", _)) => "payment_intent",
        Some(("ch", _)) => "charge",
        Some(("du", _)) => "dispute",
        Some(("cs", _)) => "checkout.session",
        _ => "flux_capacitor",
    };
    json!({
        "id": id, "object": "event", "api_version": "2026-09-30.endive", "created": created, "type": event_type,
        "data": { "object": { "id": object, "object": kind, "amount": 2000, "currency": "eur", "metadata": {} } },
        "livemode": false, "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null },
    })
}

/// A payment's event at [`at`]`(0)`.
fn capturable() -> Value {
    event("evt_1", "payment_intent.amount_capturable_updated", at(0).as_second(), "pi_1")
}

/// The signature of `message` alone.
fn signature(secret: &str, message: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// The header of a genuine delivery.
fn signed(secret: &str, at: i64, body: &str) -> String {
    let v1 = signature(secret, &format!("{at}.{body}"));
    format!("t={at},v1={v1},v0={}", "0".repeat(64))
}

/// What API Gateway gives the function.
fn request(signature: Option<&str>, body: &str) -> Value {
    let mut headers = json!({ "content-type": "application/json; charset=utf-8", "user-agent": "Stripe/1.0" });
    if let Some(signature) = signature {
        headers["stripe-signature"] = signature.into();
    }
    json!({
        "version": "2.0", "routeKey": "POST /stripe/webhook", "rawPath": "/stripe/webhook", "rawQueryString": "",
        "headers": headers, "body": body, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "api.execute-api.eu-west-1.amazonaws.com",
            "http": { "method": "POST", "path": "/stripe/webhook", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
            "requestId": "r", "routeKey": "POST /stripe/webhook", "stage": "$default", "timeEpoch": 1_772_442_000_000_i64,
        },
    })
}
