//! A detector of this crate as an executable that speaks JSON lines: the other end of `External`.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::{Alert, Contender, Detector};

/// A line that is read: a call, an end, or a question. What it does not know is passed over.
#[derive(Debug, Deserialize)]
struct Question {
    op: Option<String>,
    t: Option<f64>,
    d: Option<f64>,
    ok: Option<bool>,
    end: Option<String>,
    sync: Option<u64>,
}

/// An alert as a line.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    op: &'a str,
    #[serde(flatten)]
    alert: Alert,
}

/// An operation whose calls are judged.
struct Operation {
    detector: Box<dyn Detector>,
    /// The baselines that have been written.
    baselines: usize,
}

/// Reads calls from `input` until it ends, each operation with a detector of its own, and writes
/// what they say to `output`.
///
/// # Errors
///
/// When a line is not what the protocol says, or a pipe breaks.
pub fn serve(contender: &Contender, input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut operations: HashMap<String, Operation> = HashMap::new();
    let mut alerts = Vec::new();
    for line in input.lines() {
        let question: Question = serde_json::from_str(&line?)?;
        if let Some(number) = question.sync {
            writeln!(output, "{{\"sync\":{number}}}")?;
            output.flush()?;
        } else if let Some(name) = question.end {
            if let Some(mut operation) = operations.remove(&name) {
                operation.detector.finish(&mut alerts);
                operation.write(&name, &mut alerts, &mut output)?;
            }
        } else if let (Some(name), Some(t), Some(d), Some(ok)) =
            (question.op, question.t, question.d, question.ok)
        {
            if !operations.contains_key(&name) {
                let mut detector = contender.detector()?;
                detector.begin();
                operations.insert(name.clone(), Operation { detector, baselines: 0 });
            }
            if let Some(operation) = operations.get_mut(&name) {
                operation.detector.call(t, d, ok, &mut alerts);
                operation.write(&name, &mut alerts, &mut output)?;
            }
        } else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a call needs op, t, d and ok"));
        }
    }
    output.flush()
}

impl Operation {
    /// Writes what is new.
    fn write(
        &mut self,
        op: &str,
        alerts: &mut Vec<Alert>,
        output: &mut impl Write,
    ) -> io::Result<()> {
        for alert in alerts.drain(..) {
            serde_json::to_writer(&mut *output, &Answer { op, alert })?;
            output.write_all(b"\n")?;
        }
        let baselines = self.detector.baselines();
        for baseline in &baselines[self.baselines.min(baselines.len())..] {
            let mut line = serde_json::to_value(baseline)?;
            line["op"] = op.into();
            line["event"] = "baseline".into();
            writeln!(output, "{line}")?;
        }
        self.baselines = baselines.len();
        Ok(())
    }
}
