//! `History`: the baselines of one operation and size class, by environment.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::baseline::{Baseline, Environment, Provenance};
use crate::catalog::SizeClass;

/// The baselines of one operation and size class: for each environment its versions, of which the
/// newest is current and the first is what drift is measured against.
///
/// A baseline of an environment that none before matches starts afresh beside the others, as
/// version 1. One without an environment matches others without one.
///
/// It is bounded: the first and the newest [`History::MOST_VERSIONS`] less one versions are kept,
/// of the [`History::MOST_ENVIRONMENTS`] environments that were added to last. Numbers of versions
/// go on when old ones are dropped.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::baseline::{Baseline, History, Provenance};
/// use kgas_perf_runtime::catalog::SizeClass;
///
/// let learned = |millis| {
///     let ok = [Duration::from_millis(millis); 100].into_iter().collect();
///     Baseline::learn("import", SizeClass::Small, &ok, Duration::from_secs(1_800_000_000)).unwrap()
/// };
/// let mut history = History::new("import", SizeClass::Small);
/// assert_eq!(history.add(learned(10))?, 1);
/// assert_eq!(history.accept(learned(15), "ada", "reads the larger ontology")?, 2);
/// assert_eq!(history.current(None).unwrap().version, 2);
/// assert_eq!(history.first(None).unwrap().p50.as_millis(), 10);
/// # Ok::<(), kgas_perf_runtime::baseline::HistoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct History {
    operation: String,
    size_class: SizeClass,
    /// One for each environment, that added to last at the end; none is empty.
    lines: Vec<Vec<Baseline>>,
}

/// Why a baseline was not added.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// It belongs to another history. Add it there.
    #[error("`{found}` is no baseline of `{expected}`")]
    OtherOperation {
        /// Operation and size class of the history.
        expected: String,
        /// Operation and size class of the baseline.
        found: String,
    },
    /// A baseline is accepted by somebody, for a reason. Ask for what is missing.
    #[error("who accepts the baseline of `{operation}` and why must be said: {missing} is empty")]
    Unexplained {
        /// The operation.
        operation: String,
        /// `by` or `why`.
        missing: &'static str,
    },
}

impl History {
    /// Versions kept of one environment, at most.
    pub const MOST_VERSIONS: usize = 16;
    /// Environments kept, at most.
    pub const MOST_ENVIRONMENTS: usize = 8;

    /// A history without baselines.
    pub fn new(operation: impl Into<String>, size_class: SizeClass) -> Self {
        Self { operation: operation.into(), size_class, lines: Vec::new() }
    }

    /// The operation.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// The size class.
    pub fn size_class(&self) -> SizeClass {
        self.size_class
    }

    /// Makes a baseline the newest version of its environment, and answers its number.
    ///
    /// # Errors
    /// If it is a baseline of another operation or size class.
    pub fn add(&mut self, mut baseline: Baseline) -> Result<u32, HistoryError> {
        if baseline.operation != self.operation || baseline.size_class != self.size_class {
            let named = |operation, class: SizeClass| format!("{operation} ({})", class.as_str());
            return Err(HistoryError::OtherOperation {
                expected: named(&self.operation, self.size_class),
                found: named(&baseline.operation, baseline.size_class),
            });
        }
        let mut line = match self.position(baseline.environment.as_deref()) {
            Some(at) => self.lines.remove(at),
            None => Vec::new(),
        };
        let version = line.last().map_or(1, |last| last.version.saturating_add(1));
        baseline.version = version;
        line.push(baseline);
        if line.len() > Self::MOST_VERSIONS {
            line.remove(1);
        }
        self.lines.push(line);
        if self.lines.len() > Self::MOST_ENVIRONMENTS {
            self.lines.remove(0);
        }
        Ok(version)
    }

    /// Puts back baselines that were kept, with their numbers: each operation's own, the versions
    /// of an environment oldest first. What is of another operation or size class is left out.
    #[must_use]
    pub fn restored(mut self, baselines: impl IntoIterator<Item = Baseline>) -> Self {
        for baseline in baselines {
            let version = baseline.version;
            // Another operation's is left out, and every other finds its line as the newest.
            if self.add(baseline).is_ok()
                && let Some(newest) = self.lines.last_mut().and_then(|line| line.last_mut())
            {
                newest.version = version.max(1);
            }
        }
        // That added to last is the one that was learned last.
        self.lines.sort_by_key(|line| line.last().map(|newest| newest.learned));
        self
    }

    /// Makes what was unlike the baseline so far the new normal, because somebody says so, and
    /// answers its version.
    ///
    /// # Errors
    /// If it is not said by whom or why, or if it is a baseline of another operation or size class.
    pub fn accept(
        &mut self,
        mut baseline: Baseline,
        by: &str,
        why: &str,
    ) -> Result<u32, HistoryError> {
        for (said, missing) in [(by, "by"), (why, "why")] {
            if said.trim().is_empty() {
                let operation = self.operation.clone();
                return Err(HistoryError::Unexplained { operation, missing });
            }
        }
        baseline.provenance =
            Provenance::Accepted { by: by.trim().to_owned(), why: why.trim().to_owned() };
        self.add(baseline)
    }

