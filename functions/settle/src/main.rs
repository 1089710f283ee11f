//! Lambda `settle`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config::{self, FreshKey};
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_settle::{Handled, Outage, Settle, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    let directory = Directory::new(store.clone(), clock.clone());
    let (stripe, ()) = tokio::join!(config::stripe(&aws), store.warm());
    let (doorbell, stripe, key) = (config::doorbell_to_chargers(&aws)?, stripe?, FreshKey::new(&aws, clock.clone()));
    let incidents = Incidents::new(store.clone(), directory.clone(), doorbell.clone());
    let outage = Outage::new(store.clone(), incidents.clone(), clock.clone());
    let function = Settle { store, directory, doorbell, stripe, clock, incidents, outage };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let mut line = telemetry.line(
            &event.context.request_id,
            event.context.xray_trace_id.as_deref(),
            event.payload.records.len(),
        );
        key.renew(&function.stripe, false).await;
        let Handled { response, left, sessions, .. } = handle(&function, event.payload).await;
        if function.outage.take_refused() {
            key.renew(&function.stripe, true).await;
        }
        line.sessions(&sessions);
        line.left(response.batch_item_failures.len() + left);
        Ok::<_, Error>(response)
    }))
    .await
}
