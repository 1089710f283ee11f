//! Time passes: what falls due is done, and queues are emptied.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use plugtill_adapters::doorbell::Ring;
use plugtill_domain::ids::SessionId;

use super::waiting::Task;
use super::{CHARGERS, DAILY_AT, DAY, NOTIFY, RECEIVE, SETTLE, SWEEP_EVERY, Stack, StackError, WEBHOOKS};
use crate::edges::sqs::Delivery as Message;
use crate::stripe_simulator::Delivery;

impl Stack {
    /// When something next happens by itself, UTC.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let far = self.doorbell.peek_left_to_sweep().map(next_tick);
        let webhook = self.stripe.next_webhook_at().and_then(|at| Timestamp::from_second(at).ok());
        let daily = Some(self.daily_at);
        let answer = self.next_answer_at();
        [self.queues.next_visible_at(), self.sweep_at, far, webhook, daily, answer].into_iter().flatten().min()
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
            // Whatever becomes of this one, there is one in a minute.
            self.sweep_at = Some(next_tick(now + SWEEP_EVERY));
            let swept = self.life.run(plugtill_sweep::handle(&self.functions.sweep)).await;
            self.did("sweep", 1, before);
            match swept {
                // Nothing waits before the next due instant, so the empty minutes until then are skipped.
                Some(Err(error)) => {
                    // What it could not ring for is rung for by the next one, in a minute.
                    let _ = self.doorbell.take_left_to_sweep();
                    return Err(error.into());
                }
                Some(Ok(swept)) => {
                    let again = (swept.rung > 0).then_some(now + SWEEP_EVERY);
                    self.sweep_at = again.or(swept.next_due_at.map(next_tick));
                }
                None => self.restart(),
            }
        }
        if self.daily_at <= now {
            self.daily_at = next_daily(now);
            let before = self.effects();
            match self.life.run(plugtill_notify::daily(&self.functions.notify)).await {
                Some(Ok(())) => {}
                Some(Err(error)) => {
                    tracing::error!(%error, "the daily look was not finished; there is another tomorrow");
                }
                None => self.restart(),
            }
            self.did(NOTIFY, 1, before);
            self.close_days().await;
            self.sweep_at = Some(now);
        }
        self.go_on(now).await;
        let mut worked = self.drain_settle(now).await;
        self.deliver_webhooks().await;
        worked |= self.drain_settle(now).await;
        worked |= self.drain_notify(now).await;
        self.drain_webhooks(now).await;
        self.drain_commands(now).await;
        if worked {
            self.sweep_for_hooks();
        }
        // A write that was made without an answer may have left something due that nobody rang for.
        if self.life.take_wrong() {
            self.sweep_soon();
        }
        Ok(())
    }

    async fn close_days(&mut self) {
        let before = self.effects();
        match self.life.run(plugtill_reconcile::close_days(&self.functions.reconcile)).await {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::error!(%error, "days are still open; the next daily run closes them"),
            None => self.restart(),
        }
        self.did("reconcile", 1, before);
    }

    /// Stripe's events, as its servers deliver them: headers and bytes.
    async fn deliver_webhooks(&mut self) {
        for Delivery { id, signature, body } in self.stripe.webhooks_due() {
            let mut headers = HeaderMap::new();
            headers
                .extend(HeaderValue::try_from(signature).map(|it| (HeaderName::from_static("stripe-signature"), it)));
            let before = self.effects();
            let receiving = plugtill_stripe_webhook::receive(&self.functions.webhook, &headers, body.as_bytes());
            let received = self.life.run(receiving).await;
            self.did("stripe-webhook", 1, before);
            match received {
                Some(received) => self.stripe.webhook_answered(id, received.status().as_u16()),
                // Stripe hears of it as of any other failure, and sends the event again.
                None => self.restart_after(id),
            }
        }
    }

    pub(super) fn sweep_for_hooks(&mut self) {
        if self.hooked {
            self.sweep_soon();
        }
    }

    /// At the next full minute.
    pub(crate) fn sweep_soon(&mut self) {
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
            self.touched.extend(deliveries.iter().filter_map(|delivery| session_of(&delivery.body)));
            let before = self.effects();
            let (function, event, count) = (self.functions.settle.clone(), event(&deliveries), deliveries.len());
            let work = Task::Settle(Box::pin(async move { plugtill_settle::handle(&function, event).await }));
            self.work(work, deliveries).await;
            // As in `infra/aws/template.yaml`: one doorbell an invocation.
            self.did(SETTLE, count, before);
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
            let response = self.life.run(plugtill_notify::handle(&self.functions.notify, event(&deliveries))).await;
            self.did(NOTIFY, 1, before);
            match response {
                Some(response) => self.acknowledge(NOTIFY, deliveries, &response),
                None => self.died(),
            }
        }
    }

    async fn drain_webhooks(&mut self, now: Timestamp) {
        loop {
            let deliveries = self.queues.receive(WEBHOOKS, RECEIVE, now);
            if deliveries.is_empty() {
                return;
            }
            let before = self.effects();
            let response = self.life.run(plugtill_webhooks::handle(&self.functions.webhooks, event(&deliveries))).await;
            self.did(WEBHOOKS, 1, before);
            match response {
                Some(response) => self.acknowledge(WEBHOOKS, deliveries, &response),
                None => self.died(),
            }
        }
    }

    async fn drain_commands(&mut self, now: Timestamp) {
        loop {
            let deliveries = self.queues.receive(CHARGERS, RECEIVE, now);
            if deliveries.is_empty() {
                return;
            }
            let before = self.effects();
            let (function, event) = (self.functions.charger_events.clone(), event(&deliveries));
            let work = async move { Box::pin(plugtill_charger_events::handle(&function, event)).await };
            self.work(Task::Chargers(Box::pin(work)), deliveries).await;
            self.did(CHARGERS, 1, before);
        }
    }

    /// A function has ended in the middle of its work: its messages come again once they are visible, and what it left due
    /// is found by the next sweep.
    pub(super) fn died(&mut self) {
        self.restart();
        self.sweep_soon();
    }

    /// The same, in the middle of a webhook's delivery.
    fn restart_after(&mut self, delivery: u64) {
        self.died();
        self.stripe.webhook_answered(delivery, 502);
    }

    /// Deletes what was handled; the rest becomes visible again after the queue's visibility time. Its work stays due, so
    /// the next minute is not empty.
    pub(super) fn acknowledge(&mut self, queue: &str, deliveries: Vec<Message>, response: &SqsBatchResponse) {
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

/// The session that a doorbell is for.
fn session_of(body: &str) -> Option<SessionId> {
    if let Ok(Ring::Session(id)) = serde_json::from_str(body) { Some(id) } else { None }
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
pub(super) fn next_daily(at: Timestamp) -> Timestamp {
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
