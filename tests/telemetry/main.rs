//! What the product writes about itself, in a process of its own: what is counted belongs to a process.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on may panic")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::Request;
use jiff::SignedDuration;
use plugtill::stack::{Options, SIMULATOR_KEY, Stack};
use plugtill::stripe_simulator::{Buyer, Disturbance, KeyRefusal, StripeFault};
use plugtill_adapters::telemetry::Telemetry;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_tests::{Story, at, look_at, site, stop_body, tell};
use serde_json::{Value, json};
use tower::ServiceExt;

/// What nobody may read in a log, planted wherever it can come from.
const CANARIES: [&str; 9] = [
    SIMULATOR_KEY,
    "CANARYTAG",
    "SPOILTTAG",
    "4915142424242",
    "canary@mail.example",
    "Canary & Sons",
    "FRCANARY",
    "pm_card_visa",
    "CANARYBYTES",
];
/// The longest line of an invocation, in bytes: half a kilobyte a session costs 0.03 cents a thousand.
const LONGEST_LINE: usize = 600;

/// Everything that was written.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines(log: &str) -> Vec<Value> {
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

async fn started(change: Value) -> (Stack, Vec<Site>) {
    let sites = site(change);
    let options = Options { start: at(0), webhooks: Some(Disturbance::default()), ..Options::default() };
    (Stack::start(&options, &sites).await.unwrap(), sites)
}

/// One session, from its start to its capture.
async fn one_session() -> Session {
    let (mut stack, sites) = started(json!({})).await;
    let story = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available");
    let received = tell(&mut stack, &story).await;
    look_at(stack, received, &sites).await.session().clone()
}

/// A driver who gives an address and a telephone number pays, charges, disputes; a card declines, Stripe fails, frames are
/// spoilt: whatever has something to say says it.
async fn everything_that_can_be_said() {
    let tags = json!({ "CANARYTAG": "pm_card_visa", "SPOILTTAG": "pm_card_chargeCustomerFail" });
    let (mut stack, _) = started(json!({ "drivers": { "by_id_tag": tags } })).await;
    let form = "charger=CP1&connector=1&phone=%2B4915142424242";
    let asked = Request::post("/checkouts").header("content-type", "application/x-www-form-urlencoded");
    let answer = stack.portal().oneshot(asked.body(Body::from(form)).unwrap()).await.unwrap();
    let page = answer.headers()["location"].to_str().unwrap().split('/').next_back().unwrap().to_owned();
    let buyer = Buyer {
        name: Some("Canary & Sons".to_owned()),
        email: Some("canary@mail.example".to_owned()),
        tax_id: Some(("eu_vat".to_owned(), "FRCANARY".to_owned())),
        ..Buyer::default()
    };
    stack.stripe.pay(&page, "pm_card_visa", true, &buyer).unwrap();
    // Four tries of one request, so that its outcome stays unknown; and some more.
    for fault in [StripeFault::DropBefore; 8].into_iter().chain([StripeFault::BadGateway, StripeFault::ServerError]) {
        stack.stripe.inject(fault);
    }
    let story = Story::new()
        .start_as("CANARYTAG", 7, 2, 1_000)
        .stop(62, 11_000, "EVDisconnected")
        .start_as("SPOILTTAG", 8, 100, 11_000)
        .call(at(160), "StopTransaction", &stop_body(8, 160, 21_000, "EVDisconnected"))
        .line(at(161), r#"{"topic":"CP1/in","received_at":"2026-03-02T11:41:00Z","payload":"CANARYBYTES"}"#)
        .line(at(162), "CANARYBYTES")
        .call(at(163), "StartTransaction", &json!({ "connectorId": "CANARYBYTES", "idTag": "CANARYTAG" }))
        .call(
            at(164),
            "StatusNotification",
            &json!({ "connectorId": 1, "status": "Faulted", "errorCode": "GroundFailure",
            "timestamp": at(164).to_string() }),
        );
    tell(&mut stack, &story).await;
    stack.stripe.refuse_key(Some(KeyRefusal::Revoked));
    tell(&mut stack, &Story::new().start_as("CANARYTAG", 9, 200, 21_000)).await;
    stack.advance_to(at(300)).await.unwrap();
    stack.stripe.refuse_key(None);
    stack.advance_to(at(300) + SignedDuration::from_hours(26)).await.unwrap();
    for path in ["/sessions/CANARYBYTES.x", "/checkouts/CANARYBYTES", "/s/CANARYBYTES"] {
        stack.portal().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn i19_a_line_an_invocation_tells_what_was_done_and_nothing_of_anybody() {
    let log = Log::default();
    let telemetry = {
        let log = log.clone();
        Telemetry::writing(move || log.clone())
    };
    let mut line = telemetry.line("request-1", Some("Root=1-abc"), 2);
    let session = one_session().await;
    line.sessions([&session.id]);
    drop(line);
    let written = log.take();
    let told = lines(&written);
    assert!(
        told.iter().all(|line| line.get("_aws").is_some()),
        "a session without faults says nothing else: {written}"
    );
    assert!(written.lines().all(|line| line.len() <= LONGEST_LINE), "{written}");
    let [plain, money] = told.as_slice() else { panic!("one line, and one for the currency: {written}") };
    assert_eq!(plain["request_id"], "request-1");
    assert_eq!((&plain["trace_id"], &plain["cold"]), (&json!("Root=1-abc"), &json!(true)));
    assert_eq!(plain["sessions"], json!([session.id.to_string()]));
    assert_eq!((&plain["SessionsOpened"], &plain["SessionsClosed"]), (&json!(1), &json!(1)));
    assert_eq!(plain["SettleLagSeconds"], json!([0.0]));
    assert_eq!((&money["Currency"], &money["MoneyCaptured"]), (&json!("EUR"), &json!(350)));
    assert_eq!(money["_aws"]["CloudWatchMetrics"][0]["Dimensions"], json!([["Currency"]]));

    let line = telemetry.line("request-2", None, 1);
    everything_that_can_be_said().await;
    drop(line);
    let written = log.take();
    let told = lines(&written);
    let counted = told.iter().find(|line| line["request_id"] == "request-2").unwrap();
    for name in ["UnknownOutcomes", "AlertsSent", "FramesQuarantined", "SessionsOpened"] {
        assert!(counted[name].as_u64() > Some(0), "{name} in {counted}");
    }
    assert_eq!((&counted["sessions"], &counted["cold"]), (&Value::Null, &Value::Null), "of the invocation before");
    assert!(told.iter().any(|line| line["level"] == "ERROR" || line["level"] == "WARN"), "{written}");
    for canary in CANARIES {
        let shown = written.lines().find(|line| line.contains(canary));
        assert_eq!(shown, None, "`{canary}` is written");
    }
}
