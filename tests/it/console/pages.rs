//! The pages: what they show, and that an order through them is the order that it is everywhere else.

use http::StatusCode;
use plugtill_tests::{Story, at};
use serde_json::json;

use super::{Desk, Visitor, hour};

async fn managed(story: &Story) -> (Desk, Visitor) {
    let mut desk = Desk::after(story).await;
    desk.user("bob", "manager", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    (desk, bob)
}

/// What stands in the audit trail of credits, and what Stripe has.
async fn came_of(desk: &mut Desk) -> (Vec<(String, String)>, u64, i64) {
    desk.wait(30).await;
    let entries = desk.stack.store.audited(desk.stack.clock.now()).await.unwrap();
    let entries = entries.into_iter().filter(|entry| entry.order.starts_with("credit"));
    let entries = entries.map(|entry| (format!("{} {}", entry.by, entry.order), entry.outcome)).collect();
    let books = desk.stack.stripe.books();
    (entries, books.refunds, books.net_minor_by_session.values().sum())
}

#[tokio::test]
async fn a_credit_through_the_page_is_the_credit_of_the_desk() {
    let (mut desk, bob) = managed(&hour()).await;
    let session = desk.session().await;
    let path = format!("/console/sessions/{session}/credit");
    let form = desk.get(&bob, &path).await;
    assert!(form.body.contains("Energy, 3.50 EUR") && form.body.contains("name=\"reason\" required"), "{}", form.body);
    let asked = "id=c1&amount=1.50&line=&reason=slow+charger";
    let tried = desk.post(&bob, &path, asked).await;
    assert_eq!(tried.status, StatusCode::OK);
    assert!(tried.body.contains("Nothing is done yet") && tried.body.contains("1.50 EUR"), "{}", tried.body);
    assert_eq!(came_of(&mut desk).await, (Vec::new(), 0, 350), "only looked at");
    let done = desk.post(&bob, &path, &format!("{asked}&confirmed=true")).await;
    assert!(done.status == StatusCode::SEE_OTHER && done.location().starts_with("/console/sessions/"), "{}", done.body);
    let by_page = came_of(&mut desk).await;
    let again = desk.post(&bob, &path, &format!("{asked}&confirmed=true")).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "the same form is the same credit");
    assert_eq!(came_of(&mut desk).await, by_page);

    let mut other = Desk::after(&hour()).await;
    let credit = json!({ "session": session, "id": "c1", "amount": "1.50", "reason": "slow charger", "by": "bob", "apply": true });
    other.order(json!({ "credit": credit })).await;
    assert_eq!(came_of(&mut other).await, by_page);
    let shown = desk.get(&bob, &format!("/console/sessions/{session}")).await.body;
    assert!(shown.contains("by bob: slow charger") && shown.contains("Given back to the card"), "{shown}");
}

