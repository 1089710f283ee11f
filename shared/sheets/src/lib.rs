//! Tables for other programs: one sheet of typed cells, written as CSV, XLSX or Parquet.
//!
//! # Layout, in reading order
//! - [`Sheet`]: named columns of one kind each, and rows.
//! - `csv`, `xlsx`, `parquet`: what each format makes of it.

mod csv;
mod parquet;
mod xlsx;

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A whole number.
    Whole,
    /// A decimal number with at most four digits after the point: money in major units, energy in kWh.
    Number,
    /// An instant, UTC.
    Instant,
    /// A calendar day.
    Day,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, in lower case with underscores.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// A value. [`Cell::Empty`] fits every column; the others only theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the kinds' own names")]
pub enum Cell {
    Empty,
    Text(String),
    Whole(i64),
    Number(Decimal),
    Instant(Timestamp),
    Day(Date),
}

impl Cell {
    /// Words, or nothing.
    #[must_use]
    pub fn text(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_string()))
    }

    /// An instant, or nothing.
    #[must_use]
    pub fn instant(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::Instant)
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it is called, at most 31 characters.
    pub name: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, UTF-8 with a byte order mark, safe to open in a spreadsheet.
    Csv,
    /// Office Open XML (ECMA-376).
    Xlsx,
    /// Apache Parquet.
    Parquet,
}

/// Not the name of a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there are csv, xlsx and parquet")]
pub struct NotAFormat;

/// Why a sheet cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// A cell is of another kind than its column.
    #[error("{column}: a {cell} does not belong there")]
    Kind {
        /// The column.
        column: &'static str,
        /// What stands there.
        cell: &'static str,
    },
    /// A number has more digits than the format keeps.
    #[error("{column}: {number} has more digits than a file keeps")]
    Digits {
        /// The column.
        column: &'static str,
        /// The number.
        number: Decimal,
    },
    /// The library refuses.
    #[error("{format}: {problem}")]
    Library {
        /// Which.
        format: &'static str,
        /// In its words.
        problem: String,
    },
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Parquet];

    /// What a file's name ends with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Parquet => "parquet",
        }
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The sheet as a file.
    ///
    /// # Errors
    /// When a cell does not belong into its column, or has more digits than the format keeps.
    pub fn write(self, sheet: &Sheet) -> Result<Vec<u8>, SheetError> {
        match self {
            Self::Csv => csv::write(sheet),
            Self::Xlsx => xlsx::write(sheet),
            Self::Parquet => parquet::write(sheet),
        }
    }
}

impl FromStr for Format {
    type Err = NotAFormat;

    fn from_str(text: &str) -> Result<Self, NotAFormat> {
        Self::ALL.into_iter().find(|format| format.extension() == text).ok_or(NotAFormat)
    }
}

impl Sheet {
    /// The cells of a column that are not empty, with their rows; each has to be what `read` reads.
    fn column<T>(&self, index: usize, read: impl Fn(&Cell) -> Option<T>) -> Result<Vec<Option<T>>, SheetError> {
        let column = self.columns.get(index).map_or("", |column| column.name);
        let cell = |row: &Vec<Cell>| match row.get(index) {
            None | Some(Cell::Empty) => Ok(None),
            Some(cell) => read(cell).map(Some).ok_or(SheetError::Kind { column, cell: named(cell) }),
        };
        self.rows.iter().map(cell).collect()
    }
}

const fn named(cell: &Cell) -> &'static str {
    match cell {
        Cell::Empty => "nothing",
        Cell::Text(_) => "text",
        Cell::Whole(_) => "whole number",
        Cell::Number(_) => "number",
        Cell::Instant(_) => "instant",
        Cell::Day(_) => "day",
    }
}
