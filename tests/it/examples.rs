//! The site files in `examples/`: each can be used, and bills what `docs/examples.md` says that it bills.

mod bills;
mod stories;

use std::collections::BTreeSet;
use std::path::PathBuf;

use plugtill::site_file;
use plugtill_domain::language::Language;
use plugtill_domain::session::{Outcome, Reason, Session};
use plugtill_domain::site::Site;
use plugtill_ocpi::lint::lint;
use plugtill_tests::{Happened, happened};
use plugtill_texts::bill::explain;
use serde_json::Value;

use bills::{BILLS, Billed};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The names of the examples, by what lies in the folder.
fn names() -> BTreeSet<String> {
    let entries = std::fs::read_dir(format!("{ROOT}/examples")).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(entry.unwrap().path())).collect()
}

fn path(name: &str) -> PathBuf {
    format!("{ROOT}/examples/{name}.json").into()
}

fn sites(name: &str) -> Vec<Site> {
    site_file::read(&path(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn page() -> String {
    std::fs::read_to_string(format!("{ROOT}/docs/examples.md")).unwrap()
}

/// What stands as code under a heading of the third level, without its indentation.
fn printed(page: &str, heading: &str) -> String {
    let after = page.split_once(&format!("\n### {heading}\n")).unwrap_or_else(|| panic!("no heading `{heading}`")).1;
    let section = after.split("\n#").next().unwrap_or_default();
    section.split_inclusive('\n').filter_map(|line| line.strip_prefix("    ")).collect()
}

#[test]
fn every_example_is_a_site_with_a_tariff_that_the_linter_has_nothing_to_say_about() {
    for name in names() {
        sites(&name);
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path(&name)).unwrap()).unwrap();
        for site in file["sites"].as_array().unwrap() {
            let assigned = site["tariffs"].as_array().into_iter().flatten().map(|entry| &entry["tariff"]);
            for tariff in assigned.chain([&site["tariff"]]) {
                assert_eq!(lint(&tariff.to_string()).findings, [], "{name}");
            }
        }
    }
}

#[test]
fn every_example_has_its_bills_and_every_bill_on_the_page_is_reckoned() {
    let reckoned: BTreeSet<String> = BILLS.iter().map(|bill| bill.example.to_owned()).collect();
    assert_eq!(names(), reckoned, "files, and those with bills");
    let page = page();
    let headings: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(headings, BILLS.iter().map(|bill| bill.heading).collect(), "on the page, and reckoned");
    assert!(names().iter().all(|name| page.contains(&format!("](../examples/{name}.json)"))), "each file has its link");
}

/// The session that the story is about.
fn own(happened: &Happened) -> &Session {
    happened.accounts.sessions.iter().find(|session| session.started.id_tag.as_str() != stories::SOMEBODY_ELSE).unwrap()
}

async fn agrees(bill: &Billed) {
    let heading = bill.heading;
    let happened = happened((bill.story)().traffic(), &sites(bill.example)).await;
    let session = own(&happened);
    let priced = session.bill.as_ref().unwrap();
    let lines: Vec<_> = priced.lines.iter().map(|line| (line.kind, line.amount.minor())).collect();
    assert_eq!(lines, bill.lines, "{heading}");
    assert_eq!(session.billed().minor(), bill.total, "{heading}");
    assert_eq!(priced.tax().minor(), bill.tax, "{heading}: the tax in it");
    let ends = if bill.total == 0 { (Outcome::Waived, Some(Reason::NothingDue)) } else { (Outcome::Captured, None) };
    assert_eq!((session.outcome, session.reason.clone()), ends, "{heading}");
    let terms = happened.replayed.stack.terms(&session.terms).await.unwrap();
    let explained = explain(Language::En, priced, &terms).to_string();
    assert_eq!(printed(&page(), heading), explained, "{heading}:\n{explained}");
}

async fn all_agree(example: &str) {
    for bill in BILLS.iter().filter(|bill| bill.example == example) {
        agrees(bill).await;
    }
}

#[tokio::test]
async fn the_landlord_bills_energy_alone() {
    all_agree("landlord").await;
}

#[tokio::test]
async fn the_hotel_lets_its_guests_sleep() {
    all_agree("hotel").await;
}

#[tokio::test]
async fn the_supermarket_gives_an_hour_for_nothing() {
    all_agree("supermarket").await;
}

#[tokio::test]
async fn the_highway_asks_for_waiting_when_others_wait() {
    all_agree("highway").await;
}

#[tokio::test]
async fn the_city_asks_nothing_at_night() {
    all_agree("city").await;
}
