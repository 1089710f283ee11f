//! `min_price` and `max_price`: what a session costs at least and at most.

use rust_decimal::Decimal;

use super::fields::Fields;
use super::finding::{FindingKind, Severity};
use super::json::Node;
use super::report::Report;
use super::values;

/// The names of the amounts without and with tax, in 2.2.1 and since 2.3.0.
const NAMES: [[&str; 2]; 2] = [["excl_vat", "incl_vat"], ["before_taxes", "after_taxes"]];

struct Limit<'a> {
    node: &'a Node<'a>,
    before: Option<Decimal>,
    after: Option<Decimal>,
}

/// Each limit by itself, and the two together: with and without tax they both apply (OCPI 2.2.1, Tariff, note).
pub(super) fn check(fields: &Fields<'_>, report: &mut Report) {
    let mut limit = |name| fields.get(name).and_then(|node| read(node, report));
    let (Some(least), Some(most)) = (limit("min_price"), limit("max_price")) else { return };
    let above = |least: Option<Decimal>, most: Option<Decimal>| least.zip(most).filter(|(least, most)| least > most);
    if let Some((low, high)) = above(least.before, most.before).or_else(|| above(least.after, most.after)) {
        let message = format!("`min_price` {low} is above `max_price` {high}; no session can cost both: correct one");
        report.error(least.node, FindingKind::MinAboveMax, message);
    }
}

fn read<'a>(node: &'a Node<'a>, report: &mut Report) -> Option<Limit<'a>> {
    let fields = Fields::of(node, &NAMES.concat(), Severity::Error, report)?;
    let newer = NAMES[1].iter().any(|name| fields.get(name).is_some());
    let [before, after] = NAMES[usize::from(newer)];
    let remedy = "a price limit needs its amount without tax";
    let before = fields.require(before, Severity::Error, remedy, report).and_then(|node| values::price(node, report));
    let after = fields.get(after).and_then(|node| values::price(node, report));
    if let (Some(low), Some(high)) = (after, before)
        && low < high
    {
        let name = node.name();
        let message = format!("`{name}` is {high} without tax and {low} with it; the amount with tax cannot be lower");
        report.warning(node, FindingKind::NegativeTax, message);
    }
    Some(Limit { node, before, after })
}
