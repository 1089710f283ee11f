//! The `plugtill` binary.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    plugtill_adapters::telemetry::plain();
    plugtill::cli::run().await
}
