//! What frames come in: the IoT rules' forms, a gateway's many in one, lines of captured traffic, lifecycle events.

use std::sync::LazyLock;

use jiff::Timestamp;
use plugtill_adapters::envelope::{Direction, Envelope, gathered, lifecycle, open};
use plugtill_adapters::ocpp::read;
use serde_json::json;

use crate::is_helpful;

static NOW: LazyLock<Timestamp> = LazyLock::new(|| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000));

/// A message of the queue, or a line of a traffic file.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let body = String::from_utf8_lossy(input);
    opened(&body);
    for captured in gathered(&body).unwrap_or_default() {
        assert!(captured.len() <= body.len(), "{captured} is more than was sent");
        opened(&captured);
    }
    if let Some(seen) = lifecycle(&body) {
        assert_eq!(seen.charger.to_string().parse().ok(), Some(seen.charger));
    }
}

fn opened(body: &str) {
    match open(body, *NOW) {
        Ok(envelope) => passed_on(&envelope),
        Err(error) => is_helpful(&error),
    }
}

/// In the plainest of the forms it is the same.
fn passed_on(envelope: &Envelope<'_>) {
    let way = if envelope.direction == Direction::In { "in" } else { "out" };
    let topic = format!("{}/{way}", envelope.charger);
    let plain = json!({ "topic": topic, "received_at": envelope.received_at, "payload": envelope.frame }).to_string();
    let again = open(&plain, *NOW).unwrap_or_else(|error| panic!("{plain}: {error}"));
    assert_eq!(&again, envelope, "{plain}");
    if let Err(error) = read(envelope.direction, &envelope.frame, envelope.received_at) {
        is_helpful(&error);
    }
}
