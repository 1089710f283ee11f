//! What a function writes about itself: warnings and errors as JSON lines, and one line an invocation with what was counted
//! and the sessions it was about. No message body, card, tag or address is ever logged; what may stand in a line is what
//! [`Line`] has methods for.
//!
//! Counters are CloudWatch metrics at the same time: a line in the embedded metric format is both, so that nothing is sent
//! and nothing is waited for. Adapters and functions count through the `metrics` crate; where no telemetry was started, on
//! one machine, that does nothing. Money is counted by currency, in a line of its own when any was moved.

use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use metrics_cloudwatch_embedded::{Builder, Collector};
use plugtill_domain::ids::SessionId;
use serde_json::Value;
use tracing_subscriber::EnvFilter;

/// The most sessions that a line names: a batch may be about a hundred.
const NAMED: usize = 10;
/// Under this name CloudWatch keeps the metrics, unless `METRICS_NAMESPACE` gives another.
const NAMESPACE: &str = "plugtill";

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,plugtill=info"))
}

/// Plain lines on standard error, for one machine. Call once.
pub fn plain() {
    let quiet = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error,rumqttd=off"));
    tracing_subscriber::fmt().with_env_filter(quiet).with_writer(std::io::stderr).init();
}

/// Counts, and writes a line an invocation.
pub struct Telemetry {
    collector: Option<&'static Collector>,
    out: Box<dyn Fn() -> Box<dyn Write> + Send + Sync>,
    cold: AtomicBool,
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").field("cold", &self.cold).finish_non_exhaustive()
    }
}

impl Telemetry {
    /// Lines on standard output, as CloudWatch Logs reads them. Call once.
    #[must_use]
    pub fn start() -> Self {
        Self::writing(io::stdout)
    }

    /// The same to another place. Call once: what is counted is the process's.
    #[must_use]
    pub fn writing<W: Write + 'static>(out: impl Fn() -> W + Clone + Send + Sync + 'static) -> Self {
        tracing_subscriber::fmt()
            .json()
            .with_env_filter(filter())
            .with_current_span(false)
            .with_writer(out.clone())
            .init();
        let namespace = std::env::var("METRICS_NAMESPACE").ok().filter(|name| !name.is_empty());
        let collector = Builder::new().cloudwatch_namespace(namespace.unwrap_or_else(|| NAMESPACE.to_owned())).init();
        let collector = collector.inspect_err(|error| tracing::error!(error, "nothing is counted")).ok();
        Self { collector, out: Box::new(move || Box::new(out())), cold: AtomicBool::new(true) }
    }

    /// Begins the line of an invocation that was given `items`; it is written when it is dropped.
    #[must_use]
    pub fn line(&self, request_id: &str, trace_id: Option<&str>, items: usize) -> Line<'_> {
        let cold = self.cold.swap(false, Ordering::Relaxed);
        metrics::counter!("Items").increment(items as u64);
        Line {
            telemetry: self,
            started: Instant::now(),
            properties: vec![
                ("request_id", request_id.into()),
                ("trace_id", trace_id.into()),
                ("cold", Some(true).filter(|_| cold).into()),
            ],
        }
    }
}

/// What is written about one invocation.
#[derive(Debug)]
pub struct Line<'a> {
    telemetry: &'a Telemetry,
    started: Instant,
    properties: Vec<(&'static str, Value)>,
}

impl Line<'_> {
    /// The sessions it was about: by them a charge at Stripe is followed back to the charger's message.
    pub fn sessions<'s>(&mut self, sessions: impl IntoIterator<Item = &'s SessionId>) {
        let named: Vec<String> = sessions.into_iter().take(NAMED).map(ToString::to_string).collect();
        self.properties.push(("sessions", Some(named).filter(|named| !named.is_empty()).into()));
    }

    /// How many items are left to be done again.
    pub fn left(&mut self, items: usize) {
        self.properties.push(("left", Some(items).filter(|items| *items > 0).into()));
    }

    /// Which route was asked, as it is declared and not as it was called: an address may be a secret; and the answer's status.
    pub fn answered(&mut self, route: Option<&str>, status: u16) {
        self.properties.extend([("route", route.into()), ("status", status.into())]);
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        let Some(collector) = self.telemetry.collector else { return };
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        for (name, value) in self.properties.drain(..).chain([("ms", ms.into())]) {
            // Properties stay from one invocation to the next unless they are taken away.
            if value.is_null() {
                collector.remove_property(name);
            } else {
                collector.set_property(name, value);
            }
        }
        if let Err(error) = collector.flush((self.telemetry.out)()) {
            tracing::error!(%error, "an invocation's line is lost");
        }
        for name in ["sessions", "left", "route", "status"] {
            collector.remove_property(name);
        }
    }
}
