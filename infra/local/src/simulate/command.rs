//! The command line of `plugtill simulate`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::shrink::shrink;
use super::world::World;
use super::{Profile, Report, SimulateError, Simulated, simulate};

/// What is to be simulated.
#[derive(Debug, clap::Args)]
pub struct SimulateArguments {
    /// How many seeds.
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// What goes wrong: calm, rough, storm, or one family: table, stripe, queues, crashes, carriage, chargers.
    #[arg(long, value_name = "PROFILE", default_value = "rough")]
    faults: String,
    /// Sessions a seed.
    #[arg(long, value_name = "K", default_value_t = 8)]
    sessions: usize,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Print the seeds that fail, without looking for the least that does.
    #[arg(long)]
    quick: bool,
    /// Bring the same messages once more, in order and with nothing going wrong: every bill has to be the same.
    #[arg(long)]
    compare: bool,
}

/// Runs seeds; whether every invariant held.
///
/// # Errors
/// When a run cannot be carried out.
pub async fn run(arguments: &SimulateArguments, stop: &AtomicBool) -> Result<bool, SimulateError> {
    let names = || Profile::ALL.map(|profile| profile.name).join(", ");
    let profile = Profile::named(&arguments.faults);
    let profile = profile.ok_or_else(|| SimulateError::Profile(arguments.faults.clone(), names()))?;
    let mut report = Report::of(profile.name);
    let began = Instant::now();
    // What fails by order is no news.
    let _silent = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::default());
    for seed in arguments.seed..arguments.seed.saturating_add(arguments.seeds) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let simulated = Box::pin(simulate(seed, profile, arguments.sessions, None, arguments.compare)).await?;
        report.add(&simulated)?;
        if !simulated.broken.is_empty() {
            Box::pin(tell(arguments, profile, simulated)).await?;
        }
    }
    report.took(began.elapsed().as_secs_f64());
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    Ok(report.failed.is_empty())
}

/// Says what is wrong with a seed, and the least story of it.
async fn tell(arguments: &SimulateArguments, profile: Profile, simulated: Simulated) -> Result<(), SimulateError> {
    let Simulated { seed, broken, mut ran, .. } = simulated;
    for broken in &broken {
        eprintln!("plugtill: seed {seed}: {broken}");
    }
    let SimulateArguments { sessions, .. } = arguments;
    eprintln!("repeat with: plugtill simulate --seed {seed} --seeds 1 --faults {} --sessions {sessions}", profile.name);
    if !arguments.quick {
        ran.broken = broken;
        let world = World::drawn(seed, profile, *sessions)?;
        eprintln!("{}", shrink(world, ran).await?);
    }
    Ok(())
}
