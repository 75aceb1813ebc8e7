//! `Report`: what an assertion found, for people.

use std::fmt;

use super::answer::Answer;
use super::judge::{Beside, Rule};
use crate::baselines::Entry;
use crate::place::Place;
use crate::told;

/// What an assertion found. [`Report::assert`] makes a test of it.
#[derive(Clone, Debug)]
#[must_use = "a report fails nothing by itself; `assert` does"]
pub struct Report {
    pub(crate) operation: String,
    pub(crate) answer: Answer,
    pub(crate) strict: bool,
    pub(crate) place: Place,
    pub(crate) rule: Rule,
    pub(crate) beside: Option<Beside>,
    pub(crate) entry: Option<Entry>,
    /// The samples that were taken, and by how many processes.
    pub(crate) samples: usize,
    /// The typical call now, in nanoseconds; `None` if nothing was taken.
    pub(crate) now_ns: Option<f64>,
    /// What else is to be said, a line each.
    pub(crate) notes: Vec<String>,
    /// What makes it fail whatever was found, such as a broken file.
    pub(crate) error: Option<String>,
}

impl Report {
    /// The answer.
    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// The relative difference to the baseline, 0.1 for a tenth slower, and the bounds between
    /// which it lies; `None` where there was nothing to compare with.
    pub fn effect(&self) -> Option<(f64, (f64, f64))> {
        self.beside.as_ref().map(|beside| (beside.effect, beside.interval))
    }

    /// The typical call, in nanoseconds; `None` where nothing was measured.
    pub fn typical_ns(&self) -> Option<f64> {
        self.now_ns
    }

    /// Samples that were taken.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Whether a test is to fail of it.
    pub fn fails(&self) -> bool {
        self.error.is_some()
            || match self.answer {
                Answer::Slower => true,
                Answer::Inconclusive(_) | Answer::New => self.strict,
                Answer::Kept | Answer::Faster | Answer::NotJudged => false,
            }
    }

    /// Fails the test at the line of the caller, or says what a passing test has to say.
    ///
    /// # Panics
    /// With the report, if the operation is slower, if the baselines cannot be read, and, where
    /// the assertion is strict, if the report is new or inconclusive.
    #[track_caller]
    pub fn assert(self) {
        if let Some(failure) = self.failure() {
            panic!("{failure}");
        }
    }

    /// Says what a passing test has to say; what a failing one is to fail with.
    #[doc(hidden)]
    pub fn failure(self) -> Option<String> {
        let text = self.to_string();
        told::keep(&self.operation, self.answer.as_str(), &text);
        if self.fails() {
            return Some(text);
        }
        if self.answer != Answer::Kept || !self.notes.is_empty() {
            told::say(&text);
        }
        None
    }

