//! Parquet: money and energy as decimals of scale four, instants as milliseconds of UTC, days as days.

use std::sync::Arc;

use jiff::civil::{Date, date};
use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use rust_decimal::Decimal;

use crate::{Cell, Column, Kind, Sheet, SheetError};

const SCALE: u32 = 4;
const PRECISION: i32 = 18;
const EPOCH: Date = date(1970, 1, 1);

pub(crate) fn write(sheet: &Sheet) -> Result<Vec<u8>, SheetError> {
    let fields: Result<Vec<_>, _> = sheet.columns.iter().map(|column| field(column).map(Arc::new)).collect();
    let schema = Type::group_type_builder(sheet.name).with_fields(fields?).build().map_err(|e| refused(&e))?;
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties).map_err(|e| refused(&e))?;
    let mut group = writer.next_row_group().map_err(|e| refused(&e))?;
    for (index, column) in sheet.columns.iter().enumerate() {
        put(&mut group, sheet, index, *column)?;
    }
    group.close().map_err(|e| refused(&e))?;
    writer.into_inner().map_err(|e| refused(&e))
}

fn field(column: &Column) -> Result<Type, SheetError> {
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => (Physical::INT64, None),
        Kind::Number => (Physical::INT64, Some(LogicalType::decimal(SCALE.cast_signed(), PRECISION))),
        Kind::Instant => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Day => (Physical::INT32, Some(LogicalType::Date)),
    };
    let mut field = Type::primitive_type_builder(column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if column.kind == Kind::Number {
        field = field.with_precision(PRECISION).with_scale(SCALE.cast_signed());
    }
    field.build().map_err(|e| refused(&e))
}

type Group<'a> = SerializedRowGroupWriter<'a, Vec<u8>>;

fn put(group: &mut Group<'_>, sheet: &Sheet, index: usize, column: Column) -> Result<(), SheetError> {
    match column.kind {
        Kind::Text => typed::<ByteArrayType>(group, sheet, index, |cell| match cell {
            Cell::Text(text) => Some(ByteArray::from(text.as_str())),
            Cell::Empty | Cell::Whole(_) | Cell::Number(_) | Cell::Instant(_) | Cell::Day(_) => None,
        }),
        Kind::Whole => typed::<Int64Type>(group, sheet, index, |cell| match cell {
            Cell::Whole(number) => Some(*number),
            Cell::Empty | Cell::Text(_) | Cell::Number(_) | Cell::Instant(_) | Cell::Day(_) => None,
        }),
        Kind::Number => {
            for number in sheet.rows.iter().filter_map(|row| numbered(row.get(index)?)) {
                scaled(number).ok_or(SheetError::Digits { column: column.name, number })?;
            }
            typed::<Int64Type>(group, sheet, index, |cell| numbered(cell).and_then(scaled))
        }
        Kind::Instant => typed::<Int64Type>(group, sheet, index, |cell| match cell {
            Cell::Instant(at) => Some(at.as_millisecond()),
            Cell::Empty | Cell::Text(_) | Cell::Whole(_) | Cell::Number(_) | Cell::Day(_) => None,
        }),
        Kind::Day => typed::<Int32Type>(group, sheet, index, |cell| match cell {
            Cell::Day(day) => Some((*day - EPOCH).get_days()),
            Cell::Empty | Cell::Text(_) | Cell::Whole(_) | Cell::Number(_) | Cell::Instant(_) => None,
        }),
    }
}

const fn numbered(cell: &Cell) -> Option<Decimal> {
    match cell {
        Cell::Number(number) => Some(*number),
        Cell::Empty | Cell::Text(_) | Cell::Whole(_) | Cell::Instant(_) | Cell::Day(_) => None,
    }
}

/// The number without its point, where it has no more digits after it than are kept.
fn scaled(number: Decimal) -> Option<i64> {
    let mut scaled = number.normalize();
    if scaled.scale() > SCALE {
        return None;
    }
    scaled.rescale(SCALE);
    i64::try_from(scaled.mantissa()).ok()
}

fn typed<T: DataType>(
    group: &mut Group<'_>,
    sheet: &Sheet,
    index: usize,
    read: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), SheetError> {
    let cells = sheet.column(index, read)?;
    let present: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    let values: Vec<T::T> = cells.into_iter().flatten().collect();
    let Some(mut column) = group.next_column().map_err(|e| refused(&e))? else { return Ok(()) };
    column.typed::<T>().write_batch(&values, Some(&present), None).map_err(|e| refused(&e))?;
    column.close().map_err(|e| refused(&e))
}

fn refused(error: &ParquetError) -> SheetError {
    SheetError::Library { format: "parquet", problem: error.to_string() }
}
