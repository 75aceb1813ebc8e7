//! `Collector::accept`: what is now is normal, because somebody says so.

use crate::alert::Change;
use crate::baseline::{Baseline, ENOUGH, HistoryError};
use crate::catalog::SizeClass;
use crate::collector::Collector;
use crate::measure::Outcome;

/// Why what is now was not accepted as normal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// No tick has seen a call of it.
    #[error("no call of `{operation}` ({}) was seen by a tick", size_class.as_str())]
    NoCalls {
        /// The operation.
        operation: String,
        /// The size class.
        size_class: SizeClass,
    },
    /// Too few calls ended well since it is as it is now. Wait for more.
    #[error(
        "{found} calls of `{operation}` ended well since it is as it is now; {ENOUGH} are needed"
    )]
    TooFew {
        /// The operation.
        operation: String,
        /// So many ended well.
        found: u64,
    },
    /// Nobody says who they are, or why.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl Collector {
    /// Makes what an operation does now the normal that it is held against, and answers that
    /// baseline: somebody vouches for it, so it is mature. Judging begins anew, from the next
    /// calls on, and what was found is over.
    ///
    /// What it does now are the calls that ended since what stands was found; where nothing
    /// stands, since its baseline was learned first. It is noted as a mark.
    ///
    /// # Errors
    /// If there were fewer than 100 such calls that ended well, or it is not said by whom or why.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::catalog::SizeClass;
    /// use kgas_perf_runtime::measure::{Metadata, record_operation};
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let registry = Registry::new();
    /// let collector = Collector::new(registry.clone());
    /// let record = |millis| {
    ///     let duration = Duration::from_millis(millis);
    ///     registry.run(|| {
    ///         (0..100).for_each(|_| record_operation("import", duration, Metadata::default()));
    ///     });
    ///     collector.tick();
    /// };
    /// record(10);
    /// record(15);
    /// let why = "reads the larger ontology";
    /// let baseline = collector.accept("import", SizeClass::Unsized, "ada", why)?;
    /// assert_eq!(baseline.p50.as_millis(), 15);
    /// assert!(baseline.is_mature());
    /// # Ok::<(), kgas_perf_runtime::collector::AcceptError>(())
    /// ```
    pub fn accept(
        &self,
        operation: &str,
        class: SizeClass,
        by: &str,
        why: &str,
    ) -> Result<Baseline, AcceptError> {
        let snapshot = self.registry.snapshot();
        let mut state = self.state();
        let none = || AcceptError::NoCalls { operation: operation.to_owned(), size_class: class };
        let total = snapshot.operation(operation).and_then(|known| known.class(class));
        let total = total.ok_or_else(none)?;
        let pauses: Vec<_> = state.pauses.iter().copied().collect();
        let judged = state.judged_mut(operation, class).ok_or_else(none)?;
        let present = judged.present(total);
        let ok = present.outcome(Outcome::Ok);
        let Some(baseline) = Baseline::learn(operation, class, ok, snapshot.unix) else {
            return Err(AcceptError::TooFew { operation: operation.to_owned(), found: ok.count() });
        };
        let baseline = baseline.in_environment(self.environment.clone());
        let accepted = judged.accept(baseline, (by, why), total, pauses)?.ok_or_else(none)?;
        let text = format!("{}: accepted by {}, {}", judged.subject, by.trim(), why.trim());
        state.keeping.baseline(&accepted);
        state.judges_anew = true;
        state.mark(Change::Baseline, &text, self.now());
        Ok(accepted)
    }
}
