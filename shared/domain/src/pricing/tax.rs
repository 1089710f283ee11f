//! Tax: per rate on the sum of its lines, rounded once; and the tariff's bounds before and after it.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Line, LineKind, Unit};
use crate::money::{Money, MoneyError};
use crate::site::Terms;
use crate::tariff::PriceLimit;

/// A tax by name; several may lie on one line (US states and cities, Canadian GST and PST).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// As it is printed: `VAT`, `GST`.
    pub name: String,
    /// Per cent of the price before tax.
    pub percent: Decimal,
}

/// What one rate comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPart {
    /// Which tax.
    pub tax: Tax,
    /// The sum of its lines as printed: before tax, or with it where prices include it.
    pub base: Money,
    /// The tax.
    pub amount: Money,
}

/// Lines that bear the same taxes, and what those come to.
pub(super) struct Group {
    taxes: Vec<Tax>,
    base: Money,
    /// Each tax with one rounding.
    pub(super) parts: Vec<TaxPart>,
}

/// The taxes on these lines, in order of first use: one rounding a rate and group. Where prices include tax, a line with
/// several taxes includes their sum.
pub(super) fn taxed(lines: &[Line], terms: &Terms) -> Result<Vec<Group>, MoneyError> {
    let mut groups: Vec<Group> = Vec::new();
    for line in lines {
        let taxes = on(line, terms);
        if let Some(group) = groups.iter_mut().find(|group| group.taxes == taxes) {
            group.base = group.base.plus(line.amount)?;
        } else if !taxes.is_empty() {
            groups.push(Group { taxes, base: line.amount, parts: Vec::new() });
        }
    }
    for group in &mut groups {
        let divisor = divisor(&group.taxes, terms);
        for tax in &group.taxes {
            let exact = group.base.to_decimal().checked_mul(tax.percent).ok_or(MoneyError::Overflow)? / divisor;
            let amount = Money::round(exact, group.base.currency())?;
            group.parts.push(TaxPart { tax: tax.clone(), base: group.base, amount });
        }
    }
    Ok(groups)
}

fn divisor(taxes: &[Tax], terms: &Terms) -> Decimal {
    let together: Decimal = taxes.iter().map(|tax| tax.percent).sum();
    Decimal::ONE_HUNDRED + if terms.tariff.tax_included { together } else { Decimal::ZERO }
}

/// Notes on each line the tax in its price, or on it; together exactly what the groups' taxes come to.
pub(super) fn note(lines: &mut [Line], groups: &[Group], terms: &Terms) {
    for group in groups {
        let tax = group.parts.iter().map(|part| part.amount.minor()).sum();
        let (mut gone, mut given) = (0, 0);
        for line in lines.iter_mut().filter(|line| on(line, terms) == group.taxes) {
            gone += line.amount.minor();
            let upto = share(tax, gone, group.base.minor());
            let part = Some(Money::new(upto - given, group.base.currency()));
            *(if terms.tariff.tax_included { &mut line.included_tax } else { &mut line.added_tax }) = part;
            given = upto;
        }
    }
}

fn share(whole: i64, part: i64, of: i64) -> i64 {
    if of == 0 { 0 } else { i64::try_from(i128::from(whole) * i128::from(part) / i128::from(of)).unwrap_or(whole) }
}

fn on(line: &Line, terms: &Terms) -> Vec<Tax> {
    match line.vat {
        Some(percent) if percent.is_zero() => Vec::new(),
        Some(percent) => vec![Tax { name: "VAT".to_owned(), percent }],
        None => terms.taxes.iter().filter(|tax| !tax.percent.is_zero()).cloned().collect(),
    }
}

/// The line that keeps the tariff's own lines within its bounds, as they are printed; `None` when they are.
///
/// The bound on the side on which prices are stated is met here, the other side by the tax (`bounded_tax`).
pub(super) fn bounding_line(lines: &[Line], terms: &Terms) -> Result<Option<Line>, MoneyError> {
    let (tariff, currency) = (&terms.tariff, terms.tariff.currency);
    let total = super::sum(lines, currency)?;
    let bound = |limit: Option<PriceLimit>| limit.map(|limit| Money::round(tariff.stated(limit), currency)).transpose();
    let (least, most) = (bound(tariff.min_price)?, bound(tariff.max_price)?);
    let (kind, target) = match (least, most) {
        (Some(least), _) if total.minor() < least.minor() => (LineKind::MinPrice, least),
        (_, Some(most)) if total.minor() > most.minor() => (LineKind::MaxPrice, most),
        (Some(_) | None, Some(_) | None) => return Ok(None),
    };
    let amount = target.minus(total)?;
    Ok(Some(Line { vat: prevailing(lines), ..Line::plain(kind, Decimal::ONE, Unit::Session, amount) }))
}

/// The tax of the line with the highest amount: a bound has no rate of its own.
fn prevailing(lines: &[Line]) -> Option<Decimal> {
    lines.iter().max_by_key(|line| line.amount.minor()).and_then(|line| line.vat)
}

/// What the tax on the tariff's own lines has to be changed by so that the price after tax keeps its bounds too.
pub(super) fn tax_correction(lines: &[Line], terms: &Terms) -> Result<Option<Money>, MoneyError> {
    let currency = terms.tariff.currency;
    let bounds = [terms.tariff.min_price, terms.tariff.max_price];
    if terms.tariff.tax_included || !bounds.iter().flatten().any(|limit| limit.incl_tax.is_some()) {
        return Ok(None);
    }
    let groups = taxed(lines, terms)?;
    let mut parts = groups.iter().flat_map(|group| &group.parts);
    let tax = parts.try_fold(Money::zero(currency), |sum, part| sum.plus(part.amount))?;
    let total = super::sum(lines, currency)?.plus(tax)?;
    let bound = |limit: Option<PriceLimit>| {
        limit.and_then(|limit| limit.incl_tax).map(|major| Money::round(major, currency)).transpose()
    };
    let least = bound(terms.tariff.min_price)?.filter(|least| total.minor() < least.minor());
    let most = bound(terms.tariff.max_price)?.filter(|most| total.minor() > most.minor());
    least.or(most).map(|target| target.minus(total)).transpose()
}

/// A line of its own for each tax that is added to the price.
pub(super) fn lines(groups: Vec<Group>, correction: Option<Money>) -> Vec<Line> {
    let line = |part: TaxPart| Line {
        price: part.tax.percent,
        tax: Some(part.tax.name),
        ..Line::plain(LineKind::Tax, Decimal::ONE, Unit::Session, part.amount)
    };
    let mut lines: Vec<Line> = groups.into_iter().flat_map(|group| group.parts).map(line).collect();
    if let Some(amount) = correction {
        lines.push(Line::plain(LineKind::Tax, Decimal::ONE, Unit::Session, amount));
    }
    lines
}
