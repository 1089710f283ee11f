//! The whole product with simulated chargers and drivers, at accelerated time.

mod chargers;
mod screen;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::store::StoreError;
use plugtill_domain::site::Site;

use crate::site_file::{self, SiteFileError};
use crate::stack::{Options, RemoteStripe, Stack, StackError};
use crate::summary::{Summary, accounts};

use chargers::Chargers;
use screen::Screen;

const SITE: &str = include_str!("site.json");
/// The same visits every time, so that a run can be compared with another.
const SEED: u64 = 4;
const FRAME: Duration = Duration::from_millis(500);
const LINE_EVERY: Duration = Duration::from_secs(2);

/// The demo could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its own site file.
    #[error(transparent)]
    Site(#[from] SiteFileError),
    /// The product stopped.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The table does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The terminal cannot be written to.
    #[error("the terminal cannot be written to: {0}")]
    Terminal(#[from] std::io::Error),
}

/// Runs, with Stripe itself where it is given, until `stop`, or for `run_for` on the wall; returns the product, its sites and the messages received.
///
/// # Errors
/// When the product stops or the terminal cannot be written to.
pub async fn run(
    run_for: Option<SignedDuration>,
    speed: u32,
    remote: Option<RemoteStripe>,
    stop: &AtomicBool,
) -> Result<(Stack, Vec<Site>, u64), DemoError> {
    let sites = site_file::parse(SITE, "the demo's site")?;
    let start = Clock::system().now();
    let mut stack = Stack::start(&Options { start, remote, ..Options::default() }, &sites).await?;
    let mut chargers = Chargers::new(start, SEED);
    let mut screen = Screen::open();
    let every = if matches!(screen, Screen::Lines) { LINE_EVERY } else { FRAME };
    let (began, mut shown, mut received) = (Instant::now(), None::<Instant>, 0);
    let ends = run_for.and_then(|limit| Duration::try_from(limit).ok());
    while !stop.load(Ordering::Relaxed) && ends.is_none_or(|limit| began.elapsed() < limit) {
        let now = start + elapsed(began, speed);
        received += pass_time(&mut stack, &mut chargers, now).await?;
        if shown.is_none_or(|at| at.elapsed() >= every) {
            shown = Some(Instant::now());
            let accounts = accounts(&stack, &sites).await?;
            let summary = Summary::of(&stack, &accounts, received, began.elapsed().as_secs_f64());
            screen.show(&now.strftime("%a %H:%M UTC").to_string(), &summary)?;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    screen.close();
    Ok((stack, sites, received))
}

fn elapsed(began: Instant, speed: u32) -> SignedDuration {
    let millis = began.elapsed().as_millis().saturating_mul(u128::from(speed));
    SignedDuration::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
}

/// Lets virtual time pass to `now`, with the messages that arrive on the way.
async fn pass_time(stack: &mut Stack, chargers: &mut Chargers, now: Timestamp) -> Result<u64, StackError> {
    let messages = chargers.until(now);
    let count = messages.len() as u64;
    for (at, message) in messages {
        stack.advance_to(at).await?;
        stack.deliver(vec![message]).await?;
    }
    stack.advance_to(now).await?;
    Ok(count)
}
