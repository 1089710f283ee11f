//! What the product costs above writing: a replay, and the same writes again through the same SDK client.
//!
//! `cargo bench -p plugtill-tests --bench replay [-- FILE SITE.json]`; without a file it bills generated sessions.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::body::SdkBody;
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::dynamo::{EmbeddedStore, RecordedWrite};
use plugtill::replay::replay;
use plugtill::site_file;
use plugtill::stack::Options;
use plugtill::traffic::Traffic;
use plugtill_adapters::store::{Item, Store};
use plugtill_tests::{Story, at, site};
use serde_json::json;

const TABLE: &str = "plugtill";
const SESSIONS: i64 = 2_000;
const READINGS: i64 = 20;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sessions of an hour with a reading every three minutes, one after the other.
fn generated() -> String {
    let mut traffic = String::new();
    for number in 0..SESSIONS {
        let (minute, register) = (number * 70, number * 10_000);
        let mut story = Story::new().status(minute, "Preparing").start_as("TAG1", number, minute, register);
        for reading in 1..=READINGS {
            let (at_minute, value) = (minute + reading * 3, register + reading * 500);
            story = story.meter_in(number, at_minute, &value.to_string(), "Wh");
        }
        let stop = plugtill_tests::stop_body(number, minute + 60, register + 10_000, "EVDisconnected");
        let story = story.call(at(minute + 60), "StopTransaction", &stop).status(minute + 61, "Available");
        let _ = write!(traffic, "{}", story.traffic());
    }
    traffic
}

/// Everything a table holds.
async fn stored_items(client: &Client) -> Result<Vec<Item>, Box<dyn Error>> {
    let (mut items, mut next) = (Vec::new(), None);
    loop {
        let page = client.scan().table_name(TABLE).set_exclusive_start_key(next.take()).send().await?;
        items.extend(page.items.unwrap_or_default());
        match page.last_evaluated_key {
            Some(key) => next = Some(key),
            None => return Ok(items),
        }
    }
}

async fn empty_table() -> Result<(Client, Store), Box<dyn Error>> {
    let client = EmbeddedStore::memory(VirtualClock::new(at(0)))?.sdk_client();
    let store = Store::new(client.clone(), TABLE, 1);
    store.create_table().await?;
    Ok((client, store))
}

/// The same write requests, one by one: the SDK's whole way to the store, with the recorded body instead of a new one.
/// The table must hold the same items afterwards, or the comparison is none.
async fn send_again(writes: Vec<RecordedWrite>, expected_items: usize) -> Result<f64, Box<dyn Error>> {
    let (client, _) = empty_table().await?;
    let began = Instant::now();
    for RecordedWrite { target, body } in writes {
        let get = client.get_item().table_name(TABLE).key("pk", text()).key("sk", text());
        let write = get.customize().mutate_request(move |request| {
            request.headers_mut().insert("x-amz-target", format!("DynamoDB_20120810.{target}"));
            *request.body_mut() = SdkBody::from(body.clone());
        });
        // A write's answer is no GetItem's, so the client cannot read it; what it did is counted below.
        let _ = write.send().await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let stored = stored_items(&client).await?.len();
    if stored != expected_items {
        return Err(format!("sent again, the writes leave {stored} items instead of {expected_items}").into());
    }
    Ok(seconds)
}

fn text() -> AttributeValue {
    AttributeValue::S("x".to_owned())
}

/// What is stored in the end, each item once, with a request of its own.
async fn store_one_by_one(items: &[Item]) -> Result<f64, Box<dyn Error>> {
    let (client, _) = empty_table().await?;
    let began = Instant::now();
    for item in items {
        client.put_item().table_name(TABLE).set_item(Some(item.clone())).send().await?;
    }
    Ok(began.elapsed().as_secs_f64())
}

/// The same in bulk.
async fn store_in_bulk(items: Vec<Item>) -> Result<f64, Box<dyn Error>> {
    let (_, store) = empty_table().await?;
    let began = Instant::now();
    for chunk in items.chunks(25) {
        store.file(chunk.to_vec()).await?;
    }
    Ok(began.elapsed().as_secs_f64())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let (traffic, sites) = match arguments.as_slice() {
        [file, site_path] => (Traffic::open(Path::new(file))?, site_file::read(Path::new(site_path))?),
        _ => (Traffic::of(generated()), site(json!({ "idle": null }))),
    };
    let never = AtomicBool::new(false);
    let began = Instant::now();
    let options = Options { record_writes: true, ..Options::default() };
    let replayed = replay(traffic, &sites, options, &never, |_| ()).await?;
    let product = began.elapsed().as_secs_f64();
    let (writes, received) = (replayed.stack.table.recorded_writes(), replayed.received);
    let items = stored_items(&replayed.stack.table.sdk_client()).await?;
    drop(replayed);
    let (requests, count) = (writes.len(), items.len());
    let again = send_again(writes, count).await?;
    let one_by_one = store_one_by_one(&items).await?;
    let bulk = store_in_bulk(items).await?;
    println!("replay                               {product:>8.2} s   {received} messages");
    println!("the same {requests:>7} write requests       {again:>8.2} s   ratio {:.2}", product / again);
    println!("the {count:>7} stored items, one by one  {one_by_one:>8.2} s   ratio {:.2}", product / one_by_one);
    println!("the {count:>7} stored items, in bulk     {bulk:>8.2} s   ratio {:.2}", product / bulk);
    Ok(())
}
