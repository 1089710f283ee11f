//! CSV (RFC 4180).

use csv::{Terminator, WriterBuilder};

use crate::{Cell, Sheet, SheetError};

/// Without it, spreadsheets read UTF-8 as something else.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(crate) fn write(sheet: &Sheet) -> Result<Vec<u8>, SheetError> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(sheet.columns.iter().map(|column| column.name)).map_err(refused)?;
    for row in &sheet.rows {
        writer.write_record(row.iter().map(cell)).map_err(refused)?;
    }
    writer.into_inner().map_err(|error| refused(error.into_error()))
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => harmless(text),
        Cell::Whole(number) => number.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Instant(at) => at.to_string(),
        Cell::Day(day) => day.to_string(),
    }
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
fn harmless(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

fn refused(error: impl std::fmt::Display) -> SheetError {
    SheetError::Library { format: "csv", problem: error.to_string() }
}
