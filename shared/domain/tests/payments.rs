//! What becomes of a bill's money: holds, balances, credits, disputes; and that no order of events loses a cent.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::checkout::{Buyer, Checkout, CheckoutEvent, CheckoutState, Errand, Held, token};
use plugtill_domain::credit::{CreditError, CreditOrder, Extent};
use plugtill_domain::decide::{Assessment, Decision, Event, Found, Nothing, Opening, decide};
use plugtill_domain::dispute::{Dispute, DisputeState};
use plugtill_domain::evidence::{Evidence, Fact, Started, StopReason, Stopped};
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::ledger::{Account, balances};
use plugtill_domain::money::Money;
use plugtill_domain::payment::{ActiveHold, Booked, MoveId, Purpose};
use plugtill_domain::pricing::{LineKind, Surroundings, assess};
use plugtill_domain::session::{Outcome, Payer, Reason, Session, Work};
use plugtill_domain::site::{Site, SiteFile, Terms};
use plugtill_domain::units::{WattHours, Watts};
use plugtill_domain::watch::{Limit, Running, StopCause};
use proptest::prelude::*;
use serde_json::{Value, json};

const POWER: Watts = Watts(50_000);

fn at(minute: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

fn try_site(change: Value) -> Result<Site, String> {
    let component = json!({ "type": "ENERGY", "price": "0.50" });
    let mut site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": POWER.0 }] }],
        "tariff": { "id": "T", "currency": "EUR", "elements": [{ "price_components": [component] }] },
        "hold": "20.00",
    });
    if let (Value::Object(whole), Value::Object(part)) = (&mut site, change) {
        whole.extend(part);
    }
    let file: SiteFile = serde_json::from_value(json!({ "sites": [site] })).map_err(|e| e.to_string())?;
    Ok(file.sites().map_err(|(_, error)| error.to_string())?.remove(0))
}

fn terms(change: Value) -> Terms {
    try_site(change).unwrap().terms
}

/// A session and the terms it is decided by.
struct Told {
    session: Session,
    terms: Terms,
}

fn opening(hold: Option<ActiveHold>, limit: Option<Limit>) -> Opening {
    Opening {
        id: "CP1~1~2026-03-02T10:00:00Z".parse().unwrap(),
        site: "yard".parse().unwrap(),
        terms: "v1".to_owned(),
        max_power: POWER,
        started: Started::at(WattHours(0), "TAG1".parse().unwrap()),
        payer: Some(Payer { customer: "cus_1".to_owned(), payment_method: "pm_1".to_owned() }),
        hold,
        limit,
        stay_watch: None,
        hooked: false,
        answered: false,
        received_at: at(0),
    }
}

impl Told {
    fn opened(terms: Terms, hold: Option<ActiveHold>, limit: Option<Limit>) -> Self {
        let opened = decide(None, Event::Started(Box::new(opening(hold, limit))), &terms);
        let Decision::Commit(session) = opened else { panic!("{opened:?}") };
        Self { session: *session, terms }
    }

    fn plain() -> Self {
        Self::opened(terms(json!({})), None, None)
    }

    fn decided(&self, event: Event) -> Decision {
        decide(Some(self.session.clone()), event, &self.terms)
    }

    fn then(mut self, event: Event) -> Self {
        match self.decided(event) {
            Decision::Commit(after) => self.session = *after,
            Decision::Nothing(why) => panic!("{why}"),
        }
        self
    }

    fn next(&self) -> (Purpose, i64) {
        let next = self.session.next_payment().unwrap();
        (next.purpose, next.amount.minor())
    }

    fn which(&self) -> MoveId {
        self.session.next_payment().unwrap().id()
    }

    /// Stripe does the next move.
    fn done(self) -> Self {
        let next = self.session.next_payment().unwrap();
        let (which, purpose) = (next.id(), next.purpose);
        let intent = next.intent.clone().unwrap_or_else(|| format!("pi_{}{}", purpose.as_str(), next.attempt));
        let refund = (purpose == Purpose::Refund).then(|| format!("re_{}", next.attempt));
        let capture_before = (purpose == Purpose::Hold).then(|| at(60 * 24 * 4));
        self.then(Event::Paid { which, intent, amount: None, refund, capture_before, at: at(90) })
    }

