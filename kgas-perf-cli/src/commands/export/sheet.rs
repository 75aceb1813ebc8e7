//! `Sheet`: what rows are written to, in one format.

use std::io::{self, Write};

use crate::commands::export::about::About;
use crate::commands::export::column::{Cell, Head};
use crate::commands::export::csv::CsvSheet;
use crate::commands::export::jsonl::JsonSheet;
use crate::commands::export::parquet::ParquetSheet;

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated values, with a header; what is missing is an empty field.
    Csv,
    /// One JSON object a line; what is missing is null. The last line is {"about":…}: what the
    /// answer covers.
    Jsonl,
    /// Apache Parquet, in row groups of at most 65,536 rows; what the answer covers is in its
    /// metadata, under kgas_perf.about.
    Parquet,
}

/// What rows are written to. A row has as many cells as there are columns.
pub(super) trait Sheet {
    /// Writes one row.
    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()>;

    /// Writes what there is left to write.
    fn finish(self: Box<Self>, about: &About) -> io::Result<()>;
}

impl Format {
    /// A sheet of these columns.
    pub(super) fn sheet<'a>(
        self,
        heads: &[Head],
        out: &'a mut dyn Write,
    ) -> io::Result<Box<dyn Sheet + 'a>> {
        Ok(match self {
            Self::Csv => Box::new(CsvSheet::new(heads, out)?),
            Self::Jsonl => Box::new(JsonSheet::new(heads, out)),
            Self::Parquet => Box::new(ParquetSheet::new(heads, out)?),
        })
    }
}
