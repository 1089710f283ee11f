//! What goes with every request on AWS: its line in the log.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use lambda_http::Context;
use plugtill_adapters::telemetry::Telemetry;

/// What goes with every request.
#[derive(Debug)]
pub struct Around {
    /// Writes lines.
    pub telemetry: Telemetry,
}

/// The same pages, observed.
pub fn observed(pages: Router, around: Around) -> Router {
    pages.layer(from_fn_with_state(Arc::new(around), observe))
}

/// The route is in the line, the address is not: it names sessions.
async fn observe(State(around): State<Arc<Around>>, request: Request, next: Next) -> Response {
    let context = request.extensions().get::<Context>().cloned().unwrap_or_default();
    let mut line = around.telemetry.line(&context.request_id, context.xray_trace_id.as_deref(), 1);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let answer = next.run(request).await;
    line.answered(route.as_ref().map(MatchedPath::as_str), answer.status().as_u16());
    answer
}
