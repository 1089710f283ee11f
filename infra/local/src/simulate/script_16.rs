//! OCPP 1.6.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::script::{Script, Told};
use super::visits::Quirk;

pub(super) fn tell(script: &mut Script<'_>) {
    let visit = script.visit;
    let (second, minute) = (script.second, SignedDuration::from_mins(1));
    if visit.has(Quirk::Faulted) {
        for repeated in 0..4 {
            status(script, visit.arrives_at - minute * (10 - repeated), "Faulted", "GroundFailure");
        }
        status(script, visit.arrives_at - minute * 2, "Available", "NoError");
    }
    status(script, visit.arrives_at - second * 20, "Preparing", "NoError");
    start(script);
    status(script, visit.arrives_at + second * 5, "Charging", "NoError");
    let ends_at = if visit.stops_when_full { visit.full_at } else { visit.leaves_at };
    let stopped_at = if visit.has(Quirk::Reboots) {
        visit.arrives_at + ends_at.duration_since(visit.arrives_at) / 2
    } else {
        ends_at
    };
    for at in script.readings(stopped_at) {
        meter(script, at);
    }
    if visit.has(Quirk::Reboots) {
        script.call(
            stopped_at + minute,
            "BootNotification",
            &json!({ "chargePointVendor": "V", "chargePointModel": "M" }),
        );
        if visit.has(Quirk::Silent) {
            return;
        }
    } else {
        over(script, ends_at);
    }
    if visit.has(Quirk::Garbage) {
        let frame = json!([9, "?", { "half": "a frame" }]);
        script.told.push(Told { at: visit.full_at, direction: "in", frame });
    }
    if !visit.has(Quirk::NeverFree) {
        status(script, visit.leaves_at + second * 4, "Available", "NoError");
    }
}

/// From the end of charging to the vehicle's leaving.
fn over(script: &mut Script<'_>, ends_at: Timestamp) {
    let (visit, second) = (script.visit, script.second);
    if visit.stops_when_full {
        stop(script, ends_at, "Local");
        status(script, ends_at + second * 2, "Finishing", "NoError");
    } else {
        status(script, visit.full_at, "SuspendedEV", "NoError");
        stop(script, ends_at, "EVDisconnected");
    }
    if visit.has(Quirk::MeterAfterStop) {
        meter(script, ends_at + second * 40);
    }
}

fn start(script: &mut Script<'_>) {
    let visit = script.visit;
    if visit.has(Quirk::LostStart) {
        return;
    }
    let body = json!({ "connectorId": visit.place.connector, "idTag": visit.id_tag, "meterStart": visit.register_wh,
                       "timestamp": script.shown(visit.arrives_at) });
    let id = script.call(visit.arrives_at, "StartTransaction", &body);
    let answer = json!({ "transactionId": visit.transaction, "idTagInfo": { "status": "Accepted" } });
    script.answer(visit.arrives_at + script.second, &id, &answer);
}

fn stop(script: &mut Script<'_>, at: Timestamp, reason: &str) {
    let visit = script.visit;
    if visit.has(Quirk::LostStop) {
        return;
    }
    let register = script.shown_register(at);
    let mut body = json!({ "transactionId": visit.transaction, "meterStop": register, "timestamp": script.shown(at),
                           "reason": reason });
    script.call(at, "StopTransaction", &body);
    if visit.has(Quirk::StopsTwice) {
        body["meterStop"] = json!(register + 1_000);
        script.call(at + script.second * 90, "StopTransaction", &body);
    }
}

fn status(script: &mut Script<'_>, at: Timestamp, status: &str, error: &str) {
    if script.visit.has(Quirk::Silent) {
        return;
    }
    let body = json!({ "connectorId": script.visit.place.connector, "errorCode": error, "status": status,
                       "timestamp": script.shown(at) });
    script.call(at, "StatusNotification", &body);
}

fn meter(script: &mut Script<'_>, at: Timestamp) {
    let register = script.shown_register(at);
    let sample = if script.visit.has(Quirk::KilowattHours) {
        json!({ "value": format!("{}.{:03}", register / 1_000, register % 1_000), "unit": "kWh" })
    } else {
        json!({ "value": register.to_string(), "unit": "Wh" })
    };
    let values = json!([{ "timestamp": script.shown(at), "sampledValue": [sample] }]);
    let body = json!({ "connectorId": script.visit.place.connector, "transactionId": script.visit.transaction,
                       "meterValue": values });
    script.call(at, "MeterValues", &body);
}
