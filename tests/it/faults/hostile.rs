//! Payloads made to break something: too large, too deep, twice the same key, bytes that are no text, names that are programs.

use std::time::{Duration, Instant};

use plugtill_tests::{Story, at, stop_body};
use serde_json::{Value, json};

use super::{billed_350, plain};

const DAY: &str = "2026-03-02";

/// A frame as text, which need not be JSON, as a rule passes it.
fn raw(frame: &[u8]) -> String {
    let (frame, when) = (aws_smithy_types::base64::encode(frame), at(40).as_millisecond());
    json!({ "frame_base64": frame, "charger": "CP1", "direction": "in", "received_at": when }).to_string()
}

/// Frames that are refused, by what they are.
fn hostile() -> Vec<(&'static str, String)> {
    let call = |payload: &str| format!("[2,\"x\",\"MeterValues\",{payload}]");
    let deep = format!("{}{}", "[".repeat(60_000), "]".repeat(60_000));
    let values = r#"[{"timestamp":"2026-03-02T09:40:00Z","sampledValue":[{"value":"5"}]}]"#;
    let twice = format!(r#"{{"connectorId":1,"connectorId":2,"meterValue":{values}}}"#);
    let many = format!("{{\"connectorId\":1,\"meterValue\":\"{}\"}}", "A".repeat(128 * 1024));
    vec![
        ("a frame of nothing but brackets", raw(deep.as_bytes())),
        (
            "deep objects in a call",
            raw(call(&format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000))).as_bytes()),
        ),
        ("one key twice", raw(call(&twice).as_bytes())),
        ("128 KB where a list should be", raw(call(&many).as_bytes())),
        ("bytes that are no text", raw(b"[2,\"x\",\"MeterValues\",{\"connectorId\":1,\"meterValue\":\"\xff\xfe\"}]")),
        ("an archive", raw(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xed\xc1\x01\x0d\x00\x00\x00\xc2\xa0")),
        ("a number without an end", raw(call(&format!("{{\"connectorId\":{}}}", "9".repeat(100_000))).as_bytes())),
        ("a name as a path", raw(call(r#"{"connectorId":"../../1","meterValue":[]}"#).as_bytes())),
        (
            "an envelope that names another's topic",
            json!({ "topic": "../CP1/in", "received_at": at(40).to_string(), "payload": [] }).to_string(),
        ),
        ("no envelope", "\u{0}\u{1}\u{2}".to_owned()),
    ]
}

#[tokio::test]
async fn f96_what_is_made_to_break_something_is_kept_and_delays_nobody() {
    for (what, line) in hostile() {
        let began = Instant::now();
        let happened = plain().line(at(40), line).happens(json!({})).await;
        let took = began.elapsed();
        billed_350(&happened);
        let quarantine = happened.quarantine(DAY).await;
        assert_eq!((quarantine.len(), happened.summary.messages.quarantined), (1, 1), "{what}: {quarantine:?}");
        assert!(took < Duration::from_secs(20), "{what} took {took:?} with the session around it");
    }
}

#[tokio::test]
async fn f96_names_that_are_programs_are_text_in_every_table_and_page() {
    let tag = "=1+1|x<b>'\"";
    let story = Story::new().start_as(tag, 7, 0, 1_000).stop(60, 11_000, "EVDisconnected");
    let happened = story.happens(json!({})).await;
    // A tag has at most 20 characters of a set that no spreadsheet and no page runs; or it is text everywhere.
    let sessions: Vec<Value> = happened.accounts.sessions.iter().map(|it| json!(it.id_tag())).collect();
    let quarantined = happened.summary.messages.quarantined;
    assert!(!sessions.is_empty() || quarantined > 0, "neither kept nor billed");
    let mut stack = happened.replayed.stack;
    let stall = http::Request::get("/stalls/CP1/1").body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(stack.portal(), stall).await.unwrap();
    let page = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert!(!String::from_utf8_lossy(&page).contains("<b>'"), "unescaped in a page");
}

#[tokio::test]
async fn f27_a_connector_that_is_none_is_quarantined_with_its_number_or_its_field() {
    for (connector, says) in [
        (json!(4), "no connector 4"),
        (json!(999_999), "no connector 999999"),
        (json!(-1), "connectorId"),
        (json!(u64::MAX), "connectorId"),
        (json!("1"), "connectorId"),
        (Value::Null, "connectorId"),
    ] {
        let body = json!({ "connectorId": connector, "errorCode": "NoError", "status": "Available" });
        let start =
            json!({ "connectorId": connector, "idTag": "TAG9", "meterStart": 5, "timestamp": at(5).to_string() });
        let story = plain().call(at(6), "StatusNotification", &body).call(at(6), "StartTransaction", &start);
        let happened = story.happens(json!({})).await;
        billed_350(&happened);
        let quarantine = happened.quarantine(DAY).await;
        assert_eq!(quarantine.len(), 2, "{connector}: {quarantine:?}");
        assert!(quarantine.iter().all(|it| it.contains(says)), "{connector}: {quarantine:?}");
    }
}

#[tokio::test]
async fn f94_registers_beyond_all_bounds_are_flagged_and_charged_to_nobody() {
    for (start, stop) in [(0, i64::MAX), (i64::MAX - 1, i64::MAX), (1_000, 4_000_000_000_000)] {
        let body = stop_body(7, 60, stop, "EVDisconnected");
        let happened = Story::new().start(0, start).call(at(60), "StopTransaction", &body).happens(json!({})).await;
        let collected = happened.collected_minor();
        assert_eq!(collected, 0, "{start} to {stop}");
        let flagged = happened.summary.messages.quarantined + happened.summary.sessions.quarantined;
        let waived = happened.summary.sessions.waived;
        assert!(flagged > 0 || waived > 0, "{start} to {stop}: {:?}", happened.summary.sessions);
    }
}
