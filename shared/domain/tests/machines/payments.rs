//! The protocol of payments: moves asked for again and again, answers lost and late, cards that decline, bills that change
//! afterwards, and whatever somebody does in Stripe's dashboard.

use std::collections::BTreeMap;

use plugtill_domain::decide::{Event, Found, Nothing};
use plugtill_domain::dispute::{Dispute, DisputeState};
use plugtill_domain::ledger::balances;
use plugtill_domain::payment::{Payment, Purpose};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::Terms;
use plugtill_domain::units::WattHours;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};

use super::yard::{HOLD, LEAST, assessed, at, eur, happens, opening, price, stopped, terms};

/// What becomes of asking Stripe for the next move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Answered,
    /// Done, and nobody hears of it.
    Unheard,
    /// Never arrived.
    Lost,
    /// The card says no, where a card is asked; elsewhere answered.
    Declined,
    /// It is proven that nothing came of it.
    Nothing,
}

#[derive(Debug, Clone)]
enum Step {
    Ask(Fate),
    /// An answer of before comes again: a webhook, a second worker.
    Again(usize),
    /// The evidence as it is known by now comes to so many watt-hours.
    Bill(i64),
    Rest,
    HoldLapses,
    RefundedElsewhere(i64),
    Disputed(DisputeState),
}

/// What the driver has to have paid once all is at rest: all that the model knows.
#[derive(Debug, Clone, Default)]
struct Model {
    bills: usize,
    paid: i64,
    /// Something declined, or somebody else moved money: then only the sums have to agree.
    is_disturbed: bool,
    asked: usize,
}

impl Model {
    fn bill(&mut self, total: i64) {
        let rest = total - self.paid;
        let moves = !(0..LEAST).contains(&rest);
        self.paid += if moves { rest } else { 0 };
        self.bills += 1;
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
        let fate = prop_oneof![
            4 => Just(Fate::Answered),
            3 => Just(Fate::Unheard),
            2 => Just(Fate::Lost),
            1 => Just(Fate::Declined),
            2 => Just(Fate::Nothing),
        ];
        // Nothing, too little, within the hold, exactly it, a little above, far above.
        let wh = prop_oneof![Just(0), Just(700), Just(5_000), Just(40_000), Just(40_400), Just(50_000), 0..50_000_i64];
        let state = prop_oneof![Just(DisputeState::Open), Just(DisputeState::Won), Just(DisputeState::Lost)];
        prop_oneof![
            10 => fate.prop_map(Step::Ask),
            3 => (0..model.asked.max(1)).prop_map(Step::Again),
            4 => wh.prop_map(Step::Bill),
            2 => Just(Step::Rest),
            1 => Just(Step::HoldLapses),
            1 => (1..900_i64).prop_map(Step::RefundedElsewhere),
            1 => state.prop_map(Step::Disputed),
        ]
        .boxed()
    }

    fn apply(mut model: Model, step: &Step) -> Model {
        match step {
            Step::Ask(fate) => {
                model.asked += 1;
                model.is_disturbed |= *fate == Fate::Declined;
            }
            Step::Bill(wh) => model.bill(price(*wh)),
            Step::RefundedElsewhere(_) => model.is_disturbed = true,
            Step::Again(_) | Step::Rest | Step::HoldLapses | Step::Disputed(_) => {}
        }
        model
    }
}

/// A payment service that knows keys, and checks what it is asked.
#[derive(Debug, Default)]
struct Stripe {
    done: BTreeMap<String, (Purpose, i64, Option<String>)>,
    intents: BTreeMap<String, Intent>,
    refunds: usize,
}

#[derive(Debug, Default, Clone)]
struct Intent {
    held: i64,
    captures: usize,
    taken: i64,
    refunded: i64,
    is_gone: bool,
}

impl Stripe {
    /// Carries a move out, once a key; `None` where it refuses for good.
    fn asked(&mut self, payment: &Payment, session: &Session) -> Option<(String, Option<String>)> {
        let (key, amount) = (payment.key(&session.id), payment.amount.minor());
        let intent = payment.intent.clone();
        if let Some((purpose, before, made)) = self.done.get(&key) {
            assert_eq!((*purpose, *before), (payment.purpose, amount), "a key is used for one move and one amount");
            return made.clone().map(|made| told(payment, made));
        }
        let made = self.carried_out(payment.purpose, amount, intent);
        self.done.insert(key, (payment.purpose, amount, made.clone()));
        made.map(|made| told(payment, made))
    }

