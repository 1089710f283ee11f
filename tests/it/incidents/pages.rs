//! The page of an incident, as a browser asks for it.

use http::StatusCode;
use plugtill_tests::{Story, at, site, stack};
use serde_json::json;

use super::{tell_only, told_of, until};
use crate::portal::{get, path_of, post};

#[tokio::test]
async fn who_acknowledges_by_the_link_of_the_message_stops_the_reminders() {
    let mut stack = stack(&site(json!({ "alerts": { "language": "de" } }))).await;
    tell_only(&mut stack, &Story::new().status(0, "Faulted")).await;
    until(&mut stack, 5).await;
    let sent = stack.topics.sent().remove(0);
    let link = sent.text().split_whitespace().last().unwrap().to_owned();
    assert!(sent.message.contains(&link), "the mail has it too");
    let (status, page) = get(&mut stack, path_of(&link)).await;
    assert_eq!(status, StatusCode::OK);
    for words in ["lang=\"de\"", "Störung an der Ladestation", "GroundFailure: Es fließt Strom zur Erde", "Ihr Name"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
    let (status, ..) = post(&mut stack, path_of(&link), "by=").await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "somebody has to put a name to it");
    let (status, _, location) = post(&mut stack, path_of(&link), "by=Night+shift+%3Cb%3E").await;
    assert_eq!((status, location.as_deref()), (StatusCode::SEE_OTHER, Some(path_of(&link))));
    let (_, page) = get(&mut stack, path_of(&link)).await;
    assert!(page.contains("Night shift &lt;b&gt; kümmert sich darum") && !page.contains("<form"), "{page}");
    until(&mut stack, 3 * 24 * 60).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened"], "nobody is reminded");
    tell_only(&mut stack, &Story::new().status(3 * 24 * 60, "Available")).await;
    until(&mut stack, 3 * 24 * 60 + 10).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened", "recovered"]);
    let (_, page) = get(&mut stack, path_of(&link)).await;
    assert!(page.contains("Night shift"), "the page stays when it is over");
}

#[tokio::test]
async fn a_page_of_an_incident_that_is_over_does_not_acknowledge_the_next() {
    let mut stack = stack(&site(json!({}))).await;
    tell_only(&mut stack, &Story::new().status(0, "Faulted").status(5, "Available").status(60, "Faulted")).await;
    until(&mut stack, 65).await;
    let sent = stack.topics.sent();
    let link = sent[0].text().split_whitespace().last().unwrap().to_owned();
    post(&mut stack, path_of(&link), "by=late").await;
    until(&mut stack, 60 + 40).await;
    assert_eq!(told_of(&stack, "charger_fault"), ["opened", "recovered", "opened", "escalated"]);
    assert_eq!(sent[0].at, at(2));
}

#[tokio::test]
async fn a_name_that_nobody_was_sent_leads_nowhere() {
    let mut stack = stack(&site(json!({}))).await;
    tell_only(&mut stack, &Story::new().status(0, "Faulted")).await;
    until(&mut stack, 5).await;
    for path in ["/i/AAAAAAAAAAAA", "/i/%23", "/i/charger_fault%23yard%23CP1%231"] {
        assert_eq!(get(&mut stack, path).await.0, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(post(&mut stack, path, "by=x").await.0, StatusCode::NOT_FOUND, "{path}");
    }
}