    fn all_done(mut self) -> Self {
        while self.session.next_payment().is_some() {
            self = self.done();
        }
        self
    }

    /// Stripe refuses it for good.
    fn refused(self) -> Self {
        let which = self.which();
        self.then(Event::Refused { which, code: "insufficient_funds".to_owned(), at: at(90) })
    }

    /// An hour in which `wh` flow, then the unplug and the settlement.
    fn charged(self, wh: i64) -> Self {
        let transaction = "7".parse().unwrap();
        let register = WattHours(wh);
        let reason = StopReason::EvDisconnected;
        let stopped =
            Stopped { transaction, at: at(60), register: Some(register), reason, readings: Vec::new(), signed: false };
        self.then(Event::Stopped(stopped, at(60))).settled(at(62))
    }

    fn settled(self, now: Timestamp) -> Self {
        let started = Fact::Started(self.session.started.clone());
        let stop = self.session.stopped.clone().unwrap();
        let evidence = [Evidence { at: at(0), fact: started }, Evidence { at: stop.at, fact: Fact::Stopped(stop) }];
        let assessed = assess(self.session.id.started_at, &evidence, Surroundings::of(POWER), &self.terms);
        let (bill, unplugged) = (assessed.bill, assessed.unplugged);
        self.then(Event::Assessed(Assessment { at: now, bill, unplugged, minimum: eur(50) }))
    }

    fn found(self, found: Found) -> Self {
        self.then(Event::Found(found, at(200)))
    }

    fn credited(self, id: &str, extent: Extent) -> Self {
        self.then(Event::Credited(order(id, extent), at(300)))
    }

    fn is(&self, outcome: Outcome, collected: i64) -> &Self {
        let Self { session, .. } = self;
        assert_eq!((session.outcome, session.collected().minor()), (outcome, collected), "{session:#?}");
        accounted(session);
        self
    }

    fn told(&self) -> Vec<DriverNoticeKind> {
        self.session.notices.iter().map(|notice| notice.kind).collect()
    }

    fn balance_of(&self, account: Account) -> i64 {
        balances(&self.session).get(&account).copied().unwrap_or_default()
    }
}

fn order(id: &str, extent: Extent) -> CreditOrder {
    CreditOrder { id: id.to_owned(), extent, reason: "cable was wet".to_owned(), by: "operator".to_owned() }
}

/// I1: what is billed is accounted for, and the entry balances.
fn accounted(session: &Session) {
    assert_eq!(balances(session).values().sum::<i64>(), 0, "debits are credits");
    let refused: i64 = session
        .payments
        .iter()
        .filter(|p| p.purpose == Purpose::Refund && p.is_refused())
        .map(|p| p.amount.minor())
        .sum();
    // What was taken for a session that cannot be billed stays visible as owed to the driver: a person decides.
    let decided = !matches!(session.outcome, Outcome::Open | Outcome::Quarantined);
    if decided && session.next_payment().is_none() {
        let moves = session
            .payments
            .iter()
            .map(|p| format!("{:?} {} {:?} {:?}", p.purpose, p.amount.minor(), p.intent, p.state));
        let moves = moves.collect::<Vec<_>>().join("\n");
        let told = format!(
            "open {} billed {} waived {} uncollectable {} {:?}\n{moves}",
            session.open(),
            session.billed(),
            session.waived,
            session.uncollectable,
            session.outcome
        );
        assert!((-refused..=0).contains(&session.open().minor()), "{told}");
    }
}

fn dispute(state: DisputeState, withdrawn: bool) -> Found {
    Found::Disputed(Dispute {
        id: "dp_1".to_owned(),
        intent: "pi_hold1".to_owned(),
        amount: eur(1_000),
        reason: "fraudulent".to_owned(),
        state,
        withdrawn,
        evidence_due_by: Some(at(10_000)),
    })
}

