//! Credit notes: what an operator gives back of a bill, by whole, by line or by amount, with the reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::pricing::{Bill, LineKind};

/// What an operator asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditOrder {
    /// The operator's name for the request: the same name credits once.
    pub id: String,
    /// How much.
    pub extent: Extent,
    /// Why; printed on the credit note.
    pub reason: String,
    /// Who decided.
    pub by: String,
}

/// How much of a bill is credited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All that is left of it.
    Whole,
    /// An amount, tax included.
    Amount(Money),
    /// One printed line with its tax, by its index on the receipt.
    Line(usize),
}

/// A credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// The operator's name for the request.
    pub id: String,
    /// When it was decided, UTC.
    pub at: Timestamp,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What is given back, by the account it had been revenue of; tax is a line of its own.
    pub lines: Vec<CreditLine>,
    /// The sum of the lines.
    pub total: Money,
    /// Its number in the operator's sequence, once it is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// A part of a credit note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditLine {
    /// What was credited; [`LineKind::Tax`] for the tax in it.
    pub kind: LineKind,
    /// Without tax.
    pub amount: Money,
}

/// Why a credit cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    /// Nothing is billed yet.
    #[error("the session is not settled: there is no bill to credit")]
    NotBilled,
    /// More than what is left of the bill.
    #[error("{asked} is more than the {left} left of the bill: credit at most that")]
    TooMuch {
        /// What was asked for.
        asked: Money,
        /// What is left.
        left: Money,
    },
    /// The receipt has no such line, or it is nothing to be paid.
    #[error("the receipt has no line {0} that can be credited: lines count from 0, tax goes with its line")]
    NoSuchLine(usize),
    /// Zero or less.
    #[error("{0} is nothing to credit: give an amount above zero")]
    Nothing(Money),
    /// Another currency.
    #[error("{0} is not in the currency of the bill")]
    Currency(Money),
    /// The same line was credited before.
    #[error("line {0} was credited before: credit an amount instead")]
    CreditedBefore(usize),
}

/// The credit note of `order` on a bill of which `credited` was given back before.
///
/// # Errors
/// When there is not as much left.
pub fn credit(bill: &Bill, credited: &[Credit], order: CreditOrder, at: Timestamp) -> Result<Credit, CreditError> {
    let currency = bill.total.currency();
    let left = Money::new(bill.total.minor() - credited.iter().map(|c| c.total.minor()).sum::<i64>(), currency);
    let total = match order.extent {
        Extent::Whole => left,
        Extent::Amount(amount) if amount.currency() != currency => return Err(CreditError::Currency(amount)),
        Extent::Amount(amount) => amount,
        Extent::Line(index) => line_total(bill, index)?,
    };
    if !total.is_positive() {
        return Err(CreditError::Nothing(total));
    }
    if total.minor() > left.minor() {
        return Err(match order.extent {
            Extent::Line(index) => CreditError::CreditedBefore(index),
            Extent::Whole | Extent::Amount(_) => CreditError::TooMuch { asked: total, left },
        });
    }
    let lines = match order.extent {
        Extent::Line(index) => lines_of_one(bill, index, total),
        Extent::Whole | Extent::Amount(_) => shared_out(bill, credited, total, left),
    };
    let CreditOrder { id, reason, by, .. } = order;
    Ok(Credit { id, at, by, reason, lines, total, number: None })
}

/// A line with the tax on it.
fn line_total(bill: &Bill, index: usize) -> Result<Money, CreditError> {
    let line = bill.lines.get(index).filter(|line| line.kind != LineKind::Tax && line.amount.is_positive());
    let line = line.ok_or(CreditError::NoSuchLine(index))?;
    Ok(Money::new(line.amount.minor() + line.added_tax.map_or(0, Money::minor), line.amount.currency()))
}

fn lines_of_one(bill: &Bill, index: usize, total: Money) -> Vec<CreditLine> {
    let Some(line) = bill.lines.get(index) else { return Vec::new() };
    let included = line.included_tax.map_or(0, Money::minor);
    let net = line.amount.minor() - included;
    with_tax(vec![(line.kind, net)], total)
}

/// Shares `total` out over what is left of each component, the rest of the rounding going to the largest.
fn shared_out(bill: &Bill, credited: &[Credit], total: Money, left: Money) -> Vec<CreditLine> {
    let mut kinds: Vec<(LineKind, i64)> = Vec::new();
    for line in bill.lines.iter().filter(|line| line.kind != LineKind::Tax && !line.amount.is_zero()) {
        if !kinds.iter().any(|(kind, _)| *kind == line.kind) {
            kinds.push((line.kind, remaining(bill, credited, line.kind)));
        }
    }
    let parts = kinds.iter().map(|(kind, net)| (*kind, portion(*net, total.minor(), left.minor()))).collect();
    let tax_left = bill.tax().minor() - given_back(credited, LineKind::Tax);
    let tax = portion(tax_left, total.minor(), left.minor());
    let mut parts: Vec<(LineKind, i64)> = parts;
    let rest = total.minor() - tax - parts.iter().map(|(_, minor)| minor).sum::<i64>();
    if let Some((_, largest)) = parts.iter_mut().max_by_key(|(_, minor)| *minor) {
        *largest += rest;
    }
    with_tax(parts, total)
}

fn remaining(bill: &Bill, credited: &[Credit], kind: LineKind) -> i64 {
    bill.net_of(kind).minor() - given_back(credited, kind)
}

fn given_back(credited: &[Credit], kind: LineKind) -> i64 {
    let lines = credited.iter().flat_map(|credit| &credit.lines);
    lines.filter(|line| line.kind == kind).map(|line| line.amount.minor()).sum()
}

/// `whole * part / of`, rounded half away from zero; nothing of nothing.
fn portion(whole: i64, part: i64, of: i64) -> i64 {
    if of == 0 {
        return 0;
    }
    let doubled = 2 * i128::from(whole) * i128::from(part);
    let of = i128::from(of);
    let rounded = (doubled + if (doubled < 0) == (of < 0) { of } else { -of }) / (2 * of);
    i64::try_from(rounded).unwrap_or_default()
}

/// The parts as lines; what is missing to `total` is the tax.
fn with_tax(parts: Vec<(LineKind, i64)>, total: Money) -> Vec<CreditLine> {
    let tax = total.minor() - parts.iter().map(|(_, minor)| minor).sum::<i64>();
    let all = parts.into_iter().chain([(LineKind::Tax, tax)]).filter(|(_, minor)| *minor != 0);
    all.map(|(kind, minor)| CreditLine { kind, amount: Money::new(minor, total.currency()) }).collect()
}
