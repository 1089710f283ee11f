//! A stay in the words of OCPP 2.0.1.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::words::{Call, End, Said};

#[derive(Debug)]
pub(super) struct Words201 {
    evse: u32,
    /// The charger gives it (E01.FR.08).
    transaction: String,
    sequence: u32,
}

impl Words201 {
    pub(super) fn new(evse: u32) -> Self {
        Self { evse, transaction: format!("{:032x}", fastrand::u128(..)), sequence: 0 }
    }

    /// A driver's token; `Central` is one that the back end made.
    pub(super) fn token(tag: &str, is_remote: bool) -> Value {
        json!({ "idToken": tag, "type": if is_remote { "Central" } else { "ISO14443" } })
    }

    pub(super) fn say(&mut self, said: &Said<'_>, at: Timestamp, register_wh: i64) -> Vec<Call> {
        match said {
            Said::Plugged => vec![self.status("Occupied", at)],
            Said::Started { tag, is_remote } => {
                let trigger = if *is_remote { "RemoteStart" } else { "Authorized" };
                let mut event = self.event("Started", trigger, json!({ "chargingState": "EVConnected" }), at);
                event["idToken"] = Self::token(tag, *is_remote);
                event["meterValue"] = reading("Transaction.Begin", at, register_wh);
                vec![("TransactionEvent", event)]
            }
            Said::Charging => vec![self.changed("Charging", at, register_wh)],
            Said::Reading => {
                let mut event = self.event("Updated", "MeterValuePeriodic", json!({}), at);
                event["meterValue"] = reading("Sample.Periodic", at, register_wh);
                vec![("TransactionEvent", event)]
            }
            Said::Full => vec![self.changed("SuspendedEV", at, register_wh)],
            Said::Ended(end) => {
                let (trigger, reason) = match end {
                    End::Unplugged => ("EVDeparted", "EVDisconnected"),
                    End::Told => ("RemoteStop", "Remote"),
                    End::NotAllowed => ("Deauthorized", "DeAuthorized"),
                };
                let mut event = self.event("Ended", trigger, json!({ "stoppedReason": reason }), at);
                event["meterValue"] = reading("Transaction.End", at, register_wh);
                vec![("TransactionEvent", event)]
            }
            Said::Free => vec![self.status("Available", at)],
        }
    }

    fn changed(&mut self, state: &str, at: Timestamp, register_wh: i64) -> Call {
        let mut event = self.event("Updated", "ChargingStateChanged", json!({ "chargingState": state }), at);
        event["meterValue"] = reading("Sample.Clock", at, register_wh);
        ("TransactionEvent", event)
    }

    /// An event of the transaction, with the next of its numbers.
    fn event(&mut self, kind: &str, trigger: &str, mut info: Value, at: Timestamp) -> Value {
        info["transactionId"] = self.transaction.as_str().into();
        let sequence = self.sequence;
        self.sequence += 1;
        json!({
            "eventType": kind, "timestamp": format!("{at:.3}"), "triggerReason": trigger, "seqNo": sequence,
            "transactionInfo": info, "evse": { "id": self.evse, "connectorId": 1 },
        })
    }

    fn status(&self, status: &str, at: Timestamp) -> Call {
        let payload = json!({
            "timestamp": format!("{at:.3}"), "connectorStatus": status, "evseId": self.evse, "connectorId": 1,
        });
        ("StatusNotification", payload)
    }
}

fn reading(context: &str, at: Timestamp, register_wh: i64) -> Value {
    let sampled = json!({ "value": register_wh, "context": context, "measurand": "Energy.Active.Import.Register" });
    json!([{ "timestamp": format!("{at:.3}"), "sampledValue": [sampled] }])
}
