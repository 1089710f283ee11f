//! OCPP 2.0.1: a session is events of one transaction, each of which says a part of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::script::{Script, Told};
use super::visits::Quirk;

pub(super) fn tell(script: &mut Script<'_>) {
    let visit = script.visit;
    let (second, mut sequence) = (script.second, 0);
    status(script, visit.arrives_at - second * 20, "Occupied");
    let mut event = |script: &mut Script<'_>, kind: &str, at: Timestamp, state: Option<&str>, more: Value| {
        tell_event(script, (kind, sequence), at, state, more);
        sequence += 1;
    };
    if !visit.has(Quirk::LostStart) {
        let evse = json!({ "id": visit.place.connector, "connectorId": 1 });
        let token = json!({ "idToken": visit.id_tag, "type": "ISO14443" });
        event(script, "Started", visit.arrives_at, Some("EVConnected"), json!({ "idToken": token, "evse": evse }));
    }
    event(script, "Updated", visit.arrives_at + second * 10, Some("Charging"), json!({}));
    for at in script.readings(visit.full_at) {
        event(script, "Updated", at, None, json!({}));
    }
    event(script, "Updated", visit.full_at, Some("SuspendedEV"), json!({}));
    if !visit.has(Quirk::LostStop) && !visit.has(Quirk::Reboots) {
        event(script, "Ended", visit.leaves_at, Some("Idle"), json!({ "triggerReason": "EVDeparted" }));
    }
    if visit.has(Quirk::Garbage) {
        let frame = json!([2, "?", "TransactionEvent", { "eventType": "Perhaps" }]);
        script.told.push(Told { at: visit.full_at, direction: "in", frame });
    }
    if !visit.has(Quirk::NeverFree) {
        status(script, visit.leaves_at + second * 4, "Available");
    }
}

fn tell_event(script: &mut Script<'_>, (kind, sequence): (&str, i64), at: Timestamp, state: Option<&str>, more: Value) {
    let visit = script.visit;
    let mut info = json!({ "transactionId": format!("T-{}", visit.number) });
    if let Some(state) = state {
        info["chargingState"] = json!(state);
    }
    if kind == "Ended" {
        info["stoppedReason"] = json!("EVDisconnected");
    }
    let register = script.shown_register(at);
    let sample = json!({ "value": register, "context": "Sample.Periodic" });
    let mut body = json!({
        "eventType": kind, "seqNo": sequence, "timestamp": script.shown(at), "triggerReason": "MeterValuePeriodic",
        "transactionInfo": info, "meterValue": [{ "timestamp": script.shown(at), "sampledValue": [sample] }],
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    script.call(at, "TransactionEvent", &body);
}

fn status(script: &mut Script<'_>, at: Timestamp, status: &str) {
    if script.visit.has(Quirk::Silent) {
        return;
    }
    let body = json!({ "evseId": script.visit.place.connector, "connectorId": 1, "connectorStatus": status,
                       "timestamp": script.shown(at) });
    script.call(at, "StatusNotification", &body);
}
