//! What holds of every bill.

use plugtill_domain::evidence::Evidence;
use plugtill_domain::language::Language;
use plugtill_domain::pricing::{Bill, LineKind, Surroundings, assess};
use plugtill_domain::site::Terms;
use plugtill_domain::units::{WattHours, Watts, seconds_between};
use plugtill_texts::bill::explain;
use rust_decimal::Decimal;

/// Registers are sampled a little before they are stamped: what is believed of the last of them.
const SLACK_SECONDS: i64 = 60;

/// The bill of this evidence, if there can be one, with what holds of it (invariants I7, I10, I11, I12).
pub(crate) fn of(started_at: jiff::Timestamp, evidence: &[Evidence], power: Watts, terms: &Terms) -> Option<Bill> {
    let around = Surroundings::of(power);
    let assessed = assess(started_at, evidence, around, terms);
    let twice: Vec<Evidence> = evidence.iter().rev().chain(evidence).cloned().collect();
    let again = assess(started_at, &twice, around, terms);
    assert_eq!(assessed.bill, again.bill, "by the order of its evidence, or by duplicates");
    let bill = assessed.bill.ok()?;
    let most = power.most_in(seconds_between(started_at, bill.ended_at) + SLACK_SECONDS);
    assert!(bill.energy >= WattHours(0) && bill.energy <= most, "{:?} of at most {most:?}", bill.energy);
    adds_up(&bill, terms);
    Some(bill)
}

/// Lines, taxes and total.
pub(crate) fn adds_up(bill: &Bill, terms: &Terms) {
    let sum: i64 = bill.lines.iter().map(|line| line.amount.minor()).sum();
    assert_eq!(sum, bill.total.minor(), "lines and total of {bill:?}");
    assert!(sum >= 0, "a session that earns the driver {sum}: {bill:?}");
    // A bound that is lower after tax than before it is met by the tax; the lint warns of it.
    if terms.tariff.min_price.is_none() && terms.tariff.max_price.is_none() {
        assert!((0..=sum).contains(&bill.tax().minor()), "tax and total of {bill:?}");
    }
    for line in &bill.lines {
        let reduces = matches!(line.kind, LineKind::MaxPrice | LineKind::Tax);
        assert!(reduces || line.amount.minor() >= 0, "a line that reduces the price: {line:?}");
        assert!(line.quantity >= Decimal::ZERO, "{line:?}");
    }
    for span in &bill.idle {
        assert!(span.from <= span.to, "{span:?}");
    }
    assert!(bill.idle.is_sorted_by(|one, next| one.to <= next.from), "idle spans overlap: {:?}", bill.idle);
    crate::comes_back(bill);
    let said = explain(Language::De, bill, terms);
    assert_eq!(said.lines.len(), bill.lines.len());
}
