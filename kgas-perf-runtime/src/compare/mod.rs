//! Two sets of durations, side by side: is the second slower than the first? And a stored series:
//! where does it change?
//!
//! - `comparison`: the answer, and how the sets were measured.
//! - `error`: what cannot be compared.
//! - `log_durations`: two sets as logarithms, whatever the clock was like.
//! - `readings`: what each duration says about the level at which it was measured.
//! - `series`: readings in the order of measurement, and the machine's level under them.
//! - `interleaved`: sets that were measured in turns.
//! - `sequential`: sets of which one was measured after the other.
//! - `noise`: what a machine may do to durations by itself.
//! - `step`: did the code change the durations, or did the machine?
//! - `segment`: where a stored series changes.
//! - `simulation`: machines and code with a truth that is known, for tests.

mod comparison;
mod error;
mod interleaved;
mod log_durations;
mod noise;
mod readings;
mod segment;
#[cfg(test)]
mod segment_tests;
mod sequential;
mod series;
#[cfg(test)]
mod simulation;
mod step;
#[cfg(test)]
mod tests;

pub use comparison::{Comparison, Design, Reason, Verdict};
pub use error::{CompareError, Side};
pub use segment::segment;

/// The rate of false verdicts that is usual: one comparison of identical code in twenty.
pub const ALPHA: f64 = 0.05;

/// Compares two sets of durations: is the candidate slower or faster than the baseline?
///
/// Durations are in seconds, in the order in which they were measured. Zero is a duration: it
/// occurs where the clock is coarse. `alpha`, above 0 and below 1, is the rate of false verdicts
/// to be kept; [`ALPHA`] is usual.
///
/// # Method
/// Each duration is read for what it says about its level, by the score of the distribution that
/// all of them have when the difference is taken off: the reading that finds a shift best,
/// whatever the shape (Hájek and Šidák, *Theory of Rank Tests*, 1967). Steady durations, caches
/// that hit and miss, and heavy tails are all read well.
///
/// [`Design::Interleaved`]: the level that neighbours in time share is estimated (Kalman, 1960) and
/// taken off both, and the differences of pairs are judged by Student's t. What the machine does
/// cancels. With fewer than 20 pairs, Wilcoxon's test of signed ranks.
///
/// [`Design::Sequential`]: what the machine does between the two sets looks like a change of the
/// code. So every way in which a machine may behave (quiet, drifting, wandering by any amount and
/// at any pace) is weighed with and without a change, by the likelihood of the readings in their
/// order; a difference is a verdict only if a change explains it far better than all machines
/// without one (a Bayes factor: Kass and Raftery, 1995). Else, if a test that trusts the machine
/// would have seen a difference, the comparison is inconclusive. It is assumed that the two sets
/// were measured one right after the other; across a pause the machine may change in ways that no
/// sample shows.
///
/// # Errors
/// [`CompareError`] if a set is empty, a duration is negative, infinite or no number, interleaved
/// sets have different sizes, or `alpha` is not between 0 and 1.
///
/// # Cost
/// Sorts of all durations and about two hundred passes over at most 1,024 points; the bench
/// `compare` measures it.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::compare::{ALPHA, Design, Verdict, compare};
///
/// let baseline: Vec<f64> = (0..40).map(|call| 0.010 + 1e-4 * f64::from(call * 7 % 10)).collect();
/// let candidate: Vec<f64> = baseline.iter().rev().map(|seconds| seconds * 1.2).collect();
/// let compared = compare(&baseline, &candidate, Design::Interleaved, ALPHA)?;
/// assert_eq!(compared.verdict, Verdict::Regressed);
/// assert!((compared.effect - 0.2).abs() < 0.02);
/// assert!(compared.interval.0 > 0.15 && compared.interval.1 < 0.25);
/// # Ok::<(), kgas_perf_runtime::compare::CompareError>(())
/// ```
pub fn compare(
    baseline: &[f64],
    candidate: &[f64],
    design: Design,
    alpha: f64,
) -> Result<Comparison, CompareError> {
    check(baseline, Side::Baseline)?;
    check(candidate, Side::Candidate)?;
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(CompareError::NotARate { alpha });
    }
    if design == Design::Interleaved && baseline.len() != candidate.len() {
        let (baseline, candidate) = (baseline.len(), candidate.len());
        return Err(CompareError::NotPaired { baseline, candidate });
    }
    if let Some(answer) = without_scatter(baseline, candidate, alpha) {
        return Ok(answer);
    }
    Ok(match design {
        Design::Sequential => sequential::sequential(baseline, candidate, alpha),
        Design::Interleaved => interleaved::interleaved(baseline, candidate, alpha),
    })
}

/// That all of a set are durations, and that there are some.
fn check(set: &[f64], side: Side) -> Result<(), CompareError> {
    if set.is_empty() {
        return Err(CompareError::Empty { side });
    }
    match set.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
        Some(index) => Err(CompareError::NotADuration { side, index, value: set[index] }),
        None => Ok(()),
    }
}

/// The answer where every duration of both sets is the same.
fn without_scatter(baseline: &[f64], candidate: &[f64], alpha: f64) -> Option<Comparison> {
    let first = baseline.first()?;
    if !baseline.iter().chain(candidate).all(|value| value == first) {
        return None;
    }
    let samples = (baseline.len(), candidate.len());
    let unknown = (f64::NEG_INFINITY, f64::INFINITY);
    let nothing = |bounds| Comparison::by_p(1.0, alpha, 0.0, bounds, samples);
    Some(if *first == 0.0 {
        nothing(unknown).inconclusive(Reason::ClockTooCoarse)
    } else if sequential::least_p(samples.0, samples.1) > alpha {
        nothing(unknown).inconclusive(Reason::TooFewSamples)
    } else {
        nothing((0.0, 0.0))
    })
}
