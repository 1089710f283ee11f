//! What could not be used: shown, handed in once more, accepted, dropped.

use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::Outcome;
use plugtill_operator::{Answer, NewCharger, Request, Reviewing, Verdict, Waiting};
use plugtill_tests::{Story, at, site, stack, tell};
use serde_json::json;

async fn waiting(stack: &mut plugtill::stack::Stack, all: bool) -> Vec<Waiting> {
    let answer = stack.order(Request::Quarantine { since: Some(at(-60)), all }).await.unwrap();
    let Answer::Quarantine(waiting) = answer else { panic!("{answer:?}") };
    waiting
}

fn review(id: &Waiting, decision: Verdict, note: &str) -> Request {
    Request::Review(Reviewing { id: id.id.clone(), decision, note: note.to_owned(), by: "Ann".to_owned() })
}

#[tokio::test]
async fn messages_of_a_charger_that_is_added_later_are_handed_in_again_and_billed() {
    let mut stack = stack(&site(json!({}))).await;
    let told = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").traffic().replace("CP1/", "CP5/");
    for line in told.lines() {
        stack.deliver(vec![line.to_owned()]).await.unwrap();
    }
    stack.advance_to(at(61)).await.unwrap();
    let kept = waiting(&mut stack, false).await;
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().all(|one| one.charger == "CP5" && one.reason.contains("belongs to no site")), "{kept:?}");
    // In vain: it is back, and still to be seen.
    stack.order(review(&kept[0], Verdict::Retry, "")).await.unwrap();
    stack.advance_to(at(62)).await.unwrap();
    assert_eq!(waiting(&mut stack, false).await.len(), 3);
    let new = NewCharger {
        id: "CP5".parse().unwrap(),
        site: "yard".parse().unwrap(),
        connectors: serde_json::from_value(json!([{ "id": 1, "max_power_w": 22_000 }])).unwrap(),
        password: None,
        by: "Ann".to_owned(),
    };
    stack.order(Request::AddCharger(new)).await.unwrap();
    stack.forget_sites();
    for one in &kept {
        stack.order(review(one, Verdict::Retry, "")).await.unwrap();
    }
    stack.advance_to(at(120)).await.unwrap();
    assert_eq!(waiting(&mut stack, false).await, [] as [Waiting; 0]);
    let session = stack.store.latest_session(&"CP5".parse().unwrap(), ConnectorId(1), at(61)).await.unwrap().unwrap();
    assert_eq!((session.session.outcome, session.session.collected().minor()), (Outcome::Captured, 350));
}

#[tokio::test]
async fn f06_an_orphan_stop_waits_to_be_seen_and_is_completed_when_its_start_arrives() {
    let mut stack = stack(&site(json!({}))).await;
    let stop = Story::new().stop(60, 11_000, "EVDisconnected").traffic();
    stack.advance_to(at(60)).await.unwrap();
    stack.deliver(vec![stop.trim().to_owned()]).await.unwrap();
    let kept = waiting(&mut stack, false).await;
    assert!(kept.len() == 1 && kept[0].reason.contains("transaction 7 is not known"), "{kept:?}");
    stack.advance_to(at(90)).await.unwrap();
    for line in Story::new().start(0, 1_000).traffic().lines() {
        stack.deliver(vec![line.to_owned()]).await.unwrap();
    }
    assert_eq!(waiting(&mut stack, false).await, [] as [Waiting; 0]);
    let all = waiting(&mut stack, true).await;
    assert_eq!(all[0].review.as_ref().unwrap().note, "its start has come");
    stack.advance_to(at(100)).await.unwrap();
    let session = stack.store.latest_session(&"CP1".parse().unwrap(), ConnectorId(1), at(61)).await.unwrap().unwrap();
    assert_eq!((session.session.outcome, session.session.collected().minor()), (Outcome::Captured, 350));
}

#[tokio::test]
async fn what_is_accepted_or_dropped_needs_a_note_and_keeps_its_bytes() {
    let mut stack = stack(&site(json!({}))).await;
    tell(&mut stack, &Story::new().meter(5, "NaN", "Wh").meter(6, "12,5", "Wh")).await;
    let kept = waiting(&mut stack, false).await;
    assert_eq!(kept.len(), 2);
    let refused = stack.order(review(&kept[0], Verdict::Drop, " ")).await.unwrap_err().to_string();
    assert!(refused.starts_with("note: must not be empty"), "{refused}");
    stack.order(review(&kept[0], Verdict::Drop, "noise of a test")).await.unwrap();
    stack.order(review(&kept[1], Verdict::Accept, "seen")).await.unwrap();
    assert_eq!(waiting(&mut stack, false).await, [] as [Waiting; 0]);
    let all = waiting(&mut stack, true).await;
    assert_eq!(all.len(), 2);
    assert!(all[0].bytes.contains("NaN") && all[0].review.as_ref().unwrap().note == "noise of a test");
    let Answer::Audit(trail) = stack.order(Request::Audit { month: at(0) }).await.unwrap() else { panic!("audit") };
    assert!(
        trail.iter().any(|entry| entry.by == "Ann" && entry.order.contains("Dropped noise of a test")),
        "{trail:?}"
    );
}
