//! `Soak`: what grows while nothing but time passes.

use std::fmt;

use kgas_perf_runtime::catalog::Quantity;
use serde_json::{Value, json};

use crate::load::{Judged, Reading, Report, Section, Standing};
use crate::stress::slope::Slope;

/// A long run under steady load, and what grew.
///
/// The first fifth of it is left out: programs take memory when they begin. What is read is the
/// resident memory of the process, so a heap that gets more holes grows, too.
#[derive(Clone, Debug)]
pub struct Soak {
    /// All about the run.
    pub report: Report,
    /// Resident memory, in bytes an hour; `None` where it is not known or the run is too short.
    pub resident_bytes: Option<Slope>,
    /// Threads an hour, likewise.
    pub threads: Option<Slope>,
    /// Open files, sockets and pipes an hour, likewise.
    pub file_handles: Option<Slope>,
    /// Median latency, in nanoseconds an hour, likewise.
    pub p50_latency_ns: Option<Slope>,
}

impl Soak {
    /// Reads a run. With `leak_at_most` bytes an hour, the memory is held against that.
    pub(crate) fn of(mut report: Report, leak_at_most: Option<u64>) -> Self {
        let begins = report.elapsed / 5;
        let slope = |value: fn(&Reading) -> Option<u64>| {
            let readings = report.readings.iter().filter(|reading| reading.at >= begins);
            let values = readings.filter_map(|reading| Some((reading.at, value(reading)? as f64)));
            Slope::of(&values.collect::<Vec<_>>())
        };
        let resident_bytes = slope(|reading| reading.resident_bytes);
        let threads = slope(|reading| reading.threads);
        let file_handles = slope(|reading| reading.file_handles);
        let latencies = report.timeline.iter().filter(|point| point.at >= begins);
        let latencies = latencies.filter_map(|it| Some((it.at, it.p50?.as_nanos() as f64)));
        let p50_latency_ns = Slope::of(&latencies.collect::<Vec<_>>());
        if let Some(bound) = leak_at_most {
            report.judged.push(judge(resident_bytes, bound));
        }
        Self { report, resident_bytes, threads, file_handles, p50_latency_ns }
    }

    /// What grows for sure, in words; empty where nothing does.
    pub fn growing(&self) -> Vec<String> {
        let named = self.named();
        let growing =
            named.into_iter().filter(|(_, slope)| slope.is_some_and(|it| it.is_growing()));
        growing
            .filter_map(|(name, slope)| Some(format!("{name}: {}", told(name, slope?))))
            .collect()
    }

    /// That of the report; a leak above [`leak_at_most`](crate::stress::StressTest::leak_at_most)
    /// is a broken threshold.
    pub fn exit_code(&self) -> u8 {
        self.report.exit_code()
    }

    fn named(&self) -> [(&'static str, Option<Slope>); 4] {
        [
            (MEMORY, self.resident_bytes),
            ("threads", self.threads),
            ("file handles", self.file_handles),
            ("p50 latency, ns", self.p50_latency_ns),
        ]
    }

    /// As JSON: `report`, and for `resident_bytes`, `threads`, `file_handles` and `p50_latency_ns`
    /// the slope `per_hour` with `low`, `high` and `growing`, or `null`.
    pub fn to_json(&self) -> Value {
        let slope = |slope: Option<Slope>| {
            slope.map(|slope| {
                json!({
                    "per_hour": slope.per_hour,
                    "low": slope.low,
                    "high": slope.high,
                    "readings": slope.readings,
                    "growing": slope.is_growing(),
                })
            })
        };
        json!({
            "format": 1,
            "report": self.report.to_json(),
            "resident_bytes": slope(self.resident_bytes),
            "threads": slope(self.threads),
            "file_handles": slope(self.file_handles),
            "p50_latency_ns": slope(self.p50_latency_ns),
        })
    }

    /// A part of a page.
    pub fn section(&self) -> Section {
        Section::new(format!("Soak: {}", self.report.name)).text(self.to_string())
    }
}

/// What the row of resident memory is called.
const MEMORY: &str = "resident memory";

fn judge(slope: Option<Slope>, at_most: u64) -> Judged {
    let bound = at_most as f64;
    let shown = |slope| told(MEMORY, slope);
    let (standing, found) = match slope {
        None => (Standing::NotJudged, "too short a run, or memory cannot be read".to_owned()),
        Some(slope) if slope.low > bound && slope.is_growing() => (Standing::Broken, shown(slope)),
        Some(slope) if slope.high <= bound => (Standing::Met, shown(slope)),
        Some(slope) => (Standing::NotJudged, format!("not sure: {}", shown(slope))),
    };
    let threshold = format!("leak: at most {} an hour", Quantity::Bytes(at_most));
    Judged { threshold, objective: None, standing, found }
}

/// A slope in words; that of memory in bytes and their multiples.
fn told(name: &str, slope: Slope) -> String {
    let shown = |value: f64| if name == MEMORY { bytes(value) } else { format!("{value:+.0}") };
    let [per_hour, low, high] = [slope.per_hour, slope.low, slope.high].map(shown);
    format!("{per_hour} an hour, 95 % interval {low} to {high}")
}

/// Bytes with a sign, in the unit that leaves the fewest digits.
fn bytes(value: f64) -> String {
    match value.abs() {
        size if size < 1e3 => format!("{value:+.0} B"),
        size if size < 1e6 => format!("{:+.1} kB", value / 1e3),
        size if size < 1e9 => format!("{:+.1} MB", value / 1e6),
        _ => format!("{:+.1} GB", value / 1e9),
    }
}

impl fmt::Display for Soak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.report)?;
        for (name, slope) in self.named() {
            match slope {
                Some(slope) => {
                    let growing = if slope.is_growing() { ", GROWING" } else { "" };
                    writeln!(f, "{name}: {}{growing}", told(name, slope))?;
                }
                None => writeln!(f, "{name}: not known: too short a run, or not readable here")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_leak_is_told_in_the_units_of_memory() {
        let readings: Vec<_> = (0..100).map(|n| (Duration::from_secs(n), n as f64)).collect();
        let mut slope = Slope::of(&readings).unwrap();
        (slope.per_hour, slope.low, slope.high) = (2_345_678.0, 999.0, 4e9);
        let judged = judge(Some(slope), 1_000_000);
        assert_eq!(judged.threshold, "leak: at most 1 MB an hour");
        let shown = "+2.3 MB an hour, 95 % interval +999 B to +4.0 GB";
        assert_eq!(judged.found, format!("not sure: {shown}"));
        assert_eq!(bytes(-1_500.0), "-1.5 kB");
        let threads = "+2345678 an hour, 95 % interval +999 to +4000000000";
        assert_eq!(told("threads", slope), threads);
    }
}
