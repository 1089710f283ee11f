//! The table: throttled, conflicting, applied without an answer, stale, expired.

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use plugtill::edges::dynamo::StoreFault;
use plugtill_adapters::doorbell::Ring;
use plugtill_adapters::store::Updated;
use plugtill_domain::decide::{Decision, Event, Nothing, Opening, decide};
use plugtill_domain::ids::IdTag;
use plugtill_domain::session::Session;
use plugtill_tests::wrong::Wrong::{LostAfter, LostBefore, Refused};
use plugtill_tests::wrong::{Edge, goes_wrong, hand_in, nth_goes_wrong, pass_to, tell_by_queue};
use plugtill_tests::{Story, at, look_at, stop_body};
use serde_json::{Value, json};

use super::{as_without_fault, billed_350, idle, moves, only_session, plain, through, yard};

#[tokio::test]
async fn f75_a_throttled_table_is_asked_again_by_the_client_and_then_by_redelivery() {
    let (stack, _) = yard(json!({})).await;
    // The clients of production try more than once, with the SDK's own growing and jittered pauses.
    let client = stack.table.sdk_client_with(RetryConfig::standard());
    stack.table.inject(StoreFault::ThrottleBefore);
    stack.table.inject(StoreFault::ThrottleBefore);
    let key = [("pk", "x"), ("sk", "y")].map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
    client.get_item().table_name("plugtill").set_key(Some(key.into())).send().await.unwrap();
    assert_eq!(stack.table.faults_waiting(), 0);
    // What is throttled for longer comes back by its queue: the whole table, for ten minutes around each of these.
    let undisturbed = through(&idle(), json!({}), |_| ()).await;
    let happened = through(&idle(), json!({}), |stack| {
        let clock = stack.clock.clone();
        goes_wrong(stack, move |edge, _| {
            let throttled = [0, 60, 160].iter().any(|from| (at(*from)..at(from + 10)).contains(&clock.now()));
            (edge == Edge::Table && throttled).then_some(Refused)
        });
    })
    .await;
    assert_eq!(happened.session().bill, undisturbed.session().bill);
    assert_eq!(happened.collected_minor(), 1_200);
}

/// What a start says, as it would be decided anew.
fn opening(session: &Session) -> Opening {
    Opening {
        id: session.id.clone(),
        site: session.site.clone(),
        terms: session.terms.clone(),
        max_power: session.max_power,
        started: session.started.clone(),
        payer: session.payer.clone(),
        hold: None,
        limit: None,
        stay_watch: None,
        hooked: false,
        answered: false,
        received_at: session.id.started_at,
    }
}

#[tokio::test]
async fn f76_a_condition_that_fails_is_read_and_told_apart_as_duplicate_or_conflict() {
    let (mut stack, _) = yard(json!({})).await;
    tell_by_queue(&mut stack, &Story::new().start(0, 1_000)).await;
    let stored = stack.store.session(&only_session(&stack).await.id).await.unwrap().unwrap();
    let terms = stack.terms(&stored.session.terms).await.unwrap();
    let (again, utc) = (opening(&stored.session), jiff::tz::TimeZone::UTC);
    let mut other = again.clone();
    other.started.id_tag = "SOMEBODY".parse::<IdTag>().unwrap();
    for (opening, expected) in [(again, Nothing::Duplicate), (other, Nothing::Conflict)] {
        let before = stack.table.usage().round_trips;
        // Decided for a session that is not known here, so that the write's condition fails.
        let mut states = Vec::new();
        let update = stack.store.update(&stored.session.id, None, (at(1), &utc), |state| {
            states.push(state.is_some());
            decide(state, Event::Started(Box::new(opening.clone())), &terms)
        });
        assert_eq!(update.await.unwrap(), Updated::Unchanged(expected));
        assert_eq!(states, [false, true], "decided once in vain, and once on what is there");
        assert!(stack.table.usage().round_trips >= before + 2);
    }
    assert_eq!(stack.store.session(&stored.session.id).await.unwrap().unwrap(), stored);
}

#[tokio::test]
async fn f77_a_transaction_that_others_conflict_with_is_decided_again_on_what_they_wrote() {
    for conflicts in [1, 5] {
        let happened = through(&plain(), json!({}), |stack| {
            for _ in 0..conflicts {
                stack.table.inject(StoreFault::TransactionConflict);
            }
        })
        .await;
        billed_350(&happened);
        assert_eq!(moves(&happened.replayed.stack), (1, 1, 0, 0));
    }
}

#[tokio::test]
async fn f78_a_write_that_is_applied_and_not_answered_is_done_once_whichever_it_is() {
    let writes = |edge: Edge, operation: &str| {
        edge == Edge::Table && ["PutItem", "BatchWriteItem", "TransactWriteItems", "UpdateItem"].contains(&operation)
    };
    let undisturbed = through(&plain(), json!({}), |_| ()).await;
    let mut cells = 0;
    for place in 0.. {
        let (mut stack, sites) = yard(json!({})).await;
        let met = nth_goes_wrong(&stack, writes, (place, 1), LostAfter);
        let received = tell_by_queue(&mut stack, &plain()).await;
        if met.times() == 0 {
            break;
        }
        cells += 1;
        let happened = look_at(stack, received, &sites).await;
        as_without_fault(&happened, &undisturbed, &format!("write {place}"));
        billed_350(&happened);
    }
    assert!(cells > 10, "only {cells} writes");
}

