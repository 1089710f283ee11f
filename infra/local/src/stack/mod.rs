//! The whole product on one machine: the handlers that run on AWS, with only the edges exchanged.

mod effects;
mod functions;
mod keys;
mod options;
mod setup;
mod time;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use functions::{Functions, Parts};
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
use crate::edges::life::Life;
use crate::edges::sns::LocalTopics;
use crate::edges::sqs::{LocalQueues, UnknownQueue};
use crate::stripe_simulator::StripeSimulator;

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
    /// What they are made of anew when they have ended in the middle of their work.
    parts: Box<Parts>,
    life: Life,
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

    /// Hands a charger message to the queue, as an IoT rule does: it comes back until it is taken, or is a dead letter.
    ///
    /// # Errors
    /// Never: the queue is there from the start.
    pub fn hand_in(&self, body: &str) -> Result<(), UnknownQueue> {
        self.queues.send(CHARGERS, body, SignedDuration::ZERO).map(drop)
    }

    /// What the queues gave up on is handed in once more, as an operator would; how many there were.
    ///
    /// # Errors
    /// Never: the queues are there from the start.
    pub fn redrive(&self) -> Result<usize, UnknownQueue> {
        let mut redriven = 0;
        for queue in [SETTLE, NOTIFY, CHARGERS, WEBHOOKS] {
            for letter in self.queues.take_dead_letters(queue) {
                self.queues.send(queue, &letter.body, SignedDuration::ZERO)?;
                redriven += 1;
            }
        }
        Ok(redriven)
    }

    /// Whether the function that is running has ended in the middle of its work, for who decides that.
    #[must_use]
    pub fn life(&self) -> Life {
        self.life.clone()
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

    /// Has operators told where chargers connect.
    pub fn chargers_connect_at(&mut self, endpoints: Vec<String>) {
        self.functions.console.endpoints = endpoints;
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
}
