//! A stream as text: one call a line, as a detector in a process of its own reads it.

use std::io::{self, Write};

use serde::Serialize;

use super::{Change, Stream};

/// One call, and what is planted in it.
#[derive(Serialize)]
struct Line<'a> {
    op: &'a str,
    t: f64,
    d: f64,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

/// Writes the calls before `until` (seconds) and the end of the operation.
///
/// From the time of `planted` on, calls carry the change as a `label`. The change is to be planted
/// by whoever has made the stream.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn write_json_lines(
    stream: &mut Stream,
    until: f64,
    planted: Option<(Change, f64)>,
    mut out: impl Write,
) -> io::Result<()> {
    let label = planted.map(|(change, _)| change.to_string());
    let from = planted.map_or(f64::INFINITY, |(_, at)| at);
    while stream.due() < until {
        let call = stream.next_call();
        let label = label.as_deref().filter(|_| call.t >= from);
        let line = Line { op: "dumped", t: call.t, d: call.d, ok: call.ok, label };
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    out.write_all(b"{\"end\":\"dumped\"}\n")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streams::Regime;

    #[test]
    fn lines_carry_the_change_from_its_time_on() {
        let regime = Regime::CORE[0];
        let mut stream = Stream::new(regime, 1.0, 5);
        let mut text = Vec::new();
        write_json_lines(&mut stream, 100.0, Some((Change::Slower(0.5), 50.0)), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let mut lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.pop().unwrap()["end"], "dumped");
        assert!(lines.len() > 50);
        for line in lines {
            let labelled = line.get("label").is_some_and(|it| it == "+50 %");
            assert_eq!(labelled, line["t"].as_f64().unwrap() >= 50.0);
        }
    }
}