#[tokio::test]
async fn what_is_owed_is_given_up_with_a_reason_and_shown_as_unpaid_until_then() {
    let story = Story::new().start_as("BROKE", 7, 0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available");
    let (mut desk, bob) = managed(&story).await;
    let now = desk.get(&bob, "/console").await.body;
    assert!(now.contains("<strong>3.50 EUR</strong>not paid"), "{now}");
    let path = format!("/console/sessions/{}/forgive", desk.session().await);
    assert_eq!(desk.post(&bob, &path, "id=f1&reason=+").await.status, StatusCode::BAD_REQUEST, "no reason");
    assert!(desk.post(&bob, &path, "id=f1&reason=goodwill").await.body.contains("0.00 EUR"));
    assert_eq!(desk.post(&bob, &path, "id=f1&reason=goodwill&confirmed=true").await.status, StatusCode::SEE_OTHER);
    assert!(!desk.get(&bob, "/console").await.body.contains("not paid"));
    assert!(desk.get(&bob, "/console/audit").await.body.contains("forgive: goodwill"));
}

#[tokio::test]
async fn an_incident_is_looked_after_by_who_signed_in_whatever_a_form_says() {
    let mut desk = Desk::new().await;
    desk.hear(&Story::new().status(0, "Faulted").traffic()).await;
    desk.wait(60).await;
    desk.user("bob", "manager", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    assert!(desk.get(&bob, "/console").await.body.contains("Faulted"));
    let page = desk.get(&bob, "/console/incidents").await.body;
    let field = |name: &str| {
        page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let form = format!("subject={}&first_at={}&by=somebody", field("subject").replace('#', "%23"), field("first_at"));
    assert_eq!(desk.post(&bob, "/console/incidents", &form).await.status, StatusCode::SEE_OTHER);
    let page = desk.get(&bob, "/console/incidents").await.body;
    assert!(page.contains("bob looks after it") && !page.contains("somebody"), "{page}");
    assert_eq!(desk.post(&bob, "/console/incidents", &form).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_could_not_be_used_is_noted_as_noise_with_a_word() {
    let story = hour().frame("in", at(1), &json!([2, "x", "StopTransaction", { "transactionId": "<b>" }]));
    let (mut desk, bob) = managed(&story).await;
    let page = desk.get(&bob, "/console/quarantine").await.body;
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"), "{page}");
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().replace('#', "%23");
    let silent = desk.post(&bob, "/console/quarantine", &format!("id={id}&decision=drop&note=")).await;
    assert_eq!(silent.status, StatusCode::BAD_REQUEST, "{}", silent.body);
    let noted = desk.post(&bob, "/console/quarantine", &format!("id={id}&decision=drop&note=noise")).await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER, "{}", noted.body);
    assert!(desk.get(&bob, "/console/quarantine").await.body.contains("Quarantine is empty"));
    assert!(desk.get(&bob, "/console/quarantine?all=true").await.body.contains("bob has looked at it"));
}

#[tokio::test]
async fn what_is_in_quarantine_is_shown_to_its_last_byte_on_a_page_of_its_own() {
    let long =
        json!([2, "long", "StopTransaction", { "transactionId": "?", "note": "<é>".repeat(700), "~": "the last" }]);
    let short = json!([2, "short", "StopTransaction", { "transactionId": "?" }]);
    let mut desk = Desk::after(&Story::new().frame("in", at(0), &long).frame("in", at(1), &short)).await;
    desk.user("bob", "manager", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    let list = desk.get(&bob, "/console/quarantine").await.body;
    let ways: Vec<&str> = list.split("href=\"/console/quarantine/").skip(1).collect();
    assert_eq!(ways.len(), 3, "to each of them, and to the rest of the long one: {list}");
    assert!(!list.contains("the last") && list.contains(" characters of it"), "{list}");
    let way = ways.into_iter().find(|way| way.contains(" characters of it")).unwrap();
    let own = format!("/console/quarantine/{}", way.split('"').next().unwrap());
    let page = desk.get(&bob, &own).await.body;
    assert_eq!(page.matches("&lt;é&gt;").count(), 700, "{page}");
    assert!(page.contains("the last") && page.contains("In quarantine: from CP1"), "{page}");
    let id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().replace('#', "%23");
    assert_eq!(own, format!("/console/quarantine/{}", id.replace(':', "%3A")));
    let noted = desk.post(&bob, "/console/quarantine", &format!("id={id}&decision=drop&note=noise")).await;
    assert_eq!(noted.status, StatusCode::SEE_OTHER);
    let page = desk.get(&bob, &own).await.body;
    assert!(page.contains("bob has looked at it: noise") && !page.contains("name=\"decision\""), "{page}");
    for nothing in ["nonsense", "2026-03-02T09:00:00.000Z%23aaaa"] {
        assert_eq!(desk.get(&bob, &format!("/console/quarantine/{nothing}")).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_audit_trail_is_narrowed_to_what_one_person_ordered() {
    let mut desk = Desk::after(&hour()).await;
    desk.user("bob", "manager", &[]).await;
    desk.user("cat", "owner", &[]).await;
    let (bob, cat) = (desk.sign_in("bob").await, desk.sign_in("cat").await);
    for (who, tag) in [(&bob, "CARD1"), (&cat, "CARD2")] {
        assert_eq!(
            desk.post(who, "/console/drivers/link", &format!("tag={tag}&site=yard")).await.status,
            StatusCode::OK
        );
    }
    let all = desk.get(&bob, "/console/audit").await.body;
    assert!(all.contains("CARD1") && all.contains("CARD2"), "{all}");
    for name in ["bob", "cat", "test"] {
        assert!(all.contains(&format!("<option value=\"{name}\">")), "{name} in {all}");
    }
    let his = desk.get(&cat, "/console/audit?month=2026-03-01&by=bob").await.body;
    assert!(
        his.contains("CARD1") && !his.contains("CARD2") && his.contains("<option value=\"bob\" selected>"),
        "{his}"
    );
    assert!(his.contains("href=\"/console/audit?month=2026-02-01&amp;by=bob\">The month before"), "{his}");
    let none = desk.get(&cat, "/console/audit?month=2026-02-01&by=bob").await.body;
    assert!(none.contains("They have ordered nothing") && none.contains("<option value=\"bob\" selected>"), "{none}");
    let key = desk.key("manager", &[]).await;
    let told = desk.read_by(&key, "/api/v1/audit?by=cat").await.json();
    let by: Vec<_> = told["audit"].as_array().unwrap().iter().map(|entry| entry["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["cat"]);
}

#[tokio::test]
async fn a_running_session_shows_power_money_and_since_when_its_vehicle_only_stays() {
    let mut desk = Desk::new().await;
    let story = Story::new().start(0, 1_000).status(1, "Charging").meter(30, "6000", "Wh");
    desk.hear(&story.traffic()).await;
    desk.wait(1).await;
    desk.user("bob", "viewer", &["yard"]).await;
    let bob = desk.sign_in("bob").await;
    let now = desk.get(&bob, "/console").await.body;
    for words in ["Charging", "1.75 EUR", "5 kWh", "10 kW", "since 10:00"] {
        assert!(now.contains(words), "{words} in {now}");
    }
    desk.hear(&Story::new().status(40, "SuspendedEV").traffic()).await;
    desk.wait(5).await;
    let now = desk.get(&bob, "/console").await.body;
    assert!(now.contains("Charged, still plugged in") && now.contains("idle since 10:40"), "{now}");
}

#[tokio::test]
async fn every_page_is_small_says_what_it_is_and_runs_no_script_of_its_own() {
    let (mut desk, bob) = managed(&super::hours(60)).await;
    let session = desk.session().await;
    for path in [
        "/console",
        "/console/sessions",
        "/console/incidents?all=true",
        "/console/quarantine",
        "/console/revenue",
        "/console/postings",
        "/console/leakage",
        "/console/use",
        "/console/exports",
        "/console/chargers",
        "/console/chargers/new",
        "/console/chargers/CP1",
        "/console/tariffs",
        "/console/drivers",
        "/console/reconciliation",
        "/console/audit",
        "/api/v1",
        &format!("/console/sessions/{session}"),
        "/console/sign-in",
        "/console/nowhere",
        "/console/sessions?limit=0",
    ] {
        let visitor = if path.ends_with("sign-in") { Visitor::default() } else { bob.clone() };
        let reply = desk.get(&visitor, path).await;
        let page = &reply.body;
        assert!(page.len() < 60_000, "{path} has {} bytes", page.len());
        for part in ["<html lang=\"en\">", "<h1>", "<main id=\"main\">", "name=\"viewport\"", "<title>"] {
            assert!(page.contains(part), "{path}: {part}");
        }
        assert!(!page.contains("href=\"/api/v1/"), "{path}: in the API a cookie may not do");
        assert!(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"), "{path}");
        let policy = reply.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"), "{policy}");
        assert_eq!(reply.headers["cache-control"], "no-store", "{path}");
    }
}
