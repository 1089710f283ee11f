//! What a bill comes to by what it is for, before tax and with it.

use std::collections::BTreeMap;

use plugtill_domain::credit::Credit;
use plugtill_domain::money::{Currency, Money};
use plugtill_domain::pricing::{Bill, LineKind};

use super::{Number, Price};

/// Minor units by kind of line. The least and the highest price of a tariff, and a tax that keeps them, are of no kind
/// that OCPI names: they are part of the total only.
pub(super) struct Costs {
    currency: Currency,
    by_kind: BTreeMap<LineKind, Cost>,
}

/// An amount before tax, and the tax on it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    net: i64,
    tax: i64,
}

/// A cost with its currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Amount(Cost, Currency);

impl Amount {
    pub(super) const fn is_zero(self) -> bool {
        self.0.net == 0 && self.0.tax == 0
    }
}

impl From<Amount> for Price {
    fn from(Amount(cost, currency): Amount) -> Self {
        let major = |minor| Number(Money::new(minor, currency).to_decimal());
        Self { excl_vat: major(cost.net), incl_vat: major(cost.net + cost.tax) }
    }
}

impl Costs {
    pub(super) fn of(bill: &Bill) -> Self {
        let mut by_kind: BTreeMap<LineKind, Cost> = BTreeMap::new();
        for line in bill.lines.iter().filter(|line| line.kind != LineKind::Tax) {
            let (included, added) = (line.included_tax.map_or(0, Money::minor), line.added_tax.map_or(0, Money::minor));
            let cost = by_kind.entry(line.kind).or_default();
            cost.net += line.amount.minor() - included;
            cost.tax += included + added;
        }
        let on_lines: i64 = by_kind.values().map(|cost| cost.tax).sum();
        by_kind.entry(LineKind::Tax).or_default().tax = bill.tax().minor() - on_lines;
        Self { currency: bill.total.currency(), by_kind }
    }

    /// Takes a credit note off; its tax is shared out by what was credited.
    pub(super) fn give_back(&mut self, credit: &Credit) {
        let tax: i64 = credit.lines.iter().filter(|line| line.kind == LineKind::Tax).map(|l| l.amount.minor()).sum();
        let net = credit.total.minor() - tax;
        let (mut gone, mut given) = (0, 0);
        for line in credit.lines.iter().filter(|line| line.kind != LineKind::Tax) {
            gone += line.amount.minor();
            let upto = if net == 0 { 0 } else { i128::from(tax) * i128::from(gone) / i128::from(net) };
            let upto = i64::try_from(upto).unwrap_or(tax);
            let cost = self.by_kind.entry(line.kind).or_default();
            cost.net -= line.amount.minor();
            cost.tax -= upto - given;
            given = upto;
        }
        self.by_kind.entry(LineKind::Tax).or_default().tax -= tax - given;
    }

    /// What these kinds come to together; `None` where the bill has none of them.
    pub(super) fn of_kinds(&self, kinds: &[LineKind]) -> Option<Amount> {
        let mut found = kinds.iter().filter_map(|kind| self.by_kind.get(kind)).copied().peekable();
        found.peek()?;
        Some(Amount(sum(found), self.currency))
    }

    pub(super) fn total(&self) -> Amount {
        Amount(sum(self.by_kind.values().copied()), self.currency)
    }
}

fn sum(costs: impl Iterator<Item = Cost>) -> Cost {
    costs.fold(Cost::default(), |sum, cost| Cost { net: sum.net + cost.net, tax: sum.tax + cost.tax })
}
