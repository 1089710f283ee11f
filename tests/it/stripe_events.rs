//! What happens at Stripe beside us: found through webhooks, whatever becomes of them on the way.

use jiff::SignedDuration;
use plugtill::stack::{Options, SIMULATOR_KEY, Stack};
use plugtill::stripe_simulator::{Buyer, Disturbance, NotPaid, StripeFault};
use plugtill_adapters::stripe::{PageOrder, PageTask, RetryPolicy, SecretKey, Stripe};
use plugtill_domain::checkout::{Buyer as Known, Checkout, CheckoutState, Errand, PAGE_LIVES, token};
use plugtill_domain::ids::{ConnectorId, IdTag};
use plugtill_domain::ledger::{Account, balances};
use plugtill_domain::money::Money;
use plugtill_domain::payment::Purpose;
use plugtill_domain::session::{Outcome, Reason, Session};
use plugtill_tests::{Happened, Story, at, look_at, site, tell};
use serde_json::{Value, json};

/// A product that Stripe tells what happens.
async fn told_by_stripe(change: Value, disturbance: Disturbance) -> (Stack, Vec<plugtill_domain::site::Site>) {
    let sites = site(change);
    let options = Options { start: at(0), webhooks: Some(disturbance), ..Options::default() };
    (Stack::start(&options, &sites).await.unwrap(), sites)
}

/// Somebody in Stripe's dashboard.
fn in_the_dashboard(stack: &Stack, path: &str, form: &str) -> Value {
    let request = http::Request::post(format!("http://stripe.local/v1/{path}"))
        .header("authorization", format!("Bearer {SIMULATOR_KEY}"))
        .body(form.as_bytes().to_vec().into());
    let answer = stack.stripe.handle(&request.unwrap()).unwrap();
    serde_json::from_slice(answer.body()).unwrap()
}

