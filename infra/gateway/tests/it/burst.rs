//! All chargers at once: every frame is counted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use plugtill_gateway::Uplink;
use rumqttc::{Event, Packet, QoS};
use tokio::sync::Barrier;
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{connect, gateway, hear, mqtt_charger, soon};

/// Receives so many frames, with a rest after each 10,000, and returns how many came of each charger. Each charger's have
/// to be in order.
async fn count(uplinks: &mut Receiver<Uplink>, frames: usize) -> HashMap<String, usize> {
    let mut counts = HashMap::<String, usize>::new();
    let mut received = 0;
    while received < frames {
        let uplink = timeout(Duration::from_secs(10), uplinks.recv()).await;
        if let Uplink::Frame { charger, frame } = uplink.expect("lost: nothing for 10 seconds").unwrap() {
            let of_charger = counts.entry(charger).or_default();
            assert_eq!(std::str::from_utf8(&frame).unwrap(), of_charger.to_string());
            *of_charger += 1;
            received += 1;
            if received % 10_000 == 0 {
                sleep(Duration::from_millis(300)).await;
            }
        }
    }
    counts
}

/// Nothing comes twice: what follows is silence, or somebody leaving.
async fn nothing_more(uplinks: &mut Receiver<Uplink>) {
    while let Ok(Some(uplink)) = timeout(Duration::from_millis(300), uplinks.recv()).await {
        assert!(matches!(uplink, Uplink::Presence { .. }), "{uplink:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_sockets_lose_nothing_to_a_slow_receiver() {
    let (gateway, mut uplinks) = gateway().await;
    let start = Arc::new(Barrier::new(1001));
    for charger in 0..1000 {
        let mut socket = connect(&gateway, &format!("CP{charger}")).await;
        let start = Arc::clone(&start);
        tokio::spawn(async move {
            start.wait().await;
            for i in 0..50 {
                socket.send(Message::text(i.to_string())).await.unwrap();
            }
            while socket.next().await.is_some() {}
        });
    }
    start.wait().await;
    let started = Instant::now();
    let counts = count(&mut uplinks, 50_000).await;
    println!("50,000 frames of 1,000 sockets took {:?}", started.elapsed());
    assert!(counts.len() == 1000 && counts.values().all(|&count| count == 50));
    nothing_more(&mut uplinks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mqtt_clients_lose_nothing_to_a_slow_receiver() {
    let (gateway, mut uplinks) = gateway().await;
    let start = Arc::new(Barrier::new(201));
    for charger in 0..200 {
        let (client, mut events) = mqtt_charger(&gateway, &format!("CP{charger}")).await;
        let turn = Arc::clone(&start);
        tokio::spawn(async move {
            turn.wait().await;
            for i in 0..250 {
                client.publish(format!("CP{charger}/in"), QoS::AtLeastOnce, false, i.to_string()).await.unwrap();
            }
            std::future::pending::<()>().await;
        });
        tokio::spawn(async move { while events.poll().await.is_ok() {} });
    }
    start.wait().await;
    let started = Instant::now();
    let counts = count(&mut uplinks, 50_000).await;
    println!("50,000 frames of 200 MQTT clients took {:?}", started.elapsed());
    assert!(counts.len() == 200 && counts.values().all(|&count| count == 250));
    nothing_more(&mut uplinks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_frames_for_one_socket_arrive_in_order() {
    let (gateway, _uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    // Answered pings say that the line is open: only then is it sent to.
    socket.send(Message::Ping("".into())).await.unwrap();
    soon(socket.next()).await.unwrap().unwrap();
    for i in 0..1000 {
        gateway.publish("CP1", i.to_string()).await.unwrap();
    }
    for i in 0..1000 {
        assert_eq!(hear(&mut socket).await, i.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_frames_for_one_client_arrive_in_order() {
    let (gateway, _uplinks) = gateway().await;
    let (_client, mut events) = mqtt_charger(&gateway, "CP1").await;
    for i in 0..1000 {
        gateway.publish("CP1", i.to_string()).await.unwrap();
    }
    let mut expected = 0;
    while expected < 1000 {
        if let Event::Incoming(Packet::Publish(publish)) = soon(events.poll()).await.unwrap() {
            assert_eq!(publish.payload, expected.to_string());
            expected += 1;
        }
    }
}
