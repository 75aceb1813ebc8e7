//! `Scale`: where on an axis a value lies, and which values are written at it.

/// Where on an axis values lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    log: bool,
    values: (f64, f64),
    places: (f64, f64),
}

impl Scale {
    /// Equal differences are equally far apart.
    pub(crate) fn linear(values: (f64, f64), places: (f64, f64)) -> Self {
        Self { log: false, values, places }
    }

    /// Equal ratios are equally far apart. Both values are above 0.
    pub(crate) fn log(values: (f64, f64), places: (f64, f64)) -> Self {
        Self { log: true, values, places }
    }

    /// Where a value lies; what is beyond the axis lies at its end.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let part = |value: f64, (low, high): (f64, f64)| (value - low) / (high - low);
        let (low, high) = self.values;
        let share = if self.log {
            part(value.max(low).ln(), (low.ln(), high.ln()))
        } else {
            part(value, self.values)
        };
        self.places.0 + share.clamp(0.0, 1.0) * (self.places.1 - self.places.0)
    }
}

/// Values of 1, 2 and 5 times a power of ten on a logarithmic axis; over many powers, fewer.
pub(crate) fn log_ticks(scale: &Scale) -> Vec<f64> {
    let (low, high) = scale.values;
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let every = usize::try_from((last - first) / 8).unwrap_or(0) + 1;
    let factors: &[f64] = match last - first {
        ..=2 => &[1.0, 2.0, 5.0],
        3 => &[1.0, 3.0],
        _ => &[1.0],
    };
    let powers = (first..=last).step_by(every);
    powers
        .flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)))
        .filter(|tick| (low..=high).contains(tick))
        .collect()
}

/// At most nine round times on a linear axis in seconds.
pub(crate) fn time_ticks(scale: &Scale) -> Vec<f64> {
    const STEPS: [f64; 19] = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0,
        3_600.0, 7_200.0, 21_600.0, 43_200.0,
    ];
    let (low, high) = scale.values;
    let fits = |step: f64| (high - low) / step <= 8.0;
    // Beyond, whole days, doubled until they fit.
    let days = || std::iter::successors(Some(86_400.0), |step| Some(step * 2.0)).find(|s| fits(*s));
    let step = STEPS.into_iter().find(|step| fits(*step)).or_else(days);
    let Some(step) = step else { return Vec::new() };
    let first = (low / step).ceil();
    (0..9).map(|n| (first + f64::from(n)) * step).filter(|tick| *tick <= high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ratios_are_equally_far_apart_on_a_logarithmic_axis() {
        let scale = Scale::log((1e-3, 1.0), (300.0, 0.0));
        assert_eq!(
            [1e-3, 1e-2, 1e-1, 1.0].map(|v| scale.at(v).round()),
            [300.0, 200.0, 100.0, 0.0]
        );
        assert_eq!([0.0, 1e9].map(|v| scale.at(v)), [300.0, 0.0]);
    }

    #[test]
    fn an_axis_has_some_ticks_and_not_many() {
        for exponent in -9..9 {
            for ratio in [4.0, 30.0, 1e4, 1e12] {
                let low = 1.3 * 10_f64.powi(exponent);
                let ticks = log_ticks(&Scale::log((low, low * ratio), (0.0, 1.0)));
                assert!((1..=9).contains(&ticks.len()), "{low} × {ratio}: {ticks:?}");
            }
        }
        for span in [0.5, 1.0, 59.0, 3_000.0, 86_400.0, 9e6, 1e15] {
            let ticks = time_ticks(&Scale::linear((7.0, 7.0 + span), (0.0, 1.0)));
            assert!((2..=9).contains(&ticks.len()), "{span}: {ticks:?}");
        }
    }
}
