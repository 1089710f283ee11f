//! Lambda `settle`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::{config, telemetry};
use plugtill_settle::{Handled, Outage, Settle, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::json();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    let directory = Directory::new(store.clone(), clock.clone());
    let (doorbell, stripe) = (config::doorbell_to_chargers(&aws)?, config::stripe(&aws).await?);
    let incidents = Incidents::new(store.clone(), directory.clone(), doorbell.clone());
    let outage = Outage::new(store.clone(), incidents.clone(), clock.clone());
    let function = Settle { store, directory, doorbell, stripe, clock, incidents, outage };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let Handled { response, quarantined, left } = handle(&function, event.payload).await;
        if function.outage.take_refused() {
            function.stripe.replace_key(config::stripe_key(&aws).await?);
        }
        tracing::info!(quarantined, left, failed = response.batch_item_failures.len(), "batch");
        Ok::<_, Error>(response)
    }))
    .await
}
