//! `Lines`: numbered lines of any length, read into one buffer.

use std::io::{self, BufRead, Read};

/// Lines without their ends. The buffer never grows beyond the limit, however long a line is.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    limit: usize,
    buffer: Vec<u8>,
    /// The number of the line last read, from 1.
    number: u64,
}

/// One line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its number, from 1.
    pub(crate) number: u64,
    /// Its bytes; `None` if there are more than the limit.
    pub(crate) bytes: Option<&'a [u8]>,
}

impl<R: BufRead> Lines<R> {
    /// Reads `input`, whose lines should hold at most `limit` bytes.
    pub(crate) fn new(input: R, limit: usize) -> Self {
        Self { input, limit, buffer: Vec::new(), number: 0 }
    }

    /// The next line; `None` when there is no more. The last one needs no end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        // One more byte than the limit is the line's end.
        if !self.read()? {
            return Ok(None);
        }
        self.number += 1;
        let fits = self.buffer.last() == Some(&b'\n') || self.buffer.len() <= self.limit;
        while !fits && self.buffer.last() != Some(&b'\n') && self.read()? {}
        let mut bytes = self.buffer.as_slice();
        bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        // Some editors begin a file with a mark that it is UTF-8.
        if self.number == 1 {
            bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        }
        Ok(Some(Line { number: self.number, bytes: fits.then_some(bytes) }))
    }

    /// Fills the buffer up to a line's end, or up to what it may hold.
    fn read(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let most = self.limit as u64 + 1;
        Ok(self.input.by_ref().take(most).read_until(b'\n', &mut self.buffer)? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], limit: usize) -> Vec<Option<String>> {
        // A small buffer has lines cross its ends.
        let mut lines = Lines::new(io::BufReader::with_capacity(3, text), limit);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()));
            assert_eq!(line.number, all.len() as u64);
        }
        all
    }

    fn some(lines: &[&str]) -> Vec<Option<String>> {
        lines.iter().map(|line| Some((*line).to_owned())).collect()
    }

    #[test]
    fn the_last_line_needs_no_end() {
        assert_eq!(lines(b"a\nbc", 9), some(&["a", "bc"]));
        assert_eq!(lines(b"a\n\nbc\r\n", 9), some(&["a", "", "bc"]));
        assert_eq!(lines(b"", 9), []);
    }

    #[test]
    fn a_line_beyond_the_limit_is_passed_over_and_the_next_one_read() {
        let text = [b"1234\n12345\n".as_slice(), &[b'x'; 100], b"\n1\n12345"].concat();
        let mut expected = some(&["1234", "", "", "1", ""]);
        for long in [1, 2, 4] {
            expected[long] = None;
        }
        assert_eq!(lines(&text, 4), expected);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line() {
        assert_eq!(lines("\u{feff}a\n\u{feff}b".as_bytes(), 9), some(&["a", "\u{feff}b"]));
    }
}