#[test]
fn an_answer_is_never_taken_for_that_of_another_move() {
    // 25.00 against a hold of 20.00: a capture and a top-up.
    let told = Told::plain().done().charged(50_000);
    assert_eq!(told.next(), (Purpose::Capture, 2_000));
    let which = told.which();
    let paid = Event::Paid {
        which,
        intent: "pi_hold1".to_owned(),
        amount: None,
        refund: None,
        capture_before: None,
        at: at(70),
    };
    let told = told.then(paid.clone());
    assert_eq!(told.next(), (Purpose::TopUp, 500));
    // A second worker had asked for the same capture: its answer must not pay the top-up.
    assert_eq!(told.decided(paid), Decision::Nothing(Nothing::Duplicate));
    let refused = Event::Refused { which, code: "late".to_owned(), at: at(71) };
    assert_eq!(told.decided(refused), Decision::Nothing(Nothing::Duplicate));
    let again = Event::AskAgain { which, retry: 0, at: at(71) };
    assert_eq!(told.decided(again), Decision::Nothing(Nothing::NoEffect));
    told.done().is(Outcome::Captured, 2_500);
}

#[test]
fn f52_a_new_key_is_used_only_once_for_each_proof() {
    let told = Told::plain();
    let id = told.session.id.clone();
    let key = |told: &Told| told.session.next_payment().unwrap().key(&id);
    let (before, which) = (key(&told), told.which());
    let told = told.then(Event::AskAgain { which, retry: 0, at: at(5) });
    assert_eq!(key(&told), format!("{before}:1"));
    assert_eq!(told.session.next_payment().unwrap().name(&id), before, "found by the same name");
    // Two workers may have proven the same.
    let again = told.decided(Event::AskAgain { which, retry: 0, at: at(5) });
    assert_eq!(again, Decision::Nothing(Nothing::NoEffect));
}

#[test]
fn an_unpaid_balance_is_pursued_on_schedule_and_paid_by_link() {
    let told = Told::plain().refused().charged(20_000).refused();
    told.is(Outcome::Uncollectable, 0);
    assert_eq!(told.session.reason, Some(Reason::Declined("insufficient_funds".to_owned())));
    assert_eq!(told.told(), [DriverNoticeKind::HoldDeclined, DriverNoticeKind::Unpaid]);
    let mut told = told;
    let mut days = Vec::new();
    while let Some((due, Work::Remind)) = told.session.due() {
        days.push(due.duration_since(at(90)).as_hours() / 24);
        told = told.then(Event::ReminderDue(due));
    }
    assert_eq!(days, [1, 3, 7, 14, 30]);
    let linked = Found::Linked { intent: "pi_link".to_owned(), amount: eur(1_000) };
    let told = told.found(linked.clone());
    told.is(Outcome::Captured, 1_000);
    assert!(told.session.balance.is_none());
    assert_eq!(told.told().last(), Some(&DriverNoticeKind::BalanceSettled));
    assert_eq!(told.decided(Event::Found(linked, at(201))), Decision::Nothing(Nothing::Duplicate));
    // Paid by a second link too: what is too much goes back.
    let told = told.found(Found::Linked { intent: "pi_link2".to_owned(), amount: eur(1_000) });
    assert_eq!(told.next(), (Purpose::Refund, 1_000));
    told.done().is(Outcome::Captured, 1_000);
}

#[test]
fn part_of_a_balance_leaves_the_rest_owed() {
    let told = Told::plain().refused().charged(20_000).refused();
    let told = told.found(Found::Linked { intent: "pi_link".to_owned(), amount: eur(400) });
    told.is(Outcome::Uncollectable, 400);
    assert_eq!(told.session.uncollectable, eur(600));
    let told = told.then(Event::Forgiven { reason: "good customer".to_owned(), at: at(400) });
    told.is(Outcome::Captured, 400);
    assert_eq!(told.session.waived, eur(600));
    assert_eq!(told.session.due(), None);
}

#[test]
fn f61_a_hold_that_ends_elsewhere_is_collected_without_it() {
    let told = Told::plain().done().found(Found::HoldGone { intent: "pi_hold1".to_owned() }).charged(20_000);
    assert_eq!(told.next(), (Purpose::TopUp, 1_000));
    told.done().is(Outcome::Captured, 1_000);
}

