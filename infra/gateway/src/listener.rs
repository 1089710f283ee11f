//! The MQTT listener's thread: it holds the broker's router, serves clients, and is renewed when it breaks.

use std::net::SocketAddr;
use std::sync::Arc;

use rumqttd::local::{LinkBuilder, LinkError, LinkRx, LinkTx};
use rumqttd::{ConnectionSettings, LinkType, Notification, Router, Server, ServerSettings};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::broker::{DOWNLINKS, UPLINKS, router};
use super::charger_id;
use super::confined::{Attendance, Confined};
use super::{Authenticator, MAX_FRAME_BYTES, Verdict, stopped};

/// How long a client may take to say who it is, in milliseconds.
const CONNECTING_MS: u16 = 10_000;

/// The way into the router, and the two ways out.
pub(super) type Links = (LinkTx, LinkRx, LinkRx);

/// Where the thread says that it listens, or why it cannot.
pub(super) type Ready = oneshot::Sender<Result<Links, String>>;

/// What the thread needs.
pub(super) struct Listener {
    settings: ServerSettings,
    protocol: Confined,
    broken: Arc<Notify>,
    stop: watch::Receiver<bool>,
}

impl Listener {
    /// Called on the runtime where `authenticator` is to judge.
    pub(super) fn new(
        address: SocketAddr,
        authenticator: Authenticator,
        come_and_go: mpsc::UnboundedSender<Attendance>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let broken = Arc::new(Notify::new());
        let protocol = Confined::new(come_and_go, Arc::clone(&broken));
        Self { settings: settings(address, authenticator), protocol, broken, stop }
    }

    /// Serves until the gateway stops, on a runtime of its own: `rumqttd` blocks it for a moment at each new connection,
    /// and leaves no way to end connections but to end their runtime.
    pub(super) fn run(self, ready: Ready) {
        match Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(self.serve(ready)),
            // Where nobody waits for the answer, the gateway was dropped.
            Err(error) => drop(ready.send(Err(error.to_string()))),
        }
    }

    async fn serve(self, ready: Ready) {
        let router = Router::new(0, router()).spawn();
        let link = |name: &str| LinkBuilder::new(name, router.clone()).build().map_err(Box::new);
        let links = links(link).map_err(|error| error.to_string());
        let mut first = Some((ready, links));
        loop {
            let mut server = Server::new(self.settings.clone(), router.clone(), self.protocol.clone());
            let listening = async {
                if let Some((ready, links)) = first.take() {
                    drop(ready.send(links));
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                // In this order: the server's first step is to bind, so after that step it listens.
                biased;
                ended = server.start(LinkType::Remote) => return cannot_listen(&ended, first),
                () = listening => {}
                () = self.broken.notified() => tracing::warn!("the MQTT listener broke, and is renewed"),
                () = stopped(self.stop.clone()) => return,
            }
        }
    }
}

/// Tells who starts the gateway, or the log when it runs already.
fn cannot_listen(reason: &impl std::fmt::Debug, first: Option<(Ready, Result<Links, String>)>) {
    if let Some((ready, _)) = first {
        drop(ready.send(Err(format!("{reason:?}"))));
    } else {
        tracing::error!(?reason, "the MQTT listener has ended: start the gateway again");
    }
}

/// Links to the router. Their names have blanks, so that no charger can take them over by connecting with one.
fn links(
    link: impl Fn(&str) -> Result<(LinkTx, LinkRx, Notification), Box<LinkError>>,
) -> Result<Links, Box<LinkError>> {
    let (mut publisher, uplinks, _) = link("gateway in")?;
    let (mut other, downlinks, _) = link("gateway out")?;
    publisher.subscribe(UPLINKS)?;
    other.subscribe(DOWNLINKS)?;
    Ok((publisher, uplinks, downlinks))
}

fn settings(address: SocketAddr, authenticator: Authenticator) -> ServerSettings {
    let connections = ConnectionSettings {
        connection_timeout_ms: CONNECTING_MS,
        // The frame with its topic and packet id.
        max_payload_size: MAX_FRAME_BYTES + 128,
        // What one read brought is one batch, see `confined`.
        max_inflight_count: usize::MAX,
        auth: None,
        external_auth: None,
        dynamic_filters: false,
    };
    let (name, next_connection_delay_ms) = ("gateway".to_owned(), 0);
    let mut settings = ServerSettings { name, listen: address, tls: None, next_connection_delay_ms, connections };
    let back_end = Handle::current();
    settings.set_auth_handler(move |client, user, password| {
        let known = client == user && charger_id::check(&user).is_ok();
        let authenticator = Arc::clone(&authenticator);
        let judging = known.then(|| back_end.spawn(async move { authenticator(user, password).await }));
        async move {
            match judging {
                Some(judging) => matches!(judging.await, Ok(Verdict::Welcome)),
                None => false,
            }
        }
    });
    settings
}
