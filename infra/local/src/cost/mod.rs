//! `plugtill cost`: what a million sessions cost on AWS, from what is counted while some are played.
//!
//! The sessions run through the same handlers as on AWS, in the batches that a month of so many sessions would make; every
//! request and capacity unit is counted at the edges and priced by a file. Stripe's fees and text messages are not in it:
//! they are the business, not the machine. How long a function waits is not measured here but assumed, in the price file.
//!
//! # Layout, in reading order
//! - [`run`]: plays, counts, prices, prints.
//! - `fleet`: the sessions that are played, and how their messages come; `session`: what one of them sends.
//! - `prices`: the price file; `bill`: the lines.

mod bill;
mod fleet;
mod prices;
mod session;

use std::path::PathBuf;

use plugtill_domain::site::Site;
use serde_json::json;

use crate::site_file::{self, SiteFileError};
use crate::stack::{Options, Stack, StackError};

pub use bill::{Bill, Line};
pub use fleet::Played;
use prices::{Prices, PricesError};

/// What is played and priced.
#[derive(Debug, Clone, clap::Args)]
pub struct CostArguments {
    /// How many sessions are played; more give steadier figures.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub sessions: u32,
    /// Sessions a month of the fleet: they decide how full batches are, and what the fixed costs come to.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub month: u64,
    /// Meter values sent in a session of one hour.
    #[arg(long, default_value_t = 60)]
    pub meter_values: u32,
    /// What becomes of meter values.
    #[arg(long, value_enum, default_value_t)]
    pub samples: Samples,
    /// How frames reach AWS IoT.
    #[arg(long, value_enum, default_value_t)]
    pub ingest: Ingest,
    /// Of another back end's answers those are read that name a transaction (the template's `AnswersRead`).
    #[arg(long)]
    pub transactions_only: bool,
    /// We answer the chargers ourselves, instead of reading another back end's answers along.
    #[arg(long)]
    pub answering: bool,
    /// The prices; those of us-east-1 when not given.
    #[arg(long, value_name = "PRICES.json")]
    pub prices: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// How frames reach AWS IoT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Ingest {
    /// Each by the broker.
    #[default]
    Broker,
    /// Each past the broker, by a gateway of yours in front of the chargers.
    BasicIngest,
    /// Many in a message, by such a gateway: meter values of five minutes, all else of ten seconds.
    Gateway,
}

/// What becomes of meter values on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Samples {
    /// Through the queue of the other messages, within seconds.
    #[default]
    Queue,
    /// Straight from the rule to the function, one by one.
    Function,
    /// Through a stream, gathered for five minutes.
    Stream,
    /// Not sent: a tariff without times of day does not need them.
    Off,
    /// Sent by the charger in the stop message.
    InStop,
}

/// Why there is no bill.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// The prices cannot be used.
    #[error(transparent)]
    Prices(#[from] PricesError),
    /// The example site cannot be used.
    #[error(transparent)]
    Site(#[from] SiteFileError),
    /// The product stopped.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Chargers wait for answers, and not for five minutes.
    #[error("--ingest gateway: chargers wait for each answer, so it goes with another back end, without --answering")]
    Waiting,
    /// The bill cannot be printed.
    #[error("the bill cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Plays, prices and prints.
///
/// # Errors
/// When the prices cannot be read or the product stops.
pub async fn run(arguments: &CostArguments) -> Result<(), CostError> {
    let bill = bill(arguments).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&bill)?);
    } else {
        print!("{bill}");
    }
    Ok(())
}

/// Plays and prices.
///
/// # Errors
/// When the prices cannot be read or the product stops.
pub async fn bill(arguments: &CostArguments) -> Result<Bill, CostError> {
    let prices = Prices::read(arguments.prices.as_deref())?;
    Ok(Bill::of(&played(arguments).await?, arguments, &prices))
}

/// Plays the sessions; what was counted.
///
/// # Errors
/// When the product stops.
pub async fn played(arguments: &CostArguments) -> Result<Played, CostError> {
    if arguments.answering && arguments.ingest == Ingest::Gateway {
        return Err(CostError::Waiting);
    }
    let sites = yard(arguments)?;
    let mut stack = Stack::start(&Options { start: fleet::START, ..Options::default() }, &sites).await?;
    Ok(fleet::play(&mut stack, arguments).await?)
}

/// One site with as many chargers as there are sessions at a time.
fn yard(arguments: &CostArguments) -> Result<Vec<Site>, SiteFileError> {
    // What is gathered for five minutes has come when the session is settled.
    let gathered = arguments.ingest == Ingest::Gateway || arguments.samples == Samples::Stream;
    let site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "role": if arguments.answering { "answering" } else { "listening" },
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] },
        "idle": { "grace_minutes": 15, "price_per_minute": "0.10", "cap": "12.00" },
        "tax_percent": "20", "hold": "20.00", "settle_after_minutes": if gathered { 6 } else { 2 },
        "drivers": { "default_payment_method": "pm_card_visa" },
    });
    site_file::parse(&json!({ "sites": [site] }).to_string(), "the example site")
}
