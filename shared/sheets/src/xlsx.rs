//! XLSX, through `rust_xlsxwriter`. The format knows only binary floating point: a number of up to 15 digits reads as it was.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::{Cell, Sheet, SheetError};

/// The digits that a double keeps exactly.
const DIGITS: u32 = 15;

pub(crate) fn write(sheet: &Sheet) -> Result<Vec<u8>, SheetError> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    page.set_name(sheet.name).map_err(|e| refused(&e))?;
    page.set_freeze_panes(1, 0).map_err(|e| refused(&e))?;
    let bold = Format::new().set_bold();
    for (index, column) in (0_u16..).zip(&sheet.columns) {
        page.write_string_with_format(0, index, column.name, &bold).map_err(|e| refused(&e))?;
    }
    let formats = Formats::new();
    for (line, row) in (1_u32..).zip(&sheet.rows) {
        for ((index, column), cell) in (0_u16..).zip(&sheet.columns).zip(row) {
            formats.put(page, (line, index), column.name, cell)?;
        }
    }
    page.autofit();
    book.save_to_buffer().map_err(|e| refused(&e))
}

struct Formats {
    number: Format,
    day: Format,
    instant: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            number: Format::new().set_num_format("#,##0.00##"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }

    fn put(&self, page: &mut Worksheet, at: (u32, u16), column: &'static str, cell: &Cell) -> Result<(), SheetError> {
        let (row, index) = at;
        let written = match cell {
            Cell::Empty => return Ok(()),
            // Never a formula: a text is written as a text.
            Cell::Text(text) => page.write_string(row, index, text),
            Cell::Whole(number) => page.write_number(row, index, double(Decimal::from(*number), column)?),
            Cell::Number(number) => page.write_number_with_format(row, index, double(*number, column)?, &self.number),
            Cell::Instant(at) => page.write_datetime_with_format(row, index, instant(*at)?, &self.instant),
            Cell::Day(day) => page.write_datetime_with_format(row, index, date(*day)?, &self.day),
        };
        written.map(|_| ()).map_err(|e| refused(&e))
    }
}

fn double(number: Decimal, column: &'static str) -> Result<f64, SheetError> {
    let digits = number.normalize().mantissa().unsigned_abs().checked_ilog10().map_or(1, |digits| digits + 1);
    let double = number.to_f64().filter(|_| digits <= DIGITS);
    double.ok_or(SheetError::Digits { column, number })
}

fn instant(at: Timestamp) -> Result<ExcelDateTime, SheetError> {
    let utc: DateTime = at.to_zoned(TimeZone::UTC).datetime();
    let time = |number: i8| u8::try_from(number).unwrap_or_default();
    let (hour, minute) = (u16::from(time(utc.hour())), time(utc.minute()));
    date(utc.date())?.and_hms(hour, minute, f64::from(utc.second())).map_err(|e| refused(&e))
}

fn date(day: Date) -> Result<ExcelDateTime, SheetError> {
    let part = |number: i8| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(day.year()).unwrap_or_default();
    ExcelDateTime::from_ymd(year, part(day.month()), part(day.day())).map_err(|e| refused(&e))
}

fn refused(error: &XlsxError) -> SheetError {
    SheetError::Library { format: "xlsx", problem: error.to_string() }
}
