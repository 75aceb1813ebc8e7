//! `assert_scales!`: an operation grows like a class at most.

use std::panic::Location;

use crate::scaling::bound::{Bound, Held};
use crate::scaling::experiment::Experiment;
use crate::told;

/// Asserts that the cost of an operation grows like a class at most as its input grows.
///
/// ```no_run
/// use kgas_perf_testkit::assert_scales;
/// use kgas_perf_testkit::scaling::Experiment;
///
/// // An operation that is given the size, at sizes from 128 to 16,384:
/// assert_scales!(|n| (0..n).sum::<u64>(), at_most = N);
///
/// // On inputs that are prepared outside of what is measured:
/// let numbers = |n: u64| (0..n).rev().collect::<Vec<_>>();
/// let sorted = |numbers: &Vec<u64>| {
///     let mut sorted = numbers.clone();
///     sorted.sort();
///     sorted
/// };
/// assert_scales!(numbers => sorted, at_most = NLogN);
///
/// // At other sizes, or with a power of the size as the bound:
/// let experiment = Experiment::new().sizes((0..10).map(|step| 1_000 << step)).repeats(15);
/// assert_scales!(numbers => sorted, at_most = NLogN, experiment);
/// assert_scales!(numbers => sorted, at_most = n^1.3, experiment);
/// ```
///
/// The name behind `at_most` is that of a [`Complexity`](crate::scaling::Complexity). The whole
/// answers with a [`Held`](crate::scaling::Held).
///
/// In a build with debug assertions nothing is measured, and standard error says so, unless the
/// [`Experiment`](crate::scaling::Experiment) asks for it. What is inconclusive passes, and
/// standard error shows it, past the capture of `cargo test`; `KGAS_PERF_STRICT=1` makes it fail.
/// What was said last is kept for `kgas-perf baseline results`.
///
/// # Panics
/// At the line of the assertion, with every size and class, if the bound is surely exceeded: it
/// and every smaller class are ruled out, and the interval of the exponent lies above it, in two
/// rounds of measurements. Also if sizes are too few, too close together or too small for the
/// timer, which is a mistake of the test; and, where `KGAS_PERF_STRICT=1` asks for it, if it is
/// inconclusive.
#[macro_export]
macro_rules! assert_scales {
    ($prepare:expr => $operation:expr, at_most = n^$exponent:literal $(, $experiment:expr)? $(,)?) => {
        $crate::scaling::assert_scales_on(
            $prepare,
            $operation,
            $crate::scaling::Bound::Exponent($exponent),
            $crate::assert_scales!(@experiment $($experiment)?),
        )
    };
    ($prepare:expr => $operation:expr, at_most = $class:ident $(, $experiment:expr)? $(,)?) => {
        $crate::scaling::assert_scales_on(
            $prepare,
            $operation,
            $crate::scaling::Bound::Class($crate::scaling::Complexity::$class),
            $crate::assert_scales!(@experiment $($experiment)?),
        )
    };
    ($operation:expr, at_most = n^$exponent:literal $(, $experiment:expr)? $(,)?) => {
        $crate::scaling::assert_scales(
            $operation,
            $crate::scaling::Bound::Exponent($exponent),
            $crate::assert_scales!(@experiment $($experiment)?),
        )
    };
    ($operation:expr, at_most = $class:ident $(, $experiment:expr)? $(,)?) => {
        $crate::scaling::assert_scales(
            $operation,
            $crate::scaling::Bound::Class($crate::scaling::Complexity::$class),
            $crate::assert_scales!(@experiment $($experiment)?),
        )
    };
    (@experiment) => {
        &$crate::scaling::Experiment::new()
    };
    (@experiment $experiment:expr) => {
        &$experiment
    };
}

/// What [`assert_scales!`](crate::assert_scales) asserts of an operation that is given the size.
///
/// # Panics
/// As the macro does.
#[track_caller]
pub fn assert_scales<O>(
    mut operation: impl FnMut(u64) -> O,
    at_most: impl Into<Bound>,
    experiment: &Experiment,
) -> Held {
    let bound = at_most.into();
    let held = bound.hold(experiment, |experiment| experiment.measure(&mut operation));
    conclude(bound, held, told::strict())
}

