//! The command line.

use std::fs::File;
use std::io::{BufWriter, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::config::stripe_api_url;

use crate::stack::{Options, RemoteStripe, StackError};
use crate::summary::{Accounts, Summary};
use crate::traffic::Traffic;
use crate::{
    alerts, cdrs, charge, chargers, codes, cost, demo, desk, incidents, price, quarantine, receipts, reconciliation,
    replay, serve, simulate, simulator, site_file, summary, tariffs, users, verify, webhooks,
};

const EXAMPLES: &str = "\
Examples:
  plugtill                                         the whole product with simulated chargers; Ctrl-C ends it
  plugtill --for 20s                               the same for 20 seconds
  plugtill serve --site site.json                  real chargers: ws://127.0.0.1:9000/<charger>, mqtt://127.0.0.1:1883
  plugtill charge ws://127.0.0.1:9000/CP1 --tag TAG1 --pace 600
  plugtill replay traffic.jsonl.zst --site site.json
  zcat traffic.gz | plugtill replay - --site site.json --json --receipts receipts.jsonl
  plugtill codes --site site.json --portal-url https://pay.example.com > codes.html
  plugtill price --tariff tariff.json --usage usage.json --explain
  plugtill tariff lint tariffs/*.json

Exit codes: 0 every session and cent is accounted for, 1 usage or input, 2 an invariant failed.";

/// plugtill, the till at the plug: bills public EV charging sessions, on this machine as on AWS.
#[derive(Debug, Parser)]
#[command(name = "plugtill", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
struct Arguments {
    /// End by itself after this long, e.g. `20s` or `5m`.
    #[arg(long = "for", value_name = "DURATION")]
    run_for: Option<SignedDuration>,
    /// How much faster than the clock on the wall time passes.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    speed: u32,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run captured charger traffic through the product in event time and print the revenue report.
    #[command(after_help = EXAMPLES)]
    Replay(ReplayArguments),
    /// Price one session by an OCPI tariff, with the reason for every line.
    #[command(after_help = EXAMPLES)]
    Price(price::PriceArguments),
    /// Hold the books of a kept run against Stripe's: every session, cent, fee and payout.
    Reconcile(reconciliation::ReconcileArguments),
    /// Give back, give up, ask who owes and what proves a session, on the data of a kept run.
    Operator(desk::DeskArguments),
    /// Serve real chargers on this machine, over MQTT and WebSocket.
    Serve(serve::ServeArguments),
    /// Let one vehicle charge at an OCPP endpoint, ours or another: to try it.
    Charge(charge::ChargeArguments),
    /// A sheet to print with the code of every stall.
    Codes(codes::CodesArguments),
    /// What a million sessions cost on AWS, from what is counted while some are played.
    Cost(cost::CostArguments),
    /// Let everything go wrong, drawn from seeds, and prove what has to hold nevertheless.
    Simulate(simulate::SimulateArguments),
    /// Walk a kept store and prove every invariant on it.
    Verify(verify::VerifyArguments),
    /// Serve the Stripe simulator alone, for functions that run somewhere else.
    StripeSimulator(simulator::SimulatorArguments),
    /// Let chargers in, list them, tell them something.
    Charger(chargers::ChargerArguments),
    /// Who may sign in to the console: add, remove, list.
    User(users::AccessArguments<users::UserCommand>),
    /// What machines prove themselves with at the API: add, remove, list.
    Key(users::AccessArguments<users::KeyCommand>),
    /// What breaks, or broke: list, acknowledge, exclude from uptime.
    Incidents(incidents::IncidentsArguments),
    /// Uptime over twelve months, and how soon people acted.
    Uptime(incidents::UptimeArguments),
    /// Who is told of incidents on this machine, and what was told.
    Alerts(alerts::AlertsArguments),
    /// Which systems of your own are told of sessions and incidents, and what they did not take.
    Webhooks(webhooks::WebhooksArguments),
    /// What could not be used: list, show, retry, accept, drop.
    Quarantine(quarantine::QuarantineArguments),
    /// Look at tariffs before drivers pay by them.
    #[command(subcommand)]
    Tariff(tariffs::TariffCommand),
}

#[derive(Debug, clap::Args)]
struct ReplayArguments {
    /// Captured traffic, one JSON object a line; `-` for standard input, .gz and .zst are unpacked.
    file: PathBuf,
    /// The site file: chargers, tariff, idle policy, drivers.
    #[arg(long, value_name = "SITE.json")]
    site: PathBuf,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Write a receipt a line for every session.
    #[arg(long, value_name = "OUT.jsonl")]
    receipts: Option<PathBuf>,
    /// Write OCPI 2.2.1 CDRs, one a line, of every settled session; the sites have to say what `roaming` partners are told.
    #[arg(long, value_name = "OUT.jsonl")]
    cdrs: Option<PathBuf>,
    /// Keep everything in this directory, so that the replay can be stopped, continued and repeated.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Compute every bill anew from the stored evidence alone and compare.
    #[arg(long)]
    verify: bool,
    /// Post what Stripe kept and paid out, and hold the books against Stripe's.
    #[arg(long)]
    reconcile: bool,
}

/// Why a command ended early: printed as one line, exit code 1.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Site(#[from] site_file::SiteFileError),
    #[error(transparent)]
    Traffic(#[from] crate::traffic::TrafficError),
    #[error(transparent)]
    Replay(#[from] replay::ReplayError),
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    #[error("the table does not answer: {0}")]
    Store(#[from] plugtill_adapters::store::StoreError),
    #[error(transparent)]
    Price(#[from] price::PriceError),
    #[error(transparent)]
    Tariff(#[from] tariffs::TariffCommandError),
    #[error("{path}: cannot be written: {source}")]
    Output { path: String, source: std::io::Error },
    #[error(transparent)]
    Cdrs(#[from] cdrs::CdrsError),
    #[error(transparent)]
    Stack(#[from] StackError),
    #[error(transparent)]
    Config(#[from] plugtill_adapters::config::ConfigError),
    #[error(transparent)]
    Serve(#[from] serve::ServeError),
    #[error(transparent)]
    Charge(#[from] charge::ChargeError),
    #[error(transparent)]
    Codes(#[from] codes::CodesError),
    #[error(transparent)]
    Cost(#[from] cost::CostError),
    #[error(transparent)]
    Simulate(#[from] simulate::SimulateError),
    #[error(transparent)]
    Verify(#[from] verify::VerifyError),
    #[error(transparent)]
    Simulator(#[from] simulator::SimulatorError),
    #[error(transparent)]
    Charger(#[from] chargers::ChargerError),
    #[error(transparent)]
    Desk(#[from] desk::DeskError),
    #[error(transparent)]
    Alerts(#[from] alerts::AlertsError),
    #[error(transparent)]
    Reconcile(#[from] reconciliation::ReconcileCommandError),
    #[error("the report cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs the command line; the exit code says whether everything is accounted for.
pub async fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors.
            let code = if error.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
            let _ = error.print();
            return code;
        }
    };
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    tokio::spawn(async move {
        asked_to_stop().await;
        asked.store(true, Ordering::Relaxed);
    });
    match Box::pin(carry_out(arguments, &stop)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("plugtill: {error}");
            ExitCode::from(1)
        }
    }
}

/// Ctrl-C, or what service managers and containers send. Where neither can be waited for, it is never asked.
async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! { () = interrupted => {} _ = terminated.recv() => {} }
            return;
        }
    }
    interrupted.await;
}

/// Whether all is accounted for, where that is asked.
async fn carry_out(arguments: Arguments, stop: &AtomicBool) -> Result<bool, CommandError> {
    match arguments.command {
        None => return run_demo(arguments.run_for, arguments.speed, stop).await,
        Some(Command::Replay(arguments)) => return Box::pin(run_replay(&arguments, stop)).await,
        Some(Command::Reconcile(arguments)) => return Ok(Box::pin(reconciliation::run(&arguments)).await?),
        Some(Command::Verify(arguments)) => return Ok(Box::pin(verify::run(&arguments)).await?),
        Some(Command::Simulate(arguments)) => return Ok(Box::pin(simulate::run(&arguments, stop)).await?),
        Some(Command::Tariff(command)) => return Ok(tariffs::run(&command)?),
        Some(Command::Operator(arguments)) => Box::pin(desk::run(arguments)).await?,
        Some(Command::Serve(arguments)) => Box::pin(serve::run(arguments, remote_stripe()?, stop)).await?,
        Some(Command::Charge(arguments)) => Box::pin(charge::run(arguments, stop)).await?,
        Some(Command::Cost(arguments)) => Box::pin(cost::run(&arguments)).await?,
        Some(Command::StripeSimulator(arguments)) => Box::pin(simulator::run(arguments, stop)).await?,
        Some(Command::Charger(arguments)) => Box::pin(chargers::run(arguments)).await?,
        Some(Command::User(arguments)) => Box::pin(users::users(arguments)).await?,
        Some(Command::Key(arguments)) => Box::pin(users::keys(arguments)).await?,
        Some(Command::Quarantine(arguments)) => Box::pin(quarantine::run(arguments)).await?,
        Some(Command::Incidents(arguments)) => Box::pin(incidents::run(arguments)).await?,
        Some(Command::Uptime(arguments)) => Box::pin(incidents::uptime(arguments)).await?,
        Some(Command::Alerts(arguments)) => Box::pin(alerts::run(arguments)).await?,
        Some(Command::Webhooks(arguments)) => Box::pin(webhooks::run(arguments)).await?,
        Some(Command::Price(arguments)) => price::run(&arguments)?,
        Some(Command::Codes(arguments)) => codes::run(&arguments)?,
    }
    Ok(true)
}

/// Stripe itself, or a simulator that runs by itself, where a key for its test mode is given.
fn remote_stripe() -> Result<Option<RemoteStripe>, CommandError> {
    let Ok(key) = std::env::var("STRIPE_SECRET_KEY") else { return Ok(None) };
    Ok(Some(RemoteStripe::new(&key, &stripe_api_url()?)?))
}

async fn run_demo(run_for: Option<SignedDuration>, speed: u32, stop: &AtomicBool) -> Result<bool, CommandError> {
    let began = Instant::now();
    let remote = remote_stripe()?;
    let (stack, sites, received) = demo::run(run_for, speed, remote, stop).await?;
    let accounts = summary::accounts(&stack, &sites).await?;
    let elapsed = began.elapsed().as_secs_f64();
    println!("{}", Summary::of(&stack, &accounts, received, elapsed));
    Ok(proven(&accounts))
}

async fn run_replay(arguments: &ReplayArguments, stop: &AtomicBool) -> Result<bool, CommandError> {
    let sites = site_file::read(&arguments.site)?;
    let traffic = Traffic::open(&arguments.file)?;
    let bar = progress_bar(&arguments.file);
    let began = Instant::now();
    let options = Options { data: arguments.data.clone(), ..Options::default() };
    let mut replayed = replay::replay(traffic, &sites, options, stop, |bytes| bar.inc(bytes)).await?;
    let elapsed = began.elapsed().as_secs_f64();
    bar.finish_and_clear();
    let agree = !arguments.reconcile || reconciliation::agree(&mut replayed.stack, Timestamp::UNIX_EPOCH).await?;
    let mut accounts = summary::accounts(&replayed.stack, &sites).await?;
    if arguments.verify {
        let found = summary::reproduce(&replayed.stack, &accounts, &sites).await?;
        accounts.violations.extend(found);
    }
    if let Some(path) = &arguments.receipts {
        let failed = |source| CommandError::Output { path: path.display().to_string(), source };
        let mut out = BufWriter::new(File::create(path).map_err(failed)?);
        receipts::write(&accounts.sessions, &mut out).map_err(failed)?;
    }
    if let Some(path) = &arguments.cdrs {
        let out =
            File::create(path).map_err(|source| CommandError::Output { path: path.display().to_string(), source })?;
        cdrs::write(&replayed.stack, &accounts, &sites, &mut BufWriter::new(out)).await?;
    }
    let summary = Summary::of(&replayed.stack, &accounts, replayed.received, elapsed);
    if arguments.json {
        println!("{}", serde_json::to_string(&summary)?);
    } else {
        println!("{summary}");
    }
    if replayed.stopped {
        eprintln!("plugtill: stopped before the end; with --data the same command goes on");
    }
    Ok(proven(&accounts) && agree)
}

/// Prints what is wrong; an operator has to know which cent.
fn proven(accounts: &Accounts) -> bool {
    for violation in accounts.violations.iter().take(20) {
        eprintln!("plugtill: invariant failed: {violation}");
    }
    if accounts.violations.len() > 20 {
        eprintln!("plugtill: … and {} more", accounts.violations.len() - 20);
    }
    accounts.violations.is_empty()
}

fn progress_bar(file: &Path) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let packed = file.extension().is_some_and(|ending| ending == "gz" || ending == "zst");
    match std::fs::metadata(file) {
        Ok(metadata) if !packed => {
            let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {bytes_per_sec}  {eta} left");
            ProgressBar::new(metadata.len()).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        }
        Ok(_) | Err(_) => ProgressBar::new_spinner(),
    }
}
