//! Quarantine: what could not be used, until somebody has looked.

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::store::{Audited, Kept, QuarantineId, Review, Verdict};
use serde::{Deserialize, Serialize};

use crate::{Desk, OrderError, said};

/// How far back is looked.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What somebody says about something in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewing {
    /// What.
    pub id: QuarantineId,
    /// Which way it goes.
    pub decision: Decision,
    /// Why; a retry needs no word.
    #[serde(default)]
    pub note: String,
    /// Who decided.
    pub by: String,
}

/// Which way something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Hand it in once more, after what was wrong is put right.
    Retry,
    /// It is true, and needs no further effect.
    Accept,
    /// It is noise.
    Drop,
}

/// Something in quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Its name.
    pub id: QuarantineId,
    /// When it was received, UTC.
    pub received_at: Timestamp,
    /// Which charger, as far as it is known.
    pub charger: String,
    /// Why it could not be used.
    pub reason: String,
    /// What was received, byte for byte.
    pub bytes: String,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
}

impl From<Kept> for Waiting {
    fn from(Kept { id, quarantined, review }: Kept) -> Self {
        let (received_at, charger) = (quarantined.received_at, quarantined.charger);
        Self { id, received_at, charger, reason: quarantined.reason, bytes: quarantined.bytes, review }
    }
}

impl Desk {
    pub(crate) async fn quarantine(&self, since: Option<Timestamp>, all: bool) -> Result<Vec<Waiting>, OrderError> {
        let now = self.clock.now();
        let found = self.store.quarantined(since.unwrap_or(now - LOOKED_BACK), now).await?;
        Ok(found.into_iter().filter(|kept| all || kept.review.is_none()).map(Waiting::from).collect())
    }

    pub(crate) async fn review(&self, asked: Reviewing) -> Result<Waiting, OrderError> {
        let (at, by) = (self.clock.now(), said("by", &asked.by)?.to_owned());
        let mut kept = self.store.kept(&asked.id).await?.ok_or_else(|| OrderError::NotKept(asked.id.clone()))?;
        let verdict = match asked.decision {
            Decision::Retry => Verdict::Retried,
            Decision::Accept => Verdict::Accepted,
            Decision::Drop => Verdict::Dropped,
        };
        let note = match verdict {
            Verdict::Retried => asked.note,
            Verdict::Accepted | Verdict::Dropped | Verdict::Completed => said("note", &asked.note)?.to_owned(),
        };
        let review = Review { at, by: by.clone(), verdict, note };
        let order = format!("quarantine {}: {verdict:?} {}", asked.id, review.note);
        // Noted first: a retry that fails puts it back, whoever is faster.
        self.store.review(&kept, &review).await?;
        if verdict == Verdict::Retried {
            self.doorbell.hand_in(envelope(&kept)).await?;
        }
        self.store.audit(&Audited { at, by, session: None, order, outcome: kept.quarantined.reason.clone() }).await?;
        kept.review = Some(review);
        Ok(kept.into())
    }
}

/// The message as it was received. What no charger could be told of is the envelope itself.
fn envelope(kept: &Kept) -> String {
    let quarantined = &kept.quarantined;
    if quarantined.charger == "unknown" {
        return quarantined.bytes.clone();
    }
    // Of what back ends send only answers are read.
    let way = if quarantined.bytes.trim_start().starts_with("[3") { "out" } else { "in" };
    let topic = format!("{}/{way}", quarantined.charger);
    let received_at = quarantined.received_at.to_string();
    serde_json::json!({ "topic": topic, "received_at": received_at, "payload": quarantined.bytes }).to_string()
}
