//! `answers`: one answer for each line, in order.

use std::io::{self, BufRead, Write};

use serde::Serialize;

use super::lines::{Line, Lines};
use super::stream::unreadable;
use crate::failure::Failure;

/// The most bytes of a line that are read: some 10 million durations.
const LONGEST: usize = 256 << 20;

/// Answers every line until there are no more. What is wrong with one goes to `err` with its
/// number, and `wrong` answers it, so that the nth answer belongs to the nth line.
pub(super) fn answer_each<T: Serialize>(
    input: impl BufRead,
    out: &mut impl Write,
    err: &mut impl Write,
    answer: impl Fn(&[u8]) -> Result<T, String>,
    wrong: impl Fn(String) -> T,
) -> Result<(), Failure> {
    let mut lines = Lines::new(input, LONGEST);
    while let Some(Line { number, bytes }) = lines.next().map_err(unreadable)? {
        let answered = match bytes {
            Some(bytes) => answer(bytes),
            None => Err(format!("longer than {LONGEST} bytes")),
        };
        let answered = answered.unwrap_or_else(|error| {
            // With standard error gone the answer still says it.
            let _ = writeln!(err, "line {number}: {error}");
            wrong(error)
        });
        serde_json::to_writer(&mut *out, &answered).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        out.flush()?;
    }
    Ok(())
}
