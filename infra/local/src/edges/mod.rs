//! The edges of AWS exchanged on one machine: each is spoken to by the unmodified AWS SDK client, and only the
//! client's HTTP transport is replaced, so every byte that the adapters send and read is the one AWS would see.
//!
//! # Layout
//! - [`clock`]: the one clock of a run, moved by its driver
//! - [`dynamo`]: DynamoDB, embedded (`dynoxide` on SQLite)
//! - [`iot`]: what is published for chargers
//! - [`sqs`]: queues with visibility, delays and dead letters
//! - [`sns`]: a sink that keeps what was published and knows whom it would have reached
//! - [`secrets`]: secrets by name
//! - `transport`: the SDK's HTTP connector, answered in this process
//! - `faults`: what a test orders to go wrong, one request at a time, or has drawn for every request
//! - [`life`]: processes that end in the middle of their work

pub mod clock;
pub mod dynamo;
mod faults;
pub mod iot;
pub mod life;
pub mod receivers;
pub mod secrets;
pub mod sns;
pub mod sqs;
mod transport;

pub use faults::Draw;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic elsewhere: every section under these locks leaves its data whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
