//! Reads a triples file, and loses no mistake in it.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use crate::graph::Graph;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a triples file held.
#[derive(Debug)]
pub(crate) struct TriplesFile {
    /// The graph of all good lines.
    pub(crate) graph: Graph,
    /// Good lines, repeated ones included.
    pub(crate) triple_lines: usize,
    /// Good lines that said what an earlier line had said.
    pub(crate) repeated_lines: usize,
    /// Lines that say nothing a graph could hold, in the order of the file.
    pub(crate) bad_lines: Vec<BadLine>,
}

/// A line that was left out, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadLine {
    /// Line number, from 1.
    pub(crate) number: usize,
    pub(crate) mistake: Mistake,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    FieldCount(usize),
    EmptyField(&'static str),
    /// Holds how many bytes of the line are valid.
    InvalidUtf8(usize),
    /// A mark that stands where two files were joined.
    ByteOrderMark,
    CarriageReturn(&'static str),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FieldCount(found) => write!(
                f,
                "found {found} tab-separated field{}, a triple has 3: subject, relation, object",
                if *found == 1 { "" } else { "s" }
            ),
            Self::EmptyField(field) => write!(f, "the {field} is empty"),
            Self::InvalidUtf8(valid) => write!(f, "byte {} is not valid utf-8", valid + 1),
            Self::ByteOrderMark => f.write_str("a byte order mark stands inside the file"),
            Self::CarriageReturn(field) => write!(f, "the {field} holds a carriage return"),
        }
    }
}

/// Why a file gave no graph at all.
#[derive(Debug, Error)]
pub(crate) enum TriplesError {
    /// The path is wrong, or may not be read.
    #[error("{} cannot be read; give the path of a tab-separated triples file", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// There is nothing in it.
    #[error("{} is empty; it needs lines of subject, relation, object, separated by tabs", path.display())]
    Empty { path: PathBuf },
    /// Tools of some systems write text as UTF-16.
    #[error("{} is utf-16; save it as utf-8", path.display())]
    Utf16 { path: PathBuf },
    /// Every line was bad; the first tells most.
    #[error("{} has no good line: {count} bad, the first is line {}: {}", path.display(), first.number, first.mistake)]
    NoGoodLine { path: PathBuf, count: usize, first: BadLine },
}

/// Reads a file of `subject<TAB>relation<TAB>object` lines without a header.
///
/// Lines may end in LF or CRLF, and the file may start with a byte order mark. Names are kept as
/// they are written.
///
/// # Errors
///
/// When the file cannot be read, is empty, is UTF-16, or has no good line. A bad line among good
/// ones is no error: it is listed in [`TriplesFile::bad_lines`].
pub(crate) fn read(path: &Path) -> Result<TriplesFile, TriplesError> {
    let path = path.to_path_buf();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(source) => return Err(TriplesError::Unreadable { path, source }),
    };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(TriplesError::Utf16 { path });
    }
    let mut file = parse(&bytes);
    if file.triple_lines > 0 {
        return Ok(file);
    }
    if file.bad_lines.is_empty() {
        return Err(TriplesError::Empty { path });
    }
    let count = file.bad_lines.len();
    Err(TriplesError::NoGoodLine { path, count, first: file.bad_lines.swap_remove(0) })
}

fn parse(bytes: &[u8]) -> TriplesFile {
    let mut file = TriplesFile {
        graph: Graph::default(),
        triple_lines: 0,
        repeated_lines: 0,
        bad_lines: Vec::new(),
    };
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    // The line feed ends a line, so the last one opens no empty line after it.
    let lines = match text.strip_suffix(b"\n").unwrap_or(text) {
        [] if !text.starts_with(b"\n") => return file,
        lines => lines.split(|&byte| byte == b'\n'),
    };
    for (index, line) in lines.enumerate() {
        match fields(line.strip_suffix(b"\r").unwrap_or(line)) {
            Ok([subject, relation, object]) => {
                file.triple_lines += 1;
                if !file.graph.add_triple(subject, relation, object) {
                    file.repeated_lines += 1;
                }
            }
            Err(mistake) => file.bad_lines.push(BadLine { number: index + 1, mistake }),
        }
    }
    file
}

