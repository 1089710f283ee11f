//! The `plugtill` binary.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    plugtill_adapters::telemetry::plain();
    plugtill::cli::run().await
}
