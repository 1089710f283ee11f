//! OCPP 1.6 payloads, as real chargers send them.

use std::borrow::Cow;

use jiff::Timestamp;
use plugtill_domain::evidence::{ConnectorStatus, Started, StopReason, Stopped};
use plugtill_domain::ids::{ConnectorId, IdTag, TransactionId};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::values::{MeterValue, instant, readings, stop_reason, watt_hours};
use super::{FrameError, Message, payload_of};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartTransaction<'a> {
    connector_id: u32,
    #[serde(borrow)]
    id_tag: Cow<'a, str>,
    #[serde(borrow)]
    meter_start: &'a RawValue,
    timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopTransaction<'a> {
    #[serde(borrow)]
    transaction_id: &'a RawValue,
    #[serde(borrow)]
    meter_stop: &'a RawValue,
    timestamp: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "stop_reason")]
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
    error_code: Option<Cow<'a, str>>,
    vendor_error_code: Option<Cow<'a, str>>,
    timestamp: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeterValues<'a> {
    connector_id: u32,
    #[serde(borrow)]
    transaction_id: Option<&'a RawValue>,
    #[serde(borrow)]
    meter_value: Vec<MeterValue<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartResult {
    transaction_id: Option<Value>,
}

/// `None`: the action is not one that this version has for billing, or its payload is that of another version.
pub(super) fn call(
    id: &str,
    action: &str,
    payload: &str,
    received_at: Timestamp,
) -> Option<Result<Message, FrameError>> {
    let read = || -> Result<Option<Message>, FrameError> {
        Ok(Some(match action {
            "StartTransaction" => start(id, &payload_of(action, payload)?, received_at)?,
            "StopTransaction" => stop(&payload_of(action, payload)?, received_at)?,
            "StatusNotification" => status(payload_of(action, payload)?, received_at)?,
            "MeterValues" => meter(&payload_of(action, payload)?, received_at)?,
            _ => return Ok(None),
        }))
    };
    read().transpose()
}

pub(super) fn result(id: &str, payload: &str) -> Result<Message, FrameError> {
    let result: StartResult = payload_of("CallResult", payload)?;
    let Some(transaction) = result.transaction_id else { return Ok(Message::Ignored("CallResult".to_owned())) };
    let text = transaction.as_str().map_or_else(|| transaction.to_string(), str::to_owned);
    Ok(Message::Assigned { message_id: id.to_owned(), transaction: text.parse()? })
}

fn start(id: &str, request: &StartTransaction<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let id_tag: IdTag = request.id_tag.parse()?;
    Ok(Message::Start {
        message_id: id.to_owned(),
        connector: ConnectorId(request.connector_id),
        at: instant(request.timestamp.as_deref(), received_at)?,
        started: Started::at(watt_hours("meterStart", request.meter_start)?, id_tag),
    })
}

fn stop(request: &StopTransaction<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let at = instant(request.timestamp.as_deref(), received_at)?;
    Ok(Message::Stop(Stopped {
        transaction: transaction(request.transaction_id)?,
        at,
        register: Some(watt_hours("meterStop", request.meter_stop)?),
        // OCPP 1.6 §6.50: a reason may be left out when it is Local.
        reason: request.reason.unwrap_or(StopReason::Local),
        readings: readings(&request.transaction_data, received_at)?,
        signed: request.transaction_data.iter().any(MeterValue::is_signed),
    }))
}

fn status(request: StatusNotification<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let vendor = request.vendor_error_code.filter(|code| !code.is_empty());
    let code = request.error_code.as_deref().unwrap_or("NoError");
    let error = vendor.map_or_else(|| code.to_owned(), |vendor| format!("{code} ({vendor})"));
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

/// A number; some back ends gave text, and chargers repeat it.
fn transaction(id: &RawValue) -> Result<TransactionId, FrameError> {
    Ok(id.get().trim_matches('"').parse()?)
}