/// 10 kWh in an hour, unplugged at once: 3.50.
fn plain() -> Story {
    Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

fn intent_of(session: &Session) -> String {
    session.payments.iter().find_map(|payment| payment.intent.clone()).unwrap()
}

async fn session(stack: &Stack) -> Session {
    let found = stack.store.latest_session(&"CP1".parse().unwrap(), ConnectorId(1), at(100_000)).await.unwrap();
    found.unwrap().session
}

async fn wait(stack: &mut Stack, minutes: i64) {
    let until = stack.clock.now() + SignedDuration::from_mins(minutes);
    stack.advance_to(until).await.unwrap();
}

fn ends(happened: &Happened, outcome: Outcome, collected: i64) {
    let session = happened.session();
    assert_eq!((session.outcome, session.collected().minor()), (outcome, collected), "{session:#?}");
}

#[tokio::test]
async fn f68_webhooks_doubled_dropped_and_out_of_order_change_no_bill() {
    for seed in 0..8 {
        let disturbance = Disturbance { duplicated_percent: 40, dropped_percent: 20, held_up_to_seconds: 7_200, seed };
        let (mut stack, sites) = told_by_stripe(json!({ "hold": "2.00" }), disturbance).await;
        // The answers to the hold, the capture and the top-up are lost: webhooks may come first.
        for _ in 0..3 {
            stack.stripe.inject(StripeFault::DropAfterCommit);
            stack.stripe.inject(StripeFault::Nothing);
        }
        let received = tell(&mut stack, &plain()).await;
        let happened = look_at(stack, received, &sites).await;
        ends(&happened, Outcome::Captured, 350);
        let books = happened.replayed.stack.stripe.books();
        assert_eq!((books.holds, books.captures, books.top_ups, books.open_holds), (1, 1, 1, 0), "seed {seed}");
    }
}

#[tokio::test]
async fn f61_a_hold_cancelled_in_the_dashboard_is_noticed_and_the_bill_collected_without_it() {
    let (mut stack, sites) = told_by_stripe(json!({}), Disturbance::default()).await;
    let mut received = tell(&mut stack, &Story::new().start(0, 1_000)).await;
    let intent = intent_of(&session(&stack).await);
    in_the_dashboard(&stack, &format!("payment_intents/{intent}/cancel"), "");
    wait(&mut stack, 5).await;
    assert_eq!(session(&stack).await.active_holds(), [], "noticed before the end");
    let later = 60 * 30;
    received += tell(&mut stack, &Story::new().stop(later, 11_000, "EVDisconnected").status(later, "Available")).await;
    let happened = look_at(stack, received, &sites).await;
    ends(&happened, Outcome::Captured, 350);
    assert_eq!(happened.session().done(Purpose::TopUp).minor(), 350);
}

#[tokio::test]
async fn f62_a_hold_captured_in_the_dashboard_is_taken_over_and_the_surplus_given_back() {
    let (mut stack, sites) = told_by_stripe(json!({}), Disturbance::default()).await;
    let mut received = tell(&mut stack, &Story::new().start(0, 1_000)).await;
    let intent = intent_of(&session(&stack).await);
    in_the_dashboard(&stack, &format!("payment_intents/{intent}/capture"), "amount_to_capture=500");
    wait(&mut stack, 5).await;
    let later = 60 * 30;
    received += tell(&mut stack, &Story::new().stop(later, 11_000, "EVDisconnected").status(later, "Available")).await;
    let happened = look_at(stack, received, &sites).await;
    ends(&happened, Outcome::Captured, 350);
    assert_eq!(happened.session().done(Purpose::Refund).minor(), 150);
}

#[tokio::test]
async fn f73_a_refund_in_the_dashboard_is_a_credit_note_once() {
    let disturbance = Disturbance { duplicated_percent: 100, ..Disturbance::default() };
    let (mut stack, sites) = told_by_stripe(json!({}), disturbance).await;
    let received = tell(&mut stack, &plain()).await;
    let intent = intent_of(&session(&stack).await);
    in_the_dashboard(&stack, "refunds", &format!("payment_intent={intent}&amount=100"));
    wait(&mut stack, 5).await;
    let happened = look_at(stack, received, &sites).await;
    ends(&happened, Outcome::Captured, 250);
    let session = happened.session();
    assert_eq!((session.billed().minor(), session.credits.len()), (250, 1));
    assert_eq!(session.credits[0].number.as_deref(), Some("C-000001"));
    assert_eq!(session.receipt_number.as_deref(), Some("R-000001"));
}

#[tokio::test]
async fn f73_a_dispute_is_recorded_told_once_and_its_end_is_told() {
    for won in [true, false] {
        let (mut stack, sites) = told_by_stripe(json!({}), Disturbance::default()).await;
        let received = tell(&mut stack, &plain()).await;
        let intent = intent_of(&session(&stack).await);
        let dispute = stack.stripe.dispute(&intent, "fraudulent").unwrap();
        wait(&mut stack, 5).await;
        let disputed = session(&stack).await;
        assert_eq!(disputed.disputed().minor(), 350);
        assert_eq!(balances(&disputed).get(&Account::ChargedBack), Some(&-350));
        let texts = |stack: &Stack| stack.topics.sent().iter().map(|sent| sent.text().to_owned()).collect::<Vec<_>>();
        assert_eq!(texts(&stack).len(), 1);
        assert!(texts(&stack)[0].contains("(3.50 EUR fraudulent until "), "{:?}", texts(&stack));
        stack.stripe.decide_dispute(&dispute, won);
        wait(&mut stack, 5).await;
        assert_eq!(texts(&stack).len(), 2, "its end is told once");
        let happened = look_at(stack, received, &sites).await;
        if won {
            ends(&happened, Outcome::Captured, 350);
            assert_eq!(happened.session().disputed().minor(), 0);
        } else {
            ends(&happened, Outcome::Uncollectable, 350);
            assert_eq!(happened.session().reason, Some(Reason::DisputeLost("fraudulent".to_owned())));
        }
    }
}

/// What the driver's portal does: stores what it is about to ask, then asks Stripe for a page.
async fn opened(stack: &Stack, errand: Errand, task: PageTask, amount: i64) -> (IdTag, String) {
    let token = token("abcdefghijklmnopqr").unwrap();
    let now = stack.clock.now();
    let checkout = Checkout {
        token: token.clone(),
        site: "yard".parse().unwrap(),
        errand,
        amount: eur(amount),
        answered: false,
        limit: None,
        opened_at: now,
        page: None,
        buyer: Known::default(),
        held: None,
        texts_to: None,
        language: None,
        state: CheckoutState::Open,
    };
    assert!(stack.store.open_checkout(&checkout).await.unwrap());
    let retry = RetryPolicy { attempts: 1, base_delay: std::time::Duration::ZERO };
    let stripe =
        Stripe::new(stack.stripe.clone(), SecretKey::new(SIMULATOR_KEY), "http://stripe.local").with_retry(retry);
    let order = PageOrder {
        token: token.to_string(),
        task,
        success_url: "https://portal.example/done".to_owned(),
        cancel_url: "https://portal.example/back".to_owned(),
        expires_at: now + PAGE_LIVES,
        metadata: [("checkout".to_owned(), token.to_string())].into(),
    };
    let page = stripe.make_page(&format!("checkout:{token}"), &order).await.unwrap();
    let made = plugtill_domain::checkout::CheckoutEvent::PageMade(page.id.clone());
    stack.store.update_checkout(&token, &made).await.unwrap().unwrap();
    (token, page.id)
}

fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

fn hold(amount: i64) -> PageTask {
    PageTask::Pay { amount: eur(amount), what: "Charging".to_owned(), hold: true, raisable: false, destination: None }
}

fn here() -> Errand {
    Errand::Charge { charger: "CP1".parse().unwrap(), connector: ConnectorId(1) }
}

async fn state(stack: &Stack, token: &IdTag) -> CheckoutState {
    stack.store.checkout(token).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_driver_without_an_account_pays_at_the_page_and_charges_on_that_hold() {
    // A webhook tells at once; without any, the page is looked up when its time is over: too late for this vehicle.
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {} }), Disturbance::default()).await;
    let (token, page) = opened(&stack, here(), hold(2_000), 2_000).await;
    let declined = stack.stripe.pay(&page, "pm_card_chargeDeclinedInsufficientFunds", true, &Buyer::default());
    assert_eq!(declined, Err(NotPaid::Declined("insufficient_funds".to_owned())));
    let unanswered = stack.stripe.pay(&page, "pm_card_threeDSecure2Required", false, &Buyer::default());
    assert_eq!(unanswered, Err(NotPaid::Declined("authentication_required".to_owned())));
    let buyer = Buyer { phone: Some("+4915112345678".to_owned()), ..Buyer::default() };
    stack.stripe.pay(&page, "pm_card_threeDSecure2Required", true, &buyer).unwrap();
    wait(&mut stack, 1).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Held);
    let story = Story::new().start_as(token.as_str(), 7, 3, 1_000).stop(63, 11_000, "EVDisconnected");
    let received = tell(&mut stack, &story.status(63, "Available")).await;
    assert!(matches!(state(&stack, &token).await, CheckoutState::Started(_)));
    let happened = look_at(stack, received, &sites).await;
    ends(&happened, Outcome::Captured, 350);
    let books = happened.replayed.stack.stripe.books();
    assert_eq!((books.holds, books.captures, books.top_ups, books.open_holds), (1, 1, 0, 0));
}

