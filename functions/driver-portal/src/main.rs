//! Lambda `driver-portal`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_http::{Error, run};
use plugtill_adapters::config::{self, FreshKey};
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_driver_portal::{Around, Portal, observed, router};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    let (stripe, links, ()) = tokio::join!(config::stripe(&aws), config::links(&aws), store.warm());
    let (stripe, links) = (stripe?, links?);
    let directory = Directory::new(store.clone(), clock.clone());
    let around = Around { telemetry, key: FreshKey::new(&aws, clock.clone()), stripe: stripe.clone() };
    run(observed(router(Portal { store, directory, stripe, links, clock }), around)).await
}
