//! Lambda `sweep`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_sweep::{Sweep, Watches, handle};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, doorbell, clock) = (config::store(&aws)?, config::doorbell_to_all(&aws)?, config::clock());
    let directory = Directory::new(store.clone(), clock.clone());
    let incidents = Incidents::new(store.clone(), directory, doorbell.clone());
    let watches = Watches::new(&store, &incidents, &clock);
    let function = Sweep { store, doorbell, clock, watches, dead_letters: config::dead_letters(&aws)? };
    run(service_fn(async |event: LambdaEvent<Value>| {
        let _line = telemetry.line(&event.context.request_id, event.context.xray_trace_id.as_deref(), 1);
        let swept = handle(&function).await?;
        Ok::<_, Error>(serde_json::json!({ "rung": swept.rung }))
    }))
    .await
}
