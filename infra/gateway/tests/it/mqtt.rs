//! Chargers and other clients on MQTT.

use std::time::Duration;

use plugtill_gateway::Uplink;
use rumqttc::{Event, LastWill, Packet, QoS};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::{connect, frame, gateway, hear, mqtt, mqtt_charger, next, presence, published, say, soon};

#[tokio::test]
async fn frames_go_both_ways_between_arrival_and_leave() {
    let (gateway, mut uplinks) = gateway().await;
    let (client, mut events) = mqtt_charger(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    client.publish("CP1/in", QoS::AtLeastOnce, false, "boot").await.unwrap();
    while !matches!(soon(events.poll()).await.unwrap(), Event::Incoming(Packet::PubAck(_))) {}
    assert_eq!(next(&mut uplinks).await, frame("CP1", "boot"));
    gateway.publish("CP1", "accepted").await.unwrap();
    assert_eq!(published(&mut events).await.payload, "accepted");
    drop((client, events));
    assert_eq!(next(&mut uplinks).await, presence("CP1", false));
}

#[tokio::test]
async fn a_socket_and_a_client_of_the_same_charger_meet_on_its_topics() {
    let (gateway, mut uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    let (client, mut events) = mqtt(&gateway, "CP1", "CP1", "secret");
    client.subscribe("CP1/+", QoS::AtMostOnce).await.unwrap();
    while !matches!(soon(events.poll()).await.unwrap(), Event::Incoming(Packet::SubAck(_))) {}

    client.publish("CP1/out", QoS::AtMostOnce, false, "reset").await.unwrap();
    assert_eq!(published(&mut events).await.topic, "CP1/out");
    assert_eq!(hear(&mut socket).await, "reset");

    say(&mut socket, "heartbeat").await;
    let seen = published(&mut events).await;
    assert_eq!((seen.topic.as_str(), &seen.payload[..]), ("CP1/in", &b"heartbeat"[..]));
    say(&mut socket, "second").await;
    assert_eq!(next(&mut uplinks).await, frame("CP1", "heartbeat"));
    assert_eq!(next(&mut uplinks).await, frame("CP1", "second"), "the copy on the topic is not a second frame");
}

#[tokio::test]
async fn only_chargers_with_their_password_and_name_connect() {
    let (gateway, _uplinks) = gateway().await;
    for (client, user, password) in
        [("CP1", "CP1", "wrong"), ("CP1", "CP2", "secret"), ("nobody", "nobody", "secret"), ("a+", "a+", "secret")]
    {
        let (_client, mut events) = mqtt(&gateway, client, user, password);
        assert!(soon(events.poll()).await.is_err(), "{client} {user}");
    }
    let (_client, mut events) = mqtt(&gateway, "CP1", "CP1", "secret");
    soon(events.poll()).await.expect("the listener is well afterwards");
}

#[tokio::test]
async fn other_names_topics_end_the_connection() {
    let (gateway, mut uplinks) = gateway().await;
    for topic in ["CP2/in", "CP2/out", "CP1", "CP1/in/x", "é/in"] {
        let (client, mut events) = mqtt_charger(&gateway, "CP1").await;
        client.publish(topic, QoS::AtMostOnce, false, "forged").await.unwrap();
        while soon(events.poll()).await.is_ok() {}
    }
    for filter in ["CP2/in", "#", "+/in", "CP1/#", "é/in"] {
        let (client, mut events) = mqtt_charger(&gateway, "CP1").await;
        client.subscribe(filter, QoS::AtMostOnce).await.unwrap();
        while soon(events.poll()).await.is_ok() {}
    }
    let (_client, mut events) = mqtt_charger(&gateway, "CP2").await;
    let mut forged = Vec::new();
    loop {
        match next(&mut uplinks).await {
            Uplink::Frame { charger, .. } => forged.push(charger),
            Uplink::Presence { charger, .. } if charger == "CP2" => break,
            Uplink::Presence { .. } => {}
        }
    }
    assert!(forged.is_empty(), "{forged:?}");
    gateway.publish("CP2", "well").await.unwrap();
    assert_eq!(published(&mut events).await.payload, "well");
}

#[tokio::test]
async fn wills_are_refused() {
    let (gateway, _uplinks) = gateway().await;
    let (_client, mut events) = mqtt(&gateway, "CP1", "CP1", "secret");
    events.mqtt_options.set_last_will(LastWill::new("CP1/in", "gone", QoS::AtMostOnce, false));
    assert!(soon(events.poll()).await.is_err());
}

#[tokio::test]
async fn a_newer_client_replaces_the_older_one() {
    let (gateway, mut uplinks) = gateway().await;
    let (_older, mut older) = mqtt_charger(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    let (newer, mut events) = mqtt_charger(&gateway, "CP1").await;
    while soon(older.poll()).await.is_ok() {}
    newer.publish("CP1/in", QoS::AtLeastOnce, false, "here").await.unwrap();
    while !matches!(soon(events.poll()).await.unwrap(), Event::Incoming(Packet::PubAck(_))) {}
    assert_eq!(next(&mut uplinks).await, frame("CP1", "here"), "the charger never left");
}

#[tokio::test]
async fn a_client_that_resets_while_it_is_judged_does_not_break_the_listener() {
    let (gateway, _uplinks) = gateway().await;
    for _ in 0..3 {
        let mut stream = TcpStream::connect(gateway.addresses().mqtt).await.unwrap();
        stream.write_all(b"\x10\x1e\0\x04MQTT\x04\xc2\0\x3c\0\x04slow\0\x04slow\0\x06secret").await.unwrap();
        sleep(Duration::from_millis(50)).await;
        stream.set_zero_linger().unwrap();
        drop(stream);
        sleep(Duration::from_millis(300)).await;
    }
    let mut connected = false;
    for _ in 0..10 {
        let (_client, mut events) = mqtt(&gateway, "CP1", "CP1", "secret");
        connected |= soon(events.poll()).await.is_ok();
    }
    assert!(connected, "new clients can connect");
}

#[tokio::test]
async fn a_client_that_leaves_with_a_full_queue_does_not_break_the_broker() {
    let (gateway, _uplinks) = gateway().await;
    for _ in 0..20 {
        let (client, mut events) = mqtt_charger(&gateway, "CP1").await;
        for _ in 0..1000 {
            gateway.publish("CP1", "x".repeat(1000)).await.unwrap();
        }
        client.disconnect().await.unwrap();
        while soon(events.poll()).await.is_ok() {}
    }
    sleep(Duration::from_millis(300)).await;
    gateway.publish("CP1", "well").await.expect("the broker is well");
    let (_client, mut events) = mqtt_charger(&gateway, "CP2").await;
    gateway.publish("CP2", "well").await.unwrap();
    assert_eq!(published(&mut events).await.payload, "well");
}

#[tokio::test]
async fn what_is_published_just_before_a_leave_arrives() {
    let (gateway, mut uplinks) = gateway().await;
    // As mosquitto_pub does: connect, publish, disconnect.
    let mut stream = TcpStream::connect(gateway.addresses().mqtt).await.unwrap();
    stream.write_all(b"\x10\x1c\0\x04MQTT\x04\xc2\0\x3c\0\x03CP1\0\x03CP1\0\x06secret").await.unwrap();
    stream.write_all(b"\x30\x0c\0\x06CP1/inboot\x30\x0c\0\x06CP1/inlast\xe0\0").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut came =
        [next(&mut uplinks).await, next(&mut uplinks).await, next(&mut uplinks).await, next(&mut uplinks).await];
    assert_eq!(came[0], presence("CP1", true));
    came.sort_by_key(|uplink| matches!(uplink, Uplink::Presence { .. }));
    assert_eq!(came[..2], [frame("CP1", "boot"), frame("CP1", "last")]);
}
