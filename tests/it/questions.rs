//! A driver says that something is wrong with a session.

use http::StatusCode;
use plugtill::stack::Stack;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::Session;
use plugtill_operator::Answer;
use plugtill_tests::wrong::{Edge, Wrong, goes_wrong};
use plugtill_tests::{Story, tell};
use serde_json::{Value, json};

use crate::incidents::told_of;
use crate::portal::{get, path_of, post, told_by_stripe, wait};

const KIND: &str = "driver_asks";

async fn charged() -> (Stack, Session, String) {
    let (mut stack, _) = told_by_stripe(json!({})).await;
    let story = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available");
    tell(&mut stack, &story).await;
    let session = stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0);
    let page = path_of(&stack.session_page(&session.id)).to_owned();
    (stack, session, page)
}

async fn ask(stack: &mut Stack, page: &str, form: &str) -> StatusCode {
    post(stack, &format!("{page}/questions"), form).await.0
}

async fn order(stack: &mut Stack, order: Value) -> Answer {
    stack.order(serde_json::from_value(order).unwrap()).await.unwrap()
}

#[tokio::test]
async fn operators_are_told_once_what_a_driver_says_until_money_is_given_back() {
    let (mut stack, session, page) = charged().await;
    assert!(get(&mut stack, &page).await.1.contains("Is something wrong?"));
    assert_eq!(
        ask(&mut stack, &page, "words=The+cable+stuck%0D%0Afor+ten+minutes&reach=ann@mail.example").await,
        StatusCode::SEE_OTHER
    );
    assert_eq!(ask(&mut stack, &page, "words=Hello%3F").await, StatusCode::SEE_OTHER);
    wait(&mut stack, 5).await;
    assert_eq!(told_of(&stack, KIND), ["opened"]);
    let told = stack.topics.sent().into_iter().find(|sent| sent.attribute("kind") == KIND).unwrap();
    let words = "The cable stuck for ten minutes (ann@mail.example)";
    assert!(told.message.contains(words) && told.message.contains(&session.id.to_string()), "{}", told.message);
    let shown = get(&mut stack, &page).await.1;
    assert!(shown.contains("The operator has been told") && !shown.contains("<textarea"), "{shown}");

    let credit =
        json!({ "session": session.id, "id": "c1", "amount": "1.00", "reason": "cable", "by": "desk", "apply": true });
    // Sweep finds what nobody can be rung for: who orders may not even ring for alerts (`infra/aws/IAM.md`).
    let deaf = goes_wrong(&stack, |edge, _| (edge == Edge::Queues).then_some(Wrong::LostBefore));
    order(&mut stack, json!({ "credit": credit })).await;
    assert!(deaf.times() > 0);
    goes_wrong(&stack, |_, _| None);
    wait(&mut stack, 5).await;
    assert_eq!(told_of(&stack, KIND), ["opened", "recovered"]);
    assert_eq!(stack.store.session(&session.id).await.unwrap().unwrap().session.collected().minor(), 250);
    assert!(get(&mut stack, &page).await.1.contains("<textarea"), "and may ask again");
}

#[tokio::test]
async fn what_a_driver_said_is_told_them_on_request_and_forgotten_on_request() {
    let (mut stack, session, page) = charged().await;
    ask(&mut stack, &page, "words=Wrong+meter").await;
    let credit =
        json!({ "session": session.id, "id": "c1", "amount": "1.00", "reason": "meter", "by": "desk", "apply": true });
    order(&mut stack, json!({ "credit": credit })).await;
    wait(&mut stack, 5).await;
    ask(&mut stack, &page, "words=Still+wrong").await;
    wait(&mut stack, 60).await;
    let whose = json!({ "session": session.id });
    let Answer::Personal(known) = order(&mut stack, json!({ "export": whose })).await else { panic!() };
    assert_eq!(known.asked, ["Wrong meter", "Still wrong"]);
    let erase = json!({ "erase": { "whose": whose, "reason": "asked", "by": "desk", "apply": true } });
    let Answer::Erased(erased) = order(&mut stack, erase).await else { panic!() };
    assert!(erased.not_yet.is_empty(), "{erased:?}");
    let left = stack.store.questions(&session).await.unwrap();
    assert_eq!(left.iter().map(|incident| incident.facts.as_str()).collect::<Vec<_>>(), ["", ""]);
}

#[tokio::test]
async fn nothing_to_say_and_links_of_others_are_refused() {
    let (mut stack, _, page) = charged().await;
    assert_eq!(ask(&mut stack, &page, "words=+%0A+").await, StatusCode::BAD_REQUEST);
    let forged = format!("{page}x");
    assert_eq!(ask(&mut stack, &forged, "words=Hello").await, StatusCode::NOT_FOUND);
    wait(&mut stack, 5).await;
    assert!(told_of(&stack, KIND).is_empty());
}
