//! Idempotency of transactions over ten minutes of the virtual clock.
//!
//! `dynoxide` keeps tokens by the machine's clock, which a replay outruns, and walks through all of them at each
//! transaction, which a replay of a busy day would feel: so the window is kept here.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use dynoxide::DynoxideError;
use dynoxide::actions::transact_write_items::{TransactWriteItem, TransactWriteItemsResponse};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How long DynamoDB remembers a `ClientRequestToken`.
const WINDOW: SignedDuration = SignedDuration::from_mins(10);

/// The tokens of the last ten minutes and what was answered to each.
#[derive(Debug, Default)]
pub(super) struct TokenWindow {
    answered: HashMap<String, (u64, TransactWriteItemsResponse)>,
    /// Oldest first: the clock never goes back.
    in_order: VecDeque<(Timestamp, String)>,
}

impl TokenWindow {
    /// The answer already given to this token, if it is still remembered.
    ///
    /// # Errors
    /// The token was used for other actions.
    pub(super) fn replay(
        &mut self,
        token: &str,
        fingerprint: u64,
        now: Timestamp,
    ) -> Result<Option<TransactWriteItemsResponse>, DynoxideError> {
        self.forget_before(now.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN));
        match self.answered.get(token) {
            None => Ok(None),
            Some((first, response)) if *first == fingerprint => Ok(Some(as_read(response))),
            Some(_) => Err(DynoxideError::IdempotentParameterMismatchException(
                "The token was used before with other parameters".to_owned(),
            )),
        }
    }

    pub(super) fn remember(
        &mut self,
        token: String,
        fingerprint: u64,
        now: Timestamp,
        response: TransactWriteItemsResponse,
    ) {
        self.in_order.push_back((now, token.clone()));
        self.answered.insert(token, (fingerprint, response));
    }

    fn forget_before(&mut self, oldest: Timestamp) {
        while self.in_order.front().is_some_and(|(at, _)| *at <= oldest) {
            if let Some((_, token)) = self.in_order.pop_front() {
                self.answered.remove(&token);
            }
        }
    }
}

/// A repeated transaction only reads, and is billed as reads; as many units as the write, which is exact for items up
/// to 1 KB and an upper bound above.
fn as_read(response: &TransactWriteItemsResponse) -> TransactWriteItemsResponse {
    let mut response = response.clone();
    for capacity in response.consumed_capacity.iter_mut().flatten() {
        capacity.read_capacity_units = Some(capacity.capacity_units);
        capacity.write_capacity_units = None;
    }
    response
}

/// A number that is the same for the same actions, in whatever order the SDK wrote their maps.
pub(super) fn fingerprint(actions: &[TransactWriteItem]) -> u64 {
    serde_json::to_value(actions).map_or(0, |actions| digest(&actions))
}

fn digest(value: &Value) -> u64 {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| hash(&(name, digest(value)))).fold(1, u64::wrapping_add)
        }
        Value::Array(members) => hash(&members.iter().map(digest).collect::<Vec<_>>()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => hash(value),
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
