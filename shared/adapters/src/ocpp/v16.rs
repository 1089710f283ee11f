//! OCPP 1.6 payloads, as real chargers send them.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use plugtill_domain::evidence::{ConnectorStatus, Reading, Started, StopReason, Stopped};
use plugtill_domain::ids::{ConnectorId, IdTag, TransactionId};
use plugtill_domain::money::parse_decimal;
use plugtill_domain::units::{Milliamperes, WattHours, Watts};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use serde_json::Value;

use super::{FrameError, Message, bounded};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartTransaction<'a> {
    connector_id: u32,
    #[serde(borrow)]
    id_tag: Cow<'a, str>,
    meter_start: i64,
    timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopTransaction<'a> {
    transaction_id: i64,
    meter_stop: i64,
    timestamp: Option<Cow<'a, str>>,
    reason: Option<StopReason>,
    #[serde(default, borrow)]
    transaction_data: Vec<MeterValue<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusNotification<'a> {
    connector_id: u32,
    status: ConnectorStatus,
    #[serde(borrow)]
    error_code: Cow<'a, str>,
    vendor_error_code: Option<Cow<'a, str>>,
    timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeterValues<'a> {
    connector_id: u32,
    transaction_id: Option<i64>,
    #[serde(borrow)]
    meter_value: Vec<MeterValue<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeterValue<'a> {
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sampled_value: Vec<SampledValue<'a>>,
}

#[derive(Deserialize)]
struct SampledValue<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
    measurand: Option<Cow<'a, str>>,
    unit: Option<Cow<'a, str>>,
    phase: Option<Cow<'a, str>>,
    format: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartResult {
    transaction_id: Option<Value>,
}

pub(super) fn call(id: &str, action: &str, payload: &str, received_at: Timestamp) -> Result<Message, FrameError> {
    match action {
        "StartTransaction" => start(id, &payload_of(action, payload)?, received_at),
        "StopTransaction" => stop(&payload_of(action, payload)?, received_at),
        "StatusNotification" => status(payload_of(action, payload)?, received_at),
        "MeterValues" => meter(&payload_of(action, payload)?, received_at),
        "BootNotification" => Ok(Message::SignOfLife("BootNotification")),
        "Heartbeat" => Ok(Message::SignOfLife("Heartbeat")),
        "Authorize" => Ok(Message::SignOfLife("Authorize")),
        other => Ok(Message::Ignored(other.to_owned())),
    }
}

pub(super) fn result(id: &str, payload: &str) -> Result<Message, FrameError> {
    let result: StartResult = payload_of("CallResult", payload)?;
    let Some(transaction) = result.transaction_id else { return Ok(Message::Ignored("CallResult".to_owned())) };
    let text = transaction.as_str().map_or_else(|| transaction.to_string(), str::to_owned);
    Ok(Message::Assigned { message_id: id.to_owned(), transaction: text.parse()? })
}

fn payload_of<'a, T: Deserialize<'a>>(action: &str, payload: &'a str) -> Result<T, FrameError> {
    serde_json::from_str(payload)
        .map_err(|error| FrameError::Payload { action: action.to_owned(), problem: error.to_string() })
}

fn start(id: &str, request: &StartTransaction<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let id_tag: IdTag = request.id_tag.parse()?;
    Ok(Message::Start {
        message_id: id.to_owned(),
        connector: ConnectorId(request.connector_id),
        at: instant(request.timestamp.as_deref(), received_at)?,
        started: Started { register: WattHours(request.meter_start), id_tag },
    })
}

fn stop(request: &StopTransaction<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let at = instant(request.timestamp.as_deref(), received_at)?;
    Ok(Message::Stop(Stopped {
        transaction: transaction(request.transaction_id)?,
        at,
        register: WattHours(request.meter_stop),
        // OCPP 1.6 §6.50: a reason may be left out when it is Local.
        reason: request.reason.unwrap_or(StopReason::Local),
        readings: readings(&request.transaction_data, received_at)?,
    }))
}

fn status(request: StatusNotification<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let vendor = request.vendor_error_code.filter(|code| !code.is_empty());
    let error = vendor.map_or_else(|| request.error_code.to_string(), |v| format!("{} ({v})", request.error_code));
    Ok(Message::Status {
        connector: ConnectorId(request.connector_id),
        at: instant(request.timestamp.as_deref(), received_at)?,
        status: request.status,
        error,
    })
}