#[test]
fn f62_a_hold_that_somebody_captured_counts_as_what_was_taken() {
    let captured = |minor| Found::Captured { intent: "pi_hold1".to_owned(), amount: eur(minor) };
    let exactly = Told::plain().done().found(captured(1_000)).charged(20_000);
    exactly.is(Outcome::Captured, 1_000);
    let too_much = Told::plain().done().found(captured(2_000)).charged(20_000);
    assert_eq!(too_much.next(), (Purpose::Refund, 1_000));
    too_much.done().is(Outcome::Captured, 1_000);
    let too_little = Told::plain().done().found(captured(600)).charged(20_000).done();
    too_little.is(Outcome::Captured, 1_000);
    // Found while our own capture was asked for.
    let told = Told::plain().done().charged(20_000);
    let (which, intent) = (told.which(), "pi_hold1".to_owned());
    let paid = |amount| Event::Paid {
        which,
        intent: intent.clone(),
        amount: Some(eur(amount)),
        refund: None,
        capture_before: None,
        at: at(95),
    };
    let told = told.then(paid(700));
    told.is(Outcome::Uncollectable, 700);
    assert_eq!(told.session.reason, Some(Reason::TakenElsewhere));
}

#[test]
fn credits_by_amount_line_and_whole_give_back_what_they_say_and_no_more() {
    let taxed = terms(json!({ "tax_percent": "19" }));
    // 10.00 and 1.90 tax.
    let told = Told::opened(taxed, None, None).done().charged(20_000).done();
    told.is(Outcome::Captured, 1_190);
    let told = told.credited("a", Extent::Amount(eur(119)));
    assert_eq!(told.next(), (Purpose::Refund, 119));
    let told = told.done();
    told.is(Outcome::Captured, 1_071);
    let lines: Vec<_> = told.session.credits[0].lines.iter().map(|l| (l.kind, l.amount.minor())).collect();
    assert_eq!(lines, [(LineKind::Energy, 100), (LineKind::Tax, 19)]);
    assert_eq!((told.balance_of(Account::Energy), told.balance_of(Account::Tax)), (-900, -171));
    // The same order again credits nothing.
    let again = told.decided(Event::Credited(order("a", Extent::Amount(eur(119))), at(301)));
    assert_eq!(again, Decision::Nothing(Nothing::Duplicate));
    let too_much = told.decided(Event::Credited(order("b", Extent::Amount(eur(1_072))), at(301)));
    let left = eur(1_071);
    assert_eq!(too_much, Decision::Nothing(CreditError::TooMuch { asked: eur(1_072), left }.into()));
    let told = told.credited("c", Extent::Whole).done();
    told.is(Outcome::Captured, 0);
    assert_eq!(told.session.billed(), eur(0));
    let nothing_left = told.decided(Event::Credited(order("d", Extent::Whole), at(301)));
    assert_eq!(nothing_left, Decision::Nothing(CreditError::Nothing(eur(0)).into()));
}

#[test]
fn a_line_is_credited_with_its_tax() {
    let components = [json!({ "type": "ENERGY", "price": "0.50" }), json!({ "type": "FLAT", "price": "1.00" })];
    let tariff = json!({ "id": "T", "currency": "EUR", "elements": [{ "price_components": components }] });
    let terms = terms(json!({ "tariff": tariff, "tax_percent": "20" }));
    let told = Told::opened(terms, None, None).done().charged(20_000).done();
    told.is(Outcome::Captured, 1_320);
    let flat = told.session.bill.as_ref().unwrap().lines.iter().position(|l| l.kind == LineKind::Flat).unwrap();
    let told = told.credited("flat", Extent::Line(flat)).done();
    told.is(Outcome::Captured, 1_200);
    assert_eq!((told.balance_of(Account::Flat), told.balance_of(Account::Tax)), (0, -200));
    let none = told.decided(Event::Credited(order("x", Extent::Line(9)), at(301)));
    assert_eq!(none, Decision::Nothing(CreditError::NoSuchLine(9).into()));
}

#[test]
fn a_refund_of_a_charge_that_the_session_does_not_know_lowers_no_bill() {
    let told = Told::plain().done().charged(20_000).done();
    let refund =
        |intent: &str| Found::Refunded { refund: "re_1".to_owned(), intent: intent.to_owned(), amount: eur(300) };
    let foreign = told.decided(Event::Found(refund("pi_elsewhere"), at(200)));
    assert_eq!(foreign, Decision::Nothing(Nothing::Duplicate));
    told.found(refund("pi_hold1")).is(Outcome::Captured, 700);
}

