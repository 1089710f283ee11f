//! `plugtill tariff`: what is wrong with a tariff file, before drivers pay by it; and how drivers read it.

use std::path::{Path, PathBuf};

use plugtill_domain::idle::IdlePolicy;
use plugtill_domain::tariff::Tariff;
use plugtill_domain::tariff::ocpi::OcpiTariff;
use plugtill_ocpi::lint::{lint, render_text};
use plugtill_ocpi::show::{self, week};

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
    /// Show the week as a price table, in the order of the EU's AFIR: per kWh, per minute, per session, the rest.
    Show {
        /// An OCPI Tariff object.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// An idle policy, as in a site file's `idle`.
        #[arg(long, value_name = "FILE")]
        idle: Option<PathBuf>,
        /// Print JSON.
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
    /// A file cannot be used.
    #[error("{path}: {problem}")]
    Unusable {
        /// Which file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The answer cannot be printed.
    #[error("the answer cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or published.
pub fn run(command: &TariffCommand) -> Result<bool, TariffCommandError> {
    match command {
        TariffCommand::Lint { files, json } => run_lint(files, *json),
        TariffCommand::Show { file, idle, json } => run_show(file, idle.as_deref(), *json),
    }
}

fn run_show(file: &Path, idle: Option<&Path>, json: bool) -> Result<bool, TariffCommandError> {
    let text = read(file)?;
    let findings = lint(&text);
    if !findings.is_publishable() {
        print!("{}", render_text(&file.display().to_string(), &findings));
        return Err(TariffCommandError::NotPublishable(1));
    }
    let unusable =
        |path: &Path, problem: String| TariffCommandError::Unusable { path: path.display().to_string(), problem };
    let wire: OcpiTariff = serde_json::from_str(&text).map_err(|e| unusable(file, e.to_string()))?;
    let tariff = Tariff::try_from(wire).map_err(|e| unusable(file, e.to_string()))?;
    let policy = |path: &Path| -> Result<IdlePolicy, TariffCommandError> {
        serde_json::from_str(&read(path)?).map_err(|e| unusable(path, e.to_string()))
    };
    let table = week(&tariff, idle.map(policy).transpose()?.as_ref());
    if json {
        println!("{}", serde_json::to_string(&table)?);
    } else {
        print!("{}", show::render_text(&table));
    }
    Ok(true)
}

fn read(path: &Path) -> Result<String, TariffCommandError> {
    let unreadable = |source| TariffCommandError::Unreadable { path: path.display().to_string(), source };
    std::fs::read_to_string(path).map_err(unreadable)
}

fn run_lint(files: &[PathBuf], json: bool) -> Result<bool, TariffCommandError> {
    let mut refused = 0;
    for path in files {
        let name = path.display().to_string();
        let text = read(path)?;
        let findings = lint(&text);
        if json {
            println!("{}", serde_json::json!({ "file": name, "findings": findings.findings }));
        } else {
            print!("{}", render_text(&name, &findings));
        }
        refused += usize::from(!findings.is_publishable());
    }
    if refused > 0 { Err(TariffCommandError::NotPublishable(refused)) } else { Ok(true) }
}
