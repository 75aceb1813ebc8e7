//! `Bound`: what a cost may grow like at most, and whether it does.

use std::fmt;

use serde::Serialize;

use crate::scaling::analysis::Scaling;
use crate::scaling::answer::{Answer, Misfit};
use crate::scaling::complexity::Complexity;
use crate::scaling::error::ScalingError;
use crate::scaling::experiment::Experiment;

/// What a jump, as where a cache ends, may add to an exponent.
const JUMP: f64 = 0.5;

/// What a cost may grow like at most.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Like this class.
    Class(Complexity),
    /// Like this power of the size.
    Exponent(f64),
}

/// How a cost stands to a bound.
#[derive(Clone, Debug, PartialEq)]
pub enum Held {
    /// The cost keeps to the bound, surely.
    Yes(Scaling),
    /// It exceeds it, surely, in two rounds of measurements; these are the second's.
    No(Scaling),
    /// What was measured allows both.
    Inconclusive(Scaling),
    /// Nothing could be analysed.
    Unknown(ScalingError),
    /// The build is a debug build, whose costs are not those of the program.
    NotJudged,
}

impl Bound {
    /// How what was measured stands to this bound: `Some(true)` if it surely keeps to it,
    /// `Some(false)` if it surely exceeds it, else `None`.
    ///
    /// Exceeded is a class if it and every smaller one are ruled out, and the whole interval of
    /// the exponent lies above the highest exponent that the class has within the measured sizes;
    /// by half at least where the cost jumps between sizes.
    pub fn holds_for(self, scaling: &Scaling) -> Option<bool> {
        let exponent = &scaling.exponent;
        let class = match self {
            Self::Exponent(most) if exponent.upper <= most => return Some(true),
            Self::Exponent(most) if exponent.lower > most => return Some(false),
            Self::Exponent(most) => {
                // A cost that is the same for every size has no exponent to know.
                let flat = scaling.answer.sure() == Some(Complexity::Constant) && most >= 0.0;
                return flat.then_some(true);
            }
            Self::Class(class) => class,
        };
        match &scaling.answer {
            Answer::Sure(sure) if *sure <= class => return Some(true),
            Answer::Undecided(classes)
                if classes.len() > 1 && classes.iter().all(|c| *c <= class) =>
            {
                return Some(true);
            }
            Answer::NoneFits(Misfit::Falls) => return Some(true),
            _ => {}
        }
        // The exponent of a logarithm falls: it is highest between the first two sizes, and lowest
        // between the last two.
        let sizes: Vec<f64> = scaling.levels.iter().map(|level| level.size as f64).collect();
        let [first, second, .., before, last] = sizes[..] else { return None };
        let highest = class.exponent_between(first, second);
        if exponent.upper <= class.exponent_between(before, last) {
            return Some(true);
        }
        let mut fits = scaling.fits.iter().filter(|fit| fit.class <= class);
        let ruled_out = fits.all(|fit| fit.is_ruled_out());
        // A jump lends a cost a higher exponent than it has on either side.
        let uneven = matches!(scaling.answer, Answer::NoneFits(Misfit::Uneven));
        let margin = if uneven { JUMP } else { 0.0 };
        (ruled_out && exponent.lower > highest + margin).then_some(false)
    }

    /// Measures until it is known whether a cost keeps to this bound: one round of measurements,
    /// and a second one of its own where the first exceeds the bound.
    pub fn hold(
        self,
        experiment: &Experiment,
        mut measure: impl FnMut(&Experiment) -> Vec<(u64, f64)>,
    ) -> Held {
        if !experiment.judges_this_build() {
            return Held::NotJudged;
        }
        let mut seen_above = false;
        loop {
            let scaling = match Scaling::analyse(&measure(experiment)) {
                Ok(scaling) => scaling,
                Err(error) => return Held::Unknown(error),
            };
            match self.holds_for(&scaling) {
                Some(true) if !seen_above => return Held::Yes(scaling),
                Some(false) if seen_above => return Held::No(scaling),
                Some(false) => seen_above = true,
                _ => return Held::Inconclusive(scaling),
            }
        }
    }
}

