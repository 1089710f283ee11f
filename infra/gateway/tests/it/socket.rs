//! One charger on a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use plugtill_gateway::{Gateway, GatewayError, MAX_FRAME_BYTES, Options};
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{authenticator, closed, connect, frame, gateway, hear, next, options, presence, say, soon};

#[tokio::test]
async fn frames_go_both_ways_between_arrival_and_leave() {
    let (gateway, mut uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    say(&mut socket, r#"[2,"1","Heartbeat",{}]"#).await;
    assert_eq!(next(&mut uplinks).await, frame("CP1", r#"[2,"1","Heartbeat",{}]"#));
    gateway.publish("CP1", r#"[3,"1",{}]"#).await.unwrap();
    assert_eq!(hear(&mut socket).await, r#"[3,"1",{}]"#);
    socket.close(None).await.unwrap();
    assert_eq!(next(&mut uplinks).await, presence("CP1", false));
}

#[tokio::test]
async fn the_last_frames_before_a_leave_arrive() {
    let (gateway, mut uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    say(&mut socket, "last").await;
    drop(socket);
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    assert_eq!(next(&mut uplinks).await, frame("CP1", "last"));
    assert_eq!(next(&mut uplinks).await, presence("CP1", false));
}

#[tokio::test]
async fn a_newer_connection_replaces_the_older_one() {
    let (gateway, mut uplinks) = gateway().await;
    let mut older = connect(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    let mut newer = connect(&gateway, "CP1").await;
    let end = closed(&mut older).await;
    assert_eq!((end.code, end.reason.as_str()), (CloseCode::Policy, "replaced by a newer connection of this charger"));
    gateway.publish("CP1", "to the newer").await.unwrap();
    assert_eq!(hear(&mut newer).await, "to the newer");
    say(&mut newer, "from the newer").await;
    assert_eq!(next(&mut uplinks).await, frame("CP1", "from the newer"), "the charger never left");
}

#[tokio::test]
async fn the_largest_frame_passes_and_a_larger_one_closes() {
    let (gateway, mut uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    let largest = "x".repeat(MAX_FRAME_BYTES);
    say(&mut socket, largest.as_str()).await;
    assert_eq!(next(&mut uplinks).await, frame("CP1", &largest));
    say(&mut socket, "x".repeat(MAX_FRAME_BYTES + 1)).await;
    let end = closed(&mut socket).await;
    assert_eq!((end.code, end.reason.as_str()), (CloseCode::Size, "a frame of 65537 bytes: at most 65536 are taken"));
    assert_eq!(next(&mut uplinks).await, presence("CP1", false));
}

#[tokio::test]
async fn far_too_large_frames_end_the_socket() {
    let (gateway, mut uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    // Whether it can still be written depends on when the other side stops reading.
    let _ = socket.send(Message::text("x".repeat(16 * MAX_FRAME_BYTES))).await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", false));
}

#[tokio::test]
async fn binary_frames_are_not_ocpp() {
    let (gateway, _uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    socket.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(closed(&mut socket).await.code, CloseCode::Unsupported);
}

#[tokio::test]
async fn pings_are_answered() {
    let (gateway, _uplinks) = gateway().await;
    let mut socket = connect(&gateway, "CP1").await;
    socket.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(soon(socket.next()).await.unwrap().unwrap(), Message::Pong("are you there".into()));
}

#[tokio::test]
async fn chargers_are_pinged_and_silent_ones_dropped() {
    let (ping, silence) = (Duration::from_millis(100), Duration::from_millis(500));
    let patience = Options { ping, silence, ..options() };
    let (gateway, mut uplinks) = Gateway::start(patience, authenticator()).await.unwrap();
    let mut answering = connect(&gateway, "CP1").await;
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    let silent = connect(&gateway, "CP2").await;
    assert_eq!(next(&mut uplinks).await, presence("CP2", true));
    let polling = tokio::spawn(async move { while let Some(Ok(Message::Ping(_))) = answering.next().await {} });
    assert_eq!(next(&mut uplinks).await, presence("CP2", false), "only who answers pings stays");
    assert!(!polling.is_finished());
    drop(silent);
}

#[tokio::test]
async fn stopping_says_going_away_and_ends_the_receiver() {
    let (gateway, mut uplinks) = gateway().await;
    let addresses = gateway.addresses();
    let mut socket = connect(&gateway, "CP1").await;
    let charger = tokio::spawn(async move { closed(&mut socket).await });
    gateway.stop().await;
    assert_eq!(charger.await.unwrap().code, CloseCode::Away);
    assert_eq!(next(&mut uplinks).await, presence("CP1", true));
    assert_eq!(next(&mut uplinks).await, presence("CP1", false));
    assert_eq!(soon(uplinks.recv()).await, None);
    for address in [addresses.mqtt, addresses.websocket] {
        TcpListener::bind(address).await.expect("nobody listens there any more");
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    for options in [Options { mqtt: address, ..options() }, Options { websocket: address, ..options() }] {
        let error = Gateway::start(options, authenticator()).await.err().unwrap();
        assert!(matches!(&error, GatewayError::Listen { .. }));
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_published_to_a_wildcard() {
    let (gateway, _uplinks) = gateway().await;
    assert!(matches!(gateway.publish("+", "x").await, Err(GatewayError::ChargerId(_))));
}
