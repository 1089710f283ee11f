//! What both versions of the standard have in common: instants, and samples of a meter.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use plugtill_domain::evidence::{Reading, StopReason};
use plugtill_domain::money::parse_decimal;
use plugtill_domain::units::{Milliamperes, WattHours, Watts};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserializer, IntoDeserializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{FrameError, bounded};

const REGISTER: &str = "Energy.Active.Import.Register";
/// Meters that are not at the vehicle's side of the connector, or are the vehicle's own, count something else.
const ELSEWHERE: [&str; 3] = ["Inlet", "EV", "Upstream"];

/// Samples of one instant.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeterValue<'a> {
    #[serde(borrow)]
    pub timestamp: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub sampled_value: Vec<SampledValue<'a>>,
}

impl MeterValue<'_> {
    pub(super) fn is_signed(&self) -> bool {
        self.sampled_value.iter().any(|sample| sample.is_signed_text() || sample.signed_meter_value.is_some())
    }
}

/// One sample: 1.6 sends its value as text with `unit`, 2.0.1 as a number with `unitOfMeasure`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SampledValue<'a> {
    #[serde(borrow)]
    pub value: &'a RawValue,
    #[serde(borrow)]
    pub context: Option<Cow<'a, str>>,
    #[serde(borrow)]
    measurand: Option<Cow<'a, str>>,
    #[serde(borrow)]
    unit: Option<Cow<'a, str>>,
    #[serde(borrow)]
    unit_of_measure: Option<UnitOfMeasure<'a>>,
    #[serde(borrow)]
    phase: Option<Cow<'a, str>>,
    #[serde(borrow)]
    location: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub format: Option<Cow<'a, str>>,
    pub signed_meter_value: Option<SignedMeterValue>,
}

#[derive(Deserialize)]
struct UnitOfMeasure<'a> {
    #[serde(borrow)]
    unit: Option<Cow<'a, str>>,
    multiplier: Option<i32>,
}

/// OCPP 2.0.1 SignedMeterValueType.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedMeterValue {
    /// What was signed, base64.
    pub signed_meter_data: String,
    /// How it was signed.
    #[serde(default)]
    pub signing_method: String,
    /// In which format, for example `OCMF`.
    #[serde(default)]
    pub encoding_method: String,
    /// The key, base64; empty where it is known otherwise.
    #[serde(default)]
    pub public_key: String,
}

