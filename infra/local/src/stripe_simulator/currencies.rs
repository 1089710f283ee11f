//! In which unit Stripe counts a currency, and which amounts it takes (docs.stripe.com/currencies).

use plugtill_adapters::stripe::minimum_charge;
use plugtill_domain::money::Currency;

use super::error::ApiError;

/// Reads a currency as it is sent, in lower case.
pub(super) fn known(code: &str) -> Result<Currency, ApiError> {
    code.to_ascii_uppercase().parse().map_err(|_| ApiError::invalid_currency(code))
}

/// Refuses amounts that no card network moves in this currency.
pub(super) fn check_amount(name: &str, amount: i64, currency: Currency) -> Result<(), ApiError> {
    match currency.code() {
        "ISK" | "UGX" if amount % 100 != 0 => Err(ApiError::fraction(name, currency.code(), 100)),
        code if currency.exponent() == 3 && amount % 10 != 0 => Err(ApiError::fraction(name, code, 10)),
        _ => Ok(()),
    }
}

/// Refuses what is below the least charge.
pub(super) fn check_minimum(amount: i64, currency: Currency) -> Result<(), ApiError> {
    let least = minimum_charge(currency).minor();
    if iso_minor(amount, currency) < least { Err(ApiError::too_small(least, currency.code())) } else { Ok(()) }
}

/// Stripe's count in minor units of ISO 4217, which has no cents of the króna but hundredths of the ariary.
pub(super) fn iso_minor(amount: i64, currency: Currency) -> i64 {
    match currency.code() {
        "ISK" | "UGX" => amount / 100,
        "MGA" => amount.saturating_mul(100),
        _ => amount,
    }
}
