//! DynamoDB on one machine: `dynoxide` (SQLite) in memory or in a file, spoken to by the unmodified SDK client.
//!
//! Kept as on AWS: conditions, transactions with their reasons, idempotency tokens (ten minutes of the virtual
//! clock), paging, sparse indexes, consumed capacity. Not kept: eventual reads (every read is consistent), throttling
//! and conflicts (inject them), expiry by TTL (call [`EmbeddedStore::expire`]).

mod answer;
mod conditions;
mod dispatch;
mod recorder;
mod tokens;
mod usage;
mod versions;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use dynoxide::storage_backend::Clock;
use dynoxide::{Database, DynoxideError};

use super::clock::VirtualClock;
use super::faults::{Draw, FaultQueue};
use super::lock;
use super::transport::{Edge, InTurns, body, died, dropped, late, sdk_client, target};
use conditions::Conditions;
use dispatch::{Kind, Operation};
pub use recorder::RecordedWrite;
use recorder::Recorder;
use tokens::TokenWindow;
use usage::Meter;
pub use usage::StoreUsage;
use versions::Versions;

/// The store could not be opened, or could not sweep.
#[derive(Debug, thiserror::Error)]
#[error("the embedded store failed")]
pub struct StoreError(#[from] DynoxideError);

/// What goes wrong with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFault {
    /// Refused, not applied: `ProvisionedThroughputExceededException`.
    ThrottleBefore,
    /// Refused, not applied: 500 `InternalServerError`.
    ServerErrorBefore,
    /// The connection breaks before the request arrives.
    DropBefore,
    /// The request is applied and the connection breaks before the answer: its outcome is unknown to the caller.
    DropAfter,
    /// The next `TransactWriteItems` is cancelled, each of its actions with the reason `TransactionConflict`.
    TransactionConflict,
    /// Whoever asks ends before the request arrives.
    DieBefore,
    /// Whoever asks ends once the request is applied.
    DieAfter,
    /// A question to an index is answered as the last one was: it lags behind the table.
    StaleIndex,
    /// Applied at once, answered when whoever asks has waited for long.
    AnswerLate,
}

/// How a question to an index is called where what goes wrong with it is drawn.
pub const INDEX_QUERY: &str = "QueryIndex";

/// A DynamoDB of this process. Clones share the same tables, counts and faults.
#[derive(Clone, Debug)]
pub struct EmbeddedStore(Arc<Store>);

struct Store {
    database: Database,
    clock: VirtualClock,
    meter: Meter,
    faults: FaultQueue<StoreFault>,
    tokens: Mutex<TokenWindow>,
    recorder: Recorder,
    /// What an index last answered, for one that lags.
    index: Mutex<Option<Vec<u8>>>,
    versions: Mutex<Option<Versions>>,
    /// Looked at only once somebody asks: it costs every write a second reading.
    conditions: OnceLock<Conditions>,
}

impl EmbeddedStore {
    /// An empty store in memory.
    ///
    /// # Errors
    /// SQLite could not be started.
    pub fn memory(clock: VirtualClock) -> Result<Self, StoreError> {
        Ok(Self::around(Database::memory_with_clock(Arc::new(clock.clone()))?, clock))
    }

    /// The store kept in the file at `path`, created when absent; each commit reaches the disk before its answer.
    ///
    /// # Errors
    /// The file could not be opened, or is no store of this or an earlier version.
    pub fn open(path: &Path, clock: VirtualClock) -> Result<Self, StoreError> {
        Ok(Self::around(Database::new(&path.to_string_lossy())?, clock))
    }

    fn around(database: Database, clock: VirtualClock) -> Self {
        Self(Arc::new(Store {
            database,
            clock,
            meter: Meter::default(),
            faults: FaultQueue::new(),
            tokens: Mutex::new(TokenWindow::default()),
            recorder: Recorder::default(),
            index: Mutex::default(),
            versions: Mutex::default(),
            conditions: OnceLock::new(),
        }))
    }

    /// Leaves commits to the operating system's cache: several times faster in a file, and a power cut may lose the
    /// last of them (a crash of this process does not). For replays, which can be run again.
    ///
    /// # Errors
    /// SQLite refused the setting.
    pub fn relax_durability(&self) -> Result<(), StoreError> {
        Ok(self.0.database.enable_bulk_loading()?)
    }

    /// An SDK client of this store that tries once: every fault reaches the caller, and nothing waits in real time.
    #[must_use]
    pub fn sdk_client(&self) -> Client {
        self.sdk_client_with(RetryConfig::disabled())
    }

    /// An SDK client of this store that retries as told; the SDK's pauses between attempts are real time.
    #[must_use]
    pub fn sdk_client_with(&self, retry: RetryConfig) -> Client {
        sdk_client!(aws_sdk_dynamodb, Arc::clone(&self.0), "http://dynamodb.local", retry)
    }

    /// An SDK client of this store whose every request lets another task go first: two that are joined take turns, so that
    /// both have read before either writes.
    #[must_use]
    pub fn sdk_client_in_turns(&self) -> Client {
        let transport = InTurns::new(Arc::clone(&self.0));
        sdk_client!(aws_sdk_dynamodb, over transport, "http://dynamodb.local", RetryConfig::disabled())
    }

