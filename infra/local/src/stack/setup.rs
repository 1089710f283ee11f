//! Putting a stack together: stores, queues, Stripe, sites and drivers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plugtill_adapters::alerts::Alerts;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::doorbell::Doorbell;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::Store;
use plugtill_adapters::stripe::{HttpsTransport, RetryPolicy, SecretKey, Stripe, StripeFailure};
use plugtill_adapters::webhook::SigningSecrets;
use plugtill_domain::ids::IdTag;
use plugtill_domain::session::Payer;
use plugtill_domain::site::Site;

use super::functions::Parts;
use super::keys;
use super::options::{Options, StackError, Subscribers};
use super::{CHARGERS, NOTIFY, SETTLE, Stack, WEBHOOKS, dead_letters_of};
use crate::edges::clock::VirtualClock;
use crate::edges::dynamo::EmbeddedStore;
use crate::edges::iot::LocalBroker;
use crate::edges::receivers::LocalReceivers;
use crate::edges::secrets::LocalSecrets;
use crate::edges::sns::{LocalTopics, Protocol, Subscription};
use crate::edges::sqs::{LocalQueues, QueueOptions};
use crate::stripe_simulator::StripeSimulator;

/// The simulator is reachable only from this process: its key protects nothing.
pub const SIMULATOR_KEY: &str = "sk_test_simulator";
/// The operators' topic.
pub const TOPIC: &str = "arn:aws:sns:local:000000000000:operator-alerts";
pub(super) const TABLE: &str = "plugtill";
/// Signs what does not leave this process.
const WEBHOOK_SECRET: &str = "whsec_simulator0123456789abcdef";
/// Signs links to what does not leave this process.
const LINK_KEY: &[u8] = b"links of the embedded stack only!";
/// Where the portal would be.
pub const PORTAL_URL: &str = "http://127.0.0.1:8080";
const WEBHOOK_SECRET_NAME: &str = "stripe-webhook";

impl Stack {
    /// Starts a stack with these sites.
    ///
    /// # Errors
    /// When a part of it cannot be started.
    pub async fn start(options: &Options, sites: &[Site]) -> Result<Self, StackError> {
        let clock = VirtualClock::new(options.start);
        let table = table(&clock, options)?;
        let simulator = Arc::new(simulator(&clock, options.data.as_deref())?);
        let store = Store::new(table.sdk_client(), TABLE, 1);
        store.create_table().await?;
        let queues = LocalQueues::new(clock.clone());
        for name in [SETTLE, NOTIFY, CHARGERS, WEBHOOKS] {
            queues.create(name, queue(name));
        }
        let doorbell = Doorbell::new(queues.sdk_client(), LocalQueues::url(SETTLE), LocalQueues::url(NOTIFY))
            .with_chargers(LocalQueues::url(CHARGERS))
            .with_webhooks(LocalQueues::url(WEBHOOKS));
        let broker = LocalBroker::default();
        let topics = topics(&clock, options);
        let alerts = Alerts::new(topics.sdk_client(), TOPIC);
        let secrets = LocalSecrets::default();
        secrets.put(WEBHOOK_SECRET_NAME, WEBHOOK_SECRET);
        let signing = SigningSecrets::read(secrets.sdk_client(), WEBHOOK_SECRET_NAME, options.start).await?;
        if let Some(disturbance) = &options.webhooks {
            simulator.register_webhook(WEBHOOK_SECRET, disturbance.clone());
        }
        let stripe = match &options.remote {
            Some(remote) => Stripe::new(Arc::new(HttpsTransport::new()), remote.key.clone(), &remote.url),
            None => simulated(&simulator),
        };
        for site in sites {
            if !store.load_site(site).await? {
                tracing::debug!(site = %site.id, "its file was loaded before, and what was published since stands");
            }
            link_drivers(&store, &stripe, site).await?;
        }
        simulator.disturb(options.mishaps);
        let links = Links::new(LINK_KEY, options.portal_url.as_deref().unwrap_or(PORTAL_URL))?;
        let seal = keys::seal(options.data.as_deref(), links.is_https())?;
        let remote = options.remote.is_some();
        let webhooks = options.webhooks.is_some();
        let parts = Parts {
            wall: wall(&clock, options.one_clock),
            remote,
            webhooks,
            hooked: sites.iter().any(|site| !site.webhooks.is_empty()),
            clock,
            table,
            queues,
            broker,
            topics,
            simulator,
            stripe,
            store,
            alerts,
            links,
            seal,
            doorbell,
            signing,
            outgoing: options.outgoing.clone().unwrap_or_else(|| Arc::new(LocalReceivers::default())),
        };
        Ok(Self::assemble(parts))
    }

    /// Writes what is not in the table into the data directory: Stripe's side of the story.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, options: &Options) -> Result<(), StackError> {
        let Some(directory) = &options.data else { return Ok(()) };
        let path = directory.join("stripe.json");
        let failed = |problem: String| StackError::Data { path: path.display().to_string(), problem };
        let snapshot = self.stripe.snapshot().map_err(|e| failed(e.to_string()))?;
        let beside = path.with_extension("json.new");
        let written = std::fs::write(&beside, snapshot).and_then(|()| std::fs::rename(&beside, &path));
        written.map_err(|e| failed(e.to_string()))
    }
}

