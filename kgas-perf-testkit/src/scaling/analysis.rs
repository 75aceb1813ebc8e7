//! `Scaling`: from measurements at several sizes to the class of their growth, or to why there is
//! none.

use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor};

use crate::scaling::answer::{Answer, Misfit};
use crate::scaling::cliff;
use crate::scaling::complexity::Complexity;
use crate::scaling::error::ScalingError;
use crate::scaling::exponent::{Exponent, Profile};
use crate::scaling::fit::{Curve, Target};
use crate::scaling::level::{Level, Levels};

/// A class is ruled out below this probability.
pub(crate) const RULED_OUT: f64 = 0.005;
/// Intervals hold the truth with this probability.
pub(crate) const CONFIDENCE: f64 = 0.99;
/// Fewer sizes leave nothing to judge a fit of three unknowns by, and no AICc.
pub(crate) const FEWEST_SIZES: usize = 5;
/// The largest size is at least so many times the smallest; over less, logarithms are straight.
pub(crate) const NARROWEST: f64 = 8.0;
/// Sizes differ by at least this much, as a logarithm, for reasons of their own: caches, layouts.
const FLOOR: f64 = 0.03;
/// Sizes that differ by more than this for reasons of their own follow no class.
const UNEVEN: f64 = 0.10;
/// A cost that certainly grows by less than this over the whole range is the same for every size.
const FLAT: f64 = 1.25;
/// A cost whose curve rises by less than this, and not certainly by more than [`FLAT`], may be
/// one that is the same for every size on a machine that slowed down meanwhile.
const STEEP: f64 = 1.5;
/// A class stands for exponents no further than this from its own.
const AROUND: f64 = 0.25;

/// One class, fitted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassFit {
    /// The class.
    pub class: Complexity,
    /// `a`, the overhead in seconds.
    pub overhead_seconds: f64,
    /// `b`, what the growing part is multiplied by, in seconds.
    pub factor_seconds: f64,
    /// QAICc less that of the best class; 0 for the best.
    pub delta_aicc: f64,
    /// Akaike's weight: this class's share of the evidence among the six.
    pub weight: f64,
    /// The probability of a misfit as large if this class is the truth; below 0.005 it is
    /// ruled out.
    pub p_value: f64,
    /// The root mean square of the residuals, as a logarithm: 0.1 is about 10 %.
    pub rms_residual: f64,
}

impl ClassFit {
    /// Whether the measurements rule this class out.
    pub fn is_ruled_out(&self) -> bool {
        self.p_value < RULED_OUT
    }

    /// The fitted cost of an input, in seconds.
    pub fn at(&self, size: f64) -> f64 {
        self.overhead_seconds + self.factor_seconds * self.class.growth(size)
    }
}

/// How a cost grows with the size of the input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scaling {
    /// The answer.
    pub answer: Answer,
    /// The exponent of the growing part.
    pub exponent: Exponent,
    /// All classes, the best first.
    pub fits: Vec<ClassFit>,
    /// What was measured, by ascending size.
    pub levels: Vec<Level>,
    /// Sizes that were left out: their cost is less than 20 steps of the timer.
    pub unresolved_sizes: Vec<u64>,
}

