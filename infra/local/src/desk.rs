//! `plugtill operator`: what operators order and ask, on the data of a kept run.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_domain::ids::{IdTag, SessionId, SiteId};
use plugtill_operator::{Answer, Credit, Erase, OfSession, OrderError, Request, Whose};

use crate::stack::{Options, Stack, StackError, Subscribers};

/// How long time goes on after an order, so that `settle` moves the money and the driver is told.
const AFTERMATH: SignedDuration = SignedDuration::from_mins(10);

/// Whose data, and what is ordered.
#[derive(Debug, clap::Args)]
pub struct DeskArguments {
    /// The directory that `replay --data` or `serve --data` keeps.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// As of when; now when not given.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    #[command(subcommand)]
    order: Order,
}

#[derive(Debug, Clone, clap::Subcommand)]
enum Order {
    /// Give something of a bill back; tried only, unless `--apply`.
    Credit {
        /// Which session, as receipts name it.
        session: SessionId,
        /// Your name for the credit: the same name credits once.
        #[arg(long)]
        id: String,
        /// So much, tax included; the whole of what is left when neither amount nor line is given.
        #[arg(long, conflicts_with = "line")]
        amount: Option<String>,
        /// A line of the receipt with its tax, counted from 0.
        #[arg(long)]
        line: Option<usize>,
        /// Printed on the credit note.
        #[arg(long)]
        reason: String,
        /// Who decided.
        #[arg(long)]
        by: String,
        /// Do it.
        #[arg(long)]
        apply: bool,
    },
    /// Give up what is owed; tried only, unless `--apply`.
    Forgive(Decided),
    /// Ask the card once more for what it did not pay; tried only, unless `--apply`.
    Charge(Decided),
    /// Say that a session is over which nothing else ends; tried only, unless `--apply`.
    End(Decided),
    /// Tell the driver of the receipt once more; tried only, unless `--apply`.
    Receipt(Decided),
    /// A link by which a tag's holder saves a card, for a week.
    CardLink {
        /// The site where the card is to pay.
        site: SiteId,
        /// The tag.
        tag: IdTag,
        /// Who decided.
        #[arg(long)]
        by: String,
    },
    /// Who owes what, the oldest first.
    Balances,
    /// What proves a session: for a bank that asks.
    Evidence {
        /// Which session, as receipts name it.
        session: SessionId,
    },
    /// Everything that is known of a driver.
    Export(Driver),
    /// Forget a driver; tried only, unless `--apply`.
    Erase {
        /// Whom.
        #[command(flatten)]
        driver: Driver,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decided.
        #[arg(long)]
        by: String,
        /// Do it.
        #[arg(long)]
        apply: bool,
    },
    /// What was ordered in a month.
    Audit {
        /// An instant in the month; this month when not given.
        month: Option<Timestamp>,
    },
}

/// What is decided about a session.
#[derive(Debug, Clone, clap::Args)]
struct Decided {
    /// Which session, as receipts name it.
    session: SessionId,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Who decided.
    #[arg(long)]
    by: String,
    /// Do it.
    #[arg(long)]
    apply: bool,
}

impl From<Decided> for OfSession {
    fn from(Decided { session, reason, by, apply }: Decided) -> Self {
        Self { session, reason, by, apply }
    }
}

/// Who charged in a session, or who holds a tag.
#[derive(Debug, Clone, clap::Args)]
struct Driver {
    /// A session, as receipts name it.
    #[arg(long, required_unless_present = "tag", conflicts_with_all = ["site", "tag"])]
    session: Option<SessionId>,
    /// The site of the tag.
    #[arg(long, requires = "tag")]
    site: Option<SiteId>,
    /// The tag.
    #[arg(long, requires = "site")]
    tag: Option<IdTag>,
}

impl Driver {
    /// `None` where the command line asked for neither; it does not let that pass.
    fn whose(self) -> Option<Whose> {
        let tag = self.site.zip(self.tag).map(|(site, tag)| Whose::Tag { site, tag });
        self.session.map(|session| Whose::Session { session }).or(tag)
    }
}

/// Why the command ended early.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is nothing kept there.
    #[error("{0}: nothing is kept there; `plugtill replay … --data DIR` and `plugtill serve … --data DIR` keep a run")]
    NothingKept(String),
    /// The kept run cannot be opened.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// The order cannot be carried out.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// It is not said whose data is meant.
    #[error("give --session, or --site and --tag")]
    Whose,
    /// The answer cannot be printed.
    #[error("the answer cannot be printed: {0}")]
    Json(#[from] serde_json::Error),
}

impl Order {
    /// `None` where the command line left out whose data is meant.
    fn request(self, now: Timestamp) -> Option<Request> {
        Some(match self {
            Self::Credit { session, id, amount, line, reason, by, apply } => {
                Request::Credit(Credit { session, id, amount, line, reason, by, apply })
            }
            Self::Forgive(decided) => Request::Forgive(decided.into()),
            Self::Charge(decided) => Request::Charge(decided.into()),
            Self::End(decided) => Request::End(decided.into()),
            Self::Receipt(decided) => Request::Receipt(decided.into()),
            Self::CardLink { site, tag, by } => Request::CardLink { site, tag, by },
            Self::Balances => Request::Balances,
            Self::Evidence { session } => Request::Evidence { session },
            Self::Export(driver) => Request::Export(driver.whose()?),
            Self::Erase { driver, reason, by, apply } => {
                Request::Erase(Erase { whose: driver.whose()?, reason, by, apply })
            }
            Self::Audit { month } => Request::Audit { month: month.unwrap_or(now) },
        })
    }
}

/// Orders or asks, and prints the answer as JSON.
///
/// # Errors
/// When there is no kept run, or the order cannot be carried out.
pub async fn run(arguments: DeskArguments) -> Result<(), DeskError> {
    let now = arguments.at.unwrap_or_else(|| Clock::system().now());
    let request = arguments.order.request(now).ok_or(DeskError::Whose)?;
    let answer = ask(&arguments.data, now, request).await?;
    println!("{}", serde_json::to_string_pretty(&answer)?);
    let tried = matches!(&answer, Answer::Done(done) if !done.applied)
        || matches!(&answer, Answer::Erased(erased) if !erased.applied);
    if tried {
        eprintln!("plugtill: tried only; with --apply it is done");
    }
    Ok(())
}

/// Orders or asks on kept data as of `now` (UTC), and lets happen what follows from it.
///
/// # Errors
/// When nothing is kept there, or the order cannot be carried out.
pub(crate) async fn ask(data: &Path, now: Timestamp, request: Request) -> Result<Answer, DeskError> {
    if !data.join("table.db").is_file() {
        return Err(DeskError::NothingKept(data.display().to_string()));
    }
    let options =
        Options { start: now, data: Some(data.to_owned()), subscribers: Subscribers::Kept, ..Options::default() };
    let mut stack = Stack::start(&options, &[]).await?;
    let of_session = matches!(
        &request,
        Request::Credit(_) | Request::Forgive(_) | Request::Charge(_) | Request::End(_) | Request::Receipt(_)
    );
    let changes = of_session || matches!(&request, Request::Review(_) | Request::Erase(_));
    let answer = stack.order(request).await?;
    if changes && !matches!(&answer, Answer::Done(done) if !done.applied) {
        stack.advance_to(now + AFTERMATH).await?;
        stack.save(&options)?;
    }
    Ok(answer)
}
