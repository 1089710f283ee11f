//! Chargers, tariffs, people and machines, managed through the pages.

use http::StatusCode;
use plugtill_tests::{Story, site, stack};
use serde_json::json;

use super::{Desk, PASSWORD, Visitor};

async fn owned() -> (Desk, Visitor) {
    let mut sites = site(json!({ "role": "answering" }));
    sites.extend(site(super::quay()));
    let mut desk = Desk { stack: stack(&sites).await };
    desk.user("ann", "owner", &[]).await;
    let ann = desk.sign_in("ann").await;
    (desk, ann)
}

fn code_after<'a>(page: &'a str, name: &str) -> &'a str {
    page.split(&format!("<dt>{name}</dt><dd><code>")).nth(1).unwrap().split('<').next().unwrap()
}

#[tokio::test]
async fn a_charger_is_let_in_with_a_password_that_is_shown_once_and_told_to_stop_what_runs() {
    let (mut desk, ann) = owned().await;
    let added = desk.post(&ann, "/console/chargers/new", "id=CP9&site=yard&connectors=1:22000+2:11000").await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.body);
    assert!(code_after(&added.body, "Password").len() >= 16 && added.body.contains("CP9"), "{}", added.body);
    // Nobody listens here itself, as on AWS; or somebody does.
    assert!(
        added.body.contains("aws iot create-thing --thing-name CP9") && added.body.contains("CP9/in"),
        "{}",
        added.body
    );
    desk.stack.chargers_connect_at(vec!["wss://pay.example.com/ocpp".to_owned()]);
    let one = desk.get(&ann, "/console/chargers/CP9").await.body;
    assert!(one.contains("wss://pay.example.com/ocpp") && !one.contains("create-thing"), "{one}");
    let codes = desk.get(&ann, "/console/codes/yard").await.body;
    for words in ["/stalls/CP1/1", "/stalls/CP9/1", "/stalls/CP9/2", "EUR per kWh"] {
        assert!(codes.contains(words), "{words} in {codes}");
    }
    assert_eq!(codes.matches("<svg").count(), 3);
    assert_eq!(desk.get(&ann, "/console/codes/nowhere").await.status, StatusCode::NOT_FOUND);
    let list = desk.get(&ann, "/console/chargers").await.body;
    assert!(
        list.contains("/console/codes/yard")
            && list.contains("CP9")
            && list.contains("2 connectors")
            && list.contains("not heard of yet"),
        "{list}"
    );
    assert_eq!(
        desk.post(&ann, "/console/chargers/CP1", "order=stop&connector=1").await.status,
        StatusCode::CONFLICT,
        "nothing runs"
    );
    desk.hear(&Story::new().start(0, 1_000).traffic()).await;
    desk.wait(1).await;
    let asked = desk.post(&ann, "/console/chargers/CP1", "order=stop&connector=1").await;
    assert!(asked.body.contains("Nothing is told yet"), "{}", asked.body);
    assert!(desk.get(&ann, "/console/chargers/CP1").await.body.contains("Nothing so far"), "looked at alone");
    let told = desk.post(&ann, "/console/chargers/CP1", "order=stop&connector=1&confirmed=true").await;
    assert_eq!((told.status, told.location()), (StatusCode::SEE_OTHER, "/console/chargers/CP1"), "{}", told.body);
    let shown = desk.get(&ann, "/console/chargers/CP1").await.body;
    assert!(shown.contains("Stop the session that runs") && shown.contains("CP1~1~"), "{shown}");
    assert!(desk.get(&ann, "/console/audit").await.body.contains("tell CP1"));
}

