//! What drivers see before they pay and while they charge.

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use plugtill::codes::sheet;
use plugtill::stack::Stack;
use plugtill::stripe_simulator::Buyer;
use plugtill_domain::ids::IdTag;
use plugtill_tests::{Story, at, site, stack};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::incidents::{tell_only, until};
use crate::portal::{get, page_of, path_of, post, token, told_by_stripe, wait};

const STALL: &str = "/stalls/CP1/1";

fn component(kind: &str, price: &str) -> Value {
    json!({ "type": kind, "price": price })
}

/// Where each of these stands on a page, which has to be in this order.
fn assert_in_order(page: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        let found = page[from..].find(word);
        from += found.unwrap_or_else(|| panic!("`{word}` does not come after the others in {page}"));
    }
}

#[tokio::test]
async fn a_stall_tells_its_price_first_by_the_kilowatt_hour_the_minute_and_the_session_with_taxes_and_an_example() {
    // Written the other way round.
    let prices = [component("FLAT", "1.00"), component("TIME", "3.00"), component("ENERGY", "0.35")];
    let tariff = json!({ "currency": "EUR", "elements": [{ "price_components": prices }] });
    let mut stack = stack(&site(json!({ "tariff": tariff, "tax_percent": "20", "drivers": {} }))).await;
    let (status, page) = get(&mut stack, STALL).await;
    assert_eq!(status, StatusCode::OK);
    let order = ["Yard, charger CP1", "0.42 EUR", "per kWh", "0.06 EUR", "per minute", "1.20 EUR", "per session"];
    assert_in_order(
        &page,
        &[&order[..], &["include 20 % VAT", "20 kWh", "Now", "has charged", "Pay by card"]].concat(),
    );
    // 20 kWh at 22 kW are 55 minutes: 8.40 + 3.30 + 1.20.
    assert!(page.contains("55 minutes") && page.contains("12.90 EUR"), "{page}");
    assert!(page.contains("20.00 EUR are reserved"), "{page}");
    assert!(page.contains("0.12 EUR a minute from 15 minutes after charging has ended; at most 14.40 EUR a session"));
    assert!(page.len() < 60_000 && !page.contains("style="), "{} bytes", page.len());
}

#[tokio::test]
async fn a_stall_says_whether_it_is_free_and_whether_staying_costs_at_this_hour() {
    // 10:00 in Paris.
    let idle = |from: &str| json!({ "grace_minutes": 15, "price_per_minute": "0.10", "quiet_hours": [{ "from": from, "until": "12:00" }] });
    let mut stack = stack(&site(json!({ "idle": idle("09:00"), "drivers": {} }))).await;
    assert!(get(&mut stack, STALL).await.1.contains("Nothing has been heard"));
    for (minute, status, words) in [
        (1, "Available", "is free"),
        (2, "Charging", "is charging here"),
        (3, "SuspendedEV", "still plugged in"),
        (4, "Faulted", "out of order"),
    ] {
        tell_only(&mut stack, &Story::new().status(minute, status)).await;
        assert!(get(&mut stack, STALL).await.1.contains(words), "{status}");
    }
    assert!(get(&mut stack, STALL).await.1.contains("At this hour it costs nothing to stay."));
    let mut dear = plugtill_tests::stack(&site(json!({ "idle": idle("11:00"), "drivers": {} }))).await;
    assert!(get(&mut dear, STALL).await.1.contains("At this hour the fee applies."));
    let mut free = plugtill_tests::stack(&site(json!({ "idle": null, "drivers": {} }))).await;
    assert!(get(&mut free, STALL).await.1.contains("costs nothing to stay plugged in"));
}

