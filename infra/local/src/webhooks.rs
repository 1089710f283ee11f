//! `plugtill webhooks`: which systems of the operator's own are told, and what they did not take.

use std::path::PathBuf;

use jiff::Timestamp;
use plugtill_adapters::clock::Clock;
use plugtill_operator::{Answer, Request};

use crate::desk::{self, DeskError};

/// What is wanted.
#[derive(Debug, clap::Args)]
pub struct WebhooksArguments {
    /// The directory that `replay --data` or `serve --data` keeps.
    #[arg(long, value_name = "DIR", global = true, default_value = "plugtill-data")]
    data: PathBuf,
    /// As of when; now when not given.
    #[arg(long, value_name = "INSTANT", global = true)]
    at: Option<Timestamp>,
    #[command(subcommand)]
    command: WebhooksCommand,
}

#[derive(Debug, clap::Subcommand)]
enum WebhooksCommand {
    /// The addresses with the secret that each verifies with, and what was given up.
    List,
    /// Try once more what was given up.
    Retry {
        /// Who decided.
        #[arg(long)]
        by: String,
    },
}

/// Shows or orders.
///
/// # Errors
/// When the data cannot be opened.
pub async fn run(arguments: WebhooksArguments) -> Result<(), DeskError> {
    let now = arguments.at.unwrap_or_else(|| Clock::system().now());
    let request = match arguments.command {
        WebhooksCommand::List => Request::Webhooks,
        WebhooksCommand::Retry { by } => Request::RetryWebhooks { by },
    };
    let Answer::Webhooks(told) = desk::ask(&arguments.data, now, request).await? else { return Ok(()) };
    println!("{}", serde_json::to_string_pretty(&told)?);
    Ok(())
}
