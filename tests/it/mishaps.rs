//! Everything that can go wrong with payments at once, over real sessions; then the books are held against Stripe's.

use std::sync::atomic::AtomicBool;

use jiff::{SignedDuration, Timestamp};
use plugtill::edges::sns::SentMessage;
use plugtill::replay::{Replayed, replay};
use plugtill::stack::{Options, SIMULATOR_KEY, Stack};
use plugtill::stripe_simulator::{Disturbance, Mishaps};
use plugtill::traffic::Traffic;
use plugtill_domain::ids::SessionId;
use plugtill_domain::ledger::Account;
use plugtill_domain::reconcile::{DifferenceKind, Repair};
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::Site;
use plugtill_tests::{Happened, look_at, site};
use serde_json::{Value, json};

use crate::real_sessions::{messages, shared};

/// So many sessions, unless `PLUGTILL_SESSIONS` asks for more: two thousand take a minute.
const SESSIONS: &str = "400";

fn sessions() -> String {
    std::env::var("PLUGTILL_SESSIONS").unwrap_or_else(|_| SESSIONS.to_owned())
}

const MISHAPS: Mishaps =
    Mishaps { declined_holds: 50, declined_charges: 30, lost_answers: 20, stored_errors: 10, seed: 20 };

/// The sessions' starts, stops and statuses: what their readings add to the bill is proven elsewhere.
fn traffic() -> Option<String> {
    let (traffic, _) = messages(&shared()?, &sessions(), &[]);
    let told = traffic.lines().filter(|line| !line.contains("MeterValues"));
    Some(told.flat_map(|line| [line, "\n"]).collect())
}

