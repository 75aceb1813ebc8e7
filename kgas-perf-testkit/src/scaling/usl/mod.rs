//! `Usl`: throughput by concurrency, after the Universal Scalability Law.
//!
//! - `fit`: least squares with bounds.

mod fit;

use std::fmt;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use crate::dice::Dice;
use crate::scaling::usl::fit::Parameters;

/// Fewer different concurrencies leave nothing to judge three unknowns by.
const FEWEST: usize = 4;
/// Rounds of the bootstrap.
const ROUNDS: usize = 999;
const SEED: u64 = 0x9e37;
/// A peak is near the measured range up to so many times its largest concurrency.
const NEAR: f64 = 1.5;
/// A law without bounds explains superlinear points better than one with them by chance this
/// seldom, before that is said.
const SURPRISE: f64 = 0.005;
/// The throughput of one worker rises by this at least before it is called superlinear.
const RISE: f64 = 1.05;

/// A value and its interval, which holds the truth with a probability of 0.95.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

/// Where more workers begin to do less.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Peak {
    /// In or near the measured range.
    At {
        /// `N* = √((1−σ)/κ)`; an interval may end at infinity, where some resamples have no peak.
        concurrency: Estimate,
        /// The throughput there.
        throughput: f64,
    },
    /// Not up to 1.5 times the largest measured concurrency; what lies beyond was not seen.
    NotReached,
}

/// The Universal Scalability Law, fitted: `X(N) = λN / (1 + σ(N−1) + κN(N−1))`.
///
/// `σ` is what workers wait for each other (contention), `κ` what keeping them in agreement costs
/// each pair (coherency). Gunther, "Guerrilla Capacity Planning" (2007), chapters 4 to 6, where
/// they are called α and β. Both are kept within `0.0..=1.0` and from 0 up: values below have no
/// meaning, and a fit that needs them is told as superlinear instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Usl {
    /// The throughput of one worker.
    pub lambda: Estimate,
    /// Contention.
    pub sigma: Estimate,
    /// Coherency.
    pub kappa: Estimate,
    /// Where the throughput is highest.
    pub peak: Peak,
    /// The share of the variance of the throughput that the law explains.
    pub r_squared: f64,
    /// What was measured: concurrency and throughput, ascending.
    pub points: Vec<(f64, f64)>,
}

/// Why the law says nothing about measurements.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UslError {
    /// Measure at more levels of concurrency.
    #[error("{found} levels of concurrency are too few to fit the law, {FEWEST} are needed")]
    TooFew {
        /// Different concurrencies that were given.
        found: usize,
    },
    /// A point is not above 0, or not finite.
    #[error(
        "a throughput of {throughput} at a concurrency of {concurrency} can't be fitted: both \
         must be finite, the concurrency at least 1 and the throughput above 0"
    )]
    NoPoint {
        /// Its concurrency.
        concurrency: f64,
        /// Its throughput.
        throughput: f64,
    },
    /// A worker does more the more of them there are, as where each brings a cache of its own or
    /// work is done in batches. The law has no place for that.
    #[error(
        "the throughput is superlinear: {} a worker at a concurrency of {}, {} at {}",
        .most.1, .most.0, .first.1, .first.0
    )]
    Superlinear {
        /// The lowest concurrency, and the throughput a worker there.
        first: (f64, f64),
        /// The same where it is highest.
        most: (f64, f64),
    },
}

impl Usl {
    /// Fits the law to pairs of concurrency and throughput, in any order, repeats allowed.
    ///
    /// Least squares of the throughput, with bounds. Intervals are percentiles of 999 resamples of
    /// the residuals (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, 6.2),
    /// from a fixed seed.
    ///
    /// # Errors
    /// With fewer than four different concurrencies, with points that are none, and where the
    /// throughput is superlinear.
    ///
    /// # Cost
    /// Some ten milliseconds in an optimised build.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_testkit::scaling::{Peak, Usl};
    ///
    /// let law = |n: f64| 1_000.0 * n / (1.0 + 0.05 * (n - 1.0) + 0.002 * n * (n - 1.0));
    /// let measured: Vec<_> = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0].map(|n| (n, law(n))).to_vec();
    /// let usl = Usl::fit(&measured)?;
    /// assert!((usl.sigma.value - 0.05).abs() < 1e-6 && (usl.kappa.value - 0.002).abs() < 1e-7);
    /// let Peak::At { concurrency, .. } = usl.peak else { unreachable!("√(0.95/0.002) = 21.8") };
    /// assert!((concurrency.value - 21.8).abs() < 0.01);
    /// # Ok::<(), kgas_perf_testkit::scaling::UslError>(())
    /// ```
    pub fn fit(points: &[(f64, f64)]) -> Result<Self, UslError> {
        for &(concurrency, throughput) in points {
            let good = concurrency.is_finite() && throughput.is_finite();
            if !good || concurrency < 1.0 || throughput <= 0.0 {
                return Err(UslError::NoPoint { concurrency, throughput });
            }
        }
        let mut points = points.to_vec();
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let different = points.chunk_by(|a, b| a.0 == b.0).count();
        if different < FEWEST {
            return Err(UslError::TooFew { found: different });
        }
        let (found, misfit) = fit::bounded(&points);
        if let Some(superlinear) = superlinear(&points) {
            return Err(superlinear);
        }
        let resampled = bootstrap(&points, &found);
        let percentiles = |value: f64, of: &dyn Fn(&Parameters) -> f64| {
            let mut values: Vec<f64> = resampled.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values[(share * (ROUNDS + 1) as f64) as usize - 1];
            Estimate { value, lower: at(0.025).min(value), upper: at(0.975).max(value) }
        };
        let largest = points[points.len() - 1].0;
        let peak = match found.peak() {
            Some(n) if n <= NEAR * largest => Peak::At {
                concurrency: percentiles(n, &|p| p.peak().unwrap_or(f64::INFINITY)),
                throughput: found.at(n),
            },
            _ => Peak::NotReached,
        };
        let mean = points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64;
        let variance: f64 = points.iter().map(|point| (point.1 - mean).powi(2)).sum();
        Ok(Self {
            lambda: percentiles(found.lambda, &|p| p.lambda),
            sigma: percentiles(found.sigma, &|p| p.sigma),
            kappa: percentiles(found.kappa, &|p| p.kappa),
            peak,
            r_squared: if variance > 0.0 { 1.0 - misfit / variance } else { 0.0 },
            points,
        })
    }

