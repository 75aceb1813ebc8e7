//! `kgas-perf replay stream`: judges the calls of any number of operations as they come.
//!
//! Standard input has one JSON object a line:
//! - `{"op":"checkout","t":12.5,"d":0.0031,"ok":true}`: a finished call of an operation, when it
//!   finished and how long it took, in seconds. Without `ok` it ended well.
//! - `{"end":"checkout"}`: the operation has no more calls. Should there be any, they are a new
//!   operation's, with a clock of its own.
//! - `{"sync":7}`: answered by the same line, after everything that follows from the lines before.
//!
//! Standard output has alerts, each flushed as it is found:
//! `{"op":"checkout","t":71.2,"level":"warning","kind":"location","effect":1.1,"since":60.4,"score":1.0}`.
//!
//! And baselines as they are learned, at the 100th call that ended well and then whenever there are
//! a quarter more, until one is established:
//! `{"op":"checkout","t":60.1,"event":"baseline","n":600,"p50":0.003,…,"confidence":0.97}`.
//!
//! Keys that are not known are passed over, and so are blank lines. A line with `op` is a call,
//! whatever else it has. A line that is not as it should be is told on standard error with its
//! number, and passed over.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::lines::{Line, Lines};
use super::operation::{Call, Operation};
use crate::failure::Failure;

/// The most bytes of a line that are read.
const LONGEST: usize = 1 << 20;

/// A line with a call that lacks nothing.
#[derive(Debug, Deserialize)]
struct CallLine<'a> {
    #[serde(borrow)]
    op: Cow<'a, str>,
    t: f64,
    d: f64,
    #[serde(default = "well")]
    ok: bool,
}

fn well() -> bool {
    true
}

/// Any other line, whose parts may be of any kind.
#[derive(Debug, Deserialize)]
struct OtherLine<'a> {
    #[serde(borrow)]
    op: Option<&'a RawValue>,
    #[serde(borrow)]
    end: Option<&'a RawValue>,
    #[serde(borrow)]
    sync: Option<&'a RawValue>,
}

/// What is told about an operation, as a line.
#[derive(Debug, Serialize)]
struct Told<'a, T> {
    op: &'a str,
    #[serde(flatten)]
    what: T,
}

/// Reads lines until there are no more. What is wrong with them goes to `err`.
pub(crate) fn run(
    input: impl BufRead,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), Failure> {
    let mut lines = Lines::new(input, LONGEST);
    let mut operations = HashMap::new();
    let unreadable = |source| Failure::Unreadable { path: PathBuf::from("standard input"), source };
    while let Some(Line { number, bytes }) = lines.next().map_err(unreadable)? {
        let wrong = match bytes {
            Some(bytes) => take(bytes, &mut operations, out)?,
            None => Err(format!("longer than {LONGEST} bytes")),
        };
        if let Err(wrong) = wrong {
            // With standard error gone there is nobody to tell, and the calls still count.
            let _ = writeln!(err, "line {number}: {wrong}");
        }
    }
    out.flush()?;
    Ok(())
}

/// Takes one line, and writes what follows from it. What is wrong with the line is the inner
/// error.
#[inline]
fn take(
    bytes: &[u8],
    operations: &mut HashMap<String, Operation>,
    out: &mut impl Write,
) -> io::Result<Result<(), String>> {
    let Ok(CallLine { op, t, d, ok }) = serde_json::from_slice(bytes) else {
        return take_other(bytes, operations, out);
    };
    // Not `entry`: nothing is allocated for an operation that is known.
    let operation = match operations.get_mut(op.as_ref()) {
        Some(operation) => operation,
        None => operations.entry(op.clone().into_owned()).or_default(),
    };
    match operation.call(Call { t, d, ok }) {
        Ok(None) => {}
        Ok(Some(alert)) => tell(&op, alert, out)?,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    }
    if let Some(learned) = operation.take_learned() {
        tell(&op, learned, out)?;
    }
    Ok(Ok(()))
}

/// Writes what is new about an operation.
#[cold]
fn tell(op: &str, what: impl Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Told { op, what })?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Takes a line that is no call.
fn take_other(
    bytes: &[u8],
    operations: &mut HashMap<String, Operation>,
    out: &mut impl Write,
) -> io::Result<Result<(), String>> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Ok(()));
    }
    let other: OtherLine<'_> = match serde_json::from_slice(bytes) {
        Ok(other) => other,
        Err(error) => return Ok(Err(said(&error))),
    };
    match other {
        OtherLine { op: Some(_), .. } => {
            let call = serde_json::from_slice::<CallLine<'_>>(bytes);
            Ok(call.map(drop).map_err(|error| said(&error)))
        }
        OtherLine { sync: Some(answer), .. } => {
            writeln!(out, "{{\"sync\":{answer}}}")?;
            out.flush()?;
            Ok(Ok(()))
        }
        OtherLine { end: Some(end), .. } => {
            let op = serde_json::from_str::<Cow<'_, str>>(end.get());
            Ok(match op {
                Ok(op) => {
                    operations.remove(op.as_ref());
                    Ok(())
                }
                Err(error) => Err(format!("`end` is no name: {}", said(&error))),
            })
        }
        OtherLine { op: None, end: None, sync: None } => {
            Ok(Err("neither `op`, `end` nor `sync`".to_owned()))
        }
    }
}

/// Standard input broke off.
pub(super) fn unreadable(source: io::Error) -> Failure {
    Failure::Unreadable { path: PathBuf::from("standard input"), source }
}

/// What is wrong, and where in the line: for serde_json each of our lines is line 1.
pub(super) fn said(error: &serde_json::Error) -> String {
    error.to_string().replace("at line 1 column", "at column")
}
