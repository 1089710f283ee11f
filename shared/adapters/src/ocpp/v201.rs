//! OCPP 2.0.1 payloads; 2.1 frames of the same shape are read by the same types.

use std::borrow::Cow;

use jiff::Timestamp;
use plugtill_domain::evidence::{ConnectorStatus, Evidence, Fact, Reading, Started, StopReason, Stopped};
use plugtill_domain::ids::{ConnectorId, IdTag, TransactionId};
use serde::Deserialize;

use super::values::{MeterValue, instant, readings, stop_reason};
use super::{FrameError, Message, payload_of, shown};

/// What a transaction is filed under that nobody authorised: it is accounted for, and nobody pays.
const NOBODY: &str = "NoAuthorization";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransactionEventRequest<'a> {
    event_type: EventType,
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    trigger_reason: Option<Cow<'a, str>>,
    #[serde(default)]
    seq_no: i64,
    #[serde(default)]
    offline: bool,
    #[serde(borrow)]
    transaction_info: TransactionInfo<'a>,
    evse: Option<Evse>,
    #[serde(borrow)]
    id_token: Option<IdToken<'a>>,
    #[serde(borrow, default)]
    meter_value: Vec<MeterValue<'a>>,
}

/// OCPP 2.0.1 TransactionEventEnumType.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[allow(missing_docs, reason = "the standard's own words")]
pub enum EventType {
    Started,
    Updated,
    Ended,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TransactionInfo<'a> {
    #[serde(borrow)]
    transaction_id: Cow<'a, str>,
    #[serde(borrow)]
    charging_state: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "stop_reason")]
    stopped_reason: Option<StopReason>,
}

#[derive(Deserialize)]
struct Evse {
    id: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdToken<'a> {
    #[serde(borrow)]
    id_token: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StatusNotification<'a> {
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    connector_status: Cow<'a, str>,
    evse_id: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NotifyEvent<'a> {
    #[serde(borrow)]
    event_data: Vec<EventData<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventData<'a> {
    #[serde(borrow)]
    timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    trigger: Option<Cow<'a, str>>,
    #[serde(borrow)]
    actual_value: Cow<'a, str>,
    #[serde(borrow)]
    tech_code: Option<Cow<'a, str>>,
    #[serde(default)]
    cleared: bool,
    #[serde(borrow)]
    component: Named<'a>,
    #[serde(borrow)]
    variable: Named<'a>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    evse: Option<Evse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MeterValues<'a> {
    evse_id: u32,
    #[serde(borrow)]
    meter_value: Vec<MeterValue<'a>>,
}

/// One event of a transaction. Place and driver may come in any of them (TxStartPoint): only the transaction id is in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionEvent {
    /// The charger's own id of the transaction.
    pub transaction: TransactionId,
    /// Which kind.
    pub event_type: EventType,
    /// When, by the charger's clock, UTC.
    pub at: Timestamp,
    /// Its number in the order that the charger sent them; a number that is missing is a message that is.
    pub seq_no: i64,
    /// Whether it happened while the charger was offline.
    pub offline: bool,
    /// The EVSE, where it is said.
    pub evse: Option<ConnectorId>,
    /// What the driver presented, where it is said.
    pub id_tag: Option<IdTag>,
    /// The charging state as a status.
    pub status: Option<ConnectorStatus>,
    /// Why it ended; `None` before.
    pub stopped_reason: Option<StopReason>,
    /// Register readings.
    pub readings: Vec<Reading>,
}

impl TransactionEvent {
    /// The end of the transaction, when this is it.
    #[must_use]
    pub fn stopped(&self) -> Option<Stopped> {
        let last = self.readings.last().filter(|reading| reading.at == self.at);
        (self.event_type == EventType::Ended).then(|| Stopped {
            transaction: self.transaction.clone(),
            at: self.at,
            register: last.map(|reading| reading.register),
            // 2.0.1 part 2, ReasonEnumType: left out, it is Local.
            reason: self.stopped_reason.unwrap_or(StopReason::Local),
            readings: self.readings.clone(),
            signed: false,
        })
    }

    /// What it proves besides start and end.
    #[must_use]
    pub fn evidence(&self) -> Vec<Evidence> {
        let status = self.status.map(Fact::Status);
        let meter = || Fact::Meter { transaction: Some(self.transaction.clone()), readings: self.readings.clone() };
        let meter = (!self.readings.is_empty()).then(meter);
        status.into_iter().chain(meter).map(|fact| Evidence { at: self.at, fact }).collect()
    }
}

/// Where, when and by whom a transaction was started, from its events in any order; `None` while an event that says so
/// is missing. A transaction that ended without a driver is nobody's.
#[must_use]
pub fn beginning(events: &[TransactionEvent]) -> Option<(ConnectorId, Timestamp, Started)> {
    let by_time = |wanted: fn(&TransactionEvent) -> bool| {
        events.iter().filter(move |event| wanted(event)).min_by_key(|event| (event.at, event.seq_no))
    };
    let first = by_time(|event| event.event_type == EventType::Started)?;
    let connector = by_time(|event| event.evse.is_some())?.evse?;
    let ended = events.iter().any(|event| event.event_type == EventType::Ended);
    let tag = by_time(|event| event.id_tag.is_some()).and_then(|event| event.id_tag.clone());
    let id_tag = tag.or_else(|| ended.then(|| NOBODY.parse().ok())?)?;
    let register = first.readings.first().filter(|reading| reading.at == first.at).map(|reading| reading.register);
    Some((connector, first.at, Started { register, id_tag, transaction: Some(first.transaction.clone()) }))
}

