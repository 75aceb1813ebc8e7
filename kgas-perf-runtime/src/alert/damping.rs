//! `Damping`: an alert that comes and goes is kept longer each time.

use std::time::Duration;

use crate::alert::rule::between;

/// How the time for which an alert is kept grows while its condition comes and goes.
///
/// Each time that the condition comes back while the alert is kept, the time is multiplied, up to
/// a maximum. So what flaps gets quieter by itself. It falls back to the rule's own once nothing
/// changed for the whole of it. Netdata's `delay: down 15m multiplier 1.5 max 1h` does the same,
/// with one difference: there, a rise that is told at once ends the series, and here it does not.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::alert::Damping;
///
/// let damping = Damping { multiplier: 2.0, max: Duration::from_secs(50) };
/// let kept = damping.after(Duration::from_secs(20));
/// assert_eq!(kept, Duration::from_secs(40));
/// assert_eq!(damping.after(kept), Duration::from_secs(50));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damping {
    /// By how much, `1.0..=10.0`.
    pub multiplier: f64,
    /// Up to how long: at least what the rule keeps anyway, at most 7 days.
    pub max: Duration,
}

/// As in the health rules that Netdata ships.
const MULTIPLIER: f64 = 1.5;
const MAX: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

impl Damping {
    /// Every flap is kept as long as the first.
    pub const NONE: Self = Self { multiplier: 1.0, max: WEEK };

    /// What a rule has that says nothing about it.
    pub(crate) fn default_for(keep_firing: Duration) -> Self {
        Self { multiplier: MULTIPLIER, max: MAX.max(keep_firing) }
    }

    /// How long the alert is kept the next time, after it was kept for so long.
    pub fn after(self, kept: Duration) -> Duration {
        let longer = kept.as_secs_f64() * self.multiplier;
        Duration::try_from_secs_f64(longer).map_or(self.max, |longer| longer.min(self.max))
    }

    pub(crate) fn mistake(self, keep_firing: Duration) -> Option<(&'static str, String, String)> {
        if !(1.0..=10.0).contains(&self.multiplier) {
            let accepted = "1.0 to 10.0".to_owned();
            return Some(("damping.multiplier", format!("{:?}", self.multiplier), accepted));
        }
        between("damping.max", self.max, keep_firing, WEEK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_minutes_grow_to_an_hour_as_netdata_multiplies() {
        let damping = Damping { multiplier: 1.5, max: Duration::from_secs(3_600) };
        let mut kept = Duration::from_secs(900);
        let minutes: Vec<f64> = (0..5)
            .map(|_| {
                kept = damping.after(kept);
                kept.as_secs_f64() / 60.0
            })
            .collect();
        assert_eq!(minutes, [22.5, 33.75, 50.625, 60.0, 60.0]);
    }

    #[test]
    fn without_damping_nothing_grows() {
        let kept = Duration::from_secs(300);
        assert_eq!(Damping::NONE.after(kept), kept);
        assert_eq!(Damping::NONE.mistake(kept), None);
    }
}
