//! Versions beside each other: what an older or a newer one has written is read, and a session that runs across a deployment or
//! a rollback is billed like any other.

use aws_sdk_dynamodb::types::AttributeValue;
use plugtill::stack::Stack;
use plugtill_tests::wrong::{hand_in, pass_to};
use plugtill_tests::{Story, at, look_at};
use serde_json::{Value, json};

use super::{as_without_fault, billed_350, only_session, plain, through, yard};

/// What a version may leave out that did not know it yet: whatever is as it is by default.
fn as_an_older_version_wrote_it(mut head: Value) -> Value {
    let fields = head.as_object_mut().unwrap();
    fields.retain(|_, value| !value.is_null() && *value != json!([]) && *value != json!(false));
    for payment in head["payments"].as_array_mut().into_iter().flatten() {
        payment.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    head
}

/// What a version may add that this one does not know.
fn as_a_newer_version_wrote_it(mut head: Value) -> Value {
    head["loyalty"] = json!({ "points": 12, "tier": ["gold"] });
    head["started"]["vehicle"] = json!("unknown to this version");
    for payment in head["payments"].as_array_mut().into_iter().flatten() {
        payment["network"] = json!("visa");
    }
    head
}

/// Has the only session's head written by somebody else, as they would have.
async fn rewritten(stack: &Stack, change: fn(Value) -> Value) {
    let head = change(serde_json::to_value(only_session(stack).await).unwrap());
    let client = stack.table.sdk_client();
    let all = client.scan().table_name("plugtill").send().await.unwrap().items.unwrap();
    let is_head = |sk: &AttributeValue| sk.as_s().unwrap().starts_with("s#");
    let mut item = all.into_iter().find(|item| is_head(&item["sk"])).unwrap();
    item.insert("doc".to_owned(), AttributeValue::S(head.to_string()));
    client.put_item().table_name("plugtill").set_item(Some(item)).send().await.unwrap();
}

#[tokio::test]
async fn f95_a_session_that_another_version_has_written_goes_on_and_is_billed() {
    let undisturbed = through(&plain(), json!({}), |_| ()).await;
    for change in [as_an_older_version_wrote_it, as_a_newer_version_wrote_it] as [fn(Value) -> Value; 2] {
        let (mut stack, sites) = yard(json!({})).await;
        hand_in(&mut stack, &Story::new().start(0, 1_000)).await;
        // After the hold, after the stop, after the capture.
        rewritten(&stack, change).await;
        let rest = Story::new().meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected").status(60, "Available");
        hand_in(&mut stack, &rest).await;
        rewritten(&stack, change).await;
        pass_to(&mut stack, at(70)).await;
        rewritten(&stack, change).await;
        pass_to(&mut stack, at(26 * 60)).await;
        let happened = look_at(stack, plain().count(), &sites).await;
        billed_350(&happened);
        as_without_fault(&happened, &undisturbed, "written by another version thrice");
    }
}

#[tokio::test]
async fn f95_a_message_with_fields_of_a_later_version_is_read_for_what_this_one_knows() {
    let body = json!({ "connectorId": 1, "idTag": "TAG1", "meterStart": 1000, "timestamp": at(0).to_string(),
        "customData": { "vendorId": "org.openchargealliance" }, "tariffId": "T-2030" });
    let answer = json!([3, "s", { "transactionId": 7, "idTagInfo": { "status": "Accepted", "language1": "nl" } }]);
    let story =
        Story::new().frame("in", at(0), &json!([2, "s", "StartTransaction", body])).frame("out", at(0), &answer);
    let happened = story.stop(60, 11_000, "EVDisconnected").happens(json!({})).await;
    billed_350(&happened);
    assert_eq!(happened.summary.messages.quarantined, 0);
}
