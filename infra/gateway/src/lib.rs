//! The edge where real chargers connect: an MQTT broker with the topics of AWS IoT, and OCPP-J over WebSocket.
//!
//! A charger sends to `<charger>/in` and is sent `<charger>/out`; the payload is the OCPP-J frame as text. A charger
//! on a WebSocket appears on the same topics.
//!
//! **Nothing is lost between a WebSocket and the receiver.** Its frames are handed to the receiver directly, through a
//! bounded channel that makes the socket wait, and a marked copy goes to the broker for others to see. The way through
//! the broker alone could not promise that: `rumqttd` never makes a publisher wait for a subscriber, so one that is
//! slower than its log is long skips what was overwritten. Its log for `+/in` is 64 MiB here, see [`LOG_BYTES`]; that
//! is what a charger on MQTT has between itself and the receiver, and a gap is logged as an error.
//!
//! **Names are kept apart.** `rumqttd` has no rules about topics without client certificates, so the gateway reads
//! each client's packets: user name and client id are the charger's, and to publish or subscribe to anything but
//! `<charger>/` and one level more, or to leave a will, ends the connection. Passwords cross the network in the clear:
//! both listeners are on loopback by default, and belong behind TLS elsewhere.
//!
//! **`rumqttd` 0.20 can panic**, and what is known of it is kept away from it: see `broker`. One known case is left:
//! a client that is replaced by another of its name while 200 messages wait for it stops the router if debug assertions
//! are on (set `[profile.dev.package.rumqttd] debug-assertions = false`). Frames from sockets arrive even then, and
//! [`Gateway::publish`] says [`GatewayError::BrokerGone`], from the second frame on.
//!
//! # Layout, in reading order
//! - `error`: what can go wrong
//! - `uplink`: what the back end receives, and who is present
//! - `charger_id`: which names are safe in a path and in a topic
//! - `auth`: who may connect; HTTP Basic credentials
//! - `endpoint`: the WebSocket handshake and its refusals
//! - `socket`: the life of one WebSocket
//! - `sockets`: all of them, by charger
//! - `broker`: `rumqttd` in this process
//! - `listener`: its MQTT side, renewed when it breaks
//! - `confined`: what one MQTT client may do
//! - `links`: from the broker to the receiver and to the sockets

mod auth;
mod broker;
mod charger_id;
mod confined;
mod endpoint;
mod error;
mod links;
mod listener;
mod socket;
mod sockets;
mod uplink;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub use auth::{Authenticator, Verdict};
use broker::Broker;
pub use broker::LOG_BYTES;
pub use charger_id::ChargerIdError;
pub use endpoint::SUBPROTOCOLS;
pub use error::GatewayError;
pub use socket::MAX_FRAME_BYTES;
use sockets::Sockets;
use uplink::BackEnd;
pub use uplink::Uplink;

/// How many uplinks wait for the receiver before sockets are made to wait.
const UPLINKS_WAITING: usize = 1024;

/// How long [`Gateway::stop`] waits for chargers to say goodbye, and for the receiver to take what they sent.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where to listen and how patient to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Where MQTT 3.1.1 is spoken; port 0 takes a free one.
    pub mqtt: SocketAddr,
    /// Where OCPP-J is spoken over WebSocket; port 0 takes a free one.
    pub websocket: SocketAddr,
    /// The time between two pings to a WebSocket.
    pub ping: Duration,
    /// A WebSocket from which nothing comes for so long, not even a pong, is dropped.
    pub silence: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mqtt: (Ipv4Addr::LOCALHOST, 1883).into(),
            websocket: (Ipv4Addr::LOCALHOST, 9000).into(),
            ping: Duration::from_secs(30),
            silence: Duration::from_secs(90),
        }
    }
}

/// What the gateway listens on, with the ports that were free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// MQTT.
    pub mqtt: SocketAddr,
    /// OCPP-J over WebSocket.
    pub websocket: SocketAddr,
}

/// What sockets, topics and the back end have in common.
struct Edge {
    authenticator: Authenticator,
    back_end: BackEnd,
    sockets: Sockets,
    broker: Broker,
    options: Options,
}

/// The running edge. Dropping it stops it too, without waiting.
pub struct Gateway {
    edge: Arc<Edge>,
    addresses: Addresses,
    stopping: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Listens on both addresses; what chargers send comes out of the receiver.
    ///
    /// # Errors
    /// An address cannot be listened on, or the broker does not start.
    pub async fn start(
        options: Options,
        authenticator: Authenticator,
    ) -> Result<(Self, mpsc::Receiver<Uplink>), GatewayError> {
        let (uplinks, receiver) = mpsc::channel(UPLINKS_WAITING);
        let (stopping, stop) = watch::channel(false);
        let websocket = TcpListener::bind(options.websocket).await.map_err(|source| GatewayError::Listen {
            service: "WebSocket",
            address: options.websocket,
            source,
        })?;
        let (broker, ears) = Broker::start(options.mqtt, Arc::clone(&authenticator), stop.clone()).await?;
        let addresses = Addresses { mqtt: ears.address, websocket: address_of(&websocket, options.websocket)? };
        let (back_end, sockets) = (BackEnd::new(uplinks), Sockets::default());
        let edge = Arc::new(Edge { authenticator, back_end, sockets, broker, options });
        let tasks = vec![
            tokio::spawn(endpoint::run(websocket, Arc::clone(&edge), stop.clone())),
            tokio::spawn(links::uplinks(ears.uplinks, ears.attendance, Arc::clone(&edge), stop.clone())),
            tokio::spawn(links::downlinks(ears.downlinks, Arc::clone(&edge), stop)),
        ];
        Ok((Self { edge, addresses, stopping, tasks }, receiver))
    }

    /// Where it listens.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Publishes a frame to `<charger>/out`. That it was published does not say that the charger is there to take it.
    ///
    /// # Errors
    /// The name is no charger's, or the broker has ended.
    pub async fn publish(&self, charger: &str, frame: impl Into<Bytes>) -> Result<(), GatewayError> {
        charger_id::check(charger)?;
        let published = self.edge.broker.publish(format!("{charger}/out"), frame.into()).await;
        published.map_err(|_| GatewayError::BrokerGone { charger: charger.to_owned() })
    }

    /// Closes every WebSocket with code 1001 (going away) and both listeners, and waits for that, at most 5 seconds.
    /// Keep receiving meanwhile: afterwards the receiver ends with `None`.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        let ended = async {
            for task in self.tasks {
                // A task that panicked has ended as well.
                let _ = task.await;
            }
            self.edge.sockets.all_closed().await;
        };
        if timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("stopped without waiting longer for chargers or for the receiver of uplinks");
        }
    }
}

fn address_of(listener: &TcpListener, address: SocketAddr) -> Result<SocketAddr, GatewayError> {
    listener.local_addr().map_err(|source| GatewayError::Listen { service: "WebSocket", address, source })
}

/// Resolves when the gateway is stopped, or dropped.
async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error says that the sender is gone, and the gateway with it.
    let _ = stop.wait_for(|stopping| *stopping).await;
}
