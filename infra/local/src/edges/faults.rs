//! What goes wrong: ordered by a test, one request at a time, or drawn for every request.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;

use super::lock;

/// Decides for each request, by its operation, what goes wrong with it.
pub type Draw<F> = Box<dyn FnMut(&str) -> Option<F> + Send>;

/// Faults in the order they were ordered, each used up by one request; then what is drawn.
pub(super) struct FaultQueue<F> {
    ordered: Mutex<VecDeque<Ordered<F>>>,
    draw: Mutex<Option<Draw<F>>>,
}

#[derive(Debug)]
struct Ordered<F> {
    /// Only a request of this operation; any, when absent.
    operation: Option<String>,
    fault: F,
}

impl<F> FaultQueue<F> {
    pub(super) fn new() -> Self {
        Self { ordered: Mutex::new(VecDeque::new()), draw: Mutex::new(None) }
    }

    pub(super) fn push(&self, operation: Option<&str>, fault: F) {
        lock(&self.ordered).push_back(Ordered { operation: operation.map(str::to_owned), fault });
    }

    pub(super) fn draw(&self, draw: Draw<F>) {
        *lock(&self.draw) = Some(draw);
    }

    /// Takes the first fault meant for this operation; those for others keep their place.
    pub(super) fn take(&self, operation: &str) -> Option<F> {
        self.take_as(operation, operation)
    }

    /// The same, where what is drawn has a finer name.
    pub(super) fn take_as(&self, operation: &str, finer: &str) -> Option<F> {
        let ordered = {
            let mut waiting = lock(&self.ordered);
            let meant = |ordered: &Ordered<F>| ordered.operation.as_deref().is_none_or(|name| name == operation);
            let position = waiting.iter().position(meant);
            position.and_then(|position| waiting.remove(position)).map(|ordered| ordered.fault)
        };
        ordered.or_else(|| lock(&self.draw).as_mut().and_then(|draw| draw(finer)))
    }

    pub(super) fn waiting(&self) -> usize {
        lock(&self.ordered).len()
    }
}

impl<F: fmt::Debug> fmt::Debug for FaultQueue<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultQueue").field("ordered", &self.ordered).finish_non_exhaustive()
    }
}
