//! Lambda `notify`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_adapters::watch::Watch;
use plugtill_adapters::{config, incidents::Incidents};
use plugtill_domain::incident::{Kind, Subject};
use plugtill_notify::{Notify, daily, handle};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, alerts, clock) = (config::store(&aws)?, config::alerts(&aws)?, config::clock());
    let directory = Directory::new(store.clone(), clock.clone());
    let incidents = Incidents::new(store.clone(), directory.clone(), config::doorbell(&aws)?);
    let subject = Subject::billing(Kind::AlertUndeliverable);
    let undeliverable = Watch::new(store.clone(), incidents.clone(), subject, clock.clone());
    let (links, ()) = tokio::join!(config::links(&aws), store.warm());
    let function = Notify { store, directory, incidents, alerts, undeliverable, links: links?, clock };
    // What does not come from the queue is the daily schedule.
    run(service_fn(async |event: LambdaEvent<Value>| {
        let mut line = telemetry.line(&event.context.request_id, event.context.xray_trace_id.as_deref(), 1);
        if event.payload.get("Records").is_none() {
            daily(&function).await?;
            return Ok::<_, Error>(Value::Null);
        }
        let event: SqsEvent = serde_json::from_value(event.payload)?;
        let response = handle(&function, event).await;
        line.left(response.batch_item_failures.len());
        Ok(serde_json::to_value(response)?)
    }))
    .await
}
