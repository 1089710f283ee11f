//! What comes in Stripe's name: a signature on the first line, the body after it.

use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::webhook::{ACTED_ON, SigningSecret, StripeEvent, verify};
use plugtill_stripe_webhook::Input;
use sha2::Sha256;

use crate::is_helpful;

const SECRET: &str = "whsec_of_the_fuzzer_alone";
static SECRETS: LazyLock<Vec<SigningSecret>> = LazyLock::new(|| SigningSecret::new(SECRET).into_iter().collect());
const NOW: i64 = 1_900_000_000;

/// A request of Stripe's, or somebody's.
///
/// # Panics
/// When something does not hold.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (header, _) = text.split_once('\n').unwrap_or((&text, ""));
    let cut = input.iter().position(|byte| *byte == b'\n').map_or(input.len(), |end| end + 1);
    let body = input.get(cut..).unwrap_or_default();
    if verify(Some(header), body, &SECRETS, at(0)).is_ok() {
        panic!("a signature that nobody made is believed: {header}");
    }
    signed(body);
    filed(body);
    if let Ok(payload) = serde_json::from_slice::<serde_json::Value>(body)
        && let Err(error) = Input::try_from(payload)
    {
        is_helpful(&error);
    }
}

fn at(seconds_later: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(NOW + seconds_later)
}

/// What is signed is believed for five minutes, and not with a byte changed.
fn signed(body: &[u8]) {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    let mac = mac.chain_update(NOW.to_string()).chain_update(b".").chain_update(body).finalize().into_bytes();
    let header = format!("t={NOW},v1={}", hex::encode(mac));
    let is_believed = |body: &[u8], late: i64| verify(Some(&header), body, &SECRETS, at(late)).is_ok();
    assert!(is_believed(body, 0) && is_believed(body, 300) && !is_believed(body, 301));
    let mut altered = body.to_vec();
    match altered.first_mut() {
        Some(first) => *first ^= 1,
        None => altered.push(0),
    }
    assert!(!is_believed(&altered, 0));
}

/// What is read of an event can be a key of the table and a part of an address.
fn filed(body: &[u8]) {
    let Ok(event) = serde_json::from_slice::<serde_json::Value>(body) else { return };
    match StripeEvent::read(&event) {
        Ok(Some(event)) => {
            assert!(ACTED_ON.contains(&event.event_type));
            for id in [Some(&event.id), Some(&event.object), event.account.as_ref()].into_iter().flatten() {
                assert!(!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{id}");
            }
        }
        Ok(None) => {}
        Err(reason) => assert!(!reason.as_str().is_empty()),
    }
}