/// How many events of a transaction are missing between the first and the last that came, by their numbers.
#[must_use]
pub fn missing(numbers: impl Iterator<Item = i64>) -> i64 {
    let mut numbers: Vec<i64> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return 0 };
    // A charger may write any number: two may be further apart than one can be large.
    let span = last.saturating_sub(*first).saturating_add(1);
    span.saturating_sub(i64::try_from(numbers.len()).unwrap_or(i64::MAX))
}

/// `None`: the action is not one that this version has for billing.
pub(super) fn call(action: &str, payload: &str, received_at: Timestamp) -> Option<Result<Message, FrameError>> {
    let read = || -> Result<Option<Message>, FrameError> {
        Ok(Some(match action {
            "TransactionEvent" => Message::Transaction(Box::new(event(&payload_of(action, payload)?, received_at)?)),
            "StatusNotification" => status(&payload_of(action, payload)?, received_at)?,
            "MeterValues" => meter(&payload_of(action, payload)?, received_at)?,
            "NotifyEvent" => match notified(&payload_of(action, payload)?, received_at)? {
                Some(event) => event,
                None => return Ok(None),
            },
            _ => return Ok(None),
        }))
    };
    read().transpose()
}

/// The first thing in a report that is wrong with the charger, or no more; the others of one report are its consequences.
/// What is reported because it changed, or from time to time, is no fault: 2.0.1 part 2, `Problem` and `Tripped` say so.
fn notified(report: &NotifyEvent<'_>, received_at: Timestamp) -> Result<Option<Message>, FrameError> {
    let faults = ["Problem", "Tripped", "Overload"];
    let is_fault = |data: &&EventData<'_>| {
        data.tech_code.is_some()
            || data.trigger.as_deref() == Some("Alerting")
            || faults.contains(&data.variable.name.as_ref())
    };
    let Some(data) = report.event_data.iter().find(is_fault) else { return Ok(None) };
    let named = || format!("{}.{}", data.component.name, data.variable.name);
    let code = data.tech_code.as_deref().filter(|code| !code.is_empty()).map_or_else(named, str::to_owned);
    Ok(Some(Message::Event {
        connector: ConnectorId(data.component.evse.as_ref().map_or(0, |evse| evse.id)),
        at: instant(data.timestamp.as_deref(), received_at)?,
        code,
        cleared: data.cleared || data.actual_value == "false",
    }))
}

fn event(request: &TransactionEventRequest<'_>, received_at: Timestamp) -> Result<TransactionEvent, FrameError> {
    let at = instant(request.timestamp.as_deref(), received_at)?;
    let token = request.id_token.as_ref().map(|token| token.id_token.as_ref()).filter(|token| !token.is_empty());
    let info = &request.transaction_info;
    Ok(TransactionEvent {
        transaction: info.transaction_id.parse()?,
        event_type: request.event_type,
        at,
        seq_no: request.seq_no,
        offline: request.offline,
        evse: request.evse.as_ref().map(|evse| ConnectorId(evse.id)),
        id_tag: token.map(str::parse).transpose()?,
        status: info.charging_state.as_deref().and_then(|state| charging_state(state, request)),
        stopped_reason: info.stopped_reason,
        readings: readings(&request.meter_value, received_at)?,
    })
}

/// 2.0.1 ChargingStateEnumType in the words of 1.6. `EVConnected` is said before charging and after it alike: who asked
/// for the end tells which.
fn charging_state(state: &str, request: &TransactionEventRequest<'_>) -> Option<ConnectorStatus> {
    let over = ["StopAuthorized", "RemoteStop", "Deauthorized", "EnergyLimitReached", "TimeLimitReached"];
    let is_over = request.event_type == EventType::Ended
        || request.trigger_reason.as_deref().is_some_and(|trigger| over.contains(&trigger));
    match state {
        "Charging" => Some(ConnectorStatus::Charging),
        "SuspendedEV" => Some(ConnectorStatus::SuspendedEv),
        "SuspendedEVSE" => Some(ConnectorStatus::SuspendedEvse),
        "EVConnected" if is_over => Some(ConnectorStatus::Finishing),
        "EVConnected" => Some(ConnectorStatus::Preparing),
        "Idle" => Some(ConnectorStatus::Available),
        _ => None,
    }
}

fn status(request: &StatusNotification<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let status = match request.connector_status.as_ref() {
        "Available" => ConnectorStatus::Available,
        "Occupied" => ConnectorStatus::Occupied,
        "Reserved" => ConnectorStatus::Reserved,
        "Unavailable" => ConnectorStatus::Unavailable,
        "Faulted" => ConnectorStatus::Faulted,
        other => {
            let problem = format!("connectorStatus `{}` is none of the standard's", shown(other));
            return Err(FrameError::Payload { action: "StatusNotification".to_owned(), problem });
        }
    };
    let at = instant(request.timestamp.as_deref(), received_at)?;
    Ok(Message::Status { connector: ConnectorId(request.evse_id), at, status, error: "NoError".to_owned() })
}

fn meter(request: &MeterValues<'_>, received_at: Timestamp) -> Result<Message, FrameError> {
    let first = request.meter_value.first().and_then(|value| value.timestamp.as_deref());
    Ok(Message::Meter {
        connector: ConnectorId(request.evse_id),
        at: instant(first, received_at)?,
        transaction: None,
        readings: readings(&request.meter_value, received_at)?,
    })
}
