//! Lambda `driver-portal`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_http::{Error, run};
use plugtill_adapters::store::Directory;
use plugtill_adapters::{config, telemetry};
use plugtill_driver_portal::{Portal, router};

#[tokio::main]
async fn main() -> Result<(), Error> {
    telemetry::json();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    let (stripe, links) = (config::stripe(&aws).await?, config::links(&aws).await?);
    let directory = Directory::new(store.clone(), clock.clone());
    run(router(Portal { store, directory, stripe, links, clock })).await
}
