//! The price table for a terminal.

use std::fmt::Write as _;

use jiff::civil::Time;

use super::condition::day_list;
use super::{Band, Price, PriceTable, TaxDisplay};

const HEADINGS: [&str; 5] = ["", "", "per kWh", "per minute", "per session"];

/// The table as text, a line a row; a cell with several prices takes several lines.
#[must_use]
pub fn render_text(table: &PriceTable) -> String {
    let tax = match table.tax {
        TaxDisplay::Included => "tax included",
        TaxDisplay::Added => "tax is added",
        TaxDisplay::AsAtTheSite => "tax as at the site",
    };
    let mut rows: Vec<[String; 5]> = vec![HEADINGS.map(str::to_owned)];
    for group in &table.days {
        for (index, band) in group.bands.iter().enumerate() {
            let days = if index == 0 { day_list(&group.days) } else { String::new() };
            rows.extend(band_rows(&days, band));
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = format!("Prices in {}, {tax}\n", table.currency);
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for note in &table.notes {
        let _ = writeln!(text, "{note}");
    }
    text
}

fn band_rows(days: &str, band: &Band) -> Vec<[String; 5]> {
    let mut minutes = cell(&band.per_minute_charging, "charging ");
    minutes.extend(cell(&band.per_minute_parked, "parked "));
    let columns = [cell(&band.per_kwh, ""), minutes, cell(&band.per_session, "")];
    let height = columns.iter().map(Vec::len).max().unwrap_or_default().max(1);
    let row = |index: usize| {
        let cell = |column: &Vec<String>| match (column.get(index), index) {
            (Some(line), _) => line.clone(),
            (None, 0) => "-".to_owned(),
            (None, _) => String::new(),
        };
        let once = |text: String| if index == 0 { text } else { String::new() };
        let [energy, minute, session] = [&columns[0], &columns[1], &columns[2]].map(cell);
        [once(days.to_owned()), once(hours(band.from, band.until)), energy, minute, session]
    };
    (0..height).map(row).collect()
}

fn hours(from: Time, until: Time) -> String {
    let end = if until == Time::midnight() { 24 } else { until.hour() };
    format!("{:02}:{:02}-{:02}:{:02}", from.hour(), from.minute(), end, until.minute())
}

fn cell(prices: &[Price], what: &str) -> Vec<String> {
    let line = |price: &Price| {
        let amount = if price.price.is_zero() { "free".to_owned() } else { price.price.to_string() };
        match &price.condition {
            Some(condition) => format!("{what}{amount} {condition}"),
            None if prices.len() > 1 => format!("{what}{amount} otherwise"),
            None => format!("{what}{amount}"),
        }
    };
    prices.iter().map(line).collect()
}
