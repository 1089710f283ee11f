//! What the store promises when nothing goes wrong.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, PutRequest, ReturnValuesOnConditionCheckFailure, TimeToLiveSpecification, WriteRequest,
};
use jiff::SignedDuration;
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::dynamo::EmbeddedStore;

use super::{Item, TABLE, create_table, exists, item, put, put_item, store, text, transact};
use crate::edges::{after_seconds, start};

#[tokio::test]
async fn a_conditional_put_that_fails_returns_the_item_it_found() {
    let (_, client, _) = store().await;
    let mut first = item("session", "head");
    first.insert("version".to_owned(), AttributeValue::N("7".to_owned()));
    put_item(&client, first).await;

    let again = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item("session", "head")))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let PutItemError::ConditionalCheckFailedException(refused) = again.send().await.unwrap_err().into_service_error()
    else {
        panic!("the condition held")
    };
    assert_eq!(refused.item.unwrap()["version"], AttributeValue::N("7".to_owned()));
}

#[tokio::test]
async fn a_cancelled_transaction_says_which_action_was_refused_and_changes_nothing() {
    let (_, client, _) = store().await;
    put_item(&client, item("session", "head")).await;

    let fresh = transact(put(item("session", "posting")));
    let taken = Put::builder()
        .table_name(TABLE)
        .set_item(Some(item("session", "head")))
        .condition_expression("attribute_not_exists(pk)");
    let taken = transact(taken.build().unwrap());
    let answer = client.transact_write_items().transact_items(fresh).transact_items(taken).send().await;
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = answer.unwrap_err().into_service_error()
    else {
        panic!("the transaction was not cancelled")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert!(!exists(&client, "session", "posting").await);
}

#[tokio::test]
async fn a_batch_writes_25_items() {
    let (_, client, _) = store().await;
    let write = |n: u32| {
        let put = PutRequest::builder().set_item(Some(item("charger", &format!("meter-{n:02}")))).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let answer = client.batch_write_item().request_items(TABLE, (0..25).map(write).collect()).send().await.unwrap();
    assert!(answer.unprocessed_items.unwrap_or_default().is_empty());

    let too_many = client.batch_write_item().request_items(TABLE, (0..26).map(write).collect()).send().await;
    assert!(too_many.is_err());
    let all = client.scan().table_name(TABLE).send().await.unwrap();
    assert_eq!(all.count, 25);
}

#[tokio::test]
async fn a_query_continues_from_page_to_page_in_order() {
    let (_, client, _) = store().await;
    for n in 0..7 {
        put_item(&client, item("session", &format!("meter-{n}"))).await;
    }
    let pages = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk AND begins_with(sk, :kind)")
        .expression_attribute_values(":pk", text("session"))
        .expression_attribute_values(":kind", text("meter-"))
        .limit(3)
        .into_paginator()
        .items()
        .send();
    let items: Vec<Item> = pages.collect::<Result<_, _>>().await.unwrap();
    let order: Vec<_> = items.iter().map(|item| item["sk"].as_s().unwrap().as_str()).collect();
    assert_eq!(order, ["meter-0", "meter-1", "meter-2", "meter-3", "meter-4", "meter-5", "meter-6"]);
}

#[tokio::test]
async fn the_due_index_holds_only_items_that_are_due() {
    let (_, client, _) = store().await;
    put_item(&client, item("session-1", "head")).await;
    let mut due = item("session-2", "head");
    due.extend([("due_shard".to_owned(), text("0")), ("due_at".to_owned(), text("2027-01-15T08:01:00Z"))]);
    put_item(&client, due).await;

    let find = || {
        let query = client.query().table_name(TABLE).index_name("due").key_condition_expression("due_shard = :s");
        query.expression_attribute_values(":s", text("0")).send()
    };
    let found = find().await.unwrap();
    assert_eq!(found.items()[0]["pk"], text("session-2"));
    assert_eq!(found.count, 1);

    let done = client.update_item().table_name(TABLE).set_key(Some(item("session-2", "head")));
    done.update_expression("REMOVE due_shard, due_at").send().await.unwrap();
    assert_eq!(find().await.unwrap().count, 0);
}

#[tokio::test]
async fn a_token_protects_for_ten_minutes_of_the_virtual_clock() {
    let (_, client, clock) = store().await;
    let send = |sk: &str| {
        let posting = Put::builder()
            .table_name(TABLE)
            .set_item(Some(item("session", sk)))
            .condition_expression("attribute_not_exists(pk)");
        let posting = transact(posting.build().unwrap());
        client.transact_write_items().client_request_token("once").transact_items(posting).send()
    };
    send("posting").await.unwrap();
    clock.advance_to(after_seconds(599));
    send("posting").await.expect("still remembered");
    let other = send("another").await.unwrap_err().into_service_error();
    assert!(other.is_idempotent_parameter_mismatch_exception());
    clock.advance_to(after_seconds(600));
    let forgotten = send("posting").await.unwrap_err().into_service_error();
    assert!(forgotten.is_transaction_canceled_exception());
}

#[tokio::test]
async fn a_file_keeps_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("till.db");
    let first = EmbeddedStore::open(&path, VirtualClock::new(start())).unwrap();
    let client = first.sdk_client();
    create_table(&client).await;
    put_item(&client, item("session", "head")).await;
    drop((first, client));

    let again = EmbeddedStore::open(&path, VirtualClock::new(start())).unwrap();
    assert!(exists(&again.sdk_client(), "session", "head").await);
}

#[tokio::test]
async fn an_expired_item_goes_when_the_virtual_clock_has_passed_it() {
    let (store, client, clock) = store().await;
    let ttl = TimeToLiveSpecification::builder().attribute_name("expires").enabled(true);
    let request = client.update_time_to_live().table_name(TABLE).time_to_live_specification(ttl.build().unwrap());
    request.send().await.unwrap();
    let mut leaving = item("charger", "heartbeat");
    let expires = (start() + SignedDuration::from_mins(1)).as_second().to_string();
    leaving.insert("expires".to_owned(), AttributeValue::N(expires));
    put_item(&client, leaving).await;

    assert_eq!(store.expire().unwrap(), 0);
    clock.advance_to(after_seconds(61));
    assert_eq!(store.expire().unwrap(), 1);
}
