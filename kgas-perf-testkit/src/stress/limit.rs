//! `Breakpoint`: where a bound broke, and what was at its limit there.

use std::fmt;

use serde_json::{Value, json};

use crate::load::junit::suite;
use crate::load::{Report, Section, Standing};

/// What a probe at one level has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All thresholds were kept.
    Held,
    /// At least one was not.
    Broken,
    /// It could not be judged.
    Unknown,
}

/// What seems to be at its limit.
#[derive(Clone, Debug, PartialEq)]
pub enum Saturation {
    /// This process uses this share of the machine's processors, where 1 is all.
    Processors(f64),
    /// As many operations are in flight as may be, and others wait for them.
    InFlight(usize),
    /// Operations fail: this share of those that started.
    Errors(f64),
    /// The generator starts operations late by itself.
    Generator,
    /// None of these: operations wait for something that is not seen here, such as a lock, a disk
    /// or another process. The number is the share of processors in use, where it is known.
    Waiting(Option<f64>),
}

/// From this share on, processors are said to be at their limit.
const PROCESSORS_BUSY: f64 = 0.85;
/// From this share of the bound on, on the average, so is what is in flight.
const FLIGHTS_BUSY: f64 = 0.9;

impl Saturation {
    /// What seems to be at its limit in a run.
    ///
    /// The first that applies: the generator, the processors, errors, what may be in flight.
    pub fn of(report: &Report) -> Self {
        let lag = report.generator.lag.durations.quantile(0.99);
        let counted = || report.stages.iter().filter(|stage| !stage.warm_up);
        let most = |values: &mut dyn Iterator<Item = f64>| values.reduce(f64::max);
        let processors = most(&mut counted().filter_map(|stage| stage.processor_share));
        let flights = most(&mut counted().filter_map(|stage| stage.mean_in_flight));
        let bound = report.generator.most_in_flight;
        let counts = &report.total.counts;
        if report.generator.lag_allowed.zip(lag).is_some_and(|(allowed, lag)| lag > allowed) {
            Self::Generator
        } else if let Some(share) = processors.filter(|share| *share >= PROCESSORS_BUSY) {
            Self::Processors(share)
        } else if let Some(rate) = counts.error_rate().filter(|rate| *rate > 0.01) {
            Self::Errors(rate)
        } else if report.open && flights.is_some_and(|mean| mean >= FLIGHTS_BUSY * bound as f64) {
            // In a closed model as many are in flight as there are workers: that says nothing.
            Self::InFlight(bound)
        } else {
            Self::Waiting(processors)
        }
    }
}

impl fmt::Display for Saturation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Processors(share) => {
                write!(f, "the processors: this process uses {:.0} % of them", 100.0 * share)
            }
            Self::InFlight(bound) => {
                write!(f, "what may be in flight: {bound} operations at once, and others wait")
            }
            Self::Errors(rate) => write!(f, "operations fail: {:.1} % of them", 100.0 * rate),
            Self::Generator => f.write_str("the generator: it starts operations late by itself"),
            Self::Waiting(share) => {
                f.write_str("something operations wait for: a lock, a disk, another process")?;
                match share {
                    Some(share) => write!(f, "; processors are in use to {:.0} %", 100.0 * share),
                    None => f.write_str("; the use of processors is not known"),
                }
            }
        }
    }
}

/// One level that was tried.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Workers, or starts a second.
    pub level: f64,
    /// What it has shown.
    pub verdict: Verdict,
    /// All about it.
    pub report: Report,
}

/// Where a threshold breaks.
#[derive(Clone, Debug)]
pub struct Breakpoint {
    /// The test's name.
    pub name: String,
    /// What was raised: `workers` or `a second`.
    pub unit: &'static str,
    /// The highest level at which all thresholds were kept; `None` where the first level broke.
    pub highest_held: Option<f64>,
    /// The lowest level at which one was broken, twice; `None` where none was.
    pub lowest_broken: Option<f64>,
    /// The thresholds that were broken there, with what was found.
    pub limited_by: Vec<String>,
    /// What seems to be at its limit there; `None` where nothing broke.
    pub saturated: Option<Saturation>,
    /// Why the search ended before it had found a point or the end of the ramp.
    pub gave_up: Option<String>,
    /// All levels, in the order in which they were tried.
    pub probes: Vec<Probe>,
}

