//! Two who work at the same time: their requests to the table take turns, so that both have read before either writes.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use plugtill::edges::clock::VirtualClock;
use plugtill::edges::dynamo::EmbeddedStore;
use plugtill_adapters::store::{About, Attempts, Filing, HookName, NamedOrder, Store, Updated};
use plugtill_adapters::webhook::{ObjectKind, StripeEvent};
use plugtill_domain::checkout::{Buyer, Checkout, CheckoutEvent, CheckoutState, Errand, Held, token};
use plugtill_domain::command::{Command, Order};
use plugtill_domain::decide::{Assessment, Event, Opening, decide};
use plugtill_domain::evidence::{Started, StopReason, Stopped};
use plugtill_domain::hook::Topic;
use plugtill_domain::ids::{ConnectorId, SessionId};
use plugtill_domain::incident::{Kind, Place, Rules, Sighting, Subject, observe};
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Surroundings, price};
use plugtill_domain::session::Payer;
use plugtill_domain::site::Terms;
use plugtill_domain::timeline::Timeline;
use plugtill_domain::units::{WattHours, Watts};
use plugtill_tests::{at, site, stack};
use serde_json::json;

/// One table, and two who work on it.
#[derive(Clone)]
pub(super) struct World {
    table: EmbeddedStore,
    clock: VirtualClock,
    one: Store,
    other: Store,
    terms: Terms,
}

impl World {
    pub(super) async fn new() -> Self {
        let sites = site(json!({}));
        let stack = stack(&sites).await;
        let worker = || Store::new(stack.table.sdk_client_in_turns(), "plugtill", 1);
        let (one, other) = (worker(), worker());
        let _ = stack.table.conditions();
        let (table, clock) = (stack.table.clone(), stack.clock.clone());
        Self { table, clock, one, other, terms: sites[0].terms.clone() }
    }

    pub(super) fn forget(&self, condition: &str) {
        self.table.forget_condition(condition);
    }

    pub(super) fn conditions(&self) -> BTreeSet<String> {
        self.table.conditions()
    }

    async fn tell(&self, by: &Store, id: &SessionId, event: Event) -> Updated {
        let known = by.session(id).await.unwrap();
        let decided = |state| decide(state, event.clone(), &self.terms);
        by.update(id, known, (at(60), &TimeZone::UTC), decided).await.unwrap()
    }

    /// A session of 10 kWh in an hour, told up to its stop.
    async fn charged(&self, connector: u32) -> SessionId {
        let id = session(connector);
        self.tell(&self.one, &id, Event::Started(Box::new(self.opening(&id, 1_000, false)))).await;
        self.tell(&self.one, &id, stopped()).await;
        id
    }

    /// What becomes of it once it is billed.
    fn billed(&self) -> Event {
        let used = Timeline::steady(at(0), at(60), WattHours(10_000));
        let bill = Ok(price(&used, Surroundings::of(Watts(22_000)), &self.terms).unwrap());
        let minimum = Money::new(50, "EUR".parse().unwrap());
        Event::Assessed(Assessment { at: at(90), bill, unplugged: true, minimum })
    }

    fn opening(&self, id: &SessionId, register: i64, hooked: bool) -> Opening {
        let payer = Payer { customer: "cus_1".to_owned(), payment_method: "pm_1".to_owned() };
        Opening {
            id: id.clone(),
            site: self.terms.site.clone(),
            terms: "v1".to_owned(),
            max_power: Watts(22_000),
            started: Started::at(WattHours(register), "TAG1".parse().unwrap()),
            payer: (id.connector == ConnectorId(1)).then_some(payer),
            hold: None,
            limit: None,
            stay_watch: None,
            hooked,
            answered: false,
            received_at: at(0),
        }
    }
}

fn session(connector: u32) -> SessionId {
    SessionId { charger: "CP1".parse().unwrap(), connector: ConnectorId(connector), started_at: at(0) }
}

fn stopped() -> Event {
    let stop = Stopped {
        transaction: "7".parse().unwrap(),
        at: at(60),
        register: Some(WattHours(11_000)),
        reason: StopReason::EvDisconnected,
        readings: Vec::new(),
        signed: false,
    };
    Event::Stopped(stop, at(60))
}

/// The first start counts; the second, with another register, changes nothing.
pub(super) async fn two_starts_of_one_session(world: World, hooked: bool) -> bool {
    let id = session(1);
    let start = |register| Event::Started(Box::new(world.opening(&id, register, hooked)));
    let started = tokio::join!(world.tell(&world.one, &id, start(1_000)), world.tell(&world.other, &id, start(2_000)),);
    let opened = [started.0, started.1].into_iter().filter(|updated| matches!(updated, Updated::Committed(_)));
    opened.count() == 1
}