    /// From now on writes do not bear the condition of this name, one of [`Self::conditions`].
    pub fn forget_condition(&self, name: &str) {
        self.0.conditions.get_or_init(Conditions::default).forget(name);
    }

    /// Which conditions writes have borne since this was first asked: operation, what the keys begin with, the condition.
    #[must_use]
    pub fn conditions(&self) -> BTreeSet<String> {
        self.0.conditions.get_or_init(Conditions::default).asked()
    }

    /// What the requests so far would have consumed.
    #[must_use]
    pub fn usage(&self) -> StoreUsage {
        self.0.meter.usage()
    }

    /// Orders a fault for the next request that it fits.
    pub fn inject(&self, fault: StoreFault) {
        // A conflict is an answer that only transactions can get: it waits for one.
        let operation = (fault == StoreFault::TransactionConflict).then_some(Operation::TransactWriteItems.name());
        self.0.faults.push(operation, fault);
    }

    /// Orders a fault for the next request of `operation` (`"PutItem"`, `"TransactWriteItems"`, …).
    pub fn inject_on(&self, operation: &str, fault: StoreFault) {
        self.0.faults.push(Some(operation), fault);
    }

    /// Has `draw` decide what goes wrong with each request for which nothing is ordered.
    pub fn draw(&self, draw: Draw<StoreFault>) {
        self.0.faults.draw(draw);
    }

    /// How many ordered faults have not happened yet.
    #[must_use]
    pub fn faults_waiting(&self) -> usize {
        self.0.faults.waiting()
    }

    /// From now on documents are stored as older and later versions write them, drawn from the seed.
    pub fn mix_versions(&self, seed: u64) {
        *lock(&self.0.versions) = Some(Versions::new(seed));
    }

    /// Starts (or stops) keeping every write request that was applied, for [`Self::recorded_writes`].
    pub fn record_writes(&self, keep: bool) {
        self.0.recorder.set(keep);
    }

    /// Hands over the writes kept so far, oldest first, and forgets them.
    #[must_use]
    pub fn recorded_writes(&self) -> Vec<RecordedWrite> {
        self.0.recorder.take()
    }

    /// Deletes what has passed its time to live, as DynamoDB does in the background; returns how many items went.
    /// In a file the machine's own clock decides, not the virtual one: `dynoxide` takes no clock there.
    ///
    /// # Errors
    /// The sweep could not be completed.
    pub fn expire(&self) -> Result<usize, StoreError> {
        Ok(self.0.database.sweep_ttl()?)
    }
}

impl Edge for Store {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let name = target(request);
        self.meter.count_round_trip();
        let is_index = name == Operation::Query.name() && asks_index(body(request));
        let fault = self.faults.take_as(name, if is_index { INDEX_QUERY } else { name });
        if fault == Some(StoreFault::DropBefore) {
            return Err(dropped());
        }
        if fault == Some(StoreFault::DieBefore) {
            return Err(died());
        }
        let Some(operation) = Operation::parse(name) else {
            return Ok(answer::unknown_operation(name));
        };
        if let Some(refusal) = fault.and_then(|fault| answer::refusal(fault, body(request))) {
            return Ok(answer::error(&refusal));
        }
        if let Some(known) = lock(&self.index).clone().filter(|_| fault == Some(StoreFault::StaleIndex)) {
            return Ok(answer::success(known));
        }
        let response = match lock(&self.versions).as_mut().filter(|_| operation.kind() == Kind::Write) {
            Some(versions) => self.apply(operation, &versions.rewritten(body(request))),
            None => self.apply(operation, body(request)),
        };
        if is_index {
            *lock(&self.index) = response.body().bytes().map(<[u8]>::to_vec);
        }
        match fault {
            Some(StoreFault::DropAfter) => Err(dropped()),
            Some(StoreFault::DieAfter) => Err(died()),
            Some(StoreFault::AnswerLate) => Err(late(response)),
            _ => Ok(response),
        }
    }
}

/// Whether a query names an index; the SDK writes its members in no order that could be relied on.
fn asks_index(body: &[u8]) -> bool {
    const NAMES: &[u8] = b"\"IndexName\"";
    body.windows(NAMES.len()).any(|window| window == NAMES)
}

impl Store {
    fn apply(&self, operation: Operation, body: &[u8]) -> HttpResponse {
        let passed = self.conditions.get().filter(|_| operation.kind() == Kind::Write);
        let body = passed.map_or(Cow::Borrowed(body), |conditions| conditions.pass(operation, body));
        let body = body.as_ref();
        match dispatch::run(self, operation, body) {
            Ok(reply) => {
                self.meter.count(operation.kind(), reply.capacity);
                if operation.kind() == Kind::Write {
                    self.recorder.keep(operation, body);
                }
                answer::success(reply.json)
            }
            Err(error) => {
                self.meter.count_refusal(operation.kind(), &error);
                answer::error(&error)
            }
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("clock", &self.clock).field("usage", &self.meter.usage()).finish_non_exhaustive()
    }
}

impl Clock for VirtualClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.now().as_duration().as_secs_f64()
    }
}
