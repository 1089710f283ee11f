//! How much a partition is written, and how much an item holds.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use plugtill::edges::dynamo::RecordedWrite;
use plugtill_tests::wrong::{hand_in, pass_to};
use plugtill_tests::{Story, at, look_at, site, stack};
use serde_json::{Value, json};

use super::{billed_350, moves, plain, yard};

/// The write units that a recorded request costs each partition, by its key and by that of the due-index.
fn units(write: &RecordedWrite) -> Vec<(String, u64)> {
    let body: Value = serde_json::from_slice(&write.body).unwrap();
    let transaction = body["TransactItems"].as_array().into_iter().flatten();
    let many = body["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values());
    let many = many.flat_map(|requests| requests.as_array().into_iter().flatten());
    let one = (write.target == "PutItem" || write.target == "UpdateItem").then_some(&body);
    let items = transaction.map(|it| (2, it)).chain(many.map(|it| (1, it))).chain(one.map(|it| (1, it)));
    let mut found = Vec::new();
    for (times, request) in items {
        let request =
            ["Put", "Update", "Delete", "PutRequest"].into_iter().find_map(|it| request.get(it)).unwrap_or(request);
        let item = request.get("Item").or_else(|| request.get("Key")).unwrap();
        // A unit for each kilobyte, twice in a transaction; the index is written whenever its keys change.
        let size = u64::try_from(item.to_string().len()).unwrap();
        found.push((item["pk"]["S"].as_str().unwrap().to_owned(), times * size.div_ceil(1_024)));
        if let Some(shard) = item.get("due_shard") {
            found.push((format!("due-index, shard {}", shard["S"].as_str().unwrap()), times));
        }
    }
    found
}

#[tokio::test]
async fn f81_no_partition_is_hotter_than_stripe_is_fast() {
    const SITES: usize = 10;
    const CHARGERS: usize = 5;
    let mut all = Vec::new();
    for number in 0..SITES {
        let charger =
            |it: usize| json!({ "id": format!("S{number}C{it}"), "connectors": [{ "id": 1, "max_power_w": 22_000 }] });
        let chargers: Vec<Value> = (0..CHARGERS).map(charger).collect();
        all.extend(site(json!({ "id": format!("site{number}"), "chargers": chargers })));
    }
    let mut stack = stack(&all).await;
    stack.table.record_writes(true);
    for line in plain().traffic().lines() {
        let told: Value = serde_json::from_str(line).unwrap();
        pass_to(&mut stack, told["received_at"].as_str().unwrap().parse().unwrap()).await;
        for (number, charger) in (0..SITES).flat_map(|number| (0..CHARGERS).map(move |charger| (number, charger))) {
            stack.hand_in(&line.replace("CP1/", &format!("S{number}C{charger}/"))).unwrap();
        }
    }
    pass_to(&mut stack, at(26 * 60)).await;
    let sessions = u64::try_from(SITES * CHARGERS).unwrap();
    assert_eq!(moves(&stack).1, sessions);
    let mut by_partition = BTreeMap::<String, u64>::new();
    for (partition, units) in stack.table.recorded_writes().iter().flat_map(units) {
        *by_partition.entry(partition).or_default() += units;
    }
    let (hottest, most) = by_partition.iter().max_by_key(|(_, units)| **units).unwrap();
    // A partition takes 1,000 write units a second (docs.aws.amazon.com, "partition key design").
    let a_second = 1_000 * sessions / most;
    println!(
        "hottest of {}: {hottest}, {most} units for {sessions} sessions: {a_second} sessions a second",
        by_partition.len()
    );
    assert!(a_second >= 100, "{hottest} takes {a_second} sessions a second; Stripe takes 100 requests");
    let of_a_site = by_partition.iter().filter(|(partition, _)| partition.contains("site3"));
    for (partition, units) in of_a_site {
        let each = units / u64::try_from(CHARGERS).unwrap();
        assert!(each <= 20, "{partition}: {each} units a session of this site");
    }
}

#[tokio::test]
async fn f82_more_samples_than_an_item_holds_are_several_items_and_none_is_lost() {
    // 300 samples of 2 KB within a quarter of an hour, in one message of a gateway's.
    let mut random = fastrand::Rng::with_seed(7);
    let mut story = Story::new();
    for number in 0..300_i64 {
        let when = at(10) + SignedDuration::from_secs(number * 2);
        let noise: String = std::iter::repeat_with(|| random.alphanumeric()).take(2_000).collect();
        let sample = json!({ "value": (2_000 + number).to_string(), "context": noise });
        let values = json!([{ "timestamp": when.to_string(), "sampledValue": [sample] }]);
        let body = json!({ "connectorId": 1, "transactionId": 7, "meterValue": values });
        story = story.call(when, "MeterValues", &body);
    }
    let (mut stack, sites) = yard(json!({})).await;
    let mut received = tell(&mut stack, &Story::new().start(0, 1_000)).await;
    let traffic = story.traffic();
    let lines: Vec<&str> = traffic.lines().collect();
    let frames = aws_smithy_types::base64::encode(format!("[{}]", lines.join(",")));
    let gathered = json!({ "frames_base64": frames, "gateway": "gw1", "received_at": at(30).as_millisecond() });
    stack.table.record_writes(true);
    pass_to(&mut stack, at(30)).await;
    stack.deliver(vec![gathered.to_string()]).await.unwrap();
    received += lines.len() as u64;
    let largest = stack.table.recorded_writes().iter().map(|write| write.body.len()).max().unwrap();
    assert!(largest < 25 * 400_000, "{largest}");
    received += tell(&mut stack, &Story::new().stop(60, 11_000, "EVDisconnected")).await;
    pass_to(&mut stack, at(26 * 60)).await;
    let happened = look_at(stack, received, &sites).await;
    billed_350(&happened);
    let kept = happened.replayed.stack.store.evidence(happened.session()).await.unwrap();
    assert_eq!(kept.iter().filter(|kept| kept.frame.contains("MeterValues")).count(), 300);
    let items =
        happened.replayed.stack.table.sdk_client().scan().table_name("plugtill").into_paginator().items().send();
    let items: Vec<_> = items.collect::<Result<_, _>>().await.unwrap();
    let gathered = items.iter().filter(|item| item.contains_key("frames")).count();
    assert!(gathered >= 2, "{gathered} item of 600 KB");
}

/// Tells a story and lets no time pass after it.
async fn tell(stack: &mut plugtill::stack::Stack, story: &Story) -> u64 {
    hand_in(stack, story).await;
    story.count()
}
