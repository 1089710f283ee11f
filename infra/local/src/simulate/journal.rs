//! Everything that happened in a run, as one hash: two runs of a seed are the same, or something is not drawn from it.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

#[derive(Debug, Default)]
pub(super) struct Journal(Sha256);

impl Journal {
    pub(super) fn note(&mut self, at: Timestamp, what: &str) {
        self.0.update(at.as_millisecond().to_be_bytes());
        self.0.update(what.as_bytes());
        self.0.update([b'\n']);
    }

    pub(super) fn hash(&self) -> String {
        hex::encode(self.0.clone().finalize())
    }
}
