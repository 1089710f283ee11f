//! Lambda `operator-console`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_http::{Error, run};
use plugtill_adapters::config;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_operator::Desk;
use plugtill_operator_console::{Around, Console, Heard, Pace, Seal, observed, provider, router};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, doorbell, clock) = (config::store(&aws)?, config::doorbell_to_chargers(&aws)?, config::clock());
    let (links, ()) = tokio::join!(config::links(&aws), store.warm());
    let links = links?;
    let directory = Directory::new(store.clone(), clock.clone());
    let seal = Seal::new(&links.key_for("console"), links.is_https()).ok_or("no key to sign sessions with")?;
    let provider = provider(links.base_url())?;
    let desk = Desk { store, directory, doorbell, links, clock };
    let console =
        Console { desk, seal, provider, pace: Pace::default(), heard: Heard::default(), endpoints: Vec::new() };
    run(observed(router(console), Around { telemetry })).await
}
