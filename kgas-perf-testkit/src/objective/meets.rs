//! `MeetsObjective`: the assertion.

use std::fmt::Write;
use std::time::Duration;

use kgas_perf_runtime::catalog::{SizeClass, Statistic};
use kgas_perf_runtime::measure::SystemClock;

use super::binding::Binding;
use super::verdict::{Met, at_most};
use crate::check::Check;
use crate::place::Place;
use crate::timing::{Course, Effort, Session, Turn, clock_step, drive, drive_async};
use crate::told;
use crate::within::{Ns, Role};

/// Asserts that the durations of an operation keep what the catalogue declares for inputs of a
/// size class.
///
/// [`assert_meets_objective!`](crate::assert_meets_objective) makes one.
#[derive(Clone, Debug)]
#[must_use = "it asserts nothing until it is given what to measure"]
pub struct MeetsObjective {
    operation: String,
    class: SizeClass,
    place: Place,
    effort: Effort,
    judge_debug_builds: bool,
    strict: bool,
}

impl MeetsObjective {
    #[doc(hidden)]
    pub fn at(operation: impl Into<String>, class: SizeClass, place: Place) -> Self {
        Self {
            operation: operation.into(),
            class,
            place,
            effort: Effort::default(),
            judge_debug_builds: std::env::var("KGAS_PERF_JUDGE_DEBUG_BUILDS")
                .is_ok_and(|set| !["", "0", "false"].contains(&set.as_str())),
            strict: told::strict(),
        }
    }

    /// How long it may take: 5 s. No call is begun after that.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.effort.budget = budget.max(Duration::from_millis(10));
        self
    }

    /// How long the operation runs before it is timed: 100 ms.
    pub fn warm_up(mut self, warm_up: Duration) -> Self {
        self.effort.warm_up = warm_up;
        self
    }

    /// Judges debug builds too.
    pub fn judge_debug_builds(mut self) -> Self {
        self.judge_debug_builds = true;
        self
    }

    /// Fails what nobody can tell, as `KGAS_PERF_STRICT=1` does for all.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Measures and judges; what to fail with.
    #[doc(hidden)]
    pub fn failure<T>(self, mut work: impl FnMut() -> T) -> Option<String> {
        let (binding, _turn) = match self.ready() {
            Ok(ready) => ready,
            Err(failure) => return failure,
        };
        let session = drive(self.course(), &mut work);
        self.judge(&binding, &session)
    }

    /// The same for futures.
    #[doc(hidden)]
    pub async fn failure_async<T>(
        self,
        mut work: impl AsyncFnMut() -> T,
        check: impl Check<T>,
    ) -> Option<String> {
        let (binding, _turn) = match self.ready() {
            Ok(ready) => ready,
            Err(failure) => return failure,
        };
        let session = drive_async(self.course(), &mut work, check).await;
        self.judge(&binding, &session)
    }

    fn ready(&self) -> Result<(Binding, Turn), Option<String>> {
        if Role::at(&self.operation, &self.place) != Role::Test {
            return Err(None);
        }
        let binding = Binding::of(self.place.crate_folder(), &self.operation, self.class)
            .map_err(|error| Some(format!("`{}` cannot be judged: {error}", self.operation)))?;
        if self.place.is_debug() && !self.judge_debug_builds {
            let text =
                format!("the objectives of `{}` are not judged: debug build", self.operation);
            told::keep(&format!("{} (objectives)", self.operation), "not judged", &text);
            told::say(&text);
            return Err(None);
        }
        Ok((binding, Turn::take()))
    }

    fn course(&self) -> Course {
        let clock_step = clock_step(&SystemClock);
        // Single timings are what is judged, so a hundred of them at least, if time allows.
        Course::new(Effort { clock_step, samples: 100, ..self.effort }, self.effort.budget)
    }

    fn judge(&self, binding: &Binding, session: &Session) -> Option<String> {
        let calls = &session.timings_ns;
        let mut worst = Met::Yes;
        let mut lines = String::new();
        for (objective, bound) in &binding.durations {
            let statistic = objective.statistic.unwrap_or(Statistic::P95);
            let (met, told) = at_most(calls, statistic, *bound as f64);
            let said = match met {
                Met::Yes => "met",
                Met::No => "not met",
                Met::Unknown => "not to be said of so few calls",
            };
            let _ =
                write!(lines, "\n  {objective}: {said}, {} is {}", statistic.as_str(), Ns(told));
            if met == Met::No || worst == Met::Yes {
                worst = met;
            }
        }
        let batched = if session.calls_a_timing > 1 {
            format!(", means of {} calls each", session.calls_a_timing)
        } else {
            String::new()
        };
        let _ = write!(lines, "\n  {} timings{batched}", calls.len());
        if !binding.others.is_empty() {
            let others: Vec<String> = binding.others.iter().map(ToString::to_string).collect();
            let _ = write!(lines, "\n  not judged by a test: {}", others.join("; "));
        }
        let (answer, text) = match worst {
            Met::Yes => ("met", "meets its objectives"),
            Met::No => ("not met", "does not meet its objectives"),
            Met::Unknown => {
                ("inconclusive", "has too few calls to say whether it meets its objectives")
            }
        };
        let text = format!(
            "`{}` ({}) {text}{lines}\n  at {}",
            self.operation,
            self.class.as_str(),
            self.place
        );
        told::keep(&format!("{} (objectives)", self.operation), answer, &text);
        if worst == Met::No || worst == Met::Unknown && self.strict {
            return Some(text);
        }
        if worst == Met::Unknown {
            told::say(&text);
        }
        None
    }
}
