//! From the name and body of a request to the embedded database and back.

use dynoxide::actions::transact_write_items::{TransactWriteItemsRequest, TransactWriteItemsResponse};
use dynoxide::actions::{batch_get_item, batch_write_item, delete_item, get_item, put_item, query, scan};
use dynoxide::actions::{transact_get_items, update_item};
use dynoxide::types::ConsumedCapacity;
use dynoxide::{DynoxideError, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use super::tokens::fingerprint;
use super::usage::Capacity;
use crate::edges::lock;

/// What an operation does to items, and so which capacity it consumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Read,
    Write,
}

macro_rules! operations {
    ($($name:ident: $kind:ident),+ $(,)?) => {
        /// The operations served.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Operation { $($name),+ }

        impl Operation {
            pub(super) fn parse(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)+
                    _ => None,
                }
            }

            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            pub(super) fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),+ }
            }
        }
    };
}

operations! {
    CreateTable: Table,
    DescribeTable: Table,
    UpdateTimeToLive: Table,
    GetItem: Read,
    BatchGetItem: Read,
    TransactGetItems: Read,
    Query: Read,
    Scan: Read,
    PutItem: Write,
    UpdateItem: Write,
    DeleteItem: Write,
    BatchWriteItem: Write,
    TransactWriteItems: Write,
}

/// A successful answer.
pub(super) struct Reply {
    pub(super) json: Vec<u8>,
    /// None when the request did not ask for it.
    pub(super) capacity: Option<Capacity>,
}

pub(super) fn run(store: &Store, operation: Operation, body: &[u8]) -> Result<Reply> {
    let db = &store.database;
    match operation {
        Operation::CreateTable => plain(body, |request| db.create_table(request)),
        Operation::DescribeTable => plain(body, |request| db.describe_table(request)),
        Operation::UpdateTimeToLive => plain(body, |request| db.update_time_to_live(request)),
        Operation::GetItem => metered(body, |request| db.get_item(request)),
        Operation::BatchGetItem => metered(body, |request| db.batch_get_item(request)),
        Operation::TransactGetItems => metered(body, |request| db.transact_get_items(request)),
        Operation::Query => metered(body, |request| db.query(request)),
        Operation::Scan => metered(body, |request| db.scan(request)),
        Operation::PutItem => metered(body, |request| db.put_item(request)),
        Operation::UpdateItem => metered(body, |request| db.update_item(request)),
        Operation::DeleteItem => metered(body, |request| db.delete_item(request)),
        Operation::BatchWriteItem => metered(body, |request| db.batch_write_item(request)),
        Operation::TransactWriteItems => metered(body, |request| transact_once(store, request)),
    }
}

/// Runs a transaction unless its token says that it ran already.
fn transact_once(store: &Store, mut request: TransactWriteItemsRequest) -> Result<TransactWriteItemsResponse> {
    let Some(token) = request.client_request_token.take() else {
        return store.database.transact_write_items(request);
    };
    let (fingerprint, now) = (fingerprint(&request.transact_items), store.clock.now());
    // Held while the transaction runs: a second call with the same token waits and then finds the answer.
    let mut tokens = lock(&store.tokens);
    if let Some(response) = tokens.replay(&token, fingerprint, now)? {
        return Ok(response);
    }
    let response = store.database.transact_write_items(request)?;
    tokens.remember(token, fingerprint, now, response.clone());
    Ok(response)
}

fn plain<Q: DeserializeOwned, A: Serialize>(body: &[u8], act: impl FnOnce(Q) -> Result<A>) -> Result<Reply> {
    Ok(Reply { json: write(&act(read(body)?)?)?, capacity: None })
}

fn metered<Q: DeserializeOwned, A: Metered>(body: &[u8], act: impl FnOnce(Q) -> Result<A>) -> Result<Reply> {
    let answer = act(read(body)?)?;
    Ok(Reply { json: write(&answer)?, capacity: answer.capacity() })
}

fn read<Q: DeserializeOwned>(body: &[u8]) -> Result<Q> {
    serde_json::from_slice(body).map_err(|error| {
        // Marks that `dynoxide` puts before messages of its own; its HTTP server takes them off as well.
        let message = error.to_string();
        let message = ["VALIDATION:", "VALIDATION_REQUEST:", "SERIALIZATION:"]
            .iter()
            .find_map(|mark| message.strip_prefix(mark))
            .unwrap_or(&message);
        DynoxideError::ValidationException(message.to_owned())
    })
}

fn write(answer: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// An answer that may state what it consumed.
trait Metered: Serialize {
    fn capacity(&self) -> Option<Capacity>;
}

/// Units reported without a direction are those of the operation.
fn units(consumed: &ConsumedCapacity, kind: Kind) -> Capacity {
    let of = |direction: Kind, stated: Option<f64>| match stated {
        Some(units) => units,
        None if direction == kind && consumed.read_capacity_units.or(consumed.write_capacity_units).is_none() => {
            consumed.capacity_units
        }
        None => 0.0,
    };
    Capacity {
        write_units: of(Kind::Write, consumed.write_capacity_units),
        read_units: of(Kind::Read, consumed.read_capacity_units),
    }
}

fn total<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>, kind: Kind) -> Capacity {
    consumed.into_iter().map(|table| units(table, kind)).fold(Capacity::default(), |sum, one| Capacity {
        write_units: sum.write_units + one.write_units,
        read_units: sum.read_units + one.read_units,
    })
}

macro_rules! metered {
    ($($kind:ident: $($answer:ty),+;)+) => {
        $($(impl Metered for $answer {
            fn capacity(&self) -> Option<Capacity> {
                self.consumed_capacity.as_ref().map(|consumed| total(consumed, Kind::$kind))
            }
        })+)+
    };
}

/// One table's capacity, read like a list of one.
macro_rules! metered_one {
    ($($kind:ident: $($answer:ty),+;)+) => {
        $($(impl Metered for $answer {
            fn capacity(&self) -> Option<Capacity> {
                self.consumed_capacity.as_ref().map(|consumed| units(consumed, Kind::$kind))
            }
        })+)+
    };
}

metered_one! {
    Read: get_item::GetItemResponse, query::QueryResponse, scan::ScanResponse;
    Write: put_item::PutItemResponse, update_item::UpdateItemResponse, delete_item::DeleteItemResponse;
}

metered! {
    Read: batch_get_item::BatchGetItemResponse, transact_get_items::TransactGetItemsResponse;
    Write: batch_write_item::BatchWriteItemResponse, TransactWriteItemsResponse;
}
