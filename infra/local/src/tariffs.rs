//! `plugtill tariff`: what is wrong with a tariff file, before drivers pay by it.

use std::path::PathBuf;

use plugtill_ocpi::lint::{lint, render_text};

/// What can be done with tariff files.
#[derive(Debug, clap::Subcommand)]
pub enum TariffCommand {
    /// Say everything that is wrong or probably not meant; exit code 1 when a file cannot be published.
    Lint {
        /// OCPI Tariff objects.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print one JSON object a file.
        #[arg(long)]
        json: bool,
    },
}

/// Why the command ended early.
#[derive(Debug, thiserror::Error)]
pub enum TariffCommandError {
    /// A file cannot be read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Some files have errors, as printed.
    #[error("{0} of the tariffs cannot be published; correct the errors above")]
    NotPublishable(usize),
    /// The findings cannot be printed.
    #[error("the findings cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or published.
pub fn run(command: &TariffCommand) -> Result<bool, TariffCommandError> {
    let TariffCommand::Lint { files, json } = command;
    let mut refused = 0;
    for path in files {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|source| TariffCommandError::Unreadable { path: name.clone(), source })?;
        let findings = lint(&text);
        if *json {
            println!("{}", serde_json::json!({ "file": name, "findings": findings.findings }));
        } else {
            print!("{}", render_text(&name, &findings));
        }
        refused += usize::from(!findings.is_publishable());
    }
    if refused > 0 { Err(TariffCommandError::NotPublishable(refused)) } else { Ok(true) }
}
