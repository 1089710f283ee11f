//! Structured logs: JSON lines on AWS, plain lines on a terminal. No message body, card or tag is ever logged.

use tracing_subscriber::EnvFilter;

fn filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,plugtill=info"))
}

/// JSON lines on standard output, as CloudWatch Logs reads them. Call once.
pub fn json() {
    tracing_subscriber::fmt().json().with_env_filter(filter()).with_current_span(false).init();
}

/// Plain lines on standard error, for one machine. Call once.
pub fn plain() {
    let quiet = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error,rumqttd=off"));
    tracing_subscriber::fmt().with_env_filter(quiet).with_writer(std::io::stderr).init();
}
