//! `CatalogueError`: every mistake of a catalogue, each with its file, line and key.

use std::error::Error;
use std::fmt;

/// One thing in a catalogue that is not as it must be.
///
/// It is written as `file:line: key: message`, which editors and terminals make a link of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistake {
    /// The catalogue's file, as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The path of the key, such as `operations.graph_to_table.category`; empty where there is
    /// none, as in a file that is not TOML from its first line.
    pub key: String,
    /// What was found and what is accepted.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Why a text is no catalogue: all of its mistakes, in the order of their lines.
///
/// Correct the file and read it again; nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    mistakes: Vec<Mistake>,
}

impl CatalogueError {
    pub(crate) fn new(mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| mistake.line);
        Self { mistakes }
    }

    /// The mistakes, in the order of their lines; there is at least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }
}

/// Writes one mistake a line.
impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, mistake) in self.mistakes.iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

impl Error for CatalogueError {}