    /// The newest version of an environment.
    pub fn current(&self, environment: Option<&Environment>) -> Option<&Baseline> {
        self.versions(environment).next()
    }

    /// The first version of an environment: drift is measured against it.
    pub fn first(&self, environment: Option<&Environment>) -> Option<&Baseline> {
        self.versions(environment).last()
    }

    /// The versions of an environment that are kept, newest first.
    pub fn versions(&self, environment: Option<&Environment>) -> impl Iterator<Item = &Baseline> {
        let line = self.position(environment).map(|at| &self.lines[at]);
        line.into_iter().flatten().rev()
    }

    /// Every baseline that is kept, by environment, its versions oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Baseline> {
        self.lines.iter().flatten()
    }

    /// The environments, that added to last first. Each as it was of its newest version.
    pub fn environments(&self) -> impl Iterator<Item = Option<&Environment>> {
        self.lines.iter().rev().filter_map(|line| Some(line.last()?.environment.as_deref()))
    }

    fn position(&self, environment: Option<&Environment>) -> Option<usize> {
        self.lines.iter().position(|line| {
            let known = line.first().and_then(|first| first.environment.as_deref());
            match (known, environment) {
                (Some(known), Some(environment)) => known.matches(environment),
                (None, None) => true,
                _ => false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    fn learned(millis: u64, profile: &str) -> Baseline {
        let ok = [Duration::from_millis(millis); 100].into_iter().collect();
        let found = Baseline::learn("import", SizeClass::Small, &ok, Duration::ZERO).unwrap();
        found.in_environment(Arc::new(environment(profile)))
    }

    fn environment(profile: &str) -> Environment {
        Environment::new("linux", "x86_64", 8).profile(profile)
    }

    #[test]
    fn another_environment_starts_afresh_beside_the_old_one() {
        let mut history = History::new("import", SizeClass::Small);
        assert_eq!(history.add(learned(10, "release")), Ok(1));
        assert_eq!(history.add(learned(11, "release")), Ok(2));
        assert_eq!(history.add(learned(90, "dev")), Ok(1));
        let (release, dev) = (environment("release"), environment("dev"));
        assert_eq!(history.current(Some(&release)).map(|found| found.version), Some(2));
        assert_eq!(history.current(Some(&dev)).map(|found| found.version), Some(1));
        assert_eq!(history.current(None), None);
        // A commit is no environment of its own.
        let commit = environment("release").commit("abc");
        assert_eq!(history.versions(Some(&commit)).count(), 2);
        let known: Vec<_> = history.environments().flatten().cloned().collect();
        assert_eq!(known, [dev, release]);
    }

    #[test]
    fn the_first_version_outlives_those_between() {
        let mut history = History::new("import", SizeClass::Small);
        for millis in 1..=40 {
            assert_eq!(history.add(learned(millis, "release")), Ok(millis as u32));
        }
        let release = environment("release");
        let versions: Vec<u32> = history.versions(Some(&release)).map(|one| one.version).collect();
        assert_eq!(versions.len(), History::MOST_VERSIONS);
        assert_eq!(versions[..3], [40, 39, 38]);
        assert_eq!(versions[14..], [26, 1]);
        assert_eq!(history.first(Some(&release)).map(|first| first.p50.as_millis()), Some(1));
    }

    #[test]
    fn the_environment_longest_not_added_to_goes_first() {
        let mut history = History::new("import", SizeClass::Small);
        let name = |number| format!("profile-{number}");
        for number in 0..History::MOST_ENVIRONMENTS {
            history.add(learned(10, &name(number))).unwrap();
        }
        history.add(learned(11, &name(0))).unwrap();
        history.add(learned(10, "one more")).unwrap();
        assert_eq!(history.environments().count(), History::MOST_ENVIRONMENTS);
        assert_eq!(history.versions(Some(&environment(&name(0)))).count(), 2);
        assert_eq!(history.current(Some(&environment(&name(1)))), None);
    }

    #[test]
    fn what_is_accepted_names_who_and_why() {
        let mut history = History::new("import", SizeClass::Small);
        history.add(learned(10, "release")).unwrap();
        let refused = history.accept(learned(20, "release"), "ada", " ").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "who accepts the baseline of `import` and why must be said: why is empty"
        );
        assert_eq!(history.accept(learned(20, "release"), " ada ", "larger ontology"), Ok(2));
        let current = history.current(Some(&environment("release"))).unwrap();
        let accepted =
            Provenance::Accepted { by: "ada".to_owned(), why: "larger ontology".to_owned() };
        assert_eq!(current.provenance, accepted);
        assert!(current.is_mature(), "a person vouches for it");
        assert!(!history.first(Some(&environment("release"))).unwrap().is_mature());
    }

    #[test]
    fn a_baseline_of_another_operation_is_refused() {
        let mut history = History::new("export", SizeClass::Small);
        let refused = history.add(learned(10, "release")).unwrap_err();
        assert_eq!(refused.to_string(), "`import (small)` is no baseline of `export (small)`");
        assert_eq!(history.environments().count(), 0);
    }
}
