//! `Soak`: what grows while nothing but time passes.

use std::fmt;

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
    pub(crate) fn of(mut report: Report, leak_at_most: Option<f64>) -> Self {
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
        growing.filter_map(|(name, slope)| Some(format!("{name}: {}", shown(slope?)))).collect()
    }

    /// That of the report; a leak above [`leak_at_most`](crate::stress::StressTest::leak_at_most)
    /// is a broken threshold.
    pub fn exit_code(&self) -> u8 {
        self.report.exit_code()
    }

    fn named(&self) -> [(&'static str, Option<Slope>); 4] {
        [
            ("resident bytes", self.resident_bytes),
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

fn judge(slope: Option<Slope>, bound: f64) -> Judged {
    let (standing, found) = match slope {
        None => (Standing::NotJudged, "too short a run, or memory cannot be read".to_owned()),
        Some(slope) if slope.low > bound && slope.is_growing() => (Standing::Broken, shown(slope)),
        Some(slope) if slope.high <= bound => (Standing::Met, shown(slope)),
        Some(slope) => (Standing::NotJudged, format!("not sure: {}", shown(slope))),
    };
    let threshold = format!("leak: at most {bound:.0} bytes an hour");
    Judged { threshold, objective: None, standing, found }
}

fn shown(slope: Slope) -> String {
    format!("{:+.0} an hour, 95 % interval {:+.0} to {:+.0}", slope.per_hour, slope.low, slope.high)
}

impl fmt::Display for Soak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.report)?;
        for (name, slope) in self.named() {
            match slope {
                Some(slope) => {
                    let growing = if slope.is_growing() { ", GROWING" } else { "" };
                    writeln!(f, "{name}: {}{growing}", shown(slope))?;
                }
                None => writeln!(f, "{name}: not known: too short a run, or not readable here")?,
            }
        }
        Ok(())
    }
}