fn fields(line: &[u8]) -> Result<[&str; 3], Mistake> {
    if line.starts_with(BYTE_ORDER_MARK) {
        return Err(Mistake::ByteOrderMark);
    }
    let line = str::from_utf8(line).map_err(|error| Mistake::InvalidUtf8(error.valid_up_to()))?;
    let found: Vec<&str> = line.split('\t').collect();
    let Ok(fields) = <[&str; 3]>::try_from(found.as_slice()) else {
        return Err(Mistake::FieldCount(found.len()));
    };
    for (name, field) in ["subject", "relation", "object"].into_iter().zip(fields) {
        if field.trim().is_empty() {
            return Err(Mistake::EmptyField(name));
        }
        if field.contains('\r') {
            return Err(Mistake::CarriageReturn(name));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::{BadLine, Mistake, TriplesError, parse, read};
    use crate::real_files;

    #[test]
    fn every_bad_line_keeps_its_number_and_its_mistake() {
        let lines: [&[u8]; 11] = [
            b"a\tr\tb",
            b"a\tr",
            b"",
            b"a\tr\tb\tc",
            b"a\t \tb",
            b"\tr\tb",
            b"a\tr\t",
            b"b\tr\t\xff",
            b"\xef\xbb\xbfc\tr\td",
            b"a\rb\tr\tc",
            b"c\tr\td",
        ];
        let file = parse(&lines.join(&b'\n'));
        let expected = [
            (2, Mistake::FieldCount(2)),
            (3, Mistake::FieldCount(1)),
            (4, Mistake::FieldCount(4)),
            (5, Mistake::EmptyField("relation")),
            (6, Mistake::EmptyField("subject")),
            (7, Mistake::EmptyField("object")),
            (8, Mistake::InvalidUtf8(4)),
            (9, Mistake::ByteOrderMark),
            (10, Mistake::CarriageReturn("subject")),
        ];
        let expected = expected.map(|(number, mistake)| BadLine { number, mistake });
        assert_eq!(file.bad_lines, expected);
        assert_eq!(file.triple_lines, 2, "lines 1 and 11");
    }

    #[test]
    fn windows_line_ends_and_a_leading_mark_change_nothing() {
        let file = parse(b"\xef\xbb\xbfa\tr\tb\r\nb\tr\tc\r\n");
        assert!(file.bad_lines.is_empty(), "{:?}", file.bad_lines);
        assert_eq!(file.graph.entities().collect::<Vec<_>>(), ["a", "b", "c"]);
    }

    #[test]
    fn repeated_line_is_counted_and_adds_nothing() {
        let file = parse(b"a\tr\tb\na\tr\tb\n");
        assert_eq!((file.triple_lines, file.repeated_lines, file.graph.triple_count()), (2, 1, 1));
    }

    #[test]
    fn file_without_a_graph_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let read_bytes = |bytes: &[u8]| {
            let path = folder.path().join("kg.tsv");
            fs::write(&path, bytes).expect("a writable folder");
            read(&path).expect_err("no graph in it")
        };
        assert!(matches!(read_bytes(b""), TriplesError::Empty { .. }));
        assert!(matches!(read_bytes(b"\xef\xbb\xbf"), TriplesError::Empty { .. }));
        assert!(matches!(read_bytes(b"\xff\xfea\0"), TriplesError::Utf16 { .. }));
        assert!(matches!(read(&folder.path().join("none")), Err(TriplesError::Unreadable { .. })));
        assert!(matches!(read(folder.path()), Err(TriplesError::Unreadable { .. })));
        let message = read_bytes(b"a,r,b\n\n").to_string();
        let end = "kg.tsv has no good line: 2 bad, the first is line 1: \
                   found 1 tab-separated field, a triple has 3: subject, relation, object";
        assert!(message.ends_with(end), "{message}");
    }

    /// The counts are those that the files' own page states, and that `wc -l` and `cut | sort -u`
    /// confirm.
    #[test]
    fn real_files_have_the_counts_their_page_states() {
        let stated = [
            ("countries.tsv", [271, 2, 1_159, 1]),
            ("codex-s.tsv", [2_034, 42, 36_543, 0]),
            ("codex-m.tsv", [17_050, 51, 206_205, 0]),
        ];
        for (name, counts) in stated {
            let Some(path) = real_files::path(name) else { continue };
            let file = read(Path::new(&path)).expect("a good file");
            let found = [
                file.graph.entity_count(),
                file.graph.relation_count(),
                file.triple_lines,
                file.repeated_lines,
            ];
            assert_eq!(found, counts, "{name}: entities, relations, triples, repeated");
            assert_eq!(file.bad_lines, [], "{name}");
        }
    }
}
