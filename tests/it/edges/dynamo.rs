//! DynamoDB embedded.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, Put, PutRequest, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, ScalarAttributeType,
    TransactWriteItem, WriteRequest,
};
use jiff::SignedDuration;
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::dynamo::{EmbeddedStore, StoreFault};

use super::{after_seconds, start};

const TABLE: &str = "till";

type Item = HashMap<String, AttributeValue>;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn item(pk: &str, sk: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

fn put(item: Item) -> Put {
    Put::builder().table_name(TABLE).set_item(Some(item)).build().unwrap()
}

fn transact(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

fn attribute(name: &str) -> AttributeDefinition {
    AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build().unwrap()
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

/// The project's shape: one table, and a sparse index over what is due.
async fn create_table(client: &Client) {
    let due = GlobalSecondaryIndex::builder()
        .index_name("due")
        .key_schema(key("due_shard", KeyType::Hash))
        .key_schema(key("due_at", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    let request = client.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    let request = ["pk", "sk", "due_shard", "due_at"]
        .into_iter()
        .fold(request, |request, name| request.attribute_definitions(attribute(name)));
    let request = request.key_schema(key("pk", KeyType::Hash)).key_schema(key("sk", KeyType::Range));
    request.global_secondary_indexes(due).send().await.unwrap();
}

async fn store() -> (EmbeddedStore, Client, VirtualClock) {
    let clock = VirtualClock::new(start());
    let store = EmbeddedStore::memory(clock.clone()).unwrap();
    let client = store.sdk_client();
    create_table(&client).await;
    (store, client, clock)
}

async fn put_item(client: &Client, item: Item) {
    let request = client.put_item().table_name(TABLE).set_item(Some(item));
    request.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
}

async fn exists(client: &Client, pk: &str, sk: &str) -> bool {
    let answer = client.get_item().table_name(TABLE).set_key(Some(item(pk, sk))).send().await.unwrap();
    answer.item.is_some()
}

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
async fn a_transaction_may_be_applied_although_its_answer_was_lost() {
    let (store, client, _) = store().await;
    store.inject_on("TransactWriteItems", StoreFault::DropAfter);
    let send = || {
        let posting = transact(put(item("session", "posting")));
        client.transact_write_items().client_request_token("once").transact_items(posting).send()
    };
    assert!(!exists(&client, "session", "posting").await, "the fault waits for its operation");
    let lost = send().await.unwrap_err();
    assert!(lost.as_service_error().is_none(), "a lost answer is no answer of the service");
    assert!(exists(&client, "session", "posting").await);
    send().await.expect("the same token finds the first outcome");
    assert_eq!(store.faults_waiting(), 0);
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
async fn faults_are_what_the_sdk_expects_and_nothing_is_applied() {
    let (store, client, _) = store().await;
    for fault in [StoreFault::ThrottleBefore, StoreFault::ServerErrorBefore, StoreFault::DropBefore] {
        store.inject(fault);
    }
    let send = || client.put_item().table_name(TABLE).set_item(Some(item("session", "head"))).send();
    let throttled = send().await.unwrap_err().into_service_error();
    assert!(throttled.is_provisioned_throughput_exceeded_exception());
    let failed = send().await.unwrap_err().into_service_error();
    assert!(failed.is_internal_server_error());
    assert!(send().await.unwrap_err().as_service_error().is_none());
    assert!(!exists(&client, "session", "head").await);
}

#[tokio::test]
async fn a_conflict_waits_for_a_transaction_and_names_each_action() {
    let (store, client, _) = store().await;
    store.inject(StoreFault::TransactionConflict);
    put_item(&client, item("session", "head")).await;
    let request = client.transact_write_items();
    let request = request.transact_items(transact(put(item("session", "a"))));
    let request = request.transact_items(transact(put(item("session", "b"))));
    let TransactWriteItemsError::TransactionCanceledException(cancelled) =
        request.send().await.unwrap_err().into_service_error()
    else {
        panic!("the transaction was not cancelled")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["TransactionConflict", "TransactionConflict"]);
    assert!(!exists(&client, "session", "a").await);
}

#[tokio::test]
async fn capacity_is_counted_as_aws_bills_it() {
    let (store, client, _) = store().await;
    put_item(&client, item("session", "head")).await;
    let usage = store.usage();
    assert_eq!((usage.write_unit_tenths, usage.read_unit_tenths, usage.unmetered), (10, 0, 0));

    let read = client.get_item().table_name(TABLE).set_key(Some(item("session", "head")));
    read.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await.unwrap();
    assert_eq!(store.usage().read_unit_tenths, 5, "half a unit: eventually consistent");

    let pair = client.transact_write_items().return_consumed_capacity(ReturnConsumedCapacity::Total);
    let pair = pair.transact_items(transact(put(item("session", "a"))));
    pair.transact_items(transact(put(item("session", "b")))).send().await.unwrap();
    assert_eq!(store.usage().write_unit_tenths, 10 + 40, "two units an item in a transaction");

    let refused = client.put_item().table_name(TABLE).set_item(Some(item("session", "head")));
    refused.condition_expression("attribute_not_exists(pk)").send().await.unwrap_err();
    assert_eq!(store.usage().write_unit_tenths, 10 + 40 + 10, "a refused write is billed");

    exists(&client, "session", "head").await;
    let usage = store.usage();
    assert_eq!((usage.unmetered, usage.round_trips), (1, 6), "the last read did not ask for its capacity");
}

#[tokio::test]
async fn an_item_in_an_index_costs_a_second_write() {
    let (store, client, _) = store().await;
    let mut due = item("session", "head");
    due.extend([("due_shard".to_owned(), text("0")), ("due_at".to_owned(), text("2027-01-15T08:01:00Z"))]);
    put_item(&client, due).await;
    assert_eq!(store.usage().write_unit_tenths, 20);
}

#[tokio::test]
async fn applied_writes_are_recorded_while_asked_for() {
    let (store, client, _) = store().await;
    store.record_writes(true);
    put_item(&client, item("session", "head")).await;
    exists(&client, "session", "head").await;
    store.inject(StoreFault::DropBefore);
    client.delete_item().table_name(TABLE).set_key(Some(item("session", "head"))).send().await.unwrap_err();
    store.record_writes(false);
    put_item(&client, item("session", "tail")).await;

    let writes = store.recorded_writes();
    let targets: Vec<_> = writes.iter().map(|write| write.target.as_str()).collect();
    assert_eq!(targets, ["PutItem"]);
    let body: serde_json::Value = serde_json::from_slice(&writes[0].body).unwrap();
    assert_eq!(body["Item"]["sk"]["S"], "head");
    assert!(store.recorded_writes().is_empty());
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
    let ttl = aws_sdk_dynamodb::types::TimeToLiveSpecification::builder().attribute_name("expires").enabled(true);
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
