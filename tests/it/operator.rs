//! What operators order: tried first, done once, kept in the audit trail.

use plugtill::edges::dynamo::StoreFault;
use plugtill::stack::Stack;
use plugtill::stripe_simulator::Buyer;
use plugtill_domain::closing::EndCause;
use plugtill_domain::ids::ConnectorId;
use plugtill_domain::session::{Outcome, Session};
use plugtill_domain::site::Site;
use plugtill_operator::{Answer, Change, Done, Erased, Published, Request};
use plugtill_tests::{Story, look_at, site, stack, tell};
use serde_json::{Value, json};

use crate::portal::{page_of, post, token, told_by_stripe};

fn story(tag: &str) -> Story {
    Story::new().start_as(tag, 7, 0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available")
}

/// 10 kWh: 3.50 and 0.70 tax.
async fn told(tag: &str) -> (Stack, Vec<Site>, u64) {
    let sites = site(json!({ "tax_percent": "20" }));
    let mut stack = stack(&sites).await;
    let received = tell(&mut stack, &story(tag)).await;
    (stack, sites, received)
}

async fn session(stack: &Stack) -> Session {
    stack.store.sessions(&"CP1".parse().unwrap(), ConnectorId(1)).await.unwrap().remove(0)
}

async fn ordered(stack: &mut Stack, order: &str, fields: Value) -> Result<Done, String> {
    let mut asked = json!({ "session": session(stack).await.id, "reason": "cable was wet", "by": "night shift" });
    asked.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let request: Request = serde_json::from_value(json!({ order: asked })).map_err(|error| error.to_string())?;
    let answer = stack.order(request).await.map_err(|error| error.to_string())?;
    let Answer::Done(done) = answer else { panic!("{answer:?}") };
    Ok(done)
}

async fn wait(stack: &mut Stack) {
    let until = stack.clock.now() + jiff::SignedDuration::from_mins(10);
    stack.advance_to(until).await.unwrap();
}

#[tokio::test]
async fn a_credit_is_tried_then_done_once_and_the_money_goes_back() {
    let (mut stack, sites, received) = told("TAG1").await;
    let part = json!({ "id": "C1", "amount": "1.20" });
    let tried = ordered(&mut stack, "credit", part.clone()).await.unwrap();
    assert_eq!((tried.applied, tried.billed.minor(), tried.to_refund.minor()), (false, 300, 120));
    assert_eq!(session(&stack).await.billed().minor(), 420, "trying changes nothing");
    let apply = json!({ "id": "C1", "amount": "1.20", "apply": true });
    assert!(ordered(&mut stack, "credit", apply.clone()).await.unwrap().applied);
    wait(&mut stack).await;
    let again = ordered(&mut stack, "credit", apply).await.unwrap();
    assert_eq!((again.applied, again.billed.minor(), again.to_refund.minor()), (true, 300, 0), "it is done already");
    let other = json!({ "id": "C1", "amount": "1.20", "reason": "another", "apply": true });
    assert!(ordered(&mut stack, "credit", other).await.unwrap_err().contains("session CP1"));
    wait(&mut stack).await;
    let month = stack.clock.now();
    let Answer::Audit(trail) = stack.order(Request::Audit { month }).await.unwrap() else { panic!("no trail") };
    let [entry] = trail.as_slice() else { panic!("{trail:?}") };
    assert_eq!((entry.by.as_str(), entry.order.as_str()), ("night shift", "credit C1: cable was wet"));
    assert_eq!(entry.outcome, "billed 3.00 EUR, to refund 1.20 EUR, owed 0.00 EUR");
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.collected_minor(), 300);
    assert_eq!(happened.session().credits[0].number.as_deref(), Some("C-000001"));
}

#[tokio::test]
async fn a_balance_is_listed_and_given_up_with_a_reason() {
    let (mut stack, sites, received) = told("BROKE").await;
    let balances = async |stack: &mut Stack| {
        let Answer::Balances(owed) = stack.order(Request::Balances).await.unwrap() else { panic!("no balances") };
        owed
    };
    let owed = balances(&mut stack).await;
    assert_eq!((owed.len(), owed[0].amount.minor(), owed[0].id_tag.as_str()), (1, 420, "BROKE"));
    let done = ordered(&mut stack, "forgive", json!({ "apply": true })).await.unwrap();
    assert_eq!((done.outcome, done.owed.minor()), (Outcome::Waived, 0));
    assert!(balances(&mut stack).await.is_empty());
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.session().reason.as_ref().unwrap().to_string(), "forgiven: cable was wet");
}

