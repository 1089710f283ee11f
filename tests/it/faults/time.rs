//! Clocks: of functions, that step back; of chargers, that know a second of 61.

use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::store::Directory;
use plugtill_adapters::watch::Watch;
use plugtill_domain::incident::{Kind, Subject};
use plugtill_domain::session::Outcome;
use plugtill_tests::wrong::{hand_in, pass_to};
use plugtill_tests::{Story, at, look_at};
use serde_json::json;

use super::workers::{another_settle, rings};
use super::{billed, billed_350, idle, minutes, moves, only_session, yard};

#[tokio::test]
async fn f90_a_clock_that_steps_back_while_a_session_is_settled_changes_no_bill() {
    let (mut stack, sites) = yard(json!({})).await;
    hand_in(&mut stack, &idle()).await;
    let id = only_session(&stack).await.id;
    // Nobody but this worker settles, and a third of the looks at its clock show an hour before.
    stack.clock.advance_to(at(170));
    let random = Mutex::new(fastrand::Rng::with_seed(90));
    let clock = Clock::from_fn(move || minutes(if random.lock().unwrap().u8(..3) == 0 { 170 - 60 } else { 170 }));
    let settle = another_settle(&stack, clock, Arc::clone(&stack.stripe) as _);
    for _ in 0..8 {
        let handled = plugtill_settle::handle(&settle, rings([&id])).await;
        assert!(handled.response.batch_item_failures.is_empty());
    }
    let session = only_session(&stack).await;
    assert_eq!((session.outcome, moves(&stack)), (Outcome::Captured, (1, 1, 0, 0)), "{session:#?}");
    assert!(session.ended_at().unwrap() > session.id.started_at);
    pass_to(&mut stack, at(28 * 60)).await;
    let happened = look_at(stack, idle().count(), &sites).await;
    billed(&happened, 350 + 850);
}

#[tokio::test]
async fn f90_what_is_remembered_is_not_remembered_for_longer_because_the_clock_was_set_back() {
    let (stack, _) = yard(json!({})).await;
    let now = Arc::new(Mutex::new(at(0)));
    let shown = Arc::clone(&now);
    let wall = Clock::from_fn(move || *shown.lock().unwrap());
    let directory = Directory::new(stack.store.clone(), wall.clone());
    let settle = another_settle(&stack, wall.clone(), Arc::clone(&stack.stripe) as _);
    let incidents = Incidents::new(stack.store.clone(), directory.clone(), settle.doorbell.clone());
    let subject = Subject::billing(Kind::BillingStopped);
    let watch = |wall: Clock| Watch::new(stack.store.clone(), incidents.clone(), subject.clone(), wall);
    let (first, second) = (watch(wall.clone()), watch(wall));
    assert_eq!(first.open().await.unwrap(), None);
    assert_eq!(directory.sites().await.unwrap().len(), 1);
    // Set back by a day: another function opens the incident, an operator publishes a second site.
    *now.lock().unwrap() = at(-24 * 60);
    second.raise("1, due since then", at(0)).await.unwrap();
    let other = plugtill_tests::site(json!({ "id": "harbour", "chargers": [] }));
    stack.store.put_site(&other[0]).await.unwrap();
    assert!(first.open().await.unwrap().is_some(), "looked at anew, not in a day");
    assert_eq!(directory.sites().await.unwrap().len(), 2);
}

#[tokio::test]
async fn f92_a_second_sixty_is_read_as_the_instant_that_it_is() {
    // A charger that shows leap seconds, and one that counts them on a day without any.
    let told = |second: &str| {
        let body = json!({ "connectorId": 1, "transactionId": 7,
            "meterValue": [{ "timestamp": second, "sampledValue": [{ "value": "6000", "unit": "Wh" }] }] });
        Story::new().start(0, 1_000).call(at(30), "MeterValues", &body).stop(60, 11_000, "EVDisconnected")
    };
    for second in ["2026-03-02T09:29:60Z", "2026-03-02T09:29:59Z", "2026-03-02T10:29:60+01:00"] {
        let happened = told(second).happens(json!({})).await;
        billed_350(&happened);
        assert_eq!(happened.summary.messages.quarantined, 0, "{second}");
        let kept = happened.replayed.stack.store.evidence(happened.session()).await.unwrap();
        let read = kept.iter().filter(|kept| kept.frame.contains("MeterValues")).flat_map(|kept| &kept.evidence);
        let instants: Vec<_> = read.map(|evidence| evidence.at).collect();
        assert!(at(30).duration_since(instants[0]) <= SignedDuration::from_secs(1), "{second}: {instants:?}");
    }
}
