//! The protocol of a session: start, stops, unplug, the next session and the settlement, in any order and any number.

use plugtill_domain::decide::{Event, Nothing};
use plugtill_domain::session::{Outcome, Session, Work};
use plugtill_domain::site::Terms;
use plugtill_domain::units::WattHours;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::yard::{assessed, at, happens, opening, price, stopped, terms};

/// What can happen, with minutes and watt-hours.
#[derive(Debug, Clone)]
enum Step {
    Start { same: bool },
    Stop { minute: i64, wh: i64 },
    Unplug { minute: i64 },
    Next { minute: i64 },
    Late,
    Settle,
    Answer,
}

/// How a session ends as far as it is known: what the model knows, and nothing more.
#[derive(Debug, Clone, Default)]
struct Model {
    started: bool,
    /// The earliest that was said.
    stop: Option<(i64, i64)>,
    next: Option<i64>,
    /// What the last settlement billed, in cents.
    billed: Option<i64>,
    /// Whether anything said since the last settlement asks for another.
    settles: bool,
    /// Whether Stripe owes an answer.
    asked: bool,
    expected: Option<Expected>,
}

/// What the decision about the last step has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Commits,
    Duplicate,
    Conflict,
    Overlap,
    NoEffect,
    /// What comes of it is the machine's own matter.
    Anything,
}

impl Model {
    fn stop(&mut self, minute: i64, wh: i64) -> Expected {
        match self.stop {
            Some(known) if known == (minute, wh) => Expected::Duplicate,
            Some(known) if known <= (minute, wh) => Expected::Conflict,
            // A minute of overlap is a clock that differs.
            _ if self.next.is_some_and(|next| minute > next + 1) => Expected::Overlap,
            _ => {
                self.stop = Some((minute, wh));
                self.settles = true;
                Expected::Commits
            }
        }
    }

    fn next(&mut self, minute: i64) -> Expected {
        let later = self.next.is_some_and(|known| known <= minute);
        let fits = self.stop.is_some_and(|(stop, _)| stop <= minute + 1);
        if minute <= 0 || later || fits {
            return Expected::NoEffect;
        }
        if self.stop.take().is_some() {
            self.settles = false;
        }
        self.next = Some(minute);
        Expected::Commits
    }
}

struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Model;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    fn transitions(model: &Model) -> BoxedStrategy<Step> {
        if !model.started {
            return Just(Step::Start { same: true }).boxed();
        }
        prop_oneof![
            1 => any::<bool>().prop_map(|same| Step::Start { same }),
            // Few values, so that the same stop comes again and another one beside it.
            4 => (10..14_i64, prop_oneof![Just(0), Just(800), Just(5_000), Just(5_001)])
                .prop_map(|(minute, wh)| Step::Stop { minute: minute * 5, wh }),
            1 => (0..90_i64).prop_map(|minute| Step::Unplug { minute }),
            1 => (40..80_i64).prop_map(|minute| Step::Next { minute }),
            1 => Just(Step::Late),
            4 => Just(Step::Settle),
            4 => Just(Step::Answer),
        ]
        .boxed()
    }

    fn preconditions(model: &Model, step: &Step) -> bool {
        let settled = model.billed.is_some();
        match step {
            Step::Start { same } => *same || model.started,
            Step::Settle => model.settles && model.stop.is_some() && !model.asked,
            Step::Answer => model.asked,
            Step::Late => settled,
            // After the settlement the next session is another machine's matter: `payments` lowers and raises bills.
            Step::Stop { .. } | Step::Next { .. } | Step::Unplug { .. } => !settled,
        }
    }

    fn apply(mut model: Model, step: &Step) -> Model {
        let expected = match step {
            Step::Start { .. } if !model.started => {
                (model.started, model.asked) = (true, true);
                Expected::Commits
            }
            Step::Start { same: true } => Expected::Duplicate,
            Step::Start { same: false } => Expected::Conflict,
            Step::Stop { minute, wh } => model.stop(*minute, *wh),
            Step::Next { minute } => model.next(*minute),
            Step::Unplug { .. } | Step::Late | Step::Answer => Expected::Anything,
            Step::Settle => {
                model.billed = model.stop.map(|(_, wh)| price(wh));
                model.settles = false;
                Expected::Commits
            }
        };
        if matches!(step, Step::Settle | Step::Answer) {
            model.asked = false;
        }
        model.expected = Some(expected);
        model
    }
}

