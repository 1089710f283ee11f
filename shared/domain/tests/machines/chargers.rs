//! Two chargers with a connector each, and one connector with two sessions, each explored whole: every order in which their messages, the
//! work and its answers can happen, with a message that comes twice, an answer that is lost, and a function that ends between
//! an effect and its acknowledgement. What decides is the real `decide`.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use plugtill_domain::decide::Event;
use plugtill_domain::payment::{MoveId, Purpose};
use plugtill_domain::session::{Outcome, Session, Work};
use plugtill_domain::site::Terms;
use stateright::{Checker, HasDiscoveries, Model, Property};

use super::yard::{assessed, at, happens, opening, price, stopped, terms};

/// Charger, minute and register of the start; minute and register of the stop. The third is billed above its hold.
const SESSIONS: [(&str, i64, i64, i64, i64); 3] =
    [("CP1", 0, 0, 30, 5_000), ("CP1", 40, 5_000, 70, 9_000), ("CP2", 0, 0, 60, 44_000)];

/// A message of a charger, by its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Start(usize),
    Stop(usize),
}

/// What may go wrong, each so often at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Faults {
    duplicates: u8,
    lost_answers: u8,
    crashes: u8,
}

/// A session, and a number that is its own: states are told apart by it.
#[derive(Debug, Clone)]
struct Known {
    session: Arc<Session>,
    print: u64,
}

impl Known {
    fn new(session: Session) -> Self {
        let mut hasher = DefaultHasher::new();
        serde_json::to_string(&session).unwrap().hash(&mut hasher);
        Self { session: Arc::new(session), print: hasher.finish() }
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.print == other.print
    }
}

impl Eq for Known {}

/// An answer of Stripe's on its way.
type Answer = (usize, MoveId, String);

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    /// Sent and not yet acknowledged. Any may come next: that is also how a message comes late, or again after a loss.
    sent: BTreeSet<Message>,
    sessions: [Option<Known>; 3],
    /// What Stripe has carried out, by key: what for, whose, how much.
    carried_out: BTreeMap<String, (Purpose, usize, i64)>,
    answers: Vec<Answer>,
    left: Faults,
    /// How often each session asked Stripe: of no consequence but where a bug is planted.
    asked: [u8; 3],
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.sent, self.left, self.asked).hash(state);
        for (session, which, intent) in &self.answers {
            (session, which.purpose.as_str(), which.attempt, intent).hash(state);
        }
        for session in &self.sessions {
            session.as_ref().map(|known| known.print).hash(state);
        }
        for (key, (purpose, session, amount)) in &self.carried_out {
            (key, purpose.as_str(), session, amount).hash(state);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    /// A message is taken; `None` where it stays, since its function ended before it could say so, or it was sent twice.
    Take(Message),
    TakeAndEnd(Message),
    TakeTwice(Message),
    /// Stripe is asked for a session's next move, and carries it out under its key.
    Ask(usize),
    /// Its answer is taken, or lost, or taken by a function that ends before it could say so.
    Hear(usize),
    Lose(usize),
    HearAndEnd(usize),
    /// What has ended is priced.
    Settle(usize),
}

struct Chargers {
    terms: Terms,
    faults: Faults,
    /// Which of the sessions there are.
    there: &'static [usize],
    /// The bug that is planted: each try of a move has a key of its own.
    forgets_its_keys: bool,
}

impl Chargers {
    fn new(there: &'static [usize], forgets_its_keys: bool) -> Self {
        Self { terms: terms(false), faults: ONE_OF_EACH, there, forgets_its_keys }
    }

    /// What happens to a session. That it was said before is no matter here: then nothing changes.
    fn happens(&self, state: &mut State, index: usize, event: Event) {
        let mut session = state.sessions[index].as_ref().map(|known| (*known.session).clone());
        if happens(&mut session, event, &self.terms).is_ok() {
            state.sessions[index] = session.map(Known::new);
        }
    }

