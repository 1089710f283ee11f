//! One run: messages arrive, time passes, things go wrong; then nothing does any more, and all has to come to rest.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::session::Session;
use serde::Serialize;

use super::checks::{self, Reality};
use super::edges::install;
use super::plan::{Met, Plan};
use super::sites::Edit;
use super::world::World;
use super::{Plant, SimulateError};
use crate::invariants::{Broken, of_stripe};
use crate::stack::{Options, Stack};
use crate::stripe_simulator::Mishaps;
use crate::summary;

/// Faults go on for so long after the last message.
const FAULTS_GO_ON: SignedDuration = SignedDuration::from_hours(2);
/// Then everything has to be at rest within this: the wait for a lost stop is two days of silence, Stripe delivers events
/// for three, and a hold lapses after seven.
const COMES_TO_REST: SignedDuration = SignedDuration::from_hours(24 * 8);
/// So often in a row nothing may be done although something is due.
const STUCK: usize = 20_000;
/// The most messages that a queue hands out at once.
const AT_ONCE: usize = 10;

/// What a run came to.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    pub(super) hash: String,
    pub(super) broken: Vec<Broken>,
    pub(super) met: Vec<Met>,
    pub(super) sessions: Vec<Session>,
    pub(super) outcomes: Outcomes,
    pub(super) messages: u64,
    pub(super) virtual_seconds: i64,
    pub(super) redriven: u64,
}

/// Sessions by outcome.
pub(super) type Outcomes = BTreeMap<String, u64>;

pub(super) struct Run<'a> {
    pub(super) world: &'a World,
    pub(super) plan: Plan,
    pub(super) stack: Stack,
    pub(super) seen: checks::Seen,
    pub(super) broken: Vec<Broken>,
    reality: Reality<'a>,
    /// How many requests Stripe had answered when its objects were last looked at.
    stripe_seen: u64,
    plant: Option<Plant>,
}

/// Runs a world to its end, or to the first broken invariant.
pub(super) async fn run(world: &World, plant: Option<Plant>) -> Result<Ran, SimulateError> {
    let webhooks = Some(world.profile.webhooks.disturbance(world.seed));
    let options = Options { start: world.start, webhooks, one_clock: true, ..Options::default() };
    let stack = Stack::start(&options, &world.sites.sites).await?;
    let plan = Plan::new(world, stack.clock.clone(), stack.life());
    install(&plan, &stack);
    if world.profile.mixed_versions {
        stack.table.mix_versions(world.seed);
    }
    let declines = world.profile.declines;
    stack.stripe.disturb(Mishaps {
        declined_holds: declines,
        declined_charges: declines,
        seed: world.seed,
        ..Mishaps::default()
    });
    let (seen, reality) = (checks::Seen::default(), Reality::of(world));
    let mut run = Run { world, plan, stack, seen, broken: Vec::new(), reality, stripe_seen: 0, plant };
    run.messages().await?;
    if run.broken.is_empty() {
        run.rest().await?;
    }
    run.end().await
}

