//! What goes wrong on demand, what is counted and what is kept.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use plugtill::edges::dynamo::StoreFault;

use super::{TABLE, exists, item, put, put_item, store, text, transact};

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
