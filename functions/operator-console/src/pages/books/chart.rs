//! Two charts, drawn as SVG: a column a day, and the hours of a week. Both say in words what they show.

use jiff::civil::Date;
use maud::{Markup, html};
use plugtill_domain::money::Currency;

use super::amount;
use crate::words;

const HEIGHT: i64 = 120;
const COLUMN: i64 = 12;
const CELL: u8 = 20;
/// What the hours' shades are told apart by: classes `h0` to `h5`.
const SHADES: i64 = 5;

/// A column a day, from the first day to the last.
pub(super) fn columns(days: &[(Date, i64)], (from, to): (Date, Date), currency: Currency) -> Markup {
    let most = days.iter().map(|(_, minor)| *minor).max().unwrap_or_default().max(1);
    let since = |day: Date| i64::from((day - from).get_days());
    let width = (since(to) + 1) * COLUMN;
    html! {
        svg.chart role="img" aria-label=(words::BY_DAY) viewBox=(format!("0 0 {width} {HEIGHT}")) preserveAspectRatio="none" {
            @for (day, minor) in days {
                @let tall = share(*minor, most, HEIGHT);
                rect.column x=(since(*day) * COLUMN + 1) y=(HEIGHT - tall) width=(COLUMN - 2) height=(tall) {
                    title { (day) ": " (amount(*minor, currency)) }
                }
            }
        }
        p.ends.dim { @for day in [from, to] { span { (words::day(day)) } } }
    }
}

/// The hours of a week: a row a weekday, a cell an hour.
pub(super) fn week(hours: &std::collections::BTreeMap<u8, i64>, currency: Currency) -> Markup {
    let most = hours.values().copied().max().unwrap_or_default().max(1);
    let (width, height) = (24 * u16::from(CELL) + 40, 7 * u16::from(CELL) + 18);
    html! {
        svg.week role="img" aria-label=(words::BY_HOUR) viewBox=(format!("0 0 {width} {height}")) {
            @for (weekday, name) in (0_u8..).zip(words::WEEKDAYS) {
                text x="0" y=(u16::from(weekday * CELL) + 14) { (name) }
                rect.h0 x="40" y=(weekday * CELL) width=(24 * u16::from(CELL) - 2) height=(CELL - 2) {}
                @for (hour, minor) in hours.range(weekday * 24..(weekday + 1) * 24) {
                    rect class=(format!("h{}", shade(*minor, most))) x=(u16::from(hour % 24) * u16::from(CELL) + 40)
                        y=(weekday * CELL) width=(CELL - 2) height=(CELL - 2) {
                        title { (name) " " (hour % 24) ":00: " (amount(*minor, currency)) }
                    }
                }
            }
            @for hour in (0_u16..24).step_by(6) {
                text x=(hour * u16::from(CELL) + 40) y=(height - 4) { (hour) ":00" }
            }
        }
    }
}

fn shade(minor: i64, most: i64) -> i64 {
    if minor <= 0 { 0 } else { share(minor, most, SHADES - 1) + 1 }
}

/// How much of `whole` a part of `most` is, at least nothing.
fn share(part: i64, most: i64, whole: i64) -> i64 {
    let scaled = i128::from(part.clamp(0, most)) * i128::from(whole) / i128::from(most);
    i64::try_from(scaled).unwrap_or(whole)
}
