//! Why each line of a bill is what it is: one structure, rendered as text, JSON (by its own fields) and HTML.

use std::fmt::{self, Write};

use rust_decimal::Decimal;
use serde::Serialize;

use crate::money::Money;
use crate::pricing::{Bill, Line, LineKind, Unit};
use crate::site::Terms;
use crate::tariff::{PriceLimit, Restrictions, Tariff};

/// A bill with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Line by line, in the order of the bill.
    pub lines: Vec<Explained>,
    /// What holds for the whole bill.
    pub notes: Vec<String>,
    /// The sum of the lines.
    pub total: String,
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
pub fn explain(bill: &Bill, terms: &Terms) -> Explanation {
    let lines = bill.lines.iter().map(|line| explained(line, bill, terms)).collect();
    let mut notes: Vec<String> = Vec::new();
    for part in &bill.included_taxes {
        notes.push(format!("of {}, {} % {} are {}", part.base, part.tax.percent, part.tax.name, part.amount));
    }
    for span in &bill.idle {
        let (from, to) = (local(span.from, terms), local(span.to, terms));
        notes.push(format!("plugged in without charging from {from} to {to}, by {}", span.by));
    }
    if terms.uncertified_clocks {
        notes.push("time and idle time are not billed: the charger's clock is not certified for it".to_owned());
    }
    Explanation { lines, notes, total: bill.total.to_string() }
}

