//! Lambda `driver-portal`: telemetry, adapters from the environment, run.
// The SDKs' futures nest deeper than the compiler looks by default.
#![recursion_limit = "256"]

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use lambda_http::{Context, Error, run};
use plugtill_adapters::config::{self, FreshKey};
use plugtill_adapters::store::Directory;
use plugtill_adapters::stripe::Stripe;
use plugtill_adapters::telemetry::Telemetry;
use plugtill_driver_portal::{Portal, router};

/// What goes with every request.
struct Around {
    telemetry: Telemetry,
    key: FreshKey,
    stripe: Stripe,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let telemetry = Telemetry::start();
    let aws = config::aws().await;
    let (store, clock) = (config::store(&aws)?, config::clock());
    let (stripe, links, ()) = tokio::join!(config::stripe(&aws), config::links(&aws), store.warm());
    let (stripe, links) = (stripe?, links?);
    let directory = Directory::new(store.clone(), clock.clone());
    let around = Around { telemetry, key: FreshKey::new(&aws, clock.clone()), stripe: stripe.clone() };
    let pages = router(Portal { store, directory, stripe, links, clock });
    run(pages.layer(from_fn_with_state(Arc::new(around), observed))).await
}

/// Writes the request's line. Addresses are not in it: they are secrets between a driver and us.
async fn observed(State(around): State<Arc<Around>>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<Context>().cloned().unwrap_or_default();
    let mut line = around.telemetry.line(&context.request_id, context.xray_trace_id.as_deref(), 1);
    around.key.renew(&around.stripe, false).await;
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answer = next.run(request).await;
    line.answered(route.as_ref().map(MatchedPath::as_str), answer.status().as_u16());
    answer
}