/// Whoever writes last has read what the other wrote.
pub(super) async fn a_stop_and_a_hold(world: World, hooked: bool) -> bool {
    let id = session(1);
    world.tell(&world.one, &id, Event::Started(Box::new(world.opening(&id, 1_000, hooked)))).await;
    let which = world.one.session(&id).await.unwrap().unwrap().session.next_payment().unwrap().id();
    let held = Event::Paid {
        which,
        intent: "pi_1".to_owned(),
        amount: None,
        refund: None,
        capture_before: Some(at(5_000)),
        at: at(1),
    };
    tokio::join!(world.tell(&world.one, &id, held), world.tell(&world.other, &id, stopped()));
    let after = world.one.session(&id).await.unwrap().unwrap().session;
    after.stopped.is_some() && !after.active_holds().is_empty()
}

/// No number twice, where so many have been given before.
pub(super) async fn two_receipts(world: World, before: u32) -> bool {
    for connector in 2..2 + before {
        let id = world.charged(connector).await;
        world.tell(&world.other, &id, world.billed()).await;
    }
    let (first, second) = (world.charged(8).await, world.charged(9).await);
    tokio::join!(world.tell(&world.one, &first, world.billed()), world.tell(&world.other, &second, world.billed()),);
    let mut numbers = BTreeSet::new();
    for id in [&first, &second] {
        numbers.extend(world.one.session(id).await.unwrap().unwrap().session.receipt_number);
    }
    numbers.len() == 2
}

/// Both are counted.
pub(super) async fn two_sightings(world: World) -> bool {
    let place = Place::Connector("CP1".parse().unwrap(), ConnectorId(1));
    let subject = Subject { kind: Kind::ChargerFault, site: Some(world.terms.site.clone()), place };
    let rules = Rules::default();
    let see = async |by: &Store, minute| {
        let known = by.incident(subject.clone()).await.unwrap();
        let seen = Sighting::now(subject.clone(), format!("{minute}"), false, at(minute));
        by.update_incident(known, |latest| observe(latest, &seen, &rules)).await.unwrap();
    };
    tokio::join!(see(&world.one, 1), see(&world.other, 2));
    world.one.incident(subject.clone()).await.unwrap().incident.unwrap().count == 2
}

fn event(id: &str, second: i64) -> StripeEvent {
    StripeEvent {
        id: id.to_owned(),
        event_type: "payment_intent.succeeded",
        created: at(0) + SignedDuration::from_secs(second),
        account: None,
        object: "pi_1".to_owned(),
        kind: ObjectKind::PaymentIntent,
    }
}

pub(super) async fn one_event_twice(world: World) -> bool {
    let event = event("evt_1", 1);
    let filed = tokio::join!(world.one.file_event(&event, at(1)), world.other.file_event(&event, at(1)));
    let new = [filed.0.unwrap(), filed.1.unwrap()].into_iter().filter(|filing| *filing == Filing::Filed);
    new.count() == 1
}

/// The newer one stays the latest.
pub(super) async fn an_older_event_after_a_newer(world: World) -> bool {
    world.one.file_event(&event("evt_2", 2), at(1)).await.unwrap();
    world.other.file_event(&event("evt_1", 1), at(1)).await.unwrap();
    let pending = world.one.pending_events("pi_1").await.unwrap();
    pending.len() == 1 && pending[0].event_id == "evt_2"
}

/// An item that has passed its time goes between the two tries: what is filed then can be read.
pub(super) async fn an_older_event_while_the_newer_is_forgotten(world: World) -> bool {
    world.one.file_event(&event("evt_2", 2), at(1)).await.unwrap();
    let filed = &world.one.pending_events("pi_1").await.unwrap()[0];
    world.one.event_handled(filed).await.unwrap();
    let (table, clock, mut transactions) = (world.table.clone(), world.clock.clone(), 0);
    world.table.draw(Box::new(move |operation| {
        transactions += usize::from(operation == "TransactWriteItems");
        if transactions == 2 {
            clock.advance_to(at(60 * 24 * 40));
            table.expire().unwrap();
        }
        None
    }));
    let filed = world.other.file_event(&event("evt_1", 1), at(2)).await;
    filed.unwrap();
    world.one.pending_events("pi_1").await.is_ok_and(|pending| pending.len() == 1 && pending[0].event_id == "evt_1")
}

/// It is not taken for looked at.
pub(super) async fn an_event_while_another_is_looked_at(world: World) -> bool {
    world.one.file_event(&event("evt_1", 1), at(1)).await.unwrap();
    let looked_at = world.one.pending_events("pi_1").await.unwrap().remove(0);
    world.other.file_event(&event("evt_2", 2), at(1)).await.unwrap();
    world.one.event_handled(&looked_at).await.unwrap();
    world.one.pending_events("pi_1").await.unwrap().len() == 1
}

fn command() -> Command {
    let order = Order::Start { connector: ConnectorId(1), tag: "TAG1".parse().unwrap() };
    Command::new("start-1".to_owned(), "CP1".parse().unwrap(), order, at(0))
}

