//! Signed meter values of public chargers in the Open Charge Metering Format: read by their digits, checked by their
//! signature.
//!
//! German law (Eichrecht) lets a driver check each kilowatt hour that was billed. The meter signs what it read; this
//! crate reads that text (OCMF 0.x to 1.4, <https://github.com/SAFE-eV/OCMF-Open-Charge-Metering-Format>) and says
//! whether the signature is the one of the meter's public key. It prices nothing and knows no network.
//!
//! A record that parses is not yet believed: call [`Record::verify`] before a reading of it is billed.
//!
//! # Layout, in reading order
//! - [`OcmfError`]: malformed, unsupported, another key, altered: what an operator does about each.
//! - [`Record`]: `OCMF|{payload}|{signature}`, what stands once for all readings.
//! - [`SignedReading`]: one value of one register, with what it inherits from the reading before it.
//! - [`Transaction`], [`Clock`], [`MeterStatus`], [`ErrorFlags`]: what its letters mean.
//! - `obis`: which registers count energy that flows to the car.
//! - [`PublicKey`]: the meter's key as operators get it.
//! - `signature`: the pair of numbers that a signature is, in the encodings meters use.
//! - [`Curve`]: the curves of the format, and the library that does each one's arithmetic.
//! - `json`: an object's fields by name, numbers by their digits.

#![forbid(unsafe_code)]

mod curve;
mod error;
mod json;
mod key;
mod letters;
mod obis;
mod reading;
mod record;
mod signature;

pub use curve::Curve;
pub use error::OcmfError;
pub use key::PublicKey;
pub use letters::{Clock, ErrorFlags, MeterStatus, Transaction};
pub use reading::SignedReading;
pub use record::{Identification, Pagination, Record};
