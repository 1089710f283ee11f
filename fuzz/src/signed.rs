//! What meters sign: the records in frames, and a record with a key as an operator has them.

use plugtill_adapters::ocpp::signed::signed;
use plugtill_ocmf::{OcmfError, PublicKey, Record};

use crate::is_helpful;

/// A key, and a record on the lines after it.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (key, record) = text.split_once('\n').unwrap_or(("", &text));
    let key = PublicKey::parse(key).inspect_err(is_helpful::<OcmfError>).ok();
    judged(record, key.as_ref());
    of_frame(&text);
}

/// The records in a frame.
pub(crate) fn of_frame(frame: &str) {
    for value in signed(frame) {
        let key = value.public_key.as_deref().map(PublicKey::parse).transpose();
        let key = key.inspect_err(is_helpful::<OcmfError>).ok().flatten();
        judged(&value.text, key.as_ref());
    }
}

fn judged(text: &str, key: Option<&PublicKey>) {
    let record = match Record::parse(text) {
        Ok(record) => record,
        Err(error) => return is_helpful(&error),
    };
    assert!(text.contains(record.payload()), "the payload is what was signed, byte by byte");
    assert!(!record.readings.is_empty());
    for reading in &record.readings {
        let _ = reading.register_wh();
    }
    let Some(key) = key else { return };
    match record.verify(key) {
        Err(error) => is_helpful(&error),
        // A letter of the payload more, and it is another record.
        Ok(()) => {
            let altered = text.replacen('{', "{ ", 1);
            let Ok(altered) = Record::parse(&altered) else { return };
            assert!(altered.verify(key).is_err(), "{text} and another record have one signature");
        }
    }
}
