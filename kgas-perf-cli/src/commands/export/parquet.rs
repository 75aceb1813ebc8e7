//! Rows as Apache Parquet.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::commands::export::about::About;
use crate::commands::export::column::{Cell, Head, Kind};
use crate::commands::export::sheet::Sheet;

/// A row group ends with this many rows, or with so many bytes of texts. It is what is held in
/// memory: a few times 16 MiB.
const MOST_ROWS: usize = 1 << 16;
const MOST_BYTES: usize = 1 << 24;

/// Where the file's metadata says what the answer covers.
const ABOUT: &str = "kgas_perf.about";

/// Rows as Apache Parquet: optional columns, compressed with Snappy, which every reader knows.
pub(super) struct ParquetSheet<'a> {
    /// It writes to memory; what it has written goes on to `out` with every row group.
    writer: SerializedFileWriter<Vec<u8>>,
    out: &'a mut dyn Write,
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

impl<'a> ParquetSheet<'a> {
    pub(super) fn new(heads: &[Head], out: &'a mut dyn Write) -> io::Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("kgas-perf ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let schema = schema(heads).map_err(failed)?;
        let writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties));
        let writer = writer.map_err(failed)?;
        let columns = heads.iter().map(|head| Values::new(head.kind)).collect();
        Ok(Self { writer, out, columns, rows: 0, bytes: 0 })
    }

    /// Writes the rows that wait as one row group.
    fn write_group(&mut self) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for values in &mut self.columns {
            let writer = group.next_column().map_err(failed)?;
            let mut writer = writer.ok_or_else(|| io::Error::other("fewer columns than heads"))?;
            values.write(&mut writer).map_err(failed)?;
            writer.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
        (self.rows, self.bytes) = (0, 0);
        self.writer.flush()?;
        self.out.write_all(self.writer.inner())?;
        self.writer.inner_mut().clear();
        Ok(())
    }
}

impl Sheet for ParquetSheet<'_> {
    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        for (values, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += values.push(cell);
        }
        self.rows += 1;
        if self.rows >= MOST_ROWS || self.bytes >= MOST_BYTES {
            self.write_group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, about: &About) -> io::Result<()> {
        self.write_group()?;
        let about = KeyValue::new(ABOUT.to_owned(), about.json().to_string());
        self.writer.append_key_value_metadata(about);
        let end = self.writer.into_inner().map_err(failed)?;
        self.out.write_all(&end)?;
        self.out.flush()
    }
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

fn schema(heads: &[Head]) -> Result<TypePtr, ParquetError> {
    let field = |head: &Head| {
        let (physical, logical) = match head.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Whole => (Physical::INT64, None),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Truth => (Physical::BOOLEAN, None),
            Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        };
        Type::primitive_type_builder(head.name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let fields = heads.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("kgas_perf").with_fields(fields).build()?))
}

/// The values of one column that wait, and for each row whether there is one.
struct Values {
    there: Vec<i16>,
    kind: OfKind,
}

enum OfKind {
    Texts(Vec<ByteArray>),
    Wholes(Vec<i64>),
    Reals(Vec<f64>),
    Truths(Vec<bool>),
}

impl Values {
    fn new(kind: Kind) -> Self {
        let kind = match kind {
            Kind::Text | Kind::Json => OfKind::Texts(Vec::new()),
            Kind::Whole => OfKind::Wholes(Vec::new()),
            Kind::Real => OfKind::Reals(Vec::new()),
            Kind::Truth => OfKind::Truths(Vec::new()),
        };
        Self { there: Vec::new(), kind }
    }

    /// Adds a cell; answers how many bytes of text that were.
    fn push(&mut self, cell: Cell) -> usize {
        let (there, bytes) = match (&mut self.kind, cell) {
            (OfKind::Texts(texts), Cell::Text(text)) => {
                let bytes = text.len();
                texts.push(text.into_bytes().into());
                (1, bytes)
            }
            (OfKind::Texts(texts), Cell::Nested(value)) => {
                let text = value.to_string();
                let bytes = text.len();
                texts.push(text.into_bytes().into());
                (1, bytes)
            }
            (OfKind::Wholes(numbers), Cell::Whole(number)) => {
                numbers.push(number);
                (1, 0)
            }
            (OfKind::Reals(numbers), Cell::Real(number)) => {
                numbers.push(number);
                (1, 0)
            }
            (OfKind::Truths(truths), Cell::Truth(truth)) => {
                truths.push(truth);
                (1, 0)
            }
            (_, cell) => {
                debug_assert_eq!(cell, Cell::Missing, "a cell of another kind than its column");
                (0, 0)
            }
        };
        self.there.push(there);
        bytes
    }

    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match &mut self.kind {
            OfKind::Texts(texts) => write::<ByteArrayType>(writer, texts, &self.there),
            OfKind::Wholes(numbers) => write::<Int64Type>(writer, numbers, &self.there),
            OfKind::Reals(numbers) => write::<DoubleType>(writer, numbers, &self.there),
            OfKind::Truths(truths) => write::<BoolType>(writer, truths, &self.there),
        }?;
        self.there.clear();
        Ok(())
    }
}

fn write<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &mut Vec<T::T>,
    there: &[i16],
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, Some(there), None)?;
    values.clear();
    Ok(())
}