#[test]
fn a_line_is_credited_with_the_tax_of_its_own_rate() {
    let energy = json!({ "type": "ENERGY", "price": "0.50", "vat": 7 });
    let flat = json!({ "type": "FLAT", "price": "1.00", "vat": 19 });
    let tariff = json!({ "id": "T", "currency": "EUR", "elements": [{ "price_components": [energy, flat] }] });
    let told = Told::opened(terms(json!({ "tariff": tariff })), None, None).done().charged(20_000).done();
    // 10.00 and 0.70; 1.00 and 0.19.
    told.is(Outcome::Captured, 1_189);
    let told = told.credited("energy", Extent::Line(0)).done();
    told.is(Outcome::Captured, 119);
    assert_eq!((told.balance_of(Account::Energy), told.balance_of(Account::Tax)), (0, -19));
}

#[test]
fn a_credit_on_an_unpaid_bill_lowers_what_is_owed() {
    let told = Told::plain().refused().charged(20_000).refused().credited("a", Extent::Amount(eur(300)));
    told.is(Outcome::Uncollectable, 0);
    assert_eq!(told.session.uncollectable, eur(700));
    let told = told.credited("b", Extent::Whole);
    told.is(Outcome::Waived, 0);
    assert!(told.session.balance.is_none());
}

#[test]
fn f73_a_refund_from_the_dashboard_is_a_credit_and_not_asked_for_again() {
    let told = Told::plain().done().charged(20_000).done();
    let refund = Found::Refunded { refund: "re_x".to_owned(), intent: "pi_hold1".to_owned(), amount: eur(250) };
    let told = told.found(refund.clone());
    told.is(Outcome::Captured, 750);
    assert_eq!(told.session.next_payment(), None);
    assert_eq!(told.session.billed(), eur(750));
    assert_eq!(told.decided(Event::Found(refund, at(300))), Decision::Nothing(Nothing::Duplicate));
}

#[test]
fn a_refund_that_fails_later_is_owed_to_the_driver_and_not_repeated() {
    let told = Told::plain().done().charged(20_000).done().credited("a", Extent::Amount(eur(400))).done();
    told.is(Outcome::Captured, 600);
    let told = told.found(Found::RefundFailed { refund: "re_1".to_owned() });
    told.is(Outcome::Captured, 1_000);
    assert_eq!((told.session.open(), told.session.next_payment()), (eur(-400), None));
}

#[test]
fn f73_a_dispute_moves_the_money_to_the_bank_and_back_or_away() {
    let paid = || Told::plain().done().charged(20_000).done();
    let open = paid().found(dispute(DisputeState::Open, true));
    open.is(Outcome::Captured, 1_000);
    assert_eq!((open.balance_of(Account::ChargedBack), open.balance_of(Account::Disputed)), (-1_000, 1_000));
    let won = open.found(dispute(DisputeState::Won, false));
    won.is(Outcome::Captured, 1_000);
    assert_eq!((won.balance_of(Account::ChargedBack), won.balance_of(Account::Disputed)), (0, 0));
    let lost = paid().found(dispute(DisputeState::Open, true)).found(dispute(DisputeState::Lost, true));
    lost.is(Outcome::Uncollectable, 1_000);
    assert_eq!(lost.session.reason, Some(Reason::DisputeLost("fraudulent".to_owned())));
    assert_eq!((lost.balance_of(Account::Uncollectable), lost.balance_of(Account::Disputed)), (1_000, 0));
    assert!(lost.session.balance.is_none(), "what a bank has decided is not demanded from the driver");
}

