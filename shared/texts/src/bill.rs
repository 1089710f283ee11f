//! Why each line of a bill is what it is: one structure, rendered as text, JSON (by its own fields) and HTML.

use std::fmt;

use jiff::Timestamp;
use maud::{Markup, html};
use plugtill_domain::language::Language;
use plugtill_domain::money::Money;
use plugtill_domain::pricing::{Bill, Line, LineKind, Unit};
use plugtill_domain::site::Terms;
use plugtill_domain::tariff::{Day, PriceLimit, Restrictions, Tariff};
use plugtill_domain::timeline::IdleEvidence;
use plugtill_domain::units::WattHours;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::catalogue::{Args, text};
use crate::figures::{amount, number};

/// A bill with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Line by line, in the order of the bill.
    pub lines: Vec<Explained>,
    /// What holds for the whole bill.
    pub notes: Vec<String>,
    /// The sum of the lines.
    pub total: String,
    /// What the sum is called.
    #[serde(skip)]
    total_title: String,
}

/// A line with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// What it is for.
    pub kind: LineKind,
    /// In words.
    pub title: String,
    /// How the amount comes about.
    pub arithmetic: String,
    /// Which rule of the operator's it follows, and what the evidence was.
    pub because: Vec<String>,
    /// As it is printed.
    pub amount: String,
}

/// Explains a bill by the terms it was priced under.
#[must_use]
pub fn explain(language: Language, bill: &Bill, terms: &Terms) -> Explanation {
    let teller = Teller { language, bill, terms };
    Explanation {
        lines: bill.lines.iter().map(|line| teller.explained(line)).collect(),
        notes: teller.notes(),
        total: teller.amount(bill.total),
        total_title: teller.say("bill-total", &[]),
    }
}

/// Tells one bill in one language.
struct Teller<'a> {
    language: Language,
    bill: &'a Bill,
    terms: &'a Terms,
}

