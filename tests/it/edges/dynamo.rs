//! DynamoDB embedded.

mod faults;
mod operations;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, Put, ReturnConsumedCapacity, ScalarAttributeType, TransactWriteItem,
};
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::dynamo::EmbeddedStore;

use super::start;

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