impl Scaling {
    /// Analyses measurements: pairs of a size and a duration in seconds, in any order, with as
    /// many repeats at each size as there are.
    ///
    /// Sizes are best geometric, and measured in turn rather than one after the other: a machine
    /// that slows down meanwhile then adds noise and no growth.
    ///
    /// # Errors
    /// - a size of 0; a duration that is negative, infinite or not a number;
    /// - fewer than five sizes, also because the timer does not resolve the others;
    /// - a largest size of less than eight times the smallest.
    ///
    /// # Cost
    /// About half a millisecond in an optimised build, whatever the number of sizes.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_testkit::scaling::{Answer, Complexity, Scaling};
    ///
    /// let sizes = (0..10).map(|doubling| 100 << doubling);
    /// let measured: Vec<(u64, f64)> =
    ///     sizes.map(|n: u64| (n, 2e-3 + 1e-6 * (n * n) as f64)).collect();
    /// let scaling = Scaling::analyse(&measured)?;
    /// assert_eq!(scaling.answer, Answer::Sure(Complexity::N2));
    /// assert!((scaling.exponent.estimate - 2.0).abs() < 0.01);
    /// # Ok::<(), kgas_perf_testkit::scaling::ScalingError>(())
    /// ```
    pub fn analyse(measurements: &[(u64, f64)]) -> Result<Self, ScalingError> {
        for &(size, seconds) in measurements {
            if size == 0 {
                return Err(ScalingError::SizeZero);
            }
            if !seconds.is_finite() || seconds < 0.0 {
                return Err(ScalingError::NoDuration { size, seconds });
            }
        }
        let Levels { kept: mut levels, unresolved } = Levels::of(measurements);
        if levels.len() < FEWEST_SIZES {
            return Err(ScalingError::TooFewSizes { sizes: levels.len(), unresolved });
        }
        let target = Target::of(&levels, FLOOR);
        let (smallest, largest) = target.range();
        if largest < NARROWEST * smallest {
            return Err(ScalingError::TooNarrow { smallest, largest });
        }

        let curves = Complexity::ALL.map(|class| (class, curve(&target, class)));
        let profile = Profile::of(&target);
        let least = curves.iter().fold(profile.misfit, |least, (_, c)| least.min(c.misfit));
        // Three unknowns: overhead, factor, exponent. What they leave is noise; where it is more
        // than the repeats and the floor explain, all of it counts as such (overdispersion).
        let degrees = (levels.len() - 3) as f64;
        let excess = (least / degrees).max(1.0);
        let f = FisherSnedecor::new(1.0, degrees).map_err(|_| ScalingError::SizeZero)?;
        let p_value = |misfit: f64| 1.0 - f.cdf((misfit - least).max(0.0) / excess);

        let fits = ranked(&curves, &levels, excess, p_value);
        let bound = f.inverse_cdf(CONFIDENCE);
        let (lower, upper) = profile.interval(profile.misfit + bound * excess);
        let exponent =
            Exponent { estimate: profile.estimate, lower, upper, confidence: CONFIDENCE };
        for level in &mut levels {
            level.residual = (level.median_seconds / fits[0].at(level.size as f64)).ln();
        }
        let bound = least + f.inverse_cdf(1.0 - RULED_OUT) * excess;
        let judge =
            Judge { target: &target, levels: &levels, fits: &fits, exponent: &exponent, bound };
        let answer = judge.answer(&profile);
        Ok(Self { answer, exponent, fits, levels, unresolved_sizes: unresolved })
    }

    /// The fit of a class.
    pub fn fit(&self, class: Complexity) -> &ClassFit {
        // Every class has one.
        self.fits.iter().find(|fit| fit.class == class).unwrap_or(&self.fits[0])
    }
}

fn curve(target: &Target, class: Complexity) -> Curve {
    if class == Complexity::Constant {
        return target.constant();
    }
    let growth: Vec<f64> = target.sizes.iter().map(|n| class.growth(*n)).collect();
    target.fit(&growth)
}

/// Classes by their QAICc (Burnham and Anderson, "Model Selection and Multimodel Inference",
/// 2002, 2.5): misfit over the excess of the scatter, which is estimated once for all and counts
/// as an unknown, and the correction for few values of Hurvich and Tsai (1989).
fn ranked(
    curves: &[(Complexity, Curve)],
    levels: &[Level],
    excess: f64,
    p_value: impl Fn(f64) -> f64,
) -> Vec<ClassFit> {
    let sizes = levels.len() as f64;
    let criterion = |class: Complexity, misfit: f64| {
        let unknowns = if class == Complexity::Constant { 2.0 } else { 3.0 };
        let few = 2.0 * unknowns * (unknowns + 1.0) / (sizes - unknowns - 1.0);
        misfit / excess + 2.0 * unknowns + few
    };
    let mut fits: Vec<ClassFit> = curves
        .iter()
        .map(|(class, curve)| {
            let mut fit = ClassFit {
                class: *class,
                overhead_seconds: curve.overhead,
                factor_seconds: curve.factor,
                delta_aicc: criterion(*class, curve.misfit),
                weight: 0.0,
                p_value: p_value(curve.misfit),
                rms_residual: 0.0,
            };
            let residual =
                |level: &Level| (level.median_seconds / fit.at(level.size as f64)).ln().powi(2);
            fit.rms_residual = (levels.iter().map(residual).sum::<f64>() / sizes).sqrt();
            fit
        })
        .collect();
    fits.sort_by(|a, b| a.delta_aicc.total_cmp(&b.delta_aicc).then(a.class.cmp(&b.class)));
    let best = fits[0].delta_aicc;
    fits.iter_mut().for_each(|fit| fit.delta_aicc -= best);
    let total: f64 = fits.iter().map(|fit| (-fit.delta_aicc / 2.0).exp()).sum();
    fits.iter_mut().for_each(|fit| fit.weight = (-fit.delta_aicc / 2.0).exp() / total);
    fits
}

