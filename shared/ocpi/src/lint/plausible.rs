//! Prices so high that a unit, a decimal point or a currency was probably mistaken.

use iso_currency::Currency;
use rust_decimal::Decimal;

use super::element::Dimension;
use super::finding::FindingKind;
use super::report::Report;
use super::tariff::Tariff;
use super::values::Read;

/// How many units of a currency are worth roughly one euro or dollar, rounded up: only the order of magnitude counts.
/// Prices in other currencies are not judged.
const MAGNITUDES: &[(u32, &[Currency])] = &[
    (1, &[Currency::EUR, Currency::USD, Currency::GBP, Currency::CHF]),
    (2, &[Currency::AUD, Currency::BGN, Currency::CAD, Currency::NZD, Currency::SGD]),
    (5, &[Currency::AED, Currency::ILS, Currency::MYR, Currency::PLN, Currency::RON, Currency::SAR]),
    (10, &[Currency::BRL, Currency::CNY, Currency::DKK, Currency::HKD, Currency::NOK, Currency::SEK]),
    (20, &[Currency::MXN, Currency::ZAR]),
    (50, &[Currency::CZK, Currency::THB, Currency::TRY, Currency::TWD, Currency::UAH]),
    (100, &[Currency::INR]),
    (200, &[Currency::ISK, Currency::JPY, Currency::RSD]),
    (500, &[Currency::HUF]),
    (2_000, &[Currency::KRW]),
    (20_000, &[Currency::IDR]),
    (30_000, &[Currency::VND]),
];

/// Looks at every price.
pub(super) fn check(tariff: &Tariff<'_>, report: &mut Report) {
    let Some((currency, magnitude)) = tariff.currency.and_then(|currency| Some((currency, magnitude(currency)?)))
    else {
        return;
    };
    for component in tariff.elements().iter().flat_map(|element| &element.components) {
        if let (Some(dimension), Some(price)) = (component.dimension, &component.price) {
            judge(dimension, price, currency, magnitude, report);
        }
    }
}

fn judge(dimension: Dimension, price: &Read<'_, Decimal>, currency: Currency, magnitude: u32, report: &mut Report) {
    let (most, unit) = highest(dimension);
    if price.value > Decimal::from(most * magnitude) {
        let message = format!(
            "`price` is {} {} {unit}, far more than {} costs anywhere; check unit, decimal point and currency",
            price.value,
            currency.code(),
            dimension.name()
        );
        report.warning(price.node, FindingKind::ImplausiblePrice, message);
    }
}

/// The highest price that is believed without asking, and what it is for.
const fn highest(dimension: Dimension) -> (u32, &'static str) {
    match dimension {
        Dimension::Energy => (5, "per kWh"),
        Dimension::Flat => (50, "per session"),
        Dimension::ParkingTime | Dimension::Time => (60, "per hour"),
    }
}

fn magnitude(currency: Currency) -> Option<u32> {
    MAGNITUDES.iter().find(|(_, currencies)| currencies.contains(&currency)).map(|(magnitude, _)| *magnitude)
}