impl Breakpoint {
    /// 0 when a point was found or all levels held, 2 when the search gave up.
    ///
    /// To break is what a ramp is for, so it is no failure.
    pub fn exit_code(&self) -> u8 {
        if self.gave_up.is_some() { 2 } else { 0 }
    }

    /// As JSON: `unit`, `highest_held`, `lowest_broken`, `limited_by`, `saturated`, `gave_up` and
    /// `probes`, each with `level`, `verdict` and the `report`.
    pub fn to_json(&self) -> Value {
        let probe = |probe: &Probe| {
            json!({
                "level": probe.level,
                "verdict": probe.verdict,
                "report": probe.report.to_json(),
            })
        };
        json!({
            "format": 1,
            "name": self.name,
            "unit": self.unit,
            "highest_held": self.highest_held,
            "lowest_broken": self.lowest_broken,
            "limited_by": self.limited_by,
            "saturated": self.saturated.as_ref().map(Saturation::to_string),
            "gave_up": self.gave_up,
            "exit_code": self.exit_code(),
            "probes": self.probes.iter().map(probe).collect::<Vec<_>>(),
        })
    }

    /// As JUnit XML: one test case, which errs when the search gave up.
    pub fn to_junit(&self) -> String {
        let told = self.gave_up.clone().map(|why| ("error", why));
        let seconds = self.probes.iter().map(|probe| probe.report.elapsed.as_secs_f64()).sum();
        suite(&self.name, seconds, &[("breakpoint".to_owned(), told)], &self.to_string())
    }

    /// A part of a page.
    pub fn section(&self) -> Section {
        Section::new(format!("Breakpoint of {}", self.name)).text(self.to_string())
    }
}

/// The thresholds that a run broke, with what was found.
pub(crate) fn broken(report: &Report) -> Vec<String> {
    let broken = report.judged.iter().filter(|judged| judged.standing == Standing::Broken);
    broken.map(|judged| format!("{}; found: {}", judged.threshold, judged.found)).collect()
}

/// A level as people read it: to four decimals, and no more than it has.
pub(crate) fn rounded(level: f64) -> f64 {
    (level * 1e4).round() / 1e4
}

impl fmt::Display for Breakpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = self.unit;
        match (self.highest_held, self.lowest_broken) {
            (Some(held), Some(broken)) => {
                let (held, broken) = (rounded(held), rounded(broken));
                writeln!(f, "{}: holds at {held} {unit}, breaks at {broken} {unit}", self.name)?;
            }
            (None, Some(broken)) => {
                writeln!(
                    f,
                    "{}: breaks at the first level, {} {unit}",
                    self.name,
                    rounded(broken)
                )?;
            }
            (Some(held), None) => {
                let held = rounded(held);
                writeln!(
                    f,
                    "{}: holds up to {held} {unit}, the highest that was tried",
                    self.name
                )?;
            }
            (None, None) => writeln!(f, "{}: nothing could be judged", self.name)?,
        }
        for threshold in &self.limited_by {
            writeln!(f, "limited by: {threshold}")?;
        }
        if let Some(saturated) = &self.saturated {
            writeln!(f, "at its limit: {saturated}")?;
        }
        if let Some(why) = &self.gave_up {
            writeln!(f, "gave up: {why}")?;
        }
        for Probe { level, verdict, report } in &self.probes {
            let verdict = match verdict {
                Verdict::Held => "held",
                Verdict::Broken => "broke",
                Verdict::Unknown => "not judged",
            };
            let counts = &report.total.counts;
            let p95 = report.total.latency.percentile(0.95).value;
            let p95 = p95.map_or("n too small".to_owned(), |p95| format!("{p95:.1?}"));
            writeln!(
                f,
                "  {} {unit}: {verdict}; {} ok, {} failed, {} dropped, p95 {p95}",
                rounded(*level),
                counts.ok,
                counts.failed(),
                counts.dropped
            )?;
        }
        Ok(())
    }
}
