//! Signed meter values: kept, shown, checked, and held against the bill.

use axum::body::Body;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use plugtill_domain::session::{Outcome, Reason};
use plugtill_domain::timeline::Implausible;
use plugtill_tests::{Happened, Story, at, stop_body};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The bytes before the point in a public key of this curve (RFC 5480).
const PREFIX: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

struct Meter(SigningKey);

impl Meter {
    fn new() -> Self {
        Self(SigningKey::from_slice(&[7; 32]).unwrap())
    }

    fn public_key(&self) -> String {
        format!("{PREFIX}{}", hex::encode(self.0.verifying_key().to_sec1_point(false).as_bytes()))
    }

    /// A signed reading as 1.6 chargers send it.
    fn sample(&self, letter: &str, kwh: &str) -> Value {
        let reading = json!({ "TM": "2026-03-02T09:00:00,000+0000 S", "TX": letter, "RV": kwh, "RI": "1-0:1.8.0",
                              "RU": "kWh", "ST": "G" });
        let reading = reading.to_string().replace(&format!("\"{kwh}\""), kwh);
        let payload = format!(r#"{{"FV":"1.0","GS":"G1","PG":"T1","MS":"M1","IS":false,"RD":[{reading}]}}"#);
        let signature: Signature = self.0.sign(payload.as_bytes());
        let text = format!("OCMF|{payload}|{{\"SD\":\"{}\"}}", hex::encode(signature.to_der().as_bytes()));
        let noted = json!({ "signedMeterData": text, "encodingMethod": "OCMF", "publicKey": self.public_key() });
        let context = if letter == "B" { "Transaction.Begin" } else { "Transaction.End" };
        json!({ "value": noted.to_string(), "format": "SignedData", "context": context })
    }
}

async fn charged(end: Value) -> Happened {
    let begin = json!([{ "timestamp": at(0).to_string(), "sampledValue": [Meter::new().sample("B", "1.000")] }]);
    let first = json!({ "connectorId": 1, "transactionId": 7, "meterValue": begin });
    let mut stop = stop_body(7, 60, 11_000, "EVDisconnected");
    stop["transactionData"] = json!([{ "timestamp": at(60).to_string(), "sampledValue": [end] }]);
    let story = Story::new().start(0, 1_000).call(at(1), "MeterValues", &first);
    story.call(at(60), "StopTransaction", &stop).happens(json!({})).await
}

fn flaw(happened: &Happened) -> (Outcome, Option<Reason>) {
    (happened.session().outcome, happened.session().reason.clone())
}

#[tokio::test]
async fn what_is_billed_is_what_the_meter_signed_and_the_driver_can_take_it_along() {
    let mut happened = charged(Meter::new().sample("E", "11.000")).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 350));
    let page = happened.replayed.stack.session_page(&happened.session().id.clone());
    let path = page.strip_prefix(plugtill::stack::PORTAL_URL).unwrap().to_owned();
    let portal = happened.replayed.stack.portal();
    let ask = |path: String| {
        let portal = portal.clone();
        async move {
            let answer = portal.oneshot(http::Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
            String::from_utf8(bytes.to_vec()).unwrap()
        }
    };
    let receipt: Value = serde_json::from_str(&ask(format!("{path}/receipt.json")).await).unwrap();
    let signed = receipt["signed"].as_array().unwrap();
    assert_eq!(signed.len(), 2, "{receipt}");
    assert!(signed.iter().all(|value| value["verdict"] == "verified"), "{signed:?}");
    assert!(ask(path.clone()).await.contains("What the meter signed"));
    let xml = ask(format!("{path}/signed.xml")).await;
    assert!(xml.starts_with("<?xml") && xml.matches("<signedData format=\"OCMF\"").count() == 2, "{xml}");
    assert!(xml.contains(&Meter::new().public_key()));
}

#[tokio::test]
async fn another_energy_than_the_meter_signed_is_quarantined() {
    let happened = charged(Meter::new().sample("E", "10.500")).await;
    let expected = Some(Reason::Implausible(Implausible::SignedDiffers));
    assert_eq!(flaw(&happened), (Outcome::Quarantined, expected));
    assert_eq!(happened.collected_minor(), 0);
}

#[tokio::test]
async fn a_signature_that_is_not_the_meters_is_quarantined() {
    let mut forged = Meter::new().sample("E", "11.000");
    forged["value"] = json!(forged["value"].as_str().unwrap().replace("11.000", "12.000"));
    let expected = Some(Reason::Implausible(Implausible::SignatureWrong));
    assert_eq!(flaw(&charged(forged).await), (Outcome::Quarantined, expected));
}
