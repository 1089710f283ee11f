//! Each of Stripe's test cards, wherever a driver's card can be asked: at the page, at the hold, at the charge after it.

use axum::body::Body;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use plugtill::stack::{Options, RemoteStripe, Stack};
use plugtill::stripe_simulator::{Buyer, Disturbance, NotPaid, StripeSimulator};
use plugtill_domain::balance::DriverNoticeKind;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::ledger::{Account, balances};
use plugtill_domain::session::{Outcome, Reason, Session};
use plugtill_domain::site::Site;
use plugtill_tests::{Story, at, look_at, site, stack, tell};
use serde_json::{Value, json};
use tower::ServiceExt;

fn plain() -> Story {
    Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

/// The page that a driver is sent to who wants to charge.
async fn page(stack: &mut Stack) -> String {
    let asked = Request::post("/checkouts").header("content-type", "application/x-www-form-urlencoded");
    let asked = asked.body(Body::from("charger=CP1&connector=1")).unwrap();
    let answer = stack.portal().oneshot(asked).await.unwrap();
    let url = answer.headers()["location"].to_str().unwrap().to_owned();
    url.split('/').next_back().unwrap().split('#').next().unwrap().to_owned()
}

/// The page says why it took no card, and takes another: nothing is reserved but that.
async fn declined_at_the_page(card: &str, code: &str) {
    let sites = site(json!({ "drivers": {} }));
    let options = Options { start: at(0), webhooks: Some(Disturbance::default()), ..Options::default() };
    let mut stack = Stack::start(&options, &sites).await.unwrap();
    let page = page(&mut stack).await;
    let refused = stack.stripe.pay(&page, card, false, &Buyer::default());
    assert_eq!(refused, Err(NotPaid::Declined(code.to_owned())));
    assert_eq!(stack.stripe.books().open_holds, 0);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    assert_eq!(stack.stripe.books().open_holds, 1);
}

async fn only_session(stack: &Stack) -> Session {
    stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0)
}

/// The driver is told at the start; the bill stays owed, and nothing is asked of the card a third time.
async fn declined_at_the_hold(card: &str, code: &str) {
    let sites = site(json!({ "drivers": { "default_payment_method": card } }));
    let mut stack = stack(&sites).await;
    let received = tell(&mut stack, &plain()).await;
    let happened = look_at(stack, received, &sites).await;
    let session = happened.session();
    assert_eq!(
        (session.outcome, session.billed().minor(), happened.collected_minor()),
        (Outcome::Uncollectable, 350, 0)
    );
    assert_eq!(session.reason, Some(Reason::Declined(code.to_owned())));
    let told: Vec<_> = session.notices.iter().map(|notice| notice.kind).collect();
    assert_eq!(told[..2], [DriverNoticeKind::HoldDeclined, DriverNoticeKind::Unpaid]);
    let books = happened.replayed.stack.stripe.books();
    assert_eq!((books.holds, books.declines), (0, 2));
}

/// Stripe does not save such a card, so that its driver has none: nothing is held, and the bill says why it stays owed.
async fn without_a_card(card: &str) {
    let happened = plain().happens(json!({ "drivers": { "default_payment_method": card } })).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Uncollectable, 0));
    assert_eq!(happened.session().reason, Some(Reason::NoPaymentMethod));
    assert_eq!(happened.replayed.stack.stripe.books().holds, 0);
}

/// The hold is taken whole; what it did not cover stays owed, with a link to pay it.
async fn declined_after_the_hold(card: &str, code: &str) {
    let sites = site(json!({ "hold": "2.00" }));
    let mut stack = stack(&sites).await;
    stack.deliver(vec![plain().traffic().lines().next().unwrap().to_owned()]).await.unwrap();
    stack.advance_to(at(10)).await.unwrap();
    assert_eq!(stack.stripe.books().open_holds, 1);
    stack.stripe.cards_become(card);
    let rest: Vec<String> = plain().traffic().lines().skip(1).map(str::to_owned).collect();
    let received = 1 + rest.len() as u64;
    for line in rest {
        let told: Value = serde_json::from_str(&line).unwrap();
        stack.advance_to(told["received_at"].as_str().unwrap().parse().unwrap()).await.unwrap();
        stack.deliver(vec![line]).await.unwrap();
    }
    stack.advance_to(at(26 * 60)).await.unwrap();
    let session = only_session(&stack).await;
    assert_eq!((session.collected().minor(), session.uncollectable.minor()), (200, 150));
    assert_eq!(session.reason, Some(Reason::Declined(code.to_owned())));
    assert!(session.balance.is_some(), "it can be paid by the link");
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.collected_minor(), 200);
}

macro_rules! declined_cards {
    ($($name:ident: $card:literal, $code:literal, $saved:ident;)+) => { $(
        mod $name {
            #[tokio::test]
            async fn at_the_page() {
                super::declined_at_the_page($card, $code).await;
            }
            #[tokio::test]
            async fn at_the_hold() {
                declined_cards!(@$saved $card, $code);
            }
            #[tokio::test]
            async fn after_the_hold() {
                super::declined_after_the_hold($card, $code).await;
            }
        }
    )+ };
    (@is_saved $card:literal, $code:literal) => { super::declined_at_the_hold($card, $code).await };
    (@is_not_saved $card:literal, $code:literal) => { super::without_a_card($card).await };
}

