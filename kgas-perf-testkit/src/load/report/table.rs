//! The report as a table, for people.

use std::fmt;
use std::time::Duration;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};

use crate::load::percentile::{Percentile, name};
use crate::load::report::{Latency, Report, Row};
use crate::load::threshold::Standing;

/// Columns of durations.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// So many columns stand before those of a duration and its name.
const LEADING: usize = 7;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = if self.open { "open" } else { "closed" };
        let (counted, seed) = (self.counted, self.seed);
        writeln!(f, "{}: {model} model, {counted:.3?} counted, seed {seed}", self.name)?;
        for reason in &self.invalid {
            writeln!(f, "INVALID: {reason}")?;
        }
        if let Some(threshold) = &self.ended_by {
            writeln!(f, "ended early: {threshold} is broken for sure")?;
        }
        writeln!(f, "{}", numbers(self))?;
        for row in &self.scenarios {
            for (kind, times) in &row.errors {
                writeln!(f, "{}: error, {}: {kind}", row.name, often(*times))?;
            }
            for (message, times) in &row.panics {
                writeln!(f, "{}: panic, {}: {message}", row.name, often(*times))?;
            }
        }
        if self.stages.len() > 1 {
            writeln!(f, "{}", stages(self))?;
        }
        let lag = self.generator.lag.percentile(0.99);
        if self.open && lag.value.is_some() {
            writeln!(f, "generator: p99 of its own lag {}", shown(lag))?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for judged in &self.judged {
            let standing = match judged.standing {
                Standing::Met => "met",
                Standing::Broken => "BROKEN",
                Standing::NotJudged => "not judged",
            };
            writeln!(f, "{standing}: {}; found: {}", judged.threshold, judged.found)?;
        }
        for objective in &self.unanswered {
            writeln!(f, "not measured by a load test: {objective}")?;
        }
        Ok(())
    }
}

fn often(times: u64) -> String {
    if times == 1 { "once".to_owned() } else { format!("{times} times") }
}

/// All scenarios, and what they are together: latency, and service time below it where it differs.
fn numbers(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    let names = QUANTILES.map(name);
    let [p50, p95, p99] = &names;
    table.set_header([
        "scenario",
        "ops",
        "ok",
        "failed",
        "cancelled",
        "dropped",
        "ok/s",
        "",
        p50,
        p95,
        p99,
        "max",
    ]);
    let rows = match report.scenarios.as_slice() {
        [only] => vec![only],
        many => many.iter().chain([&report.total]).collect(),
    };
    for row in rows {
        let mut first = leading(row).to_vec();
        first.push(if report.open { "latency" } else { "" }.to_owned());
        first.extend(durations(&row.latency));
        table.add_row(first);
        if report.open {
            let mut second = vec![String::new(); LEADING];
            second.push("service".to_owned());
            second.extend(durations(&row.service));
            table.add_row(second);
        }
        if row.counts.ok < row.counts.ended() && row.counts.ok > 0 {
            let mut third = vec![String::new(); LEADING];
            third.push("of ok".to_owned());
            third.extend(durations(&row.ok_latency));
            table.add_row(third);
        }
    }
    right_aligned(table)
}

fn leading(row: &Row) -> [String; LEADING] {
    let counts = &row.counts;
    let failed = match counts.failed() {
        0 => "0".to_owned(),
        all => {
            let kinds = [
                (counts.error, "error"),
                (counts.panicked, "panicked"),
                (counts.timed_out, "timed out"),
            ];
            let kinds = kinds.into_iter().filter(|(many, _)| *many > 0);
            let kinds: Vec<_> = kinds.map(|(many, kind)| format!("{many} {kind}")).collect();
            if kinds.len() == 1 { kinds.concat() } else { format!("{all}: {}", kinds.join(", ")) }
        }
    };
    let rate = row.throughput_per_second.map_or("-".to_owned(), |rate| format!("{rate:.1}"));
    [
        row.name.clone(),
        counts.planned.to_string(),
        counts.ok.to_string(),
        failed,
        counts.cancelled.to_string(),
        counts.dropped.to_string(),
        rate,
    ]
}

