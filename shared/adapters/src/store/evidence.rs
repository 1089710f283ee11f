//! Evidence: frames as they were sent.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Stopped};
use plugtill_domain::ids::{ChargerId, ConnectorId, IdTag, SessionId, TransactionId};
use plugtill_domain::session::Session;

use super::gathered::{Sent, TOGETHER, sent_of};
use super::packed::{pack, unpack};
use super::{Item, Store, StoreError, keys, text};
use crate::ocpp;

/// Statuses after a stop that still belong to its session: until the next start or this long.
const AFTER_STOP: SignedDuration = SignedDuration::from_hours(24);

/// What stands in the place of a tag that was erased begins so.
pub const ERASED: &str = "erased-";

/// Among so many frames one says how a connector is.
const LAST_FRAMES: i32 = 20;

/// A frame kept as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFrame {
    /// Receive time, UTC.
    pub received_at: Timestamp,
    /// The frame as it was sent.
    pub frame: String,
    /// What it says.
    pub evidence: Vec<Evidence>,
    /// Its number within its transaction, where the charger counts (2.0.1).
    pub seq_no: Option<i64>,
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

    /// The item that files an event of a 2.0.1 transaction, which need not name its EVSE.
    #[must_use]
    pub fn event_item(
        charger: &ChargerId,
        transaction: &TransactionId,
        at: Timestamp,
        (frame, received_at): (&str, Timestamp),
    ) -> Item {
        let sort = keys::transaction_event(transaction, at, ocpp::content(frame));
        framed(keys::key(&keys::charger(charger), &sort), frame, received_at)
    }

    /// The frames that bear on a session, from its start on; nothing is cut off that could change the bill. A 1.6 stop's
    /// own frame names no connector: [`Store::transaction`].
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn evidence(&self, session: &Session) -> Result<Vec<StoredFrame>, StoreError> {
        let id = &session.id;
        let until = match (&session.stopped, session.closed, session.next_session_at) {
            (Some(stopped), ..) => Some(stopped.at + AFTER_STOP),
            (None, Some(closed), _) => Some(closed.at),
            (None, None, next) => next.map(|at| at - SignedDuration::from_millis(1)),
        };
        let mut frames = self.frames_about(&id.charger, id.connector, id.started_at, until).await?;
        // Another start of the same instant was refused: only the one that opened the session is its evidence.
        for frame in &mut frames {
            frame.evidence.retain(|e| !matches!(&e.fact, Fact::Started(other) if *other != session.started));
        }
        if let Some(transaction) = &session.started.transaction {
            let started = Evidence { at: id.started_at, fact: Fact::Started(session.started.clone()) };
            let mut events = self.events(&id.charger, transaction).await?;
            events.iter_mut().take(1).for_each(|first| first.evidence.push(started.clone()));
            let counts = |at: Timestamp| until.is_none_or(|until| at <= until);
            for frame in &mut events {
                frame.evidence.retain(|evidence| counts(evidence.at));
            }
            frames.extend(events);
        } else if let Some(stopped) = session.stopped.as_ref().filter(|stopped| stopped.signed) {
            frames.extend(self.stop_frames(&id.charger, stopped).await?);
        }
        Ok(frames)
    }

    /// What was said about a connector from an instant on, up to and with another, in order of the instants.
    async fn frames_about(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        from: Timestamp,
        until: Option<Timestamp>,
    ) -> Result<Vec<StoredFrame>, StoreError> {
        let last = until.map_or_else(|| keys::LAST.to_owned(), |at| format!("{at:.3}{}", keys::LAST));
        // What was gathered before may reach beyond.
        let first = format!("e#{:.3}", from - TOGETHER);
        let items = self.range(&keys::connector(charger, connector), &first, &format!("e#{last}")).await?;
        // To the millisecond, as keys are written.
        let key = |at: Timestamp| format!("{at:.3}");
        let (from, until) = (key(from), until.map(key));
        let counts = |at: &str| at >= from.as_str() && until.as_deref().is_none_or(|until| at <= until);
        let mut sent: Vec<(String, Sent)> = items.iter().flat_map(sent_of).map(|sent| (key(sent.at), sent)).collect();
        sent.retain(|(at, _)| counts(at));
        sent.sort_by(|(a, _), (b, _)| a.cmp(b));
        // What was delivered again may have been gathered otherwise.
        let mut known = HashSet::new();
        sent.retain(|(at, sent)| known.insert(keys::hash(&format!("{at}{}", ocpp::content(&sent.frame)))));
        Ok(sent.into_iter().filter_map(|(_, sent)| read(sent)).collect())
    }

    /// What was said about a session's connector from an instant on, by the instants of what was filed: what had been gathered
    /// before, and reaches beyond, is not looked at again.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn said_since(&self, id: &SessionId, at: Timestamp) -> Result<Vec<StoredFrame>, StoreError> {
        let (from, to) = (format!("e#{at:.3}"), format!("e#{}", keys::LAST));
        let items = self.range(&keys::connector(&id.charger, id.connector), &from, &to).await?;
        Ok(items.iter().flat_map(sent_of).filter_map(read).collect())
    }

    /// The status that a connector reported, where that is the last that was said about it at or after an instant.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn last_status(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        at: Timestamp,
    ) -> Result<Option<ConnectorStatus>, StoreError> {
        let query =
            self.between(&keys::connector(charger, connector), &format!("e#{at:.3}"), &format!("e#{}", keys::LAST));
        let page = query.scan_index_forward(false).limit(1).send().await.map_err(|e| StoreError::from_sdk(&e))?;
        let items = page.items.unwrap_or_default();
        let mut facts = items.iter().filter_map(any_frame).flat_map(|frame| frame.evidence);
        Ok(facts.find_map(|evidence| if let Fact::Status(status) = evidence.fact { Some(status) } else { None }))
    }

    /// When something was last heard about a connector, UTC: by the last of its frames, and those of its latest session.
    ///
    /// # Errors
    /// When the table does not answer or the session cannot be read.
    pub async fn heard_about(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let query = self.between(&keys::connector(charger, connector), "e#", &format!("e#{}", keys::LAST));
        let page = query.scan_index_forward(false).limit(LAST_FRAMES).send().await;
        let items = page.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
        let heard_at = items.iter().flat_map(sent_of).map(|sent| sent.received_at).max();
        let Some(latest) = self.latest_session(charger, connector, now).await? else { return Ok(heard_at) };
        let told = self.evidence(&latest.session).await?;
        Ok(heard_at.max(told.iter().map(|frame| frame.received_at).max()))
    }

    /// Replaces a tag in every frame that bears on a session; how many were rewritten. Signed values stay as they were signed.
    ///
    /// # Errors
    /// When the table does not answer. What was rewritten by then stays so; the same order finishes the rest.
    pub async fn replace_tag(&self, session: &Session, other: &IdTag) -> Result<usize, StoreError> {
        let (id, tag) = (&session.id, session.id_tag());
        let last = session.ended_at().map_or(id.started_at, |at| at + AFTER_STOP);
        let about = keys::connector(&id.charger, id.connector);
        let (from, to) = (format!("e#{:.3}", id.started_at), format!("e#{last:.3}{}", keys::LAST));
        let mut items = self.range(&about, &from, &to).await?;
        let stopped = session.stopped.as_ref().map(|stopped| &stopped.transaction);
        for transaction in session.started.transaction.iter().chain(stopped) {
            let (from, to) = keys::transaction(transaction);
            items.extend(self.range(&keys::charger(&id.charger), &from, &to).await?);
        }
        let rewritten = items.into_iter().filter_map(|mut item| {
            let frame = ocpp::with_tag(&unpack(&item, "frame"), tag.as_str(), other.as_str())?;
            item.insert("frame".to_owned(), pack(frame));
            Some(item)
        });
        let rewritten: Vec<Item> = rewritten.collect();
        let count = rewritten.len();
        self.file(rewritten).await?;
        Ok(count)
    }

    /// The tag that an erasure which was broken off has already given to the start's frame.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn erased_start(&self, session: &Session) -> Result<Option<IdTag>, StoreError> {
        let id = &session.id;
        let from = format!("e#{:.3}", id.started_at);
        let about = keys::connector(&id.charger, id.connector);
        let items = self.range(&about, &from, &format!("{from}{}", keys::LAST)).await?;
        let starts = items.iter().filter_map(any_frame).flat_map(|kept| kept.evidence);
        let mut tags = starts.filter_map(|it| if let Fact::Started(it) = it.fact { Some(it.id_tag) } else { None });
        Ok(tags.find(|tag| tag.as_str().starts_with(ERASED)))
    }

    /// The connector's status by its last few frames after `at` (UTC); `None` where none of them has one.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn status_after(
        &self,
        charger: &ChargerId,
        connector: ConnectorId,
        at: Timestamp,
    ) -> Result<Option<ConnectorStatus>, StoreError> {
        let pk = keys::connector(charger, connector);
        let query = self.between(&pk, &format!("e#{at:.3}{}", keys::LAST), &format!("e#{}", keys::LAST));
        // Mostly a status is the last that was said.
        for limit in [1, LAST_FRAMES] {
            let page = query.clone().scan_index_forward(false).limit(limit).send().await;
            let items = page.map_err(|e| StoreError::from_sdk(&e))?.items.unwrap_or_default();
            // Statuses are never gathered.
            let mut facts = items.iter().filter_map(any_frame).flat_map(|frame| frame.evidence);
            let status =
                |evidence: Evidence| if let Fact::Status(status) = evidence.fact { Some(status) } else { None };
            let found = facts.find_map(status);
            if found.is_some() || items.is_empty() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The frames of a 1.6 stop, for what is signed in them: what they say, the session's head says too.
    async fn stop_frames(&self, charger: &ChargerId, stopped: &Stopped) -> Result<Vec<StoredFrame>, StoreError> {
        let from = keys::transaction_stops(&stopped.transaction, stopped.at);
        let items = self.range(&keys::charger(charger), &from, &format!("{from}{}", keys::LAST)).await?;
        let frame = |item: &Item| {
            let received_at = text(item, "received_at").parse().ok()?;
            let frame = unpack(item, "frame").into_owned();
            Some(StoredFrame { received_at, frame, evidence: Vec::new(), seq_no: None })
        };
        Ok(items.iter().filter_map(frame).collect())
    }

    /// The frames of a 2.0.1 transaction, which need not name their EVSE.
    async fn events(&self, charger: &ChargerId, transaction: &TransactionId) -> Result<Vec<StoredFrame>, StoreError> {
        let (from, to) = keys::transaction(transaction);
        let items = self.range(&keys::charger(charger), &from, &to).await?;
        let numbered = |item: &Item| {
            let kept = any_frame(item)?;
            Some(StoredFrame { seq_no: ocpp::seq_no(&kept.frame, kept.received_at), ..kept })
        };
        Ok(items.iter().filter_map(numbered).collect())
    }
}

fn framed(mut item: Item, frame: &str, received_at: Timestamp) -> Item {
    item.insert("frame".to_owned(), pack(frame.to_owned()));
    item.insert("received_at".to_owned(), AttributeValue::S(format!("{received_at:.3}")));
    item
}

/// What a frame says; `None` where that is nothing.
fn read(sent: Sent) -> Option<StoredFrame> {
    let Sent { received_at, frame, .. } = sent;
    let evidence = ocpp::evidence(&frame, received_at);
    (!evidence.is_empty()).then_some(StoredFrame { received_at, frame, evidence, seq_no: None })
}

/// Whether a frame, or the frames of some minutes, can be read from an item.
pub(super) fn is_readable(item: &Item) -> bool {
    any_frame(item).is_some_and(|kept| !kept.frame.is_empty()) || !sent_of(item).is_empty()
}

fn any_frame(item: &Item) -> Option<StoredFrame> {
    let received_at = text(item, "received_at").parse().ok()?;
    let frame = unpack(item, "frame").into_owned();
    let evidence = ocpp::evidence(&frame, received_at);
    Some(StoredFrame { received_at, frame, evidence, seq_no: None })
}
