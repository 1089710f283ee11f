//! What a charger is told, in its own version of the standard.

use plugtill_domain::command::{Command, Order};
use plugtill_domain::ids::IdTag;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Dialect;
use super::answer::transaction_number;

/// A command's name: the same order of the same cause has the same, so that it is stored once. At most 36 characters.
#[must_use]
pub fn command_id(order: &Order, cause: &str) -> String {
    let kind = match order {
        Order::Start { .. } => "start",
        Order::Stop { .. } => "stop",
        Order::Trigger { .. } => "trigger",
        Order::Unlock { .. } => "unlock",
    };
    let digest = Sha256::digest(cause.as_bytes());
    format!("{kind}-{}", hex::encode(&digest[..12]))
}

/// Whether an answer may be to a command of ours.
#[must_use]
pub fn is_ours(message_id: &str) -> bool {
    let kind = message_id.split_once('-').map_or("", |(kind, _)| kind);
    matches!(kind, "start" | "stop" | "trigger" | "unlock")
}

/// The frame of a command.
#[must_use]
pub fn frame(command: &Command, dialect: Dialect) -> String {
    let (action, payload) = match dialect {
        Dialect::V16 => v16(&command.order),
        Dialect::V201 => v201(&command.order),
    };
    json!([2, command.id, action, payload]).to_string()
}

fn v16(order: &Order) -> (&'static str, Value) {
    match order {
        Order::Start { connector, tag } => {
            ("RemoteStartTransaction", json!({ "connectorId": connector.0, "idTag": tag.as_str() }))
        }
        Order::Stop { session, .. } => {
            ("RemoteStopTransaction", json!({ "transactionId": transaction_number(session) }))
        }
        Order::Trigger { message, connector: None } => ("TriggerMessage", json!({ "requestedMessage": message })),
        Order::Trigger { message, connector: Some(at) } => {
            ("TriggerMessage", json!({ "requestedMessage": message, "connectorId": at.0 }))
        }
        Order::Unlock { connector } => ("UnlockConnector", json!({ "connectorId": connector.0 })),
    }
}

fn v201(order: &Order) -> (&'static str, Value) {
    match order {
        Order::Start { connector, tag } => {
            let token = json!({ "idToken": tag.as_str(), "type": "Central" });
            let start = json!({ "evseId": connector.0, "remoteStartId": start_number(tag), "idToken": token });
            ("RequestStartTransaction", start)
        }
        Order::Stop { session, transaction } => {
            let id = transaction.as_ref().map_or_else(|| transaction_number(session).to_string(), ToString::to_string);
            ("RequestStopTransaction", json!({ "transactionId": id }))
        }
        Order::Trigger { message, connector: None } => ("TriggerMessage", json!({ "requestedMessage": message })),
        Order::Trigger { message, connector: Some(at) } => {
            ("TriggerMessage", json!({ "requestedMessage": message, "evse": { "id": at.0 } }))
        }
        Order::Unlock { connector } => ("UnlockConnector", json!({ "evseId": connector.0, "connectorId": 1 })),
    }
}

/// 2.0.1 wants a number for each request to start: the tag's own.
fn start_number(tag: &IdTag) -> u32 {
    let digest = Sha256::digest(tag.as_str().as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    u32::from_be_bytes(first) >> 1
}
