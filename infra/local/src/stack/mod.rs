//! The whole product on one machine: the handlers that run on AWS, with only the edges exchanged.

mod effects;
mod functions;
mod keys;
mod options;
mod setup;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use functions::Functions;
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::doorbell::Doorbell;
use plugtill_adapters::store::{Store, StoreError};
use plugtill_charger_events::Tally;
use plugtill_domain::ids::SessionId;
use plugtill_domain::site::Terms;
use plugtill_notify::NotifyError;
use plugtill_operator::{Answer, OrderError, Request};
use plugtill_reconcile::{ReconcileError, Reconciliation, Step};

use crate::edges::clock::VirtualClock;
use crate::edges::dynamo::EmbeddedStore;
use crate::edges::iot::LocalBroker;
use crate::edges::sns::LocalTopics;
use crate::edges::sqs::{Delivery as Message, LocalQueues};
use crate::stripe_simulator::{Delivery, StripeSimulator};

pub use effects::{Done, Effects};
pub use options::{Options, RemoteStripe, StackError, Subscribers};
pub use setup::{PORTAL_URL, SIMULATOR_KEY, TOPIC};

const SETTLE: &str = "settle";
const NOTIFY: &str = "notify";
const CHARGERS: &str = "charger-events";
const WEBHOOKS: &str = "webhooks";
/// As in `infra/aws/template.yaml`: the schedule of `sweep`.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// As in `infra/aws/template.yaml`: when the day's work is done, UTC.
const DAILY_AT: SignedDuration = SignedDuration::from_hours(6);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The most messages SQS hands out at once.
const RECEIVE: usize = 10;

fn dead_letters_of(queue: &str) -> String {
    format!("{queue}-dead-letters")
}

/// The running product.
pub struct Stack {
    /// Virtual time, UTC.
    pub clock: VirtualClock,
    /// The embedded table behind the unmodified SDK client.
    pub table: EmbeddedStore,
    /// The in-process queues.
    pub queues: LocalQueues,
    /// What was published for chargers.
    pub broker: LocalBroker,
    /// What SNS was given, and whom it reached.
    pub topics: LocalTopics,
    /// Stripe's side, with its own books.
    pub stripe: std::sync::Arc<StripeSimulator>,
    /// The table as the handlers see it.
    pub store: Store,
    /// Whether Stripe itself is asked, and not the simulator: then its books are not ours to read.
    pub remote: bool,
    /// What became of the messages.
    pub tally: Tally,
    /// What each function has done.
    pub done: Done,
    doorbell: Doorbell,
    /// Apart, for a stack is passed around.
    functions: Box<Functions>,
    sweep_at: Option<Timestamp>,
    daily_at: Timestamp,
    /// Whether systems of the operator's own are told: what they are to be told is found by sweep alone.
    hooked: bool,
}

impl Stack {
    /// Delivers a batch of charger messages at the clock's time. What the handler gave back is delivered once more
    /// at once and then reported as an error: the messages of a replay are still in its file.
    ///
    /// # Errors
    /// When a message cannot be stored.
    pub async fn deliver(&mut self, bodies: Vec<String>) -> Result<(), StackError> {
        let message = |(index, body): (usize, String)| {
            let mut message = SqsMessage::default();
            message.message_id = Some(index.to_string());
            message.body = Some(body);
            message
        };
        let mut event = SqsEvent::default();
        event.records = bodies.into_iter().enumerate().map(message).collect();
        let before = self.effects();
        let (response, tally) = plugtill_charger_events::handle(&self.functions.charger_events, event).await;
        self.did(CHARGERS, 1, before);
        self.tally.add(tally);
        self.sweep_for_hooks();
        match response.batch_item_failures.len() {
            0 => Ok(()),
            left => Err(StackError::Undelivered(left)),
        }
    }

    /// The terms that a session was pinned to.
    ///
    /// # Errors
    /// When the table does not answer or does not have them.
    pub async fn terms(&self, version: &str) -> Result<std::sync::Arc<Terms>, StoreError> {
        self.functions.settle.directory.terms(version).await
    }

    /// Forgets the sites it has read, as a minute later it would.
    pub fn forget_sites(&self) {
        self.functions.charger_events.directory.forget();
    }

    /// Looks for work that others left in the table as soon as time passes.
    pub fn look_for_work(&mut self) {
        self.sweep_at = Some(self.clock.now());
    }

    /// What drivers see, over HTTP. What they leave due is found by the next sweep.
    pub fn portal(&mut self) -> axum::Router {
        self.sweep_at = Some(self.clock.now());
        plugtill_driver_portal::router(self.functions.portal.clone())
    }

