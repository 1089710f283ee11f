//! `plugtill verify`: walks a kept store and proves every invariant on real data, changing nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::store::{Store, StoreError};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::Site;
use serde::Serialize;

use crate::invariants::{Broken, of_session, of_settled, of_stripe, overlapping};
use crate::stack::{Options, Stack, StackError, Subscribers};
use crate::summary::{self, Accounts};

/// What is due is done, or tried, within a day of being due (I4, I24).
const DONE_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Which store.
#[derive(Debug, clap::Args)]
pub struct VerifyArguments {
    /// The directory that `replay --data` or `serve --data` keeps.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// As of when; now when not given. What has been due for a day then is overdue.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Why it could not be looked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is nothing kept there.
    #[error("{0}: no kept store; `plugtill replay … --data DIR` and `plugtill serve --data DIR` make one")]
    NothingKept(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The table does not answer.
    #[error("the table does not answer: {0}")]
    Store(#[from] StoreError),
    /// The answer cannot be printed.
    #[error("it cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

/// What was looked at, and what does not hold. The JSON form is an interface.
#[derive(Debug, Default, Serialize)]
pub struct Verified {
    /// Items of the table by what they are.
    pub items: BTreeMap<&'static str, u64>,
    /// Sessions.
    pub sessions: u64,
    /// Of them, without an outcome yet.
    pub open: u64,
    /// Bills that were computed again from the stored frames.
    pub bills: u64,
    /// Stripe's own objects that were held against them; none where Stripe is not kept beside the table.
    pub intents: u64,
    /// What was taken and not given back by session, in minor units: to be held against Stripe's own books.
    pub collected_minor: BTreeMap<String, i64>,
    /// What does not hold.
    pub broken: Vec<Broken>,
}

/// Verifies and prints; false when something does not hold.
///
/// # Errors
/// When there is no kept store, or it cannot be read.
pub async fn run(arguments: &VerifyArguments) -> Result<bool, VerifyError> {
    if !arguments.data.join("table.db").is_file() {
        return Err(VerifyError::NothingKept(arguments.data.display().to_string()));
    }
    let start = arguments.at.unwrap_or_else(|| Clock::system().now());
    let data = Some(arguments.data.clone());
    let options = Options { start, data, subscribers: Subscribers::Kept, ..Options::default() };
    let stack = Stack::start(&options, &[]).await?;
    let has_stripe = arguments.data.join("stripe.json").is_file();
    let verified = verify(&stack, has_stripe).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&verified)?);
    } else {
        println!("{verified}");
    }
    Ok(verified.broken.is_empty())
}

/// Looks at everything there is. Where Stripe's side is not kept beside the table (`has_stripe`), ours is held against itself.
///
/// # Errors
/// When the table does not answer.
pub async fn verify(stack: &Stack, has_stripe: bool) -> Result<Verified, StoreError> {
    let mut verified = Verified::default();
    every_item(stack, &mut verified).await?;
    let sites = stack.store.published_sites().await?;
    let accounts =
        if has_stripe { summary::accounts(stack, &sites).await? } else { summary::own_accounts(stack, &sites).await? };
    verified.sessions = accounts.sessions.len() as u64;
    verified.open = accounts.sessions.iter().filter(|session| session.outcome == Outcome::Open).count() as u64;
    verified.bills = accounts.sessions.iter().filter(|session| session.bill.is_some()).count() as u64;
    let collected = accounts.sessions.iter().map(|it| (it.id.to_string(), it.collected().minor()));
    verified.collected_minor = collected.filter(|(_, minor)| *minor != 0).collect();
    let found = books(stack, &accounts, &sites).await?;
    verified.broken.extend(found);
    if has_stripe {
        let intents = stack.stripe.intents();
        verified.intents = intents.len() as u64;
        verified.broken.extend(of_stripe(&intents));
    }
    let now = stack.clock.now();
    for session in &accounts.sessions {
        verified.broken.extend(of_session(session));
        if is_at_rest(session) {
            verified.broken.extend(of_settled(session));
        }
    }
    verified.broken.extend(overlapping(&accounts.sessions));
    let (due, _) = stack.store.due(now - DONE_WITHIN, 100).await?;
    verified.broken.extend(due.iter().map(|(due, at)| Broken::new("I24", format!("due since {at}: {due:?}"))));
    Ok(verified)
}

/// Every item is something that this version can read (I21).
async fn every_item(stack: &Stack, verified: &mut Verified) -> Result<(), StoreError> {
    let mut next = None;
    loop {
        let (items, more) = stack.store.every_item(next).await?;
        for item in &items {
            match Store::form(item) {
                Ok(form) => *verified.items.entry(form.kind).or_default() += 1,
                Err(error) => verified.broken.push(Broken::new("I21", error.to_string())),
            }
        }
        if more.is_none() {
            return Ok(());
        }
        next = more;
    }
}

/// The sums, counted apart (I1, I16), and every bill from its evidence (I9).
async fn books(stack: &Stack, accounts: &Accounts, sites: &[Site]) -> Result<Vec<Broken>, StoreError> {
    let mut broken: Vec<Broken> = accounts.violations.iter().map(|it| Broken::new("I1", it.to_string())).collect();
    let reproduced = summary::reproduce(stack, accounts, sites).await?;
    broken.extend(reproduced.iter().map(|violation| Broken::new("I9", violation.to_string())));
    Ok(broken)
}

/// Whether nothing is under way: then nothing may be left over.
fn is_at_rest(session: &Session) -> bool {
    let decided = session.bill.is_some() || session.outcome == Outcome::Quarantined;
    decided && session.settle_at.is_none() && session.next_payment().is_none()
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: u64 = self.items.values().sum();
        let kinds: Vec<String> = self.items.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(f, "Items     {count}: {}", kinds.join(", "))?;
        writeln!(
            f,
            "Sessions  {}, {} without an outcome yet; {} bills computed again from the stored frames",
            self.sessions, self.open, self.bills
        )?;
        writeln!(f, "Stripe    {} payment intents held against them", self.intents)?;
        for broken in &self.broken {
            writeln!(f, "  {broken}")?;
        }
        write!(f, "Invariants {}", if self.broken.is_empty() { "hold" } else { "are broken" })
    }
}
