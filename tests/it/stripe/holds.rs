//! A session's money, from the hold to the refund.

use plugtill::stripe_simulator::Disturbance;
use plugtill_adapters::stripe::{IntentStatus, StripeFailure};
use serde_json::{Value, json};

use super::bench::{Bench, HOUR_SECONDS, Outcome, START_SECONDS, eur, money, refund_of, taking};

const HOLD_SECONDS: i64 = (4 * 24 + 18) * HOUR_SECONDS;

#[tokio::test]
async fn a_partial_capture_takes_its_part_and_releases_the_rest() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    assert_eq!(hold.status, IntentStatus::RequiresCapture);
    assert_eq!(
        (hold.amount, hold.amount_capturable, hold.amount_received),
        (eur("40.00")?, eur("40.00")?, eur("0.00")?)
    );
    assert_eq!(hold.capture_before.map(jiff::Timestamp::as_second), Some(START_SECONDS + HOLD_SECONDS));
    assert_eq!(bench.books().open_holds, 1);

    let taken = bench.stripe.capture("capture:s-1", &hold.id, &taking("12.34")?).await?;
    assert_eq!(taken.status, IntentStatus::Succeeded);
    assert_eq!((taken.amount_capturable, taken.amount_received), (eur("0.00")?, eur("12.34")?));
    let books = bench.books();
    assert_eq!((books.holds, books.captures, books.open_holds, books.releases), (1, 1, 0, 0));
    assert_eq!(books.captured_minor.get("EUR"), Some(&1234));
    assert_eq!(books.captured_minor_by_session.get("s-1"), Some(&1234));
    Ok(())
}

#[tokio::test]
async fn a_hold_is_captured_once_and_never_above_its_amount() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    let above = bench.stripe.capture("capture:s-1:1", &hold.id, &taking("40.01")?).await;
    assert_eq!(refusal(above), Some("amount_too_large".to_owned()));
    bench.stripe.capture("capture:s-1:2", &hold.id, &taking("40.00")?).await?;
    let again = bench.stripe.capture("capture:s-1:3", &hold.id, &taking("1.00")?).await;
    assert_eq!(refusal(again), Some("payment_intent_unexpected_state".to_owned()));
    assert_eq!(bench.books().captured_minor.get("EUR"), Some(&4000));
    Ok(())
}

#[tokio::test]
async fn a_hold_that_is_given_back_can_no_longer_be_taken() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    assert_eq!(bench.stripe.cancel("release:s-1", &hold.id).await?.status, IntentStatus::Canceled);
    let taken = bench.stripe.capture("capture:s-1", &hold.id, &taking("1.00")?).await;
    assert_eq!(refusal(taken), Some("payment_intent_unexpected_state".to_owned()));
    let again = bench.stripe.cancel("release:s-1:2", &hold.id).await;
    assert_eq!(refusal(again), Some("payment_intent_unexpected_state".to_owned()));
    assert_eq!((bench.books().releases, bench.books().captures), (1, 0));
    Ok(())
}

#[tokio::test]
async fn f60_a_hold_lapses_by_itself_after_four_days_and_eighteen_hours() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    bench.sleep(HOLD_SECONDS - 1);
    assert_eq!(bench.stripe.read_intent(&hold.id).await?.status, IntentStatus::RequiresCapture);
    bench.sleep(1);
    let late = bench.stripe.capture("capture:s-1", &hold.id, &taking("1.00")?).await;
    assert_eq!(refusal(late), Some("payment_intent_unexpected_state".to_owned()));
    assert_eq!(bench.stripe.read_intent(&hold.id).await?.status, IntentStatus::Canceled);
    let shown = bench.raw(&format!("GET /v1/payment_intents/{}", hold.id), None)?;
    assert_eq!(shown.body()["cancellation_reason"], "automatic");
    assert_eq!(shown.body()["canceled_at"], bench.now());
    let books = bench.books();
    assert_eq!((books.lapsed, books.releases, books.open_holds), (1, 0, 0));
    Ok(())
}