    fn carried_out(&mut self, purpose: Purpose, amount: i64, intent: Option<String>) -> Option<String> {
        let new = format!("pi_{}", self.intents.len() + 1);
        match purpose {
            Purpose::Hold => {
                self.intents.insert(new.clone(), Intent { held: amount, ..Intent::default() });
                Some(new)
            }
            Purpose::TopUp => {
                self.intents.insert(new.clone(), Intent { taken: amount, ..Intent::default() });
                Some(new)
            }
            Purpose::Capture => {
                let name = intent.unwrap();
                let found = self.intents.get_mut(&name).unwrap();
                if found.is_gone {
                    return None;
                }
                (found.captures, found.taken) = (found.captures + 1, found.taken + amount);
                Some(name)
            }
            Purpose::Release => {
                let name = intent.unwrap();
                let found = self.intents.get_mut(&name).unwrap();
                assert_eq!(found.captures, 0, "what is captured is not given back by a release");
                found.is_gone = true;
                Some(name)
            }
            Purpose::Refund => {
                let found = self.intents.get_mut(&intent.unwrap()).unwrap();
                // Somebody may have given back in the dashboard what was about to be given back here.
                if found.refunded + amount > found.taken {
                    return None;
                }
                found.refunded += amount;
                self.refunds += 1;
                Some(format!("re_{}", self.refunds))
            }
            Purpose::Raise | Purpose::Link => panic!("nobody asks for {purpose:?} here"),
        }
    }

    fn net(&self) -> i64 {
        self.intents.values().map(|intent| intent.taken - intent.refunded).sum()
    }

    fn declines(&mut self, payment: &Payment, session: &Session) -> bool {
        let asks_the_card = matches!(payment.purpose, Purpose::Hold | Purpose::TopUp);
        let key = payment.key(&session.id);
        if !asks_the_card || self.done.contains_key(&key) {
            return false;
        }
        self.done.insert(key, (payment.purpose, payment.amount.minor(), None));
        true
    }
}

/// The intent that a move acts on or made, and the refund that it made.
fn told(payment: &Payment, made: String) -> (String, Option<String>) {
    if payment.purpose == Purpose::Refund { (payment.intent.clone().unwrap(), Some(made)) } else { (made, None) }
}

struct Real {
    terms: Terms,
    session: Option<Session>,
    stripe: Stripe,
    answers: Vec<Event>,
}

impl Real {
    fn session(&self) -> &Session {
        self.session.as_ref().unwrap()
    }

    fn happens(&mut self, event: Event) -> Result<(), Nothing> {
        happens(&mut self.session, event, &self.terms)
    }

    /// As `settle` does it: intended and stored before, asked by its own key, the answer an event.
    fn ask(&mut self, fate: Fate) {
        let session = self.session().clone();
        let Some(next) = session.next_payment().cloned() else { return };
        let which = next.id();
        let refused = |code: &str| Event::Refused { which, code: code.to_owned(), at: at(95) };
        if fate == Fate::Lost {
            return;
        }
        if fate == Fate::Nothing {
            if !self.stripe.done.contains_key(&next.key(&session.id)) {
                self.happens(Event::AskAgain { which, retry: next.retry, at: at(95) }).unwrap();
            }
            return;
        }
        let declined = fate == Fate::Declined && self.stripe.declines(&next, &session);
        let answer = match self.stripe.asked(&next, &session).filter(|_| !declined) {
            Some((intent, refund)) => {
                let capture_before = (next.purpose == Purpose::Hold).then(|| at(60 * 24 * 4));
                Event::Paid { which, intent, amount: None, refund, capture_before, at: at(95) }
            }
            None => refused("card_declined"),
        };
        if fate == Fate::Unheard {
            return;
        }
        self.answers.push(answer.clone());
        self.happens(answer).unwrap();
    }

    fn rest(&mut self) {
        for _ in 0..40 {
            if self.session().next_payment().is_none() {
                return;
            }
            self.ask(Fate::Answered);
        }
        panic!("it never rests: {:#?}", self.session());
    }

    /// What is known by now is priced; moves that wait come first, as in `settle`.
    fn bill(&mut self, wh: i64) {
        self.rest();
        if self.session().stopped.is_none() {
            self.happens(Event::Stopped(stopped(60, wh), at(60))).unwrap();
        } else {
            self.happens(Event::LateEvidence(at(100))).unwrap();
        }
        let mut known = self.session().clone();
        known.stopped.as_mut().unwrap().register = Some(WattHours(wh));
        let event = assessed(&known, &self.terms, at(105));
        self.happens(event).unwrap();
    }

    fn hold_lapses(&mut self) {
        let standing = |intent: &&mut Intent| intent.held > 0 && intent.captures == 0 && !intent.is_gone;
        let found = self.stripe.intents.iter_mut().find(|(_, intent)| standing(intent));
        let Some((name, intent)) = found else { return };
        intent.is_gone = true;
        let gone = Event::Found(Found::HoldGone { intent: name.clone() }, at(96));
        let _ = self.happens(gone);
    }

