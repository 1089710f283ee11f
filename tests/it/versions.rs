//! What released versions wrote is read: `tests/golden/versions/<version>/items/*.json` are items of the table, one of each
//! kind, `rings.jsonl` messages of the queues, `site.json` a site file.
//!
//! Before a release, `PLUGTILL_GOLDEN=write cargo test -p plugtill-tests --test it versions` adds this version's folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plugtill::site_file;
use plugtill::stack::Stack;
use plugtill::stripe_simulator::Buyer;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::store::{Item, Store};
use plugtill_operator::{Credit, Request};
use plugtill_tests::{Story, at, file, look_at, tell};
use serde_json::{Value, json};

use crate::portal::{page_of, post, token, told_by_stripe};

/// What a session with everything leaves behind, at least.
const KINDS: [&str; 15] = [
    "audit",
    "checkout",
    "connection",
    "dialect",
    "driver",
    "driver's notice",
    "fact",
    "frames",
    "incident",
    "incident's page",
    "posting",
    "reconciliation",
    "session",
    "site",
    "terms",
];

fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/golden/versions")).to_owned()
}

fn released() -> Vec<PathBuf> {
    let mut folders: Vec<_> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

#[allow(clippy::wildcard_enum_match_arm, reason = "the table keeps texts, numbers and bytes; the SDK knows more")]
fn to_json(item: &Item) -> Value {
    let attribute = |value: &AttributeValue| match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
        other => panic!("no item has {other:?}"),
    };
    let sorted: BTreeMap<_, _> = item.iter().map(|(name, value)| (name.clone(), attribute(value))).collect();
    json!(sorted)
}

fn from_json(item: &Value) -> Item {
    let attribute = |value: &Value| {
        let text = |kind: &str| value[kind].as_str().map(str::to_owned);
        let bytes = || STANDARD.decode(text("B").unwrap()).unwrap();
        let plain = text("S").map(AttributeValue::S).or_else(|| text("N").map(AttributeValue::N));
        plain.unwrap_or_else(|| AttributeValue::B(bytes().into()))
    };
    item.as_object().unwrap().iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
}

/// A yard where everything happens: cards and pages, a fault, a credit, the daily reconciliation.
async fn lived() -> Stack {
    let operator = json!({ "name": "Yard Ltd", "address": "1 Quay", "tax_id": "FR99", "contact": "help@yard.example" });
    let (mut stack, sites) = told_by_stripe(json!({ "operator": operator, "tax_percent": "20" })).await;
    let (_, _, location) = post(&mut stack, "/checkouts", "charger=CP1&connector=1&phone=%2B33612345678").await;
    let page = page_of(location);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    let connected = json!({ "clientId": "CP1", "eventType": "connected", "timestamp": at(0).as_millisecond() });
    let faulted = json!({ "connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted",
                          "timestamp": at(200).to_string() });
    let story = Story::new()
        .line(at(0), connected.to_string())
        .start_as(token.as_str(), 7, 2, 1_000)
        .meter(20, "4000", "Wh")
        .stop(62, 11_000, "EVDisconnected")
        .status(62, "Available")
        .start_as("TAG1", 8, 80, 11_000)
        .stop(140, 21_000, "EVDisconnected")
        .status(140, "Available")
        .call(at(200), "StatusNotification", &faulted);
    let received = tell(&mut stack, &story).await;
    let happened = look_at(stack, received, &sites).await;
    let sessions = happened.accounts.sessions.clone();
    let mut stack = happened.replayed.stack;
    let credit = Credit {
        session: sessions[0].id.clone(),
        id: "wet".to_owned(),
        amount: Some("1.00".to_owned()),
        line: None,
        reason: "cable was wet".to_owned(),
        by: "ada".to_owned(),
        apply: true,
    };
    stack.order(Request::Credit(credit)).await.unwrap();
    stack.reconcile(at(0)).await.unwrap();
    let until = at(60 * 40);
    stack.advance_to(until).await.unwrap();
    stack
}

