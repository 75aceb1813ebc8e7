//! `Silence`: quiet that somebody asked for, and when it ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::error::{AlertError, check_who, check_why};
use crate::alert::life::Alert;
use crate::alert::matcher::Matcher;

/// Quiet that somebody asked for: which alerts, from when to when, who, and why.
///
/// Its times are the wall clock's, since people state them by it: a silence until 18:00 ends at
/// 18:00, whatever the wall clock did before. What is silenced is not told, and is told when the
/// silence ends if it still holds, or if it was told before and has ended meanwhile.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::alert::{Matcher, Silence};
///
/// let six = Duration::from_secs(1_800_000_000);
/// let hour = Duration::from_secs(3_600);
/// let import = Matcher::is("operation", "import");
/// let silence = Silence::new(import, six, six + hour, "ada", "the index is rebuilt")?;
/// assert_eq!(silence.remaining(six + hour / 4), Some(hour * 3 / 4));
/// assert_eq!(silence.remaining(six + hour), None);
/// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Silence {
    /// Which alerts.
    pub matcher: Matcher,
    /// From when, since 1970-01-01 00:00 UTC.
    pub start: Duration,
    /// Until when, since 1970-01-01 00:00 UTC. At this time it no longer lasts.
    pub end: Duration,
    /// Who asked for it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// Who ended it before its time, if somebody did.
    pub ended_by: Option<String>,
}

/// The longest silence. Who needs a longer one needs another rule.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3_600);

impl Silence {
    /// A silence from `start` to `end`, both since 1970-01-01 00:00 UTC.
    ///
    /// # Errors
    /// If it does not end after it starts, or lasts longer than 366 days; if author (1 to 200
    /// characters) or reason (1 to 1,000) is missing or too long; if a term of the matcher is.
    pub fn new(
        matcher: Matcher,
        start: Duration,
        end: Duration,
        author: &str,
        reason: &str,
    ) -> Result<Self, AlertError> {
        check_who("author", author)?;
        check_why("reason", reason)?;
        let refused = |field, value, accepted| Err(AlertError::Silence { field, value, accepted });
        if let Some((field, value, accepted)) = matcher.mistake() {
            return refused(field, value, accepted);
        }
        if end <= start {
            let value = format!("{:?} before its start", start - end);
            return refused("end", value, "a time after its start".to_owned());
        }
        if end - start > LONGEST {
            let value = format!("{:?} after its start", end - start);
            return refused("end", value, format!("at most {LONGEST:?} after its start"));
        }
        let [author, reason] = [author, reason].map(str::to_owned);
        Ok(Self { matcher, start, end, author, reason, ended_by: None })
    }

    /// How long it still lasts; `None` before its start and from its end on.
    pub fn remaining(&self, unix: Duration) -> Option<Duration> {
        (self.start <= unix && unix < self.end).then(|| self.end - unix)
    }

    /// Whether it is over.
    pub fn is_over(&self, unix: Duration) -> bool {
        unix >= self.end
    }

    /// Whether it keeps an alert quiet at this time.
    pub fn silences(&self, alert: &Alert, unix: Duration) -> bool {
        self.remaining(unix).is_some() && self.matcher.matches(alert)
    }

    /// Ends it now.
    pub(crate) fn end_now(&mut self, who: &str, unix: Duration) {
        self.end = unix.min(self.end);
        self.start = self.start.min(self.end);
        self.ended_by = Some(who.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    fn silence(start: u64, end: u64) -> Result<Silence, AlertError> {
        Silence::new(Matcher::rule("slower"), at(start), at(end), "ada", "maintenance")
    }

    #[test]
    fn it_lasts_from_its_start_until_just_before_its_end() {
        let silence = silence(100, 200).unwrap();
        let remaining = [99, 100, 150, 199, 200].map(|secs| silence.remaining(at(secs)));
        assert_eq!(remaining, [None, Some(at(100)), Some(at(50)), Some(at(1)), None]);
        assert!(!silence.is_over(at(199)));
        assert!(silence.is_over(at(200)));
    }

    #[test]
    fn an_end_is_mandatory_and_within_a_year() {
        let refused = |start, end| silence(start, end).unwrap_err().to_string();
        let expected = "silence: `end` is 0ns before its start; accepted: a time after its start";
        assert_eq!(refused(100, 100), expected);
        let expected = "silence: `end` is 1s before its start; accepted: a time after its start";
        assert_eq!(refused(100, 99), expected);
        assert_eq!(
            refused(0, 366 * 86_400 + 1),
            "silence: `end` is 31622401s after its start; accepted: at most 31622400s after its \
             start"
        );
    }

    #[test]
    fn nobody_silences_without_a_name_and_a_reason() {
        let ask = |author: &str, reason: &str, matcher| {
            Silence::new(matcher, at(1), at(2), author, reason).unwrap_err().to_string()
        };
        assert_eq!(
            ask("", "x", Matcher::everything()),
            "`author` is empty; accepted: 1 to 200 characters"
        );
        assert_eq!(
            ask("ada", " ", Matcher::everything()),
            "`reason` is empty; accepted: 1 to 1000 characters"
        );
        assert_eq!(
            ask("ada", "x", Matcher::is("", "x")),
            "silence: `matcher` is ` = x`; accepted: a label and a value of 1 to 256 characters"
        );
    }

    #[test]
    fn it_can_be_ended_before_its_time_and_before_its_start() {
        let mut running = silence(100, 200).unwrap();
        running.end_now("ada", at(150));
        assert_eq!((running.start, running.end), (at(100), at(150)));
        let mut planned = silence(100, 200).unwrap();
        planned.end_now("ada", at(50));
        assert_eq!((planned.start, planned.end), (at(50), at(50)));
        assert_eq!(planned.ended_by.as_deref(), Some("ada"));
        assert!(planned.is_over(at(50)));
    }
}
