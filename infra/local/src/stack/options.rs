//! How a stack is started, and why one stops.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use plugtill_adapters::doorbell::RingError;
use plugtill_adapters::links::WeakKey;
use plugtill_adapters::store::StoreError;
use plugtill_adapters::stripe::{SecretKey, StripeFailure};
use plugtill_adapters::transport::HttpTransport;
use plugtill_adapters::webhook::SecretsError;
use plugtill_sweep::SweepError;

use crate::edges::dynamo::StoreError as EmbeddedError;
use crate::stripe_simulator::{Disturbance, Mishaps};

/// How a stack is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// What the clock shows at first, UTC. A replay begins with its first message.
    pub start: Timestamp,
    /// Where to keep everything; memory when not given.
    pub data: Option<PathBuf>,
    /// Whether to keep a copy of every write request to the table.
    pub record_writes: bool,
    /// Whether Stripe's webhooks are delivered, and what goes wrong with them on the way.
    pub webhooks: Option<Disturbance>,
    /// What goes wrong with requests to Stripe, once the drivers' cards are saved.
    pub mishaps: Mishaps,
    /// Stripe itself instead of the simulator.
    pub remote: Option<RemoteStripe>,
    /// Where drivers find their pages; [`super::PORTAL_URL`] when not given.
    pub portal_url: Option<String>,
    /// Who is told of incidents.
    pub subscribers: Subscribers,
    /// How the operator's own systems are reached; not at all when not given: what they are told is kept in the process.
    pub outgoing: Option<Arc<dyn HttpTransport>>,
    /// Whether what functions remember ages by virtual time too, so that a run can be repeated to the byte.
    pub one_clock: bool,
}

/// Who is told of incidents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Subscribers {
    /// A telephone and a mailbox that nobody has.
    #[default]
    Example,
    /// Whom `plugtill alerts subscribe` wrote into the data directory.
    Kept,
}

/// Stripe over HTTPS, in test mode.
#[derive(Debug, Clone)]
pub struct RemoteStripe {
    pub(super) key: SecretKey,
    pub(super) url: String,
}

/// What a test key begins with.
const TEST_KEYS: [&str; 2] = ["sk_test_", "rk_test_"];

impl RemoteStripe {
    /// Stripe at `url`, with a test key.
    ///
    /// # Errors
    /// When the key is none of test mode: this program's chargers are simulated, and no real money is moved for them.
    pub fn new(key: &str, url: &str) -> Result<Self, StackError> {
        if TEST_KEYS.iter().any(|beginning| key.trim().starts_with(beginning)) {
            return Ok(Self { key: SecretKey::new(key), url: url.to_owned() });
        }
        Err(StackError::NoTestKey)
    }
}

impl StackError {
    /// Whether it may go on in a minute, as it does on AWS.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Ring(_) | Self::Sweep(_))
    }
}

/// Why the stack stopped.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// The embedded store cannot be opened.
    #[error(transparent)]
    Open(#[from] EmbeddedError),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue failed.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// A sweep failed.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// A key that could move real money.
    #[error("STRIPE_SECRET_KEY is no test key: it has to begin with sk_test_ or rk_test_; no real money is moved here")]
    NoTestKey,
    /// Links cannot be signed.
    #[error(transparent)]
    Links(#[from] WeakKey),
    /// The secret that webhooks are signed with cannot be read.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A driver's card cannot be saved at Stripe.
    #[error("site {site}, drivers: payment method `{payment_method}` cannot be saved: {source}")]
    Driver {
        /// Which site.
        site: String,
        /// Which payment method.
        payment_method: String,
        /// What Stripe said.
        source: Box<StripeFailure>,
    },
    /// The data directory cannot be used.
    #[error("{path}: {problem}")]
    Data {
        /// Which file.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// Messages could not be stored.
    #[error("{0} messages could not be stored; run again, nothing is billed twice")]
    Undelivered(usize),
}