#[test]
fn fees_and_payouts_are_posted_to_the_payment_they_belong_to() {
    let told = Told::plain().done().charged(20_000).done();
    let intent = "pi_hold1".to_owned();
    let moved = |movement: &str, amount, fee, payout: Option<&str>| Found::Booked {
        intent: intent.clone(),
        refund: None,
        movement: movement.to_owned(),
        booked: Booked { amount, fee, payout: payout.map(str::to_owned) },
    };
    let told = told.found(moved("txn_1", 1_000, 40, None));
    assert_eq!((told.balance_of(Account::Fees), told.balance_of(Account::PaidOut)), (40, 0), "it waits at Stripe");
    let told = told.found(moved("txn_1", 1_000, 40, Some("po_1")));
    told.is(Outcome::Captured, 1_000);
    assert_eq!(told.balance_of(Account::Fees), 40);
    assert_eq!(told.balance_of(Account::PaidOut), 960);
    assert_eq!(told.balance_of(Account::Withheld), -1_000);
    let again = Event::Found(moved("txn_1", 1_000, 40, Some("po_1")), at(900));
    assert_eq!(told.decided(again), Decision::Nothing(Nothing::Duplicate));

    // A dispute takes it back out of a later payout, with a fee of its own.
    let told = told.found(moved("txn_2", -1_000, 2_000, Some("po_2")));
    assert_eq!(told.balance_of(Account::Fees), 2_040);
    assert_eq!(told.balance_of(Account::PaidOut), 960 - 3_000);
    assert_eq!(told.balance_of(Account::Withheld), 0, "all that is left of it is what Stripe kept");
}

fn watched(payments: &Value, limit: Option<Limit>) -> Told {
    Told::opened(terms(json!({ "payments": payments })), None, limit).done()
}

fn running(told: &Told, price: i64, wh: i64) -> Event {
    let (at, _) = told.session.due().unwrap();
    Event::Looked(Running { at, seen_at: at, price: eur(price), energy: WattHours(wh), stay: None, flat_at: at })
}

#[test]
fn f63_a_hold_is_looked_at_when_it_can_first_be_exhausted_and_raised_before_it_is() {
    let told = watched(&json!({ "raise_hold": true }), None);
    // 50 kW at 0.50 is 25.00 an hour: 20.00 last 48 minutes.
    assert_eq!(told.session.due(), Some((at(48), Work::Watch)));
    // Only half of it flowed: the rest lasts as long as half of that.
    let looked = running(&told, 1_000, 20_000);
    let told = told.then(looked);
    assert_eq!((told.session.next_payment(), told.session.due()), (None, Some((at(72), Work::Watch))));
    let looked = running(&told, 1_990, 39_800);
    let told = told.then(looked);
    assert_eq!(told.next(), (Purpose::Raise, 4_000));
    let told = told.done();
    assert_eq!(told.session.active_holds()[0].amount, eur(4_000));
    let told = told.charged(50_000);
    assert_eq!(told.next(), (Purpose::Capture, 2_500));
    told.done().is(Outcome::Captured, 2_500);
}

#[test]
fn a_raise_that_is_refused_is_not_tried_again_and_the_rest_is_charged_beside_the_hold() {
    let told = watched(&json!({ "raise_hold": true }), None);
    let looked = running(&told, 1_990, 39_800);
    let told = told.then(looked).refused();
    let looked = running(&told, 1_995, 39_900);
    let told = told.then(looked);
    assert_eq!((told.session.next_payment(), told.session.stop_asked), (None, None));
    let told = told.charged(50_000).all_done();
    told.is(Outcome::Captured, 2_500);
    assert_eq!(told.session.done(Purpose::TopUp), eur(500));
}

#[test]
fn charging_is_stopped_where_the_hold_ends_if_the_site_says_so() {
    let told = watched(&json!({ "stop_at_hold": true }), None);
    let looked = running(&told, 1_970, 39_400);
    let told = told.then(looked);
    assert_eq!(told.session.stop_asked.map(|(_, cause)| cause), Some(StopCause::HoldExhausted));
    assert_eq!(told.session.watch_at, None);
}

#[test]
fn a_drivers_limit_stops_charging_and_is_never_billed_above() {
    let money = Limit { money: Some(eur(800)), ..Limit::default() };
    let told = watched(&json!({}), Some(money));
    let looked = running(&told, 800, 16_000);
    let told = told.then(looked);
    assert_eq!(told.session.stop_asked.map(|(_, cause)| cause), Some(StopCause::MoneyLimit));
    // The charger went on for a while: 10.00, of which 2.00 are the operator's loss.
    let told = told.charged(20_000).done();
    told.is(Outcome::Captured, 800);
    assert_eq!((told.session.waived, told.session.reason.clone()), (eur(200), Some(Reason::AboveLimit)));
    for (limit, cause) in [
        (Limit { energy: Some(WattHours(5_000)), ..Limit::default() }, StopCause::EnergyLimit),
        (Limit { minutes: Some(30), ..Limit::default() }, StopCause::TimeLimit),
    ] {
        let told = watched(&json!({}), Some(limit));
        let (due, _) = told.session.due().unwrap();
        assert_eq!(due, if cause == StopCause::TimeLimit { at(30) } else { at(6) });
        let looked = running(&told, 250, 5_000);
        assert_eq!(told.then(looked).session.stop_asked.map(|(_, cause)| cause), Some(cause));
    }
}

