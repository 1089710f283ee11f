//! Why a record or a key was not accepted.

use crate::Curve;

/// How much of a refused value an error repeats, in characters: enough to find it, too little to flood a log.
const SHOWN: usize = 64;

/// Why a record or a key was not accepted, split by what an operator does about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OcmfError {
    /// The text is not what the format asks for: ask the charger's maker, or copy the text again.
    #[error("{field} is `{value}`: {remedy}")]
    Malformed {
        /// Field of the format (`TM`, `SD`), or `OCMF`, `payload`, `signature`, `publicKey` for the whole part.
        field: &'static str,
        /// What stands there, at most 64 characters.
        value: String,
        /// What has to stand there.
        remedy: &'static str,
    },
    /// Nothing is known about the signature, because no library here computes with this curve or algorithm.
    #[error("{field} names `{curve}`, which cannot be checked here: use SAFE's Transparenzsoftware for this meter")]
    Unsupported {
        /// `SA` of the record, or `publicKey`.
        field: &'static str,
        /// Name of the curve, its object identifier, or the whole algorithm where no curve of the format is in it.
        curve: String,
    },
    /// The key cannot belong to the meter: it lies on another curve than the record was signed on.
    #[error(
        "SA of record {pagination} says {signed}, publicKey lies on {key}: use the key of the meter that signed it"
    )]
    WrongKey {
        /// `PG` of the record.
        pagination: String,
        /// The curve that the record names.
        signed: Curve,
        /// The curve of the key.
        key: Curve,
    },
    /// The record was altered after it was signed, or the key is another meter's.
    #[error(
        "SD of record {pagination} is not this key's signature of its payload: do not bill it; \
         ask the charger for the original text and compare the key with the one on the meter"
    )]
    Mismatch {
        /// `PG` of the record.
        pagination: String,
    },
}

impl OcmfError {
    pub(crate) fn malformed(field: &'static str, value: &str, remedy: &'static str) -> Self {
        Self::Malformed { field, value: cut(value), remedy }
    }

    pub(crate) fn missing(field: &'static str) -> Self {
        Self::malformed(field, "", "the format asks for this field")
    }

    pub(crate) fn unsupported(field: &'static str, curve: &str) -> Self {
        Self::Unsupported { field, curve: cut(curve) }
    }
}

fn cut(value: &str) -> String {
    value.chars().take(SHOWN).collect()
}
