//! `plugtill serve`: the product on this machine with real chargers, on the machine's own time.
//!
//! Chargers connect by MQTT or WebSocket (`infra/gateway`); what they send goes through the same handlers as on AWS, and
//! what is published for them goes out the way they came.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::clock::Clock;
use plugtill_adapters::envelope::text;
use plugtill_adapters::store::{Directory, Store};
use plugtill_adapters::transport::HttpsTransport;
use plugtill_domain::ids::ChargerId;
use plugtill_gateway::{Authenticator, Gateway, GatewayError, Uplink, Verdict};
use plugtill_operator::OrderError;
use serde_json::json;
use tokio::sync::mpsc;

use crate::mail::{MailArguments, MailError, Mailer};
use crate::site_file::{self, SiteFileError};
use crate::stack::{Options, RemoteStripe, Stack, StackError, Subscribers};
use crate::stripe_simulator::Disturbance;
use crate::{alerts, pay_page, reconciliation, users};

/// How often the clock is looked at when no charger says anything.
const BEAT: Duration = Duration::from_millis(200);
/// How often work is looked for that others left in the table: drivers at the portal, commands of operators.
const LOOK: SignedDuration = SignedDuration::from_secs(2);
/// How often what has passed its time to live is deleted.
const EXPIRE: SignedDuration = SignedDuration::from_hours(1);
/// The most messages handled at once.
const BATCH: usize = 256;

/// Where to listen, and what to serve.
#[derive(Debug, clap::Args)]
pub struct ServeArguments {
    /// The site file. Left out, the sites that the data directory knows are served.
    #[arg(long, value_name = "SITE.json")]
    pub site: Option<PathBuf>,
    /// Keep everything in this directory.
    #[arg(long, value_name = "DIR", default_value = "plugtill-data")]
    pub data: PathBuf,
    /// Where chargers speak MQTT.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:1883")]
    pub mqtt: SocketAddr,
    /// Where chargers speak OCPP-J over WebSocket, at `/<charger>`.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    pub ocpp: SocketAddr,
    /// Where drivers find their pages.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub http: SocketAddr,
    /// The address that drivers know these pages by, where it is another: behind a proxy, say.
    #[arg(long, value_name = "URL")]
    pub portal_url: Option<String>,
    /// Mail to operators.
    #[command(flatten)]
    pub mail: MailArguments,
    /// End by itself after this long, e.g. `20s` or `5m`.
    #[arg(long = "for", value_name = "DURATION")]
    pub run_for: Option<SignedDuration>,
}

