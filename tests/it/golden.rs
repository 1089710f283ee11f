//! Prices that were reckoned by hand, folder by folder: `tests/golden/prices/*/{tariff,usage,idle,expected}.json`, the
//! reckoning beside them.

use std::path::{Path, PathBuf};

use plugtill::price::Priced;
use serde_json::Value;

fn folders() -> Vec<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/prices");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn priced(folder: &Path) -> Value {
    let idle = Some(folder.join("idle.json")).filter(|path| path.exists());
    let priced = Priced::of(&folder.join("tariff.json"), &folder.join("usage.json"), idle.as_deref());
    serde_json::from_str(&priced.unwrap_or_else(|error| panic!("{error}")).to_json().unwrap()).unwrap()
}

#[test]
fn every_golden_session_costs_what_was_reckoned_by_hand() {
    let folders = folders();
    assert!(folders.len() >= 14, "only {} golden folders", folders.len());
    for folder in folders {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let (answer, expected): (Value, Value) =
            (priced(&folder), serde_json::from_str(&read("expected.json")).unwrap());
        assert_eq!(answer, expected, "{}: {answer:#}", folder.display());
        let total = expected["total_incl_tax"].as_str().unwrap();
        assert!(read("reckoning.txt").contains(total), "{}: {total} is not what was reckoned", folder.display());
    }
}