impl From<Complexity> for Bound {
    fn from(class: Complexity) -> Self {
        Self::Class(class)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class(class) => write!(f, "{class}"),
            Self::Exponent(exponent) => write!(f, "n^{exponent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaling::simulation::{Chance, Setting, Truth};

    fn measured(truth: Truth, setting: Setting, seed: u64) -> Vec<(u64, f64)> {
        setting.measure(truth, &mut Chance::new(seed))
    }

    fn held(bound: impl Into<Bound>, truth: Truth, setting: Setting) -> Option<bool> {
        bound.into().holds_for(&Scaling::analyse(&measured(truth, setting, 1)).unwrap())
    }

    #[test]
    fn a_bound_holds_for_itself_and_for_what_grows_less() {
        for class in Complexity::ALL {
            for bound in Complexity::ALL {
                let holds = held(bound, Truth::Class(class), Setting::USUAL);
                assert_eq!(holds, Some(class <= bound), "{class} at most {bound}");
            }
        }
    }

    #[test]
    fn powers_between_the_classes_are_held_against_them_too() {
        assert_eq!(held(Complexity::NLogN, Truth::Power(1.5), Setting::USUAL), Some(false));
        assert_eq!(held(Complexity::N2, Truth::Power(1.5), Setting::USUAL), Some(true));
        assert_eq!(held(Bound::Exponent(1.2), Truth::Power(1.5), Setting::USUAL), Some(false));
        assert_eq!(held(Bound::Exponent(1.6), Truth::Power(1.5), Setting::USUAL), Some(true));
        assert_eq!(held(Bound::Exponent(1.5), Truth::Power(1.5), Setting::USUAL), None);
        let constant = Truth::Class(Complexity::Constant);
        assert_eq!(held(Bound::Exponent(0.1), constant, Setting::USUAL), Some(true));
    }

    #[test]
    fn a_jump_exceeds_no_bound_and_hides_no_higher_power() {
        let quiet = Setting { noise: 0.01, ..Setting::USUAL };
        assert_eq!(held(Complexity::N, Truth::Cliff(5.0), quiet), None);
        let uneven = Setting { between: 0.25, ..quiet };
        let measured = measured(Truth::Class(Complexity::N2), uneven, 1);
        let scaling = Scaling::analyse(&measured).unwrap();
        assert_eq!(scaling.answer, Answer::NoneFits(Misfit::Uneven));
        assert_eq!(Bound::Class(Complexity::NLogN).holds_for(&scaling), Some(false));
    }

    #[test]
    fn what_noise_hides_is_inconclusive() {
        let noisy = Setting { noise: 0.2, sizes: 6, repeats: 3, ..Setting::USUAL };
        assert_eq!(held(Complexity::N, Truth::Class(Complexity::NLogN), noisy), None);
    }

    #[test]
    fn a_bound_is_exceeded_only_if_a_second_round_says_so_too() {
        let experiment = Experiment::new().judge_debug_builds(true);
        let bound = Bound::Class(Complexity::NLogN);
        let mut rounds = 0;
        let twice = bound.hold(&experiment, |_| {
            rounds += 1;
            measured(Truth::Class(Complexity::N2), Setting::USUAL, rounds)
        });
        assert!(matches!(twice, Held::No(_)) && rounds == 2);
        let mut truths = [Complexity::N2, Complexity::N].into_iter();
        let once = bound.hold(&experiment, |_| {
            measured(Truth::Class(truths.next().unwrap()), Setting::USUAL, 1)
        });
        assert!(matches!(once, Held::Inconclusive(_)));
    }

    #[test]
    fn a_bound_that_holds_is_never_exceeded_under_any_noise() {
        let usual = Setting::USUAL;
        let settings = [
            Setting { noise: 0.2, repeats: 3, ..usual },
            Setting { sizes: 5, step: 4, ..usual },
            Setting { walk: 0.03, outliers: 0.1, ..usual },
            Setting { between: 0.1, overhead: 10.0, ..usual },
        ];
        for setting in settings {
            for class in Complexity::ALL {
                for seed in 0..2 {
                    let measured = measured(Truth::Class(class), setting, seed);
                    let scaling = Scaling::analyse(&measured).unwrap();
                    let holds = Bound::Class(class).holds_for(&scaling);
                    assert_ne!(holds, Some(false), "{class}, {setting:?}: {}", scaling.answer);
                }
            }
        }
    }

    /// The bench `bounds` does this with 200 runs a cell.
    #[test]
    fn an_operation_a_class_above_its_bound_is_found_and_one_within_it_never_fails() {
        let default = Setting { sizes: 8, repeats: 9, ..Setting::USUAL };
        // Where each class is told from the one below, and where only those far apart are.
        let settings = [
            (Setting { noise: 0.01, ..default }, [1, 1, 1, 1, 1]),
            (Setting { noise: 0.05, ..default }, [1, 1, 1, 1, 1]),
            (Setting { noise: 0.10, sizes: 5, ..default }, [0, 1, 0, 1, 1]),
            (Setting { noise: 0.10, overhead: 5.0, ..default }, [0, 1, 0, 1, 1]),
        ];
        for (setting, found) in settings {
            let exceeded = |truth: Complexity, bound: Complexity| {
                let is_exceeded = |seed: &u64| {
                    let measured = measured(Truth::Class(truth), setting, *seed);
                    let scaling = Scaling::analyse(&measured).unwrap();
                    Bound::Class(bound).holds_for(&scaling) == Some(false)
                };
                (0..6).filter(is_exceeded).count()
            };
            for (at, class) in Complexity::ALL.into_iter().enumerate() {
                assert_eq!(exceeded(class, class), 0, "{class}, {setting:?}");
                let Some(below) = at.checked_sub(1).map(|at| Complexity::ALL[at]) else { continue };
                let many = exceeded(class, below);
                // Five of six where it is to be found; where it is not, nothing is claimed.
                assert!(many >= 5 * found[at - 1], "{class}: {many} of 6, {setting:?}");
            }
        }
    }
}
