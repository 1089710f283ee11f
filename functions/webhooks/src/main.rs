//! Lambda `webhooks`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use std::sync::Arc;

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_adapters::transport::HttpsTransport;
use plugtill_webhooks::{PATIENCE, Webhooks, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    let directory = Directory::new(store.clone(), clock.clone());
    let incidents = Incidents::new(store.clone(), directory.clone(), config::doorbell(&aws)?);
    let (links, transport) = (config::links(&aws).await?, Arc::new(HttpsTransport::new().with_timeout(PATIENCE)));
    let function = Webhooks { store, directory, incidents, links, transport, clock };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let items = event.payload.records.len();
        let mut line = telemetry.line(&event.context.request_id, event.context.xray_trace_id.as_deref(), items);
        let response = handle(&function, event.payload).await;
        line.left(response.batch_item_failures.len());
        Ok::<_, Error>(response)
    }))
    .await
}
