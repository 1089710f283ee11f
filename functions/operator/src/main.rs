//! Lambda `operator`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_operator::{Desk, Request, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, doorbell, clock) = (config::store(&aws)?, config::doorbell_to_chargers(&aws)?, config::clock());
    let directory = Directory::new(store.clone(), clock.clone());
    let links = config::links(&aws).await?;
    let function = Desk { store, directory, doorbell, links, clock };
    run(service_fn(async |event: LambdaEvent<Request>| {
        let _line = telemetry.line(&event.context.request_id, event.context.xray_trace_id.as_deref(), 1);
        Ok::<_, Error>(serde_json::to_value(Box::pin(handle(&function, event.payload)).await?)?)
    }))
    .await
}
