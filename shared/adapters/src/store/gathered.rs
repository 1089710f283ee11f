//! Meter values of one connector that come together are one item: they are most of all frames, a write costs the same for
//! one and for a kilobyte of them, and nothing is decided from one alone.

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::ids::{ChargerId, ConnectorId};
use serde::{Deserialize, Serialize};

use super::packed::unpack;
use super::{Item, Store, StoreError, keys, text, to_document};
use crate::ocpp;

/// From the first to the last of the meter values that are one item.
pub(super) const TOGETHER: SignedDuration = SignedDuration::from_mins(15);
/// The most bytes of them: below the 400 KB of an item, even where nothing of it can be deflated.
const MOST_TOGETHER: usize = 250_000;

/// A frame about a connector, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The instant that it is about, UTC.
    pub at: Timestamp,
    /// Receive time, UTC.
    pub received_at: Timestamp,
    /// The frame.
    pub frame: String,
}

impl Store {
    /// The items that file the meter values of a connector, as few as possible.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn meter_value_items(
        charger: &ChargerId,
        connector: ConnectorId,
        mut sent: Vec<Sent>,
    ) -> Result<Vec<Item>, StoreError> {
        sent.sort_by(|a, b| (a.at, ocpp::content(&a.frame)).cmp(&(b.at, ocpp::content(&b.frame))));
        sent.dedup_by(|a, b| a.at == b.at && ocpp::content(&a.frame) == ocpp::content(&b.frame));
        let (mut items, mut left) = (Vec::new(), sent.as_slice());
        while let [first, ..] = left {
            let mut bytes = 0;
            let together = |other: &&Sent| {
                bytes += other.frame.len();
                other.at.duration_since(first.at) <= TOGETHER && bytes <= MOST_TOGETHER
            };
            let (now, later) = left.split_at(left.iter().take_while(together).count().max(1));
            items.push(match now {
                [one] => Self::evidence_item(charger, connector, one.at, (&one.frame, one.received_at)),
                _ => gathered_item(charger, connector, first.at, now)?,
            });
            left = later;
        }
        Ok(items)
    }
}

fn gathered_item(
    charger: &ChargerId,
    connector: ConnectorId,
    at: Timestamp,
    sent: &[Sent],
) -> Result<Item, StoreError> {
    let content: String = sent.iter().map(|sent| ocpp::content(&sent.frame)).collect();
    let mut item = keys::key(&keys::connector(charger, connector), &keys::evidence_sort(at, &content));
    item.insert("frames".to_owned(), to_document(&sent)?);
    Ok(item)
}

/// The frames of an item about a connector.
pub(super) fn sent_of(item: &Item) -> Vec<Sent> {
    if item.contains_key("frames") {
        return serde_json::from_str(&unpack(item, "frames")).unwrap_or_else(|error| {
            tracing::error!(%error, pk = text(item, "pk"), sk = text(item, "sk"), "gathered meter values cannot be read");
            Vec::new()
        });
    }
    let sent = || {
        let (at, received_at) = (keys::evidence_at(text(item, "sk"))?, text(item, "received_at").parse().ok()?);
        Some(Sent { at, received_at, frame: unpack(item, "frame").into_owned() })
    };
    sent().into_iter().collect()
}