/// Why it stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The site file cannot be used.
    #[error(transparent)]
    Site(#[from] SiteFileError),
    /// The stack cannot go on.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// Chargers cannot be listened to.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// No mail can be sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// Nobody can be let sign in.
    #[error(transparent)]
    Access(#[from] OrderError),
    /// The pages cannot be served.
    #[error("{address}: pages cannot be served there: {source}; choose another with --http")]
    Http {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// Serves until it is asked to stop.
///
/// # Errors
/// When an address is taken, the site file is wrong or the store fails.
pub async fn run(arguments: ServeArguments, remote: Option<RemoteStripe>, stop: &AtomicBool) -> Result<(), ServeError> {
    let sites = arguments.site.as_deref().map(site_file::read).transpose()?.unwrap_or_default();
    let mailer = Mailer::start(&arguments.mail)?;
    let wall = Clock::system();
    let http = |source| ServeError::Http { address: arguments.http, source };
    let listener = tokio::net::TcpListener::bind(arguments.http).await.map_err(http)?;
    let bound = listener.local_addr().map_err(http)?;
    let portal_url = arguments.portal_url.clone().unwrap_or_else(|| format!("http://{bound}"));
    let options = options(wall.now(), &arguments, remote, &portal_url);
    let mut stack = Box::pin(Stack::start(&options, &sites)).await?;
    if let Err(error) = stack.check_alerts().await {
        tracing::error!(%error, "it is not known whether alerts reach anybody");
    }
    let listen = plugtill_gateway::Options { mqtt: arguments.mqtt, websocket: arguments.ocpp, ..Default::default() };
    let (gateway, mut uplinks) = Gateway::start(listen, authenticator(stack.store.clone(), wall.clone())).await?;
    let at = gateway.addresses();
    stack.chargers_connect_at(vec![format!("ws://{}", at.websocket), format!("mqtt://{}", at.mqtt)]);
    let mut router = stack.portal().merge(stack.console());
    if !stack.remote {
        stack.stripe.show_pages_at(format!("{portal_url}{}", pay_page::PATH));
        router = pay_page::router(Arc::clone(&stack.stripe)).merge(router);
    }
    let pages = tokio::spawn(axum::serve(listener, router).into_future());
    greet(&mut stack, &gateway, &portal_url, &arguments).await?;
    let until = arguments.run_for.map(|duration| wall.now() + duration);
    let mut received = 0;
    let (mut look_at, mut expire_at) = (wall.now(), wall.now());
    let mut compare_at = reconciliation::next_morning(wall.now());
    while !stop.load(Ordering::Relaxed) && until.is_none_or(|until| wall.now() < until) {
        let bodies = next(&mut uplinks, &wall).await;
        received += bodies.len();
        let now = wall.now();
        if now >= look_at {
            stack.look_for_work();
            look_at = now + LOOK;
        }
        if now >= expire_at {
            expire(&stack);
            expire_at = now + EXPIRE;
        }
        if now >= compare_at {
            reconciliation::every_morning(&mut stack, now).await;
            compare_at = reconciliation::next_morning(now);
        }
        // A store that another process keeps busy is asked again: what is due stays due, and what was not stored was not
        // answered, so that the charger says it again.
        if let Err(error) = step(&mut stack, now, bodies).await {
            tracing::error!(%error, "not all could be done; it is tried again");
        }
        send(&stack, &gateway).await?;
        tell(&stack, mailer.as_ref());
    }
    pages.abort();
    leave(gateway, uplinks).await;
    if let Some(mailer) = mailer {
        mailer.finish().await;
    }
    stack.save(&options)?;
    println!("{received} messages received");
    Ok(())
}

/// Sends the chargers away. What they still say meanwhile is said again when they come back: it was not answered.
async fn leave(gateway: Gateway, mut uplinks: mpsc::Receiver<Uplink>) {
    let drain = async { while uplinks.recv().await.is_some() {} };
    tokio::join!(gateway.stop(), drain);
}

/// Says where everybody finds what is theirs.
async fn greet(
    stack: &mut Stack,
    gateway: &Gateway,
    portal_url: &str,
    arguments: &ServeArguments,
) -> Result<(), ServeError> {
    let addresses = gateway.addresses();
    println!("chargers  ws://{}/<charger>  and  mqtt://{}", addresses.websocket, addresses.mqtt);
    println!("drivers   {portal_url}");
    println!("operators {portal_url}/console");
    if let Some((name, password)) = users::first(stack).await? {
        println!("sign in   as {name} with the password {password}  (shown this once)");
    }
    println!("data      {}  (Ctrl-C ends)", arguments.data.display());
    Ok(())
}

fn options(start: Timestamp, arguments: &ServeArguments, remote: Option<RemoteStripe>, portal_url: &str) -> Options {
    Options {
        start,
        data: Some(arguments.data.clone()),
        // Stripe itself tells a machine of one's own nothing: there pages are looked up when their time is over.
        webhooks: remote.is_none().then(Disturbance::default),
        remote,
        portal_url: Some(portal_url.to_owned()),
        subscribers: Subscribers::Kept,
        outgoing: Some(Arc::new(HttpsTransport::new().with_timeout(plugtill_webhooks::PATIENCE))),
        ..Options::default()
    }
}

/// What cannot be deleted now is deleted an hour later.
fn expire(stack: &Stack) {
    match stack.table.expire() {
        Ok(items) => tracing::debug!(items, "forgotten"),
        Err(error) => tracing::warn!(%error, "what has passed its time to live is not deleted"),
    }
}

async fn step(stack: &mut Stack, now: Timestamp, bodies: Vec<String>) -> Result<(), StackError> {
    stack.advance_to(now).await?;
    if bodies.is_empty() { Ok(()) } else { stack.deliver(bodies).await }
}

/// Shows what operators and drivers are told, and mails what goes to mailboxes.
fn tell(stack: &Stack, mailer: Option<&Mailer>) {
    let published = stack.topics.take_new();
    for sent in &published {
        println!("told      {}", alerts::line(sent));
    }
    if let Some(mailer) = mailer {
        mailer.send(&published);
    }
}

/// Sends what was published for chargers the way they came.
async fn send(stack: &Stack, gateway: &Gateway) -> Result<(), GatewayError> {
    for published in stack.broker.take() {
        let charger = published.topic.strip_suffix("/out").unwrap_or_default();
        match gateway.publish(charger, published.frame).await {
            Ok(()) => {}
            // No charger of such a name can be connected here.
            Err(GatewayError::ChargerId(error)) => tracing::warn!(%error, charger, "nothing can be sent to it"),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// What chargers have said since, as the queue on AWS would hand it on; nothing after a moment of silence.
async fn next(uplinks: &mut mpsc::Receiver<Uplink>, wall: &Clock) -> Vec<String> {
    let mut taken = Vec::new();
    // Out of time or out of senders: either way there is nothing now.
    let _ = tokio::time::timeout(BEAT, uplinks.recv_many(&mut taken, BATCH)).await;
    taken.into_iter().map(|uplink| body(uplink, wall.now())).collect()
}

fn body(uplink: Uplink, now: Timestamp) -> String {
    match uplink {
        Uplink::Frame { charger, frame } => {
            let frame = text(frame.into());
            json!({ "topic": format!("{charger}/in"), "received_at": now.to_string(), "payload": frame }).to_string()
        }
        Uplink::Presence { charger, connected } => {
            let kind = if connected { "connected" } else { "disconnected" };
            json!({ "clientId": charger, "eventType": kind, "timestamp": now.as_millisecond() }).to_string()
        }
    }
}

/// A charger that was added proves itself with its password; one that only the site file names has none to prove itself
/// with, which is fit for a machine of one's own.
fn authenticator(store: Store, wall: Clock) -> Authenticator {
    let directory = Directory::new(store.clone(), wall);
    Arc::new(move |charger, password| {
        let (store, directory) = (store.clone(), directory.clone());
        Box::pin(async move { judge(&store, &directory, &charger, &password).await })
    })
}

async fn judge(store: &Store, directory: &Directory, charger: &str, password: &str) -> Verdict {
    let Ok(charger) = charger.parse::<ChargerId>() else { return Verdict::UnknownCharger };
    match store.credential(&charger).await {
        Ok(Some(credential)) if credential.is(password) => Verdict::Welcome,
        Ok(Some(_)) => Verdict::WrongPassword,
        Ok(None) => match directory.site_of(&charger).await {
            Ok(Some(_)) => {
                tracing::warn!(%charger, "has no password; `plugtill charger add` gives it one");
                Verdict::Welcome
            }
            Ok(None) => Verdict::UnknownCharger,
            Err(error) => {
                tracing::error!(%error, "nobody can be let in");
                Verdict::UnknownCharger
            }
        },
        Err(error) => {
            tracing::error!(%error, "nobody can be let in");
            Verdict::WrongPassword
        }
    }
}
