//! The idempotency store: the first answer under a key is the answer, for a day.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Reply;

/// How long Stripe keeps a key, at least.
const KEPT_SECONDS: i64 = 24 * 3600;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Keys {
    answers: HashMap<String, Stored>,
    by_age: VecDeque<(i64, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    request: [u8; 32],
    reply: Reply,
}

/// What is known of a key.
pub(super) enum Replay {
    New,
    Stored(Reply),
    Mismatch,
}

impl Keys {
    pub(super) fn replay(&mut self, key: &str, request: &Request<Bytes>, now: i64) -> Replay {
        while self.by_age.front().is_some_and(|(at, _)| *at + KEPT_SECONDS <= now) {
            if let Some((_, key)) = self.by_age.pop_front() {
                self.answers.remove(&key);
            }
        }
        match self.answers.get(key) {
            None => Replay::New,
            Some(stored) if stored.request == fingerprint(request) => Replay::Stored(stored.reply.clone()),
            Some(_) => Replay::Mismatch,
        }
    }

    pub(super) fn store(&mut self, key: &str, request: &Request<Bytes>, reply: Reply, now: i64) {
        self.answers.insert(key.to_owned(), Stored { request: fingerprint(request), reply });
        self.by_age.push_back((now, key.to_owned()));
    }
}

/// Kept in snapshots, so the same in every build: the standard library's hasher does not promise that.
fn fingerprint(request: &Request<Bytes>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(request.uri().path());
    hasher.update([0]);
    hasher.update(request.body());
    hasher.finalize().into()
}
