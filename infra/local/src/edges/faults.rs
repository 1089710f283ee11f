//! What a test orders to go wrong.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::lock;

/// Faults in the order they were ordered, each used up by one request.
#[derive(Debug)]
pub(super) struct FaultQueue<F>(Mutex<VecDeque<Ordered<F>>>);

#[derive(Debug)]
struct Ordered<F> {
    /// Only a request of this operation; any, when absent.
    operation: Option<String>,
    fault: F,
}

impl<F> FaultQueue<F> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    pub(super) fn push(&self, operation: Option<&str>, fault: F) {
        lock(&self.0).push_back(Ordered { operation: operation.map(str::to_owned), fault });
    }

    /// Takes the first fault meant for this operation; those for others keep their place.
    pub(super) fn take(&self, operation: &str) -> Option<F> {
        let mut waiting = lock(&self.0);
        let meant = |ordered: &Ordered<F>| ordered.operation.as_deref().is_none_or(|name| name == operation);
        let position = waiting.iter().position(meant)?;
        waiting.remove(position).map(|ordered| ordered.fault)
    }

    pub(super) fn waiting(&self) -> usize {
        lock(&self.0).len()
    }
}
