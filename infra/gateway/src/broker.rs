//! `rumqttd` in this process.
//!
//! What decides its settings, as read in 0.20:
//! - Its router is one thread. It hands a subscriber at most 200 messages, then waits until that one says that it is
//!   ready again; meanwhile the messages stay in the log of the subscription's filter. That log forgets its oldest
//!   segment when it is full, whether it was read or not, and keeps its size for good.
//! - To publish blocks while 1000 events wait for the router, so that happens on a thread of its own. `try_publish`
//!   fails then, *after* it has queued the message.
//! - Its `Broker` cannot be stopped; its parts, used in `listener`, can. Only the idle router thread stays until the
//!   process ends, since it holds a sender to itself.
//! - It panics when a client that it let go of asks for more: `confined` lets no client be let go of by DISCONNECT. It
//!   panics, too, at a topic that begins with a letter of several bytes, which no charger's name does.
//! - A client that resets its connection between CONNECT and CONNACK leaves a lock poisoned when it comes back, or one
//!   beyond `max_connections` does: then no client can connect any more. The listener is renewed when that happens.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::thread;

use bytes::Bytes;
use futures_util::FutureExt;
use rumqttd::local::{LinkRx, LinkTx};
use rumqttd::protocol::{Packet, Publish, PublishProperties};
use rumqttd::{RouterConfig, SegmentConfig};
use tokio::sync::{mpsc, oneshot, watch};

use super::confined::Attendance;
use super::listener::Listener;
use super::{Authenticator, GatewayError};

/// How much of `+/in` and of `+/out` the broker keeps for a slow reader, each: 64 MiB.
pub const LOG_BYTES: usize = 64 * SEGMENT_BYTES;

const SEGMENT_BYTES: usize = 1024 * 1024;

/// `+/in`, with a third level that may be missing: nobody else can subscribe to it, and its log is its own.
pub(super) const UPLINKS: &str = "+/in/#";

/// `+/out`, likewise.
pub(super) const DOWNLINKS: &str = "+/out/#";

/// How much of each topic that clients subscribe to is kept for a slow one.
const TOPIC_LOG: SegmentConfig = SegmentConfig { max_segment_size: 64 * 1024, max_segment_count: 4 };

/// How many publications wait for the router before their senders do.
const PUBLICATIONS_WAITING: usize = 1024;

/// `rumqttd` gives no answer to one more, so there are plenty.
const MAX_CONNECTIONS: usize = 10_000;

/// The end of the broker's publishing thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BrokerGone;

/// The way into the broker.
pub(super) struct Broker {
    publications: mpsc::Sender<Packet>,
}

/// What is heard from the broker.
pub(super) struct Ears {
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// `+/in`.
    pub(super) uplinks: LinkRx,
    /// `+/out`.
    pub(super) downlinks: LinkRx,
    /// Who comes and goes by MQTT. Unbounded, as it is sent from where nothing can wait: one message a connection.
    pub(super) attendance: mpsc::UnboundedReceiver<Attendance>,
}

impl Broker {
    /// Starts the broker, which ends when `stop` says so.
    pub(super) async fn start(
        address: SocketAddr,
        authenticator: Authenticator,
        stop: watch::Receiver<bool>,
    ) -> Result<(Self, Ears), GatewayError> {
        let address = free(address)?;
        let (come_and_go, attendance) = mpsc::unbounded_channel();
        let (ready, started) = oneshot::channel();
        let listener = Listener::new(address, authenticator, come_and_go, stop);
        let listening = move || listener.run(ready);
        thread::Builder::new().name("gateway-mqtt".into()).spawn(listening).map_err(|error| failed(&error))?;
        let links = started.await.map_err(|error| failed(&error))?;
        let (publisher, uplinks, downlinks) = links.map_err(|error| failed(&error))?;
        let (publications, waiting) = mpsc::channel(PUBLICATIONS_WAITING);
        let publishing = move || publish_all(publisher, waiting);
        thread::Builder::new().name("gateway-publish".into()).spawn(publishing).map_err(|error| failed(&error))?;
        Ok((Self { publications }, Ears { address, uplinks, downlinks, attendance }))
    }

    /// Publishes.
    pub(super) async fn publish(&self, topic: String, payload: Bytes) -> Result<(), BrokerGone> {
        self.send(topic, payload, None).await
    }

    /// Publishes a copy of what the back end has already. The mark, properties of MQTT 5, cannot come from a client of
    /// this MQTT 3.1.1 listener.
    pub(super) async fn show(&self, topic: String, payload: Bytes) -> Result<(), BrokerGone> {
        self.send(topic, payload, Some(PublishProperties::default())).await
    }

    async fn send(&self, topic: String, payload: Bytes, mark: Option<PublishProperties>) -> Result<(), BrokerGone> {
        let publish = Publish::new(Bytes::from(topic), payload, false);
        self.publications.send(Packet::Publish(publish, mark)).await.map_err(|_| BrokerGone)
    }
}

fn failed(reason: &impl ToString) -> GatewayError {
    GatewayError::BrokerFailed { reason: reason.to_string() }
}

/// The address with a free port for 0. It is let go of again, because `rumqttd` binds for itself; what is wrong with it
/// is known here with its cause.
fn free(address: SocketAddr) -> Result<SocketAddr, GatewayError> {
    let found = std::net::TcpListener::bind(address).and_then(|listener| listener.local_addr());
    found.map_err(|source| GatewayError::Listen { service: "MQTT", address, source })
}

/// Logs of [`LOG_BYTES`] for [`UPLINKS`] and [`DOWNLINKS`], and short ones for what clients may subscribe to: those
/// filters have two levels (see `confined`).
pub(super) fn router() -> RouterConfig {
    RouterConfig {
        max_connections: MAX_CONNECTIONS,
        max_outgoing_packet_count: 200,
        max_segment_size: SEGMENT_BYTES,
        max_segment_count: LOG_BYTES / SEGMENT_BYTES,
        custom_segment: Some(HashMap::from([("+/+".to_owned(), TOPIC_LOG)])),
        ..RouterConfig::default()
    }
}

fn publish_all(mut link: LinkTx, mut waiting: mpsc::Receiver<Packet>) {
    while let Some(packet) = waiting.blocking_recv() {
        // It is `async` by its signature only: it blocks until the router takes it.
        if let Some(Err(error)) = link.send(packet).now_or_never() {
            tracing::error!(%error, "the MQTT broker has ended: start the gateway again");
            return;
        }
    }
}