fn yard() -> Vec<Site> {
    site(
        json!({ "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 150_000 }] }], "tax_percent": "20" }),
    )
}

async fn disturbed(traffic: String, sites: &[Site]) -> Replayed {
    let webhooks = Disturbance { duplicated_percent: 10, dropped_percent: 0, held_up_to_seconds: 3_600, seed: 7 };
    let options = Options { webhooks: Some(webhooks), mishaps: MISHAPS, ..Options::default() };
    let never = AtomicBool::new(false);
    let replayed = replay(Traffic::of(traffic), sites, options, &never, |_| ()).await.unwrap();
    replayed.stack.stripe.disturb(Mishaps::default());
    replayed
}

/// Somebody in Stripe's dashboard; the id of what is made.
fn in_the_dashboard(stack: &Stack, path: &str, form: &str) -> String {
    let request = http::Request::post(format!("http://stripe.local/v1/{path}"))
        .header("authorization", format!("Bearer {SIMULATOR_KEY}"))
        .body(form.as_bytes().to_vec().into());
    let answer = stack.stripe.handle(&request.unwrap()).unwrap();
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

async fn wait(stack: &mut Stack, hours: i64) {
    let until = stack.clock.now() + SignedDuration::from_hours(hours);
    stack.advance_to(until).await.unwrap();
}

fn taken(session: &Session) -> Option<(&SessionId, &str)> {
    let taken = session.payments.iter().find(|payment| payment.purpose.takes() && payment.is_done())?;
    Some((&session.id, taken.intent.as_deref()?))
}

/// One in two hundred is disputed, one in a hundred refunded in the dashboard; the bank decides for every second driver.
async fn disputed_and_refunded(stack: &mut Stack, sessions: &[Session]) {
    let mut disputes = Vec::new();
    for (index, (_, intent)) in sessions.iter().filter_map(taken).enumerate() {
        if index % 200 == 1 {
            disputes.push(stack.stripe.dispute(intent, "fraudulent").unwrap());
        } else if index % 100 == 50 {
            in_the_dashboard(stack, "refunds", &format!("payment_intent={intent}&amount=30"));
        }
    }
    assert!(disputes.len() >= 2, "{} disputes", disputes.len());
    wait(stack, 48).await;
    for (index, dispute) in disputes.iter().enumerate() {
        stack.stripe.decide_dispute(dispute, index % 2 == 0);
    }
    // Webhooks, balances and payouts come in their own time.
    wait(stack, 24 * 10).await;
}

async fn proven(stack: Stack, received: u64, sites: &[Site]) -> Happened {
    let happened = look_at(stack, received, sites).await;
    assert_eq!(happened.accounts.report.sessions.open, 0, "every session has ended in money");
    happened
}

#[tokio::test]
async fn real_sessions_under_every_mishap_end_once_and_the_books_agree_until_they_are_spoilt() {
    let Some(traffic) = traffic() else { return };
    let sites = yard();
    let Replayed { mut stack, received, .. } = disturbed(traffic, &sites).await;
    let before = plugtill::summary::accounts(&stack, &sites).await.unwrap().sessions;
    disputed_and_refunded(&mut stack, &before).await;
    let compared = stack.reconcile(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(compared.differences, []);
    assert!(compared.posted > before.len(), "{} fees and payouts posted", compared.posted);
    let happened = proven(stack, received, &sites).await;
    let outcomes = &happened.accounts.report.sessions;
    assert!(outcomes.captured * 10 > outcomes.total * 8 && outcomes.uncollectable > 0, "{outcomes:?}");
    fees_are_stripes(&happened);
    spoil(happened.replayed.stack, &happened.accounts.sessions).await;
}

/// What our postings say Stripe kept and paid out is what its balance says.
fn fees_are_stripes(happened: &Happened) {
    let ours: i64 = happened.accounts.sessions.iter().map(|session| of(session, Account::Fees)).sum();
    let theirs = happened.replayed.stack.stripe.books().fees_minor;
    assert_eq!(ours, theirs, "fees");
    let ours: i64 = happened.accounts.sessions.iter().map(|session| of(session, Account::PaidOut)).sum();
    assert_eq!(ours, happened.replayed.stack.stripe.books().paid_out_minor, "payouts, less what disputes took back");
}

fn of(session: &Session, account: Account) -> i64 {
    plugtill_domain::ledger::balances(session).get(&account).copied().unwrap_or_default()
}

/// Three defects planted at Stripe are found by name, told to the operator, and over once they are repaired.
async fn spoil(mut stack: Stack, sessions: &[Session]) {
    let mut captured = sessions.iter().filter(|session| session.outcome == Outcome::Captured).filter_map(taken);
    let ((twice, _), (_, refunded)) = (captured.next().unwrap(), captured.next_back().unwrap());
    let charge = "amount=700&currency=eur&payment_method=pm_card_visa&confirm=true";
    let double = in_the_dashboard(&stack, "payment_intents", &format!("{charge}&metadata[session]={twice}"));
    let orphan = in_the_dashboard(&stack, "payment_intents", charge);
    wait(&mut stack, 1).await;
    in_the_dashboard(&stack, "refunds", &format!("payment_intent={refunded}&amount=10"));
    let compared = stack.reconcile(Timestamp::UNIX_EPOCH).await.unwrap();
    let mut found: Vec<_> = compared.differences.iter().map(|it| (it.kind, it.object.clone().unwrap())).collect();
    found.sort();
    let expected = [
        (DifferenceKind::CapturedTwice, double.clone()),
        (DifferenceKind::AmountDiffers, refunded.to_owned()),
        (DifferenceKind::OrphanCharge, orphan.clone()),
    ];
    assert_eq!(found, expected);
    let repairs =
        compared.differences.iter().filter(|it| matches!(it.repair, Repair::Refund(amount) if amount.minor() == 700));
    assert_eq!(repairs.count(), 2);
    wait(&mut stack, 2).await;
    assert_eq!(told(&stack, "opened"), 1);
    repaired(&mut stack, &double).await;
    in_the_dashboard(&stack, "refunds", &format!("payment_intent={orphan}"));
    // The refund from the dashboard comes as a webhook, meanwhile.
    wait(&mut stack, 24).await;
    assert_eq!(stack.reconcile(Timestamp::UNIX_EPOCH).await.unwrap().differences, []);
    wait(&mut stack, 1).await;
    assert_eq!(told(&stack, "recovered"), 1);
}

/// What was taken twice is put right by an operator's order: tried first, then done once, under a name.
async fn repaired(stack: &mut Stack, double: &str) {
    let tried = stack.repair(Timestamp::UNIX_EPOCH, None).await.unwrap();
    let of_double = |steps: &[plugtill_reconcile::Step]| {
        let step = steps.iter().find(|step| step.difference.object.as_deref() == Some(double)).cloned();
        step.map(|step| (step.told.is_some(), step.applied))
    };
    assert_eq!(of_double(&tried), Some((true, false)));
    let refunds = stack.stripe.books().refunds;
    wait(stack, 1).await;
    assert_eq!(stack.stripe.books().refunds, refunds, "trying moves nothing");
    let done = stack.repair(Timestamp::UNIX_EPOCH, Some("night shift")).await.unwrap();
    assert_eq!(of_double(&done), Some((true, true)));
    wait(stack, 1).await;
    assert_eq!(stack.stripe.books().refunds, refunds + 1);
    assert_eq!(of_double(&stack.repair(Timestamp::UNIX_EPOCH, Some("night shift")).await.unwrap()), None);
    let trail = stack.store.audited(stack.clock.now()).await.unwrap();
    assert!(trail.iter().any(|entry| entry.by == "night shift" && entry.order.contains(double)), "{trail:?}");
}

/// How often it was told that the books differ, or no longer do.
fn told(stack: &Stack, event: &str) -> usize {
    let of_books = |sent: &SentMessage| sent.attribute("kind") == "reconciliation_differs";
    stack.topics.sent().iter().filter(|sent| of_books(sent) && sent.attribute("event") == event).count()
}
