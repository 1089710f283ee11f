//! The restrictions under which an element applies; all of them have to match.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::fields::Fields;
use super::finding::{FindingKind, Severity};
use super::json::{Node, Value};
use super::moment;
use super::report::Report;
use super::values::{self, Read};

const FIELDS: &[&str] = &[
    "start_time",
    "end_time",
    "start_date",
    "end_date",
    "min_kwh",
    "max_kwh",
    "min_current",
    "max_current",
    "min_power",
    "max_power",
    "min_duration",
    "max_duration",
    "day_of_week",
    "reservation",
];

/// Quantities with a lower bound, which still matches, and an upper one, which does not.
const QUANTITIES: [(&str, &str); 4] = [
    ("min_kwh", "max_kwh"),
    ("min_current", "max_current"),
    ("min_power", "max_power"),
    ("min_duration", "max_duration"),
];

/// The days of the week as bits, Monday first.
pub(super) const DAYS: &[(&str, u8)] = &[
    ("MONDAY", 1),
    ("TUESDAY", 1 << 1),
    ("WEDNESDAY", 1 << 2),
    ("THURSDAY", 1 << 3),
    ("FRIDAY", 1 << 4),
    ("SATURDAY", 1 << 5),
    ("SUNDAY", 1 << 6),
];

/// The whole week.
pub(super) const EVERY_DAY: u8 = 0b111_1111;

/// What part of a reservation an element prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reservation {
    Kept,
    Expired,
}

const RESERVATIONS: &[(&str, Reservation)] =
    &[("RESERVATION", Reservation::Kept), ("RESERVATION_EXPIRES", Reservation::Expired)];

/// What could be understood of the restrictions; without any, an element always applies.
#[derive(Default)]
pub(super) struct Restrictions<'a> {
    pub(super) start_time: Option<Read<'a, u16>>,
    pub(super) end_time: Option<Read<'a, u16>>,
    pub(super) start_date: Option<Read<'a, Date>>,
    pub(super) end_date: Option<Read<'a, Date>>,
    /// Energy, current, power, duration.
    pub(super) bounds: [Bounds<'a>; 4],
    /// Days as bits; none when the field is absent or empty.
    pub(super) days: Option<Read<'a, u8>>,
    pub(super) reservation: Option<Reservation>,
    /// Whether every field could be read: only then is it known when the element applies.
    pub(super) understood: bool,
}

/// The bounds of one quantity.
#[derive(Default)]
pub(super) struct Bounds<'a> {
    pub(super) min: Option<Read<'a, Decimal>>,
    pub(super) max: Option<Read<'a, Decimal>>,
}

/// Reads `restrictions`, as far as it can be.
pub(super) fn read<'a>(node: &'a Node<'a>, report: &mut Report) -> Restrictions<'a> {
    let Some(fields) = Fields::of(node, FIELDS, Severity::Error, report) else { return Restrictions::default() };
    if fields.is_empty() {
        let message = "`restrictions` is empty and restricts nothing; remove it".to_owned();
        report.warning(node, FindingKind::EmptyRestrictions, message);
    }
    let mut reader = Reader { fields: &fields, understood: fields.all_known, report };
    let mut restrictions = Restrictions {
        start_time: reader.take("start_time", moment::time),
        end_time: reader.take("end_time", moment::time),
        start_date: reader.take("start_date", moment::date),
        end_date: reader.take("end_date", moment::date),
        bounds: QUANTITIES
            .map(|(min, max)| Bounds { min: reader.take(min, quantity), max: reader.take(max, quantity) }),
        days: reader.take("day_of_week", days),
        reservation: reader.take("reservation", reservation).map(|read| read.value),
        understood: false,
    };
    restrictions.days = restrictions.days.filter(|days| days.value != 0);
    restrictions.understood = reader.understood;
    restrictions
}

/// Reads field by field, and remembers whether one could not be.
struct Reader<'r, 'a> {
    fields: &'r Fields<'a>,
    understood: bool,
    report: &'r mut Report,
}

impl<'a> Reader<'_, 'a> {
    fn take<T>(&mut self, name: &str, read: fn(&Node<'_>, &mut Report) -> Option<T>) -> Option<Read<'a, T>> {
        let node = self.fields.get(name)?;
        let value = read(node, self.report);
        self.understood &= value.is_some();
        value.map(|value| Read::new(node, value))
    }
}

/// A duration is a whole number of seconds; the others are plain numbers.
fn quantity(node: &Node<'_>, report: &mut Report) -> Option<Decimal> {
    if node.name().ends_with("_duration") {
        return values::whole(node, FindingKind::InvalidDuration, "seconds", report);
    }
    values::number(node, report)
}

fn reservation(node: &Node<'_>, report: &mut Report) -> Option<Reservation> {
    values::choice(node, RESERVATIONS, report)
}

/// The days as bits; zero when none are named, which restricts nothing.
fn days(node: &Node<'_>, report: &mut Report) -> Option<u8> {
    let entries = values::list(node, report)?;
    if matches!(&node.value, Value::List(all) if all.is_empty()) {
        let message = "`day_of_week` is empty, which reads as every day; name days or remove it".to_owned();
        report.warning(node, FindingKind::EmptyList, message);
    }
    let mut days = 0;
    let mut readable = true;
    for entry in entries {
        let Some(day) = values::choice(entry, DAYS, report) else {
            readable = false;
            continue;
        };
        if days & day != 0 {
            let message = format!("`{}` repeats a day; remove it", entry.name());
            report.warning(entry, FindingKind::DuplicateDay, message);
        }
        days |= day;
    }
    readable.then_some(days)
}