    /// The throughput that the law states for a concurrency.
    pub fn throughput_at(&self, concurrency: f64) -> f64 {
        let (lambda, sigma, kappa) = (self.lambda.value, self.sigma.value, self.kappa.value);
        Parameters { lambda, sigma, kappa }.at(concurrency)
    }
}

/// Says so if workers do more where there are more of them, by more than chance: because the law
/// without bounds is better than with them, or because the throughput a worker rises throughout.
fn superlinear(points: &[(f64, f64)]) -> Option<UslError> {
    let each = |point: &(f64, f64)| (point.0, point.1 / point.0);
    let first = each(&points[0]);
    let most = points.iter().map(each).max_by(|a, b| a.1.total_cmp(&b.1))?;
    if most.1 < RISE * first.1 {
        return None;
    }
    let (bounded, free) = fit::relative(points);
    let degrees = (points.len() - 3) as f64;
    // Points without noise leave nothing; a billionth of each stands for rounding.
    let rounding = 1e-18 * points.len() as f64;
    // Both bounds may bind.
    let ratio = (bounded - free).max(0.0) / 2.0 / (free.max(rounding) / degrees);
    let chance = FisherSnedecor::new(2.0, degrees).map_or(1.0, |f| 1.0 - f.cdf(ratio));
    (chance < SURPRISE || rise_by_chance(points) < SURPRISE)
        .then_some(UslError::Superlinear { first, most })
}

/// How seldom chance makes the throughput a worker rise as much with their number: the test of the
/// slope of its logarithm over that of the concurrency.
fn rise_by_chance(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let logs = || points.iter().map(|(n, x)| (n.ln(), (x / n).ln()));
    let (mean_n, mean_e) =
        logs().fold((0.0, 0.0), |(n, e), one| (n + one.0 / count, e + one.1 / count));
    let (mut nn, mut ne, mut ee) = (0.0, 0.0, 0.0);
    for (n, e) in logs().map(|(n, e)| (n - mean_n, e - mean_e)) {
        nn += n * n;
        ne += n * e;
        ee += e * e;
    }
    let explained = ne * ne / nn;
    let left = (ee - explained).max(1e-18 * count);
    let ratio = explained / (left / (count - 2.0));
    let either_way = FisherSnedecor::new(1.0, count - 2.0).map_or(1.0, |f| 1.0 - f.cdf(ratio));
    if ne > 0.0 { either_way / 2.0 } else { 1.0 }
}

fn bootstrap(points: &[(f64, f64)], found: &Parameters) -> Vec<Parameters> {
    let count = points.len();
    let residuals: Vec<f64> = points.iter().map(|(n, x)| x - found.at(*n)).collect();
    let mean = residuals.iter().sum::<f64>() / count as f64;
    // Fitted residuals are smaller than the noise was.
    let widen = (count as f64 / (count - 3) as f64).sqrt();
    let mut dice = Dice::new(SEED);
    let mut resample = || {
        let draw = |(n, _): &(f64, f64)| {
            let residual = residuals[dice.below(count as u64) as usize] - mean;
            (*n, (found.at(*n) + widen * residual).max(f64::MIN_POSITIVE))
        };
        points.iter().map(draw).collect::<Vec<_>>()
    };
    (0..ROUNDS).map(|_| fit::bounded(&resample()).0).collect()
}

/// `λ 995.6 (990.1 to 1,001.3), σ …, κ …; peak at 35.6, not reached, …`.
impl fmt::Display for Usl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let estimate = |e: &Estimate| format!("{:.4} ({:.4} to {:.4})", e.value, e.lower, e.upper);
        write!(
            f,
            "λ {:.1} ({:.1} to {:.1}) for one worker, ",
            self.lambda.value, self.lambda.lower, self.lambda.upper
        )?;
        write!(f, "contention σ {}, coherency κ ", estimate(&self.sigma))?;
        write!(
            f,
            "{:.6} ({:.6} to {:.6}); ",
            self.kappa.value, self.kappa.lower, self.kappa.upper
        )?;
        match self.peak {
            Peak::At { concurrency, throughput } => write!(
                f,
                "highest at {:.1} workers ({:.1} to {:.1}) with {throughput:.1}",
                concurrency.value, concurrency.lower, concurrency.upper
            ),
            Peak::NotReached => {
                let largest = self.points.last().map_or(0.0, |point| point.0);
                write!(f, "peak not reached with {largest} workers")
            }
        }
    }
}

#[cfg(test)]
mod tests;
