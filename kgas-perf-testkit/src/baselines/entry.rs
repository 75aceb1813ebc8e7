//! `Entry`: one baseline: the samples, and where they came from.

use crate::timing::{PARTS, Session, Statistic, VERSION, median, typical};

/// Samples that an entry keeps of a process at most: of more, neighbours are averaged.
pub const MOST_SAMPLES: usize = 50;

/// Where a baseline came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The compiler that the program was built with, such as `rustc 1.95.0`; empty if unknown.
    pub toolchain: String,
    /// The commit it was built from, `-dirty` after it if files were changed; empty if unknown.
    pub commit: String,
    /// The day, in UTC, such as `2026-01-31`.
    pub date: String,
    /// Why it is as it is.
    pub reason: String,
}

/// What is normal for one operation in one class of environments.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What was kept of each sample.
    pub statistic: Statistic,
    /// Samples that were taken, all sessions together.
    pub n: u64,
    /// Calls in one timing.
    pub calls_a_timing: u64,
    /// Quantiles of single timings, in nanoseconds a call: p5, p25, p50, p75, p95.
    pub band_ns: [f64; 5],
    /// The median sample, in nanoseconds a call.
    pub typical_ns: f64,
    /// What each piece of the yardstick took meanwhile, in nanoseconds, for each process: arithmetic
    /// that waits for itself, arithmetic that does not, text that is written, steps in memory.
    pub yardsticks_ns: Vec<[f64; PARTS]>,
    /// Which yardstick it was.
    pub yardstick_version: i64,
    /// The samples in yardsticks of a typical operation, in the order in which they were taken, one
    /// list for each process that took some; at most [`MOST_SAMPLES`] each.
    pub in_yardsticks: Vec<Vec<f64>>,
    /// Where it came from.
    pub origin: Origin,
}

impl Entry {
    /// Made of what some processes took, one after the other.
    pub(crate) fn of(sessions: &[Session], statistic: Statistic, origin: Origin) -> Self {
        let session = sessions.iter().cloned().reduce(Session::then).unwrap_or_default();
        Self {
            statistic,
            n: session.samples() as u64,
            calls_a_timing: session.calls_a_timing.max(1),
            band_ns: session.band_ns().map(rounded),
            typical_ns: rounded(session.typical_ns()),
            yardsticks_ns: sessions
                .iter()
                .map(|session| session.yardstick().map(rounded))
                .collect(),
            yardstick_version: VERSION,
            in_yardsticks: sessions
                .iter()
                .map(|session| {
                    let few = fewer(&session.in_yardsticks(), MOST_SAMPLES);
                    few.into_iter().map(rounded).collect()
                })
                .collect(),
            origin,
        }
    }

    /// The sessions that it keeps so much of, with all samples of one beside the same yardstick.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        let session = |(parts, samples): (&[f64; PARTS], &Vec<f64>)| Session {
            operation_ns: samples.iter().map(|sample| sample * typical(parts)).collect(),
            yardstick_ns: vec![*parts; samples.len()],
            ..Session::default()
        };
        self.yardsticks_ns.iter().zip(&self.in_yardsticks).map(session).collect()
    }

    /// How many samples one of those that are kept is the mean of.
    pub(crate) fn averaged(&self) -> usize {
        let kept = self.in_yardsticks.iter().map(Vec::len).sum::<usize>();
        (self.n as usize).div_ceil(kept.max(1)).max(1)
    }

    /// How long the yardstick of a typical operation took, in nanoseconds.
    pub fn yardstick_ns(&self) -> f64 {
        let each: Vec<f64> = self.yardsticks_ns.iter().map(typical).collect();
        median(&each).unwrap_or(1.0)
    }
}

/// At most so many numbers: of more, the geometric means of neighbours.
pub(crate) fn fewer(numbers: &[f64], most: usize) -> Vec<f64> {
    let size = numbers.len().div_ceil(most).max(1);
    if size == 1 {
        return numbers.to_vec();
    }
    let mean = |chunk: &[f64]| {
        let logs: f64 = chunk.iter().map(|each| each.max(f64::MIN_POSITIVE).ln()).sum();
        (logs / chunk.len() as f64).exp()
    };
    numbers.chunks(size).map(mean).collect()
}

/// To five digits, so that a file stays readable: off by at most 0.005 %.
pub(crate) fn rounded(number: f64) -> f64 {
    format!("{number:.4e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_five_digits() {
        assert_eq!(rounded(123_456_789.0), 123_460_000.0);
        assert_eq!(rounded(0.000_012_345_67), 0.000_012_346);
        assert_eq!(rounded(0.0), 0.0);
    }

    #[test]
    fn many_samples_are_averaged_in_their_order() {
        let many: Vec<f64> = (0..250).map(|at| if at < 125 { 1.0 } else { 4.0 }).collect();
        let few = fewer(&many, 100);
        assert_eq!(few.len(), 84);
        assert!((few[0] - 1.0).abs() < 1e-12 && (few[83] - 4.0).abs() < 1e-12);
        assert_eq!(fewer(&[3.0], 100), [3.0]);
    }
}
