//! What an item is, whichever version wrote it: for those who look at every one (invariant I21).

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use plugtill_domain::balance::DriverNotice;
use plugtill_domain::checkout::Checkout;
use plugtill_domain::command::Command;
use plugtill_domain::hook::Hook;
use plugtill_domain::incident::Incident;
use plugtill_domain::ledger::Entry;
use plugtill_domain::reconcile::Reconciliation;
use plugtill_domain::session::{Payer, Session};
use plugtill_domain::site::{Site, Terms};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::months::Month;
use super::{
    Answered, ApiKey, Attempts, Audited, HookName, IncidentPage, Item, Link, Registered, Review, Store, StoreError,
    User, document, evidence, keys, text,
};
use crate::ocpp::Dialect;

/// An item that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// What it is, in one word or two.
    pub kind: &'static str,
    /// Its document as this version would write it.
    pub document: Option<Value>,
}

impl Store {
    /// Every item of the table, a page at a time: what `next` of the answer before was, and the next one's.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn every_item(&self, next: Option<Item>) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true).set_exclusive_start_key(next);
        let page = scan.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await;
        let page = page.map_err(|e| StoreError::from_sdk(&e))?;
        Ok((page.items.unwrap_or_default(), page.last_evaluated_key))
    }

    /// Reads an item, whatever it is.
    ///
    /// # Errors
    /// When it is nothing that this version knows, or cannot be read by it.
    pub fn form(item: &Item) -> Result<Form, StoreError> {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        let partition = pk.split_once('#').map_or(pk, |(first, _)| first);
        match partition {
            "c" if sk.starts_with("s#") => of::<Session>("session", item),
            "c" | "t" if sk.starts_with("e#") || sk.contains("#stop#") || sk.contains("#event#") => framed(item),
            "t" => of_charger(sk, item),
            "i" if sk.starts_with(keys::NOW) || sk.starts_with(keys::WAS) => of::<Incident>("incident", item),
            "i" => bare("note of what was told"),
            "x" if sk == "incident" => of::<IncidentPage>("incident's page", item),
            "x" | "site" | "numbers" | "d" | "u" | "block" | "event" | "stripe" | "loaded" => bare("fact"),
            "j" | "l" => of::<Entry>("posting", item),
            "m" | "v" => of::<Month<Value>>("month", item),
            "q" if item.contains_key("doc") => of::<Review>("quarantine", item),
            "q" => bare("quarantine"),
            "n" => of::<DriverNotice>("driver's notice", item),
            "h" => of::<Hook>("hook", item),
            "hooks" => of::<HookName>("hook given up", item),
            "k" => of::<Checkout>("checkout", item),
            "driver" => of::<Payer>("driver", item),
            "chargers" => of::<Registered>("charger", item),
            "users" => of::<User>("user", item),
            "apikeys" => of::<ApiKey>("key", item),
            "signin" => of::<Attempts>("attempts", item),
            "idem" if item.contains_key("doc") => of::<Answered>("answer", item),
            "idem" => bare("order without an answer"),
            "audit" => of::<Audited>("audit", item),
            "sites" => of::<Site>("site", item),
            "terms" => of::<Terms>("terms", item),
            "reconciled" => of::<Reconciliation>("reconciliation", item),
            _ => Err(unreadable(item, "nothing that this version knows")),
        }
    }
}

fn of_charger(sk: &str, item: &Item) -> Result<Form, StoreError> {
    match sk.split_once('#').map_or(sk, |(first, _)| first) {
        "command" => of::<Command>("command", item),
        "link" => of::<Link>("connection", item),
        "dialect" => of::<Dialect>("dialect", item),
        "call" | "result" | "tx" | "heard" => bare("fact"),
        "station" => bare("station"),
        _ => Err(unreadable(item, "nothing that this version knows of a charger")),
    }
}

fn of<T: DeserializeOwned + Serialize>(kind: &'static str, item: &Item) -> Result<Form, StoreError> {
    let read: T = document(item)?;
    let again = serde_json::to_value(&read).map_err(|error| unreadable(item, &error.to_string()))?;
    Ok(Form { kind, document: Some(again) })
}

/// Frames as they were sent: what they say is looked for in them each time.
fn framed(item: &Item) -> Result<Form, StoreError> {
    if evidence::is_readable(item) { bare("frames") } else { Err(unreadable(item, "no frame can be read from it")) }
}

/// An item that is its keys and a few numbers.
#[allow(clippy::unnecessary_wraps, reason = "one shape for every kind")]
const fn bare(kind: &'static str) -> Result<Form, StoreError> {
    Ok(Form { kind, document: None })
}

fn unreadable(item: &Item, problem: &str) -> StoreError {
    StoreError::Unreadable { key: format!("{} {}", text(item, "pk"), text(item, "sk")), problem: problem.to_owned() }
}
