//! `Timeline`: what the calls of one operation were like, and what was found, for people.

use std::io::{self, Write};

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use kgas_perf_runtime::detect::Kind;

use super::operation::{Alert, Call, Learned, Operation};

/// The fewest calls that quantiles at the start and the end are of, if there are so many.
const FEW: usize = 100;

/// The calls of one operation, judged.
#[derive(Debug)]
pub(crate) struct Timeline {
    pub(crate) name: String,
    /// In the order of time.
    pub(crate) calls: Vec<Call>,
    pub(crate) alerts: Vec<Alert>,
    /// The baseline as it was when the log ended.
    pub(crate) baseline: Option<Learned>,
    /// Calls that stood after one that finished later.
    late: usize,
    /// Calls too far from the first for any clock.
    beyond: usize,
}

impl Timeline {
    /// Judges calls in the order of time.
    pub(crate) fn of(name: String, mut calls: Vec<Call>) -> Self {
        let late = calls.windows(2).filter(|pair| pair[1].t < pair[0].t).count();
        calls.sort_by(|one, other| one.t.total_cmp(&other.t));
        let mut operation = Operation::default();
        let (mut alerts, mut baseline, mut beyond) = (Vec::new(), None, 0);
        for call in &calls {
            match operation.call(*call) {
                Ok(alert) => alerts.extend(alert),
                Err(_) => beyond += 1,
            }
            baseline = operation.take_learned().or(baseline);
        }
        Self { name, calls, alerts, baseline, late, beyond }
    }

    /// The alerts that tell of something worse.
    pub(crate) fn regressions(&self) -> usize {
        self.alerts.iter().filter(|alert| alert.kind != Kind::Improvement.as_str()).count()
    }

    /// Calls that did not end well.
    pub(crate) fn failed(&self) -> usize {
        self.calls.iter().filter(|call| !call.ok).count()
    }

    /// When the first and the last call finished, in seconds.
    pub(crate) fn span(&self) -> (f64, f64) {
        let first = self.calls.first().map_or(0.0, |call| call.t);
        (first, self.calls.last().map_or(first, |call| call.t))
    }

    /// Writes it, times counted from `origin`.
    pub(crate) fn write(&self, origin: f64, out: &mut impl Write) -> io::Result<()> {
        let (first, last) = self.span();
        writeln!(out, "{}", one_line(&self.name))?;
        write!(out, "{} calls, {} failed, ", self.calls.len(), self.failed())?;
        writeln!(out, "from {} to {}", clock(first - origin), clock(last - origin))?;
        if self.late > 0 {
            writeln!(out, "put in order: {} calls stood after one that finished later", self.late)?;
        }
        if self.beyond > 0 {
            writeln!(out, "not judged: {} calls too far from the first for a clock", self.beyond)?;
        }
        writeln!(out, "{}", self.quantiles())?;
        if self.alerts.is_empty() {
            return writeln!(out, "no alerts\n");
        }
        let mut table = Table::new();
        table
            .load_style(UTF8_FULL_CONDENSED)
            .set_header(["alert at", "severity", "kind", "change", "since", "sure"]);
        for alert in &self.alerts {
            table.add_row([
                clock(alert.t - origin),
                alert.level.to_owned(),
                alert.kind.to_owned(),
                change(alert),
                alert.since.map(|since| clock(since - origin)).unwrap_or_default(),
                alert.score.map(|score| format!("{score:.3}")).unwrap_or_default(),
            ]);
        }
        writeln!(out, "{table}\n")
    }

    /// Quantiles at the start, at the end, and in the baseline, of calls that ended well.
    fn quantiles(&self) -> Table {
        let some = (self.calls.len() / 10).max(FEW).min(self.calls.len());
        let mut table = Table::new();
        table.load_style(UTF8_FULL_CONDENSED).set_header(["", "p50", "p95", "p99"]);
        let (start, end) = (&self.calls[..some], &self.calls[self.calls.len() - some..]);
        for (which, calls) in [("first", start), ("last", end)] {
            let durations = durations(calls);
            let figure = |q| quantile(&durations, q).map(seconds).unwrap_or_default();
            let row = format!("{which} {some} calls");
            table.add_row([row, figure(0.5), figure(0.95), figure(0.99)]);
        }
        if let Some(learned) = &self.baseline {
            let sure = learned.confidence.map(|sure| format!(", confidence {sure:.2}"));
            let row = format!("baseline of {} calls{}", learned.n, sure.unwrap_or_default());
            let [p50, p95, p99] = [learned.p50, learned.p95, learned.p99].map(seconds);
            table.add_row([row, p50, p95, p99]);
        }
        table
    }
}

