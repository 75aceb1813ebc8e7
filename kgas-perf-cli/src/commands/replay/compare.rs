//! `kgas-perf replay compare`: compares two sets of durations a line.
//!
//! Standard input has one JSON object a line:
//! `{"baseline":[0.0101,0.0099],"candidate":[0.0103,0.0110],"alpha":0.05,"design":"sequential"}`,
//! with durations in seconds in the order of measurement. `alpha` and `design` may be missing, and
//! are then as shown; the other design is `interleaved`. Keys that are not known are passed over.
//!
//! Standard output has one line for each line, in order:
//! `{"verdict":"regressed","p":0.003,"effect":0.07}`. The verdict is `regressed`, `improved`,
//! `unchanged` or `inconclusive`; the last comes with a `reason`. A line that is not as it should
//! be, a blank one too, is told on standard error with its number, and answered by
//! `{"verdict":"inconclusive","error":"…"}`, so that the nth answer belongs to the nth line.

use std::io::{BufRead, Write};

use kgas_perf_runtime::compare::{ALPHA, Comparison, Design, Verdict, compare};
use serde::{Deserialize, Serialize};

use super::answers::answer_each;
use super::stream::said;
use crate::failure::Failure;

/// What is to be compared.
#[derive(Debug, Deserialize)]
struct Question {
    baseline: Vec<f64>,
    candidate: Vec<f64>,
    alpha: Option<f64>,
    design: Option<Order>,
}

/// A design as it is written.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Sequential,
    Interleaved,
}

/// What came out.
#[derive(Debug, Serialize)]
struct Answer {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Reads lines until there are no more. What is wrong with them goes to `err` too.
pub(crate) fn run(
    input: impl BufRead,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), Failure> {
    let wrong = |error| Answer {
        verdict: Verdict::Inconclusive.as_str(),
        p: None,
        effect: None,
        reason: None,
        error: Some(error),
    };
    answer_each(input, out, err, answer, wrong)
}

/// Compares what one line holds.
fn answer(bytes: &[u8]) -> Result<Answer, String> {
    let Question { baseline, candidate, alpha, design } =
        serde_json::from_slice(bytes).map_err(|error| said(&error))?;
    let design = match design {
        Some(Order::Interleaved) => Design::Interleaved,
        Some(Order::Sequential) | None => Design::Sequential,
    };
    let Comparison { verdict, p, effect, reason, .. } =
        compare(&baseline, &candidate, design, alpha.unwrap_or(ALPHA))
            .map_err(|error| error.to_string())?;
    Ok(Answer {
        verdict: verdict.as_str(),
        p: Some(p),
        effect: Some(effect),
        reason: reason.map(|reason| reason.as_str()),
        error: None,
    })
}