    /// The console as a function, for one that is set up otherwise.
    #[must_use]
    pub fn console_function(&self) -> plugtill_operator_console::Console {
        self.functions.console.clone()
    }

    /// What operators see, over HTTP. What they leave due is found by the next sweep.
    pub fn console(&mut self) -> axum::Router {
        self.sweep_at = Some(self.clock.now());
        plugtill_operator_console::router(self.functions.console.clone())
    }

    /// Goes through what differs; with `by` it is put right, as time passes.
    ///
    /// # Errors
    /// When the table or Stripe does not answer.
    pub async fn repair(&mut self, since: Timestamp, by: Option<&str>) -> Result<Vec<Step>, ReconcileError> {
        let steps = Box::pin(plugtill_reconcile::repair(&self.functions.reconcile, since, by)).await?;
        self.sweep_at = Some(self.clock.now());
        Ok(steps)
    }

    /// What an operator orders or asks. What that leaves to be done is done as time passes.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub async fn order(&mut self, request: Request) -> Result<Answer, OrderError> {
        self.sweep_at = Some(self.clock.now());
        Box::pin(plugtill_operator::handle(&self.functions.operator, request)).await
    }

    /// The link that leads a session's driver to its page.
    #[must_use]
    pub fn session_page(&self, session: &SessionId) -> String {
        self.functions.portal.links.session_page(session)
    }

    /// Posts what Stripe kept and paid out since `since` (UTC), and holds the books against Stripe's. What that leaves to
    /// be told is told as time passes.
    ///
    /// # Errors
    /// When the table or Stripe does not answer.
    pub async fn reconcile(&mut self, since: Timestamp) -> Result<Reconciliation, ReconcileError> {
        let compared = plugtill_reconcile::handle(&self.functions.reconcile, since).await?;
        self.sweep_at = Some(self.clock.now());
        Ok(compared)
    }

    /// Looks whether alerts reach somebody, as it is looked daily. What that leaves to be told is told as time passes.
    ///
    /// # Errors
    /// When SNS or the table does not answer.
    pub async fn check_alerts(&mut self) -> Result<(), NotifyError> {
        plugtill_notify::check(&self.functions.notify).await?;
        self.sweep_at = Some(self.clock.now());
        Ok(())
    }

    /// When something next happens by itself, UTC.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let far = self.doorbell.peek_left_to_sweep().map(next_tick);
        let webhook = self.stripe.next_webhook_at().and_then(|at| Timestamp::from_second(at).ok());
        let daily = Some(self.daily_at);
        [self.queues.next_visible_at(), self.sweep_at, far, webhook, daily].into_iter().flatten().min()
    }

    /// Lets time pass to `to`, doing everything that falls due on the way.
    ///
    /// # Errors
    /// When the store or a queue fails.
    pub async fn advance_to(&mut self, to: Timestamp) -> Result<(), StackError> {
        while let Some(next) = self.next_wake().filter(|next| *next <= to) {
            self.clock.advance_to(next);
            self.tick().await?;
        }
        self.clock.advance_to(to);
        Ok(())
    }

    /// Does what is due at the clock's time.
    async fn tick(&mut self) -> Result<(), StackError> {
        let now = self.clock.now();
        if let Some(at) = self.doorbell.take_left_to_sweep() {
            let tick = next_tick(at);
            self.sweep_at = Some(self.sweep_at.map_or(tick, |known| known.min(tick)));
        }
        if self.sweep_at.is_some_and(|at| at <= now) {
            let before = self.effects();
            let swept = plugtill_sweep::handle(&self.functions.sweep).await?;
            self.did("sweep", 1, before);
            // Nothing waits before the next due instant, so the empty minutes until then are skipped.
            let again = (swept.rung > 0).then_some(now + SWEEP_EVERY);
            self.sweep_at = again.or(swept.next_due_at.map(next_tick));
        }
        if self.daily_at <= now {
            self.daily_at = next_daily(now);
            let before = self.effects();
            if let Err(error) = plugtill_notify::daily(&self.functions.notify).await {
                tracing::error!(%error, "the daily look was not finished; there is another tomorrow");
            }
            self.did(NOTIFY, 1, before);
            self.sweep_at = Some(now);
        }
        let mut worked = self.drain_settle(now).await;
        self.deliver_webhooks().await;
        worked |= self.drain_settle(now).await;
        worked |= self.drain_notify(now).await;
        self.drain_webhooks(now).await;
        self.drain_commands(now).await;
        if worked {
            self.sweep_for_hooks();
        }
        Ok(())
    }

    /// Stripe's events, as its servers deliver them: headers and bytes.
    async fn deliver_webhooks(&mut self) {
        for Delivery { id, signature, body } in self.stripe.webhooks_due() {
            let mut headers = HeaderMap::new();
            headers
                .extend(HeaderValue::try_from(signature).map(|it| (HeaderName::from_static("stripe-signature"), it)));
            let before = self.effects();
            let received = plugtill_stripe_webhook::receive(&self.functions.webhook, &headers, body.as_bytes()).await;
            self.did("stripe-webhook", 1, before);
            self.stripe.webhook_answered(id, received.status().as_u16());
        }
    }

    fn sweep_for_hooks(&mut self) {
        if self.hooked {
            self.sweep_soon();
        }
    }

    /// At the next full minute.
    fn sweep_soon(&mut self) {
        let soon = next_tick(self.clock.now() + SignedDuration::from_secs(1));
        self.sweep_at = Some(self.sweep_at.map_or(soon, |known| known.min(soon)));
    }

    /// Whether there was something to do.
    async fn drain_settle(&mut self, now: Timestamp) -> bool {
        let mut worked = false;
        loop {
            let deliveries = self.queues.receive(SETTLE, RECEIVE, now);
            if deliveries.is_empty() {
                return worked;
            }
            worked = true;
            let before = self.effects();
            let handled = plugtill_settle::handle(&self.functions.settle, event(&deliveries)).await;
            // As in `infra/aws/template.yaml`: one doorbell an invocation.
            self.did(SETTLE, deliveries.len(), before);
            self.tally.quarantined += handled.quarantined;
            self.tally.processed -= handled.quarantined;
            if handled.left > 0 {
                self.sweep_soon();
            }
            self.acknowledge(SETTLE, deliveries, &handled.response);
        }
    }

    /// Whether there was something to do.
    async fn drain_notify(&mut self, now: Timestamp) -> bool {
        let mut worked = false;
        loop {
            let deliveries = self.queues.receive(NOTIFY, RECEIVE, now);
            if deliveries.is_empty() {
                return worked;
            }
            worked = true;
            let before = self.effects();
            let response = plugtill_notify::handle(&self.functions.notify, event(&deliveries)).await;
            self.did(NOTIFY, 1, before);
            self.acknowledge(NOTIFY, deliveries, &response);
        }
    }

    async fn drain_webhooks(&mut self, now: Timestamp) {
        loop {
            let deliveries = self.queues.receive(WEBHOOKS, RECEIVE, now);
            if deliveries.is_empty() {
                return;
            }
            let before = self.effects();
            let response = plugtill_webhooks::handle(&self.functions.webhooks, event(&deliveries)).await;
            self.did(WEBHOOKS, 1, before);
            self.acknowledge(WEBHOOKS, deliveries, &response);
        }
    }

    async fn drain_commands(&mut self, now: Timestamp) {
        loop {
            let deliveries = self.queues.receive(CHARGERS, RECEIVE, now);
            if deliveries.is_empty() {
                return;
            }
            let before = self.effects();
            let (response, _) =
                plugtill_charger_events::handle(&self.functions.charger_events, event(&deliveries)).await;
            self.did(CHARGERS, 1, before);
            self.acknowledge(CHARGERS, deliveries, &response);
        }
    }

    /// Deletes what was handled; the rest becomes visible again after the queue's visibility time. Its work stays due, so
    /// the next minute is not empty.
    fn acknowledge(&mut self, queue: &str, deliveries: Vec<Message>, response: &SqsBatchResponse) {
        if !response.batch_item_failures.is_empty() {
            self.sweep_soon();
        }
        for delivery in deliveries {
            let failed = response.batch_item_failures.iter().any(|f| f.item_identifier == delivery.message_id);
            if !failed {
                // A receipt that has expired deletes nothing: the message comes again, as SQS does it.
                let _ = self.queues.delete(queue, &delivery.receipt);
            }
        }
    }
}

fn event(deliveries: &[Message]) -> SqsEvent {
    let message = |delivery: &Message| {
        let mut message = SqsMessage::default();
        message.message_id = Some(delivery.message_id.clone());
        message.body = Some(delivery.body.clone());
        message
    };
    let mut event = SqsEvent::default();
    event.records = deliveries.iter().map(message).collect();
    event
}

/// The next daily run after `at`.
fn next_daily(at: Timestamp) -> Timestamp {
    let day = DAY.as_secs();
    let passed = (at.as_second() - DAILY_AT.as_secs()).rem_euclid(day);
    at + SignedDuration::from_secs(day - passed)
}

/// The sweep's first run at or after `at`.
fn next_tick(at: Timestamp) -> Timestamp {
    let minute = SWEEP_EVERY.as_secs();
    let seconds = at.as_second().div_euclid(minute) * minute;
    Timestamp::from_second(seconds).map_or(at, |floor| if floor < at { floor + SWEEP_EVERY } else { floor })
}
