//! `plugtill charger`: who may connect, and what they are told.

use std::path::PathBuf;

use jiff::Timestamp;
use plugtill_adapters::clock::Clock;
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, SiteId};
use plugtill_domain::site::ConnectorEntry;
use plugtill_domain::units::Watts;
use plugtill_operator::{Answer, NewCharger, Request, Telling};

use crate::desk::{self, DeskError};

/// What is wanted of the register of chargers.
#[derive(Debug, clap::Args)]
pub struct ChargerArguments {
    /// The directory that `serve --data` keeps.
    #[arg(long, value_name = "DIR", global = true, default_value = "plugtill-data")]
    data: PathBuf,
    /// Who decides; stands in the audit trail.
    #[arg(long, global = true, default_value = "operator")]
    by: String,
    #[command(subcommand)]
    command: ChargerCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ChargerCommand {
    /// Let a charger in; prints the password it has to connect with.
    Add {
        /// The charger's identity, as it connects.
        id: ChargerId,
        /// The site where it stands.
        #[arg(long)]
        site: SiteId,
        /// A connector and the most it delivers, for example 1:22000; once for each.
        #[arg(long = "connector", value_name = "NUMBER:WATTS", value_parser = connector, required = true)]
        connectors: Vec<ConnectorEntry>,
        /// 16 to 40 characters; made when not given.
        #[arg(long)]
        password: Option<String>,
    },
    /// The chargers: where they stand, what they speak, when they were last heard of.
    List,
    /// Let many in, from a JSON file: an array of what `add` takes.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Tell a charger to let somebody charge.
    Start {
        /// Which.
        id: ChargerId,
        /// At which connector.
        connector: u32,
        /// In whose name.
        tag: IdTag,
    },
    /// Tell a charger to stop a session.
    Stop {
        /// The session, as receipts name it.
        session: SessionId,
    },
    /// Tell a charger to let go of a cable.
    Unlock {
        /// Which.
        id: ChargerId,
        /// Which connector.
        connector: u32,
    },
    /// Tell a charger to send a message now, for example StatusNotification.
    Trigger {
        /// Which.
        id: ChargerId,
        /// The message.
        message: String,
    },
    /// What a charger was told, and what it answered.
    Told {
        /// Which.
        id: ChargerId,
    },
}

/// Why the command ended early.
#[derive(Debug, thiserror::Error)]
pub enum ChargerError {
    /// The register cannot be asked.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The file cannot be used.
    #[error("{path}: {problem}")]
    File {
        /// Which.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The answer cannot be printed.
    #[error("the answer cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

fn connector(text: &str) -> Result<ConnectorEntry, String> {
    let wrong = || format!("`{text}` is no connector: write NUMBER:WATTS, for example 1:22000");
    let (number, watts) = text.split_once(':').ok_or_else(wrong)?;
    let (id, max_power_w) = (number.parse().map_err(|_| wrong())?, watts.parse().map_err(|_| wrong())?);
    Ok(ConnectorEntry { id: ConnectorId(id), max_power_w: Watts(max_power_w) })
}

/// Changes or shows the register, or tells a charger something.
///
/// # Errors
/// When the data cannot be opened, or the order cannot be carried out.
pub async fn run(arguments: ChargerArguments) -> Result<(), ChargerError> {
    let ChargerArguments { data, by, command } = arguments;
    let now = Clock::system().now();
    let tell = |charger, order| Request::Tell { charger, order, by: by.clone() };
    let request = match command {
        ChargerCommand::Import { file } => return import(&data, &file, &by, now).await,
        ChargerCommand::Add { id, site, connectors, password } => {
            Request::AddCharger(NewCharger { id, site, connectors, password, by })
        }
        ChargerCommand::List => Request::Chargers,
        ChargerCommand::Start { id, connector, tag } => {
            tell(id, Telling::Start { connector: ConnectorId(connector), tag })
        }
        ChargerCommand::Stop { session } => tell(session.charger.clone(), Telling::Stop { session }),
        ChargerCommand::Unlock { id, connector } => tell(id, Telling::Unlock { connector: ConnectorId(connector) }),
        ChargerCommand::Trigger { id, message } => tell(id, Telling::Trigger { message, connector: None }),
        ChargerCommand::Told { id } => Request::Told { charger: id },
    };
    print(&desk::ask(&data, now, request).await?)
}

async fn import(data: &std::path::Path, file: &std::path::Path, by: &str, now: Timestamp) -> Result<(), ChargerError> {
    let failed = |problem: String| ChargerError::File { path: file.display().to_string(), problem };
    let text = std::fs::read_to_string(file).map_err(|e| failed(e.to_string()))?;
    let mut entries: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(|e| failed(e.to_string()))?;
    let mut chargers: Vec<NewCharger> = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter_mut().enumerate() {
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("by".to_owned(), by.into());
        }
        let read = serde_json::from_value(entry.take());
        chargers.push(read.map_err(|error| failed(format!("charger {}: {error}", index + 1)))?);
    }
    for charger in chargers {
        print(&desk::ask(data, now, Request::AddCharger(charger)).await?)?;
    }
    Ok(())
}

pub(crate) fn print(answer: &Answer) -> Result<(), ChargerError> {
    println!("{}", serde_json::to_string_pretty(answer)?);
    Ok(())
}
