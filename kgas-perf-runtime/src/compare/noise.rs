//! `Noise`: what a machine may do to durations by itself, and how probable that is beforehand.

use crate::stats::{Wander, Whitened};

use super::series::Series;

/// Variances of a wander that are tried, in variances of a single point.
const VARIANCES: [f64; 9] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];
/// Correlation times of a wander that are tried, in samples.
const TIMES: [f64; 10] = [2.0, 5.0, 12.0, 30.0, 80.0, 200.0, 600.0, 2_000.0, 6_000.0, 20_000.0];
/// Standard deviations of a drift over the whole measurement that are tried, in logarithms.
const DRIFTS: [f64; 2] = [0.1, 0.2];

/// One way in which a machine may behave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Noise {
    /// It stands still.
    Quiet,
    /// It creeps, up or down, by a normal amount of this standard deviation in all.
    Drift(f64),
    /// It wanders: variance in those of a single point, correlation time in samples.
    Wander(f64, f64),
}

impl Noise {
    /// Every behaviour that a series can tell from others.
    pub(super) fn all(series: &Series) -> Vec<Self> {
        let samples = (series.len() * series.readings_a_point) as f64;
        let mut all = vec![Self::Quiet];
        all.extend(DRIFTS.map(Self::Drift));
        for time in TIMES {
            let seen = time >= 0.5 * series.readings_a_point as f64;
            if seen && time <= (2.0 * samples).max(600.0) {
                all.extend(VARIANCES.map(|variance| Self::Wander(variance, time)));
            }
        }
        all
    }

    /// What least squares need to know about a series on such a machine, drift and mean taken out:
    /// readings are column 0, the step is column 2. `unit` is the variance of a single point.
    pub(super) fn whiten(self, series: &Series, unit: f64) -> Whitened<4> {
        let (wander, drift) = match self {
            Self::Quiet => (Wander::NONE, None),
            Self::Drift(deviation) => (Wander::NONE, Some(deviation * deviation / unit)),
            Self::Wander(variance, time) => {
                (Wander::new(variance, time / series.readings_a_point as f64), None)
            }
        };
        let mut whitened = series.whiten(wander);
        if drift.is_some() {
            whitened = whitened.take_out(3, drift);
        }
        whitened.take_out(1, None)
    }

    /// The logarithm of how probable it is before anything is measured, up to a constant, if a
    /// single point has the variance `unit`.
    ///
    /// Wanders of some 37 samples are the usual ones, and those of 8 % and more the ones to be
    /// afraid of; above 32 % none is more usual than another.
    pub(super) fn ln_prior(self, unit: f64) -> f64 {
        match self {
            Self::Quiet => -1.85,
            Self::Drift(deviation) => {
                if deviation < 0.15 {
                    -0.65
                } else {
                    0.05
                }
            }
            Self::Wander(variance, time) => {
                let deviation = (variance * unit).sqrt().clamp(0.005, 0.32);
                let times = (time.ln() - 3.6) / 0.85;
                let length = (-0.5 * times * times).max(-4.5);
                -2.45 + length + 1.55 * ((deviation / 0.08).log2())
            }
        }
    }
}