#[test]
fn a_hold_is_sized_by_what_a_full_charge_may_cost_within_bounds() {
    let sized =
        |kwh: &str| terms(json!({ "hold": { "full_charge_kwh": kwh, "at_least": "10.00", "at_most": "30.00" } }));
    let hold = |kwh: &str| sized(kwh).hold_at(at(0), POWER).minor();
    assert_eq!((hold("5"), hold("41.1"), hold("100")), (1_000, 2_100, 3_000));
    let told = Told::opened(sized("41.1"), None, None);
    assert_eq!(told.next(), (Purpose::Hold, 2_100));
    let wrong = json!({ "full_charge_kwh": "60", "at_least": "30.00", "at_most": "10.00" });
    assert!(try_site(json!({ "hold": wrong })).unwrap_err().contains("hold.at_least"));
}

#[test]
fn policies_that_cannot_be_followed_are_refused_by_field() {
    for (payments, field) in [
        (json!({ "remind_after_days": [3, 1] }), "payments.remind_after_days"),
        (json!({ "remind_after_days": [0] }), "payments.remind_after_days"),
        (json!({ "account": { "id": "cus_1" } }), "payments.account.id"),
        (json!({ "account": { "id": "acct_1", "fee_percent": "100" } }), "payments.account.fee_percent"),
    ] {
        let error = try_site(json!({ "payments": payments })).unwrap_err();
        assert!(error.starts_with(field), "{error}");
    }
}

fn checkout() -> Checkout {
    Checkout {
        token: token("abcdefghijklmnopqr").unwrap(),
        site: "yard".parse().unwrap(),
        errand: Errand::Charge { charger: "CP1".parse().unwrap(), connector: ConnectorId(1) },
        amount: eur(2_000),
        answered: false,
        limit: None,
        opened_at: at(-10),
        page: Some("cs_1".to_owned()),
        buyer: Buyer::default(),
        held: None,
        texts_to: None,
        language: None,
        state: CheckoutState::Open,
    }
}

fn held() -> Held {
    let payer = Payer { customer: "cus_2".to_owned(), payment_method: "pm_2".to_owned() };
    let (intent, amount) = ("pi_checkout".to_owned(), eur(2_000));
    Held { intent, payer, amount, capture_before: Some(at(10_000)), known_at: at(0), start_before: at(5) }
}

#[test]
fn a_hold_placed_beforehand_becomes_the_sessions_own() {
    let id = opening(None, None).id;
    let paid = checkout().apply(CheckoutEvent::Held(held(), Buyer::default())).unwrap();
    assert_eq!(paid.opens(&id).1, None, "not before it is claimed");
    let started = paid.apply(CheckoutEvent::Claimed(id.clone())).unwrap();
    assert_eq!(started.due(), None);
    let (payer, hold) = started.opens(&id);
    assert_eq!(payer.unwrap().customer, "cus_2");
    let told = Told::opened(terms(json!({})), hold, None).charged(20_000);
    assert_eq!(told.next(), (Purpose::Capture, 1_000));
    told.done().is(Outcome::Captured, 1_000);
    // Claimed once: a second session of the same token has the card, not the hold.
    let other = "CP1~1~2026-03-02T11:00:00Z".parse().unwrap();
    assert_eq!(started.apply(CheckoutEvent::Claimed(other)), None);
}

