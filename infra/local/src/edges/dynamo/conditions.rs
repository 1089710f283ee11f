//! The conditions that writes bear, each by what it is written on. One can be left out, to see what depends on it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::{Map, Value};

use super::dispatch::Operation;
use crate::edges::lock;

const CONDITION: &str = "ConditionExpression";
const VALUES: &str = "ExpressionAttributeValues";

/// Which conditions were asked for, and which of them are not looked at.
#[derive(Debug, Default)]
pub(super) struct Conditions(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    asked: BTreeSet<String>,
    forgotten: BTreeSet<String>,
}

impl Conditions {
    pub(super) fn forget(&self, name: &str) {
        lock(&self.0).forgotten.insert(name.to_owned());
    }

    pub(super) fn asked(&self) -> BTreeSet<String> {
        lock(&self.0).asked.clone()
    }

    /// The request as it is to be carried out: without what is forgotten.
    pub(super) fn pass<'a>(&self, operation: Operation, body: &'a [u8]) -> Cow<'a, [u8]> {
        let Ok(mut request) = serde_json::from_slice::<Value>(body) else { return Cow::Borrowed(body) };
        let mut known = lock(&self.0);
        let mut changed = false;
        for write in writes(&mut request) {
            let Some(name) = name(operation, write) else { continue };
            if known.forgotten.contains(&name) {
                leave_out(write);
                changed = true;
            }
            known.asked.insert(name);
        }
        if changed { Cow::Owned(request.to_string().into_bytes()) } else { Cow::Borrowed(body) }
    }
}

/// A request's writes: itself, or those of a transaction.
fn writes(request: &mut Value) -> Vec<&mut Map<String, Value>> {
    let Some(request) = request.as_object_mut() else { return Vec::new() };
    if !request.contains_key("TransactItems") {
        return vec![request];
    }
    let items = request.get_mut("TransactItems").and_then(Value::as_array_mut).into_iter().flatten();
    items.filter_map(|item| item.as_object_mut()?.values_mut().next()?.as_object_mut()).collect()
}

/// `PutItem c/s version = :version`: the operation, the words that the keys begin with, the condition.
fn name(operation: Operation, write: &Map<String, Value>) -> Option<String> {
    let condition = write.get(CONDITION)?.as_str()?;
    let key = write.get("Item").or_else(|| write.get("Key"))?;
    let begins = |name: &str| key.get(name)?.get("S")?.as_str()?.split(|c: char| !c.is_ascii_alphabetic()).next();
    Some(format!("{} {}/{} {condition}", operation.name(), begins("pk")?, begins("sk")?))
}

/// Takes the condition away, and the values that nothing else names: DynamoDB refuses those.
fn leave_out(write: &mut Map<String, Value>) {
    write.remove(CONDITION);
    let update = write.get("UpdateExpression").and_then(Value::as_str).unwrap_or_default();
    let named: BTreeSet<String> =
        update.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').map(str::to_owned).collect();
    let Some(values) = write.get_mut(VALUES).and_then(Value::as_object_mut) else { return };
    values.retain(|name, _| named.contains(name));
    if values.is_empty() {
        write.remove(VALUES);
    }
}
