//! Every condition that the table's writes bear, left out one at a time: without it, two who work at the same time lose
//! something or do it twice.

mod races;

use std::collections::BTreeSet;
use std::path::Path;
use std::pin::Pin;

use races::World;

/// Whether all is well after two have worked at the same time.
type Race = fn(World) -> Pin<Box<dyn Future<Output = bool>>>;

macro_rules! races {
    ($($condition:literal: $race:ident $(($($given:expr),+))?,)+) => {
        [$(($condition, |world| Box::pin(races::$race(world $(, $($given),+)?)))),+]
    };
}

/// A condition, with what it is for.
const RACES: [(&str, Race); 18] = races! {
    "PutItem c/s attribute_not_exists(pk)": two_starts_of_one_session(false),
    "TransactWriteItems c/s attribute_not_exists(pk)": two_starts_of_one_session(true),
    "PutItem c/s version = :version": a_stop_and_a_hold(false),
    "TransactWriteItems c/s version = :version": a_stop_and_a_hold(true),
    "TransactWriteItems numbers/last attribute_not_exists(pk)": two_receipts(0),
    "TransactWriteItems numbers/last last_number = :before": two_receipts(1),
    "PutItem i/now attribute_not_exists(pk) OR version = :version": two_sightings,
    "TransactWriteItems event/event attribute_not_exists(pk)": one_event_twice,
    "TransactWriteItems stripe/event attribute_not_exists(created_at) OR created_at <= :created_at":
        an_older_event_after_a_newer,
    "TransactWriteItems stripe/event created_at > :created_at": an_older_event_while_the_newer_is_forgotten,
    "UpdateItem stripe/event version = :version": an_event_while_another_is_looked_at,
    "PutItem t/command attribute_not_exists(pk)": one_command_given_twice,
    "PutItem t/command version = :version": one_command_sent_by_two,
    "PutItem idem/answer attribute_not_exists(pk) OR attribute_not_exists(doc) AND asked = :asked AND since < :gone":
        one_order_sent_twice,
    "PutItem k/checkout attribute_not_exists(pk)": one_token_drawn_twice,
    "PutItem k/checkout version = :version": one_token_at_two_connectors,
    "TransactWriteItems k/checkout version = :version": two_holds_for_one_token,
    "PutItem signin/attempts version = :version": two_who_guess_a_password(1),
};

/// Conditions of the same kind as one above, by the same function of the store, on items of which the race is the same.
const LIKEWISE: [(&str, Race); 3] = races! {
    "PutItem signin/attempts attribute_not_exists(pk)": two_who_guess_a_password(0),
    "PutItem h/session version = :version": one_webhook_sent_by_two(false),
    "TransactWriteItems h/session version = :version": one_webhook_sent_by_two(true),
};

/// What no race tells, and why it stays. A posting is written in the transaction that writes its session's head over the version
/// that it was made from, and bears that version in its key: whoever could write it twice has failed at the head. The condition
/// makes sure that not even a head that came out of a backup overwrites what is in the books, or among what leaks of them.
const ARGUED: [&str; 2] =
    ["TransactWriteItems j/ attribute_not_exists(pk)", "TransactWriteItems l/ attribute_not_exists(pk)"];

fn all() -> impl Iterator<Item = (&'static str, Race)> {
    RACES.into_iter().chain(LIKEWISE)
}

#[tokio::test]
async fn without_any_one_of_the_conditions_something_is_lost_or_done_twice() {
    for (condition, race) in all() {
        let world = World::new().await;
        assert!(race(world.clone()).await, "with all conditions, at {condition}");
        assert!(world.conditions().contains(condition), "the race at {condition} never asks for it");
        let world = World::new().await;
        world.forget(condition);
        assert!(!race(world).await, "nothing depends on {condition}");
    }
}

#[tokio::test]
async fn every_condition_that_a_race_meets_is_raced_for() {
    let mut met = BTreeSet::new();
    for (_, race) in all() {
        let world = World::new().await;
        race(world.clone()).await;
        met.extend(world.conditions());
    }
    let known: BTreeSet<String> = all().map(|(name, _)| name).chain(ARGUED).map(str::to_owned).collect();
    assert_eq!(met, known);
}

#[test]
fn the_store_has_no_condition_that_is_not_raced_for() {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/adapters/src/store");
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(store).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let texts = text.split('"').skip(1).step_by(2);
        let is_condition = |text: &&str| text.contains("_exists(") || text.contains(" = :") || text.contains(" > :");
        let is_update = |text: &&str| text.starts_with("SET") || text.contains(", ") || text.contains("BETWEEN");
        found.extend(texts.filter(is_condition).filter(|text| !is_update(text)).map(str::to_owned));
    }
    // How an index is asked, which conditions nothing.
    found.retain(|text| !text.starts_with("due_shard = "));
    let raced = |name: &str| name.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
    let raced: BTreeSet<String> = all().map(|(name, _)| raced(name)).collect();
    assert_eq!(found, raced);
}