    fn refunded_elsewhere(&mut self, cents: i64) {
        // A charge that the session has not heard of yet is the reconciliation's matter.
        let payments = self.session().payments.clone();
        let taken = |name: &str| {
            payments.iter().any(|it| it.purpose.takes() && it.is_done() && it.intent.as_deref() == Some(name))
        };
        let mut found = self.stripe.intents.iter_mut();
        let found = found.find(|(name, intent)| intent.taken > intent.refunded && taken(name));
        let Some((name, intent)) = found else { return };
        let cents = cents.min(intent.taken - intent.refunded);
        intent.refunded += cents;
        self.stripe.refunds += 1;
        let refund = format!("re_{}", self.stripe.refunds);
        let event = Event::Found(Found::Refunded { refund, intent: name.clone(), amount: eur(cents) }, at(97));
        self.happens(event.clone()).unwrap();
        assert_eq!(self.happens(event), Err(Nothing::Duplicate), "told twice, credited once");
    }

    fn disputed(&mut self, state: DisputeState) {
        let Some((name, intent)) = self.stripe.intents.iter().find(|(_, intent)| intent.taken > intent.refunded) else {
            return;
        };
        let dispute = Dispute {
            id: format!("dp_{name}"),
            intent: name.clone(),
            amount: eur(intent.taken),
            reason: "fraudulent".to_owned(),
            state,
            withdrawn: state != DisputeState::Won,
            evidence_due_by: None,
        };
        let _ = self.happens(Event::Found(Found::Disputed(dispute), at(98)));
    }
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Real;
    type Reference = Self;

    fn init_test(_: &Model) -> Real {
        let mut real = Real { terms: terms(true), session: None, stripe: Stripe::default(), answers: Vec::new() };
        real.happens(Event::Started(Box::new(opening("CP1", 0, 0, "TAG1")))).unwrap();
        real
    }

    fn apply(mut real: Real, model: &Model, step: Step) -> Real {
        match step {
            Step::Ask(fate) => real.ask(fate),
            Step::Again(index) => {
                if let Some(answer) = real.answers.get(index).cloned() {
                    let before = real.session.clone();
                    assert_eq!(real.happens(answer), Err(Nothing::Duplicate));
                    assert_eq!(real.session, before, "an answer counts once");
                }
            }
            Step::Bill(wh) => real.bill(wh),
            Step::Rest => {
                real.rest();
                at_rest(&real, model);
            }
            Step::HoldLapses => real.hold_lapses(),
            Step::RefundedElsewhere(cents) => real.refunded_elsewhere(cents),
            Step::Disputed(state) => real.disputed(state),
        }
        real
    }

    fn check_invariants(real: &Real, _: &Model) {
        for (name, intent) in &real.stripe.intents {
            assert!(intent.captures <= 1, "{name} is captured {} times", intent.captures);
            assert!(intent.captures == 0 || intent.taken <= intent.held, "{name}: more is taken than is held");
            assert!(intent.refunded <= intent.taken, "{name}: more is given back than was taken");
            assert!(intent.held == 0 || intent.held == HOLD);
        }
        assert_eq!(balances(real.session()).values().sum::<i64>(), 0, "debits are credits");
    }
}

/// Nothing is on its way: our books are Stripe's, and the driver has paid what the model says.
fn at_rest(real: &Real, model: &Model) {
    let session = real.session();
    assert_eq!(session.collected().minor(), real.stripe.net(), "our books are Stripe's: {session:#?}");
    if model.bills == 0 {
        assert_eq!(session.outcome, Outcome::Open);
        return;
    }
    assert_ne!(session.outcome, Outcome::Open, "a session that is at rest has its outcome");
    // A bill that falls below what was credited of it: all is back with the driver, and the credit notes say more than that.
    let over = session.bill.as_ref().map_or(0, |bill| (session.credited().minor() - bill.total.minor()).max(0));
    // What Stripe would not give back stays visible as owed: a person looks at it.
    let kept = session.payments.iter().filter(|payment| payment.purpose == Purpose::Refund && payment.is_refused());
    let kept: i64 = kept.map(|payment| payment.amount.minor()).sum();
    assert!(
        (-over - kept..=-over.min(kept)).contains(&session.open().minor()),
        "over {over}, kept {kept}: {session:#?}"
    );
    assert!(kept > 0 || session.open().minor() == -over, "what is billed is accounted for: {session:#?}");
    let standing = real.stripe.intents.values().filter(|it| it.held > 0 && it.captures == 0 && !it.is_gone).count();
    assert_eq!(standing, 0, "no hold stands");
    if !model.is_disturbed {
        assert_eq!(session.collected().minor(), model.paid);
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn money_moves_as_its_model_says_whatever_becomes_of_requests_and_answers(sequential 1..50 => Machine);
}
