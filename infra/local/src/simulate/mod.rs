//! `plugtill simulate`: seeded runs in which everything goes wrong, and what has to hold nevertheless.
//!
//! A seed makes a world (sites, drivers, vehicles, chargers that misbehave), a plan of what goes wrong with which request
//! to any edge, and nothing else decides: a run can be repeated to the byte, and its hash says so.
//!
//! # Layout, in reading order
//! - [`Profile`]: how much goes wrong. `world`: what a run is given: `sites`, `visits`, their `script` in OCPP
//!   (`script_16`, `script_201`) and its `carriage` to the queue.
//! - `plan`: which request goes wrong; `edges`: in each edge's own words.
//! - `run`: a run. `checks`: what has to hold, by the invariants' numbers. `journal`: its hash.
//! - `random`: draws that do not depend on each other.

mod carriage;
mod checks;
mod command;
mod edges;
mod journal;
mod plan;
mod profile;
mod random;
mod report;
mod run;
mod script;
mod script_16;
mod script_201;
mod shrink;
mod sites;
mod visits;
mod world;

use plugtill_adapters::store::StoreError;
use plugtill_reconcile::ReconcileError;

pub use command::{SimulateArguments, run};
pub use profile::Profile;
pub use report::Report;

pub use crate::invariants::Broken;

use crate::edges::sqs::UnknownQueue;
use crate::site_file::SiteFileError;
use crate::stack::StackError;
use run::Ran;
use world::World;

/// A bug put in on purpose, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// What was taken is taken again, under another key.
    ChargesTwice,
}

/// Why a run could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The sites that were drawn cannot be used.
    #[error(transparent)]
    Sites(#[from] SiteFileError),
    /// The product stopped.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The table does not answer although nothing goes wrong.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The books cannot be compared.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// A queue is not there.
    #[error(transparent)]
    Queue(#[from] UnknownQueue),
    /// Something has no JSON form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// There is no thread to run on.
    #[error("a run cannot be begun: {0}")]
    Thread(std::io::Error),
    /// No such profile.
    #[error("there is no profile `{0}`; there are {1}")]
    Profile(String, String),
}

/// What a seed came to.
#[derive(Debug)]
pub struct Simulated {
    /// The seed.
    pub seed: u64,
    /// Everything that happened, hashed.
    pub hash: String,
    /// What did not hold.
    pub broken: Vec<Broken>,
    ran: Ran,
    quirks: std::collections::BTreeMap<visits::Quirk, u64>,
}

/// Runs a seed. With `compares` its messages are brought once more, each once, in order and with nothing going wrong: then
/// every bill has to be the same (I8).
///
/// # Errors
/// When the run itself cannot go on.
pub async fn simulate(
    seed: u64,
    profile: Profile,
    sessions: usize,
    plant: Option<Plant>,
    compares: bool,
) -> Result<Simulated, SimulateError> {
    let world = World::drawn(seed, profile, sessions)?;
    let mut ran = Box::pin(run::run(&world, plant)).await?;
    if ran.broken.is_empty() && compares {
        let in_order = World::in_order(seed, profile, sessions)?;
        let other = Box::pin(run::run(&in_order, None)).await?;
        ran.broken.extend(checks::same_bills(&other.sessions, &ran.sessions));
    }
    let broken = std::mem::take(&mut ran.broken);
    Ok(Simulated { seed, hash: ran.hash.clone(), broken, ran, quirks: world.quirks })
}