/// The real thing, and what it has seen.
struct Real {
    terms: Terms,
    session: Option<Session>,
    before: Option<Session>,
}

impl Real {
    fn session(&self) -> &Session {
        self.session.as_ref().unwrap()
    }

    /// Stripe does the next move that is asked for.
    fn answered(&mut self) -> Result<(), Nothing> {
        let next = self.session().next_payment().unwrap();
        let (which, intent) = (next.id(), next.intent.clone().unwrap_or_else(|| "pi_1".to_owned()));
        let capture_before = Some(at(60 * 24 * 4));
        let event = Event::Paid { which, intent, amount: None, refund: None, capture_before, at: at(95) };
        happens(&mut self.session, event, &self.terms)
    }
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Real;
    type Reference = Self;

    fn init_test(_: &Model) -> Real {
        Real { terms: terms(false), session: None, before: None }
    }

    fn apply(mut real: Real, model: &Model, step: Step) -> Real {
        real.before.clone_from(&real.session);
        let terms = real.terms.clone();
        let decided = match step {
            Step::Start { same } => {
                let tag = if same { "TAG1" } else { "OTHER" };
                let event = Event::Started(Box::new(opening("CP1", 0, 0, tag)));
                happens(&mut real.session, event, &terms)
            }
            Step::Stop { minute, wh } => {
                happens(&mut real.session, Event::Stopped(stopped(minute, wh), at(minute)), &terms)
            }
            Step::Unplug { minute } => happens(&mut real.session, Event::Unplugged(at(minute)), &terms),
            Step::Next { minute } => {
                let event = Event::NextSession { at: at(minute), received_at: at(minute) };
                happens(&mut real.session, event, &terms)
            }
            Step::Late => happens(&mut real.session, Event::LateEvidence(at(100)), &terms),
            Step::Answer => real.answered(),
            Step::Settle => {
                assert_eq!(real.session().due().map(|(_, work)| work), Some(Work::Settle));
                let event = assessed(real.session(), &terms, at(90));
                happens(&mut real.session, event, &terms)
            }
        };
        let expected = match decided {
            Ok(()) => Expected::Commits,
            Err(Nothing::Duplicate) => Expected::Duplicate,
            Err(Nothing::Conflict) => Expected::Conflict,
            Err(Nothing::Overlap) => Expected::Overlap,
            Err(_) => Expected::NoEffect,
        };
        assert!(
            model.expected == Some(Expected::Anything) || model.expected == Some(expected),
            "{expected:?} of {model:?}"
        );
        // Every move of the settlement is answered at once: how answers go astray is the other machine's matter.
        if matches!(step, Step::Settle) {
            while real.session().next_payment().is_some() {
                real.answered().unwrap();
            }
        }
        real
    }

    fn check_invariants(real: &Real, model: &Model) {
        let Some(session) = &real.session else { return };
        let stop = session.stopped.as_ref().map(|stop| (stop.at, stop.register));
        assert_eq!(stop, model.stop.map(|(minute, wh)| (at(minute), Some(WattHours(wh)))), "the earliest stop counts");
        assert_eq!(session.next_session_at, model.next.map(at));
        assert_eq!(session.bill.as_ref().map(|bill| bill.total.minor()), model.billed, "priced by the earliest stop");
        if let Some(before) = &real.before {
            assert_eq!((&before.id, &before.terms, &before.started), (&session.id, &session.terms, &session.started));
            assert!(
                before.outcome == Outcome::Open || session.outcome != Outcome::Open,
                "an outcome is never taken back"
            );
            assert!(before.payments.len() <= session.payments.len(), "no move is forgotten");
        }
        if let Some(billed) = model.billed {
            let collected = if billed < super::yard::LEAST { 0 } else { billed };
            assert_eq!(session.collected().minor(), collected);
            let outcome = if collected == 0 { Outcome::Waived } else { Outcome::Captured };
            assert_eq!(
                (session.outcome, session.active_holds().len()),
                (outcome, 0),
                "one outcome, and no hold stands"
            );
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_session_does_what_its_model_says_whatever_is_said_in_whatever_order(sequential 1..40 => Machine);
}
