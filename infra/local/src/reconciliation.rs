//! `plugtill reconcile`: the books of a kept run against Stripe's.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_reconcile::{ReconcileError, Reconciliation};

use crate::stack::{Options, Stack, StackError};

/// Which books.
#[derive(Debug, clap::Args)]
pub struct ReconcileArguments {
    /// The directory that `plugtill replay --data` has kept.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// From when on, for example `2026-03-01T00:00:00Z`; everything when not given.
    #[arg(long, value_name = "INSTANT")]
    since: Option<Timestamp>,
    /// As of when; now when not given. What is younger than minutes or a day then may still be on its way.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Say what of the differences can be put right, and how.
    #[arg(long)]
    repair: bool,
    /// Do it, in this name; it stands in the audit trail.
    #[arg(long, value_name = "NAME", requires = "repair")]
    by: Option<String>,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// When `infra/aws/template.yaml` has it done.
const MORNING: SignedDuration = SignedDuration::from_hours(5);
/// How long time goes on after repairs, so that `settle` moves the money.
const AFTERMATH: SignedDuration = SignedDuration::from_mins(30);

/// Why the command ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileCommandError {
    /// There is nothing kept there.
    #[error("{0}: no kept run; `plugtill replay … --data DIR` makes one")]
    NothingKept(String),
    /// The kept run cannot be opened.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The table or Stripe did not answer.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The answer cannot be printed.
    #[error("the reconciliation cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// Reconciles and prints; false when the books differ.
///
/// # Errors
/// When there is no kept run, or it cannot be read.
pub async fn run(arguments: &ReconcileArguments) -> Result<bool, ReconcileCommandError> {
    if !arguments.data.join("stripe.json").is_file() {
        return Err(ReconcileCommandError::NothingKept(arguments.data.display().to_string()));
    }
    let start = arguments.at.unwrap_or_else(|| Clock::system().now());
    let options = Options { start, data: Some(arguments.data.clone()), ..Options::default() };
    let mut stack = Stack::start(&options, &[]).await?;
    let since = arguments.since.unwrap_or(Timestamp::UNIX_EPOCH);
    if arguments.repair {
        return repair(&mut stack, since, arguments, &options).await;
    }
    let compared = stack.reconcile(since).await?;
    stack.save(&options)?;
    if arguments.json {
        println!("{}", serde_json::to_string(&compared)?);
    } else {
        print!("{}", text(&compared));
    }
    Ok(compared.differences.is_empty())
}

async fn repair(
    stack: &mut Stack,
    since: Timestamp,
    arguments: &ReconcileArguments,
    options: &Options,
) -> Result<bool, ReconcileCommandError> {
    let steps = stack.repair(since, arguments.by.as_deref()).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&steps)?);
    }
    for step in steps.iter().filter(|_| !arguments.json) {
        let what = match (&step.told, step.applied) {
            (Some(told), true) => format!("told the session {told}"),
            (Some(told), false) => format!("would tell the session {told}"),
            (None, _) => format!("nothing to be done here; {}", step.difference.repair),
        };
        println!("{}\n    {what}", step.difference);
    }
    if arguments.by.is_none() {
        eprintln!("plugtill: tried only; with --by NAME it is done");
    }
    stack.advance_to(options.start + AFTERMATH).await?;
    stack.save(options)?;
    Ok(steps.iter().all(|step| step.applied))
}

/// Reconciles a running stack; prints what differs, and whether the books agree.
///
/// # Errors
/// When the table or Stripe does not answer.
pub async fn agree(stack: &mut Stack, since: Timestamp) -> Result<bool, ReconcileCommandError> {
    let compared = stack.reconcile(since).await?;
    eprint!("{}", text(&compared));
    Ok(compared.differences.is_empty())
}

/// Every morning, as on AWS: holds the books of a running stack against Stripe's. What cannot be done is done the next morning.
pub async fn every_morning(stack: &mut Stack, now: Timestamp) {
    if let Err(error) = stack.reconcile(now - plugtill_reconcile::DAYS).await {
        tracing::error!(%error, "the books are not held against Stripe's today");
    }
}

/// The next morning, UTC.
#[must_use]
pub fn next_morning(now: Timestamp) -> Timestamp {
    let passed = (now.as_second() - MORNING.as_secs()).rem_euclid(DAY.as_secs());
    now + (DAY - SignedDuration::from_secs(passed))
}

fn text(compared: &Reconciliation) -> String {
    let Reconciliation { sessions, charges, movements, payouts, posted, differences, .. } = compared;
    let mut text = format!(
        "Books     {sessions} sessions against {charges} payment intents, {movements} movements, {payouts} payouts; \
         {posted} fees and payouts posted\n"
    );
    text.extend(differences.iter().map(|difference| format!("  {difference}\n")));
    text + &match differences.len() {
        0 => "          they agree\n".to_owned(),
        1 => "          they differ in one place\n".to_owned(),
        many => format!("          they differ in {many} places\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::next_morning;

    #[test]
    fn the_next_morning_is_later_and_at_five() {
        for (now, next) in [
            ("2026-03-02T04:59:59Z", "2026-03-02T05:00:00Z"),
            ("2026-03-02T05:00:00Z", "2026-03-03T05:00:00Z"),
            ("2026-03-02T23:00:00Z", "2026-03-03T05:00:00Z"),
        ] {
            assert_eq!(next_morning(now.parse().unwrap()).to_string(), next, "{now}");
        }
    }
}
