//! `plugtill quarantine`: what could not be used, until somebody has looked.

use std::path::PathBuf;

use jiff::Timestamp;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::store::QuarantineId;
use plugtill_operator::{Answer, Request, Reviewing, Verdict};

use crate::desk::{self, DeskError};

/// What is wanted of the quarantine.
#[derive(Debug, clap::Args)]
pub struct QuarantineArguments {
    /// The directory that `replay --data` or `serve --data` keeps.
    #[arg(long, value_name = "DIR", global = true, default_value = "plugtill-data")]
    data: PathBuf,
    /// As of when; now when not given.
    #[arg(long, value_name = "INSTANT", global = true)]
    at: Option<Timestamp>,
    /// Who decides; stands in the audit trail.
    #[arg(long, global = true, default_value = "operator")]
    by: String,
    #[command(subcommand)]
    command: QuarantineCommand,
}

#[derive(Debug, clap::Subcommand)]
enum QuarantineCommand {
    /// What waits: name, charger and reason, one a line.
    List {
        /// Since when; 31 days when not given.
        #[arg(long)]
        since: Option<Timestamp>,
        /// Also what somebody has looked at.
        #[arg(long)]
        all: bool,
    },
    /// All that is known of one, its bytes too.
    Show {
        /// Its name.
        id: QuarantineId,
    },
    /// Hand it in once more, after what was wrong is put right.
    Retry {
        /// Its name.
        id: QuarantineId,
    },
    /// It is true, and needs no further effect.
    Accept {
        /// Its name.
        id: QuarantineId,
        /// Why.
        #[arg(long)]
        note: String,
    },
    /// It is noise.
    Drop {
        /// Its name.
        id: QuarantineId,
        /// Why.
        #[arg(long)]
        note: String,
    },
}

/// Shows or decides.
///
/// # Errors
/// When the data cannot be opened, or there is nothing of that name.
pub async fn run(arguments: QuarantineArguments) -> Result<(), DeskError> {
    let QuarantineArguments { data, at, by, command } = arguments;
    let now = at.unwrap_or_else(|| Clock::system().now());
    let review = |id, decision, note: String| Request::Review(Reviewing { id, decision, note, by: by.clone() });
    let since_epoch = Request::Quarantine { since: None, all: true };
    let (request, only) = match command {
        QuarantineCommand::List { since, all } => (Request::Quarantine { since, all }, None),
        QuarantineCommand::Show { id } => (since_epoch, Some(id)),
        QuarantineCommand::Retry { id } => (review(id.clone(), Verdict::Retry, String::new()), Some(id)),
        QuarantineCommand::Accept { id, note } => (review(id.clone(), Verdict::Accept, note), Some(id)),
        QuarantineCommand::Drop { id, note } => (review(id.clone(), Verdict::Drop, note), Some(id)),
    };
    let Answer::Quarantine(waiting) = desk::ask(&data, now, request).await? else { return Ok(()) };
    for waiting in waiting {
        match &only {
            None => println!("{}  {}  {}", waiting.id, waiting.charger, waiting.reason),
            Some(id) if *id == waiting.id => println!("{}", serde_json::to_string_pretty(&waiting)?),
            Some(_) => {}
        }
    }
    Ok(())
}