    /// As `charger-events`: the session is opened, and its neighbours at the connector are told of each other.
    fn taken(&self, state: &mut State, message: Message) -> bool {
        match message {
            Message::Start(index) => {
                let (charger, minute, register, ..) = SESSIONS[index];
                let event = Event::Started(Box::new(opening(charger, minute, register, "TAG1")));
                // A start that was taken before is a duplicate, and is acknowledged.
                self.happens(state, index, event);
                for (earlier, later) in [(0, 1)] {
                    if state.sessions[earlier].is_some() && state.sessions[later].is_some() {
                        let next = at(SESSIONS[later].1);
                        let event = Event::NextSession { at: next, received_at: next };
                        self.happens(state, earlier, event);
                    }
                }
                true
            }
            Message::Stop(index) => {
                let (_, _, _, minute, register) = SESSIONS[index];
                if state.sessions[index].is_none() {
                    return false;
                }
                self.happens(state, index, Event::Stopped(stopped(minute, register), at(minute)));
                true
            }
        }
    }

    /// As `settle`: the intent is stored already, and its key is the move's own.
    fn asked(&self, state: &mut State, index: usize) {
        let session = Arc::clone(&state.sessions[index].as_ref().unwrap().session);
        let next = session.next_payment().unwrap();
        let mut key = next.key(&session.id);
        if self.forgets_its_keys {
            key = format!("{key}#{}", state.asked[index]);
            state.asked[index] += 1;
        }
        let intent = next.intent.clone().unwrap_or_else(|| format!("pi_{}_{index}", next.purpose.as_str()));
        state.carried_out.entry(key).or_insert((next.purpose, index, next.amount.minor()));
        state.answers.push((index, next.id(), intent));
        state.answers.sort();
    }

    fn heard(&self, state: &mut State, (index, which, intent): Answer) {
        let capture_before = (which.purpose == Purpose::Hold).then(|| at(60 * 24 * 4));
        let event = Event::Paid { which, intent, amount: None, refund: None, capture_before, at: at(95) };
        // One that was heard before is a duplicate.
        self.happens(state, index, event);
    }
}

fn taken_of(state: &State, purposes: &[Purpose], index: usize) -> Vec<i64> {
    let of = |(purpose, whose, _): &&(Purpose, usize, i64)| purposes.contains(purpose) && *whose == index;
    state.carried_out.values().filter(of).map(|(_, _, amount)| *amount).collect()
}