/// The register readings among samples, with the power and current of their instant.
pub(super) fn readings(values: &[MeterValue<'_>], received_at: Timestamp) -> Result<Vec<Reading>, FrameError> {
    let mut readings = Vec::with_capacity(values.len());
    for value in values {
        let at = instant(value.timestamp.as_deref(), received_at)?;
        let power = over_phases(&value.sampled_value, "Power.Active.Import", 0).map(Watts);
        let current = over_phases(&value.sampled_value, "Current.Import", 3).map(Milliamperes);
        for sample in value.sampled_value.iter().filter(|sample| sample.is_register()) {
            readings.push(Reading { at, register: sample.register()?, power, current });
        }
    }
    Ok(readings)
}

/// A measurand over all phases: as such, or the sum of what is sent phase by phase; times ten to the `power`. What cannot
/// be read is none: it only refines a price, it does not carry one.
fn over_phases(samples: &[SampledValue<'_>], measurand: &str, power: i32) -> Option<u32> {
    let found = samples.iter().filter(|sample| sample.measurand.as_deref() == Some(measurand));
    let number =
        |sample: &SampledValue<'_>| sample.number()?.checked_mul(ten_to(sample.scale().saturating_add(power))?);
    let whole = found.clone().find(|sample| sample.phase.is_none()).and_then(number);
    let phases = found.filter(|sample| matches!(sample.phase.as_deref(), Some("L1" | "L2" | "L3")));
    let sum = phases.map(number).reduce(|sum, phase| sum?.checked_add(phase?)).flatten();
    whole.or(sum)?.round().to_u32()
}

fn ten_to(power: i32) -> Option<Decimal> {
    let factor = Decimal::from(10_i64.checked_pow(power.unsigned_abs())?);
    if power >= 0 { Some(factor) } else { Decimal::ONE.checked_div(factor) }
}

impl SampledValue<'_> {
    /// The total import register; a register of one phase is a part of it, signed data a copy of it.
    fn is_register(&self) -> bool {
        let measurand = self.measurand.as_deref().unwrap_or(REGISTER);
        let elsewhere = self.location.as_deref().is_some_and(|location| ELSEWHERE.contains(&location));
        measurand == REGISTER && self.phase.is_none() && !elsewhere && !self.is_signed_text()
    }

    /// 1.6: the value is signed data and no number.
    pub(super) fn is_signed_text(&self) -> bool {
        self.format.as_deref() == Some("SignedData")
    }

    fn unit(&self) -> Option<&str> {
        self.unit.as_deref().or_else(|| self.unit_of_measure.as_ref()?.unit.as_deref())
    }

    /// The power of ten that unit and multiplier stand for.
    fn scale(&self) -> i32 {
        let multiplier = self.unit_of_measure.as_ref().and_then(|unit| unit.multiplier).unwrap_or_default();
        let thousand = self.unit().is_some_and(|unit| unit.starts_with('k'));
        multiplier.saturating_add(if thousand { 3 } else { 0 })
    }

    fn number(&self) -> Option<Decimal> {
        number(self.value)
    }

    /// The default unit is Wh.
    fn register(&self) -> Result<WattHours, FrameError> {
        if let Some(unit) = self.unit().filter(|unit| !matches!(*unit, "Wh" | "kWh")) {
            return Err(FrameError::Unit(unit.chars().take(64).collect()));
        }
        scaled("sampledValue.value", self.value, self.scale())
    }
}

/// A register in Wh.
pub(super) fn watt_hours(field: &'static str, value: &RawValue) -> Result<WattHours, FrameError> {
    scaled(field, value, 0)
}

/// Whole watt-hours, rounded down: the difference of two readings is what is billed.
fn scaled(field: &'static str, value: &RawValue, power: i32) -> Result<WattHours, FrameError> {
    let register = || {
        let value = number(value).filter(|value| !value.is_sign_negative())?;
        let watt_hours = value.checked_mul(ten_to(power)?)?;
        watt_hours.round_dp_with_strategy(0, RoundingStrategy::ToNegativeInfinity).to_i64().map(WattHours)
    };
    let sent = || value.get().trim_matches('"').chars().take(64).collect();
    register().ok_or_else(|| FrameError::NotANumber { field, value: sent() })
}

/// A number by its digits. Only a JSON number may have an exponent: in text it is no way to write a register.
fn number(value: &RawValue) -> Option<Decimal> {
    let raw = value.get();
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) => parse_decimal(text.trim()).ok(),
        None if raw.contains(['e', 'E']) => Decimal::from_scientific(raw).ok(),
        None => parse_decimal(raw).ok(),
    }
}

/// An instant by the charger's clock, to the millisecond; the receive time where it gives none, UTC where it gives no zone.
pub(super) fn instant(text: Option<&str>, received_at: Timestamp) -> Result<Timestamp, FrameError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(received_at) };
    let zoned = text.parse::<Timestamp>().ok();
    let at = zoned.or_else(|| Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok());
    let at = at.ok_or_else(|| FrameError::NotATime(text.chars().take(64).collect()))?;
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    bounded(at, received_at)
}

/// A reason for a stop; one of the charger's own making is `Other`, for the stop itself is to be billed.
pub(super) fn stop_reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<StopReason>, D::Error> {
    let Some(text) = Option::<Cow<'de, str>>::deserialize(deserializer)? else { return Ok(None) };
    let known: StrDeserializer<'_, Error> = text.as_ref().into_deserializer();
    Ok(Some(StopReason::deserialize(known).unwrap_or(StopReason::Other)))
}

#[cfg(test)]
mod tests {
    use super::super::{Message, read};
    use super::*;
    use crate::envelope::Direction;

    #[test]
    fn a_multiplier_that_no_number_bears_is_no_current_and_no_register() {
        let sampled = |measurand: &str, unit: &str| {
            let unit = format!(r#"{{"unit":"{unit}","multiplier":2147483647}}"#);
            let sample = format!(r#"{{"value":16,"measurand":"{measurand}","unitOfMeasure":{unit}}}"#);
            let register = r#"{"value":7,"unitOfMeasure":{"unit":"Wh"}}"#;
            let payload = format!(r#"{{"evseId":1,"meterValue":[{{"sampledValue":[{sample},{register}]}}]}}"#);
            read(Direction::In, &format!(r#"[2,"1","MeterValues",{payload}]"#), Timestamp::UNIX_EPOCH)
        };
        let Ok(Message::Meter { readings, .. }) = sampled("Current.Import", "kA") else { panic!("no readings") };
        assert_eq!(readings, [Reading::of(Timestamp::UNIX_EPOCH, WattHours(7))]);
        assert!(matches!(sampled(REGISTER, "kWh"), Err(FrameError::NotANumber { .. })));
    }
}
