//! `Retention`: for how long what was kept stays.

use std::time::Duration;

use crate::store::resolution::Resolution;

/// For how long what was kept stays. What is older goes, oldest first; so does what does not fit.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::store::Retention;
///
/// let day = Duration::from_secs(86_400);
/// let retention = Retention { minutes: 2 * day, ..Retention::default() };
/// assert!(retention.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// For minutes; a week by default. At least 2 hours, for they are what hours are made of.
    pub minutes: Duration,
    /// For hours; 100 days by default. At least as long as minutes, and 2 days.
    pub hours: Duration,
    /// For days; 3 years by default. At least as long as hours.
    pub days: Duration,
    /// For what is no number by time: alerts and incidents that are over, silences that ended,
    /// notes; a year by default. At least 1 hour. The versions of baselines always stay.
    pub notes: Duration,
    /// How large the store may become, in bytes; 1 GiB by default. At least 1 MiB.
    pub most_bytes: u64,
}

impl Default for Retention {
    fn default() -> Self {
        let day = Duration::from_secs(86_400);
        Self {
            minutes: 7 * day,
            hours: 100 * day,
            days: 3 * 365 * day,
            notes: 365 * day,
            most_bytes: 1 << 30,
        }
    }
}

/// A retention that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("retention of {field} is {value}; accepted: {accepted}")]
pub struct RetentionError {
    /// Which field.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub accepted: &'static str,
}

impl Retention {
    /// For how long rows of this resolution stay.
    pub fn of(&self, resolution: Resolution) -> Duration {
        match resolution {
            Resolution::Minute => self.minutes,
            Resolution::Hour => self.hours,
            Resolution::Day => self.days,
        }
    }

    /// Says whether it is accepted.
    ///
    /// # Errors
    /// With the first field that is not.
    pub fn check(&self) -> Result<(), RetentionError> {
        let hour = Duration::from_secs(3_600);
        let refused =
            |field, value: String, accepted| Err(RetentionError { field, value, accepted });
        if self.minutes < 2 * hour {
            return refused("minutes", format!("{:?}", self.minutes), "2 hours or more");
        }
        if self.hours < self.minutes.max(48 * hour) {
            let accepted = "2 days or more, and no less than that of minutes";
            return refused("hours", format!("{:?}", self.hours), accepted);
        }
        if self.days < self.hours {
            return refused("days", format!("{:?}", self.days), "no less than that of hours");
        }
        if self.notes < hour {
            return refused("notes", format!("{:?}", self.notes), "1 hour or more");
        }
        if self.most_bytes < 1 << 20 {
            return refused("most_bytes", self.most_bytes.to_string(), "1048576 bytes or more");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_that_makes_no_sense_is_named() {
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        let with = |change: fn(&mut Retention)| {
            let mut retention = Retention::default();
            change(&mut retention);
            retention.check().unwrap_err().to_string()
        };
        assert_eq!(Retention::default().check(), Ok(()));
        assert_eq!(
            with(|retention| retention.minutes = Duration::from_secs(60)),
            "retention of minutes is 60s; accepted: 2 hours or more"
        );
        assert_eq!(
            with(|retention| retention.days = Duration::ZERO),
            "retention of days is 0ns; accepted: no less than that of hours"
        );
        assert_eq!(
            with(|retention| retention.most_bytes = 5),
            "retention of most_bytes is 5; accepted: 1048576 bytes or more"
        );
        let shortest = Retention { minutes: hours(2), hours: hours(48), ..Retention::default() };
        assert_eq!(shortest.check(), Ok(()));
    }
}
