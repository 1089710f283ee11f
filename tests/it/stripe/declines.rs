//! What each test card says, and who is to blame for a refusal.

use plugtill_adapters::stripe::StripeFailure;

use super::bench::{Bench, Driver, Outcome, SECRET, eur, gateway};

/// Payment method, error code, decline code.
const CARDS: [(&str, &str, Option<&str>); 7] = [
    ("pm_card_chargeDeclined", "card_declined", Some("generic_decline")),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", Some("insufficient_funds")),
    ("pm_card_chargeDeclinedLostCard", "card_declined", Some("lost_card")),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ("pm_card_chargeCustomerFail", "card_declined", Some("generic_decline")),
    ("pm_card_authenticationRequired", "authentication_required", Some("authentication_required")),
];

#[tokio::test]
async fn every_test_card_is_declined_with_its_own_code() -> Outcome {
    let bench = Bench::new();
    let customer = bench.stripe.create_customer("customer:d-1", "d-1").await?;
    for (card, expected, expected_decline) in CARDS {
        let driver = Driver { customer: customer.clone(), payment_method: card.to_owned() };
        let hold = bench.stripe.place_hold(&format!("hold:{card}"), &driver.order(eur("40.00")?)).await;
        let Err(StripeFailure::Declined { code, decline_code, .. }) = hold else { return Err(card.into()) };
        assert_eq!((code.as_str(), decline_code.as_deref()), (expected, expected_decline), "{card}");
    }
    assert_eq!((bench.books().declines, bench.books().holds), (7, 0));
    Ok(())
}

#[tokio::test]
async fn a_lost_card_comes_with_the_advice_not_to_try_again() -> Outcome {
    let bench = Bench::new();
    let customer = bench.stripe.create_customer("customer:d-1", "d-1").await?;
    let driver = Driver { customer, payment_method: "pm_card_chargeDeclinedLostCard".to_owned() };
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await;
    let Err(StripeFailure::Declined { advice_code, .. }) = hold else { return Err("not declined".into()) };
    assert_eq!(advice_code.as_deref(), Some("do_not_try_again"));
    Ok(())
}

#[tokio::test]
async fn a_card_that_can_be_saved_may_still_be_declined_when_charged() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_chargeCustomerFail").await?;
    assert!(driver.payment_method.starts_with("pm_"), "{}", driver.payment_method);
    let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await;
    assert!(matches!(hold, Err(StripeFailure::Declined { .. })), "{hold:?}");
    Ok(())
}

#[tokio::test]
async fn a_card_that_is_always_declined_cannot_even_be_saved() -> Outcome {
    let saved = Bench::new().driver("pm_card_chargeDeclined").await;
    assert!(matches!(saved, Err(StripeFailure::Declined { .. })));
    Ok(())
}

#[tokio::test]
async fn a_decline_is_final_for_its_key_and_open_for_another() -> Outcome {
    let bench = Bench::new();
    let driver = bench.driver("pm_card_chargeCustomerFail").await?;
    for _ in 0..2 {
        let hold = bench.stripe.place_hold("hold:s-1", &driver.order(eur("40.00")?)).await;
        assert!(matches!(hold, Err(StripeFailure::Declined { .. })), "{hold:?}");
    }
    assert_eq!(bench.books().declines, 1, "the second answer is the first one again");
    let paid = Driver { payment_method: "pm_card_visa".to_owned(), ..driver };
    bench.stripe.place_hold("hold:s-1:2", &paid.order(eur("40.00")?)).await?;
    assert_eq!(bench.books().holds, 1);
    Ok(())
}

#[tokio::test]
async fn f57_a_wrong_key_is_refused_once_and_never_shown() -> Outcome {
    let bench = Bench::new();
    let transport = std::sync::Arc::clone(&bench.simulator);
    let stripe = gateway(transport, "sk_test_wrong", "http://stripe.local");
    let made = stripe.create_customer("customer:d-1", "d-1").await;
    assert_eq!(made, Err(StripeFailure::KeyRefused { status: 401 }));
    assert!(!format!("{stripe:?}").contains("sk_test"), "{stripe:?}");
    assert!(!format!("{:?}", bench.simulator).contains(SECRET));
    bench.stripe.create_customer("customer:d-1", "d-1").await?;
    Ok(())
}
