//! Lambda `notify`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::{config, telemetry};
use plugtill_notify::{Notify, handle};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::json();
    let aws = config::aws().await;
    let (store, alerts, clock) = (config::store(&aws)?, config::alerts(&aws)?, config::clock());
    let function = Notify { store, alerts, links: config::links(&aws).await?, clock };
    run(service_fn(async |event: LambdaEvent<SqsEvent>| Ok::<_, Error>(handle(&function, event.payload).await))).await
}