pub(super) async fn one_command_given_twice(world: World) -> bool {
    let command = command();
    let given = tokio::join!(world.one.give_command(&command), world.other.give_command(&command));
    given.0.unwrap() != given.1.unwrap()
}

pub(super) async fn one_command_sent_by_two(world: World) -> bool {
    let command = command();
    world.one.give_command(&command).await.unwrap();
    let take = async |by: &Store| by.take_command(&command.charger, &command.id, at(1)).await.unwrap();
    let (one, other) = tokio::join!(take(&world.one), take(&world.other));
    one.is_some() != other.is_some()
}

pub(super) async fn one_order_sent_twice(world: World) -> bool {
    let order = NamedOrder { by: "machine:m".to_owned(), name: "1".to_owned(), asked: "unlock".to_owned() };
    let begun = tokio::join!(world.one.begin_order(&order, at(0)), world.other.begin_order(&order, at(0)));
    begun.0.unwrap() != begun.1.unwrap()
}

fn checkout(answered: bool) -> Checkout {
    Checkout {
        token: token("0123456789abcdef01").unwrap(),
        site: "yard".parse().unwrap(),
        errand: Errand::Charge { charger: "CP1".parse().unwrap(), connector: ConnectorId(1) },
        amount: Money::new(2_000, "EUR".parse().unwrap()),
        limit: None,
        answered,
        opened_at: at(0),
        page: None,
        buyer: Buyer::default(),
        held: None,
        texts_to: None,
        language: None,
        state: CheckoutState::Open,
    }
}

fn held(intent: &str) -> CheckoutEvent {
    let held = Held {
        intent: intent.to_owned(),
        payer: Payer { customer: "cus_1".to_owned(), payment_method: "pm_1".to_owned() },
        amount: Money::new(2_000, "EUR".parse().unwrap()),
        capture_before: None,
        known_at: at(1),
        start_before: at(15),
    };
    CheckoutEvent::Held(held, Buyer::default())
}

pub(super) async fn one_token_drawn_twice(world: World) -> bool {
    let checkout = checkout(false);
    let opened = tokio::join!(world.one.open_checkout(&checkout), world.other.open_checkout(&checkout));
    opened.0.unwrap() != opened.1.unwrap()
}

async fn one_of_two(world: &World, checkout: &Checkout, events: [CheckoutEvent; 2]) -> bool {
    let (one, other) = tokio::join!(
        world.one.update_checkout(&checkout.token, &events[0]),
        world.other.update_checkout(&checkout.token, &events[1]),
    );
    one.unwrap().is_some() != other.unwrap().is_some()
}

/// A hold pays for one session.
pub(super) async fn one_token_at_two_connectors(world: World) -> bool {
    let checkout = checkout(false);
    world.one.open_checkout(&checkout).await.unwrap();
    world.one.update_checkout(&checkout.token, &held("pi_1")).await.unwrap();
    one_of_two(&world, &checkout, [1, 2].map(|connector| CheckoutEvent::Claimed(session(connector)))).await
}

/// The charger is told to start with the write that learns of a hold.
pub(super) async fn two_holds_for_one_token(world: World) -> bool {
    let checkout = checkout(true);
    world.one.open_checkout(&checkout).await.unwrap();
    one_of_two(&world, &checkout, [held("pi_1"), held("pi_2")]).await
}

/// Both guesses are counted, after so many that were before.
pub(super) async fn two_who_guess_a_password(world: World, before: u32) -> bool {
    let name = "somebody@example.com".parse().unwrap();
    for _ in 0..before {
        assert!(world.one.put_attempts(&name, Attempts { failed: 1, last_at: at(0) }, 0).await.unwrap());
    }
    let guess = async |by: &Store| {
        let (attempts, version) = by.attempts(&name).await.unwrap();
        let attempts = Attempts { failed: attempts.failed + 1, last_at: at(1) };
        by.put_attempts(&name, attempts, version).await.unwrap()
    };
    let (one, other) = tokio::join!(guess(&world.one), guess(&world.other));
    one != other
}

/// What one noted is not undone by the other.
pub(super) async fn one_webhook_sent_by_two(world: World, given_up: bool) -> bool {
    let about = About::Session(session(1));
    world.tell(&world.one, &session(1), Event::Started(Box::new(world.opening(&session(1), 0, true)))).await;
    let event = format!("{}#{:.3}", Topic::SessionStarted.as_str(), at(60));
    let known = world.one.hook(HookName { about, event }).await.unwrap().unwrap();
    let tried = |by: &str| {
        let mut tried = known.clone();
        for _ in 0..if given_up { 64 } else { 1 } {
            tried.hook.tried(vec![(format!("https://{by}.example"), Err("500".to_owned()))], at(90));
        }
        tried
    };
    let (one, other) = (tried("one"), tried("other"));
    let put = tokio::join!(world.one.put_hook(&one), world.other.put_hook(&other));
    put.0.unwrap() != put.1.unwrap()
}