/// The clock on the wall, as on AWS, unless there is to be only one: then what is remembered for a minute is for ten, since
/// hardly anything happens in one of virtual time, and each reads the sites anew.
fn wall(clock: &VirtualClock, one_clock: bool) -> Clock {
    let (clock, start) = (clock.clone(), clock.now());
    let slowly = move || start + clock.now().duration_since(start) / 10;
    if one_clock { Clock::from_fn(slowly) } else { Clock::system() }
}

/// In virtual time nothing is waited for between tries.
fn simulated(simulator: &Arc<StripeSimulator>) -> Stripe {
    let retry = RetryPolicy { attempts: 4, base_delay: Duration::ZERO };
    let transport = Arc::<StripeSimulator>::clone(simulator);
    Stripe::new(transport, SecretKey::new(SIMULATOR_KEY), "http://stripe.local").with_retry(retry)
}

/// As in `infra/aws/template.yaml`.
fn queue(name: &str) -> QueueOptions {
    let visibility_seconds = if name == SETTLE { 720 } else { 180 };
    QueueOptions { visibility_seconds, max_receive_count: 5, dead_letter: Some(dead_letters_of(name)) }
}

fn table(clock: &VirtualClock, options: &Options) -> Result<EmbeddedStore, StackError> {
    let table = match &options.data {
        Some(directory) => {
            let table = EmbeddedStore::open(&prepared(directory)?.join("table.db"), clock.clone())?;
            // What a crash of the machine may lose here, the next run of the same file brings back.
            table.relax_durability()?;
            table
        }
        None => EmbeddedStore::memory(clock.clone())?,
    };
    table.record_writes(options.record_writes);
    Ok(table)
}

fn topics(clock: &VirtualClock, options: &Options) -> LocalTopics {
    match (options.subscribers, options.data.as_deref()) {
        (Subscribers::Kept, Some(directory)) => LocalTopics::kept(clock.clone(), directory),
        (Subscribers::Example, directory) => LocalTopics::new(clock.clone(), examples(), directory),
        (Subscribers::Kept, None) => LocalTopics::new(clock.clone(), [], None),
    }
}

/// One telephone, one mailbox.
fn examples() -> [Subscription; 2] {
    [Subscription::to(Protocol::Sms, "+10000000000"), Subscription::to(Protocol::Email, "operator@example.com")]
}

fn prepared(directory: &Path) -> Result<&Path, StackError> {
    let failed = |e: std::io::Error| StackError::Data {
        path: directory.display().to_string(),
        problem: format!("cannot be made: {e}"),
    };
    std::fs::create_dir_all(directory).map_err(failed)?;
    Ok(directory)
}

fn simulator(clock: &VirtualClock, data: Option<&Path>) -> Result<StripeSimulator, StackError> {
    let path = data.map(|directory| directory.join("stripe.json"));
    let Some(path) = path.filter(|path| path.exists()) else {
        return Ok(StripeSimulator::new(clock.shared(), SIMULATOR_KEY));
    };
    let failed = |problem: String| StackError::Data { path: path.display().to_string(), problem };
    let snapshot = std::fs::read_to_string(&path).map_err(|e| failed(e.to_string()))?;
    StripeSimulator::restored(clock.shared(), SIMULATOR_KEY, &snapshot).map_err(|e| failed(e.to_string()))
}

/// Saves each listed card at Stripe, once, and links the tags to it.
async fn link_drivers(store: &Store, stripe: &Stripe, site: &Site) -> Result<(), StackError> {
    let default = site.drivers.default_payment_method.iter().map(|method| (None, method));
    let listed = site.drivers.by_id_tag.iter().map(|(tag, method)| (Some(tag.clone()), method));
    let mut items = Vec::new();
    for (tag, method) in default.chain(listed) {
        let linked = store.payer(&site.id, tag.as_ref()).await?;
        if linked.is_none()
            && let Some(payer) = save_card(stripe, site, tag.as_ref(), method).await?
        {
            items.push(Store::driver_item(&site.id, tag, &payer)?);
        }
    }
    Ok(store.file(items).await?)
}

/// `None`: Stripe declines to save the card, so that the tag has none.
async fn save_card(
    stripe: &Stripe,
    site: &Site,
    tag: Option<&IdTag>,
    method: &str,
) -> Result<Option<Payer>, StackError> {
    let reference = format!("{}/{}", site.id, tag.map_or("*", IdTag::as_str));
    let failed = |source| StackError::Driver {
        site: site.id.to_string(),
        payment_method: method.to_owned(),
        source: Box::new(source),
    };
    let customer = stripe.create_customer(&format!("customer:{reference}"), &reference).await.map_err(failed)?;
    let key = format!("attach:{reference}:{method}");
    match stripe.attach_payment_method(&key, method, &customer).await {
        Ok(payment_method) => Ok(Some(Payer { customer, payment_method })),
        Err(StripeFailure::Declined { .. }) => Ok(None),
        Err(source) => Err(failed(source)),
    }
}
