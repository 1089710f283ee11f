//! Amounts as Stripe counts them. For most currencies that is ISO 4217's minor unit; for some it is not.

use plugtill_domain::money::{Currency, Money};

use super::StripeFailure;

/// Currencies that Stripe counts in whole units (docs.stripe.com/currencies, "zero-decimal currencies").
const WHOLE_UNITS: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];

/// Currencies that have no minor unit any more and are still sent times 100 (same page, "special cases").
const STILL_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// The digits after the point in Stripe's count of `currency`.
fn exponent_at_stripe(currency: Currency) -> u32 {
    match currency.code() {
        code if WHOLE_UNITS.contains(&code) => 0,
        code if STILL_HUNDREDTHS.contains(&code) => 2,
        _ => currency.exponent(),
    }
}

/// `amount` in Stripe's count.
///
/// # Errors
/// `Refused` when Stripe's unit is coarser and the amount is no whole number of it, or when it does not fit.
pub(super) fn to_stripe(amount: Money) -> Result<i64, StripeFailure> {
    let currency = amount.currency();
    let refused = || StripeFailure::Refused {
        status: 400,
        code: Some("invalid_charge_amount".to_owned()),
        message: format!("{amount} cannot be said in the unit that Stripe counts {currency} in"),
        param: Some("amount".to_owned()),
    };
    rescaled(amount.minor(), currency.exponent(), exponent_at_stripe(currency)).ok_or_else(refused)
}

/// Stripe's count of `currency` as money.
///
/// # Errors
/// `Unknown` when it holds a fraction of the minor unit: no sum of ours can have led to it.
pub(super) fn from_stripe(count: i64, currency: Currency) -> Result<Money, StripeFailure> {
    let minor = rescaled(count, exponent_at_stripe(currency), currency.exponent());
    let unknown = || StripeFailure::unknown(format!("Stripe's {count} is no whole minor unit of {currency}"));
    minor.map(|minor| Money::new(minor, currency)).ok_or_else(unknown)
}

/// `count` of units with `from` digits as units with `to` digits, exactly.
fn rescaled(count: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return count.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let coarser = 10_i64.checked_pow(from - to)?;
    (count % coarser == 0).then_some(count / coarser)
}
