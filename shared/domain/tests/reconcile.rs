//! Our books against Stripe's: each kind of difference, and none where there is none.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on may panic")]

use jiff::{SignedDuration, Timestamp};
use plugtill_domain::decide::{Assessment, Decision, Event, Found, Opening, decide};
use plugtill_domain::evidence::{Evidence, Fact, Started, StopReason, Stopped};
use plugtill_domain::money::Money;
use plugtill_domain::payment::{Booked, Payment, Purpose};
use plugtill_domain::pricing::{Surroundings, assess};
use plugtill_domain::reconcile::{
    Charge, ChargeState, DifferenceKind, Index, Movement, Payout, Repair, Statements, compare, postings, remedy,
};
use plugtill_domain::session::{Payer, Session};
use plugtill_domain::site::{SiteFile, Terms};
use plugtill_domain::units::{WattHours, Watts};
use serde_json::json;

const POWER: Watts = Watts(50_000);

fn at(minute: i64) -> Timestamp {
    "2026-03-02T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minute)
}

/// Three days later: everything that was on its way has come.
fn later() -> Timestamp {
    at(3 * 24 * 60)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

fn terms() -> Terms {
    let component = json!({ "type": "ENERGY", "price": "0.50" });
    let site = json!({
        "id": "yard", "name": "Yard", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": POWER.0 }] }], "hold": "20.00",
        "tariff": { "id": "T", "currency": "EUR", "elements": [{ "price_components": [component] }] },
    });
    let file: SiteFile = serde_json::from_value(json!({ "sites": [site] })).unwrap();
    file.sites().unwrap().remove(0).terms
}

fn then(session: Option<Session>, event: Event) -> Session {
    match decide(session, event, &terms()) {
        Decision::Commit(after) => *after,
        Decision::Nothing(why) => panic!("{why}"),
    }
}

/// Held, stopped after an hour with 20 kWh; not settled yet.
fn stopped() -> Session {
    let opening = Opening {
        id: "CP1~1~2026-03-02T10:00:00.000Z".parse().unwrap(),
        site: "yard".parse().unwrap(),
        terms: "v1".to_owned(),
        max_power: POWER,
        started: Started::at(WattHours(0), "TAG1".parse().unwrap()),
        payer: Some(Payer { customer: "cus_1".to_owned(), payment_method: "pm_1".to_owned() }),
        hold: None,
        limit: None,
        stay_watch: None,
        hooked: false,
        answered: false,
        received_at: at(0),
    };
    let held = paid(then(None, Event::Started(Box::new(opening))));
    let (transaction, register, reason) = ("7".parse().unwrap(), WattHours(20_000), StopReason::EvDisconnected);
    then(
        Some(held),
        Event::Stopped(
            Stopped { transaction, at: at(60), register: Some(register), reason, readings: Vec::new(), signed: false },
            at(60),
        ),
    )
}

/// Stripe does the next move on `pi_1`.
fn paid(session: Session) -> Session {
    let which = session.next_payment().unwrap().id();
    let (intent, capture_before) = ("pi_1".to_owned(), Some(at(60 * 24 * 4)));
    then(Some(session), Event::Paid { which, intent, amount: None, refund: None, capture_before, at: at(90) })
}

/// The bill is 10.00; its capture is asked for.
fn settled() -> Session {
    let session = stopped();
    let started = Fact::Started(session.started.clone());
    let stop = session.stopped.clone().unwrap();
    let told = [Evidence { at: at(0), fact: started }, Evidence { at: stop.at, fact: Fact::Stopped(stop) }];
    let assessed = assess(session.id.started_at, &told, Surroundings::of(POWER), &terms());
    let (bill, unplugged, minimum) = (assessed.bill, assessed.unplugged, eur(50));
    then(Some(session), Event::Assessed(Assessment { at: at(62), bill, unplugged, minimum }))
}

/// Captured, with Stripe's fee posted.
fn captured() -> Session {
    then(Some(paid(settled())), Event::Found(booked("txn_1", 1_000, 40, None), at(100)))
}

fn booked(movement: &str, amount: i64, fee: i64, payout: Option<&str>) -> Found {
    let (intent, movement, payout) = ("pi_1".to_owned(), movement.to_owned(), payout.map(str::to_owned));
    Found::Booked { intent, refund: None, movement, booked: Booked { amount, fee, payout } }
}

fn charge(intent: &str, state: ChargeState, taken: i64) -> Charge {
    let session = Some("CP1~1~2026-03-02T10:00:00.000Z".parse().unwrap());
    let (intent, refunded, account) = (intent.to_owned(), eur(0), None);
    Charge { intent, session, at: at(0), state, amount: eur(2_000), taken: eur(taken), refunded, account }
}

fn movement() -> Movement {
    let (id, intent, payout) = ("txn_1".to_owned(), Some("pi_1".to_owned()), None);
    Movement { id, intent, refund: None, amount: eur(1_000), fee: eur(40), payout, account: None, at: at(62) }
}

fn agreeing() -> Statements {
    let charges = vec![charge("pi_1", ChargeState::Taken, 1_000)];
    Statements { since: at(-60), charges, movements: vec![movement()], payouts: Vec::new() }
}

/// What differs, with the repair.
fn differences(session: &Session, statements: &Statements, now: Timestamp) -> Vec<(DifferenceKind, Repair)> {
    let found = compare(std::slice::from_ref(session), &Index::of(statements), now);
    found.into_iter().map(|difference| (difference.kind, difference.repair)).collect()
}

#[test]
fn books_that_say_the_same_do_not_differ() {
    assert_eq!(differences(&captured(), &agreeing(), later()), []);
}

#[test]
fn what_stripe_kept_and_paid_out_is_posted_once() {
    let mut statements = agreeing();
    statements.movements[0].payout = Some("po_1".to_owned());
    let session = paid(settled());
    let found = postings(&session, &Index::of(&statements), None);
    assert_eq!(found, [booked("txn_1", 1_000, 40, Some("po_1"))]);
    let posted = found.into_iter().fold(session, |session, found| then(Some(session), Event::Found(found, at(100))));
    assert_eq!(postings(&posted, &Index::of(&statements), None), []);
}

#[test]
fn a_dispute_long_after_the_payment_adds_to_what_it_cost_and_replaces_nothing() {
    let mut statements = agreeing();
    // The payment's own movement is older than what Stripe was asked for.
    statements.movements[0] = Movement {
        id: "txn_2".to_owned(),
        amount: eur(-1_000),
        fee: eur(2_000),
        payout: Some("po_9".to_owned()),
        at: at(100),
        ..movement()
    };
    let found = postings(&captured(), &Index::of(&statements), None);
    assert_eq!(found, [booked("txn_2", -1_000, 2_000, Some("po_9"))]);
    let posted = then(Some(captured()), Event::Found(found[0].clone(), at(200)));
    assert_eq!(posted.payments.iter().filter_map(Payment::fee).sum::<i64>(), 2_040);
}

#[test]
fn of_a_connected_account_only_what_moves_there_is_the_operators() {
    let mut statements = agreeing();
    let account = Some("acct_1".to_owned());
    statements.charges[0].account.clone_from(&account);
    let there = Movement { id: "txn_2".to_owned(), fee: eur(100), account, ..movement() };
    statements.movements.push(there);
    let found = postings(&paid(settled()), &Index::of(&statements), Some("acct_1"));
    assert_eq!(found, [booked("txn_2", 1_000, 100, None)]);
    let posted = then(Some(paid(settled())), Event::Found(found[0].clone(), at(200)));
    assert_eq!(differences(&posted, &statements, later()), []);
    assert_eq!(differences(&captured(), &statements, later()), [(DifferenceKind::FeeMissing, Repair::Post)]);
}

#[test]
fn a_session_that_ended_and_has_no_bill_is_named_after_a_quarter_of_an_hour() {
    let mut statements = agreeing();
    statements.charges[0] = charge("pi_1", ChargeState::Held, 0);
    let due = stopped().settle_at.unwrap();
    let minutes = |minutes| due + SignedDuration::from_mins(minutes);
    assert_eq!(differences(&stopped(), &statements, minutes(15)), []);
    assert_eq!(differences(&stopped(), &statements, minutes(16)), [(DifferenceKind::Unbilled, Repair::Settle)]);
}

#[test]
fn what_is_owed_and_was_not_taken_is_named() {
    let mut statements = agreeing();
    statements.charges[0] = charge("pi_1", ChargeState::Held, 0);
    // Asked for and not done; and done by our books, while Stripe still holds it.
    let uncaptured = [(DifferenceKind::Uncaptured, Repair::AskAgain)];
    assert_eq!(differences(&settled(), &statements, later()), uncaptured);
    assert_eq!(differences(&captured(), &statements, later()), uncaptured);
    assert_eq!(differences(&settled(), &statements, at(70)), [], "it is on its way");
}

#[test]
fn what_was_taken_twice_is_to_be_given_back() {
    let mut statements = agreeing();
    statements.charges.push(charge("pi_2", ChargeState::Taken, 1_000));
    let twice = [(DifferenceKind::CapturedTwice, Repair::Refund(eur(1_000)))];
    assert_eq!(differences(&captured(), &statements, later()), twice);
    statements.charges[1].refunded = eur(1_000);
    assert_eq!(differences(&captured(), &statements, later()), [], "it was given back");
}

#[test]
fn an_amount_that_differs_is_named_whether_taken_given_back_or_unknown_there() {
    let differs = [(DifferenceKind::AmountDiffers, Repair::LookInto)];
    let mut less = agreeing();
    less.charges[0].taken = eur(999);
    assert_eq!(differences(&captured(), &less, later()), differs);
    let mut refunded = agreeing();
    refunded.charges[0].refunded = eur(100);
    assert_eq!(differences(&captured(), &refunded, later()), differs);
    let mut unknown = agreeing();
    unknown.charges.clear();
    assert_eq!(differences(&captured(), &unknown, later()), differs);
}

#[test]
fn a_charge_for_no_session_is_an_orphan() {
    let mut statements = agreeing();
    let other = Some("CP9~1~2026-03-02T10:00:00.000Z".parse().unwrap());
    statements.charges.push(Charge { session: other, ..charge("pi_2", ChargeState::Taken, 700) });
    statements.charges.push(Charge { session: None, ..charge("pi_3", ChargeState::Taken, 800) });
    let orphans = [700, 800].map(|minor| (DifferenceKind::OrphanCharge, Repair::Refund(eur(minor))));
    assert_eq!(differences(&captured(), &statements, later()), orphans);
}

#[test]
fn a_hold_that_nobody_will_take_from_is_to_be_given_back() {
    let mut statements = agreeing();
    statements.charges.push(charge("pi_2", ChargeState::Held, 0));
    let stands = [(DifferenceKind::HoldNotReleased, Repair::Release)];
    assert_eq!(differences(&captured(), &statements, later()), stands);
    assert_eq!(differences(&captured(), &statements, at(30)), [], "somebody may be at Stripe's page");
}

#[test]
fn a_fee_that_is_not_posted_or_not_booked_is_missing() {
    let unposted = paid(settled());
    assert_eq!(differences(&unposted, &agreeing(), later()), [(DifferenceKind::FeeMissing, Repair::Post)]);
    let mut unbooked = agreeing();
    unbooked.movements.clear();
    assert_eq!(differences(&captured(), &unbooked, later()), [(DifferenceKind::FeeMissing, Repair::LookInto)]);
    assert_eq!(differences(&captured(), &unbooked, at(100)), [], "Stripe's list may be a day late");
}

#[test]
fn a_payout_is_the_sum_of_what_it_is_made_of() {
    let mut statements = agreeing();
    statements.movements[0].payout = Some("po_1".to_owned());
    statements.payouts.push(Payout { id: "po_1".to_owned(), amount: eur(960), at: at(2_000) });
    let session = then(Some(captured()), Event::Found(booked("txn_1", 1_000, 40, Some("po_1")), at(2_100)));
    assert_eq!(differences(&session, &statements, later()), []);
    // A transfer to a connected account belongs to no payment, and to the payout all the same.
    let transfer = Movement {
        id: "txn_2".to_owned(),
        intent: None,
        amount: eur(-10),
        fee: eur(0),
        ..statements.movements[0].clone()
    };
    statements.movements.push(transfer);
    statements.payouts[0].amount = eur(950);
    assert_eq!(differences(&session, &statements, later()), []);
    statements.movements.pop();
    assert_eq!(differences(&session, &statements, later()), [(DifferenceKind::PayoutDiffers, Repair::LookInto)]);
}

#[test]
fn a_repair_tells_the_session_what_stripe_has_and_the_session_gives_it_back() {
    let session = captured();
    let mut statements = agreeing();
    statements.charges.push(charge("pi_2", ChargeState::Taken, 1_000));
    statements.charges.push(charge("pi_3", ChargeState::Held, 0));
    let found = compare(std::slice::from_ref(&session), &Index::of(&statements), later());
    let remedies: Vec<_> = found.iter().filter_map(|difference| remedy(difference, &session)).collect();
    assert_eq!(remedies.len(), 2, "{found:?}");
    let repaired =
        remedies.into_iter().fold(session, |session, found| then(Some(session), Event::Found(found, later())));
    let moves: Vec<_> =
        repaired.payments.iter().filter(|p| p.is_intended()).map(|p| (p.purpose, p.amount.minor())).collect();
    assert_eq!(moves, [(Purpose::Refund, 1_000), (Purpose::Release, 2_000)]);
    // Once told, nothing is told again.
    assert!(found.iter().all(|difference| remedy(difference, &repaired).is_none()));
}
