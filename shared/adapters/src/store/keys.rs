//! The keys of the table, in one place.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::civil::Date;
use plugtill_domain::ids::{ChargerId, ConnectorId, SessionId, SiteId, TransactionId};
use plugtill_domain::incident::Subject;
use sha2::{Digest, Sha256};

use super::Item;

/// Sorts after every character that a key is made of.
pub(super) const LAST: &str = "~";

pub(super) fn key(pk: &str, sk: &str) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

pub(super) fn connector(charger: &ChargerId, connector: ConnectorId) -> String {
    format!("c#{charger}#{connector}")
}

pub(super) fn charger(charger: &ChargerId) -> String {
    format!("t#{charger}")
}

/// The partition of a site's incidents; `None` for those of the operator's billing.
pub(super) fn incidents(site: Option<&SiteId>) -> String {
    format!("i#{}", site.map_or("", SiteId::as_str))
}

/// What the sort keys of incidents begin with that may go on.
pub(super) const NOW: &str = "now#";
/// What the sort keys of incidents begin with that are over.
pub(super) const WAS: &str = "was#";

/// The key of a subject's latest incident.
pub(super) fn subject(subject: &Subject) -> (String, String) {
    (incidents(subject.site.as_ref()), format!("{NOW}{subject}"))
}

/// The sort key of an incident that is over: a site's lie in the order of their beginning.
pub(super) fn past(subject: &Subject, first_at: Timestamp) -> String {
    format!("{WAS}{first_at:.3}#{subject}")
}

/// The sort key of the note that the small matters of a day were told.
pub(super) fn digest(day: Date) -> String {
    format!("digest#{day}")
}

/// The sort key of the note that what a month came to was told.
pub(super) fn month_told(first: Date) -> String {
    format!("month#{first}")
}

pub(super) fn session(id: &SessionId) -> (String, String) {
    (connector(&id.charger, id.connector), session_sort(id.started_at))
}

pub(super) fn session_sort(started_at: Timestamp) -> String {
    format!("s#{started_at:.3}")
}

pub(super) fn evidence_sort(at: Timestamp, content: &str) -> String {
    format!("e#{at:.3}#{}", hash(content))
}

/// The instant that an evidence's sort key begins with, UTC.
pub(super) fn evidence_at(sk: &str) -> Option<Timestamp> {
    sk.strip_prefix("e#")?.split('#').next()?.parse().ok()
}

pub(super) fn transaction_start(transaction: &TransactionId, started_at: Timestamp) -> String {
    format!("tx#{transaction}#start#{started_at:.3}")
}

pub(super) fn transaction_event(transaction: &TransactionId, at: Timestamp, content: &str) -> String {
    format!("tx#{transaction}#event#{at:.3}#{}", hash(content))
}

/// What the stops of a transaction at an instant begin with.
pub(super) fn transaction_stops(transaction: &TransactionId, at: Timestamp) -> String {
    format!("tx#{transaction}#stop#{at:.3}#")
}

/// From the first to the last item of a transaction.
pub(super) fn transaction(transaction: &TransactionId) -> (String, String) {
    (format!("tx#{transaction}#"), format!("tx#{transaction}#{LAST}"))
}

pub(super) fn transaction_stop(transaction: &TransactionId, at: Timestamp, content: &str) -> String {
    format!("tx#{transaction}#stop#{at:.3}#{}", hash(content))
}

pub(super) fn site(site: &SiteId) -> String {
    format!("site#{site}")
}

/// The partition of a site's daily totals.
pub(super) fn days(site: &SiteId) -> String {
    format!("d#{site}")
}

/// The partition of those postings of a site and day that are of something not collected.
pub(super) fn leaks(site: &SiteId, day: Date) -> String {
    format!("l#{site}#{day}")
}

/// The partition of the daily totals of a site's connectors.
pub(super) fn connector_days(site: &SiteId) -> String {
    format!("u#{site}")
}

pub(super) fn stripe_object(object: &str) -> String {
    format!("stripe#{object}")
}

/// A short name for content: equal content overwrites itself.
pub(super) fn hash(content: &str) -> String {
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(content.as_bytes())[..8]);
    format!("{:016x}", u64::from_be_bytes(first))
}

/// The session that a head's keys name.
pub(super) fn session_of(pk: &str, sk: &str) -> Option<SessionId> {
    let (charger, connector) = pk.strip_prefix("c#")?.rsplit_once('#')?;
    format!("{charger}~{connector}~{}", sk.strip_prefix("s#")?).parse().ok()
}

/// The Stripe object that a partition key names.
pub(super) fn stripe_object_of(pk: &str) -> Option<&str> {
    pk.strip_prefix("stripe#")
}

/// The subject whose incident an item's sort key names.
pub(super) fn subject_of(sk: &str) -> Option<Subject> {
    sk.strip_prefix(NOW)?.parse().ok()
}