#[tokio::test]
async fn a_hold_that_no_vehicle_comes_for_is_given_back_after_the_sites_minutes() {
    let (mut stack, _) =
        told_by_stripe(json!({ "payments": { "start_within_minutes": 7 } }), Disturbance::default()).await;
    let (token, page) = opened(&stack, here(), hold(2_000), 2_000).await;
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 6).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Held);
    wait(&mut stack, 3).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Released);
    assert_eq!(stack.stripe.books().open_holds, 0);
}

#[tokio::test]
async fn f71_a_page_whose_webhook_never_comes_is_looked_up_when_its_time_is_over() {
    let dropped = Disturbance { dropped_percent: 100, ..Disturbance::default() };
    let (mut stack, _) = told_by_stripe(json!({}), dropped).await;
    let (token, page) = opened(&stack, here(), hold(2_000), 2_000).await;
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 34).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Open);
    wait(&mut stack, 2).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Held);
    wait(&mut stack, 8).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Released, "nobody came");
    assert_eq!(stack.stripe.books().open_holds, 0);
}

#[tokio::test]
async fn a_page_that_nobody_pays_expires_and_can_no_longer_be_paid() {
    let (mut stack, _) = told_by_stripe(json!({}), Disturbance::default()).await;
    let (token, page) = opened(&stack, here(), hold(2_000), 2_000).await;
    wait(&mut stack, 40).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Expired);
    assert_eq!(stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()), Err(NotPaid::Closed));
}

