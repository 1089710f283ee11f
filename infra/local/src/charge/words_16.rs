//! A stay in the words of OCPP 1.6.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::words::{Call, End, Said};

#[derive(Debug)]
pub(super) struct Words16 {
    pub(super) connector: u32,
    /// The back end gives it (§5.11 StartTransaction.conf).
    pub(super) transaction: i64,
}

impl Words16 {
    pub(super) fn say(&self, said: &Said<'_>, at: Timestamp, register_wh: i64) -> Vec<Call> {
        match said {
            Said::Plugged => vec![self.status("Preparing", at)],
            Said::Started { tag, .. } => {
                let payload = json!({
                    "connectorId": self.connector, "idTag": tag, "meterStart": register_wh, "timestamp": format!("{at:.3}"),
                });
                vec![("StartTransaction", payload)]
            }
            Said::Charging => vec![self.status("Charging", at)],
            Said::Reading => vec![("MeterValues", self.reading(at, register_wh))],
            Said::Full => vec![self.status("SuspendedEV", at)],
            Said::Ended(end) => {
                let reason = match end {
                    End::Unplugged => "EVDisconnected",
                    End::Told => "Remote",
                    End::NotAllowed => "DeAuthorized",
                };
                let payload = json!({
                    "transactionId": self.transaction, "meterStop": register_wh, "timestamp": format!("{at:.3}"),
                    "reason": reason,
                });
                vec![("StopTransaction", payload)]
            }
            Said::Free => vec![self.status("Available", at)],
        }
    }

    fn status(&self, status: &str, at: Timestamp) -> Call {
        let payload = json!({
            "connectorId": self.connector, "status": status, "errorCode": "NoError", "timestamp": format!("{at:.3}"),
        });
        ("StatusNotification", payload)
    }

    fn reading(&self, at: Timestamp, register_wh: i64) -> Value {
        let sampled = json!({
            "value": register_wh.to_string(), "measurand": "Energy.Active.Import.Register", "unit": "Wh",
        });
        json!({
            "connectorId": self.connector, "transactionId": self.transaction,
            "meterValue": [{ "timestamp": format!("{at:.3}"), "sampledValue": [sampled] }],
        })
    }
}
