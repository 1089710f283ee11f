//! What a session costs in requests and capacity, counted: a change that makes it dearer has to say so here.

use plugtill::cost::{Bill, CostArguments, Ingest, Samples, bill, played};
use plugtill::stack::Effects;
use rust_decimal::Decimal;

/// Sessions that are played; at a million a month they share batches as they would there.
const SESSIONS: u32 = 40;

fn arguments(samples: Samples, ingest: Ingest) -> CostArguments {
    CostArguments {
        sessions: SESSIONS,
        month: 1_000_000,
        meter_values: 60,
        samples,
        ingest,
        transactions_only: false,
        answering: false,
        prices: None,
        json: false,
    }
}

/// Write units (in tenths) and requests to the table, a session, without what `sweep` does every minute anyway.
async fn a_session(samples: Samples, ingest: Ingest) -> (u64, u64) {
    let played = played(&arguments(samples, ingest)).await.unwrap();
    assert_eq!(played.closed, played.sessions, "every session ends in money, or its costs are another's");
    let work = || played.done.iter().filter(|(name, _)| **name != "sweep").map(|(_, done)| done);
    let each = |of: fn(&Effects) -> u64| work().map(of).sum::<u64>() / u64::from(SESSIONS);
    (each(|done| done.write_unit_tenths), each(|done| done.table_requests))
}

#[tokio::test]
async fn a_session_writes_and_asks_no_more_than_it_did() {
    let (written, asked) = a_session(Samples::Off, Ingest::BasicIngest).await;
    assert!(written <= 285 && asked <= 27, "{written} tenths of a unit, {asked} requests");
    let (one_by_one, _) = a_session(Samples::Queue, Ingest::BasicIngest).await;
    assert!(one_by_one - written <= 60 * 10 + 5, "a meter value is one unit: {one_by_one} over {written}");
    let (gathered, asked) = a_session(Samples::Queue, Ingest::Gateway).await;
    assert!(gathered - written <= 14 * 10, "five minutes of meter values are one unit: {gathered} over {written}");
    assert!(asked <= 27, "gathered, meter values add to requests that are made anyway: {asked}");
}

/// What docs/scale.md promises behind a gateway that gathers.
#[tokio::test]
async fn a_million_sessions_behind_a_gateway_cost_less_than_was_promised() {
    for (samples, most) in [(Samples::Queue, 60), (Samples::Off, 30), (Samples::InStop, 33)] {
        let bill = bill(&arguments(samples, Ingest::Gateway)).await.unwrap();
        assert!(bill.usd <= Decimal::from(most), "{samples:?}: {bill}");
    }
}

#[tokio::test]
async fn a_bill_is_the_sum_of_its_lines_and_what_is_not_sent_costs_nothing() {
    let seen = bill(&arguments(Samples::Queue, Ingest::Broker)).await.unwrap();
    let off = bill(&arguments(Samples::Off, Ingest::Broker)).await.unwrap();
    assert_eq!(seen.usd, seen.lines.iter().map(|line| line.usd).sum());
    assert!(off.usd * Decimal::TWO < seen.usd, "{} and {}", off.usd, seen.usd);
    let count = |bill: &Bill, what: &str| bill.lines.iter().find(|line| line.what == what).unwrap().count;
    // Another back end answers each of the 65 and of the 5 frames, and the rule for answers looks at all of them.
    assert_eq!((count(&seen, "rules"), count(&off, "rules")), (Decimal::from(130), Decimal::from(10)));
    let some =
        bill(&CostArguments { transactions_only: true, ..arguments(Samples::Queue, Ingest::Broker) }).await.unwrap();
    assert_eq!((count(&some, "rules"), count(&some, "actions of rules")), (Decimal::from(130), Decimal::from(66)));
}

#[tokio::test]
async fn chargers_that_we_answer_do_not_wait_for_a_gateway() {
    let waiting = CostArguments { answering: true, ..arguments(Samples::Queue, Ingest::Gateway) };
    assert!(bill(&waiting).await.is_err_and(|refused| refused.to_string().contains("--answering")));
}
