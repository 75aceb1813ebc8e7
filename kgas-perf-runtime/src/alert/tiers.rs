//! `Tiers`: how soon and how often people are told, by severity.

use std::time::Duration;

use crate::alert::error::AlertError;
use crate::alert::rule::between;
use crate::measure::Severity;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How soon and how often people are told of one severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tier {
    /// News is gathered for so long before it is told, so that what breaks together is told
    /// together.
    pub window: Duration,
    /// What goes on is told again so long after it was told last; `None` for never. It does not
    /// depend on the window: 20 minutes are 20 minutes.
    pub repeat: Option<Duration>,
}

/// The tiers of the severities that people are told of. An info is told nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tiers {
    /// Gathered for 1 second to an hour; by default for 5 minutes, repeated after 4 hours.
    pub warning: Tier,
    /// Gathered for 1 second to 10 minutes; by default for 30 seconds, repeated after an hour.
    pub critical: Tier,
    /// Gathered for at most a minute; by default told at once, repeated after 10 minutes.
    pub emergency: Tier,
}

impl Default for Tiers {
    fn default() -> Self {
        Self {
            warning: Tier { window: 5 * MINUTE, repeat: Some(4 * HOUR) },
            critical: Tier { window: 30 * SECOND, repeat: Some(HOUR) },
            emergency: Tier { window: Duration::ZERO, repeat: Some(10 * MINUTE) },
        }
    }
}

impl Tiers {
    /// The tier of a severity. What was told and is an info now, or over, goes by that of a
    /// warning.
    pub const fn of(&self, severity: Severity) -> &Tier {
        match severity {
            Severity::Info | Severity::Warning => &self.warning,
            Severity::Critical => &self.critical,
            Severity::Emergency => &self.emergency,
        }
    }

    pub(crate) fn check(&self) -> Result<(), AlertError> {
        let ranges = [
            ("warning", &self.warning, SECOND, HOUR),
            ("critical", &self.critical, SECOND, 10 * MINUTE),
            ("emergency", &self.emergency, Duration::ZERO, MINUTE),
        ];
        for (name, tier, least, most) in ranges {
            let window = between("window", tier.window, least, most);
            let repeat = || between("repeat", tier.repeat?, MINUTE, WEEK);
            if let Some((field, value, accepted)) = window.or_else(repeat) {
                let field = format!("{name}.{field}");
                return Err(AlertError::Setting { field, value, accepted });
            }
        }
        for [(worse, bad), (milder, mild)] in
            [[ranges[1], ranges[0]], [ranges[2], ranges[1]]].map(|pair| pair.map(|r| (r.0, r.1)))
        {
            if bad.window > mild.window {
                return Err(AlertError::Setting {
                    field: format!("{worse}.window"),
                    value: format!("{:?}", bad.window),
                    accepted: format!("at most that of {milder}, {:?}", mild.window),
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Tiers)) -> String {
        let mut tiers = Tiers::default();
        assert_eq!(tiers.check(), Ok(()));
        change(&mut tiers);
        tiers.check().expect_err("a mistake").to_string()
    }

    #[test]
    fn zero_and_tiny_times_are_refused() {
        assert_eq!(
            refused(|tiers| tiers.warning.window = Duration::ZERO),
            "`warning.window` is 0ns; accepted: 1s to 3600s"
        );
        assert_eq!(
            refused(|tiers| tiers.critical.window = Duration::from_millis(1)),
            "`critical.window` is 1ms; accepted: 1s to 600s"
        );
        assert_eq!(
            refused(|tiers| tiers.warning.repeat = Some(Duration::ZERO)),
            "`warning.repeat` is 0ns; accepted: 60s to 604800s"
        );
        assert_eq!(
            refused(|tiers| tiers.emergency.repeat = Some(Duration::from_millis(20))),
            "`emergency.repeat` is 20ms; accepted: 60s to 604800s"
        );
    }

    #[test]
    fn the_worse_never_waits_longer_than_the_milder() {
        assert_eq!(
            refused(|tiers| tiers.critical.window = 6 * MINUTE),
            "`critical.window` is 360s; accepted: at most that of warning, 300s"
        );
        assert_eq!(
            refused(|tiers| tiers.emergency.window = 31 * SECOND),
            "`emergency.window` is 31s; accepted: at most that of critical, 30s"
        );
    }
}