#[tokio::test]
async fn f79_a_transaction_that_is_repeated_after_its_token_is_forgotten_posts_once() {
    // What settles is applied; nothing is heard of it for a quarter of an hour, longer than DynamoDB remembers tokens.
    let happened = through(&plain(), json!({}), |stack| {
        let (clock, mut lost_at) = (stack.clock.clone(), None);
        goes_wrong(stack, move |edge, operation| {
            if edge != Edge::Table || clock.now() < at(62) {
                return None;
            }
            let Some(lost_at) = lost_at else {
                let applied = operation == "TransactWriteItems";
                lost_at = applied.then(|| clock.now());
                return applied.then_some(LostAfter);
            };
            (clock.now() < lost_at + SignedDuration::from_mins(15)).then_some(LostBefore)
        });
    })
    .await;
    billed_350(&happened);
    let total = &happened.summary.money[0];
    assert_eq!((total.billed_minor, total.captured_minor), (350, 350), "the day's totals, kept beside, say the same");
}

#[tokio::test]
async fn f80_an_index_that_shows_what_was_decides_nothing() {
    let (mut stack, sites) = yard(json!({})).await;
    let story = idle();
    let received = story.count();
    // At every stage the index still shows the session as due, and so it is rung for, three times.
    for line in story.traffic().lines() {
        let told: Value = serde_json::from_str(line).unwrap();
        pass_to(&mut stack, told["received_at"].as_str().unwrap().parse().unwrap()).await;
        stack.hand_in(line).unwrap();
        pass_to(&mut stack, told["received_at"].as_str().unwrap().parse().unwrap()).await;
        let ring = serde_json::to_string(&Ring::Session(only_session(&stack).await.id)).unwrap();
        for _ in 0..3 {
            stack.queues.send("settle", &ring, SignedDuration::ZERO).unwrap();
        }
    }
    pass_to(&mut stack, at(161)).await;
    assert_eq!(moves(&stack).1, 0, "the bill is not made before its time");
    pass_to(&mut stack, at(26 * 60)).await;
    let happened = look_at(stack, received, &sites).await;
    as_without_fault(&happened, &through(&idle(), json!({}), |_| ()).await, "rung for in vain");
}

/// Tells a story and lets no time pass after it.
async fn tell(stack: &mut plugtill::stack::Stack, story: &Story) -> u64 {
    hand_in(stack, story).await;
    story.count()
}

#[tokio::test]
async fn f83_what_expires_too_early_or_never_changes_no_bill() {
    let undisturbed = through(&idle(), json!({}), |_| ()).await;
    for minute in [-1, 30, 61, 161, 163] {
        let (mut stack, sites) = yard(json!({})).await;
        let story = idle();
        let (early, late): (Vec<String>, Vec<String>) = story.traffic().lines().map(str::to_owned).partition(|line| {
            let told: Value = serde_json::from_str(line).unwrap();
            told["received_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() <= at(minute)
        });
        for (lines, until) in [(early, at(minute)), (late, at(60 * 24 * 60))] {
            for line in lines {
                let told: Value = serde_json::from_str(&line).unwrap();
                pass_to(&mut stack, told["received_at"].as_str().unwrap().parse().unwrap()).await;
                stack.hand_in(&line).unwrap();
            }
            pass_to(&mut stack, until).await;
            expire_all(&stack).await;
        }
        let happened = look_at(stack, idle().count(), &sites).await;
        // What joins a stop to its start may be gone by then: the connector that became free proves the same end.
        let what = format!("all that may expire has, at minute {minute}");
        assert_eq!(happened.session().bill, undisturbed.session().bill, "{what}");
        assert_eq!(moves(&happened.replayed.stack), moves(&undisturbed.replayed.stack), "{what}");
    }
}

/// Deletes whatever bears a time to live, however far off.
async fn expire_all(stack: &plugtill::stack::Stack) {
    let client = stack.table.sdk_client();
    let items = client.scan().table_name("plugtill").into_paginator().items().send();
    let items: Vec<_> = items.collect::<Result<Vec<_>, _>>().await.unwrap();
    for item in items.into_iter().filter(|item| item.contains_key("expires_at")) {
        let key = ["pk", "sk"].map(|name| (name.to_owned(), item[name].clone()));
        client.delete_item().table_name("plugtill").set_key(Some(key.into())).send().await.unwrap();
    }
}

#[tokio::test]
async fn f76_two_stops_that_are_decided_at_once_are_one_stop_and_a_conflict() {
    let (mut stack, sites) = yard(json!({})).await;
    let other = stop_body(7, 60, 12_000, "EVDisconnected");
    let mut received = tell(&mut stack, &Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected")).await;
    let stored = stack.store.session(&only_session(&stack).await.id).await.unwrap().unwrap();
    let terms = stack.terms(&stored.session.terms).await.unwrap();
    let (mut stale, utc) = (stored.session.clone(), jiff::tz::TimeZone::UTC);
    let mut stopped = stale.stopped.take().unwrap();
    stopped.register = Some(plugtill_domain::units::WattHours(12_000));
    let stale = plugtill_adapters::store::StoredSession { session: stale, version: stored.version - 1 };
    let update = stack.store.update(&stored.session.id, Some(stale), (at(61), &utc), |state| {
        let decision = decide(state.clone(), Event::Stopped(stopped.clone(), at(61)), &terms);
        assert_eq!(state.unwrap().stopped.is_none(), matches!(decision, Decision::Commit(_)));
        decision
    });
    assert_eq!(update.await.unwrap(), Updated::Unchanged(Nothing::Conflict));
    received += tell(&mut stack, &Story::new().call(at(62), "StopTransaction", &other)).await;
    pass_to(&mut stack, at(26 * 60)).await;
    billed_350(&look_at(stack, received, &sites).await);
}