    fn baseline(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Some(beside), Some(entry)) = (&self.beside, &self.entry) else { return Ok(()) };
        let Beside { samples, processes, pace, control, .. } = beside;
        let band = |at: usize| Ns(entry.band_ns[at]);
        write!(
            f,
            "\n  baseline  {} (p5 {}, p95 {}), {} samples of {}, {}",
            Ns(entry.typical_ns),
            band(0),
            band(4),
            samples.0,
            of_processes(processes.0),
            entry.origin.date
        )?;
        if !entry.origin.commit.is_empty() {
            write!(f, " at {}", entry.origin.commit)?;
        }
        write!(f, ": {}", entry.origin.reason)?;
        write!(
            f,
            "\n  now       {}, {} samples of {}; the yardstick takes {} of its time then",
            Ns(beside.now_ns),
            samples.1,
            of_processes(processes.1),
            Percent::of(*pace)
        )?;
        write!(
            f,
            "\n  judged    beyond ±{} and {} a call, sure for {} together; by itself within \
             this run it differs by {}",
            Percent::of(self.rule.threshold),
            Ns(self.rule.floor_ns),
            if self.rule.assertions == 1 {
                "1 assertion".into()
            } else {
                format!("{} assertions", self.rule.assertions)
            },
            Percent::signed(*control)
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = &self.operation;
        if let Some(error) = &self.error {
            return write!(f, "`{operation}` cannot be judged: {error}");
        }
        let found = self.beside.as_ref().map(|beside| {
            format!(
                "{} ({} to {}): {} a call, {} is normal",
                Percent::signed(beside.effect),
                Percent::signed(beside.interval.0),
                Percent::signed(beside.interval.1),
                Ns(beside.now_ns),
                Ns(beside.normal_ns)
            )
        });
        let found = found.unwrap_or_default();
        match self.answer {
            Answer::Slower => write!(f, "`{operation}` has become slower, {found}")?,
            Answer::Faster => write!(f, "`{operation}` has become faster, {found}")?,
            Answer::Kept => write!(f, "`{operation}` is as its baseline says, {found}")?,
            Answer::Inconclusive(doubt) => {
                write!(f, "`{operation}` is inconclusive: {}", doubt.as_str())?;
                if self.beside.is_some() {
                    write!(f, "; {found}")?;
                }
            }
            Answer::New => {
                write!(f, "`{operation}` is new: it has no baseline yet")?;
                if let Some(now) = self.now_ns {
                    write!(f, "; {} a call, {} samples", Ns(now), self.samples)?;
                }
            }
            Answer::NotJudged => write!(f, "`{operation}` is not judged: debug build")?,
        }
        self.baseline(f)?;
        if self.answer != Answer::Kept && self.answer != Answer::NotJudged {
            write!(f, "\n  at        {}", self.place)?;
        }
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        Ok(())
    }
}

/// How many processes, in words.
pub(crate) fn of_processes(count: usize) -> String {
    if count == 1 { "1 process".to_owned() } else { format!("{count} processes") }
}

/// A duration as people read it.
pub(crate) struct Ns(pub(crate) f64);

impl fmt::Display for Ns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scaled, unit) = match self.0 {
            ns if ns < 999.5 => (ns, "ns"),
            ns if ns < 999_500.0 => (ns / 1e3, "µs"),
            ns if ns < 999_500_000.0 => (ns / 1e6, "ms"),
            ns => (ns / 1e9, "s"),
        };
        let digits = match scaled {
            0.0..10.0 => 2,
            10.0..100.0 => 1,
            _ => 0,
        };
        write!(f, "{scaled:.digits$} {unit}")
    }
}

/// A share as people read it.
pub(crate) struct Percent {
    share: f64,
    sign: bool,
}

impl Percent {
    pub(crate) fn of(share: f64) -> Self {
        Self { share, sign: false }
    }

    pub(crate) fn signed(share: f64) -> Self {
        Self { share, sign: true }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = 100.0 * self.share;
        if percent > 1e5 {
            return f.write_str("any");
        }
        let sign = match percent {
            p if p < 0.0 => "−",
            p if self.sign && p > 0.0 => "+",
            _ => "",
        };
        let digits = usize::from(percent.abs() < 99.95 && (percent * 10.0).round() % 10.0 != 0.0);
        write!(f, "{sign}{:.digits$} %", percent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        for (ns, text) in [
            (0.5, "0.50 ns"),
            (12.345, "12.3 ns"),
            (999.6, "1.00 µs"),
            (2.5e9, "2.50 s"),
            (1.234e8, "123 ms"),
        ] {
            assert_eq!(Ns(ns).to_string(), text);
        }
        for (share, text) in [
            (0.1, "+10 %"),
            (-0.0912, "−9.1 %"),
            (0.0, "0 %"),
            (1.5, "+150 %"),
            (f64::INFINITY, "any"),
        ] {
            assert_eq!(Percent::signed(share).to_string(), text);
        }
        assert_eq!(Percent::of(0.05).to_string(), "5 %");
    }
}