impl Model for Chargers {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let sent = self.there.iter().flat_map(|index| [Message::Start(*index), Message::Stop(*index)]).collect();
        let (carried_out, answers) = (BTreeMap::new(), Vec::new());
        vec![State { sent, sessions: [None, None, None], carried_out, answers, left: self.faults, asked: [0; 3] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for message in &state.sent {
            if matches!(message, Message::Stop(index) if state.sessions[*index].is_none()) {
                continue;
            }
            actions.push(Action::Take(*message));
            if state.left.crashes > 0 {
                actions.push(Action::TakeAndEnd(*message));
            }
            if state.left.duplicates > 0 {
                actions.push(Action::TakeTwice(*message));
            }
        }
        for (index, session) in state.sessions.iter().enumerate() {
            let Some(Known { session, .. }) = session else { continue };
            let waits =
                |which: MoveId| state.answers.iter().any(|(whose, asked, _)| *whose == index && *asked == which);
            match session.due() {
                Some((_, Work::Pay)) if !waits(session.next_payment().unwrap().id()) => {
                    actions.push(Action::Ask(index));
                }
                Some((_, Work::Settle)) => actions.push(Action::Settle(index)),
                _ => {}
            }
        }
        for index in 0..state.answers.len() {
            actions.push(Action::Hear(index));
            if state.left.lost_answers > 0 {
                actions.push(Action::Lose(index));
            }
            if state.left.crashes > 0 {
                actions.push(Action::HearAndEnd(index));
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Take(message) => {
                self.taken(&mut state, message);
                state.sent.remove(&message);
            }
            Action::TakeAndEnd(message) => {
                self.taken(&mut state, message);
                state.left.crashes -= 1;
            }
            Action::TakeTwice(message) => {
                self.taken(&mut state, message);
                state.left.duplicates -= 1;
            }
            Action::Ask(index) => self.asked(&mut state, index),
            Action::Hear(index) => {
                let answer = state.answers.remove(index);
                self.heard(&mut state, answer);
            }
            Action::Lose(index) => {
                state.answers.remove(index);
                state.left.lost_answers -= 1;
            }
            Action::HearAndEnd(index) => {
                let answer = state.answers[index].clone();
                self.heard(&mut state, answer);
                state.left.crashes -= 1;
            }
            Action::Settle(index) => {
                let event = assessed(&state.sessions[index].as_ref().unwrap().session, &self.terms, at(90));
                self.happens(&mut state, index, event);
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(CAPTURED_ONCE, |_: &Self, state: &State| {
                (0..3).all(|index| {
                    let once = |purpose| taken_of(state, &[purpose], index).len() <= 1;
                    once(Purpose::Capture) && once(Purpose::TopUp)
                })
            }),
            Property::always(
                "never more is captured than was held, nor taken than is billed",
                |_: &Self, state: &State| {
                    (0..3).all(|index| {
                        let sum = |purposes: &[Purpose]| taken_of(state, purposes, index).iter().sum::<i64>();
                        let (_, _, from, _, to) = SESSIONS[index];
                        let held = sum(&[Purpose::Hold]);
                        sum(&[Purpose::Capture]) <= held && sum(&[Purpose::Capture, Purpose::TopUp]) <= price(to - from)
                    })
                },
            ),
            Property::always("a connector has one open session", |_: &Self, state: &State| {
                let running = |known: &&Option<Known>| {
                    let session = known.as_ref().map(|known| &known.session);
                    session.is_some_and(|it| it.ended_at().is_none() && it.next_session_at.is_none())
                };
                state.sessions[..2].iter().filter(running).count() <= 1
            }),
            Property::always("at rest every session is paid, once and whole", |model: &Self, state: &State| {
                let mut actions = Vec::new();
                model.actions(state, &mut actions);
                !actions.is_empty() || model.there.iter().all(|index| paid(state, *index))
            }),
            Property::sometimes("all is paid although everything went wrong", |model: &Self, state: &State| {
                let Faults { duplicates, lost_answers, crashes } = state.left;
                (duplicates, lost_answers, crashes) == (0, 0, 0) && model.there.iter().all(|index| paid(state, *index))
            }),
        ]
    }
}

const CAPTURED_ONCE: &str = "a session is captured once and topped up once";

fn paid(state: &State, index: usize) -> bool {
    let (_, _, from, _, to) = SESSIONS[index];
    let taken: i64 = taken_of(state, &[Purpose::Capture, Purpose::TopUp], index).iter().sum();
    let session = state.sessions[index].as_ref().map(|known| &known.session);
    let whole = session.is_some_and(|it| it.outcome == Outcome::Captured && it.collected().minor() == taken);
    whole && taken == price(to - from) && session.is_some_and(|it| it.active_holds().is_empty())
}

/// Each fault once.
const ONE_OF_EACH: Faults = Faults { duplicates: 1, lost_answers: 1, crashes: 1 };

fn ends_paid_once(there: &'static [usize]) {
    let checked = Chargers::new(there, false).checker().threads(2).spawn_bfs().join();
    let (states, different) = (checked.state_count(), checked.unique_state_count());
    println!("{states} states, {different} of them different, {} deep", checked.max_depth());
    checked.assert_properties();
    assert!(different > 1_000, "only {different} states: it goes nowhere");
}

#[test]
fn every_order_and_fault_of_two_chargers_ends_paid_once() {
    ends_paid_once(&[0, 2]);
}

#[test]
fn every_order_and_fault_of_two_sessions_at_one_connector_ends_paid_once() {
    ends_paid_once(&[0, 1]);
}

#[test]
fn a_key_that_changes_with_each_try_is_found_to_capture_twice() {
    let wanted = HasDiscoveries::AnyOf([CAPTURED_ONCE].into());
    let checked = Chargers::new(&[0], true).checker().threads(1).finish_when(wanted).spawn_bfs().join();
    let actions = checked.discovery(CAPTURED_ONCE).expect("the planted bug is found").into_actions();
    println!("found after {} steps: {actions:?}", actions.len());
    assert!(actions.iter().any(|action| matches!(action, Action::Lose(_))), "by an answer that was lost: {actions:?}");
}
