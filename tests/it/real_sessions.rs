//! Real charging sessions against an oracle that shares no code with the project, where both lie beside the checkout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use plugtill_domain::money::{Currency, Money};
use plugtill_domain::pricing::LineKind;
use plugtill_domain::session::{Outcome, Session};
use plugtill_tests::{Happened, happened, site};
use serde_json::{Value, json};

const SESSIONS: &str = "200";

pub(crate) fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let found = beside.join("tools/sessions_to_messages.py").exists() && beside.join("data/sessions").exists();
    if !found {
        println!("skipped: the real sessions do not lie beside this checkout");
    }
    found.then_some(beside)
}

/// The messages and what each session must cost.
pub(crate) fn messages(shared: &Path, sessions: &str, more: &[&str]) -> (String, Value) {
    let directory = tempfile::tempdir().unwrap();
    let expected = directory.path().join("expected.json");
    let converted = Command::new("python3")
        .arg(shared.join("tools/sessions_to_messages.py"))
        .arg("sap")
        .arg(shared.join("data/sessions/sap-labs-france/conso-ve-sap0.csv"))
        .args(["--limit", sessions, "--expected"])
        .arg(&expected)
        .args(more)
        .output()
        .unwrap();
    assert!(converted.status.success(), "{}", String::from_utf8_lossy(&converted.stderr));
    let oracle = serde_json::from_str(&std::fs::read_to_string(expected).unwrap()).unwrap();
    (String::from_utf8(converted.stdout).unwrap(), oracle)
}

async fn billed(traffic: String, settle_after_minutes: u32) -> Happened {
    let chargers = json!([{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 150_000 }] }]);
    let change = json!({ "chargers": chargers, "settle_after_minutes": settle_after_minutes });
    happened(traffic, &site(change)).await
}

fn check(sessions: &[Session], oracle: &Value) {
    let key = |s: &Session| format!("{} {} {:.3}", s.id.charger, s.id.connector, s.id.started_at);
    let by_key: BTreeMap<String, &Session> = sessions.iter().map(|session| (key(session), session)).collect();
    let rows = oracle["rows"].as_array().unwrap();
    assert_eq!(rows.len(), sessions.len());
    for row in rows {
        let text = |name: &str| row[name].as_str().unwrap();
        let session = by_key[&format!("{} {} {}", text("charger"), row["connector"], text("start"))];
        let bill = session.bill.as_ref().unwrap();
        let cents = |name: &str| Money::parse(text(name), "EUR".parse::<Currency>().unwrap()).unwrap();
        assert_eq!(bill.amount_of(LineKind::Energy), cents("energy_fee"), "{row}");
        assert_eq!(bill.amount_of(LineKind::Idle), cents("idle_fee"), "{row}");
        assert_eq!(bill.total, cents("total"), "{row}");
        assert!(matches!(session.outcome, Outcome::Captured | Outcome::Waived), "{row}");
    }
}

#[tokio::test]
async fn real_sessions_cost_what_the_oracle_says() {
    let Some(shared) = shared() else { return };
    let (traffic, oracle) = messages(&shared, SESSIONS, &[]);
    check(&billed(traffic, 2).await.accounts.sessions, &oracle);
}

#[tokio::test]
async fn real_sessions_cost_the_same_in_any_order_of_delivery() {
    let Some(shared) = shared() else { return };
    for seed in ["1", "2", "3"] {
        let (traffic, oracle) = messages(&shared, SESSIONS, &["--disorder", seed]);
        check(&billed(traffic, 240).await.accounts.sessions, &oracle);
    }
}

#[tokio::test]
async fn what_comes_after_the_settlement_corrects_it_or_is_waived() {
    let Some(shared) = shared() else { return };
    let (traffic, _) = messages(&shared, SESSIONS, &["--disorder", "1"]);
    // The proofs that hold for every story hold here too: books, evidence, counts.
    let happened = billed(traffic, 2).await;
    let corrected = happened.accounts.sessions.iter().filter(|session| session.reason.is_some()).count();
    assert!(corrected > 0, "some evidence came late");
}
