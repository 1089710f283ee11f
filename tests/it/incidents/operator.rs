//! What operators ask about incidents.

use jiff::SignedDuration;
use plugtill::stack::Stack;
use plugtill_domain::incident::Subject;
use plugtill_operator::{Answer, Availability, OfIncident, Request, Shown};
use plugtill_tests::{Story, at, site, stack};
use serde_json::json;

use super::{tell_only, told_of, until};

async fn incidents(stack: &mut Stack, all: bool) -> Vec<Shown> {
    let Answer::Incidents(shown) = stack.order(Request::Incidents { since: None, all }).await.unwrap() else {
        panic!("incidents")
    };
    shown
}

async fn uptime(stack: &mut Stack) -> Availability {
    let Answer::Uptime(known) = stack.order(Request::Uptime { until: None }).await.unwrap() else { panic!("uptime") };
    known
}

fn of(subject: &Subject, reason: &str) -> OfIncident {
    OfIncident { subject: subject.clone(), first_at: None, by: "night shift".to_owned(), reason: reason.to_owned() }
}

/// A day on which a connector earns 3.50, and is out of order for two hours of the next.
async fn after_an_outage() -> Stack {
    let mut stack = stack(&site(json!({}))).await;
    let story = Story::new().start(0, 1_000).meter(30, "6000", "Wh").stop(60, 11_000, "EVDisconnected");
    tell_only(&mut stack, &story.status(60, "Available")).await;
    tell_only(&mut stack, &Story::new().status(24 * 60, "Faulted").status(24 * 60 + 120, "Available")).await;
    until(&mut stack, 48 * 60).await;
    stack
}

#[tokio::test]
async fn an_incident_is_shown_with_what_it_cost() {
    let mut stack = after_an_outage().await;
    assert_eq!(incidents(&mut stack, false).await, [], "nothing lasts");
    let shown = incidents(&mut stack, true).await;
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].minutes_lost, shown[0].told, shown[0].count), (120, 4, 1), "with reminders: {shown:?}");
    // 3.50 in the 28 days before: two hours are the 336th part.
    assert_eq!(shown[0].revenue_lost.unwrap().to_string(), "0.01 EUR");
}

#[tokio::test]
async fn uptime_counts_what_is_not_excluded() {
    let mut stack = after_an_outage().await;
    let known = uptime(&mut stack).await;
    let connector = &known.sites[0].connectors[0];
    assert_eq!((connector.minutes_down, connector.outages), (120, 1));
    assert_eq!(connector.percent.to_string(), "95.83", "two hours of 48, since its first session");
    assert_eq!(known.sites[0].minutes_to_repair, Some(120));
    assert_eq!(known.sites[0].top_errors, [("GroundFailure".to_owned(), 1)]);
    let subject = incidents(&mut stack, true).await[0].subject.clone();
    let Answer::Incidents(excluded) = stack.order(Request::Exclude(of(&subject, "vandalism"))).await.unwrap() else {
        panic!("incidents")
    };
    assert_eq!(excluded[0].excluded.as_deref(), Some("vandalism"));
    let connector = uptime(&mut stack).await.sites.remove(0).connectors.remove(0);
    assert_eq!((connector.percent.to_string().as_str(), connector.minutes_excluded), ("100.00", 120));
    let trail = stack.store.audited(stack.clock.now()).await.unwrap();
    assert!(trail.iter().any(|entry| entry.order.contains("vandalism") && entry.by == "night shift"), "{trail:?}");
}

#[tokio::test]
async fn who_looks_after_an_incident_is_noted_once_and_nobody_is_reminded() {
    let mut stack = stack(&site(json!({}))).await;
    tell_only(&mut stack, &Story::new().status(0, "Faulted")).await;
    until(&mut stack, 10).await;
    let subject = incidents(&mut stack, false).await[0].subject.clone();
    stack.order(Request::LookAfter(of(&subject, ""))).await.unwrap();
    let again = stack.order(Request::LookAfter(of(&subject, ""))).await.unwrap_err().to_string();
    assert!(again.contains("already"), "{again}");
    stack.advance_to(at(0) + SignedDuration::from_hours(30)).await.unwrap();
    assert_eq!(told_of(&stack, "charger_fault"), ["opened"]);
    assert_eq!(incidents(&mut stack, false).await[0].acknowledged_by.as_deref(), Some("night shift"));
    let other = "charger_fault#yard#CP9#1".parse().unwrap();
    let unknown = stack.order(Request::Exclude(of(&other, "x"))).await.unwrap_err().to_string();
    assert!(unknown.contains("charger_fault#yard#CP9#1") && unknown.contains("incidents --all"), "{unknown}");
}
