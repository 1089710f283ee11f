//! From a queue message to something a batch can work on, or into quarantine with the reason.

use std::borrow::Cow;

use jiff::Timestamp;
use plugtill_adapters::envelope::{self, Envelope};
use plugtill_adapters::ocpp::{self, Message};
use plugtill_adapters::store::{Quarantined, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId};

use crate::ChargerEvents;

/// A message of a known charger that can be read.
#[allow(clippy::struct_field_names, reason = "received_at is the field's word")]
pub(crate) struct Received<'a> {
    /// From the topic.
    pub charger: ChargerId,
    /// Which of the directory's sites it belongs to.
    pub site: usize,
    /// UTC.
    pub received_at: Timestamp,
    /// As it was sent.
    pub frame: Cow<'a, str>,
    /// What it says.
    pub message: Message,
}

/// Reads one queue message.
pub(crate) async fn read<'a>(
    function: &ChargerEvents,
    body: &'a str,
) -> Result<Result<Received<'a>, Quarantined>, StoreError> {
    let envelope = match envelope::open(body, function.clock.now()) {
        Ok(envelope) => envelope,
        Err(error) => return Ok(Err(unopened(body, function.clock.now(), error.to_string()))),
    };
    let Some((sites, index)) = function.directory.site_of(&envelope.charger).await? else {
        let reason = format!("charger {} belongs to no site: add it to one, then retry", envelope.charger);
        return Ok(Err(quarantined(&envelope, reason)));
    };
    let message = match ocpp::read(envelope.direction, &envelope.frame, envelope.received_at) {
        Ok(message) => message,
        Err(error) => return Ok(Err(quarantined(&envelope, error.to_string()))),
    };
    if let Some(connector) = connector_of(&message)
        && connector != ConnectorId(0)
        && sites.get(index).and_then(|known| known.site.connector(&envelope.charger, connector)).is_none()
    {
        let reason = format!("charger {} has no connector {connector}: correct the site", envelope.charger);
        return Ok(Err(quarantined(&envelope, reason)));
    }
    let Envelope { charger, received_at, frame, .. } = envelope;
    Ok(Ok(Received { charger, site: index, received_at, frame, message }))
}

const fn connector_of(message: &Message) -> Option<ConnectorId> {
    match message {
        Message::Start { connector, .. } | Message::Status { connector, .. } | Message::Meter { connector, .. } => {
            Some(*connector)
        }
        Message::Stop(_) | Message::Assigned { .. } | Message::SignOfLife(_) | Message::Ignored(_) => None,
    }
}

fn quarantined(envelope: &Envelope<'_>, reason: String) -> Quarantined {
    Quarantined {
        received_at: envelope.received_at,
        charger: envelope.charger.to_string(),
        reason,
        bytes: envelope.frame.clone().into_owned(),
    }
}

fn unopened(body: &str, now: Timestamp, reason: String) -> Quarantined {
    Quarantined { received_at: now, charger: "unknown".to_owned(), reason, bytes: body.to_owned() }
}
