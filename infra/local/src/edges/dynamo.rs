//! DynamoDB: `dynoxide` embedded, in memory or in a file.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::types::ConsumedCapacity;
use dynoxide::{Database, DynoxideError};
use serde::de::DeserializeOwned;

use super::transport::{self, Answer, Fault, Faults, Service};

/// The embedded table's file could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the store at {path} cannot be opened: {problem}")]
pub struct StoreOpenError {
    path: String,
    problem: String,
}

/// What a table would have been billed for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreUsage {
    /// Write units, in halves.
    pub half_write_units: u64,
    /// Read units, in halves.
    pub half_read_units: u64,
    /// Requests.
    pub round_trips: u64,
}

/// A write request as it was sent, so that it can be sent again to another store.
#[derive(Debug, Clone)]
pub struct RecordedWrite {
    /// The operation.
    pub operation: String,
    /// The JSON body.
    pub body: Vec<u8>,
}

/// An embedded DynamoDB.
#[derive(Debug, Clone)]
pub struct EmbeddedStore {
    service: Arc<DynamoService>,
    faults: Faults,
}

struct DynamoService {
    database: Database,
    half_write_units: AtomicU64,
    half_read_units: AtomicU64,
    round_trips: AtomicU64,
    recording: AtomicBool,
    recorded: Mutex<Vec<RecordedWrite>>,
}

impl std::fmt::Debug for DynamoService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DynamoService")
    }
}

impl EmbeddedStore {
    /// A store in memory.
    ///
    /// # Errors
    /// When SQLite cannot be started.
    pub fn memory() -> Result<Self, StoreOpenError> {
        Self::opened(Database::memory(), "memory")
    }

    /// A store in the file at `path`, made where there is none.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn file(path: &Path) -> Result<Self, StoreOpenError> {
        let path = path.to_string_lossy();
        Self::opened(Database::new(&path), &path)
    }

    fn opened(database: dynoxide::Result<Database>, path: &str) -> Result<Self, StoreOpenError> {
        let database =
            database.map_err(|e| StoreOpenError { path: path.to_owned(), problem: e.to_string() })?;
        let service = DynamoService {
            database,
            half_write_units: AtomicU64::default(),
            half_read_units: AtomicU64::default(),
            round_trips: AtomicU64::default(),
            recording: AtomicBool::default(),
            recorded: Mutex::default(),
        };
        Ok(Self { service: Arc::new(service), faults: Faults::default() })
    }

    /// An unmodified SDK client that speaks to this store.
    #[must_use]
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&transport::config(Arc::clone(&self.service), self.faults.clone()))
    }

    /// What has been used so far.
    #[must_use]
    pub fn usage(&self) -> StoreUsage {
        StoreUsage {
            half_write_units: self.service.half_write_units.load(Ordering::Relaxed),
            half_read_units: self.service.half_read_units.load(Ordering::Relaxed),
            round_trips: self.service.round_trips.load(Ordering::Relaxed),
        }
    }

    /// Lets the next request fail.
    pub fn inject(&self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Keeps a copy of every write request from now on.
    pub fn record(&self) {
        self.service.recording.store(true, Ordering::Relaxed);
    }

    /// The write requests kept so far; they are kept no longer.
    #[must_use]
    pub fn take_recorded(&self) -> Vec<RecordedWrite> {
        std::mem::take(&mut *self.service.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Service for DynamoService {
    fn answer(&self, operation: &str, body: &[u8]) -> Answer {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        let writes = matches!(operation, "PutItem" | "UpdateItem" | "BatchWriteItem" | "TransactWriteItems");
        if writes && self.recording.load(Ordering::Relaxed) {
            let write = RecordedWrite { operation: operation.to_owned(), body: body.to_vec() };
            self.recorded.lock().unwrap_or_else(PoisonError::into_inner).push(write);
        }
        match self.perform(operation, body) {
            Ok(body) => Answer { status: 200, body },
            Err(error) => Answer { status: error.status_code(), body: error.to_json() },
        }
    }
}

impl DynamoService {
    fn perform(&self, operation: &str, body: &[u8]) -> dynoxide::Result<String> {
        let database = &self.database;
        match operation {
            "CreateTable" => written(&database.create_table(request(body)?)?),
            "DescribeTable" => written(&database.describe_table(request(body)?)?),
            "UpdateTimeToLive" => written(&database.update_time_to_live(request(body)?)?),
            "PutItem" => {
                let answer = database.put_item(request(body)?)?;
                self.wrote(answer.consumed_capacity.as_ref());
                written(&answer)
            }
            "UpdateItem" => {
                let answer = database.update_item(request(body)?)?;
                self.wrote(answer.consumed_capacity.as_ref());
                written(&answer)
            }
            "BatchWriteItem" => {
                let answer = database.batch_write_item(request(body)?)?;
                self.wrote(answer.consumed_capacity.iter().flatten());
                written(&answer)
            }
            "TransactWriteItems" => {
                let answer = database.transact_write_items(request(body)?)?;
                self.wrote(answer.consumed_capacity.iter().flatten());
                written(&answer)
            }
            "GetItem" => {
                let answer = database.get_item(request(body)?)?;
                self.read(answer.consumed_capacity.as_ref());
                written(&answer)
            }
            "Query" => {
                let answer = database.query(request(body)?)?;
                self.read(answer.consumed_capacity.as_ref());
                written(&answer)
            }
            "Scan" => {
                let answer = database.scan(request(body)?)?;
                self.read(answer.consumed_capacity.as_ref());
                written(&answer)
            }
            "BatchGetItem" => {
                let answer = database.batch_get_item(request(body)?)?;
                self.read(answer.consumed_capacity.iter().flatten());
                written(&answer)
            }
            other => Err(DynoxideError::ValidationException(format!("{other} is not served here"))),
        }
    }

    fn wrote<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.half_write_units.fetch_add(half_units(consumed), Ordering::Relaxed);
    }

    fn read<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.half_read_units.fetch_add(half_units(consumed), Ordering::Relaxed);
    }
}

/// Capacity comes in halves; the sum of halves is exact.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a capacity is a small positive number")]
fn half_units<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) -> u64 {
    consumed.into_iter().map(|capacity| (capacity.capacity_units * 2.0).round() as u64).sum()
}

fn request<T: DeserializeOwned>(body: &[u8]) -> dynoxide::Result<T> {
    serde_json::from_slice(body).map_err(|e| DynoxideError::ValidationException(e.to_string()))
}

fn written<T: serde::Serialize>(answer: &T) -> dynoxide::Result<String> {
    serde_json::to_string(answer).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}
