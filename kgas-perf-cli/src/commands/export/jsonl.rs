//! Rows as JSON lines.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::json;

use crate::commands::export::about::About;
use crate::commands::export::column::{Cell, Head};
use crate::commands::export::sheet::Sheet;

/// Rows as JSON lines: every row has every column, in order. The last line is another object,
/// `about`: where it is missing, the export broke off.
pub(super) struct JsonSheet<'a> {
    names: Vec<&'static str>,
    out: &'a mut dyn Write,
}

impl<'a> JsonSheet<'a> {
    pub(super) fn new(heads: &[Head], out: &'a mut dyn Write) -> Self {
        Self { names: heads.iter().map(|head| head.name).collect(), out }
    }
}

impl Sheet for JsonSheet<'_> {
    fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Row { names: &self.names, cells: &cells })?;
        self.out.write_all(b"\n")
    }

    fn finish(self: Box<Self>, about: &About) -> io::Result<()> {
        writeln!(self.out, "{}", json!({ "about": about.json() }))?;
        self.out.flush()
    }
}

struct Row<'a> {
    names: &'a [&'static str],
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.names.iter().zip(self.cells))
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Real(number) => serializer.serialize_f64(*number),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::Nested(value) => value.serialize(serializer),
        }
    }
}
