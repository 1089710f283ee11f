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

/// A reading of the energy register. Two of one instant stand in the order of what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

/// The start of a transaction: OCPP 1.6 StartTransaction.req, 2.0.1 the events up to the one that names the driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// The register at the start; a 2.0.1 charger need not say it, then its first reading stands for it.
    pub register: Option<WattHours>,
    /// What the driver presented.
    pub id_tag: IdTag,
    /// The charger's own transaction id (2.0.1); in 1.6 the back end gives it later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<TransactionId>,
}

impl Started {
    /// A start with a register, as OCPP 1.6 has it.
    #[must_use]
    pub const fn at(register: WattHours, id_tag: IdTag) -> Self {
        Self { register: Some(register), id_tag, transaction: None }
    }
}

/// The end of a transaction: OCPP 1.6 StopTransaction.req, 2.0.1 the event Ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The transaction that stopped.
    pub transaction: TransactionId,
    /// When, UTC.
    pub at: Timestamp,
    /// The register at the stop; a 2.0.1 charger need not say it, then its last reading stands for it.
    pub register: Option<WattHours>,
    /// Why.
    pub reason: StopReason,
    /// Readings the charger kept for the transaction (`transactionData`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Reading>,
    /// Whether its frame also has signed meter values, so that it is worth fetching.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
}

/// OCPP 1.6 §7.36 Reason and 2.0.1 ReasonEnumType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the standards' own words")]
pub enum StopReason {
    DeAuthorized,
    EmergencyStop,
    EnergyLimitReached,
    #[serde(rename = "EVDisconnected")]
    EvDisconnected,
    GroundFault,
    HardReset,
    ImmediateReset,
    Local,
    LocalOutOfCredit,
    MasterPass,
    Other,
    OvercurrentFault,
    PowerLoss,
    PowerQuality,
    Reboot,
    Remote,
    #[serde(rename = "SOCLimitReached")]
    SocLimitReached,
    SoftReset,
    #[serde(rename = "StoppedByEV")]
    StoppedByEv,
    TimeLimitReached,
    Timeout,
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
            Self::EnergyLimitReached
            | Self::Local
            | Self::Other
            | Self::Remote
            | Self::SocLimitReached
            | Self::StoppedByEv
            | Self::TimeLimitReached => true,
            Self::DeAuthorized
            | Self::EmergencyStop
            | Self::EvDisconnected
            | Self::GroundFault
            | Self::HardReset
            | Self::ImmediateReset
            | Self::LocalOutOfCredit
            | Self::MasterPass
            | Self::OvercurrentFault
            | Self::PowerLoss
            | Self::PowerQuality
            | Self::Reboot
            | Self::SoftReset
            | Self::Timeout
            | Self::UnlockCommand => false,
        }
    }
}

/// OCPP 1.6 §7.7 ChargePointStatus; 2.0.1 connectorStatus and chargingState are read as these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum ConnectorStatus {
    Available,
    /// 2.0.1: a vehicle is plugged in; what it does, the transaction tells.
    Occupied,
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
