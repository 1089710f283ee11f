//! Lambda `charger-events`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_charger_events::{ChargerEvents, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    store.warm().await;
    let directory = Directory::new(store.clone(), clock.clone());
    let function = ChargerEvents {
        store,
        directory,
        doorbell: config::doorbell_to_chargers(&aws)?,
        chargers: config::chargers(&aws),
        clock,
    };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let mut line = telemetry.line(
            &event.context.request_id,
            event.context.xray_trace_id.as_deref(),
            event.payload.records.len(),
        );
        let (response, tally) = handle(&function, event.payload).await;
        line.sessions(&tally.sessions);
        line.left(response.batch_item_failures.len());
        Ok::<_, Error>(response)
    }))
    .await
}
