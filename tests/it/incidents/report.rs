//! What a month came to, told when it is over.

use jiff::Timestamp;
use plugtill_tests::{Story, site, stack, tell};
use serde_json::json;

use super::told_of;

async fn told_until(days: &[&str]) -> Vec<usize> {
    let mut stack = stack(&site(json!({ "tax_percent": "20" }))).await;
    let story = Story::new().start(0, 1_000).stop(60, 11_000, "EVDisconnected").status(60, "Available");
    tell(&mut stack, &story).await;
    let mut told = Vec::new();
    for day in days {
        stack.advance_to(day.parse::<Timestamp>().unwrap()).await.unwrap();
        told.push(told_of(&stack, "monthly_report").len());
    }
    if let Some(report) = stack.topics.sent().iter().find(|sent| sent.attribute("kind") == "monthly_report") {
        let lines = [
            "Yard, 2026-03",
            "Sessions: 1",
            "Energy in kWh: 10",
            "Billed, with tax: 4.20 EUR",
            "Of that, tax: 0.70 EUR",
            "Collected from cards: 4.20 EUR",
            "/console/exports?site=yard&from=2026-03-01&to=2026-03-31",
        ];
        for line in lines {
            assert!(report.message.contains(line), "{line} in {}", report.message);
        }
    }
    told
}

#[tokio::test]
async fn a_months_figures_are_told_once_when_it_is_over_and_an_empty_one_is_not() {
    let days = ["2026-03-31T23:00:00Z", "2026-04-01T12:00:00Z", "2026-04-04T12:00:00Z", "2026-05-05T12:00:00Z"];
    assert_eq!(told_until(&days).await, [0, 1, 1, 1]);
}