#[tokio::test]
async fn a_card_that_bears_it_by_now_is_asked_once_more_and_owes_nothing_then() {
    let (mut stack, sites, received) = told("BROKE").await;
    let tried = ordered(&mut stack, "charge", json!({})).await.unwrap();
    assert_eq!((tried.applied, session(&stack).await.uncollectable.minor()), (false, 420), "trying changes nothing");
    ordered(&mut stack, "charge", json!({ "apply": true })).await.unwrap();
    wait(&mut stack).await;
    let still = session(&stack).await;
    assert_eq!((still.outcome, still.uncollectable.minor()), (Outcome::Uncollectable, 420), "refused as before");
    assert!(still.balance.is_some());
    stack.stripe.cards_become("pm_card_visa");
    ordered(&mut stack, "charge", json!({ "apply": true })).await.unwrap();
    let twice = ordered(&mut stack, "charge", json!({ "apply": true })).await.unwrap_err();
    assert!(twice.contains("no card to ask"), "it is on its way: {twice}");
    wait(&mut stack).await;
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 420));
    assert!(happened.session().balance.is_none());
}

#[tokio::test]
async fn a_session_that_nothing_ends_is_ended_by_a_person_and_billed_to_its_last_sign_of_life() {
    let sites = site(json!({}));
    let mut stack = stack(&sites).await;
    let received = tell(&mut stack, &Story::new().start(0, 1_000).meter(30, "6000", "Wh")).await;
    let done = ordered(&mut stack, "end", json!({ "apply": true })).await.unwrap();
    assert!(done.applied);
    wait(&mut stack).await;
    let again = ordered(&mut stack, "end", json!({ "apply": true })).await.unwrap_err();
    assert!(again.contains("its end is known already"), "{again}");
    let closed = session(&stack).await.closed.unwrap();
    assert_eq!((closed.at, closed.cause), (plugtill_tests::at(30), EndCause::Operator));
    let happened = look_at(stack, received, &sites).await;
    assert_eq!((happened.session().outcome, happened.collected_minor()), (Outcome::Captured, 175), "5 kWh");
}

#[tokio::test]
async fn a_receipt_is_told_once_more_to_who_left_a_number_and_refused_where_nobody_did() {
    let (mut stack, ..) = told("TAG1").await;
    let refused = ordered(&mut stack, "receipt", json!({ "apply": true })).await.unwrap_err();
    assert!(refused.contains("left no telephone number"), "{refused}");

    let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
    let page = page_of(post(&mut stack, "/checkouts", "charger=CP1&connector=1&phone=%2B49+151+1234567").await.2);
    let tag = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack).await;
    let story = Story::new().start_as(tag.as_str(), 7, 12, 1_000).stop(62, 11_000, "EVDisconnected");
    tell(&mut stack, &story.status(62, "Available")).await;
    wait(&mut stack).await;
    let receipts = |stack: &Stack| stack.topics.sent().iter().filter(|sent| sent.message.contains("Receipt:")).count();
    let before = receipts(&stack);
    ordered(&mut stack, "receipt", json!({ "apply": true })).await.unwrap();
    wait(&mut stack).await;
    assert_eq!(receipts(&stack), before + 1);
}

#[tokio::test]
async fn other_prices_are_tried_on_the_sessions_of_the_last_month() {
    let (mut stack, ..) = told("TAG1").await;
    let mut file = plugtill_tests::file(json!({ "tax_percent": "20", "drivers": {} }));
    let tariff = |price: &str| json!({ "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": price }] }] });
    for (price, after, dearer, cheaper) in [("0.35", 420, 0, 0), ("0.45", 540, 1, 0), ("0.25", 300, 0, 1)] {
        file["sites"][0]["tariff"] = tariff(price);
        let request = serde_json::from_str(&json!({ "simulate": { "file": file } }).to_string()).unwrap();
        let Answer::Simulated(simulated) = stack.order(request).await.unwrap() else { panic!("not simulated") };
        let [one] = simulated.as_slice() else { panic!("{simulated:?}") };
        assert_eq!((one.sessions, one.left_out, one.of, one.before.minor()), (1, 0, 1, 420));
        assert_eq!((one.after.minor(), one.dearer, one.cheaper), (after, dearer, cheaper), "{price}");
    }
    assert_eq!(session(&stack).await.billed().minor(), 420, "nothing is changed");
}