/// What an answer is drawn from.
struct Judge<'a> {
    target: &'a Target,
    levels: &'a [Level],
    fits: &'a [ClassFit],
    exponent: &'a Exponent,
    /// The largest misfit that the measurements allow.
    bound: f64,
}

impl Judge<'_> {
    fn answer(&self, profile: &Profile<'_>) -> Answer {
        let mut possible: Vec<Complexity> =
            self.fits.iter().filter(|fit| !fit.is_ruled_out()).map(|fit| fit.class).collect();
        possible.sort_unstable();
        let (least, most) = self.growth();
        if most < 1.0 {
            return Answer::NoneFits(Misfit::Falls);
        }
        if self.is_uneven(profile) {
            return Answer::NoneFits(Misfit::Uneven);
        }
        if possible.is_empty() {
            return Answer::NoneFits(Misfit::Shape);
        }
        if !possible.contains(&Complexity::Constant) && !self.is_steep(least) {
            possible.insert(0, Complexity::Constant);
        }
        if possible.contains(&Complexity::Constant) {
            // Each class holds the constant one, with a growth too small to see.
            let flat = most <= FLAT && least >= 1.0 / FLAT;
            return if flat {
                Answer::Sure(Complexity::Constant)
            } else {
                Answer::Undecided(possible)
            };
        }
        if let [only] = possible[..] {
            let (smallest, largest) = self.target.range();
            let own = only.exponent_between(smallest, largest);
            if self.exponent.lower >= own - AROUND && self.exponent.upper <= own + AROUND {
                return match cliff::class_below(only) {
                    Some(below) if cliff::misfit(self.target, below) <= self.bound => {
                        Answer::Undecided(vec![below, only])
                    }
                    _ => Answer::Sure(only),
                };
            }
        }
        Answer::Undecided(possible)
    }

    /// Whether the cost rises by more than a machine that slows down makes it.
    fn is_steep(&self, least: f64) -> bool {
        let (smallest, largest) = self.target.range();
        let best = &self.fits[0];
        least > FLAT || best.at(largest) > STEEP * best.at(smallest)
    }

    /// The interval of the growth over the whole range, as a ratio, by the slope in the log-log
    /// plane.
    fn growth(&self) -> (f64, f64) {
        let (slope, variance) = self.target.slope();
        let degrees = (self.levels.len() - 2) as f64;
        let left = self.target.constant().misfit - slope * slope / variance;
        let excess = (left / degrees).max(1.0);
        let bound =
            FisherSnedecor::new(1.0, degrees).map_or(f64::INFINITY, |f| f.inverse_cdf(CONFIDENCE));
        let half = (bound * excess * variance).sqrt();
        let (smallest, largest) = self.target.range();
        let range = (largest / smallest).ln();
        (((slope - half) * range).exp(), ((slope + half) * range).exp())
    }

    /// Whether even the best smooth curve leaves more than repeats and a difference between sizes
    /// of [`UNEVEN`] explain.
    fn is_uneven(&self, profile: &Profile<'_>) -> bool {
        let loose = Target::of(self.levels, UNEVEN);
        let growth: Vec<f64> =
            loose.sizes.iter().map(|n| (n / loose.range().1).powf(profile.estimate)).collect();
        let smooth = loose.fit(&growth).misfit;
        let least =
            self.fits.iter().map(|fit| curve(&loose, fit.class).misfit).fold(smooth, f64::min);
        let degrees = (self.levels.len() - 3) as f64;
        ChiSquared::new(degrees).is_ok_and(|chi| least > chi.inverse_cdf(1.0 - RULED_OUT))
    }
}