impl Teller<'_> {
    fn say(&self, name: &str, args: &Args<'_>) -> String {
        text(self.language, name, args)
    }

    fn amount(&self, money: Money) -> String {
        amount(self.language, money)
    }

    fn number(&self, value: &impl ToString) -> String {
        number(self.language, value)
    }

    fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.terms.zone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for part in &self.bill.included_taxes {
            let (base, amount) = (self.amount(part.base), self.amount(part.amount));
            let (percent, name) = (self.number(&part.tax.percent), part.tax.name.as_str());
            let args =
                [("base", base.into()), ("percent", percent.into()), ("name", name.into()), ("amount", amount.into())];
            notes.push(self.say("bill-included", &args));
        }
        for span in &self.bill.idle {
            let evidence = self.say(evidence(span.by), &[]);
            let (from, to) = (self.local(span.from), self.local(span.to));
            let args = [("from", from.into()), ("to", to.into()), ("evidence", evidence.into())];
            notes.push(self.say("bill-idle-span", &args));
        }
        notes.extend(self.terms.uncertified_clocks.then(|| self.say("bill-clock", &[])));
        notes
    }

    fn explained(&self, line: &Line) -> Explained {
        let mut because = Vec::new();
        if let Some(index) = line.element {
            because.push(self.element(index, &self.terms.tariff));
        }
        if let Some(measured) = line.measured {
            let args = [("quantity", self.number(&measured).into()), ("unit", self.unit(line.unit).into())];
            because.push(self.say("bill-measured", &args));
        }
        because.extend(line.estimated.then(|| self.say("bill-estimated", &[])));
        because.extend(self.particulars(line));
        Explained {
            kind: line.kind,
            title: self.title(line),
            arithmetic: self.arithmetic(line),
            because,
            amount: self.amount(line.amount),
        }
    }

    fn unit(&self, unit: Unit) -> String {
        let name = match unit {
            Unit::KilowattHour => "unit-kwh",
            Unit::Hour => "unit-hour",
            Unit::Minute => "unit-minute",
            Unit::Session => "unit-session",
        };
        self.say(name, &[])
    }

    fn title(&self, line: &Line) -> String {
        let name = match line.kind {
            LineKind::Energy => "bill-energy",
            LineKind::Time => "bill-time",
            LineKind::Parking => "bill-parking",
            LineKind::Flat => "bill-flat",
            LineKind::Reservation => "bill-reservation",
            LineKind::MinPrice => "bill-min-price",
            LineKind::MaxPrice => "bill-max-price",
            LineKind::Idle => "bill-idle",
            LineKind::NoCharge => "bill-no-charge",
            LineKind::Tax => "bill-tax-bound",
        };
        line.tax.clone().filter(|_| line.kind == LineKind::Tax).unwrap_or_else(|| self.say(name, &[]))
    }

    fn arithmetic(&self, line: &Line) -> String {
        let amount = self.amount(line.amount);
        let price = self.number(&line.price);
        let currency = line.amount.currency().to_string();
        match line.kind {
            LineKind::Energy | LineKind::Time | LineKind::Parking | LineKind::Reservation | LineKind::Idle => {
                let name = if line.capped { "bill-product-capped" } else { "bill-product" };
                let args = [
                    ("quantity", self.number(&shown(line.quantity)).into()),
                    ("unit", self.unit(line.unit).into()),
                    ("price", price.into()),
                    ("currency", currency.into()),
                    ("exact", self.number(&exact(line.quantity, line.price)).into()),
                    ("amount", amount.into()),
                ];
                self.say(name, &args)
            }
            LineKind::Flat => self
                .say("bill-once", &[("price", price.into()), ("currency", currency.into()), ("amount", amount.into())]),
            LineKind::Tax if line.tax.is_some() => {
                self.say("bill-percent", &[("percent", price.into()), ("amount", amount.into())])
            }
            LineKind::MinPrice | LineKind::MaxPrice | LineKind::NoCharge | LineKind::Tax => amount,
        }
    }

    fn particulars(&self, line: &Line) -> Vec<String> {
        let tariff = &self.terms.tariff;
        match line.kind {
            LineKind::Idle => self.idle(line),
            LineKind::Tax => tariff.states_tax().then(|| self.say("bill-tariff-rate", &[])).into_iter().collect(),
            LineKind::MinPrice => vec![self.bound("bill-at-least", tariff.min_price)],
            LineKind::MaxPrice => vec![self.bound("bill-at-most", tariff.max_price)],
            LineKind::NoCharge => self.too_small().into_iter().collect(),
            LineKind::Energy | LineKind::Time | LineKind::Parking | LineKind::Flat | LineKind::Reservation => {
                Vec::new()
            }
        }
    }

    fn too_small(&self) -> Option<String> {
        let least = self.terms.no_charge_below?;
        let (kwh, drawn) = (self.number(&least.kwh), self.number(&self.bill.energy.to_kwh()));
        let args = [("seconds", self.number(&least.seconds).into()), ("kwh", kwh.into()), ("drawn", drawn.into())];
        Some(self.say("bill-too-small", &args))
    }

    fn bound(&self, name: &str, limit: Option<PriceLimit>) -> String {
        let tariff = &self.terms.tariff;
        let amount = limit.and_then(|limit| Money::round(tariff.stated(limit), tariff.currency).ok());
        self.say(name, &[("amount", amount.map_or_else(String::new, |amount| self.amount(amount)).into())])
    }

    fn idle(&self, line: &Line) -> Vec<String> {
        let Some(policy) = &self.terms.idle else { return Vec::new() };
        let mut because = vec![policy.after_connected_minutes.map_or_else(
            || {
                let seconds = self.number(&self.bill.total_idle_seconds);
                self.say("bill-idle-grace", &[("seconds", seconds.into()), ("minutes", policy.grace_minutes.into())])
            },
            |minutes| self.say("bill-idle-connected", &[("minutes", minutes.into())]),
        )];
        for quiet in &policy.quiet_hours {
            let (from, until) = (quiet.from.strftime("%H:%M").to_string(), quiet.until.strftime("%H:%M").to_string());
            let zone = self.terms.time_zone.clone();
            because
                .push(self.say("bill-quiet", &[("from", from.into()), ("until", until.into()), ("zone", zone.into())]));
        }
        if let Some(percent) = line.from_percent {
            because.push(self.say("bill-occupied", &[("percent", percent.into())]));
        }
        if let Some(cap) = policy.cap.filter(|_| line.capped) {
            let cap = format!("{} {}", self.number(&cap), self.terms.tariff.currency);
            because.push(self.say("bill-cap", &[("amount", cap.into())]));
        }
        because
    }

    fn element(&self, index: usize, tariff: &Tariff) -> String {
        let restrictions = tariff.elements.get(index).map(|element| &element.restrictions);
        let conditions = restrictions.map(|it| conditions(self.language, it)).unwrap_or_default();
        let when = if conditions.is_empty() { self.say("bill-always", &[]) } else { conditions.join(", ") };
        let number = self.number(&(index + 1));
        if tariff.id.is_empty() {
            return self.say("bill-element-unnamed", &[("number", number.into()), ("when", when.into())]);
        }
        let name = format!("`{}`", tariff.id);
        self.say("bill-element", &[("name", name.into()), ("number", number.into()), ("when", when.into())])
    }
}

