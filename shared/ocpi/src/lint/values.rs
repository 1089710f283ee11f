//! Reads single values, and says what is wrong with them.

use iso_currency::Currency;
use rust_decimal::Decimal;

use super::finding::{FindingKind, Severity};
use super::json::{Node, Value};
use super::report::Report;
use super::spelling;

/// Decimals that OCPI numbers carry (types, number).
const DECIMALS: u32 = 4;

/// A value and where it stands.
pub(super) struct Read<'a, T> {
    pub(super) node: &'a Node<'a>,
    pub(super) value: T,
}

impl<'a, T> Read<'a, T> {
    pub(super) const fn new(node: &'a Node<'a>, value: T) -> Self {
        Self { node, value }
    }
}

/// `node` is not what it should be.
pub(super) fn wrong_type(node: &Node<'_>, expected: &str, report: &mut Report) {
    let name = node.name();
    let message = format!("`{name}` must be {expected}, and is {}", node.value);
    report.error(node, FindingKind::WrongType, message);
}

/// A text.
pub(super) fn text<'a>(node: &'a Node<'a>, report: &mut Report) -> Option<&'a str> {
    if let Value::Text(text) = &node.value {
        return Some(text);
    }
    wrong_type(node, "a text in quotes", report);
    None
}

/// The entries of a list that are not null.
pub(super) fn list<'a>(node: &'a Node<'a>, report: &mut Report) -> Option<Vec<&'a Node<'a>>> {
    let Value::List(entries) = &node.value else {
        wrong_type(node, "a list", report);
        return None;
    };
    for null in entries.iter().filter(|entry| entry.is_null()) {
        let message = format!("`{}` is null, which says nothing; remove it", null.name());
        report.error(null, FindingKind::NullValue, message);
    }
    Some(entries.iter().filter(|entry| !entry.is_null()).collect())
}

/// A list of one or more; also tells of an empty one, which the standard does not allow.
pub(super) fn some<'a>(node: &'a Node<'a>, entry: &str, report: &mut Report) -> Option<Vec<&'a Node<'a>>> {
    let entries = list(node, report)?;
    if matches!(&node.value, Value::List(all) if all.is_empty()) {
        let message = format!("`{}` is empty; add at least one {entry}", node.name());
        report.error(node, FindingKind::EmptyList, message);
    }
    Some(entries)
}

/// A number, exactly as written.
pub(super) fn number(node: &Node<'_>, report: &mut Report) -> Option<Decimal> {
    let Value::Number(digits) = node.value else {
        wrong_type(node, "a number without quotes", report);
        return None;
    };
    let Some(number) = decimal(digits) else {
        let message = format!("`{}` is {digits}, which is no amount of anything; correct it", node.name());
        report.error(node, FindingKind::InvalidNumber, message);
        return None;
    };
    if number.scale() > DECIMALS {
        let message = format!(
            "`{}` is {digits}: readers keep four decimals, so they may calculate with {}; write that",
            node.name(),
            number.round_dp(DECIMALS)
        );
        report.warning(node, FindingKind::ExcessivePrecision, message);
    }
    Some(number)
}

/// Also from `1e-2`; trailing zeros do not count as decimals.
fn decimal(digits: &str) -> Option<Decimal> {
    let number = digits.parse::<Decimal>().or_else(|_| Decimal::from_scientific(digits)).ok()?;
    Some(number.normalize())
}

/// Zero or a whole number above, written without a decimal point.
pub(super) fn whole(node: &Node<'_>, kind: FindingKind, unit: &str, report: &mut Report) -> Option<Decimal> {
    let number = number(node, report)?;
    let Value::Number(digits) = node.value else { return None };
    if digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Some(number);
    }
    let name = node.name();
    let message = format!("`{name}` is {digits}, but counts {unit}: write 0 or more of them, without a decimal point");
    report.error(node, kind, message);
    None
}

/// An amount of money, which may be zero.
pub(super) fn price(node: &Node<'_>, report: &mut Report) -> Option<Decimal> {
    let price = number(node, report)?;
    if price < Decimal::ZERO {
        let message = format!("`{}` is {price}: nobody is paid for charging; write 0 for free", node.name());
        report.error(node, FindingKind::NegativePrice, message);
        return None;
    }
    Some(price)
}

/// One of the values that the standard lists.
pub(super) fn choice<T: Copy>(
    node: &Node<'_>,
    choices: &'static [(&'static str, T)],
    report: &mut Report,
) -> Option<T> {
    let written = text(node, report)?;
    let names = choices.iter().map(|(name, _)| *name);
    let found = choices.iter().find(|(name, _)| *name == written);
    if found.is_none() {
        let name = node.name();
        if let Some(meant) = spelling::nearest_value(written, names.clone()) {
            let message = format!("`{name}` is {written:?}, which OCPI does not have; write {meant:?}");
            report.error(node, FindingKind::MisspelledValue, message);
        } else {
            let all = names.collect::<Vec<_>>().join(", ");
            let message = format!("`{name}` is {written:?}, which OCPI does not have; choose one of {all}");
            report.error(node, FindingKind::UnknownValue, message);
        }
    }
    found.map(|(_, value)| *value)
}

/// A code of `length` capital letters, with digits where `digits` says so.
pub(super) fn code(node: &Node<'_>, length: usize, digits: bool, what: &str, report: &mut Report) {
    let Some(code) = text(node, report) else { return };
    let name = node.name();
    let fits = |letter: u8| letter.is_ascii_alphabetic() || (digits && letter.is_ascii_digit());
    if !code.bytes().all(fits) {
        let message = format!("`{name}` is {code:?}, which is {what} of no one; write {length} capital letters");
        report.warning(node, FindingKind::InvalidCode, message);
    } else if code.len() != length {
        let message = format!("`{name}` is {code:?}; {what} has {length} characters");
        report.warning(node, FindingKind::WrongLength, message);
    } else if code.bytes().any(|letter| letter.is_ascii_lowercase()) {
        wrong_case(node, code, report);
    }
}

/// A currency of ISO 4217.
pub(super) fn currency(node: &Node<'_>, report: &mut Report) -> Option<Currency> {
    let code = text(node, report)?;
    let currency = Currency::from_code(&code.to_ascii_uppercase());
    if currency.is_none() {
        let kind = if code.len() == 3 { FindingKind::UnknownCurrency } else { FindingKind::WrongLength };
        let message = format!("`{}` is {code:?}; write three letters of ISO 4217, such as \"EUR\"", node.name());
        report.error(node, kind, message);
    } else if code.bytes().any(|letter| letter.is_ascii_lowercase()) {
        wrong_case(node, code, report);
    }
    currency
}

fn wrong_case(node: &Node<'_>, code: &str, report: &mut Report) {
    let message = format!("`{}` is {code:?}; write {:?}", node.name(), code.to_ascii_uppercase());
    report.warning(node, FindingKind::WrongCase, message);
}

/// A text of at most `longest` characters, and not an empty one.
pub(super) fn short_text(node: &Node<'_>, longest: usize, report: &mut Report) {
    let Some(text) = text(node, report) else { return };
    let name = node.name();
    if text.is_empty() {
        report.error(node, FindingKind::WrongLength, format!("`{name}` is empty; give it a text"));
    } else if text.chars().count() > longest {
        let message = format!("`{name}` has more than the {longest} characters that others store; shorten it");
        report.tell(Severity::Warning, node, FindingKind::WrongLength, message);
    }
}
