//! Figures as they are written in a language. There is no mark between thousands: nothing here is that large, and in one language
//! it would be what is the decimal mark in another.

use plugtill_domain::language::Language;
use plugtill_domain::money::Money;

const fn decimal_mark(language: Language) -> &'static str {
    match language {
        Language::En => ".",
        Language::De | Language::Fr | Language::Nl | Language::Es => ",",
    }
}

/// A decimal number.
#[must_use]
pub fn number(language: Language, number: &impl ToString) -> String {
    number.to_string().replace('.', decimal_mark(language))
}

/// An amount with its currency, such as `12.00 EUR`.
#[must_use]
pub fn amount(language: Language, amount: Money) -> String {
    self::number(language, &amount)
}