fn local(at: jiff::Timestamp, terms: &Terms) -> String {
    at.to_zoned(terms.zone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

fn explained(line: &Line, bill: &Bill, terms: &Terms) -> Explained {
    let mut because = Vec::new();
    if let Some(index) = line.element {
        because.push(element(index, &terms.tariff));
    }
    if let Some(measured) = line.measured {
        because.push(format!("measured {measured} {}, billed in whole steps", unit(line.unit)));
    }
    if line.estimated {
        because
            .push("the price changed between two readings: the energy on either side is estimated by time".to_owned());
    }
    because.extend(particulars(line, bill, terms));
    Explained {
        kind: line.kind,
        title: title(line),
        arithmetic: arithmetic(line),
        because,
        amount: line.amount.to_string(),
    }
}

fn title(line: &Line) -> String {
    match line.kind {
        LineKind::Energy => "Energy".to_owned(),
        LineKind::Time => "Charging time".to_owned(),
        LineKind::Parking => "Time plugged in without charging".to_owned(),
        LineKind::Flat => "Fee for the session".to_owned(),
        LineKind::Reservation => "Reservation".to_owned(),
        LineKind::MinPrice => "Up to the least price of a session".to_owned(),
        LineKind::MaxPrice => "Down to the highest price of a session".to_owned(),
        LineKind::Idle => "Idle fee".to_owned(),
        LineKind::NoCharge => "Not charged: too short or too little energy".to_owned(),
        LineKind::Tax => line.tax.clone().unwrap_or_else(|| "Tax, to keep the bound after tax".to_owned()),
    }
}

fn arithmetic(line: &Line) -> String {
    let Line { quantity, price, amount, .. } = line;
    match line.kind {
        LineKind::Energy | LineKind::Time | LineKind::Parking | LineKind::Reservation | LineKind::Idle => {
            let unit = unit(line.unit);
            let exact = exact(*quantity, *price);
            let rounded = if line.capped { "capped" } else { "rounded" };
            format!(
                "{} {unit} x {price} {}/{unit} = {exact}, {rounded} to {amount}",
                shown(*quantity),
                amount.currency()
            )
        }
        LineKind::Flat => format!("1 x {price} {}, rounded to {amount}", amount.currency()),
        LineKind::Tax if line.tax.is_some() => format!("{price} %, rounded to {amount}"),
        LineKind::MinPrice | LineKind::MaxPrice | LineKind::NoCharge | LineKind::Tax => amount.to_string(),
    }
}

fn exact(quantity: Decimal, price: Decimal) -> Decimal {
    quantity.checked_mul(price).unwrap_or_default().round_dp(6).normalize()
}

/// Quantities of minutes and hours may have no end: six decimals tell a thousandth of a second.
fn shown(quantity: Decimal) -> Decimal {
    quantity.round_dp(6).normalize()
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::KilowattHour => "kWh",
        Unit::Hour => "h",
        Unit::Minute => "min",
        Unit::Session => "session",
    }
}

fn particulars(line: &Line, bill: &Bill, terms: &Terms) -> Vec<String> {
    let mut because = Vec::new();
    match line.kind {
        LineKind::Idle => because.extend(idle(line, bill, terms)),
        LineKind::Tax => because.extend(terms.tariff.states_tax().then(|| "the tariff states the rate".to_owned())),
        LineKind::MinPrice => {
            because.push(bound("at least", terms.tariff.min_price, terms));
        }
        LineKind::MaxPrice => {
            because.push(bound("at most", terms.tariff.max_price, terms));
        }
        LineKind::NoCharge => because.extend(terms.no_charge_below.map(|least| {
            format!(
                "no charge below {} s or {} kWh; this session drew {} kWh",
                least.seconds,
                least.kwh,
                bill.energy.to_kwh()
            )
        })),
        LineKind::Energy | LineKind::Time | LineKind::Parking | LineKind::Flat | LineKind::Reservation => {}
    }
    because
}

fn bound(word: &str, limit: Option<PriceLimit>, terms: &Terms) -> String {
    let amount = limit.and_then(|limit| Money::round(terms.tariff.stated(limit), terms.tariff.currency).ok());
    format!("a session under this tariff costs {word} {}", amount.map_or_else(String::new, |amount| amount.to_string()))
}

fn idle(line: &Line, bill: &Bill, terms: &Terms) -> Vec<String> {
    let Some(policy) = &terms.idle else { return Vec::new() };
    let mut because = vec![match policy.after_connected_minutes {
        Some(minutes) => format!("from {minutes} min after plugging in"),
        None => format!(
            "{} s measured, {} min free after each end of charging",
            bill.total_idle_seconds, policy.grace_minutes
        ),
    }];
    for quiet in &policy.quiet_hours {
        let (from, until) = (quiet.from.strftime("%H:%M"), quiet.until.strftime("%H:%M"));
        because.push(format!("free from {from} to {until}, {}", terms.time_zone));
    }
    if let Some(percent) = line.from_percent {
        because.push(format!("while at least {percent} % of the site's connectors were in use"));
    }
    if let Some(cap) = policy.cap.filter(|_| line.capped) {
        because.push(format!("never more than {cap} {} a session", terms.tariff.currency));
    }
    because
}

fn element(index: usize, tariff: &Tariff) -> String {
    let conditions = tariff.elements.get(index).map(|element| conditions(&element.restrictions)).unwrap_or_default();
    let when = if conditions.is_empty() { "always".to_owned() } else { conditions.join(", ") };
    let name = if tariff.id.is_empty() { String::new() } else { format!(" `{}`", tariff.id) };
    format!("tariff{name}, element {}: {when}", index + 1)
}

/// Restrictions in words, empty when there are none.
#[must_use]
pub fn conditions(restrictions: &Restrictions) -> Vec<String> {
    let Restrictions { start_time, end_time, start_date, end_date, days, .. } = restrictions;
    let mut all = Vec::new();
    let mut say = |word: &str, value: Option<String>| all.extend(value.map(|value| format!("{word} {value}")));
    say("from", start_time.map(|time| time.strftime("%H:%M").to_string()));
    say("until", end_time.map(|time| time.strftime("%H:%M").to_string()));
    say("from", start_date.map(|date| date.to_string()));
    say("before", end_date.map(|date| date.to_string()));
    let names: Vec<String> = days.iter().map(|day| format!("{day:?}")).collect();
    say("on", (!names.is_empty()).then(|| names.join(", ")));
    say("from", restrictions.min_energy.map(|energy| format!("{} kWh on", energy.to_kwh().normalize())));
    say("below", restrictions.max_energy.map(|energy| format!("{} kWh", energy.to_kwh().normalize())));
    let kilo = |thousandths: u32| Decimal::new(i64::from(thousandths), 3).normalize();
    say("from", restrictions.min_power.map(|power| format!("{} kW on", kilo(power.0))));
    say("below", restrictions.max_power.map(|power| format!("{} kW", kilo(power.0))));
    say("from", restrictions.min_current.map(|current| format!("{} A on", kilo(current.0))));
    say("below", restrictions.max_current.map(|current| format!("{} A", kilo(current.0))));
    say("after", restrictions.min_duration_seconds.map(|seconds| format!("{seconds} s")));
    say("in the first", restrictions.max_duration_seconds.map(|seconds| format!("{seconds} s")));
    all
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
        writeln!(f, "{:<44}{:>16}", "Total", self.total)?;
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))
    }
}

impl Explanation {
    /// A table that any page can carry; every text is escaped.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = String::from("<table class=\"bill\">\n");
        for line in &self.lines {
            let (title, amount) = (escaped(&line.title), escaped(&line.amount));
            let reasons: Vec<String> = line.because.iter().map(|reason| coded(&escaped(reason))).collect();
            let why = format!("{}<br>{}", escaped(&line.arithmetic), reasons.join("<br>"));
            let _ = writeln!(html, "<tr><th scope=\"row\">{title}<small>{why}</small></th><td>{amount}</td></tr>");
        }
        let _ = writeln!(html, "<tr><th scope=\"row\">Total</th><td>{}</td></tr>\n</table>", escaped(&self.total));
        for note in &self.notes {
            let _ = writeln!(html, "<p>{}</p>", escaped(note));
        }
        html
    }
}

/// Names, which stand between backquotes, as HTML has them.
fn coded(html: &str) -> String {
    let part =
        |(index, part): (usize, &str)| if index % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() };
    html.split('`').enumerate().map(part).collect()
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            other => safe.push(other),
        }
    }
    safe
}
