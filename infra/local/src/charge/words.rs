//! How a charger tells of a stay.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::words_16::Words16;
use super::words_201::Words201;

/// What a charger speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Protocol {
    /// OCPP 1.6
    #[value(name = "1.6")]
    Ocpp16,
    /// OCPP 2.0.1
    #[value(name = "2.0.1")]
    Ocpp201,
}

impl Protocol {
    /// The WebSocket subprotocol (OCPP-J §3.1.2).
    pub(super) const fn subprotocol(self) -> &'static str {
        match self {
            Self::Ocpp16 => "ocpp1.6",
            Self::Ocpp201 => "ocpp2.0.1",
        }
    }
}

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Said<'a> {
    Plugged,
    Started { tag: &'a str, is_remote: bool },
    Charging,
    Reading,
    Full,
    Ended(End),
    Free,
}

/// Why a transaction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Unplugged,
    Told,
    NotAllowed,
}

/// An action and its payload.
pub(super) type Call = (&'static str, Value);

/// The words of a protocol, with what they have to remember of a transaction.
#[derive(Debug)]
pub(super) enum Words {
    Of16(Words16),
    Of201(Words201),
}

impl Words {
    pub(super) fn of(protocol: Protocol, connector: u32) -> Self {
        match protocol {
            Protocol::Ocpp16 => Self::Of16(Words16 { connector, transaction: 0 }),
            Protocol::Ocpp201 => Self::Of201(Words201::new(connector)),
        }
    }

    pub(super) fn boot(&self) -> Call {
        let (model, vendor) = ("charge", "plugtill");
        let payload = match self {
            Self::Of16(_) => json!({ "chargePointModel": model, "chargePointVendor": vendor }),
            Self::Of201(_) => {
                json!({ "reason": "PowerUp", "chargingStation": { "model": model, "vendorName": vendor } })
            }
        };
        ("BootNotification", payload)
    }

    pub(super) fn authorize(&self, tag: &str) -> Call {
        let payload = match self {
            Self::Of16(_) => json!({ "idTag": tag }),
            Self::Of201(_) => json!({ "idToken": Words201::token(tag, false) }),
        };
        ("Authorize", payload)
    }

    /// What is told at `at`, with the register as it then is, in Wh.
    pub(super) fn say(&mut self, said: &Said<'_>, at: Timestamp, register_wh: i64) -> Vec<Call> {
        match self {
            Self::Of16(words) => words.say(said, at, register_wh),
            Self::Of201(words) => words.say(said, at, register_wh),
        }
    }

    /// Takes from an answer what later messages need.
    pub(super) fn hear(&mut self, answer: &Value) {
        if let (Self::Of16(words), Some(transaction)) = (self, answer["transactionId"].as_i64()) {
            words.transaction = transaction;
        }
    }

    /// What an answer says of the driver; `None` where it says nothing.
    pub(super) fn verdict(answer: &Value) -> Option<&str> {
        answer["idTagInfo"]["status"].as_str().or_else(|| answer["idTokenInfo"]["status"].as_str())
    }
}
