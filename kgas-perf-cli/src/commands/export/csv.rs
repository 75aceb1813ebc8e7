//! Rows as comma-separated values (RFC 4180), with a header.

use std::io::{self, Write};

use csv::Writer;

use crate::commands::export::about::About;
use crate::commands::export::column::{Cell, Head};
use crate::commands::export::sheet::Sheet;

/// Rows as comma-separated values. What is missing is an empty field; what has parts is JSON.
pub(super) struct CsvSheet<'a> {
    writer: Writer<&'a mut dyn Write>,
}

impl<'a> CsvSheet<'a> {
    pub(super) fn new(heads: &[Head], out: &'a mut dyn Write) -> io::Result<Self> {
        let mut writer = Writer::from_writer(out);
        writer.write_record(heads.iter().map(|head| head.name))?;
        Ok(Self { writer })
    }
}

impl Sheet for CsvSheet<'_> {
    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        for cell in cells {
            let text = match cell {
                Cell::Missing => String::new(),
                Cell::Text(text) => text,
                Cell::Whole(number) => number.to_string(),
                Cell::Real(number) => number.to_string(),
                Cell::Truth(truth) => truth.to_string(),
                Cell::Nested(value) => value.to_string(),
            };
            self.writer.write_field(text)?;
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self: Box<Self>, _about: &About) -> io::Result<()> {
        self.writer.flush()
    }
}
