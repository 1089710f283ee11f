//! What is written is read back by libraries that read the formats.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::io::Cursor;

use bytes::Bytes;
use calamine::{Data, Reader, Xlsx};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use plugtill_sheets::{Cell, Column, Format, Kind, Sheet, SheetError};
use rust_decimal::Decimal;

fn sheet(rows: Vec<Vec<Cell>>) -> Sheet {
    let column = |name, kind| Column { name, kind };
    let columns = vec![
        column("tag", Kind::Text),
        column("sessions", Kind::Whole),
        column("billed", Kind::Number),
        column("at", Kind::Instant),
        column("day", Kind::Day),
    ];
    Sheet { name: "days", columns, rows }
}

fn row(tag: &str, billed: &str) -> Vec<Cell> {
    vec![
        Cell::Text(tag.to_owned()),
        Cell::Whole(-3),
        Cell::Number(billed.parse().unwrap()),
        Cell::Instant("2026-03-02T09:30:15Z".parse().unwrap()),
        Cell::Day("2026-03-02".parse().unwrap()),
    ]
}

fn empty() -> Vec<Cell> {
    vec![Cell::Empty; 5]
}

#[test]
fn f96_csv_is_what_a_spreadsheet_takes_for_data_and_never_for_a_formula() {
    let evil = ["=1+1", "+1", "-1", "@x", "\t=1", "＝1"].map(|tag| row(tag, "1.20")).to_vec();
    let mut rows = vec![row("Straße, \"5\"", "-0.35"), empty()];
    rows.extend(evil);
    let text = String::from_utf8(Format::Csv.write(&sheet(rows)).unwrap()).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines[0], "\u{feff}tag,sessions,billed,at,day");
    assert_eq!(lines[1], "\"Straße, \"\"5\"\"\",-3,-0.35,2026-03-02T09:30:15Z,2026-03-02");
    assert_eq!(lines[2], ",,,,");
    for line in &lines[3..9] {
        assert!(line.starts_with('\''), "{line}");
    }
}

#[test]
fn xlsx_holds_numbers_days_and_texts_as_such() {
    let file = Format::Xlsx.write(&sheet(vec![row("=1+1", "12345678.1234"), empty()])).unwrap();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).unwrap();
    let range = book.worksheet_range("days").unwrap();
    assert_eq!(range.get_value((0, 2)), Some(&Data::String("billed".to_owned())));
    assert_eq!(range.get_value((1, 0)), Some(&Data::String("=1+1".to_owned())));
    assert_eq!(range.get_value((1, 2)), Some(&Data::Float(12_345_678.123_4)));
    let Some(Data::DateTime(at)) = range.get_value((1, 3)) else { panic!("no instant") };
    assert!((at.as_f64() - (46_083.0 + (9.5 * 3600.0 + 15.0) / 86_400.0)).abs() < 1e-6, "{at}");
    assert!(book.worksheet_formula("days").unwrap().is_empty(), "no cell is a formula");
}

#[test]
fn parquet_holds_exact_decimals_and_what_is_missing() {
    let file = Format::Parquet.write(&sheet(vec![row("TAG1", "-0.35"), empty()])).unwrap();
    let reader = SerializedFileReader::new(Bytes::from(file)).unwrap();
    let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    let fields: Vec<&Field> = rows[0].get_column_iter().map(|(_, field)| field).collect();
    assert_eq!(fields[0], &Field::Str("TAG1".to_owned()));
    assert_eq!(fields[1], &Field::Long(-3));
    assert_eq!(fields[2].to_string(), "-0.3500");
    assert_eq!(fields[3], &Field::TimestampMillis(1_772_443_815_000));
    assert_eq!(fields[4], &Field::Date(20_514));
    assert!(rows[1].get_column_iter().all(|(_, field)| *field == Field::Null));
}

#[test]
fn a_number_that_a_format_cannot_keep_is_refused_with_its_column() {
    for (number, formats) in [("0.12345", &[Format::Parquet][..]), ("1234567890123456.1", &[Format::Xlsx])] {
        for format in formats {
            let refused = format.write(&sheet(vec![row("TAG1", number)])).unwrap_err();
            let SheetError::Digits { column, number: shown } = refused else { panic!("{refused}") };
            assert_eq!((column, shown), ("billed", number.parse::<Decimal>().unwrap()));
        }
    }
}

#[test]
fn a_cell_of_another_kind_is_refused_with_its_column() {
    let mut wrong = row("TAG1", "1");
    wrong[1] = Cell::Text("three".to_owned());
    let refused = Format::Parquet.write(&sheet(vec![wrong])).unwrap_err();
    assert_eq!(refused.to_string(), "sessions: a text does not belong there");
}
