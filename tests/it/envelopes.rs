//! The forms in which a frame arrives, all of them the same to what comes after.

use plugtill_adapters::envelope::{Direction, EnvelopeError, gathered, open};
use plugtill_tests::{Story, at, look_at, site, stack};
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

#[tokio::test]
async fn bytes_that_are_no_text_are_quarantined_every_one_of_them() {
    let bytes = b"[2,\"1\",\"Heartbeat\",{\"a\":\"\xff\xfe\"}]";
    let base64 = aws_smithy_types::base64::encode(bytes);
    let mut stack = stack(&site(json!({}))).await;
    let body =
        json!({ "frame_base64": base64, "charger": "CP1", "direction": "in", "received_at": at(5).as_millisecond() });
    stack.deliver(vec![body.to_string()]).await.unwrap();
    let kept = stack.store.quarantined(at(0), at(60)).await.unwrap();
    let [kept] = kept.as_slice() else { panic!("{kept:?}") };
    assert!(kept.quarantined.reason.contains("no UTF-8"), "{}", kept.quarantined.reason);
    let encoded = kept.quarantined.bytes.strip_prefix("base64:").unwrap();
    assert_eq!(aws_smithy_types::base64::decode(encoded).unwrap(), bytes);
}

#[test]
fn the_charger_comes_from_the_topic_and_a_strange_topic_is_refused() {
    let body = |topic: &str| json!({ "topic": topic, "received_at": at(5).to_string(), "payload": [] }).to_string();
    assert!(matches!(open(&body("CP1/out"), at(0)), Ok(envelope) if envelope.direction == Direction::Out));
    assert!(matches!(open(&body("CP1/sideways"), at(0)), Err(EnvelopeError::Topic(_))));
    assert!(matches!(open(&body("CP#1/in"), at(0)), Err(EnvelopeError::Charger(_))));
    assert!(matches!(open("[1,2", at(0)), Err(EnvelopeError::NotAnEnvelope(_))));
}

#[test]
fn what_a_gateway_gathered_opens_one_by_one_and_only_by_its_own_rule() {
    let captured = |charger: &str| json!({ "topic": format!("{charger}/in"), "received_at": at(5).to_string(), "payload": [2, "1", "Heartbeat", {}] });
    let base64 = aws_smithy_types::base64::encode(json!([captured("CP1"), captured("CP2")]).to_string());
    let rule = json!({ "frames_base64": base64, "gateway": "gw1", "received_at": at(9).as_millisecond() }).to_string();
    let failed = json!({ "ruleName": "in", "topic": "gw1/frames", "base64OriginalPayload": base64 }).to_string();
    for body in [&rule, &failed] {
        let frames = gathered(body).unwrap();
        let opened: Vec<_> = frames.iter().map(|frame| open(frame, at(9)).unwrap()).collect();
        let chargers: Vec<&str> = opened.iter().map(|envelope| envelope.charger.as_str()).collect();
        assert_eq!((chargers, opened[0].received_at), (vec!["CP1", "CP2"], at(5)));
    }
    // A charger that sends the same speaks for nobody else: by its own rule it is one frame of its own, which is none.
    let posed = json!({ "frame_base64": base64, "charger": "CP1", "direction": "in", "received_at": 0 }).to_string();
    assert_eq!(gathered(&posed), None);
    let posed = json!({ "ruleName": "in", "topic": "CP1/in", "base64OriginalPayload": base64 }).to_string();
    assert_eq!(gathered(&posed), None);
    let inside =
        json!({ "message": { "frames_base64": base64 }, "charger": "CP1", "direction": "in", "received_at": 0 });
    assert_eq!(gathered(&inside.to_string()), None);
}

/// Meter values of an hour that is dearer in its second half: the bill depends on each of them.
fn hour() -> Story {
    let story = Story::new().status(0, "Preparing").start(1, 0).status(2, "Charging");
    let readings =
        (2..30).map(|minute| (minute, minute * 10)).chain((30..60).map(|minute| (minute, 300 + (minute - 30) * 300)));
    let story = readings.fold(story, |story, (minute, wh)| story.meter(minute, &wh.to_string(), "Wh"));
    story.stop(60, 9_300, "EVDisconnected").status(61, "Available")
}

/// The messages of a story, as many at a time as `together` as one of a gateway's.
fn by_gateway(lines: &[&str], together: usize) -> Vec<String> {
    let gathered = lines.chunks(together).map(|chunk| {
        let frames = aws_smithy_types::base64::encode(format!("[{}]", chunk.join(",")));
        json!({ "frames_base64": frames, "gateway": "gw1", "received_at": at(90).as_millisecond() }).to_string()
    });
    gathered.collect()
}

#[tokio::test]
async fn meter_values_gathered_late_and_delivered_twice_come_to_the_same_bill() {
    let component = |price: &str| json!([{ "type": "ENERGY", "price": price }]);
    let change = json!({ "late_evidence": "charge", "tariff": { "currency": "EUR", "elements": [
        { "price_components": component("0.30"), "restrictions": { "end_time": "10:30" } },
        { "price_components": component("0.60") },
    ] } });
    let expected = hour().happens(change.clone()).await;
    let traffic = hour().traffic();
    let (metered, rest): (Vec<&str>, Vec<&str>) = traffic.lines().partition(|line| line.contains("MeterValues"));
    let sites = site(change);
    let mut stack = stack(&sites).await;
    stack.advance_to(at(61)).await.unwrap();
    stack.deliver(by_gateway(&rest, rest.len())).await.unwrap();
    // Settled without them, and then they come, twice, and together with others each time.
    stack.advance_to(at(90)).await.unwrap();
    let before = stack.table.usage().write_unit_tenths;
    stack.deliver(by_gateway(&metered, 20)).await.unwrap();
    let written = stack.table.usage().write_unit_tenths - before;
    assert!(written < 10 * metered.len() as u64 / 2, "{} meter values cost {written} tenths", metered.len());
    stack.deliver(by_gateway(&metered, 7)).await.unwrap();
    stack.advance_to(at(180)).await.unwrap();
    let received = (rest.len() + 2 * metered.len()) as u64;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.session().bill, expected.session().bill);
    assert_eq!(happened.collected_minor(), expected.collected_minor());
    let kept = happened.replayed.stack.store.evidence(happened.session()).await.unwrap();
    let metered_once = kept.iter().filter(|kept| kept.frame.contains("MeterValues")).count();
    assert_eq!(metered_once, metered.len());
}

#[tokio::test]
async fn what_a_gateway_sends_that_cannot_be_read_is_kept_and_delays_nothing_else() {
    let sites = site(json!({}));
    let mut stack = stack(&sites).await;
    let traffic = hour().traffic();
    let mut lines: Vec<&str> = traffic.lines().collect();
    lines.insert(3, r#"{"topic":"CP1/sideways","received_at":"2026-03-02T09:00:00Z","payload":[]}"#);
    stack.deliver(by_gateway(&lines, lines.len())).await.unwrap();
    stack.deliver(vec![json!({ "frames_base64": "bm90IGpzb24=", "gateway": "gw1" }).to_string()]).await.unwrap();
    stack.advance_to(at(180)).await.unwrap();
    let happened = look_at(stack, lines.len() as u64 + 1, &sites).await;
    assert_eq!(happened.session().outcome, plugtill_domain::session::Outcome::Captured);
    assert_eq!(happened.summary.messages.quarantined, 2);
}
