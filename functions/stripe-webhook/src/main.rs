//! Lambda `stripe-webhook`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_stripe_webhook::{Input, StripeWebhook, handle};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, doorbell, clock) = (config::store(&aws)?, config::doorbell(&aws)?, config::clock());
    // Without a secret there is nobody to believe: the function does not start.
    let secrets = config::signing_secrets(&aws, &clock).await?;
    let function = StripeWebhook { store, doorbell, secrets, clock };
    run(service_fn(async |event: LambdaEvent<Value>| {
        let _line = telemetry.line(&event.context.request_id, event.context.xray_trace_id.as_deref(), 1);
        Ok::<_, Error>(handle(&function, Input::try_from(event.payload)?).await?)
    }))
    .await
}
