//! Who may connect, and what the others are told.

use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::{gateway, refusal, request, soon};

#[tokio::test]
async fn each_version_of_ocpp_is_spoken() {
    let (gateway, _uplinks) = gateway().await;
    for (offered, chosen) in [
        (&["ocpp1.6"][..], "ocpp1.6"),
        (&["ocpp2.0.1"], "ocpp2.0.1"),
        (&["ocpp2.1"], "ocpp2.1"),
        (&["ocpp1.5", "ocpp2.1", "ocpp1.6"], "ocpp2.1"),
    ] {
        let (_, answer) = soon(connect_async(request(&gateway, "CP1", "secret", offered))).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], chosen, "{offered:?}");
    }
}

#[tokio::test]
async fn without_a_common_version_both_sides_are_named() {
    let (gateway, _uplinks) = gateway().await;
    let (status, _, text) = refusal(request(&gateway, "CP1", "secret", &["ocpp1.5", "soap"])).await;
    assert_eq!(status, 400);
    assert_eq!(text, r#"no subprotocol in common: offered ["ocpp1.5", "soap"], known are ocpp1.6, ocpp2.0.1, ocpp2.1"#);
    assert_eq!(refusal(request(&gateway, "CP1", "secret", &[])).await.0, 400);
}

#[tokio::test]
async fn wrong_and_missing_passwords_are_challenged() {
    let (gateway, _uplinks) = gateway().await;
    let (status, challenged, text) = refusal(request(&gateway, "CP1", "wrong", &["ocpp1.6"])).await;
    assert_eq!((status, challenged), (401, true));
    assert!(text.contains("\"CP1\"") && !text.contains("wrong"), "{text}");
    let bare = format!("ws://{}/CP1", gateway.addresses().websocket).into_client_request().unwrap();
    assert_eq!(refusal(bare).await.0, 401);
}

#[tokio::test]
async fn the_user_name_is_the_charger_in_the_path() {
    let (gateway, _uplinks) = gateway().await;
    let mut other = request(&gateway, "CP2", "secret", &["ocpp1.6"]);
    *other.uri_mut() = format!("ws://{}/CP1", gateway.addresses().websocket).parse().unwrap();
    assert_eq!(refusal(other).await.0, 401);
}

#[tokio::test]
async fn unknown_chargers_are_told_so() {
    let (gateway, _uplinks) = gateway().await;
    let (status, _, text) = refusal(request(&gateway, "nobody", "secret", &["ocpp1.6"])).await;
    assert_eq!(status, 404);
    assert!(text.contains("no charger \"nobody\" is registered"), "{text}");
}

#[tokio::test]
async fn unsafe_names_are_refused() {
    let (gateway, _uplinks) = gateway().await;
    for (id, said) in [
        ("CP+1", "means any charger in MQTT"),
        ("+", "means any charger in MQTT"),
        ("CP%231", "'#'"),
        ("CP%2Fin", "'/'"),
        ("CP%C3%A9", "'é'"),
        (&"x".repeat(49), "this one has 49"),
    ] {
        let (status, _, text) = refusal(request(&gateway, id, "secret", &["ocpp1.6"])).await;
        assert_eq!(status, 400, "{id}");
        assert!(text.contains(said), "{id}: {text}");
    }
    assert_eq!(refusal(request(&gateway, "ocpp/CP1", "secret", &["ocpp1.6"])).await.0, 404);
}