fn exact(quantity: Decimal, price: Decimal) -> Decimal {
    quantity.checked_mul(price).unwrap_or_default().round_dp(6).normalize()
}

/// Quantities of minutes and hours may have no end: six decimals tell a thousandth of a second.
fn shown(quantity: Decimal) -> Decimal {
    quantity.round_dp(6).normalize()
}

const fn evidence(by: IdleEvidence) -> &'static str {
    match by {
        IdleEvidence::Status => "evidence-status",
        IdleEvidence::TransactionStopped => "evidence-stopped",
        IdleEvidence::FlatRegister => "evidence-flat",
    }
}

/// When a price holds, in words; empty for always.
#[must_use]
pub fn conditions(language: Language, restrictions: &Restrictions) -> Vec<String> {
    let Restrictions { start_time, end_time, start_date, end_date, days, .. } = restrictions;
    let mut all = Vec::new();
    let mut say = |name: &str, value: Option<String>| {
        all.extend(value.map(|value| text(language, name, &[("value", value.into())])));
    };
    say("when-from", start_time.map(|time| time.strftime("%H:%M").to_string()));
    say("when-until", end_time.map(|time| time.strftime("%H:%M").to_string()));
    say("when-since", start_date.map(|date| date.to_string()));
    say("when-before", end_date.map(|date| date.to_string()));
    let names: Vec<String> = days.iter().map(|day| text(language, name_of(*day), &[])).collect();
    say("when-on", (!names.is_empty()).then(|| names.join(", ")));
    let energy = |energy: WattHours| format!("{} kWh", number(language, &energy.to_kwh().normalize()));
    say("when-least", restrictions.min_energy.map(energy));
    say("when-below", restrictions.max_energy.map(energy));
    let kilo = |thousandths: u32| number(language, &Decimal::new(i64::from(thousandths), 3).normalize());
    say("when-least", restrictions.min_power.map(|power| format!("{} kW", kilo(power.0))));
    say("when-below", restrictions.max_power.map(|power| format!("{} kW", kilo(power.0))));
    say("when-least", restrictions.min_current.map(|current| format!("{} A", kilo(current.0))));
    say("when-below", restrictions.max_current.map(|current| format!("{} A", kilo(current.0))));
    say("when-after", restrictions.min_duration_seconds.map(|seconds| format!("{seconds} s")));
    say("when-first", restrictions.max_duration_seconds.map(|seconds| format!("{seconds} s")));
    all
}

const fn name_of(day: Day) -> &'static str {
    match day {
        Day::Monday => "day-monday",
        Day::Tuesday => "day-tuesday",
        Day::Wednesday => "day-wednesday",
        Day::Thursday => "day-thursday",
        Day::Friday => "day-friday",
        Day::Saturday => "day-saturday",
        Day::Sunday => "day-sunday",
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{:<44}{:>16}", line.title, line.amount)?;
            writeln!(f, "    {}", line.arithmetic)?;
            for reason in &line.because {
                writeln!(f, "    {reason}")?;
            }
        }
        writeln!(f, "{:<44}{:>16}", self.total_title, self.total)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

impl Explanation {
    /// A table that any page can carry; every text is escaped.
    #[must_use]
    pub fn to_html(&self) -> Markup {
        html! {
            table.bill {
                @for line in &self.lines {
                    tr {
                        th scope="row" {
                            (line.title)
                            small { (line.arithmetic) @for reason in &line.because { br; (coded(reason)) } }
                        }
                        td { (line.amount) }
                    }
                }
                tr { th scope="row" { (self.total_title) } td { (self.total) } }
            }
            @for note in &self.notes { p { (coded(note)) } }
        }
    }
}

/// Names, which stand between backquotes, as HTML has them.
fn coded(words: &str) -> Markup {
    html! { @for (index, part) in words.split('`').enumerate() { @if index % 2 == 1 { code { (part) } } @else { (part) } } }
}
