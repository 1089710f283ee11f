//! What single letters of a reading mean.

use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IntoDeserializer, value::Error},
};

use crate::OcmfError;

/// How far the time of a reading can be believed (OCMF, table 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Clock {
    /// `U`: nobody set it.
    #[serde(rename = "U")]
    Unknown,
    /// `I`: for information, not for billing by time.
    #[serde(rename = "I")]
    Informative,
    /// `S`: in step with legal time.
    #[serde(rename = "S")]
    Synchronised,
    /// `R`: began informative, but the duration since is measured as the law asks.
    #[serde(rename = "R")]
    Relative,
}

/// Why a register was read during a session (OCMF, table 7, `TX`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transaction {
    /// `B`: the session begins.
    #[serde(rename = "B")]
    Begin,
    /// `C`: it goes on.
    #[serde(rename = "C")]
    Charging,
    /// `X`: a fault; from here on time or energy, or both, may not be billed.
    #[serde(rename = "X")]
    Exception,
    /// `E`: the session ends.
    #[serde(rename = "E")]
    End,
    /// `L`: ended at the charger.
    #[serde(rename = "L")]
    EndedLocally,
    /// `R`: ended from afar.
    #[serde(rename = "R")]
    EndedRemotely,
    /// `A`: ended by a fault.
    #[serde(rename = "A")]
    Aborted,
    /// `P`: ended by a power failure.
    #[serde(rename = "P")]
    PowerFailure,
    /// `S`: the session is open, nothing is charged.
    #[serde(rename = "S")]
    Suspended,
    /// `T`: another tariff applies from here on.
    #[serde(rename = "T")]
    TariffChange,
}

/// State of the meter when it was read (OCMF, table 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MeterStatus {
    /// `N`: there is no meter.
    #[serde(rename = "N")]
    NotPresent,
    /// `G`: the meter works; no other status may be billed.
    #[serde(rename = "G")]
    Good,
    /// `T`: it did not answer in time.
    #[serde(rename = "T")]
    Timeout,
    /// `D`: it was disconnected from the part that signs.
    #[serde(rename = "D")]
    Disconnected,
    /// `R`: it was there before and is gone.
    #[serde(rename = "R")]
    Removed,
    /// `M`: somebody tampered with it.
    #[serde(rename = "M")]
    Manipulated,
    /// `X`: it is another meter than before.
    #[serde(rename = "X")]
    Exchanged,
    /// `I`: the part that signs does not understand it.
    #[serde(rename = "I")]
    Incompatible,
    /// `O`: the value cannot be.
    #[serde(rename = "O")]
    OutOfRange,
    /// `S`: the value stands in for one that was not read.
    #[serde(rename = "S")]
    Substitute,
    /// `E`: another fault.
    #[serde(rename = "E")]
    OtherError,
    /// `F`: the register was not read rightly.
    #[serde(rename = "F")]
    ReadError,
}

/// Quantities that may no longer be billed because of a fault (OCMF, table 7, `EF`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ErrorFlags {
    /// `E`: energy.
    pub energy: bool,
    /// `t`: time.
    pub time: bool,
}

impl Transaction {
    /// Whether this reading closes the session, for whatever reason.
    #[must_use]
    pub fn ends(self) -> bool {
        match self {
            Self::End | Self::EndedLocally | Self::EndedRemotely | Self::Aborted | Self::PowerFailure => true,
            Self::Begin | Self::Charging | Self::Exception | Self::Suspended | Self::TariffChange => false,
        }
    }
}

impl ErrorFlags {
    // A letter that is not known names a quantity that is not known: nothing of such a reading can be trusted.
    pub(crate) fn parse(text: &str) -> Result<Self, OcmfError> {
        if text.chars().all(|letter| matches!(letter, 'E' | 't')) {
            Ok(Self { energy: text.contains('E'), time: text.contains('t') })
        } else {
            Err(OcmfError::malformed("EF", text, "E for energy, t for time, both or nothing"))
        }
    }
}

/// The meaning of one letter; the `remedy` says which ones there are.
pub(crate) fn letter<T: DeserializeOwned>(
    field: &'static str,
    text: &str,
    remedy: &'static str,
) -> Result<T, OcmfError> {
    let letter: serde::de::value::StrDeserializer<'_, Error> = text.trim().into_deserializer();
    T::deserialize(letter).map_err(|_| OcmfError::malformed(field, text, remedy))
}
