//! What a charger is answered, to the letter of the standard: OCPP 1.6 §4, 2.0.1 part 2.

use jiff::Timestamp;
use plugtill_domain::ids::{IdTag, SessionId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::frame::Frame;
use super::{Dialect, FrameError, dialect};

/// Seconds between heartbeats: often enough to know who is offline, seldom enough to cost nothing.
pub const HEARTBEAT_SECONDS: u32 = 300;

/// A call that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a> {
    /// The id that the answer has to bear.
    pub id: &'a str,
    /// What is asked.
    pub action: &'a str,
    /// In which version; `None` where both are alike.
    pub dialect: Option<Dialect>,
    payload: &'a str,
}

/// Whether somebody may charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authorization {
    /// There is a card, or a hold, that pays.
    Accepted,
    /// Something is owed.
    Blocked,
    /// Nobody is known to pay.
    Invalid,
}

impl Authorization {
    /// The same word in both versions.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Blocked => "Blocked",
            Self::Invalid => "Invalid",
        }
    }
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is taken note of.
    Noted,
    /// The charger is known; now, UTC.
    Booted(Timestamp),
    /// The time, UTC.
    Time(Timestamp),
    /// Whether the driver may charge.
    Authorized(Authorization),
    /// The transaction's id (1.6) and whether the driver may charge.
    Started(u32, Authorization),
    /// DataTransfer: no vendor's own messages are known here.
    UnknownVendor,
    /// NotifyEVChargingNeeds and others that want more than billing has.
    NotImplemented,
    /// The payload cannot be read; why.
    Unreadable(String),
}

impl<'a> Call<'a> {
    /// The call in a charger's frame; `None` when it is none.
    ///
    /// # Errors
    /// When it is no frame at all.
    pub fn of(frame: &'a str) -> Result<Option<Self>, FrameError> {
        Ok(match Frame::parse(frame)? {
            Frame::Call { id, action, payload } => {
                Some(Self { id, action, payload, dialect: dialect(action, payload) })
            }
            Frame::Result { .. } | Frame::Error { .. } => None,
        })
    }

    /// What is said, as JSON.
    #[must_use]
    pub const fn payload(&self) -> &'a str {
        self.payload
    }

    /// The tag that wants to charge; `None` when the call has none.
    #[must_use]
    pub fn id_tag(&self) -> Option<IdTag> {
        let payload: Value = serde_json::from_str(self.payload).ok()?;
        let tag = payload.get("idTag").or_else(|| payload.pointer("/idToken/idToken"))?;
        tag.as_str()?.parse().ok()
    }

    /// What is answered where nothing depends on who asks.
    #[must_use]
    pub fn plain(&self, now: Timestamp) -> Answer {
        match self.action {
            "BootNotification" => Answer::Booted(now),
            "Heartbeat" => Answer::Time(now),
            "DataTransfer" => Answer::UnknownVendor,
            "StopTransaction"
            | "TransactionEvent"
            | "MeterValues"
            | "StatusNotification"
            | "NotifyEvent"
            | "NotifyReport"
            | "NotifyMonitoringReport"
            | "NotifyChargingLimit"
            | "NotifyDisplayMessages"
            | "NotifyCustomerInformation"
            | "ClearedChargingLimit"
            | "ReportChargingProfiles"
            | "ReservationStatusUpdate"
            | "SecurityEventNotification"
            | "LogStatusNotification"
            | "FirmwareStatusNotification"
            | "PublishFirmwareStatusNotification"
            | "DiagnosticsStatusNotification" => Answer::Noted,
            _ => Answer::NotImplemented,
        }
    }

    /// The frame of the answer.
    #[must_use]
    pub fn answer(&self, answer: &Answer) -> String {
        let error = |code: &str, text: &str| json!([4, self.id, code, text, {}]);
        let newer = self.dialect == Some(Dialect::V201);
        let payload = match answer {
            Answer::Noted => json!({}),
            Answer::Booted(now) => {
                json!({ "status": "Accepted", "currentTime": time(*now), "interval": HEARTBEAT_SECONDS })
            }
            Answer::Time(now) => json!({ "currentTime": time(*now) }),
            Answer::Authorized(who) if newer => json!({ "idTokenInfo": { "status": who.as_str() } }),
            Answer::Authorized(who) => json!({ "idTagInfo": { "status": who.as_str() } }),
            Answer::Started(transaction, who) => {
                json!({ "transactionId": transaction, "idTagInfo": { "status": who.as_str() } })
            }
            Answer::UnknownVendor => json!({ "status": "UnknownVendorId" }),
            Answer::NotImplemented => return error("NotImplemented", self.action).to_string(),
            Answer::Unreadable(why) => {
                // OCPP-J 1.6 §4.2.3 spells it so; 2.0.1 part 4 §4.3 has the word right.
                let code = if newer { "FormatViolation" } else { "FormationViolation" };
                return error(code, &why.chars().take(255).collect::<String>()).to_string();
            }
        };
        json!([3, self.id, payload]).to_string()
    }
}

fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The transaction id that a 1.6 charger is given: made of the session's name, so that the same start gets the same id,
/// after a restart too. From 1 to 2^31-1, for 0 and -1 mean no transaction to many chargers.
#[must_use]
pub fn transaction_number(session: &SessionId) -> u32 {
    let digest = Sha256::digest(session.to_string().as_bytes());
    let mut first = [0; 4];
    first.copy_from_slice(&digest[..4]);
    (u32::from_be_bytes(first) >> 1).max(1)
}
