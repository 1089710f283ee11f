//! A gateway, its chargers and its back end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use plugtill_gateway::{Authenticator, Gateway, Options, Uplink, Verdict};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, Publish, QoS};
use tokio::net::TcpStream;
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::client::{ClientRequestBuilder, IntoClientRequest};
use tokio_tungstenite::tungstenite::http::{Request, Uri};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) fn options() -> Options {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    Options { mqtt: any, websocket: any, ..Options::default() }
}

/// Every charger is known but `nobody`; the password is `secret`. Judging `slow` takes 200 ms.
pub(crate) fn authenticator() -> Authenticator {
    Arc::new(|charger, password| {
        Box::pin(async move {
            if charger == "slow" {
                sleep(Duration::from_millis(200)).await;
            }
            match (charger.as_str(), password.as_str()) {
                ("nobody", _) => Verdict::UnknownCharger,
                (_, "secret") => Verdict::Welcome,
                (_, _) => Verdict::WrongPassword,
            }
        })
    })
}

pub(crate) async fn gateway() -> (Gateway, Receiver<Uplink>) {
    Gateway::start(options(), authenticator()).await.unwrap()
}

pub(crate) fn frame(charger: &str, frame: &str) -> Uplink {
    Uplink::Frame { charger: charger.into(), frame: frame.to_owned().into() }
}

pub(crate) fn presence(charger: &str, connected: bool) -> Uplink {
    Uplink::Presence { charger: charger.into(), connected }
}

/// Fails a test that would wait for ever.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(10), future).await.expect("nothing came for 10 seconds")
}

pub(crate) async fn next(uplinks: &mut Receiver<Uplink>) -> Uplink {
    soon(uplinks.recv()).await.expect("the receiver has ended")
}

/// A handshake; `charger` is the path and the user name.
pub(crate) fn request(gateway: &Gateway, charger: &str, password: &str, subprotocols: &[&str]) -> Request<()> {
    use base64::Engine;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{charger}:{password}"));
    let uri: Uri = format!("ws://{}/{charger}", gateway.addresses().websocket).parse().unwrap();
    let builder = ClientRequestBuilder::new(uri).with_header("Authorization", format!("Basic {basic}"));
    let offer = |builder: ClientRequestBuilder, offered: &&str| builder.with_sub_protocol(*offered);
    subprotocols.iter().fold(builder, offer).into_client_request().unwrap()
}

pub(crate) async fn connect(gateway: &Gateway, charger: &str) -> Socket {
    let request = request(gateway, charger, "secret", &["ocpp1.6"]);
    soon(tokio_tungstenite::connect_async(request)).await.unwrap().0
}

/// The status, a header and the text of a refused handshake.
pub(crate) async fn refusal(request: Request<()>) -> (u16, bool, String) {
    let error = soon(tokio_tungstenite::connect_async(request)).await.unwrap_err();
    let Error::Http(response) = error else { panic!("not refused but {error}") };
    let text = String::from_utf8(response.body().clone().unwrap_or_default()).unwrap();
    (response.status().as_u16(), response.headers().contains_key("www-authenticate"), text)
}

pub(crate) async fn say(socket: &mut Socket, text: impl Into<String>) {
    socket.send(Message::text(text.into())).await.unwrap();
}

/// The next text; pings are passed over.
pub(crate) async fn hear(socket: &mut Socket) -> String {
    loop {
        if let Message::Text(text) = soon(socket.next()).await.unwrap().unwrap() {
            return text.to_string();
        }
    }
}

/// How the socket is closed from the other side.
pub(crate) async fn closed(socket: &mut Socket) -> CloseFrame {
    loop {
        if let Message::Close(frame) = soon(socket.next()).await.unwrap().unwrap() {
            return frame.unwrap();
        }
    }
}

/// An MQTT client; its event loop has to be polled.
pub(crate) fn mqtt(gateway: &Gateway, client: &str, user: &str, password: &str) -> (AsyncClient, EventLoop) {
    let address = gateway.addresses().mqtt;
    let mut options = MqttOptions::new(client, address.ip().to_string(), address.port());
    options.set_credentials(user, password).set_keep_alive(Duration::from_mins(1));
    AsyncClient::new(options, 100)
}

/// An MQTT client that is connected and hears `<charger>/out`.
pub(crate) async fn mqtt_charger(gateway: &Gateway, charger: &str) -> (AsyncClient, EventLoop) {
    let (client, mut events) = mqtt(gateway, charger, charger, "secret");
    client.subscribe(format!("{charger}/out"), QoS::AtMostOnce).await.unwrap();
    while !matches!(soon(events.poll()).await.unwrap(), Event::Incoming(Packet::SubAck(_))) {}
    (client, events)
}

/// What is published to an MQTT client next.
pub(crate) async fn published(events: &mut EventLoop) -> Publish {
    loop {
        if let Event::Incoming(Packet::Publish(publish)) = soon(events.poll()).await.unwrap() {
            return publish;
        }
    }
}
