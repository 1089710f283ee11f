//! Signed meter values of a session, checked: each by its key, and all of them against what is billed.
//!
//! German law (Eichrecht) lets a driver check every kilowatt-hour by what the meter signed. What is billed is therefore
//! never anything else than what is signed, where anything is.

use plugtill_domain::pricing::Bill;
use plugtill_domain::signed::{SignedValue, SignedVerdict};
use plugtill_domain::timeline::Implausible;
use plugtill_ocmf::{MeterStatus, OcmfError, PublicKey, Record, SignedReading, Transaction};

use crate::ocpp::signed::{Signed, signed};
use crate::store::StoredFrame;

/// Registers at start and stop are whole watt-hours on either side, each cut off on its own.
const ROUNDING_WH: i64 = 2;

/// The signed values among a session's frames, in their order, with what a check of each comes to.
#[must_use]
pub fn values(frames: &[StoredFrame]) -> Vec<SignedValue> {
    let mut found: Vec<Signed> = frames.iter().flat_map(|frame| signed(&frame.frame)).collect();
    // Chargers send a value in more than one message.
    let mut seen = std::collections::HashSet::new();
    found.retain(|value| seen.insert(value.text.clone()));
    let key = found.iter().find_map(|value| value.public_key.clone());
    let checked = found.into_iter().map(|value| {
        // A key is sent with the first value only, to save the line.
        let public_key = value.public_key.clone().or_else(|| key.clone());
        let verdict = verdict(&value.text, public_key.as_deref());
        SignedValue { text: value.text, context: value.context, public_key, verdict }
    });
    checked.collect()
}

fn verdict(text: &str, key: Option<&str>) -> SignedVerdict {
    let record = match Record::parse(text) {
        Ok(record) => record,
        Err(error) => return SignedVerdict::Unreadable(error.to_string()),
    };
    let Some(key) = key else { return SignedVerdict::NoKey };
    match PublicKey::parse(key).and_then(|key| record.verify(&key)) {
        Ok(()) => SignedVerdict::Verified,
        Err(OcmfError::Mismatch { .. } | OcmfError::WrongKey { .. }) => SignedVerdict::Wrong,
        Err(error @ (OcmfError::Malformed { .. } | OcmfError::Unsupported { .. })) => {
            SignedVerdict::Unreadable(error.to_string())
        }
    }
}

/// Whether a bill may stand beside what the meter signed; it may where nothing is signed.
///
/// # Errors
/// A signature that is not the meter's, or another energy than is billed.
pub fn judge(frames: &[StoredFrame], bill: &Bill) -> Result<(), Implausible> {
    let values = values(frames);
    if values.iter().any(|value| value.verdict == SignedVerdict::Wrong) {
        return Err(Implausible::SignatureWrong);
    }
    let records: Vec<Record<'_>> = values.iter().filter_map(|value| Record::parse(&value.text).ok()).collect();
    let readings: Vec<&SignedReading> = records.iter().flat_map(|record| &record.readings).collect();
    let begins = |reading: &&&SignedReading| reading.transaction == Some(Transaction::Begin) && counts(reading);
    let ends = |reading: &&&SignedReading| reading.transaction.is_some_and(Transaction::ends) && counts(reading);
    let Some(begin) = readings.iter().find(begins) else { return Ok(()) };
    let end = readings.iter().rev().filter(ends).find(|end| end.register == begin.register);
    let energy = end.and_then(|end| end.register_wh()?.checked_sub(begin.register_wh()?));
    match energy {
        Some(energy) if (energy - bill.energy.0).abs() > ROUNDING_WH => Err(Implausible::SignedDiffers),
        Some(_) | None => Ok(()),
    }
}

/// A reading that the meter itself does not vouch for says nothing.
fn counts(reading: &SignedReading) -> bool {
    reading.status == MeterStatus::Good && !reading.errors.energy && reading.register_wh().is_some()
}
