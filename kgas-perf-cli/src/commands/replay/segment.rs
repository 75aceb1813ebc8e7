//! `kgas-perf replay segment`: finds where series change, one a line.
//!
//! Standard input has one JSON object a line, `{"series":[20.2,20.3,…]}`. Standard output has one
//! line for each, in order: `{"changepoints":[4]}`, the places, from 0, of the first value of each
//! new segment. A line that is not as it should be is told on standard error with its number, and
//! answered by `{"changepoints":[],"error":"…"}`.

use std::io::{BufRead, Write};

use kgas_perf_runtime::compare::segment;
use serde::{Deserialize, Serialize};

use super::answers::answer_each;
use super::stream::said;
use crate::failure::Failure;

/// What is to be cut.
#[derive(Debug, Deserialize)]
struct Question {
    series: Vec<f64>,
}

/// Where.
#[derive(Debug, Serialize)]
struct Answer {
    changepoints: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Reads lines until there are no more. What is wrong with them goes to `err` too.
pub(crate) fn run(
    input: impl BufRead,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), Failure> {
    let wrong = |error| Answer { changepoints: Vec::new(), error: Some(error) };
    answer_each(input, out, err, answer, wrong)
}

/// Cuts what one line holds.
fn answer(bytes: &[u8]) -> Result<Answer, String> {
    let Question { series } = serde_json::from_slice(bytes).map_err(|error| said(&error))?;
    let changepoints = segment(&series).map_err(|error| error.to_string())?;
    Ok(Answer { changepoints, error: None })
}