#[tokio::test]
async fn nobody_manages_a_charger_of_a_site_that_they_do_not_see() {
    let (mut desk, _) = owned().await;
    desk.user("cat", "manager", &["quay"]).await;
    let cat = desk.sign_in("cat").await;
    let list = desk.get(&cat, "/console/chargers").await.body;
    assert!(list.contains("CP2") && !list.contains("CP1"), "{list}");
    assert_eq!(desk.get(&cat, "/console/chargers/CP1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        desk.post(&cat, "/console/chargers/CP1", "order=unlock&connector=1&confirmed=true").await.status,
        StatusCode::NOT_FOUND
    );
    let moved = desk.post(&cat, "/console/chargers/new", "id=CP1&site=quay&connectors=1:22000").await;
    assert_eq!(moved.status, StatusCode::CONFLICT, "another's charger is not taken by its name: {}", moved.body);
    assert_eq!(
        desk.post(&cat, "/console/chargers/new", "id=CP9&site=yard&connectors=1:22000").await.status,
        StatusCode::NOT_FOUND
    );
    for (form, field) in [
        ("id=C+9&site=quay&connectors=1:22000", "id"),
        ("id=CP9&site=quay&connectors=one", "connectors"),
        ("id=CP9&site=q+y&connectors=1:22000", "site"),
    ] {
        let refused = desk.post(&cat, "/console/chargers/new", form).await;
        assert!(
            refused.status == StatusCode::BAD_REQUEST && refused.body.contains(&format!("<p>{field}: ")),
            "{form}: {}",
            refused.body
        );
    }
    // Its site has another back end, which alone may tell it something.
    let told = desk.post(&cat, "/console/chargers/CP2", "order=unlock&connector=1&confirmed=true").await;
    assert!(told.status == StatusCode::CONFLICT && told.body.contains("another back end"), "{}", told.body);
}

#[tokio::test]
async fn people_and_machines_are_let_in_and_shut_out_by_an_owner_of_all() {
    let (mut desk, ann) = owned().await;
    let added = desk.post(&ann, "/console/settings/users", "name=bob&role=manager&site=yard").await;
    let password = code_after(&added.body, "Password").to_owned();
    let entered = desk.enter("bob", &password).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
    let settings = desk.get(&ann, "/console/settings").await.body;
    assert!(
        settings.contains("bob") && settings.contains("Manager: orders too, yard") && !settings.contains(&password),
        "{settings}"
    );
    let made = desk.post(&ann, "/console/settings/keys", "name=books&role=viewer&site=").await;
    let key = code_after(&made.body, "Key").to_owned();
    assert_eq!(desk.read_by(&key, "/api/v1/me").await.json()["role"], "viewer");
    let id = key.split('.').nth(1).unwrap().to_owned();
    assert_eq!(
        desk.post(&ann, "/console/settings/keys/remove", &format!("name={id}")).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(desk.read_by(&key, "/api/v1/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.post(&ann, "/console/settings/users/remove", "name=bob").await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.enter("bob", &password).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        desk.post(&ann, "/console/settings/users/remove", "name=ann").await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the last owner stays"
    );
    let wrong = desk.post(&ann, "/console/settings/users", "name=b+b&role=manager").await;
    assert!(wrong.status == StatusCode::BAD_REQUEST && wrong.body.contains("name: "), "{}", wrong.body);
    desk.user("eve", "owner", &["yard"]).await;
    let eve = desk.sign_in("eve").await;
    for (path, form) in
        [("users", "name=x&role=owner&site="), ("keys", "name=x&role=owner&site="), ("users/remove", "name=ann")]
    {
        let refused = desk.post(&eve, &format!("/console/settings/{path}"), form).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "an owner of some sites has no say over all: {path}");
    }
    assert_eq!(desk.enter("ann", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn somebody_is_let_in_at_the_sites_that_were_chosen_and_a_choice_is_made() {
    let (mut desk, ann) = owned().await;
    let settings = desk.get(&ann, "/console/settings").await.body;
    for site in ["", "yard", "quay"] {
        let tick = format!("<label class=\"tick\"><input type=\"checkbox\" name=\"site\" value=\"{site}\">");
        assert_eq!(settings.matches(&tick).count(), 2, "for people and for machines: {tick} in {settings}");
    }
    desk.post(&ann, "/console/settings/users", "name=bob&role=viewer&site=yard&site=quay").await;
    desk.post(&ann, "/console/settings/users", "name=dan&role=viewer&site=quay").await;
    desk.post(&ann, "/console/settings/users", "name=eve&role=viewer&site=").await;
    let made = desk.post(&ann, "/console/settings/keys", "name=books&role=viewer&site=quay&site=yard").await;
    let told = desk.read_by(code_after(&made.body, "Key"), "/api/v1/me").await.json();
    assert_eq!(told["sites"], json!(["quay", "yard"]));
    let settings = desk.get(&ann, "/console/settings").await.body;
    for who in [
        "bob<small>Viewer: looks, quay, yard<",
        "dan<small>Viewer: looks, quay<",
        "eve<small>Viewer: looks, all sites<",
    ] {
        assert!(settings.contains(who), "{who} in {settings}");
    }
    for (form, status) in [
        ("name=fay&role=owner", StatusCode::BAD_REQUEST),
        ("name=fay&role=owner&site=&site=yard", StatusCode::BAD_REQUEST),
        ("name=fay&role=owner&site=moon&site=yard", StatusCode::NOT_FOUND),
        ("name=fay&role=owner&site=m+oon", StatusCode::NOT_FOUND),
    ] {
        for what in ["users", "keys"] {
            let refused = desk.post(&ann, &format!("/console/settings/{what}"), form).await;
            assert_eq!(refused.status, status, "{what} {form}: {}", refused.body);
        }
    }
    assert!(!desk.get(&ann, "/console/settings").await.body.contains("fay"));
}

#[tokio::test]
async fn who_has_forgotten_a_password_is_given_another_and_stays_what_they_are() {
    let (mut desk, ann) = owned().await;
    desk.user("bob", "manager", &["quay", "yard"]).await;
    let bob = desk.sign_in("bob").await;
    desk.wait(1).await;
    let made = desk.post(&ann, "/console/settings/users/password", "name=bob").await;
    let password = code_after(&made.body, "Password").to_owned();
    assert!(made.status == StatusCode::OK && made.body.contains("<h1>New password"), "{}", made.body);
    assert_eq!(desk.enter("bob", PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(desk.enter("bob", &password).await.status, StatusCode::SEE_OTHER);
    assert!(desk.get(&bob, "/console").await.location().contains("sign-in"), "sessions with the old one end");
    let settings = desk.get(&ann, "/console/settings").await.body;
    assert!(settings.contains("bob<small>Manager: orders too, quay, yard<") && !settings.contains(&password));
    for nobody in ["name=nobody", "name=", "name=b+b"] {
        let refused = desk.post(&ann, "/console/settings/users/password", nobody).await;
        assert!(refused.status.is_client_error(), "{nobody}: {}", refused.body);
    }
    // Also their own: the page is shown before the session ends.
    let made = desk.post(&ann, "/console/settings/users/password", "name=ann").await;
    assert_eq!(desk.enter("ann", code_after(&made.body, "Password")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_tariff_is_shown_in_words_and_a_site_file_looked_at_before_it_is_in_force() {
    let (mut desk, ann) = owned().await;
    let page = desk.get(&ann, "/console/tariffs").await.body;
    assert!(page.contains("0.35 EUR per kWh") && page.contains("20.00 EUR"), "{page}");
    let mut file = json!({
        "id": "pier", "name": "Pier", "time_zone": "Europe/Paris", "currency": "EUR", "country": "FR",
        "chargers": [{ "id": "CP7", "connectors": [{ "id": 1, "max_power_w": 22000 }] }],
        "tariff": { "currency": "EUR", "elements": [{ "price_components": [{ "type": "ENERGY", "price": "0.55" }] }] },
        "tax_percent": "0", "hold": "20.00", "settle_after_minutes": 2, "late_evidence": "waive",
    });
    let form = |file: &serde_json::Value, more: &str| {
        let text = json!({ "sites": [file] }).to_string();
        format!("file={}{more}", form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>())
    };
    let looked = desk.post(&ann, "/console/tariffs", &form(&file, "")).await;
    assert!(looked.body.contains("Nothing is done yet") && looked.body.contains("opens"), "{}", looked.body);
    desk.wait(2).await;
    assert!(!desk.get(&ann, "/console/tariffs").await.body.contains("Pier"));
    let done = desk.post(&ann, "/console/tariffs", &form(&file, "&confirmed=true")).await;
    assert!(done.body.contains("in force within a minute"), "{}", done.body);
    desk.wait(2).await;
    assert!(desk.get(&ann, "/console/tariffs").await.body.contains("0.55 EUR per kWh"));
    file["tariff"]["elements"][0]["price_components"][0]["price"] = json!("cheap");
    let wrong = desk.post(&ann, "/console/tariffs", &form(&file, "&confirmed=true")).await;
    assert!(wrong.status.is_client_error() && wrong.body.contains("cheap"), "{}", wrong.body);
    assert_eq!(desk.post(&ann, "/console/tariffs", "file=nothing").await.status, StatusCode::BAD_REQUEST);
    desk.user("eve", "owner", &["yard"]).await;
    let eve = desk.sign_in("eve").await;
    assert_eq!(desk.post(&eve, "/console/tariffs", &form(&file, "")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn tags_are_shown_with_who_owes_given_a_card_link_and_forgotten_after_a_look() {
    let story = Story::new().start_as("BROKE", 7, 0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available");
    let mut desk = Desk::after(&story).await;
    desk.user("ann", "owner", &[]).await;
    let ann = desk.sign_in("ann").await;
    let page = desk.get(&ann, "/console/drivers").await.body;
    assert!(
        page.contains("3.50 EUR") && page.contains("pm_card_chargeCustomerFail") && page.contains("Every other tag")
    );
    let made = desk.post(&ann, "/console/drivers/link", "tag=CARD7&site=yard").await;
    assert!(made.body.contains("/cards/") && made.body.contains("holds for a week"), "{}", made.body);
    let refused = desk.post(&ann, "/console/drivers/link", "tag=&site=yard").await;
    assert!(refused.status == StatusCode::BAD_REQUEST && refused.body.contains("This is no tag"), "{}", refused.body);
    let asked = "tag=BROKE&site=yard&reason=asked";
    let looked = desk.post(&ann, "/console/drivers/forget", asked).await;
    assert!(
        looked.body.contains("Nothing is done yet") && looked.body.contains("1 sessions are not over"),
        "{}",
        looked.body
    );
    let session = desk.session().await;
    desk.post(&ann, &format!("/console/sessions/{session}/forgive"), "id=f&reason=goodwill&confirmed=true").await;
    let done = desk.post(&ann, "/console/drivers/forget", &format!("{asked}&confirmed=true")).await;
    assert!(done.body.contains("1 sessions,") && !done.body.contains("Nothing is done yet"), "{}", done.body);
    assert!(!desk.get(&ann, "/console/sessions?text=BROKE").await.body.contains("3.50 EUR"), "nobody finds the tag");
    desk.user("cat", "manager", &["quay"]).await;
    let cat = desk.sign_in("cat").await;
    assert_eq!(desk.post(&cat, "/console/drivers/link", "tag=CARD7&site=yard").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_books_are_shown_beside_stripes_with_what_would_put_them_right() {
    let mut desk = Desk::after(&super::hour()).await;
    desk.user("ann", "owner", &[]).await;
    let ann = desk.sign_in("ann").await;
    let path = "/console/reconciliation";
    assert!(desk.get(&ann, path).await.body.contains("have not been held against"));
    let since = desk.stack.clock.now() - jiff::SignedDuration::from_hours(24);
    desk.stack.reconcile(since).await.unwrap();
    let agreed = desk.get(&ann, path).await.body;
    assert!(agreed.contains("books and Stripe&#39;s agree") || agreed.contains("books and Stripe's agree"), "{agreed}");
    let session = desk.session().await;
    let intent = desk.stack.store.session(&session).await.unwrap().unwrap().session.payments[0].intent.clone();
    let request = http::Request::post("http://stripe.local/v1/refunds")
        .header("authorization", format!("Bearer {}", plugtill::stack::SIMULATOR_KEY))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("idempotency-key", "dashboard");
    let body = format!("payment_intent={}&amount=100", intent.unwrap());
    desk.stack.stripe.handle(&request.body(body.into()).unwrap()).unwrap();
    desk.wait(60).await;
    desk.stack.reconcile(since).await.unwrap();
    let differs = desk.get(&ann, path).await.body;
    assert!(differs.contains("One difference") && differs.contains("Proposed: "), "{differs}");
    assert!(differs.contains("href=\"/console/sessions/CP1%7E1%7E"), "{differs}");
}

#[tokio::test]
async fn a_site_is_changed_as_its_own_file_and_keeps_the_cards_that_are_in_none() {
    let (mut desk, ann) = owned().await;
    let page = desk.get(&ann, "/console/tariffs/yard").await.body;
    let text = page.split("<textarea").nth(1).unwrap().split('>').nth(1).unwrap().split("</textarea").next().unwrap();
    let text = text.replace("&quot;", "\"").replace("&amp;", "&");
    let file: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert!(file["sites"][0]["id"] == "yard" && !text.contains("pm_card"), "{text}");
    let form = |text: &str| format!("file={}", form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    let same = desk.post(&ann, "/console/tariffs", &form(&text)).await.body;
    assert!(same.contains("stays as it is") && !same.contains("Do it"), "{same}");
    let dearer = text.replace("0.35", "0.45");
    desk.hear(&super::hour().traffic()).await;
    desk.wait(180).await;
    let looked = desk.post(&ann, "/console/tariffs", &form(&dearer)).await.body;
    assert!(looked.contains("1 sessions would have come to 4.50 EUR instead of 3.50 EUR"), "{looked}");
    let slip = desk.post(&ann, "/console/tariffs", &form(&text.replace("\"0.35\"", "\"-1\""))).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["is below zero", "Cannot be priced:", "$.sites[0].tariff.elements[0]", "&quot;-1&quot;"] {
        assert!(slip.body.contains(part), "{part} in {}", slip.body);
    }
    desk.post(&ann, "/console/tariffs", &format!("{}&confirmed=true", form(&dearer))).await;
    desk.wait(2).await;
    let drivers = desk.get(&ann, "/console/drivers").await.body;
    assert!(drivers.contains("pm_card_chargeCustomerFail") && drivers.contains("Every other tag"), "{drivers}");
    assert!(desk.get(&ann, "/console/tariffs").await.body.contains("0.45 EUR per kWh"));
    assert_eq!(desk.get(&ann, "/console/tariffs/moon").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn settings_say_who_is_told_and_what_was_not_taken_is_told_again() {
    let told = json!({ "webhooks": [{ "url": "https://erp.example.com/hook", "events": ["session.settled"] }],
        "operator": { "name": "Yard Ltd", "contact": "help@example.com" }, "alerts": { "language": "fr", "escalate_after_minutes": 45 } });
    let mut desk = Desk { stack: stack(&site(told)).await };
    desk.user("ann", "owner", &[]).await;
    let ann = desk.sign_in("ann").await;
    let page = desk.get(&ann, "/console/settings").await.body;
    for part in [
        "help@example.com",
        "Alerts in French",
        "the second contact after 45 minutes",
        "https://erp.example.com/hook",
        "whsec_",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let again = desk.post(&ann, "/console/settings/webhooks", "").await;
    assert_eq!((again.status, again.location()), (StatusCode::SEE_OTHER, "/console/settings"));
    assert!(desk.get(&ann, "/console/audit").await.body.contains("retry webhooks"));
    desk.user("eve", "owner", &["yard"]).await;
    let eve = desk.sign_in("eve").await;
    assert_eq!(desk.post(&eve, "/console/settings/webhooks", "").await.status, StatusCode::NOT_FOUND);
}
