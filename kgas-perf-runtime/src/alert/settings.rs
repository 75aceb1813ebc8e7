//! `Settings`: what is one event to a person, and the tiers, inhibitions and caps.

use std::time::Duration;

use crate::alert::caps::Caps;
use crate::alert::error::AlertError;
use crate::alert::inhibition::Inhibition;
use crate::alert::rule::between;
use crate::alert::subject::{COMPONENT, OPERATION, RESOURCE};
use crate::alert::tiers::Tiers;

const MINUTE: Duration = Duration::from_secs(60);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How soon and how often people are told, what is one event to them, and how much is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How soon and how often, by severity.
    pub tiers: Tiers,
    /// Alerts that have the same values of these labels are one event to a person; those that
    /// have none of them, if they have the same subject. By default an operation's size classes
    /// belong together, and each component and resource stands alone.
    pub group_by: Vec<String>,
    /// Whether the end of an alert is told; by default it is. If not, it is recorded as if it
    /// were, so that the next one is told.
    pub send_resolved: bool,
    /// The beginning of every dedup key: who tells, in 1 to 100 characters of printable ASCII.
    /// Processes that tell of the same things share it only if one of them may speak for all.
    pub source: String,
    /// How long before an alert began a change may have been why; by default 30 minutes, at most
    /// 7 days.
    pub marks_window: Duration,
    /// Which alerts speak for which, besides the worse for the milder on the same subject.
    pub inhibitions: Vec<Inhibition>,
    /// How much is kept.
    pub caps: Caps,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tiers: Tiers::default(),
            group_by: [OPERATION, COMPONENT, RESOURCE].map(str::to_owned).to_vec(),
            send_resolved: true,
            source: "kgas-perf".to_owned(),
            marks_window: 30 * MINUTE,
            inhibitions: Vec::new(),
            caps: Caps::default(),
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), AlertError> {
        self.tiers.check()?;
        self.caps.check()?;
        let source = &self.source;
        let mistake = if !(1..=100).contains(&source.len())
            || !source.bytes().all(|b| b.is_ascii_graphic())
        {
            let accepted = "1 to 100 characters of printable ASCII without spaces".to_owned();
            Some(("source", format!("`{source}`"), accepted))
        } else if self.group_by.iter().any(String::is_empty) {
            Some(("group_by", "an empty label".to_owned(), "names of labels".to_owned()))
        } else {
            between("marks_window", self.marks_window, Duration::ZERO, WEEK)
        };
        mistake.map_or(Ok(()), |(field, value, accepted)| {
            Err(AlertError::Setting { field: field.to_owned(), value, accepted })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        assert_eq!(settings.check(), Ok(()));
        change(&mut settings);
        settings.check().expect_err("a mistake").to_string()
    }

    #[test]
    fn what_keys_are_made_of_is_short_and_printable() {
        assert_eq!(
            refused(|s| s.source = "my host".into()),
            "`source` is `my host`; accepted: 1 to 100 characters of printable ASCII without spaces"
        );
        assert!(refused(|s| s.source = "x".repeat(101)).starts_with("`source` is `xxx"));
        assert_eq!(
            refused(|s| s.group_by.push(String::new())),
            "`group_by` is an empty label; accepted: names of labels"
        );
    }
}
