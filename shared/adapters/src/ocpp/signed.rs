//! Signed meter values in a stored frame: what a driver can check the bill against.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::answer::Call;
use super::values::{MeterValue, SignedMeterValue};

/// A signed meter value as the charger sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// The signed text, for example `OCMF|…|…`.
    pub text: String,
    /// When it was taken: `Transaction.Begin`, `Transaction.End` or another context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The key that the charger sent with it; hex or base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    #[serde(borrow, default)]
    meter_value: Vec<MeterValue<'a>>,
    #[serde(borrow, default)]
    transaction_data: Vec<MeterValue<'a>>,
}

/// 1.6 chargers put the fields of 2.0.1 as JSON into the text (OCA application note "Signed Meter Values").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Noted {
    signed_meter_data: String,
    #[serde(default)]
    public_key: Option<String>,
}

/// The signed meter values of a frame, in its order.
#[must_use]
pub fn signed(frame: &str) -> Vec<Signed> {
    let Ok(Some(call)) = Call::of(frame) else { return Vec::new() };
    let Ok(payload) = serde_json::from_str::<Payload<'_>>(call.payload()) else { return Vec::new() };
    let samples = payload.meter_value.iter().chain(&payload.transaction_data).flat_map(|value| &value.sampled_value);
    let found = samples.filter_map(|sample| {
        let context = sample.context.as_deref().map(str::to_owned);
        let (text, public_key) = match &sample.signed_meter_value {
            Some(SignedMeterValue { signed_meter_data, public_key, .. }) => {
                (decoded(signed_meter_data), Some(public_key.clone()))
            }
            None if sample.is_signed_text() => noted(sample.value)?,
            None => return None,
        };
        Some(Signed { text, context, public_key: public_key.filter(|key| !key.is_empty()) })
    });
    found.collect()
}

fn noted(value: &RawValue) -> Option<(String, Option<String>)> {
    let text: String = serde_json::from_str(value.get()).ok()?;
    match serde_json::from_str::<Noted>(&text) {
        Ok(noted) => Some((decoded(&noted.signed_meter_data), noted.public_key)),
        Err(_) => Some((decoded(&text), None)),
    }
}

/// Base64 of text, or the text itself: both are sent.
fn decoded(sent: &str) -> String {
    let bytes = STANDARD.decode(sent).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(Cow::Owned);
    text.unwrap_or(Cow::Borrowed(sent)).into_owned()
}