/// Durations of the calls that ended well, ascending.
pub(crate) fn durations(calls: &[Call]) -> Vec<f64> {
    let mut durations: Vec<_> = calls.iter().filter(|call| call.ok).map(|call| call.d).collect();
    durations.sort_by(f64::total_cmp);
    durations
}

/// The least value that at least a share `q` of them does not pass; `None` of none.
pub(crate) fn quantile(ascending: &[f64], q: f64) -> Option<f64> {
    let rank = (q * ascending.len() as f64).ceil() as usize;
    ascending.get(rank.saturating_sub(1)).copied()
}

/// A name without what would break a line, a terminal or XML.
pub(crate) fn one_line(name: &str) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}');
    name.chars().map(|letter| if breaks(letter) { '\u{fffd}' } else { letter }).collect()
}

/// A duration in three digits.
pub(crate) fn seconds(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s >= 0.9995 => (s, "s"),
        s if s >= 0.9995e-3 => (s * 1e3, "ms"),
        s if s >= 0.9995e-6 => (s * 1e6, "µs"),
        s => (s * 1e9, "ns"),
    };
    let digits = match value {
        v if v >= 99.95 || v == 0.0 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    let text = format!("{value:.digits$}");
    let text = if digits > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

/// Seconds as hours, minutes and seconds.
pub(crate) fn clock(seconds: f64) -> String {
    let tenths = (seconds.abs() * 10.0).round();
    let (whole, tenth) = ((tenths / 10.0).floor(), tenths % 10.0);
    let (hours, minutes, rest) =
        ((whole / 3600.0).floor(), (whole / 60.0).floor() % 60.0, whole % 60.0);
    let sign = if seconds < 0.0 && tenths > 0.0 { "-" } else { "" };
    format!("{sign}{hours}:{minutes:02}:{rest:02}.{tenth}")
}

/// How much an alert says has changed: in per cent, and from twice on in times; of failures, how
/// many calls fail. Empty if it does not say.
pub(crate) fn change(alert: &Alert) -> String {
    match alert.effect {
        None => String::new(),
        Some(share) if alert.kind == Kind::Errors.as_str() => {
            format!("{:.0} % fail", share * 100.0)
        }
        Some(effect) if effect >= 1.0 => format!("{:.1}x", 1.0 + effect),
        Some(effect) => format!("{:+.0} %", effect * 100.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        let figures = [0.0, 1e-9, 1.5e-6, 0.000_999_9, 0.0123, 0.1, 0.99999, 61.0, 12_345.0];
        assert_eq!(
            figures.map(seconds),
            ["0 ns", "1 ns", "1.5 µs", "1 ms", "12.3 ms", "100 ms", "1 s", "61 s", "12345 s"]
        );
    }

    #[test]
    fn a_change_is_told_in_the_words_of_its_kind() {
        let told = |kind: Kind, effect| {
            let kind = kind.as_str();
            change(&Alert { t: 0.0, level: "info", kind, effect, since: None, score: None })
        };
        assert_eq!(told(Kind::Location, Some(0.3)), "+30 %");
        assert_eq!(told(Kind::Location, Some(1.1)), "2.1x");
        assert_eq!(told(Kind::Improvement, Some(-0.4)), "-40 %");
        assert_eq!(told(Kind::Errors, Some(0.2)), "20 % fail");
        assert_eq!(told(Kind::Tail, None), "");
    }

    #[test]
    fn seconds_carry_over_into_minutes() {
        let times = [0.0, 59.96, 3_725.25, -1.0];
        assert_eq!(times.map(clock), ["0:00:00.0", "0:01:00.0", "1:02:05.3", "-0:00:01.0"]);
    }

    #[test]
    fn a_quantile_is_the_nearest_rank() {
        let ten: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(
            [0.0, 0.5, 0.95, 1.0].map(|q| quantile(&ten, q)),
            [1.0, 5.0, 10.0, 10.0].map(Some)
        );
        assert_eq!(quantile(&[], 0.5), None);
    }
}
