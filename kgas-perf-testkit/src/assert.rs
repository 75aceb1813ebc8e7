//! Calls since a collector learned a baseline: the form of `assert_within_baseline!` that measures
//! nothing itself.

use std::fmt;
use std::time::Duration;

use kgas_perf_runtime::Collector;
use kgas_perf_runtime::baseline::Baseline;
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::measure::Outcome;

/// A median of so many baseline medians is a regression: where the tier of a single call
/// becomes a warning.
const REGRESSED: f64 = 2.0;

/// Why an operation is not within its baseline.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NotWithinBaseline {
    /// There is no baseline to keep to.
    NoBaseline {
        /// The operation.
        operation: String,
        /// Calls that had ended well by now, all size classes together.
        ok: u64,
    },
    /// No call ended well since the baseline was learned.
    NoCalls {
        /// The operation.
        operation: String,
        /// Its size class.
        size_class: SizeClass,
        /// Calls that ended otherwise since.
        failed: u64,
    },
    /// The median has grown.
    Slower {
        /// What was normal.
        baseline: Box<Baseline>,
        /// Calls that ended well since.
        count: u64,
        /// Their median.
        p50: Duration,
    },
}

/// Whether the calls of an operation since its baseline was learned are as fast as it says: what
/// [`assert_within_baseline!`](crate::assert_within_baseline) asserts of a [`Collector`] (of an
/// installed runtime: `handle.collector()`). Every size class with a baseline is looked at.
///
/// It is not if no baseline was learned, with fewer than 100 calls ended well at the last tick;
/// if no call ended well since, as no data is no success; or if the median of the calls that
/// ended well is twice the baseline's or more, and above its p95.
///
/// # Errors
/// With the first size class that is not within its baseline, and its numbers.
pub fn within_baseline(collector: &Collector, operation: &str) -> Result<(), NotWithinBaseline> {
    let mut baselines = collector.first_baselines();
    baselines.retain(|baseline| baseline.operation == operation);
    if baselines.is_empty() {
        let snapshot = collector.registry().snapshot();
        let ok =
            snapshot.operation(operation).map_or(0, |known| known.outcome(Outcome::Ok).count());
        return Err(NotWithinBaseline::NoBaseline { operation: operation.to_owned(), ok });
    }
    for baseline in baselines {
        let Some(window) = collector.since_learned(operation, baseline.size_class) else {
            continue;
        };
        let ok = window.series.outcome(Outcome::Ok);
        let Some(p50) = ok.quantile(0.5) else {
            return Err(NotWithinBaseline::NoCalls {
                operation: operation.to_owned(),
                size_class: baseline.size_class,
                failed: window.series.calls(),
            });
        };
        let grown = p50.as_secs_f64() / baseline.p50.as_secs_f64().max(1e-9);
        if p50 > baseline.p95 && grown >= REGRESSED {
            return Err(NotWithinBaseline::Slower {
                baseline: Box::new(baseline),
                count: ok.count(),
                p50,
            });
        }
    }
    Ok(())
}

impl fmt::Display for NotWithinBaseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBaseline { operation, ok } => write!(
                f,
                "`{operation}` has no baseline: {ok} calls ended well, at least {} are needed \
                 before a tick",
                kgas_perf_runtime::baseline::ENOUGH
            ),
            Self::NoCalls { operation, size_class, failed } => write!(
                f,
                "no call of `{operation}` ({}) ended well since its baseline was learned; \
                 {failed} ended otherwise",
                size_class.as_str()
            ),
            Self::Slower { baseline, count, p50 } => write!(
                f,
                "`{}` ({}) has become slower: the median of {count} calls is {p50:?}, that of \
                 its baseline {:?} (p95 {:?}, {} calls)",
                baseline.operation,
                baseline.size_class.as_str(),
                baseline.p50,
                baseline.p95,
                baseline.count
            ),
        }
    }
}

impl std::error::Error for NotWithinBaseline {}

#[cfg(test)]
mod tests {
    use kgas_perf_runtime::measure::{Metadata, record_operation};
    use kgas_perf_runtime::{Handle, Registry};

    use super::*;

    fn recorded(learn: &[u64], then: &[u64]) -> Result<(), NotWithinBaseline> {
        let registry = Registry::new();
        let collector = Collector::new(registry.clone());
        let record = |millis: &[u64]| {
            for millis in millis {
                let duration = Duration::from_millis(*millis);
                record_operation("import", duration, Metadata::default());
            }
        };
        registry.run(|| record(learn));
        collector.tick();
        registry.run(|| record(then));
        within_baseline(&collector, "import")
    }

    #[test]
    fn equal_calls_pass_and_calls_twice_as_long_do_not() {
        assert_eq!(recorded(&[10; 100], &[10; 20]), Ok(()));
        assert_eq!(recorded(&[10; 100], &[15; 20]), Ok(()));
        let slower = recorded(&[10; 100], &[20; 20]).unwrap_err();
        assert!(matches!(slower, NotWithinBaseline::Slower { count: 20, .. }), "{slower}");
    }

    #[test]
    fn a_few_outliers_are_no_regression() {
        let mut calls = [10; 40];
        calls[..3].fill(500);
        assert_eq!(recorded(&[10; 100], &calls), Ok(()));
    }

    #[test]
    fn without_a_baseline_or_without_calls_nothing_passes() {
        let none = recorded(&[10; 99], &[10; 100]).unwrap_err();
        assert_eq!(
            none.to_string(),
            "`import` has no baseline: 199 calls ended well, at least 100 are needed before a tick"
        );
        let no_calls = recorded(&[10; 100], &[]).unwrap_err();
        assert_eq!(
            no_calls.to_string(),
            "no call of `import` (unsized) ended well since its baseline was learned; 0 ended \
             otherwise"
        );
    }

    #[test]
    #[should_panic(expected = "`import` has no baseline")]
    fn the_macro_panics_with_what_was_found() {
        let handle: Handle = kgas_perf_runtime::install::Builder::new()
            .registry(Registry::new())
            .tick_by_hand()
            .install()
            .unwrap();
        crate::assert_within_baseline!(handle.collector(), "import");
    }
}
