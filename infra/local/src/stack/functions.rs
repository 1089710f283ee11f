//! The functions that run on AWS, each with what it works with.

use std::collections::BTreeSet;
use std::sync::Arc;

use plugtill_adapters::alerts::Alerts;
use plugtill_adapters::chargers::Chargers;
use plugtill_adapters::clock::Clock;
use plugtill_adapters::dead_letters::DeadLetters;
use plugtill_adapters::doorbell::Doorbell;
use plugtill_adapters::incidents::Incidents;
use plugtill_adapters::links::Links;
use plugtill_adapters::store::{Directory, Store};
use plugtill_adapters::stripe::Stripe;
use plugtill_adapters::transport::HttpTransport;
use plugtill_adapters::watch::Watch;
use plugtill_adapters::webhook::SigningSecrets;
use plugtill_charger_events::{ChargerEvents, Tally};
use plugtill_domain::incident::{Kind, Subject};
use plugtill_driver_portal::Portal;
use plugtill_notify::Notify;
use plugtill_operator::Desk;
use plugtill_operator_console::{Console, Heard, Pace, Seal};
use plugtill_reconcile::Reconcile;
use plugtill_settle::{Outage, Settle};
use plugtill_stripe_webhook::StripeWebhook;
use plugtill_sweep::{Sweep, Watches};
use plugtill_webhooks::Webhooks;

use super::setup::TABLE;
use super::time::next_daily;
use super::{CHARGERS, Done, SETTLE, Stack, WEBHOOKS, dead_letters_of};
use crate::edges::clock::VirtualClock;
use crate::edges::dynamo::EmbeddedStore;
use crate::edges::iot::LocalBroker;
use crate::edges::life::Life;
use crate::edges::sns::LocalTopics;
use crate::edges::sqs::LocalQueues;
use crate::stripe_simulator::StripeSimulator;

/// The functions that run on AWS.
pub(super) struct Functions {
    pub(super) charger_events: ChargerEvents,
    pub(super) settle: Settle,
    pub(super) notify: Notify,
    pub(super) sweep: Sweep,
    pub(super) webhook: StripeWebhook,
    pub(super) portal: Portal,
    pub(super) reconcile: Reconcile,
    pub(super) operator: Desk,
    pub(super) console: Console,
    pub(super) webhooks: Webhooks,
}

/// What a stack is put together from: see `setup`.
#[derive(Clone)]
pub(super) struct Parts {
    /// How long sites and incidents are remembered is a matter of this clock.
    pub(super) wall: Clock,
    pub(super) remote: bool,
    pub(super) webhooks: bool,
    pub(super) hooked: bool,
    pub(super) clock: VirtualClock,
    pub(super) table: EmbeddedStore,
    pub(super) queues: LocalQueues,
    pub(super) broker: LocalBroker,
    pub(super) topics: LocalTopics,
    pub(super) simulator: Arc<StripeSimulator>,
    pub(super) stripe: Stripe,
    pub(super) store: Store,
    pub(super) alerts: Alerts,
    pub(super) links: Links,
    pub(super) seal: Seal,
    pub(super) doorbell: Doorbell,
    pub(super) signing: SigningSecrets,
    pub(super) outgoing: Arc<dyn HttpTransport>,
}

impl Stack {
    pub(super) fn assemble(parts: Parts) -> Self {
        let functions = Box::new(Functions::of(&parts));
        let kept = Box::new(parts.clone());
        let Parts { remote, hooked, clock, table, queues, broker, topics, simulator, store, doorbell, .. } = parts;
        Self {
            // What an earlier run left due is found by the first sweep.
            sweep_at: Some(clock.now()),
            daily_at: next_daily(clock.now()),
            hooked,
            tally: Tally::default(),
            done: Done::default(),
            touched: BTreeSet::new(),
            stripe: simulator,
            clock,
            table,
            queues,
            broker,
            topics,
            store,
            remote,
            doorbell,
            functions,
            parts: kept,
            life: Life::default(),
            waiting: Vec::new(),
        }
    }

    /// What was in the functions' memory is gone with them.
    pub(super) fn restart(&mut self) {
        self.parts.store = Store::new(self.table.sdk_client(), TABLE, 1);
        *self.functions = Functions::of(&self.parts);
    }
}

fn console(parts: &Parts, desk: Desk) -> Console {
    let seal = parts.seal.clone();
    Console { desk, seal, provider: None, pace: Pace::default(), heard: Heard::default(), endpoints: Vec::new() }
}

fn dead_letter_queues() -> Vec<String> {
    [SETTLE, CHARGERS, WEBHOOKS].map(|name| LocalQueues::url(&dead_letters_of(name))).to_vec()
}

impl Functions {
    pub(super) fn of(parts: &Parts) -> Self {
        let time = parts.clock.clone();
        let clock = Clock::from_fn(move || time.now());
        let wall = parts.wall.clone();
        let Parts { store, doorbell, stripe, links, alerts, signing, .. } = parts;
        let (store, doorbell) = (|| store.clone(), || doorbell.clone());
        let directory = Directory::new(store(), wall.clone());
        let incidents = Incidents::new(store(), directory.clone(), doorbell());
        let incidents = || incidents.clone();
        let watch = |kind| Watch::new(store(), incidents(), Subject::billing(kind), wall.clone());
        let (clock, directory) = (|| clock.clone(), || directory.clone());
        let (stripe, links) = (|| stripe.clone(), || links.clone());
        Self {
            charger_events: ChargerEvents {
                store: store(),
                directory: directory(),
                doorbell: doorbell(),
                chargers: Chargers::new(parts.broker.sdk_client()),
                clock: clock(),
            },
            settle: Settle {
                store: store(),
                directory: directory(),
                doorbell: doorbell(),
                stripe: stripe(),
                clock: clock(),
                incidents: incidents(),
                outage: Outage::new(store(), incidents(), wall.clone()),
            },
            notify: Notify {
                store: store(),
                directory: directory(),
                incidents: incidents(),
                alerts: alerts.clone(),
                undeliverable: watch(Kind::AlertUndeliverable),
                links: links(),
                clock: clock(),
            },
            sweep: Sweep {
                store: store(),
                doorbell: doorbell(),
                clock: clock(),
                watches: Watches::new(&store(), &incidents(), &wall),
                dead_letters: DeadLetters::new(parts.queues.sdk_client(), dead_letter_queues()),
            },
            webhook: StripeWebhook { store: store(), doorbell: doorbell(), secrets: signing.clone(), clock: clock() },
            portal: Portal { store: store(), directory: directory(), stripe: stripe(), links: links(), clock: clock() },
            reconcile: Reconcile {
                store: store(),
                directory: directory(),
                stripe: stripe(),
                clock: clock(),
                differ: watch(Kind::ReconciliationDiffers),
                silent: parts.webhooks.then(|| watch(Kind::WebhookSilence)),
            },
            webhooks: webhooks(parts, directory(), incidents(), clock()),
            operator: desk(parts, directory(), clock()),
            console: console(parts, desk(parts, directory(), clock())),
        }
    }
}

fn webhooks(parts: &Parts, directory: Directory, incidents: Incidents, clock: Clock) -> Webhooks {
    let (store, links, transport) = (parts.store.clone(), parts.links.clone(), Arc::clone(&parts.outgoing));
    Webhooks { store, directory, incidents, links, transport, clock }
}

fn desk(parts: &Parts, directory: Directory, clock: Clock) -> Desk {
    let (store, doorbell, links) = (parts.store.clone(), parts.doorbell.clone(), parts.links.clone());
    Desk { store, directory, doorbell, links, clock }
}
