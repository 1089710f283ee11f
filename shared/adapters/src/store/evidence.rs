//! Evidence and quarantine: frames as they were sent.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::Evidence;
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, TransactionId};

use super::{Item, Store, StoreError, keys, text};
use crate::ocpp;

/// Statuses after a stop that still belong to its session: until the next start or this long.
const AFTER_STOP: SignedDuration = SignedDuration::from_hours(24);

/// A frame kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFrame {
    /// Receive time, UTC.
    pub received_at: Timestamp,
    /// The frame as it was sent.
    pub frame: String,
    /// What it says.
    pub evidence: Evidence,
}

/// Something received that could not be used, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Receive time, UTC.
    pub received_at: Timestamp,
    /// Which charger, as far as it is known.
    pub charger: String,
    /// Why.
    pub reason: String,
    /// What was received.
    pub bytes: String,
}

impl Store {
    /// The item that files a frame about a connector.
    #[must_use]
    pub fn evidence_item(
        charger: &ChargerId,
        connector: ConnectorId,
        at: Timestamp,
        (frame, received_at): (&str, Timestamp),
    ) -> Item {
        let sort = keys::evidence_sort(at, ocpp::content(frame));
        framed(keys::key(&keys::connector(charger, connector), &sort), frame, received_at)
    }

    /// The item that files a stop, which names a transaction and no connector.
    #[must_use]
    pub fn stop_item(
        charger: &ChargerId,
        transaction: &TransactionId,
        at: Timestamp,
        (frame, received_at): (&str, Timestamp),
    ) -> Item {
        let sort = keys::transaction_stop(transaction, at, ocpp::content(frame));
        framed(keys::key(&keys::charger(charger), &sort), frame, received_at)
    }

    /// The item that keeps what could not be used.
    #[must_use]
    pub fn quarantine_item(quarantined: &Quarantined) -> Item {
        let day = quarantined.received_at.strftime("%Y-%m-%d");
        let sort = format!("{:.3}#{}", quarantined.received_at, keys::hash(&quarantined.bytes));
        let mut item = keys::key(&format!("q#{day}"), &sort);
        item.insert("charger".to_owned(), AttributeValue::S(quarantined.charger.clone()));
        item.insert("reason".to_owned(), AttributeValue::S(quarantined.reason.clone()));
        item.insert("bytes".to_owned(), AttributeValue::S(quarantined.bytes.clone()));
        item
    }

    /// What was quarantined on a UTC day (`2026-11-23`), oldest first.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn quarantine(&self, day: &str) -> Result<Vec<Quarantined>, StoreError> {
        let items = self.range(&format!("q#{day}"), "0", keys::LAST).await?;
        let read = |item: &Item| {
            let (received_at, _) = text(item, "sk").split_once('#')?;
            Some(Quarantined {
                received_at: received_at.parse().ok()?,
                charger: text(item, "charger").to_owned(),
                reason: text(item, "reason").to_owned(),
                bytes: text(item, "bytes").to_owned(),
            })
        };
        Ok(items.iter().filter_map(read).collect())
    }

    /// The frames of a session's connector from its start on. `stopped_at` bounds what is read when the stop is known;
    /// nothing is cut off that could change the bill. The stop's own frame names no connector: [`Store::transaction`].
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn evidence(
        &self,
        id: &SessionId,
        stopped_at: Option<Timestamp>,
    ) -> Result<Vec<StoredFrame>, StoreError> {
        let pk = keys::connector(&id.charger, id.connector);
        let from = format!("e#{:.3}", id.started_at);
        let until = stopped_at.map_or_else(|| keys::LAST.to_owned(), |at| format!("{:.3}~", at + AFTER_STOP));
        let items = self.range(&pk, &from, &format!("e#{until}")).await?;
        Ok(items.iter().filter_map(stored_frame).collect())
    }
}

fn framed(mut item: Item, frame: &str, received_at: Timestamp) -> Item {
    item.insert("frame".to_owned(), AttributeValue::S(frame.to_owned()));
    item.insert("received_at".to_owned(), AttributeValue::S(format!("{received_at:.3}")));
    item
}

fn stored_frame(item: &Item) -> Option<StoredFrame> {
    let received_at = text(item, "received_at").parse().ok()?;
    let frame = text(item, "frame");
    let evidence = ocpp::evidence(frame, received_at)?;
    Some(StoredFrame { received_at, frame: frame.to_owned(), evidence })
}