#[tokio::test]
async fn an_order_that_cannot_be_says_why_and_changes_nothing() {
    let (mut stack, sites, received) = told("TAG1").await;
    for (order, fields, words) in [
        ("credit", json!({ "id": "C1", "amount": "9.00", "apply": true }), "credit at most that"),
        ("credit", json!({ "id": "C1", "amount": "1.001", "apply": true }), "amount"),
        ("credit", json!({ "id": "C1", "amount": "1", "line": 0 }), "an amount or a line"),
        ("credit", json!({ "id": "C1", "line": 7, "apply": true }), "no line 7"),
        ("credit", json!({ "id": "C1", "by": " ", "apply": true }), "by: must not be empty"),
        ("credit", json!({ "id": "C1", "amuont": "1" }), "amuont"),
        ("forgive", json!({ "apply": true }), "session CP1"),
        ("forgive", json!({ "session": "CP1~1~2020-01-01T00:00:00.000Z" }), "there is none"),
    ] {
        let refused = ordered(&mut stack, order, fields.clone()).await.unwrap_err();
        assert!(refused.contains(words), "{order} {fields}: {refused}");
    }
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.collected_minor(), 420);
}

#[tokio::test]
async fn the_evidence_for_a_bank_holds_what_was_agreed_said_and_billed() {
    let (mut stack, ..) = told("TAG1").await;
    let session = session(&stack).await.id;
    let Answer::Evidence(pack) = stack.order(Request::Evidence { session }).await.unwrap() else { panic!("no pack") };
    assert_eq!(pack.receipt.number.as_deref(), Some("R-000001"));
    assert!(pack.timeline.iter().any(|said| said.frame.contains("StartTransaction")), "{:?}", pack.timeline);
    assert_eq!(pack.stopped.as_ref().and_then(|stopped| stopped.register).map(|register| register.0), Some(11_000));
    assert!(pack.timeline.is_sorted_by_key(|said| said.received_at));
    let json = serde_json::to_value(&pack).unwrap();
    assert!(json["receipt"]["bill"]["lines"][0]["arithmetic"].as_str().unwrap().contains("10 kWh"), "{json}");
}

async fn published(stack: &mut Stack, asked: Value) -> Result<Vec<Published>, String> {
    let request: Request = serde_json::from_str(&json!({ "publish": asked }).to_string()).unwrap();
    match stack.order(request).await {
        Ok(Answer::Sites(sites)) => Ok(sites),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

#[tokio::test]
async fn sites_are_tried_then_published_and_the_next_session_goes_by_them() {
    let mut stack = stack(&[]).await;
    let file = |price: &str| {
        let tariff =
            json!({ "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": price }] }] });
        json!({ "sites": [{ "id": "harbour", "name": "Harbour", "time_zone": "Europe/Berlin", "currency": "EUR", "country": "DE",
            "chargers": [{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 22_000 }] }], "tariff": tariff,
            "tax_percent": "0", "hold": "50.00", "settle_after_minutes": 2 }] })
    };
    let asked = |price: &str, apply: bool| json!({ "file": file(price), "by": "owner", "apply": apply });
    let tried = published(&mut stack, asked("0.35", false)).await.unwrap();
    assert_eq!((tried[0].change, tried[0].chargers, tried[0].applied), (Change::Opened, 1, false));
    assert!(stack.store.published_sites().await.unwrap().is_empty(), "trying changes nothing");
    assert!(published(&mut stack, asked("0.35", true)).await.unwrap()[0].applied);
    let again = published(&mut stack, asked("0.35", true)).await.unwrap();
    assert_eq!((again[0].change, again[0].applied), (Change::Unchanged, false));
    assert_eq!(published(&mut stack, asked("0.45", true)).await.unwrap()[0].change, Change::Changed);
    let month = stack.clock.now();
    let Answer::Audit(trail) = stack.order(Request::Audit { month }).await.unwrap() else { panic!("no trail") };
    assert_eq!(trail.len(), 2, "{trail:?}");
    tell(&mut stack, &story("TAG1")).await;
    let Some(bill) = session(&stack).await.bill else { panic!("not billed") };
    assert_eq!(bill.total.minor(), 450, "ten kilowatt hours at the price in force");
}

#[tokio::test]
async fn a_site_file_that_cannot_be_used_changes_nothing_and_says_what_to_mend() {
    let mut stack = stack(&[]).await;
    let tariff =
        json!({ "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.35" }] }] });
    let good = json!({ "id": "harbour", "name": "Harbour", "time_zone": "Europe/Berlin", "currency": "EUR", "country": "DE",
        "chargers": [{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22_000 }] }], "tariff": tariff, "hold": "50.00" });
    let mut card = good.clone();
    card["drivers"] = json!({ "by_id_tag": { "TAG1": "pm_1" } });
    let mut zone = good;
    zone["time_zone"] = json!("Europe/Atlantis");
    for (sites, says) in [(json!([]), "at least one site"), (json!([zone]), "Atlantis"), (json!([card]), "card_link")] {
        let asked = json!({ "file": { "sites": sites }, "by": "owner", "apply": true });
        let refused = published(&mut stack, asked).await.unwrap_err();
        assert!(refused.contains(says), "{refused}");
    }
    let unnamed = json!({ "file": { "sites": [] }, "by": " ", "apply": true });
    assert!(published(&mut stack, unnamed).await.unwrap_err().contains("by:"));
    assert!(stack.store.published_sites().await.unwrap().is_empty());
}