fn meter(request: &MeterValues<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let readings = readings(&request.meter_value, received_at)?;
    let first = request.meter_value.first().and_then(|value| value.timestamp.as_deref());
    Ok(Message::Meter {
        connector: ConnectorId(request.connector_id),
        at: instant(first, received_at)?,
        transaction: request.transaction_id.map(transaction).transpose()?,
        readings,
    })
}

fn readings(values: &[MeterValue<'_>], received_at: Timestamp) -> Result<Vec<Reading>, FrameError> {
    let mut readings = Vec::with_capacity(values.len());
    for value in values {
        let at = instant(value.timestamp.as_deref(), received_at)?;
        let thousand_in = |unit: &'static str| {
            move |given: Option<&str>| if given == Some(unit) { Decimal::ONE_THOUSAND } else { Decimal::ONE }
        };
        let power = over_phases(&value.sampled_value, "Power.Active.Import", thousand_in("kW")).map(Watts);
        let current = over_phases(&value.sampled_value, "Current.Import", |_| Decimal::ONE_THOUSAND).map(Milliamperes);
        for sample in value.sampled_value.iter().filter(|sample| sample.is_register()) {
            readings.push(Reading { at, register: sample.register()?, power, current });
        }
    }
    Ok(readings)
}

/// A measurand over all phases: as such, or the sum of what is sent phase by phase. What cannot be read is none: it only
/// refines a price, it does not carry one.
fn over_phases(
    samples: &[SampledValue<'_>],
    measurand: &str,
    per_unit: impl Fn(Option<&str>) -> Decimal,
) -> Option<u32> {
    let found = samples.iter().filter(|sample| sample.measurand.as_deref() == Some(measurand));
    let number = |sample: &SampledValue<'_>| {
        parse_decimal(sample.value.trim()).ok()?.checked_mul(per_unit(sample.unit.as_deref()))
    };
    let whole = found.clone().find(|sample| sample.phase.is_none()).and_then(number);
    let phases = found.filter(|sample| matches!(sample.phase.as_deref(), Some("L1" | "L2" | "L3")));
    let sum = phases.map(number).reduce(|sum, phase| sum?.checked_add(phase?)).flatten();
    whole.or(sum)?.round().to_u32()
}

impl SampledValue<'_> {
    /// The total import register; a register of one phase is a part of it, signed data a copy of it.
    fn is_register(&self) -> bool {
        let measurand = self.measurand.as_deref().unwrap_or("Energy.Active.Import.Register");
        let signed = self.format.as_deref() == Some("SignedData");
        measurand == "Energy.Active.Import.Register" && self.phase.is_none() && !signed
    }

    /// Whole watt-hours, rounded down: the difference of two readings is what is billed. The default unit is Wh.
    fn register(&self) -> Result<WattHours, FrameError> {
        let refuse = || FrameError::NotANumber { field: "sampledValue.value", value: self.value.to_string() };
        let value = parse_decimal(self.value.trim()).map_err(|_| refuse())?;
        let per_unit = match self.unit.as_deref() {
            None | Some("Wh") => Decimal::ONE,
            Some("kWh") => Decimal::ONE_THOUSAND,
            Some(other) => return Err(FrameError::Unit(other.to_owned())),
        };
        let watt_hours = value.checked_mul(per_unit).ok_or_else(refuse)?;
        let whole = watt_hours.round_dp_with_strategy(0, RoundingStrategy::ToNegativeInfinity);
        whole.to_i64().map(WattHours).ok_or_else(refuse)
    }
}

fn transaction(id: i64) -> Result<TransactionId, FrameError> {
    Ok(id.to_string().parse()?)
}

/// An instant by the charger's clock, to the millisecond; the receive time where it gives none, UTC where it gives no zone.
fn instant(text: Option<&str>, received_at: Timestamp) -> Result<Timestamp, FrameError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(received_at) };
    let zoned = text.parse::<Timestamp>().ok();
    let at = zoned.or_else(|| Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok());
    let at = at.ok_or_else(|| FrameError::NotATime(text.chars().take(64).collect()))?;
    let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
    bounded(at, received_at)
}
