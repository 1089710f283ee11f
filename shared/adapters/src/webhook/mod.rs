//! Stripe's webhooks: who sent them, and the little of them that is believed.
//!
//! async-stripe's `construct_event` decodes the whole event and fails on a known type of another API version; here the
//! signature is checked over the bytes, and the object is read again from Stripe before anything is done.
//!
//! # Layout, in reading order
//! - [`verify`]: whether Stripe sent these bytes, lately. A pure function.
//! - [`SigningSecrets`]: one secret, or two while one is rolled; read again when they do not fit.
//! - [`StripeEvent`]: what is read of an event, and [`ACTED_ON`], the types that are acted on.

mod event;
mod rejection;
mod secrets;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

pub use event::{ACTED_ON, ObjectKind, StripeEvent};
pub use rejection::Rejection;
pub use secrets::{SecretsError, SigningSecret, SigningSecrets};

/// How far the signature's time may lie from ours, either way, as Stripe's own libraries have it.
pub const TOLERANCE: SignedDuration = SignedDuration::from_secs(300);

/// A hash of SHA-256, in bytes.
const HASH_BYTES: usize = 32;

/// Whether one of `secrets` signed exactly these bytes within [`TOLERANCE`] of `now` (UTC).
///
/// `header` is `Stripe-Signature`: `t=<unix seconds>,v1=<hex>`, with a `v1` for each secret in force at Stripe. Signed is
/// `<t>.<body>` with HMAC-SHA256 (Stripe, "Verify webhook signatures manually"). Other schemes, like `v0`, are not looked
/// at: they would be a way around the strong one.
///
/// # Errors
/// Why not. The reason is for our log, never for the sender.
pub fn verify(header: Option<&str>, body: &[u8], secrets: &[SigningSecret], now: Timestamp) -> Result<(), Rejection> {
    let header = Header::parse(header.ok_or(Rejection::NoHeader)?)?;
    let age = now.duration_since(header.signed_at);
    if age > TOLERANCE {
        return Err(Rejection::TooOld);
    }
    if age < -TOLERANCE {
        return Err(Rejection::TooNew);
    }
    if secrets.iter().any(|secret| header.is_signed_with(secret, body)) {
        Ok(())
    } else {
        Err(Rejection::WrongSignature)
    }
}

/// What the header says.
struct Header<'a> {
    signed_at: Timestamp,
    /// The time as it is written, because that is what is signed.
    time: &'a str,
    signatures: Vec<[u8; HASH_BYTES]>,
}

impl<'a> Header<'a> {
    fn parse(header: &'a str) -> Result<Self, Rejection> {
        let (mut time, mut signatures, mut any) = (None, Vec::new(), false);
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", value)) if time.is_none() => time = Some(value),
                // Two times would leave open which one is signed.
                Some(("t", _)) | None => return Err(Rejection::MalformedHeader),
                Some(("v1", value)) => {
                    any = true;
                    signatures.extend(decoded(value));
                }
                Some(_) => {}
            }
        }
        let time = time.ok_or(Rejection::MalformedHeader)?;
        let signed_at = seconds(time).ok_or(Rejection::MalformedHeader)?;
        match (any, signatures.is_empty()) {
            (false, _) => Err(Rejection::NoSignature),
            (true, true) => Err(Rejection::MalformedHeader),
            (true, false) => Ok(Self { signed_at, time, signatures }),
        }
    }

    /// The comparison takes the same time wherever the first difference lies.
    fn is_signed_with(&self, secret: &SigningSecret, body: &[u8]) -> bool {
        // HMAC takes keys of every length.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
        let mac = mac.chain_update(self.time).chain_update(b".").chain_update(body);
        self.signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
    }
}

fn decoded(value: &str) -> Option<[u8; HASH_BYTES]> {
    let mut signature = [0; HASH_BYTES];
    hex::decode_to_slice(value, &mut signature).ok()?;
    Some(signature)
}

/// Digits only: a number's parser would take a sign too.
fn seconds(time: &str) -> Option<Timestamp> {
    let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
    Timestamp::from_second(digits.then_some(time)?.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python's `hmac`, not with this crate.
    const VECTOR: &str = "t=1772442000,v1=50231a1196d715c732b86b49905df6de188fad809d160d47b7f6733233b85c5f";
    const BODY: &[u8] = br#"{"id":"evt_1","type":"charge.captured"}"#;

    fn check(header: &str, at: i64) -> Result<(), Rejection> {
        let secrets = [SigningSecret::new("whsec_0123456789abcdef").unwrap()];
        verify(Some(header), BODY, &secrets, Timestamp::from_second(at).unwrap())
    }

    #[test]
    fn a_signature_made_by_another_program_is_accepted() {
        assert_eq!(check(VECTOR, 1_772_442_000), Ok(()));
    }

    #[test]
    fn the_tolerance_is_300_seconds_both_ways() {
        assert_eq!(check(VECTOR, 1_772_442_300), Ok(()));
        assert_eq!(check(VECTOR, 1_772_441_700), Ok(()));
        assert_eq!(check(VECTOR, 1_772_442_301), Err(Rejection::TooOld));
        assert_eq!(check(VECTOR, 1_772_441_699), Err(Rejection::TooNew));
    }

    #[test]
    fn a_header_is_read_strictly() {
        let with = |from: &str, to: &str| check(&VECTOR.replace(from, to), 1_772_442_000);
        assert_eq!(with("t=1772442000", "t=+1772442000"), Err(Rejection::MalformedHeader));
        assert_eq!(with("t=1772442000", "t=99999999999999999999"), Err(Rejection::MalformedHeader));
        assert_eq!(with("t=1772442000", "t=9999999999999999"), Err(Rejection::MalformedHeader));
        assert_eq!(with("t=1772442000", "t=1772442000,t=1772442001"), Err(Rejection::MalformedHeader));
        assert_eq!(with("t=1772442000,", ""), Err(Rejection::MalformedHeader));
        assert_eq!(with("t=1772442000", "nonsense"), Err(Rejection::MalformedHeader));
        assert_eq!(with("v1=", "v0="), Err(Rejection::NoSignature));
        assert_eq!(with("v1=", "v1=+"), Err(Rejection::MalformedHeader));
        assert_eq!(with("v1=", "v1=00,v1="), Ok(()), "one usable signature among others is enough");
    }
}