#[tokio::test]
async fn a_saved_card_pays_the_tags_next_session() {
    let (mut stack, sites) = told_by_stripe(json!({ "drivers": {} }), Disturbance::default()).await;
    let errand = Errand::SaveCard { tag: "TAG1".parse().unwrap() };
    let (token, page) = opened(&stack, errand, PageTask::SaveCard { currency: "EUR".to_owned() }, 0).await;
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Done);
    let story = Story::new().start(10, 1_000).stop(70, 11_000, "EVDisconnected").status(70, "Available");
    let received = tell(&mut stack, &story).await;
    let happened = look_at(stack, received, &sites).await;
    ends(&happened, Outcome::Captured, 350);
    assert_eq!(happened.replayed.stack.stripe.books().captures, 1);
}

#[tokio::test]
async fn f59_a_balance_is_paid_through_a_link_and_the_tag_is_free_again() {
    let (mut stack, sites) = told_by_stripe(json!({}), Disturbance::default()).await;
    let tag: IdTag = "BROKE".parse().unwrap();
    let story = Story::new().start_as("BROKE", 7, 0, 1_000).stop(60, 11_000, "EVDisconnected");
    let received = tell(&mut stack, &story.status(60, "Available")).await;
    let owing = session(&stack).await;
    assert_eq!((owing.outcome, owing.uncollectable.minor()), (Outcome::Uncollectable, 350));
    assert_eq!(
        stack.store.unpaid_sessions(&tag).await.unwrap(),
        std::slice::from_ref(&owing.id),
        "blocked until it is paid"
    );
    let task =
        PageTask::Pay { amount: eur(350), what: "Balance".to_owned(), hold: false, raisable: false, destination: None };
    let (token, page) = opened(&stack, Errand::Pay { session: owing.id.clone() }, task, 350).await;
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    assert_eq!(state(&stack, &token).await, CheckoutState::Done);
    assert!(stack.store.unpaid_sessions(&tag).await.unwrap().is_empty());
    let session = session(&stack).await;
    assert_eq!((session.outcome, session.collected().minor(), session.due()), (Outcome::Captured, 350, None));
    let _ = (received, sites);
}

#[tokio::test]
async fn a_refund_that_the_bank_gives_back_stays_owed_to_the_driver_and_visible() {
    let (mut stack, sites) = told_by_stripe(json!({}), Disturbance::default()).await;
    let received = tell(&mut stack, &plain()).await;
    let intent = intent_of(&session(&stack).await);
    let refund = in_the_dashboard(&stack, "refunds", &format!("payment_intent={intent}&amount=100"));
    wait(&mut stack, 5).await;
    assert_eq!(session(&stack).await.collected(), eur(250));
    stack.stripe.end_refund(refund["id"].as_str().unwrap(), false);
    wait(&mut stack, 5).await;
    let after = session(&stack).await;
    assert_eq!((after.collected(), after.open()), (eur(350), eur(-100)), "{after:#?}");
    assert_eq!(stack.reconcile(jiff::Timestamp::UNIX_EPOCH).await.unwrap().differences, []);
    look_at(stack, received, &sites).await;
}
