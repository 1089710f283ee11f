//! Times of day, dates and instants.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::finding::{FindingKind, Severity};
use super::json::Node;
use super::report::Report;
use super::values;

/// A time of day, as minutes after midnight.
pub(super) fn time(node: &Node<'_>, report: &mut Report) -> Option<u16> {
    let written = values::text(node, report)?;
    let read = written.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (digits(hour, 1..=2)?, digits(minute, 2..=2)?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    });
    match read {
        Some(_) if written.len() == 5 => {}
        Some(_) => not_padded(node, written, &format!("0{written}"), report),
        None => {
            let remedy = if written.starts_with("24") { "00:00, which ends the day" } else { "HH:MM, such as 07:30" };
            let message = format!("`{}` is {written:?}, which is no time of day; write {remedy}", node.name());
            report.error(node, FindingKind::InvalidTime, message);
        }
    }
    read
}

/// A date.
pub(super) fn date(node: &Node<'_>, report: &mut Report) -> Option<Date> {
    let written = values::text(node, report)?;
    let read = civil_date(written);
    match read {
        Some(date) if date.to_string() == written => {}
        Some(date) => not_padded(node, written, &date.to_string(), report),
        None => {
            let message =
                format!("`{}` is {written:?}, which is no date; write YYYY-MM-DD, such as 2026-03-01", node.name());
            report.error(node, FindingKind::InvalidDate, message);
        }
    }
    read
}

/// An instant; without an offset it is UTC (OCPI 2.2.1, types, `DateTime`).
pub(super) fn instant(node: &Node<'_>, severity: Severity, report: &mut Report) -> Option<Timestamp> {
    let written = values::text(node, report)?;
    let read = written.parse::<Timestamp>().ok().or_else(|| utc(written));
    if read.is_none() {
        let message =
            format!("`{}` is {written:?}, which is no instant; write it like 2026-03-01T07:30:00Z", node.name());
        report.tell(severity, node, FindingKind::InvalidDateTime, message);
    }
    read
}

fn utc(written: &str) -> Option<Timestamp> {
    let civil = written.parse::<DateTime>().ok().filter(|_| written.contains('T'))?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

fn civil_date(written: &str) -> Option<Date> {
    let mut parts = written.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let part = |text| digits(text, 1..=2).and_then(|number| i8::try_from(number).ok());
    let year = i16::try_from(digits(year, 4..=4)?).ok()?;
    Date::new(year, part(month)?, part(day)?).ok().filter(|_| parts.next().is_none())
}

/// Digits only: no sign, no spaces.
fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<u16> {
    let plain = length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn not_padded(node: &Node<'_>, written: &str, padded: &str, report: &mut Report) {
    let message = format!("`{}` is {written:?}, which some readers refuse; write {padded:?}", node.name());
    report.warning(node, FindingKind::NotPadded, message);
}
