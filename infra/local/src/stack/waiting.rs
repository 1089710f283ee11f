//! Functions that wait for an answer, while their messages become visible again and others begin the same work.

use aws_lambda_events::event::sqs::SqsBatchResponse;
use jiff::{SignedDuration, Timestamp};
use plugtill_charger_events::Tally;
use plugtill_settle::Handled;

use super::{CHARGERS, SETTLE, Stack};
use crate::edges::life::{Outcome, Work};
use crate::edges::sqs::Delivery;

/// One that waits.
pub(super) struct Waiting {
    /// When its answer comes, UTC.
    until: Timestamp,
    deliveries: Vec<Delivery>,
    task: Task,
}

/// What it is at.
pub(super) enum Task {
    Settle(Work<Handled>),
    Chargers(Work<(SqsBatchResponse, Tally)>),
}

impl Stack {
    /// When the next answer comes, UTC.
    pub(super) fn next_answer_at(&self) -> Option<Timestamp> {
        self.waiting.iter().map(|waiting| waiting.until).min()
    }

    /// Those whose answers have come go on.
    pub(super) async fn go_on(&mut self, now: Timestamp) {
        while let Some(index) = self.waiting.iter().position(|waiting| waiting.until <= now) {
            let Waiting { deliveries, task, .. } = self.waiting.remove(index);
            self.work(task, deliveries).await;
        }
    }

    /// Does a task to its end, or until it has to wait.
    pub(super) async fn work(&mut self, task: Task, deliveries: Vec<Delivery>) {
        match task {
            Task::Settle(work) => match self.life.begin(work).await {
                Outcome::Done(handled) => self.settled(deliveries, &handled),
                Outcome::Died => self.died(),
                Outcome::Waits(work, seconds) => self.wait(seconds, deliveries, Task::Settle(work)),
            },
            Task::Chargers(work) => match self.life.begin(work).await {
                Outcome::Done((response, tally)) => {
                    self.touched.extend(tally.sessions.iter().cloned());
                    self.tally.add(tally);
                    self.acknowledge(CHARGERS, deliveries, &response);
                }
                Outcome::Died => self.died(),
                Outcome::Waits(work, seconds) => self.wait(seconds, deliveries, Task::Chargers(work)),
            },
        }
    }

    fn wait(&mut self, seconds: i64, deliveries: Vec<Delivery>, task: Task) {
        let until = self.clock.now() + SignedDuration::from_secs(seconds);
        self.waiting.push(Waiting { until, deliveries, task });
        // What is due and not done meanwhile is found by sweep.
        self.sweep_soon();
    }

    fn settled(&mut self, deliveries: Vec<Delivery>, handled: &Handled) {
        self.tally.quarantined += handled.quarantined;
        self.tally.processed = self.tally.processed.saturating_sub(handled.quarantined);
        if handled.left > 0 {
            self.sweep_soon();
        }
        self.touched.extend(handled.sessions.iter().cloned());
        self.acknowledge(SETTLE, deliveries, &handled.response);
    }
}
