//! `Scenario`: a named operation of a load test, and how often it is chosen; `Mix`: the choice.

use std::fmt;
#[cfg(feature = "tokio")]
use std::future::Future;
#[cfg(feature = "tokio")]
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::dice::Dice;
use crate::load::call::{Answer, Call, End};
use crate::load::error::{LoadError, check_name, refuse};

type Sync = Arc<dyn Fn(&Call) -> End + Send + std::marker::Sync>;
#[cfg(feature = "tokio")]
pub(crate) type Task = Pin<Box<dyn Future<Output = End> + Send>>;
#[cfg(feature = "tokio")]
type Async = Arc<dyn Fn(Call) -> Task + Send + std::marker::Sync>;

/// What is called.
#[derive(Clone)]
pub(crate) enum Body {
    Sync(Sync),
    #[cfg(feature = "tokio")]
    Async(Async),
}

/// A named operation of a load or stress test, and how often it is chosen.
#[derive(Clone)]
pub struct Scenario {
    pub(crate) name: String,
    pub(crate) weight: f64,
    pub(crate) deadline: Option<Duration>,
    /// Name and size in the catalogue.
    pub(crate) operation: Option<(String, Option<u64>)>,
    pub(crate) body: Body,
}

impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, weight, deadline, operation, body: _ } = self;
        f.debug_struct("Scenario")
            .field("name", name)
            .field("weight", weight)
            .field("deadline", deadline)
            .field("operation", operation)
            .finish_non_exhaustive()
    }
}

impl Scenario {
    /// An operation that blocks its thread until it has ended.
    ///
    /// What it panics with is caught and counted, and nothing is written. An operation that
    /// panics while it unwinds from a panic ends the process, as anywhere.
    pub fn new<A: Answer>(
        name: impl Into<String>,
        operation: impl Fn(&Call) -> A + Send + std::marker::Sync + 'static,
    ) -> Self {
        Self::of(name.into(), Body::Sync(Arc::new(move |call| operation(call).end())))
    }

    /// An operation that is a future, to be polled by tokio; for [`LoadTest::run_async`].
    ///
    /// [`LoadTest::run_async`]: crate::load::LoadTest::run_async
    #[cfg(feature = "tokio")]
    pub fn new_async<A, F>(
        name: impl Into<String>,
        operation: impl Fn(Call) -> F + Send + std::marker::Sync + 'static,
    ) -> Self
    where
        A: Answer,
        F: Future<Output = A> + Send + 'static,
    {
        let body = move |call| -> Task {
            let future = operation(call);
            Box::pin(async move { future.await.end() })
        };
        Self::of(name.into(), Body::Async(Arc::new(body)))
    }

    fn of(name: String, body: Body) -> Self {
        Self { name, weight: 1.0, deadline: None, operation: None, body }
    }

    /// How often it is chosen, compared with the others; 1 where nothing is said.
    pub fn weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// How long one operation may take, where that differs from the test's.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The operation of the catalogue that it is, whose objectives are held against it.
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some((name.into(), self.operation.and_then(|(_, size)| size)));
        self
    }

    /// The operation of the catalogue that it is, and its input's size in entities.
    pub fn operation_of_size(mut self, name: impl Into<String>, entities: u64) -> Self {
        self.operation = Some((name.into(), Some(entities)));
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Which scenario a call is of.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    seed: u64,
    /// Sums of weights; the last is the sum of all.
    sums: Vec<f64>,
}

impl Mix {
    /// Checks names and weights.
    pub(crate) fn new(seed: u64, scenarios: &[Scenario]) -> Result<Self, LoadError> {
        if scenarios.is_empty() || scenarios.len() > 100 {
            let found = format!("{}", scenarios.len());
            return refuse("scenarios", &found, "1 to 100 scenarios");
        }
        let mut sums = Vec::new();
        let mut sum = 0.0;
        for (at, scenario) in scenarios.iter().enumerate() {
            let Scenario { name, weight, .. } = scenario;
            if name.is_empty() || scenarios[..at].iter().any(|other| other.name == *name) {
                let accepted = "a name of its own for each";
                return refuse("scenarios", &format!("the name `{name}`"), accepted);
            }
            check_name("scenarios", name)?;
            // What is not a number is not in the range either.
            if !(1e-9..=1e9).contains(weight) {
                let field = format!("weight of `{name}`");
                return refuse(&field, &weight.to_string(), "0.000000001 to 1,000,000,000");
            }
            sum += weight;
            sums.push(sum);
        }
        Ok(Self { seed, sums })
    }

    /// The scenario of a call: by the run's seed and the call's number alone.
    pub(crate) fn choose(&self, number: u64) -> usize {
        let all = self.sums.last().copied().unwrap_or_default();
        let point = Dice::of_call(self.seed, number).unit() * all;
        self.sums.partition_point(|sum| *sum <= point).min(self.sums.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighted(weights: &[f64]) -> Result<Mix, LoadError> {
        let named = weights.iter().enumerate();
        let scenarios: Vec<_> = named
            .map(|(at, weight)| Scenario::new(format!("s{at}"), |_: &Call| ()).weight(*weight))
            .collect();
        Mix::new(5, &scenarios)
    }

    #[test]
    fn scenarios_are_chosen_by_their_weights() {
        let mix = weighted(&[1.0, 3.0, 6.0]).unwrap();
        let mut chosen = [0_u64; 3];
        for number in 0..10_000 {
            chosen[mix.choose(number)] += 1;
        }
        // Four standard deviations of each binomial count.
        for (count, share) in chosen.into_iter().zip([0.1, 0.3, 0.6_f64]) {
            let deviation = (10_000.0 * share * (1.0 - share)).sqrt();
            assert!((count as f64 - 10_000.0 * share).abs() < 4.0 * deviation, "{chosen:?}");
        }
    }

    #[test]
    fn weights_that_are_no_weights_are_refused() {
        for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let refused = weighted(&[1.0, weight]).unwrap_err().to_string();
            assert!(refused.starts_with("weight of `s1`: "), "{refused}");
        }
        assert!(weighted(&[]).is_err());
        let obeyed = [Scenario::new("red \u{1b}[31m", |_: &Call| ())];
        assert_eq!(
            Mix::new(0, &obeyed).unwrap_err().to_string(),
            "scenarios: the name \"red \\u{1b}[31m\" is not accepted; accepted: a name without \
             control characters"
        );
        let twice = [Scenario::new("a", |_: &Call| ()), Scenario::new("a", |_: &Call| ())];
        assert_eq!(
            Mix::new(0, &twice).unwrap_err().to_string(),
            "scenarios: the name `a` is not accepted; accepted: a name of its own for each"
        );
    }
}
