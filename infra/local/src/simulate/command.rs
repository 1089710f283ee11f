//! The command line of `plugtill simulate`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::run::Ran;
use super::shrink::shrink;
use super::world::World;
use super::{Profile, Report, SimulateError, Simulated, simulate};

/// What is to be simulated.
#[derive(Debug, Clone, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct SimulateArguments {
    /// How many seeds.
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// The first seed.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// What goes wrong: calm, rough, storm, or one family: table, stripe, queues, crashes, outages, carriage, chargers.
    #[arg(long, value_name = "PROFILE", default_value = "rough")]
    faults: String,
    /// Sessions a seed.
    #[arg(long, value_name = "K", default_value_t = 8)]
    sessions: usize,
    /// How many seeds are run at once; as many as there are cores when not given. The report does not depend on it.
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Print the report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Print the seeds that fail, without looking for the least that does.
    #[arg(long)]
    quick: bool,
    /// End with the first seed that fails.
    #[arg(long)]
    first: bool,
    /// Bring the same messages once more, in order and with nothing going wrong: every bill has to be the same.
    #[arg(long)]
    compare: bool,
}

/// What is simulated, and what is still to be done.
struct Work {
    arguments: SimulateArguments,
    profile: Profile,
    next: AtomicU64,
    stop: AtomicBool,
}

/// A seed's run, and its least story where it failed.
type Told = (Simulated, Option<String>);

/// Runs seeds; whether every invariant held.
///
/// # Errors
/// When a run cannot be carried out.
pub async fn run(arguments: &SimulateArguments, stop: &AtomicBool) -> Result<bool, SimulateError> {
    let names = || Profile::ALL.map(|profile| profile.name).join(", ");
    let profile = Profile::named(&arguments.faults);
    let profile = profile.ok_or_else(|| SimulateError::Profile(arguments.faults.clone(), names()))?;
    let began = Instant::now();
    let next = AtomicU64::new(arguments.seed);
    let work = Arc::new(Work { arguments: arguments.clone(), profile, next, stop: AtomicBool::new(false) });
    let jobs = arguments.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let (sender, told) = unbounded_channel();
    let threads: Vec<_> = (0..jobs)
        .map(|_| {
            let (work, sender) = (Arc::clone(&work), sender.clone());
            std::thread::spawn(move || work.carry_out(&sender))
        })
        .collect();
    drop(sender);
    let reported = collect(&work, told, stop).await;
    work.stop.store(true, Ordering::Relaxed);
    for thread in threads {
        // One that panicked has said why.
        let _ = thread.join();
    }
    let mut report = reported?;
    report.took(began.elapsed().as_secs_f64());
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    Ok(report.failed.is_empty())
}

/// Takes what threads have found in the order of the seeds, so that the report is the same for any number of them.
async fn collect(
    work: &Work,
    mut told: UnboundedReceiver<Result<Told, SimulateError>>,
    stop: &AtomicBool,
) -> Result<Report, SimulateError> {
    let mut report = Report::of(work.profile.name);
    let mut waiting: BTreeMap<u64, Told> = BTreeMap::new();
    let mut next = work.arguments.seed;
    while let Some(done) = told.recv().await {
        let (simulated, story) = done?;
        waiting.insert(simulated.seed, (simulated, story));
        while let Some((simulated, story)) = waiting.remove(&next) {
            next += 1;
            report.add(&simulated)?;
            tell(&work.arguments, work.profile, &simulated, story.as_deref());
            let enough = work.arguments.first && !simulated.broken.is_empty();
            if enough || stop.load(Ordering::Relaxed) {
                return Ok(report);
            }
        }
    }
    Ok(report)
}

impl Work {
    /// One thread's: seed after seed, each on a runtime that has nothing else to do.
    fn carry_out(&self, sender: &UnboundedSender<Result<Told, SimulateError>>) {
        // What fails by order is no news.
        let _silent = tracing::subscriber::set_default(tracing::subscriber::NoSubscriber::default());
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_time().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(sender.send(Err(SimulateError::Thread(error)))),
        };
        let end = self.arguments.seed.saturating_add(self.arguments.seeds);
        while !self.stop.load(Ordering::Relaxed) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= end || sender.send(runtime.block_on(Box::pin(self.simulate(seed)))).is_err() {
                return;
            }
        }
    }

    async fn simulate(&self, seed: u64) -> Result<Told, SimulateError> {
        let SimulateArguments { sessions, quick, compare, .. } = self.arguments;
        let simulated = Box::pin(simulate(seed, self.profile, sessions, None, compare)).await?;
        if simulated.broken.is_empty() || quick {
            return Ok((simulated, None));
        }
        let world = World::drawn(seed, self.profile, sessions)?;
        let ran = Ran { broken: simulated.broken.clone(), ..simulated.ran.clone() };
        let story = Box::pin(shrink(world, ran)).await?.to_string();
        Ok((simulated, Some(story)))
    }
}

/// Says what is wrong with a seed, and the least story of it.
fn tell(arguments: &SimulateArguments, profile: Profile, simulated: &Simulated, story: Option<&str>) {
    let Simulated { seed, broken, .. } = simulated;
    if broken.is_empty() {
        return;
    }
    for broken in broken {
        eprintln!("plugtill: seed {seed}: {broken}");
    }
    let sessions = arguments.sessions;
    eprintln!("repeat with: plugtill simulate --seed {seed} --seeds 1 --faults {} --sessions {sessions}", profile.name);
    if let Some(story) = story {
        eprintln!("{story}");
    }
}