declined_cards! {
    f58_declined_4000000000000002: "pm_card_chargeDeclined", "generic_decline", is_not_saved;
    f58_insufficient_funds_4000000000009995: "pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds", is_not_saved;
    f58_lost_card_4000000000009987: "pm_card_chargeDeclinedLostCard", "lost_card", is_not_saved;
    f58_expired_card_4000000000000069: "pm_card_chargeDeclinedExpiredCard", "expired_card", is_not_saved;
    f58_processing_error_4000000000000119: "pm_card_chargeDeclinedProcessingError", "processing_error", is_not_saved;
    f58_declined_once_saved_4000000000000341: "pm_card_chargeCustomerFail", "generic_decline", is_saved;
    f59_authentication_required_4000002760003184: "pm_card_authenticationRequired", "authentication_required", is_saved;
}

#[tokio::test]
async fn accepted_4242424242424242_is_held_topped_up_and_captured() {
    let happened = plain().happens(json!({ "hold": "2.00" })).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 350));
}

#[tokio::test]
async fn disputed_4000000000000259_is_recorded_and_told() {
    let sites = site(json!({}));
    let options = Options { start: at(0), webhooks: Some(Disturbance::default()), ..Options::default() };
    let mut stack = Stack::start(&options, &sites).await.unwrap();
    let received = tell(&mut stack, &plain()).await;
    let intent = only_session(&stack).await.payments.iter().find_map(|payment| payment.intent.clone()).unwrap();
    stack.stripe.dispute(&intent, "fraudulent").unwrap();
    stack.advance_to(stack.clock.now() + jiff::SignedDuration::from_hours(1)).await.unwrap();
    assert_eq!(only_session(&stack).await.disputed().minor(), 350);
    assert!(stack.topics.sent().iter().any(|message| message.attribute("kind") == "dispute"));
    look_at(stack, received, &sites).await;
}

#[tokio::test]
async fn f65_what_a_partial_capture_leaves_is_released_by_it() {
    let happened = plain().happens(json!({})).await;
    let books = happened.replayed.stack.stripe.books();
    assert_eq!(
        (books.captures, books.releases, books.open_holds),
        (1, 0, 0),
        "no request of its own releases the rest"
    );
    assert_eq!(happened.collected_minor(), 350);
    assert!(happened.session().active_holds().is_empty());
}

#[tokio::test]
async fn stripe_itself_is_asked_over_http_where_a_test_key_is_given_and_a_live_key_is_refused() {
    // Another process as far as the product can tell: the simulator behind a socket.
    let clock = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(at(0).as_millisecond()));
    let simulator = std::sync::Arc::new(StripeSimulator::new(clock, "sk_test_elsewhere"));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = std::sync::Arc::clone(&simulator).router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let sites = site(json!({}));
    let remote = RemoteStripe::new("sk_test_elsewhere", &url).unwrap();
    let options = Options { start: at(0), remote: Some(remote), ..Options::default() };
    let mut stack = Stack::start(&options, &sites).await.unwrap();
    let received = tell(&mut stack, &plain()).await;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.session().outcome, happened.session().collected().minor()), (Outcome::Captured, 350));
    assert_eq!((simulator.books().captures, happened.replayed.stack.stripe.books().captures), (1, 0));
    let live = RemoteStripe::new("sk_live_anything", &url).unwrap_err().to_string();
    assert!(live.contains("no test key") && !live.contains("anything"), "{live}");
}

fn connected(account: &str, percent: u32) -> Vec<Site> {
    site(json!({ "hold": "2.00", "payments": { "account": { "id": account, "fee_percent": percent } } }))
}

#[tokio::test]
async fn f74_a_session_is_paid_to_the_account_of_its_start_whatever_the_site_says_later() {
    let (before, after) = (connected("acct_before", 10), connected("acct_after", 50));
    let mut stack = stack(&before).await;
    // The start, and the back end's answer, which names the transaction.
    let started: Vec<String> = plain().traffic().lines().take(2).map(str::to_owned).collect();
    stack.deliver(started).await.unwrap();
    stack.advance_to(at(10)).await.unwrap();
    stack.store.put_site(&after[0]).await.unwrap();
    let received = 2 + tell(&mut stack, &Story::new().stop(60, 11_000, "EVDisconnected").status(60, "Available")).await;
    let happened = look_at(stack, received, &after).await;
    assert_eq!(happened.collected_minor(), 350);
    let mut stack = happened.replayed.stack;
    let by_account = stack.stripe.books().by_account;
    // 2.00 from the hold and 1.50 beside it, a tenth of each kept by the platform.
    assert_eq!(by_account.into_iter().collect::<Vec<_>>(), [("acct_before".to_owned(), (350, 35))]);

    // What the operator gets is in the account's own balance: Stripe's fee is the platform's affair.
    stack.advance_to(at(0) + SignedDuration::from_hours(24 * 4)).await.unwrap();
    let compared = stack.reconcile(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(
        (compared.differences, compared.payouts),
        (Vec::new(), 1),
        "the account's; the platform's is in the red"
    );
    let session = plugtill::summary::accounts(&stack, &after).await.unwrap().sessions.remove(0);
    let posted = balances(&session);
    assert_eq!((posted[&Account::Fees], posted[&Account::PaidOut]), (35, 315));
    assert_eq!(stack.stripe.books().paid_out_minor, 315);
    assert_eq!(stack.reconcile(Timestamp::UNIX_EPOCH).await.unwrap().posted, 0, "once");
}