#[tokio::test]
async fn a_hold_that_lapses_is_told_of_once_and_one_that_was_taken_is_not() -> Outcome {
    let bench = Bench::new();
    bench.simulator.register_webhook("whsec_bench", Disturbance::default());
    let driver = bench.driver("pm_card_visa").await?;
    let taken = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await?;
    let lapses = bench.stripe.place_hold("hold:s-2", &driver.order(eur("30.00")?)).await?;
    bench.stripe.capture("capture:s-1", &taken.id, &taking("12.34")?).await?;
    bench.take_events();
    assert_eq!(bench.simulator.next_webhook_at(), Some(START_SECONDS + HOLD_SECONDS));
    bench.sleep(HOLD_SECONDS);
    let events = bench.take_events();
    let told: Vec<_> = events.iter().map(|event| (&event["type"], &event["data"]["object"])).collect();
    let [(expired, charge), (canceled, intent)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((*expired, &charge["payment_intent"]), (&json!("charge.expired"), &json!(lapses.id)));
    assert_eq!((*canceled, &intent["status"]), (&json!("payment_intent.canceled"), &json!("canceled")));
    bench.sleep(HOLD_SECONDS);
    assert_eq!(bench.take_events(), Vec::<Value>::new());
    Ok(())
}

#[tokio::test]
async fn refunds_never_exceed_what_was_taken() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let charge = bench.stripe.charge("topup:s-1", &driver.order(eur("10.00")?)).await?;
    assert_eq!((charge.status, charge.capture_before), (IntentStatus::Succeeded, None));
    let refund = bench.stripe.refund("refund:s-1:1", &charge.id, &refund_of("4.00")?).await?;
    assert_eq!((refund.status.as_str(), refund.amount), ("succeeded", eur("4.00")?));
    let above = bench.stripe.refund("refund:s-1:2", &charge.id, &refund_of("6.01")?).await;
    assert!(matches!(above, Err(StripeFailure::Refused { status: 400, .. })), "{above:?}");
    bench.stripe.refund("refund:s-1:3", &charge.id, &refund_of("6.00")?).await?;
    let more = bench.stripe.refund("refund:s-1:4", &charge.id, &refund_of("0.01")?).await;
    assert_eq!(refusal(more), Some("charge_already_refunded".to_owned()));
    let books = bench.books();
    assert_eq!((books.top_ups, books.refunds), (1, 2));
    assert_eq!((books.captured_minor.get("EUR"), books.refunded_minor.get("EUR")), (Some(&1000), Some(&1000)));
    assert_eq!(books.net_minor_by_session.get("s-1"), Some(&0));
    Ok(())
}

#[tokio::test]
async fn below_the_least_charge_nothing_is_held() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    for (amount, currency) in [("0.49", "EUR"), ("0.29", "GBP"), ("49", "JPY"), ("174.99", "HUF"), ("0", "ISK")] {
        let hold = bench.stripe.place_hold(&format!("hold:{currency}"), &driver.order(money(amount, currency)?)).await;
        assert_eq!(refusal(hold), Some("amount_too_small".to_owned()), "{amount} {currency}");
    }
    for (amount, currency) in [("0.50", "EUR"), ("0.30", "GBP"), ("50", "JPY"), ("175.00", "HUF"), ("1", "ISK")] {
        bench.stripe.place_hold(&format!("held:{currency}"), &driver.order(money(amount, currency)?)).await?;
    }
    assert_eq!(bench.books().holds, 5);
    Ok(())
}

#[tokio::test]
async fn f93_each_currency_is_sent_in_stripes_own_unit() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_visa").await?;
    let cases = [("20.00", "EUR", 2000), ("500", "JPY", 500), ("500", "ISK", 50_000), ("900.00", "MGA", 900)];
    for (amount, currency, sent) in cases {
        let amount = money(amount, currency)?;
        let charge = bench.stripe.charge(&format!("topup:{currency}"), &driver.order(amount)).await?;
        assert_eq!(charge.amount_received, amount, "{currency} reads back as what was asked");
        let shown = bench.raw(&format!("GET /v1/payment_intents/{}", charge.id), None)?;
        assert_eq!(shown.body()["amount"], sent, "{currency} at Stripe");
        assert_eq!(bench.books().captured_minor.get(currency), Some(&amount.minor()), "{currency} in the books");
    }
    let fraction = bench.stripe.charge("topup:half", &driver.order(money("900.50", "MGA")?)).await;
    assert_eq!(refusal(fraction), Some("invalid_charge_amount".to_owned()));
    Ok(())
}

#[tokio::test]
async fn an_id_that_would_change_the_request_is_not_sent() -> Outcome {
    let bench = Bench::new();
    for id in ["", "pi_1/cancel", "pi_1?expand[]=x", ".."] {
        let read = bench.stripe.read_intent(id).await;
        assert!(matches!(&read, Err(StripeFailure::Refused { param: Some(param), .. }) if param == "id"), "{read:?}");
    }
    Ok(())
}

/// Stripe's code for a refusal.
fn refusal<T>(answer: Result<T, StripeFailure>) -> Option<String> {
    match answer {
        Err(StripeFailure::Refused { status: 400, code, .. }) => code,
        _ => None,
    }
}