fn stages(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header([
        "stage",
        "load",
        "ops",
        "failed",
        "cancelled",
        "dropped",
        "ok/s",
        "in flight",
        "CPU",
        "p50",
        "p95",
    ]);
    for stage in &report.stages {
        let row = &stage.row;
        let unit = if report.open { "/s" } else { " workers" };
        let (from, to) = stage.load;
        let load =
            if from == to { format!("{from}{unit}") } else { format!("{from} to {to}{unit}") };
        let name =
            if stage.warm_up { format!("{} (not counted)", row.name) } else { row.name.clone() };
        let mean = stage.mean_in_flight.map_or("-".to_owned(), |mean| format!("{mean:.1}"));
        let share = stage.processor_share;
        table.add_row([
            name,
            load,
            row.counts.planned.to_string(),
            row.counts.failed().to_string(),
            row.counts.cancelled.to_string(),
            row.counts.dropped.to_string(),
            row.throughput_per_second.map_or("-".to_owned(), |rate| format!("{rate:.1}")),
            format!("{mean}, at most {}", stage.most_in_flight),
            share.map_or("not known".to_owned(), |share| format!("{:.0} %", 100.0 * share)),
            shown(row.latency.percentile(0.5)),
            shown(row.latency.percentile(0.95)),
        ]);
    }
    right_aligned(table)
}

/// Numbers stand on the right.
fn right_aligned(mut table: Table) -> Table {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn durations(latency: &Latency) -> Vec<String> {
    let mut cells: Vec<_> =
        QUANTILES.iter().map(|quantile| shown(latency.percentile(*quantile))).collect();
    let longest = latency.durations.max();
    let known = if latency.censored > 0 { "≥ " } else { "" };
    cells.push(longest.map_or("-".to_owned(), |longest| format!("{known}{}", short(longest))));
    cells
}

/// A percentile with how far it is known.
pub(crate) fn shown(percentile: Percentile) -> String {
    let Some(value) = percentile.value else {
        return "n too small".to_owned();
    };
    let at_least = if percentile.at_least { "≥ " } else { "" };
    let unstable = if percentile.unstable { "~" } else { "" };
    format!("{at_least}{unstable}{}", short(value))
}

/// A duration in three digits or so.
pub(crate) fn short(duration: Duration) -> String {
    let ns = duration.as_nanos() as f64;
    let (value, unit) = match ns {
        _ if ns < 1e3 => (ns, "ns"),
        _ if ns < 1e6 => (ns / 1e3, "µs"),
        _ if ns < 1e9 => (ns / 1e6, "ms"),
        _ => (ns / 1e9, "s"),
    };
    let digits = if value >= 99.95 || unit == "ns" {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    format!("{value:.digits$} {unit}")
}

#[cfg(test)]
mod tests {
    use crate::load::tally::{Counts, Tally};

    use super::*;

    #[test]
    fn what_was_cancelled_has_not_failed() {
        let counts =
            |cancelled| Counts { planned: 9, ok: 4, error: 2, cancelled, ..Default::default() };
        let row = |counts| Row::of("op", &Tally { counts, ..Default::default() }, Duration::ZERO);
        assert_eq!(leading(&row(counts(3)))[1..6], ["9", "4", "2 error", "3", "0"]);
        let both = Counts { panicked: 1, ..counts(2) };
        assert_eq!(leading(&row(both))[1..6], ["9", "4", "3: 2 error, 1 panicked", "2", "0"]);
        let none = Counts { planned: 3, cancelled: 3, ..Counts::default() };
        assert_eq!(leading(&row(none))[1..6], ["3", "0", "0", "3", "0"]);
    }

    #[test]
    fn what_was_said_once_was_not_said_one_times() {
        assert_eq!([1, 2].map(often), ["once", "2 times"]);
    }

    #[test]
    fn durations_have_about_three_digits() {
        let shown = |ns| short(Duration::from_nanos(ns));
        assert_eq!(shown(0), "0 ns");
        assert_eq!(shown(999), "999 ns");
        assert_eq!(shown(1_234), "1.23 µs");
        assert_eq!(shown(45_678_000), "45.7 ms");
        assert_eq!(shown(120_000_000_000), "120 s");
    }
}