impl Run<'_> {
    async fn messages(&mut self) -> Result<(), SimulateError> {
        let (mut left, mut edits) = (self.world.arrivals.as_slice(), self.world.edits.as_slice());
        while let Some(first) = left.first() {
            let until = first.at + self.world.gathers;
            let count = left.iter().take(AT_ONCE).take_while(|arrival| arrival.at <= until).count().max(1);
            let (together, rest) = left.split_at(count);
            left = rest;
            let at = together.last().map_or(first.at, |last| last.at);
            while let Some((edit, later)) = edits.split_first().filter(|(edit, _)| edit.at <= at) {
                self.pass_to(edit.at).await?;
                self.edit(edit).await?;
                edits = later;
            }
            self.pass_to(at).await?;
            for arrival in together {
                self.plan.note(&arrival.line);
                self.seen.hear(&arrival.charger, at);
                self.stack.hand_in(&arrival.line)?;
            }
            self.pass_to(at).await?;
            self.look().await?;
            if !self.broken.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// An operator changes prices.
    async fn edit(&mut self, edit: &Edit) -> Result<(), SimulateError> {
        self.plan.go_on(false);
        for site in &edit.sites {
            self.stack.store.put_site(site).await?;
        }
        self.plan.go_on(true);
        Ok(())
    }

    /// Lets time pass; what fails on the way is tried again, as AWS does.
    async fn pass_to(&mut self, to: Timestamp) -> Result<(), SimulateError> {
        let mut failed = 0;
        while let Err(error) = self.stack.advance_to(to).await {
            failed += 1;
            if failed == STUCK || !error.is_temporary() {
                return Err(error.into());
            }
            self.plan.note("time did not pass at the first try");
        }
        Ok(())
    }

    /// What has to hold at any time: of what has changed since it was last looked.
    async fn look(&mut self) -> Result<(), SimulateError> {
        if self.plant == Some(Plant::ChargesTwice) {
            self.charge_twice();
        }
        let (now, requests) = (self.stack.clock.now(), self.stack.stripe.requests());
        if requests != self.stripe_seen {
            self.stripe_seen = requests;
            let intents = self.stack.stripe.intents();
            self.broken.extend(of_stripe(&intents));
            self.broken.extend(self.reality.accounts_of(&intents));
        }
        let touched = self.stack.take_touched();
        self.plan.go_on(false);
        if !touched.is_empty() {
            let sessions = self.stack.store.sessions_named(&touched).await?;
            self.broken.extend(self.seen.look(&sessions, now));
            self.broken.extend(self.reality.bounds(&sessions));
        }
        // While nothing can be read or rung for, nobody can find out either.
        let blind = self.plan.last_outage_to().is_some_and(|to| now < to + SignedDuration::from_hours(2));
        if !blind {
            self.broken.extend(self.seen.unnoticed(&self.stack.store, now).await?);
        }
        self.plan.go_on(true);
        Ok(())
    }

    /// A transport that sends a capture again as a charge of its own: the bug that the checks have to find.
    fn charge_twice(&mut self) {
        let Some(taken) = self.stack.stripe.intents().into_iter().find(|intent| intent.received > 0) else { return };
        self.plant = None;
        let session = taken.session.unwrap_or_default();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("amount", &taken.received.to_string())
            .append_pair("currency", "eur")
            .append_pair("payment_method", "pm_card_visa")
            .append_pair("confirm", "true")
            .append_pair("metadata[session]", &session)
            .finish();
        let request = http::Request::post("http://stripe.local/v1/payment_intents")
            .header("authorization", format!("Bearer {}", crate::stack::SIMULATOR_KEY))
            .body(bytes::Bytes::from(form));
        self.plan.go_on(false);
        let _ = request.map(|request| self.stack.stripe.handle(&request));
        self.plan.go_on(true);
    }

    /// Nothing goes wrong any more; what queues gave up on is handed in once more, as an operator would.
    async fn rest(&mut self) -> Result<(), SimulateError> {
        let last = self.stack.clock.now();
        let last = self.plan.last_outage_to().map_or(last, |to| to.max(last));
        self.pass_to(last + FAULTS_GO_ON).await?;
        self.look().await?;
        self.plan.go_on(false);
        self.stack.stripe.disturb(Mishaps::default());
        self.pass_to(last + COMES_TO_REST).await?;
        self.seen.redriven = self.stack.redrive()?;
        self.pass_to(last + COMES_TO_REST + SignedDuration::from_hours(3)).await?;
        // The stack skips minutes in which nothing is due but what is told to nobody.
        self.stack.sweep_soon();
        self.pass_to(last + COMES_TO_REST + SignedDuration::from_hours(4)).await
    }

    async fn end(mut self) -> Result<Ran, SimulateError> {
        self.plan.go_on(false);
        let accounts = summary::accounts(&self.stack, &self.world.sites.sites).await?;
        if self.broken.is_empty() {
            let found = checks::at_rest(&mut self, &accounts).await?;
            self.broken.extend(found);
        }
        for sent in self.stack.topics.sent() {
            self.plan.note(&format!("{} {}", sent.at, sent.text()));
        }
        for session in &accounts.sessions {
            self.plan.note(&serde_json::to_string(session)?);
        }
        self.plan.note(&serde_json::to_string(&self.stack.stripe.books())?);
        let mut outcomes = Outcomes::new();
        for session in &accounts.sessions {
            *outcomes.entry(word(&session.outcome)?).or_default() += 1;
        }
        Ok(Ran {
            hash: self.plan.hash(),
            broken: self.broken,
            met: self.plan.met(),
            sessions: accounts.sessions,
            outcomes,
            messages: self.world.arrivals.len() as u64,
            virtual_seconds: self.stack.clock.now().duration_since(self.world.start).as_secs(),
            redriven: self.seen.redriven as u64,
        })
    }
}

/// The word that the JSON form has for it.
pub(super) fn word(value: &impl Serialize) -> Result<String, serde_json::Error> {
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().to_owned())
}
