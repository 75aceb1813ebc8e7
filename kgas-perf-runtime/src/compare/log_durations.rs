//! `LogDurations`: the logarithms of two sets of durations, whatever the clock was like.

/// With fewer distinct durations than this share of all, the clock is a coarse one.
const COARSE_BELOW: f64 = 0.6;
/// Durations that differ by less than this part of the longest one do so by rounding alone.
const ROUNDING: f64 = 1e-12;
/// The golden ratio's share: multiples of it fill a tick evenly, wherever one stops.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// At how many places within a tick a duration is looked at.
pub(super) const PLACES: usize = 8;

/// The natural logarithms of two sets of durations.
///
/// A coarse clock tells durations in ticks, and a tick is no point: what it told as `t` lay
/// somewhere in `t..t + tick`. Such durations are spread evenly over their tick, which gives zero
/// a logarithm too, and every place within the tick is kept for what can use it.
#[derive(Debug)]
pub(super) struct LogDurations {
    /// In the order of measurement.
    pub(super) baseline: Vec<f64>,
    /// In the order of measurement.
    pub(super) candidate: Vec<f64>,
    /// For each duration, baseline first: where else within its tick it may have been, relative to
    /// the place it was given. Empty for a fine clock.
    pub(super) elsewhere: Vec<[f64; PLACES]>,
}

impl LogDurations {
    /// Durations in seconds, finite and not negative, not all of them the same.
    pub(super) fn of(baseline: &[f64], candidate: &[f64]) -> Self {
        let mut sorted: Vec<f64> = baseline.iter().chain(candidate).copied().collect();
        sorted.sort_by(f64::total_cmp);
        let longest = sorted.last().copied().unwrap_or(0.0);
        let gaps: Vec<f64> = sorted
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .filter(|gap| *gap > ROUNDING * longest)
            .collect();
        let tick = gaps.iter().copied().fold(f64::INFINITY, f64::min);
        if ((gaps.len() + 1) as f64) < COARSE_BELOW * sorted.len() as f64 && tick.is_finite() {
            return Self::spread(baseline, candidate, tick);
        }
        // A zero among fine readings is shorter than all others, by nobody knows how much.
        let shortest = sorted.iter().copied().find(|each| *each > 0.0).unwrap_or(1.0);
        let logs = |set: &[f64]| set.iter().map(|each| each.max(0.5 * shortest).ln()).collect();
        Self { baseline: logs(baseline), candidate: logs(candidate), elsewhere: Vec::new() }
    }

    fn spread(baseline: &[f64], candidate: &[f64], tick: f64) -> Self {
        let mut place: f64 = 0.5;
        let mut elsewhere = Vec::with_capacity(baseline.len() + candidate.len());
        let mut spread = |set: &[f64]| -> Vec<f64> {
            set.iter()
                .map(|told| {
                    place = (place + GOLDEN).fract();
                    let log = within(*told, tick * place);
                    elsewhere.push(std::array::from_fn(|at| {
                        within(*told, tick * (at as f64 + 0.5) / PLACES as f64) - log
                    }));
                    log
                })
                .collect()
        };
        let (baseline, candidate) = (spread(baseline), spread(candidate));
        Self { baseline, candidate, elsewhere }
    }

    /// All logarithms, baseline first, with `level` taken off each and `effect` off the
    /// candidate's.
    pub(super) fn aligned(&self, level: &[f64], effect: f64) -> Vec<f64> {
        let baseline = self.baseline.iter().map(|log| (log, 0.0));
        let candidate = self.candidate.iter().map(|log| (log, effect));
        baseline.chain(candidate).zip(level).map(|((log, off), level)| log - off - level).collect()
    }
}

/// The logarithm of a place within a tick, whatever floating point makes of the sum.
fn within(told: f64, part: f64) -> f64 {
    (told + part).clamp(f64::MIN_POSITIVE, f64::MAX).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fine_clock_is_taken_at_its_word() {
        let logs = LogDurations::of(&[1.0, 2.0, 0.0], &[4.0, 8.0]);
        assert_eq!(logs.baseline, [0.0, 2.0_f64.ln(), 0.5_f64.ln()]);
        assert_eq!(logs.candidate, [4.0_f64.ln(), 8.0_f64.ln()]);
        assert!(logs.elsewhere.is_empty());
    }

    #[test]
    fn a_coarse_clock_s_durations_fill_their_ticks() {
        // Three times 0.1 is not 0.3 in floating point: no tick of 5e-17 comes of it.
        let told = [0.0, 0.1, 0.1, 0.1 * 3.0, 0.3, 0.3, 0.0, 0.1, 0.2, 0.2];
        let logs = LogDurations::of(&told, &told);
        for (log, told) in logs.baseline.iter().chain(&logs.candidate).zip(told.iter().cycle()) {
            let within = (log.exp() - told) / 0.1;
            assert!((-1e-9..1.0 + 1e-9).contains(&within), "{told}: {within}");
        }
        let middle: f64 = logs.baseline.iter().chain(&logs.candidate).map(|log| log.exp()).sum();
        assert!((middle / 20.0 - (0.16 + 0.05)).abs() < 0.01, "{middle}");
    }
}