#[test]
fn a_hold_that_nobody_comes_for_is_given_back() {
    let paid = checkout().apply(CheckoutEvent::Held(held(), Buyer::default())).unwrap();
    assert_eq!(paid.apply(CheckoutEvent::NotStarted(at(4))), None);
    let late = paid.apply(CheckoutEvent::NotStarted(at(5))).unwrap();
    assert_eq!(late.apply(CheckoutEvent::Claimed(opening(None, None).id)), None, "too late");
    assert_eq!(late.apply(CheckoutEvent::Released).unwrap().due(), None);
    let elsewhere = "CP2~1~2026-03-02T10:00:00Z".parse().unwrap();
    assert_eq!(paid.apply(CheckoutEvent::Claimed(elsewhere)), None, "at another charger");
}

/// What may happen next to a session, whatever its state.
fn any_event() -> impl Strategy<Value = u8> {
    0_u8..16
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// I1, I3, I22: whatever Stripe, drivers, operators and banks do, in whatever order, every cent is accounted for,
    /// refunds never exceed what was taken, and a session that is left alone comes to rest with one outcome.
    #[test]
    fn no_order_of_events_loses_a_cent(wh in 0_i64..60_000, steps in prop::collection::vec((any_event(), 1_i64..3_000), 0..40)) {
        let mut told = Told::plain();
        let mut charged = false;
        for (index, (step, minor)) in steps.into_iter().enumerate() {
            let session = &told.session;
            let next = session.next_payment().map(|p| (p.id(), p.purpose, p.retry, p.intent.clone()));
            let taken = session.payments.iter().find(|p| p.purpose.takes() && p.is_done()).and_then(|p| p.intent.clone());
            // Stripe gives back no more than is left.
            let refundable = session.collected().minor() >= session.next_payment().map_or(0, |p| p.amount.minor());
            let event = match (step, next, taken) {
                (0..=4, Some((which, Purpose::Refund, ..)), _) if !refundable => {
                    Event::Refused { which, code: "charge_already_refunded".to_owned(), at: at(90) }
                }
                (0..=4, Some((which, purpose, _, intent)), _) => Event::Paid {
                    which,
                    intent: intent.unwrap_or_else(|| format!("pi_{index}")),
                    amount: (step == 0 && purpose == Purpose::Capture).then(|| eur(minor)),
                    refund: (purpose == Purpose::Refund).then(|| format!("re_{index}")),
                    capture_before: None,
                    at: at(90),
                },
                (5 | 6, Some((which, ..)), _) => Event::Refused { which, code: "declined".to_owned(), at: at(90) },
                (7, Some((which, _, retry, _)), _) => Event::AskAgain { which, retry, at: at(90) },
                (8, None, _) if !charged => {
                    charged = true;
                    told = told.charged(wh);
                    continue;
                }
                (9, ..) => Event::Credited(order(&index.to_string(), Extent::Amount(eur(minor))), at(91)),
                (10, ..) => Event::Found(Found::Linked { intent: format!("pi_l{index}"), amount: eur(minor) }, at(91)),
                (11, ..) if charged => Event::Forgiven { reason: "why not".to_owned(), at: at(91) },
                (12, _, Some(intent)) if session.collected().minor() >= minor => {
                    Event::Found(Found::Refunded { refund: format!("re_x{index}"), intent, amount: eur(minor) }, at(91))
                }
                (13, ..) => Event::Credited(order(&index.to_string(), Extent::Whole), at(91)),
                (14, _, Some(_)) => {
                    let refund = session.payments.iter().find_map(|p| p.refund.clone()).unwrap_or_default();
                    Event::Found(Found::RefundFailed { refund }, at(91))
                }
                (15, ..) => {
                    let hold = session.active_holds().pop().map(|hold| hold.intent).unwrap_or_default();
                    Event::Found(Found::HoldGone { intent: hold }, at(91))
                }
                _ => continue,
            };
            if let Decision::Commit(after) = told.decided(event) {
                told.session = *after;
            }
            prop_assert_eq!(balances(&told.session).values().sum::<i64>(), 0);
            prop_assert!(told.session.collected().minor() >= 0, "refunds exceed what was taken: {:#?}", told.session);
        }
        if !charged {
            while told.session.next_payment().is_some() {
                told = told.done();
            }
            told = told.charged(wh);
        }
        let mut moves = 0;
        while told.session.next_payment().is_some() {
            told = told.done();
            moves += 1;
            prop_assert!(moves < 100, "it comes to rest");
        }
        prop_assert_ne!(told.session.outcome, Outcome::Open);
        accounted(&told.session);
    }
}
