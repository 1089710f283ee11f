//! The least amount Stripe moves, by settlement currency (docs.stripe.com/currencies, "minimum and maximum charge
//! amounts").

use plugtill_domain::money::{Currency, Money};

const MINIMUM_MINOR: [(&str, i64); 24] = [
    ("AED", 200),
    ("AUD", 50),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17500),
    ("INR", 50),
    ("JPY", 50),
    ("KRW", 50),
    ("MXN", 1000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1000),
    ("USD", 50),
];

/// The least amount that can be charged; one major unit where Stripe's list has none.
#[must_use]
pub fn minimum_charge(currency: Currency) -> Money {
    let listed = MINIMUM_MINOR.iter().find(|(code, _)| *code == currency.code());
    Money::new(listed.map_or_else(|| 10_i64.pow(currency.exponent()), |(_, minor)| *minor), currency)
}
