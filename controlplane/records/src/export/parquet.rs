//! Parquet: the rows of the table, by column, in groups that are compressed with Snappy.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result as Made};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use super::Sink;
use super::cells::{COLUMNS, Cell, Kind, cells};
use crate::pair::Entry;
use crate::problem::Problem;

/// A group is written when it has so many rows, or so many bytes of text.
const GROUP_ROWS: usize = 100_000;
const GROUP_BYTES: usize = 32 << 20;

/// A file that is written group by group.
pub(super) struct Rows {
    writer: SerializedFileWriter<Box<dyn Write + Send>>,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

/// Values of a column in the present group; the level of a row is 0 where it has none.
enum Column {
    Texts(Vec<ByteArray>, Vec<i16>),
    Numbers(Vec<i64>, Vec<i16>),
    Flags(Vec<bool>, Vec<i16>),
}

impl Rows {
    pub(super) fn begin(out: Box<dyn Write + Send>) -> Result<Self, Problem> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
        let created = concat!("varictl ", env!("CARGO_PKG_VERSION")).to_owned();
        let properties = Arc::new(properties.set_created_by(created).build());
        let begun = schema()
            .and_then(|schema| SerializedFileWriter::new(out, Arc::new(schema), properties));
        Ok(Self {
            writer: begun.map_err(failed)?,
            columns: COLUMNS.iter().map(|(_, kind)| Column::of(*kind)).collect(),
            rows: 0,
            bytes: 0,
        })
    }

    fn group(&mut self) -> Made<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        let mut columns = self.columns.iter_mut();
        while let Some(mut writer) = group.next_column()? {
            let column = columns.next();
            column.map_or(Ok(()), |column| column.write(writer.untyped()))?;
            writer.close()?;
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Sink for Rows {
    fn write(&mut self, entry: &Entry<'_>) -> Result<bool, Problem> {
        for (column, cell) in self.columns.iter_mut().zip(cells(entry)) {
            self.bytes = self.bytes.saturating_add(column.push(cell));
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES {
            self.group().map_err(failed)?;
        }
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Problem> {
        self.group().map_err(failed)?;
        let mut out = self.writer.into_inner().map_err(failed)?;
        Ok(out.flush()?)
    }
}

impl Column {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Texts(Vec::new(), Vec::new()),
            Kind::Number | Kind::Time => Self::Numbers(Vec::new(), Vec::new()),
            Kind::Flag => Self::Flags(Vec::new(), Vec::new()),
        }
    }

    /// Takes the cell of a row; returns how many bytes of text it has.
    fn push(&mut self, cell: Cell<'_>) -> usize {
        let (levels, bytes) = match (self, cell) {
            (Self::Texts(texts, levels), Cell::Text(text)) => {
                let bytes = text.len();
                texts.push(ByteArray::from(text.into_owned().into_bytes()));
                levels.push(1);
                return bytes;
            }
            (Self::Numbers(numbers, levels), Cell::Number(number) | Cell::Time(number, _)) => {
                // The bits are what counts: the column is one of unsigned numbers.
                numbers.push(number.cast_signed());
                levels.push(1);
                return 8;
            }
            (Self::Flags(flags, levels), Cell::Flag(flag)) => {
                flags.push(flag);
                levels.push(1);
                return 1;
            }
            (Self::Texts(_, levels) | Self::Numbers(_, levels) | Self::Flags(_, levels), _) => {
                (levels, 0)
            }
        };
        levels.push(0);
        bytes
    }

    fn write(&mut self, writer: &mut ColumnWriter<'_>) -> Made<()> {
        match (self, writer) {
            (Self::Texts(texts, levels), ColumnWriter::ByteArrayColumnWriter(writer)) => {
                writer.write_batch(texts, Some(levels), None)?;
                texts.clear();
                levels.clear();
            }
            (Self::Numbers(numbers, levels), ColumnWriter::Int64ColumnWriter(writer)) => {
                writer.write_batch(numbers, Some(levels), None)?;
                numbers.clear();
                levels.clear();
            }
            (Self::Flags(flags, levels), ColumnWriter::BoolColumnWriter(writer)) => {
                writer.write_batch(flags, Some(levels), None)?;
                flags.clear();
                levels.clear();
            }
            _ => {
                return Err(ParquetError::General(
                    "a column has another type".to_owned(),
                ));
            }
        }
        Ok(())
    }
}

fn failed(error: ParquetError) -> Problem {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(error) => Problem::Write(*error),
            Err(source) => Problem::Parquet(ParquetError::External(source)),
        },
        other => Problem::Parquet(other),
    }
}

/// The columns as Parquet has them.
fn schema() -> Made<Type> {
    let mut fields = Vec::new();
    for (name, kind) in COLUMNS {
        let (physical, logical) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Number => (Physical::INT64, Some(LogicalType::integer(64, false))),
            Kind::Time => (
                Physical::INT64,
                Some(LogicalType::timestamp(
                    true,
                    parquet::basic::TimeUnit::NANOS,
                )),
            ),
            Kind::Flag => (Physical::BOOLEAN, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(Repetition::OPTIONAL);
        fields.push(Arc::new(field.build()?));
    }
    Type::group_type_builder("record")
        .with_fields(fields)
        .build()
}
