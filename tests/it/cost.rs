//! What a session costs in requests and capacity, counted: a change that makes it dearer has to say so here.

use plugtill::cost::{CostArguments, Samples, bill, played};
use plugtill::stack::Effects;

/// Sessions that are played; at a million a month they share batches as they would there.
const SESSIONS: u32 = 40;

fn arguments(samples: Samples) -> CostArguments {
    CostArguments {
        sessions: SESSIONS,
        month: 1_000_000,
        meter_values: 60,
        samples,
        basic_ingest: true,
        answering: false,
        prices: None,
        json: false,
    }
}

/// Write units (in tenths) and requests to the table, a session, without what `sweep` does every minute anyway.
async fn a_session(samples: Samples) -> (u64, u64) {
    let played = played(&arguments(samples)).await.unwrap();
    assert_eq!(played.closed, played.sessions, "every session ends in money, or its costs are another's");
    let work = || played.done.iter().filter(|(name, _)| **name != "sweep").map(|(_, done)| done);
    let each = |of: fn(&Effects) -> u64| work().map(of).sum::<u64>() / u64::from(SESSIONS);
    (each(|done| done.write_unit_tenths), each(|done| done.table_requests))
}

#[tokio::test]
async fn a_session_writes_and_asks_no_more_than_it_did() {
    let (written, asked) = a_session(Samples::Off).await;
    assert!(written <= 310 && asked <= 27, "{written} tenths of a unit, {asked} requests");
    let (with_samples, _) = a_session(Samples::Queue).await;
    assert!(with_samples - written <= 60 * 10 + 5, "a meter value is one unit: {with_samples} over {written}");
}

#[tokio::test]
async fn a_bill_is_the_sum_of_its_lines_and_what_is_left_out_costs_less() {
    let seen = bill(&arguments(Samples::Queue)).await.unwrap();
    let off = bill(&arguments(Samples::Off)).await.unwrap();
    assert_eq!(seen.usd, seen.lines.iter().map(|line| line.usd).sum());
    assert!(off.usd * rust_decimal::Decimal::TWO < seen.usd, "{} and {}", off.usd, seen.usd);
    let rules = |bill: &plugtill::cost::Bill| bill.lines.iter().find(|line| line.what == "rules").unwrap().count;
    assert_eq!(rules(&seen), rules(&off), "a rule that leaves a message out has looked at it");
}