/// One item of each kind, by its kind.
async fn items(stack: &Stack) -> BTreeMap<&'static str, Item> {
    let (mut found, mut next) = (BTreeMap::new(), None);
    loop {
        let (items, more) = stack.store.every_item(next).await.unwrap();
        for item in items {
            found.entry(Store::form(&item).unwrap().kind).or_insert(item);
        }
        if more.is_none() {
            return found;
        }
        next = more;
    }
}

fn rings() -> Vec<Ring> {
    let session = "CP1~1~2026-03-02T09:02:00.000Z";
    let written = [
        json!({ "session": session }),
        json!({ "notice": [session, 0] }),
        json!({ "command": ["CP1", "stop"] }),
        json!({ "stripe_object": "pi_1" }),
    ];
    written.into_iter().map(|ring| serde_json::from_value(ring).unwrap()).collect()
}

#[tokio::test]
async fn this_version_has_its_golden_folder_and_every_kind_is_in_it() {
    let stack = Box::pin(lived()).await;
    let found = items(&stack).await;
    let own = folder().join(env!("CARGO_PKG_VERSION"));
    if std::env::var("PLUGTILL_GOLDEN").is_ok_and(|order| order == "write") {
        std::fs::create_dir_all(own.join("items")).unwrap();
        for (kind, item) in &found {
            let name = kind.replace(' ', "-").replace('\'', "");
            let text = serde_json::to_string_pretty(&to_json(item)).unwrap() + "\n";
            std::fs::write(own.join(format!("items/{name}.json")), text).unwrap();
        }
        let lines: String = rings().iter().map(|ring| serde_json::to_string(ring).unwrap() + "\n").collect();
        std::fs::write(own.join("rings.jsonl"), lines).unwrap();
        let text = serde_json::to_string_pretty(&file(json!({ "tax_percent": "20" }))).unwrap() + "\n";
        std::fs::write(own.join("site.json"), text).unwrap();
    }
    for kind in KINDS {
        assert!(found.contains_key(kind), "nothing that happened left a {kind}: {:?}", found.keys());
        let name = kind.replace(' ', "-").replace('\'', "");
        let path = own.join(format!("items/{name}.json"));
        assert!(path.is_file(), "PLUGTILL_GOLDEN=write makes {}", path.display());
    }
}

#[test]
fn i21_every_item_that_a_released_version_wrote_is_read_and_nothing_of_it_is_dropped() {
    let folders = released();
    assert!(!folders.is_empty());
    for folder in folders {
        for entry in std::fs::read_dir(folder.join("items")).unwrap() {
            let path = entry.unwrap().path();
            let item = from_json(&serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap());
            let form = Store::form(&item).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let stem = path.file_stem().unwrap().to_str().unwrap();
            assert_eq!(form.kind.replace(' ', "-").replace('\'', ""), stem);
            if let Some(AttributeValue::S(written)) = item.get("doc") {
                let written: Value = serde_json::from_str(written).unwrap();
                assert!(keeps(&written, &form.document.unwrap()), "{}: {written}", path.display());
            }
        }
    }
}

#[test]
fn i21_every_message_and_site_file_of_a_released_version_is_read() {
    for folder in released() {
        let lines = std::fs::read_to_string(folder.join("rings.jsonl")).unwrap();
        for line in lines.lines() {
            let ring: Ring = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(serde_json::to_string(&ring).unwrap(), line);
        }
        let text = std::fs::read_to_string(folder.join("site.json")).unwrap();
        assert!(!site_file::parse(&text, "site.json").unwrap().is_empty());
    }
}

/// Whether all that was written is still there.
fn keeps(written: &Value, again: &Value) -> bool {
    match (written, again) {
        (Value::Object(written), Value::Object(again)) => {
            written.iter().all(|(name, value)| again.get(name).is_some_and(|kept| keeps(value, kept)))
        }
        (written, again) => written == again,
    }
}
