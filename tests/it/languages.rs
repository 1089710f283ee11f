//! What drivers read, in each of their languages.

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use http::{HeaderMap, Request};
use plugtill::stack::Stack;
use plugtill::stripe_simulator::Buyer;
use plugtill_domain::language::Language;
use plugtill_tests::{Story, at, tell};
use serde_json::json;
use tower::ServiceExt;

use crate::portal::{page_of, path_of, post, token, told_by_stripe, wait};

async fn read(stack: &mut Stack, path: &str, header: (&str, &str)) -> (HeaderMap, String) {
    let request = Request::get(path).header(header.0, header.1).body(Body::empty()).unwrap();
    let (parts, body) = stack.portal().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

/// Where the texts of a folder lie: each message by its name.
fn names(folder: &str) -> BTreeSet<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/texts/texts").join(folder).join("en.ftl");
    let text = std::fs::read_to_string(file).unwrap();
    let named = text.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
    named.filter(|name| !name.starts_with([' ', '#'])).map(str::to_owned).collect()
}

/// All that stands between quotes in the sources of these folders.
fn quoted(folders: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in folders {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(path).unwrap();
                found.extend(source.split('"').map(str::to_owned));
            }
        }
    }
    found
}

#[test]
fn every_text_for_drivers_is_said_somewhere() {
    let said = quoted(&["functions/driver-portal/src", "functions/operator-console/src", "shared/texts/src"]);
    let unsaid: Vec<String> = names("drivers").into_iter().filter(|name| !said.contains(name)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn every_text_that_a_drivers_page_says_is_there() {
    let groups = ["stall-", "checkout-", "card-", "session-", "outcome-", "live-", "ask-", "wrong-", "offer-", "bill-"];
    let there = names("drivers");
    let said = quoted(&["functions/driver-portal/src"]);
    let missing: Vec<String> = said
        .into_iter()
        .filter(|text| groups.iter().any(|group| text.starts_with(group)))
        .filter(|text| !there.contains(text))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn a_driver_reads_every_page_in_the_language_of_the_browser() {
    let idle = json!({ "grace_minutes": 15, "price_per_minute": "0.10", "cap": "12.00" });
    let (mut stack, _) = told_by_stripe(json!({ "drivers": {}, "idle": idle })).await;
    let page = page_of(post(&mut stack, "/checkouts", "charger=CP1&connector=1").await.2);
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    let story = Story::new().start_as(token.as_str(), 7, 2, 1_000).status(2, "Charging").meter(62, "11000", "Wh");
    let story = story.status(62, "SuspendedEV").stop(122, 11_000, "EVDisconnected");
    tell(&mut stack, &story.status(122, "Available")).await;
    let sessions = stack.store.sessions(&"CP1".parse().unwrap(), plugtill_domain::ids::ConnectorId(1)).await.unwrap();
    let receipt = path_of(&stack.session_page(&sessions[0].id)).to_owned();
    let expected = [
        (Language::En, ["0.35 EUR", "This stall is", "Energy", "8.00 EUR", "Idle fee", "Paid.", "Charging"]),
        (
            Language::De,
            ["0,35 EUR", "Dieser Ladepunkt ist", "Energie", "8,00 EUR", "Blockiergebühr", "Bezahlt.", "geladen"],
        ),
        (Language::Fr, ["0,35 EUR", "Cette prise est", "Énergie", "8,00 EUR", "Frais d'occupation", "Payé.", "charge"]),
        (Language::Nl, ["0,35 EUR", "Deze aansluiting is", "Energie", "8,00 EUR", "Bezettoeslag", "Betaald.", "laden"]),
        (
            Language::Es,
            ["0,35 EUR", "Este conector está", "Energía", "8,00 EUR", "Recargo por ocupación", "Pagado.", "Cargando"],
        ),
    ];
    let names: Vec<String> = names("drivers").into_iter().filter(|name| name.contains('-')).collect();
    for (language, [price, free, energy, total, fee, outcome, charging]) in expected {
        let code = language.as_str();
        for (path, words) in [
            ("/stalls/CP1/1".to_owned(), &[price, free][..]),
            (receipt.clone(), &[energy, total, fee, outcome][..]),
            (format!("/checkouts/{token}"), &[charging][..]),
            ("/nowhere".to_owned(), &[][..]),
        ] {
            let (_, page) = read(&mut stack, &path, ("accept-language", &format!("{code}-XX,pl;q=0.4"))).await;
            assert!(page.contains(&format!("<html lang=\"{code}\">")), "{path} {code}: {page}");
            for word in words {
                assert!(page.contains(word), "{path} {code}: {word} in {page}");
            }
            let leaked: Vec<_> = names.iter().filter(|name| page.contains(&format!(">{name}"))).collect();
            assert!(leaked.is_empty() && !page.contains("{ $"), "{path} {code}: {leaked:?}");
        }
    }
}

#[tokio::test]
async fn a_language_that_was_chosen_on_a_page_is_remembered() {
    let (mut stack, _) = told_by_stripe(json!({})).await;
    let stall = "/stalls/CP1/1";
    let (headers, page) = read(&mut stack, &format!("{stall}?lang=nl"), ("accept-language", "de")).await;
    assert!(page.contains("<html lang=\"nl\">") && page.contains("href=\"?lang=de\""), "{page}");
    let cookie = headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let (headers, page) = read(&mut stack, stall, ("cookie", &format!("other=1; {cookie}"))).await;
    assert!(page.contains("<html lang=\"nl\">") && !headers.contains_key("set-cookie"), "{page}");
    let (headers, page) = read(&mut stack, &format!("{stall}?lang=xx"), ("accept-language", "es")).await;
    assert!(page.contains("<html lang=\"es\">") && !headers.contains_key("set-cookie"), "{page}");
}

#[tokio::test]
async fn text_messages_are_in_the_language_that_the_driver_read() {
    let (mut stack, _) = told_by_stripe(json!({ "drivers": {} })).await;
    let request = Request::post("/checkouts?lang=de").header("content-type", "application/x-www-form-urlencoded");
    let form = Body::from("charger=CP1&connector=1&phone=%2B49+151+1234567");
    let answer = stack.portal().oneshot(request.body(form).unwrap()).await.unwrap();
    let page = page_of(Some(answer.headers()["location"].to_str().unwrap().to_owned()));
    let token = token(&stack, &page);
    stack.stripe.pay(&page, "pm_card_visa", true, &Buyer::default()).unwrap();
    wait(&mut stack, 1).await;
    let story = Story::new().start_as(token.as_str(), 7, 2, 1_000).stop(62, 11_000, "EVDisconnected");
    tell(&mut stack, &story.status(62, "Available")).await;
    stack.advance_to(at(120)).await.unwrap();
    let told: Vec<_> = stack.topics.sent().into_iter().filter(|sent| sent.phone_number.is_some()).collect();
    assert!(told.iter().any(|sent| sent.message.starts_with("Das Laden an CP1 kostete 3.50 EUR")), "{told:?}");
}
