//! Money: whole minor units with their currency, and the one rounding.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// A currency of ISO 4217 whose minor unit is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// Why an amount could not be formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a currency that can be charged in.
    #[error("`{0}` is not an ISO 4217 currency with minor units; use a code such as `EUR`")]
    UnknownCurrency(String),
    /// Two currencies met in one sum.
    #[error("{0} and {1} cannot be added: a session has one currency")]
    MixedCurrencies(Currency, Currency),
    /// The result does not fit; nothing this large is a charging session.
    #[error("the amount is too large to be counted")]
    Overflow,
    /// The text is not a plain decimal number.
    #[error("`{0}` is not a decimal number such as `12.50`")]
    NotANumber(String),
    /// More digits than the currency has.
    #[error("`{0}` has more decimals than {1} has minor units")]
    TooPrecise(String, Currency),
}

/// As much of what was given as helps to find it.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

impl Currency {
    /// The alphabetic code, upper case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point: 0 for JPY, 2 for EUR, 3 for KWD.
    #[must_use]
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(2))
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| MoneyError::UnknownCurrency(shown(code)))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in whole minor units (cents) of one currency. May be negative in postings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` whole minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// Reads a price such as `"20.00"` exactly.
    ///
    /// # Errors
    /// When the text is no decimal, has more digits than the currency, or does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let major = parse_decimal(text)?;
        let money = Self::round(major, currency)?;
        if money.to_decimal() == major { Ok(money) } else { Err(MoneyError::TooPrecise(shown(text), currency)) }
    }

    /// The one rounding: an exact amount in major units to whole minor units, half away from zero.
    ///
    /// # Errors
    /// When the result does not fit.
    pub fn round(major: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let rounded = major.round_dp_with_strategy(currency.exponent(), RoundingStrategy::MidpointAwayFromZero);
        let scale = Decimal::from(10_i64.pow(currency.exponent()));
        let minor = rounded.checked_mul(scale).ok_or(MoneyError::Overflow)?;
        i64::try_from(minor).map(|minor| Self { minor, currency }).map_err(|_| MoneyError::Overflow)
    }

    /// Whole minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency of the amount.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether nothing is left.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// The amount in major units, exactly.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// The sum.
    ///
    /// # Errors
    /// When the currencies differ or the result does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// When the currencies differ or the result does not fit.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The smaller of two amounts of one currency.
    ///
    /// # Errors
    /// When the currencies differ.
    pub fn lesser(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, |a, b| Some(a.min(b)))
    }

    fn combine(self, other: Self, op: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::MixedCurrencies(self.currency, other.currency));
        }
        let minor = op(self.minor, other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

/// Reads a plain decimal: digits with at most one point, an optional minus sign.
///
/// # Errors
/// Exponents, commas, `NaN` and the like are refused.
pub fn parse_decimal(text: &str) -> Result<Decimal, MoneyError> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    if !plain {
        return Err(MoneyError::NotANumber(shown(text)));
    }
    Decimal::from_str(text).map_err(|_| MoneyError::NotANumber(shown(text)))
}