fn whose(request: &str, fields: &Value) -> Request {
    let mut asked =
        json!({ "whose": { "site": "yard", "tag": "TAG1" }, "reason": "asked by letter", "by": "privacy desk" });
    asked.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(json!({ request: asked })).unwrap()
}

async fn erased(stack: &mut Stack, fields: Value) -> Erased {
    let Answer::Erased(erased) = stack.order(whose("erase", &fields)).await.unwrap() else { panic!("not erased") };
    erased
}

async fn exported(stack: &mut Stack, whose: Value) -> Value {
    let request: Request = serde_json::from_value(json!({ "export": whose })).unwrap();
    serde_json::to_value(stack.order(request).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_driver_is_told_everything_and_forgotten_but_for_what_tax_law_wants() {
    let (mut stack, sites, received) = told("TAG1").await;
    let id = session(&stack).await.id;
    let card = json!({ "site": "yard", "tag": "TAG1" });
    let known = exported(&mut stack, json!({ "session": id })).await;
    assert_eq!((&known["tag"], known["sessions"].as_array().unwrap().len()), (&json!("TAG1"), 1));
    let frames = known["sessions"][0]["timeline"].to_string();
    assert!(frames.contains("StartTransaction") && frames.contains("TAG1"), "{frames}");

    let tried = erased(&mut stack, json!({})).await;
    assert_eq!((tried.applied, tried.sessions.as_slice(), tried.frames), (false, [id.clone()].as_slice(), 0));
    assert_eq!(tried.at_stripe.len(), 1, "the customer at Stripe is for a person to delete");
    assert_eq!(
        exported(&mut stack, card.clone()).await["sessions"].as_array().unwrap().len(),
        1,
        "trying forgets nothing"
    );
    let done = erased(&mut stack, json!({ "apply": true })).await;
    assert_eq!((done.applied, done.sessions.len(), done.not_yet.len(), done.frames), (true, 1, 0, 1));

    let after = session(&stack).await;
    assert!(after.id_tag().as_str().starts_with("erased-") && after.payer.is_none(), "{after:?}");
    assert_eq!((after.billed().minor(), after.receipt_number.as_deref()), (420, Some("R-000001")));
    assert_eq!(exported(&mut stack, card).await["sessions"], json!([]));
    let shown = exported(&mut stack, json!({ "session": id })).await.to_string();
    assert!(!shown.contains("TAG1") && shown.contains(after.id_tag().as_str()), "{shown}");
    let Answer::Audit(trail) = stack.order(Request::Audit { month: stack.clock.now() }).await.unwrap() else {
        panic!()
    };
    assert_eq!(trail[0].outcome, "1 sessions, 1 frames; 0 sessions not over yet");
    assert!(!format!("{trail:?}").contains("TAG1"), "{trail:?}");
    // The bill is still what the frames say.
    let happened = look_at(stack, received, &sites).await;
    assert_eq!(happened.collected_minor(), 420);
}

#[tokio::test]
async fn a_driver_who_owes_or_charges_is_not_forgotten_yet() {
    let (mut stack, ..) = told("BROKE").await;
    let owes = erased(&mut stack, json!({ "whose": { "site": "yard", "tag": "BROKE" }, "apply": true })).await;
    assert_eq!((owes.sessions.len(), owes.not_yet.len()), (0, 1));
    assert!(owes.not_yet[0].1.contains("owed"), "{owes:?}");
    assert_eq!(session(&stack).await.id_tag().as_str(), "BROKE");
}

#[tokio::test]
async fn an_erasure_that_was_broken_off_goes_on_with_the_tag_it_had_drawn() {
    let (mut stack, sites, received) = told("TAG1").await;
    // Frames are rewritten, then the head; the head's write does not arrive.
    stack.table.inject_on("PutItem", StoreFault::DropBefore);
    let failed = stack.order(whose("erase", &json!({ "apply": true }))).await.unwrap_err().to_string();
    assert!(failed.contains("connection"), "{failed}");
    let done = erased(&mut stack, json!({ "apply": true })).await;
    assert_eq!((done.sessions.len(), done.frames), (1, 0), "the frames were rewritten before");
    let tag = session(&stack).await.id_tag().to_string();
    let shown = exported(&mut stack, json!({ "site": "yard", "tag": tag })).await.to_string();
    assert!(shown.contains(&format!("\\\"idTag\\\":\\\"{tag}\\\"")), "{shown}");
    look_at(stack, received, &sites).await;
}
