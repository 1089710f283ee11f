//! From a queue message to something a batch can work on, or into quarantine with the reason.

use std::borrow::Cow;

use jiff::Timestamp;
use plugtill_adapters::envelope::{self, Direction, Envelope, Lifecycle};
use plugtill_adapters::ocpp::answer::Call;
use plugtill_adapters::ocpp::{self, Dialect, FrameError, Message};
use plugtill_adapters::store::{Link, Quarantined, StoreError};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SiteId};
use plugtill_domain::incident::{Kind, Sighting, Subject};

use crate::ChargerEvents;

/// A message of a known charger that can be read.
#[allow(clippy::struct_field_names, reason = "received_at is the field's word")]
pub(crate) struct Received<'a> {
    /// From the topic.
    pub charger: ChargerId,
    /// From the topic.
    pub direction: Direction,
    /// Which of the directory's sites it belongs to.
    pub site: usize,
    /// UTC.
    pub received_at: Timestamp,
    /// As it was sent.
    pub frame: Cow<'a, str>,
    /// What it says.
    pub message: Message,
}

/// A message that cannot be used.
pub(crate) struct Refused {
    /// What is kept of it.
    pub quarantined: Quarantined,
    /// What is wrong with the charger, as far as the message shows it.
    pub sighting: Option<Sighting>,
    /// Which charger waits for an answer, of which of the directory's sites, and what it says where that can be read.
    pub waiting: Option<(ChargerId, usize, Option<Message>)>,
}

impl Received<'_> {
    /// The version it is written in, where that is to be seen.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        Call::of(&self.frame).ok()??.dialect
    }

    /// The tag in it, where it has one.
    pub(crate) fn id_tag(&self) -> Option<IdTag> {
        Call::of(&self.frame).ok()??.id_tag()
    }
}

/// Reads one queue message.
pub(crate) async fn read<'a>(
    function: &ChargerEvents,
    body: &'a str,
) -> Result<Result<Received<'a>, Refused>, StoreError> {
    let now = function.clock.now();
    if let Some(lifecycle) = envelope::lifecycle(body) {
        return presence(function, body, lifecycle).await;
    }
    let envelope = match envelope::open(body, now) {
        Ok(envelope) => envelope,
        Err(error) => return Ok(Err(unopened(body, now, error.to_string()))),
    };
    let Some((sites, index)) = function.directory.site_of(&envelope.charger).await? else {
        let reason = format!("charger {} belongs to no site: add it to one, then retry", envelope.charger);
        return Ok(Err(refused(&envelope, reason, None)));
    };
    let charger = envelope.charger.clone();
    let message = match ocpp::read(envelope.direction, &envelope.frame, envelope.received_at) {
        Ok(message) => ours(message),
        Err(error) => {
            let sighting = sites.get(index).and_then(|known| wrong_clock(&error, &known.site.id, &envelope));
            let refused = refused(&envelope, error.to_string(), Some((charger, index, None)));
            return Ok(Err(Refused { sighting, ..refused }));
        }
    };
    if let Some(connector) = connector_of(&message)
        && connector != ConnectorId(0)
        && sites.get(index).and_then(|known| known.site.connector(&charger, connector)).is_none()
    {
        let reason = format!("charger {charger} has no connector {connector}: correct the site");
        return Ok(Err(refused(&envelope, reason, Some((charger, index, Some(message))))));
    }
    let Envelope { charger, direction, received_at, frame } = envelope;
    Ok(Ok(Received { charger, direction, site: index, received_at, frame, message }))
}

fn wrong_clock(error: &FrameError, site: &SiteId, envelope: &Envelope<'_>) -> Option<Sighting> {
    let FrameError::Clock { at, received_at } = error else { return None };
    let subject = Subject::of_charger(Kind::ClockWrong, site.clone(), envelope.charger.clone());
    Some(Sighting::now(subject, format!("it says {at:.0}"), false, *received_at))
}

/// The answer to somebody else's command is nothing of ours.
fn ours(message: Message) -> Message {
    let theirs = matches!(&message, Message::Answered { message_id, .. } if !ocpp::command::is_ours(message_id));
    if theirs { Message::Ignored("CallResult".to_owned()) } else { message }
}

async fn presence<'a>(
    function: &ChargerEvents,
    body: &'a str,
    lifecycle: Lifecycle,
) -> Result<Result<Received<'a>, Refused>, StoreError> {
    let Lifecycle { charger, connected, at, connection } = lifecycle;
    let Some((_, site)) = function.directory.site_of(&charger).await? else {
        let reason = format!("{charger} connected to the broker and belongs to no site: is it a charger?");
        return Ok(Err(unopened(body, at, reason)));
    };
    let known = function.store.presence(&charger).await?.link;
    let message = match known.filter(|link| link.supersedes(connection, at)) {
        Some(_) => Message::Ignored("of an older connection".to_owned()),
        None => Message::Link(Link { connected, at, connection }),
    };
    let (direction, frame) = (Direction::In, Cow::Borrowed(body));
    Ok(Ok(Received { charger, direction, site, received_at: at, frame, message }))
}

fn connector_of(message: &Message) -> Option<ConnectorId> {
    match message {
        Message::Start { connector, .. } | Message::Status { connector, .. } | Message::Meter { connector, .. } => {
            Some(*connector)
        }
        Message::Transaction(event) => event.evse,
        Message::Stop(_)
        | Message::Assigned { .. }
        | Message::Answered { .. }
        | Message::Event { .. }
        | Message::Link(_)
        | Message::SignOfLife(_)
        | Message::Ignored(_) => None,
    }
}

fn refused(envelope: &Envelope<'_>, reason: String, waiting: Option<(ChargerId, usize, Option<Message>)>) -> Refused {
    let quarantined = Quarantined {
        received_at: envelope.received_at,
        charger: envelope.charger.to_string(),
        reason,
        bytes: envelope.frame.clone().into_owned(),
    };
    Refused { quarantined, sighting: None, waiting: waiting.filter(|_| envelope.direction == Direction::In) }
}

fn unopened(body: &str, now: Timestamp, reason: String) -> Refused {
    let quarantined = Quarantined { received_at: now, charger: "unknown".to_owned(), reason, bytes: body.to_owned() };
    Refused { quarantined, sighting: None, waiting: None }
}
