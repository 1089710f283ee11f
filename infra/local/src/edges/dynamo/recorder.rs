//! Keeps the writes of a run, so that a bench can play exactly them again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;

use super::dispatch::Operation;
use crate::edges::lock;

/// One write request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedWrite {
    /// The operation, as in the last part of `x-amz-target`: `PutItem`, `TransactWriteItems`, …
    pub target: String,
    /// The JSON body.
    pub body: Bytes,
}

#[derive(Debug, Default)]
pub(super) struct Recorder {
    on: AtomicBool,
    kept: Mutex<Vec<RecordedWrite>>,
}

impl Recorder {
    pub(super) fn set(&self, on: bool) {
        self.on.store(on, Ordering::Release);
    }

    pub(super) fn keep(&self, operation: Operation, body: &[u8]) {
        if self.on.load(Ordering::Acquire) {
            let write = RecordedWrite { target: operation.name().to_owned(), body: Bytes::copy_from_slice(body) };
            lock(&self.kept).push(write);
        }
    }

    pub(super) fn take(&self) -> Vec<RecordedWrite> {
        std::mem::take(&mut lock(&self.kept))
    }
}
