//! The forms in which a frame arrives, all of them the same to what comes after.

use plugtill_adapters::envelope::{Direction, EnvelopeError, open};
use plugtill_tests::at;
use serde_json::json;

const FRAME: &str = r#"[2,"1","Heartbeat",{}]"#;

#[test]
fn every_gateways_envelope_opens_to_the_same_frame() {
    let received_at = at(5).as_millisecond();
    let base64 = aws_smithy_types::base64::encode(FRAME);
    let frame = json!([2, "1", "Heartbeat", {}]);
    let captured = json!({ "topic": "CP1/in", "received_at": at(5).to_string(), "payload": frame });
    let rule = json!({ "message": frame, "charger": "CP1", "direction": "in", "received_at": received_at });
    let encoded = json!({ "frame_base64": base64, "charger": "CP1", "direction": "in", "received_at": received_at });
    let failed = json!({ "ruleName": "in", "topic": "CP1/in", "base64OriginalPayload": base64 });
    let ingested = json!({ "ruleName": "in", "topic": "$aws/rules/in/CP1/in", "base64OriginalPayload": base64 });
    for envelope in [captured, rule, encoded, failed, ingested] {
        let body = envelope.to_string();
        let opened = open(&body, at(5)).unwrap();
        assert_eq!((opened.charger.as_str(), opened.direction), ("CP1", Direction::In), "{body}");
        assert_eq!((opened.frame.as_ref(), opened.received_at), (FRAME, at(5)), "{body}");
    }
}

#[test]
fn the_charger_comes_from_the_topic_and_a_strange_topic_is_refused() {
    let body = |topic: &str| json!({ "topic": topic, "received_at": at(5).to_string(), "payload": [] }).to_string();
    assert!(matches!(open(&body("CP1/out"), at(0)), Ok(envelope) if envelope.direction == Direction::Out));
    assert!(matches!(open(&body("CP1/sideways"), at(0)), Err(EnvelopeError::Topic(_))));
    assert!(matches!(open(&body("CP#1/in"), at(0)), Err(EnvelopeError::Charger(_))));
    assert!(matches!(open("[1,2", at(0)), Err(EnvelopeError::NotAnEnvelope(_))));
}