/// What [`assert_scales!`](crate::assert_scales) asserts of an operation on prepared inputs.
///
/// # Panics
/// As the macro does.
#[track_caller]
pub fn assert_scales_on<I, O>(
    mut prepare: impl FnMut(u64) -> I,
    mut operation: impl FnMut(&I) -> O,
    at_most: impl Into<Bound>,
    experiment: &Experiment,
) -> Held {
    let bound = at_most.into();
    let measure = |experiment: &Experiment| experiment.measure_on(&mut prepare, &mut operation);
    conclude(bound, bound.hold(experiment, measure), told::strict())
}

/// Keeps what was found, and panics or says what is to be seen.
#[track_caller]
fn conclude(bound: Bound, held: Held, strict: bool) -> Held {
    let (answer, text) = match &held {
        Held::Yes(scaling) => ("kept", format!("the cost grows like {bound} at most\n{scaling}")),
        Held::No(scaling) => {
            ("exceeded", format!("the cost grows faster than {bound}, twice\n{scaling}"))
        }
        Held::Unknown(error) => ("unknown", error.to_string()),
        Held::Inconclusive(scaling) => (
            "inconclusive",
            format!("inconclusive: the cost may grow faster than {bound}\n{scaling}"),
        ),
        Held::NotJudged => {
            ("not judged", format!("not judged: debug build; at most {bound} was asserted"))
        }
    };
    let place = Location::caller();
    let text = format!("{}\n  at {place}", text.trim_end());
    told::keep(&format!("scaling at {place}"), answer, &text);
    match &held {
        Held::Yes(_) => {}
        Held::No(_) | Held::Unknown(_) => panic!("{text}"),
        Held::Inconclusive(_) if strict => panic!("{text}"),
        Held::Inconclusive(_) | Held::NotJudged => told::say(&text),
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::simulation::{Chance, Setting, Truth};
    use crate::scaling::{Complexity, Scaling};

    fn scaling(class: Complexity) -> Scaling {
        let truth = Truth::Class(class);
        Scaling::analyse(&Setting::USUAL.measure(truth, &mut Chance::new(1))).unwrap()
    }

    #[test]
    #[should_panic(expected = "the cost grows faster than O(n), twice")]
    fn an_exceeded_bound_panics_with_the_analysis() {
        conclude(Complexity::N.into(), Held::No(scaling(Complexity::N2)), false);
    }

    #[test]
    fn an_inconclusive_bound_passes() {
        let held = Held::Inconclusive(scaling(Complexity::N));
        assert_eq!(conclude(Complexity::N.into(), held.clone(), false), held);
    }

    #[test]
    #[should_panic(expected = "inconclusive: the cost may grow faster than O(n)")]
    fn an_inconclusive_bound_fails_where_that_is_asked_for() {
        conclude(Complexity::N.into(), Held::Inconclusive(scaling(Complexity::N)), true);
    }

    #[test]
    #[should_panic(expected = "2 sizes are too few to tell classes apart")]
    fn too_few_sizes_are_a_mistake_of_the_test() {
        let experiment = Experiment::new().sizes([1, 8]).judge_debug_builds(true);
        assert_scales!(|n| n, at_most = N, experiment);
    }

    #[test]
    #[cfg(debug_assertions)]
    fn a_debug_build_is_not_judged_unless_told() {
        let mut called = false;
        assert_eq!(assert_scales!(|_| called = true, at_most = Constant), Held::NotJudged);
        assert!(!called);
    }

    #[test]
    fn the_macro_takes_every_form() {
        // One size is too few to judge: what is of interest is that all forms measure.
        let experiment = Experiment::new().sizes([4]).repeats(1);
        let not = experiment.clone().judge_debug_builds(false);
        if cfg!(debug_assertions) {
            assert_scales!(|n| n, at_most = n ^ 1.2, not);
            assert_scales!(|n| vec![0; n as usize] => |v: &Vec<u8>| v.len(), at_most = N2, not);
            assert_scales!(|n| n => |n: &u64| *n, at_most = n^1.5, not,);
        }
    }
}
