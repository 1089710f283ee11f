//! Lambda `reconcile`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use plugtill_adapters::config::{self, FreshKey};
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_adapters::watch::Watch;
use plugtill_domain::incident::{Kind, Subject};
use plugtill_reconcile::{DAYS, Reconcile, close_days, handle, repair};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, doorbell, clock) = (config::store(&aws)?, config::doorbell(&aws)?, config::clock());
    let (stripe, key) = (config::stripe(&aws).await?, FreshKey::new(&aws, clock.clone()));
    let directory = Directory::new(store.clone(), clock.clone());
    let incidents = Incidents::new(store.clone(), directory.clone(), doorbell);
    let watch = |kind| Watch::new(store.clone(), incidents.clone(), Subject::billing(kind), clock.clone());
    let (differ, silent) = (watch(Kind::ReconciliationDiffers), Some(watch(Kind::WebhookSilence)));
    let function = Reconcile { store, directory, stripe, clock, differ, silent };
    // The schedule's event asks for a reconciliation; an operator asks for repairs, and by a name has them done.
    run(service_fn(async |event: LambdaEvent<Value>| {
        let _line = telemetry.line(&event.context.request_id, event.context.xray_trace_id.as_deref(), 1);
        key.renew(&function.stripe, false).await;
        let since = function.clock.now() - DAYS;
        let Some(order) = event.payload.get("repair") else {
            close_days(&function).await?;
            return Ok::<_, Error>(serde_json::to_value(Box::pin(handle(&function, since)).await?)?);
        };
        let by = order.get("by").and_then(Value::as_str);
        Ok(serde_json::to_value(Box::pin(repair(&function, since, by)).await?)?)
    }))
    .await
}
