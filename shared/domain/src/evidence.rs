//! What chargers said, as typed facts. A bill is a pure function of a set of these.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{IdTag, TransactionId};
use crate::units::{Milliamperes, WattHours, Watts};

/// One thing a charger said about one connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// When it was true, by the charger's clock (bounded by the receive time where it entered), UTC.
    pub at: Timestamp,
    /// What was said.
    pub fact: Fact,
}

/// The kinds of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// A transaction started.
    Started(Started),
    /// A transaction stopped.
    Stopped(Stopped),
    /// The connector changed its status.
    Status(ConnectorStatus),
    /// Readings of the energy register.
    Meter {
        /// The transaction they were taken in, when the charger says so.
        transaction: Option<TransactionId>,
        /// In the order sent.
        readings: Vec<Reading>,
    },
}

/// A reading of the energy register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was taken, UTC.
    pub at: Timestamp,
    /// The register.
    pub register: WattHours,
    /// The power at the time, where the charger reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<Watts>,
    /// The current over all phases, where the charger reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Milliamperes>,
}

impl Reading {
    /// A reading of the register alone.
    #[must_use]
    pub const fn of(at: Timestamp, register: WattHours) -> Self {
        Self { at, register, power: None, current: None }
    }
}

/// OCPP 1.6 StartTransaction.req.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The register at the start.
    pub register: WattHours,
    /// What the driver presented.
    pub id_tag: IdTag,
}

/// OCPP 1.6 StopTransaction.req.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The transaction that stopped.
    pub transaction: TransactionId,
    /// When, UTC.
    pub at: Timestamp,
    /// The register at the stop.
    pub register: WattHours,
    /// Why.
    pub reason: StopReason,
    /// Readings the charger kept for the transaction (`transactionData`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
}

/// OCPP 1.6 §7.36 Reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum StopReason {
    DeAuthorized,
    EmergencyStop,
    #[serde(rename = "EVDisconnected")]
    EvDisconnected,
    HardReset,
    Local,
    Other,
    PowerLoss,
    Reboot,
    Remote,
    SoftReset,
    UnlockCommand,
}

impl StopReason {
    /// Whether the stop itself proves that the vehicle is no longer plugged in.
    #[must_use]
    pub const fn proves_unplug(self) -> bool {
        matches!(self, Self::EvDisconnected | Self::UnlockCommand)
    }

    /// Whether the driver ended the charging, so that staying plugged in after it is idle time. A stop for the
    /// station's reasons is not the driver's to pay for.
    #[must_use]
    pub const fn is_the_drivers(self) -> bool {
        match self {
            Self::Local | Self::Remote | Self::Other => true,
            Self::DeAuthorized
            | Self::EmergencyStop
            | Self::EvDisconnected
            | Self::HardReset
            | Self::PowerLoss
            | Self::Reboot
            | Self::SoftReset
            | Self::UnlockCommand => false,
        }
    }
}

/// OCPP 1.6 §7.7 ChargePointStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum ConnectorStatus {
    Available,
    Preparing,
    Charging,
    #[serde(rename = "SuspendedEVSE")]
    SuspendedEvse,
    #[serde(rename = "SuspendedEV")]
    SuspendedEv,
    Finishing,
    Reserved,
    Unavailable,
    Faulted,
}

impl ConnectorStatus {
    /// Whether the vehicle is plugged in and does not want energy.
    #[must_use]
    pub const fn is_idle(self) -> bool {
        matches!(self, Self::SuspendedEv | Self::Finishing)
    }

    /// Whether the charger says at all why no energy flows.
    #[must_use]
    pub const fn is_explicit(self) -> bool {
        matches!(self, Self::SuspendedEv | Self::SuspendedEvse | Self::Finishing)
    }

    /// Whether the connector proves that the vehicle has left.
    #[must_use]
    pub const fn proves_unplug(self) -> bool {
        matches!(self, Self::Available | Self::Reserved)
    }
}
