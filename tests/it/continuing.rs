//! A replay that is kept can be stopped, continued and repeated.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use plugtill::replay::replay;
use plugtill::stack::{Options, Stack};
use plugtill::traffic::Traffic;
use plugtill_domain::session::Session;
use plugtill_domain::site::Site;
use plugtill_tests::{Happened, Story, look, site, stop_body};
use serde_json::json;

/// Five sessions, one with its idle span told late.
fn traffic() -> String {
    let mut story = Story::new();
    for number in 0..5 {
        let (minute, register) = (number * 300, 1_000 + number * 10_000);
        story = story.start_as("TAG1", number, minute, register).status(minute + 1, "Charging");
        story = story.meter_in(number, minute + 60, &(register + 10_000).to_string(), "Wh");
        story = story.status_received(minute + 60, minute + if number == 3 { 260 } else { 60 }, "SuspendedEV");
        let stop = stop_body(number, minute + 120, register + 10_000, "EVDisconnected");
        story = story.call(plugtill_tests::at(minute + 120), "StopTransaction", &stop);
    }
    story.traffic()
}

async fn run(directory: &Path, batches: usize) -> (Happened, bool) {
    let sites = site(json!({}));
    let (stop, mut seen) = (AtomicBool::new(false), 0);
    let options = Options { data: Some(directory.to_owned()), ..Options::default() };
    let progress = |_| {
        seen += 1;
        stop.store(seen >= batches, Ordering::Relaxed);
    };
    let replayed = replay(Traffic::of(traffic()), &sites, options, &stop, progress).await.unwrap();
    let stopped = replayed.stopped;
    (look(replayed, &sites).await, stopped)
}

fn receipts(happened: &Happened) -> Vec<Session> {
    happened.accounts.sessions.clone()
}

#[tokio::test]
async fn a_replay_that_is_repeated_changes_no_bill() {
    let directory = tempfile::tempdir().unwrap();
    let (first, _) = run(directory.path(), usize::MAX).await;
    let (again, _) = run(directory.path(), usize::MAX).await;
    assert_eq!(receipts(&first).len(), 5);
    assert_eq!(receipts(&first), receipts(&again));
    assert_eq!(first.collected_minor(), again.collected_minor());
}

#[tokio::test]
async fn a_replay_that_is_stopped_and_continued_ends_like_one_that_was_not() {
    let (whole, parted) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (whole, _) = run(whole.path(), usize::MAX).await;
    for batches in [3, 7] {
        let (_, stopped) = run(parted.path(), batches).await;
        assert!(stopped, "after {batches} batches there is more to come");
    }
    let (parted, _) = run(parted.path(), usize::MAX).await;
    let bills =
        |happened: &Happened| receipts(happened).into_iter().map(|s| (s.id, s.bill, s.outcome)).collect::<Vec<_>>();
    assert_eq!(bills(&whole), bills(&parted));
    assert_eq!(whole.collected_minor(), parted.collected_minor());
}

#[tokio::test]
async fn what_was_published_since_a_site_file_was_loaded_stands_until_that_file_is_another() {
    let directory = tempfile::tempdir().unwrap();
    let at_price = |price: &str| {
        let components = json!([{ "type": "ENERGY", "price": price }]);
        site(json!({ "tariff": { "currency": "EUR", "elements": [{ "price_components": components }] } })).remove(0)
    };
    let starts = async |file: Site, publishes: Option<Site>| {
        let options = Options { data: Some(directory.path().to_owned()), ..Options::default() };
        let stack = Stack::start(&options, &[file]).await.unwrap();
        let in_force = stack.store.published_sites().await.unwrap();
        if let Some(published) = publishes {
            stack.store.put_site(&published).await.unwrap();
        }
        in_force
    };
    assert_eq!(starts(at_price("0.35"), Some(at_price("0.40"))).await, [at_price("0.35")]);
    assert_eq!(starts(at_price("0.35"), None).await, [at_price("0.40")], "a restart undoes nothing");
    assert_eq!(starts(at_price("0.45"), None).await, [at_price("0.45")], "the file was written anew");
    assert_eq!(starts(at_price("0.45"), None).await, [at_price("0.45")]);
}