#[tokio::test]
async fn nobody_pays_where_nobody_can_charge_whatever_the_page_showed() {
    let ask = "charger=CP1&connector=1";
    let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
    for (minute, status, may_pay) in [
        (1, "Available", true),
        (2, "Preparing", true),
        (3, "Charging", false),
        (4, "SuspendedEV", false),
        (5, "Finishing", true),
        (6, "Faulted", false),
        (7, "Unavailable", false),
        (8, "Reserved", false),
        (9, "Available", true),
    ] {
        tell_only(&mut stack, &Story::new().status(minute, status)).await;
        let page = get(&mut stack, STALL).await.1;
        assert_eq!(page.contains("<button>Pay by card"), may_pay, "{status}: {page}");
        let expected = if may_pay { StatusCode::SEE_OTHER } else { StatusCode::CONFLICT };
        assert_eq!(post(&mut stack, "/checkouts", ask).await.0, expected, "{status}");
    }
    crate::incidents::link(&mut stack, "CP1", 10, false, 1).await;
    let page = get(&mut stack, STALL).await.1;
    assert!(page.contains("not connected") && !page.contains("This stall is free"), "{page}");
    let (refused, body, _) = post(&mut stack, "/checkouts", ask).await;
    assert!(refused == StatusCode::CONFLICT && body.contains("not connected"), "{body}");
    crate::incidents::link(&mut stack, "CP1", 11, true, 2).await;
    // Somebody else's session runs; its status was lost.
    tell_only(&mut stack, &Story::new().start(12, 1_000).status(13, "Preparing")).await;
    assert_eq!(post(&mut stack, "/checkouts", ask).await.0, StatusCode::CONFLICT);
    tell_only(&mut stack, &Story::new().status(14, "Available")).await;
    assert_eq!(post(&mut stack, "/checkouts", ask).await.0, StatusCode::SEE_OTHER, "its stop was lost");
    // What was said before it began says nothing of a session, nor that it charges of one that is over.
    tell_only(&mut stack, &Story::new().start_as("TAG1", 8, 20, 2_000)).await;
    assert_eq!(post(&mut stack, "/checkouts", ask).await.0, StatusCode::CONFLICT);
    let stop = plugtill_tests::stop_body(8, 30, 4_000, "Local");
    let over = Story::new().status(21, "Charging").call(at(30), "StopTransaction", &stop);
    tell_only(&mut stack, &over).await;
    assert_eq!(post(&mut stack, "/checkouts", ask).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_driver_who_has_paid_is_told_so_before_stripe_tells_us_and_is_led_on() {
    let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
    let page = page_of(post(&mut stack, "/checkouts", "charger=CP1&connector=1").await.2);
    let token = token(&stack, &page);
    let (open, paid) = (format!("/checkouts/{token}"), format!("/checkouts/{token}?paid"));
    let in_german = format!("{paid}&lang=de");
    for (path, words) in
        [(&open, "Waiting for your payment"), (&paid, "being confirmed"), (&in_german, "wird bestätigt")]
    {
        let shown = get(&mut stack, path).await.1;
        assert!(shown.contains(words) && shown.contains("/live.js"), "{shown}");
    }
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    assert!(get(&mut stack, &paid).await.1.contains("Plug in and start"));
    tell_only(&mut stack, &Story::new().start_as(token.as_str(), 7, 2, 0)).await;
    let on = get(&mut stack, &paid).await.1;
    assert!(on.contains(" data-on") && on.contains("/sessions/"), "{on}");
}

#[tokio::test]
async fn what_is_no_stall_is_not_found_with_a_remedy() {
    let mut stack = stack(&site(json!({ "drivers": {} }))).await;
    for path in ["/stalls/CP2/1", "/stalls/CP1/2", "/stalls/CP1/0", "/stalls/CP%231/1"] {
        let (status, page) = get(&mut stack, path).await;
        assert!(status == StatusCode::NOT_FOUND && page.contains("Look at its label again"), "{path}: {status}");
    }
}

/// A driver who paid and charges since minute 2, a kilowatt-hour every five minutes.
async fn charging() -> (Stack, IdTag, String) {
    let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
    let page = page_of(post(&mut stack, "/checkouts", "charger=CP1&connector=1").await.2);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    let story = Story::new().start_as(token.as_str(), 7, 2, 0).status(2, "Charging");
    let story = (1..=6).fold(story, |story, step| story.meter(2 + step * 5, &(step * 1_000).to_string(), "Wh"));
    tell_only(&mut stack, &story).await;
    let (_, body) = get(&mut stack, &format!("/checkouts/{token}")).await;
    let link = path_of(body.split("<a href=\"").nth(1).unwrap().split('"').next().unwrap()).to_owned();
    (stack, token, link)
}

#[tokio::test]
async fn a_running_session_shows_what_it_would_cost_now_and_then_costs_that() {
    let (mut stack, _, link) = charging().await;
    let (_, page) = get(&mut stack, &link).await;
    let live = format!("{link}/live");
    for words in ["2.10 EUR", "6 kWh", "12 kW", "30 min", "Reserved on your card", "20.00 EUR", &live, "/live.js"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let (status, part) = get(&mut stack, &live).await;
    assert!(status == StatusCode::OK && part.contains("2.10 EUR") && !part.contains("<html"), "{part}");
    tell_only(&mut stack, &Story::new().status(33, "SuspendedEV").meter(45, "6000", "Wh")).await;
    assert!(get(&mut stack, &live).await.1.contains("An idle fee begins in 3 minutes"));
    tell_only(&mut stack, &Story::new().meter(50, "6000", "Wh")).await;
    let (_, part) = get(&mut stack, &live).await;
    assert!(part.contains("An idle fee runs") && part.contains("2.30 EUR"), "{part}");
    let end = Story::new().call(at(50), "StopTransaction", &plugtill_tests::stop_body(7, 50, 6_000, "EVDisconnected"));
    tell_only(&mut stack, &end).await;
    until(&mut stack, 60).await;
    assert_eq!(get(&mut stack, &live).await.0, StatusCode::NO_CONTENT, "the script asks for the whole page");
    let (_, receipt) = get(&mut stack, &link).await;
    assert!(receipt.contains("Receipt R-000001") && receipt.contains("2.30 EUR") && !receipt.contains("/live.js"));
}

async fn headers(stack: &mut Stack, request: Request<Body>) -> (StatusCode, HeaderMap) {
    let answer = stack.portal().oneshot(request).await.unwrap();
    (answer.status(), answer.headers().clone())
}

#[tokio::test]
async fn every_answer_is_guarded_and_only_what_is_nobodys_own_may_be_kept() {
    let (mut stack, _, link) = charging().await;
    tell_only(&mut stack, &Story::new().stop(40, 6_000, "EVDisconnected").status(40, "Available")).await;
    let form = Request::post("/checkouts").header("content-type", "application/x-www-form-urlencoded");
    let redirect = form.body(Body::from("charger=CP1&connector=1")).unwrap();
    let forged = format!("/sessions/{}x/live", &link["/sessions/".len()..]);
    let paths = [STALL, &link, "/nothing", &forged, "/style.css", "/live.js", "/s/nobody"];
    let asked = paths.map(|path| Request::get(path).body(Body::empty()).unwrap());
    let mut seen = Vec::new();
    for request in asked.into_iter().chain([redirect]) {
        let what = request.uri().to_string();
        let (status, headers) = headers(&mut stack, request).await;
        seen.push(status.as_u16());
        let policy = headers["content-security-policy"].to_str().unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{what}: {policy}");
        }
        assert_eq!(headers["referrer-policy"], "no-referrer", "{what}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{what}");
        let kept = headers["cache-control"] == "public, max-age=3600";
        assert_eq!(kept, ["/style.css", "/live.js"].contains(&what.as_str()), "{what}");
    }
    assert_eq!(seen, [200, 200, 404, 404, 200, 200, 404, 303]);
}

#[test]
fn a_sheet_has_a_code_and_the_price_of_every_stall_that_is_named_and_says_when_there_is_none() {
    let chargers = json!([{ "id": "CP1", "connectors": [{ "id": 1, "max_power_w": 22000 }, { "id": 2, "max_power_w": 22000 }] },
                          { "id": "*", "connectors": [{ "id": 0, "max_power_w": 22000 }] }]);
    let url = "https://pay.example.com/".parse().unwrap();
    let sheet = sheet(&site(json!({ "chargers": chargers, "tax_percent": "20" })), &url, at(0), "site.json").unwrap();
    for words in ["https://pay.example.com/stalls/CP1/1", "https://pay.example.com/stalls/CP1/2", "0.42 EUR per kWh"] {
        assert!(sheet.contains(words), "{words} in {sheet}");
    }
    assert_eq!((sheet.matches("<svg").count(), sheet.matches("<?xml").count()), (2, 0));
    let nameless = json!([{ "id": "*", "connectors": [{ "id": 0, "max_power_w": 22000 }] }]);
    let refused = plugtill::codes::sheet(&site(json!({ "chargers": nameless })), &url, at(0), "site.json").unwrap_err();
    assert!(refused.to_string().starts_with("site.json: names no charger"), "{refused}");
    let relative = "/pay".parse().unwrap();
    let refused = plugtill::codes::sheet(&site(json!({})), &relative, at(0), "site.json").unwrap_err();
    assert!(refused.to_string().contains("give scheme and host"), "{refused}");
}
