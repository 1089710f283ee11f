//! One OCMF record: `OCMF|{payload}|{signature}`.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{OcmfError, PublicKey, SignedReading, json::Object, reading, signature::Signature};

const SECTIONS: &str = "a record is OCMF|{payload}|{signature}, without a further pipe";
const PAGINATION: &str = "T or F and a number, such as T12345";

/// One record as a charger sent it; its readings mean nothing until [`Record::verify`] agreed.
#[derive(Debug, Clone)]
pub struct Record<'a> {
    payload: &'a str,
    signature: Signature,
    /// `FV`: version of the format, such as `1.0`.
    pub format_version: Option<String>,
    /// `GS`: serial number of the part that signs.
    pub gateway_serial: Option<String>,
    /// `MS`: serial number of the meter; absent where the meter itself signs and says so in `GS`.
    pub meter_serial: Option<String>,
    /// `PG`: place of the record in the meter's stream.
    pub pagination: Pagination,
    /// `IS`, `IL`, `IT`, `ID`: who charged, as the charger knows it.
    pub identification: Identification,
    /// `CI`: the charge point, an EVSE id or "charge box connector".
    pub charge_point: Option<String>,
    /// `RD`: the readings in the order they were signed, at least one.
    pub readings: Vec<SignedReading>,
}

/// Place of a record in its stream: counts up by one a record, so that a gap shows a missing record (OCMF, table 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pagination {
    /// `T`: readings of charging sessions.
    Transaction(u64),
    /// `F`: readings outside of sessions.
    Fiscal(u64),
}

/// Whom the charger takes the session to be for (OCMF, table 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identification {
    /// `IS`: whether a user was assigned.
    pub assigned: Option<bool>,
    /// `IL`: how far the assignment can be trusted, such as `VERIFIED` (OCMF, table 11).
    pub level: Option<String>,
    /// `IT`: what the id is, such as `ISO14443` for a card (OCMF, table 17).
    pub kind: Option<String>,
    /// `ID`: the id itself: personal data, not for logs.
    pub id: Option<String>,
}

impl<'a> Record<'a> {
    /// Reads a record; white space around it is dropped, its payload stays byte by byte what was signed.
    ///
    /// # Errors
    /// [`OcmfError::Malformed`] for the first field that is not as the format says.
    pub fn parse(text: &'a str) -> Result<Self, OcmfError> {
        let (payload, signature) = sections(text.trim())?;
        let object = Object::parse("payload", payload)?;
        Ok(Self {
            payload,
            signature: Signature::parse(signature)?,
            format_version: version(&object)?,
            gateway_serial: object.filled("GS")?,
            meter_serial: object.filled("MS")?,
            pagination: Pagination::parse(&object.filled("PG")?.ok_or_else(|| OcmfError::missing("PG"))?)?,
            identification: Identification::of(&object)?,
            charge_point: object.filled("CI")?,
            readings: reading::all(&object.objects("RD")?)?,
        })
    }

    /// Checks that the meter with this key signed exactly this payload (ECDSA over SHA-256; OCMF, table 22).
    ///
    /// # Errors
    /// [`OcmfError::Mismatch`] and [`OcmfError::WrongKey`]: not to be billed. [`OcmfError::Unsupported`]: not known;
    /// check it elsewhere.
    pub fn verify(&self, key: &PublicKey) -> Result<(), OcmfError> {
        let (signed, pagination) = (self.signature.curve()?, self.pagination.to_string());
        if let Some(key) = key.curve().filter(|curve| *curve != signed) {
            return Err(OcmfError::WrongKey { pagination, signed, key });
        }
        let arithmetic = signed.arithmetic().ok_or_else(|| OcmfError::unsupported("SA", signed.name()))?;
        let digest = Sha256::digest(self.payload.as_bytes());
        let verified = (arithmetic.verifies)(key.point(), &digest, &self.signature.numbers);
        if verified { Ok(()) } else { Err(OcmfError::Mismatch { pagination }) }
    }

    /// The signed bytes, as they were sent: what a driver needs to check the record elsewhere.
    #[must_use]
    pub fn payload(&self) -> &'a str {
        self.payload
    }
}

impl Pagination {
    fn parse(text: &str) -> Result<Self, OcmfError> {
        let refused = || OcmfError::malformed("PG", text, PAGINATION);
        let digits = text.get(1..).filter(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())).ok_or_else(refused)?;
        let number = digits.parse().map_err(|_| refused())?;
        match text.chars().next() {
            Some('T') => Ok(Self::Transaction(number)),
            Some('F') => Ok(Self::Fiscal(number)),
            Some(_) | None => Err(refused()),
        }
    }
}

impl fmt::Display for Pagination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction(number) => write!(out, "T{number}"),
            Self::Fiscal(number) => write!(out, "F{number}"),
        }
    }
}

impl Identification {
    fn of(object: &Object<'_>) -> Result<Self, OcmfError> {
        Ok(Self {
            assigned: object.truth("IS")?,
            level: object.filled("IL")?,
            kind: object.filled("IT")?,
            id: object.filled("ID")?,
        })
    }
}

fn sections(text: &str) -> Result<(&str, &str), OcmfError> {
    text.strip_prefix("OCMF|")
        .and_then(|rest| rest.split_once('|'))
        .filter(|(_, signature)| !signature.contains('|'))
        .ok_or_else(|| OcmfError::malformed("OCMF", text, SECTIONS))
}

// A new major version may give the same letters another meaning: such a record is not guessed at.
fn version(object: &Object<'_>) -> Result<Option<String>, OcmfError> {
    let version = object.filled("FV")?;
    match &version {
        Some(text) if !text.starts_with("0.") && !text.starts_with("1.") => {
            Err(OcmfError::malformed("FV", text, "versions 0.x and 1.x of the format are known"))
        }
        Some(_) | None => Ok(version),
    }
}
