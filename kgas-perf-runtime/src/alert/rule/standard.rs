//! The rules for whoever writes none.

use std::time::Duration;

use crate::alert::error::AlertError;
use crate::alert::rule::Rule;
use crate::detect::Kind;

const MINUTE: Duration = Duration::from_secs(60);

impl Rule {
    /// One rule for each way in which an operation can be no longer as its baseline says, and one
    /// for what the monitor itself loses.
    ///
    /// None of them holds, since verdicts are held by what finds them. What comes and goes by
    /// the minute is kept for 5 minutes, what does so by the hour for 30.
    ///
    /// | rule | it watches | kept for |
    /// |---|---|---|
    /// | `slower` | location, tail | 5 min |
    /// | `errors` | errors | 5 min |
    /// | `objective` | objective | 5 min |
    /// | `unresponsive` | unresponsive | 1 min |
    /// | `drift` | drift | 30 min |
    /// | `memory` | memory | 30 min |
    /// | `faster` | improvement, which is told nobody | 5 min |
    /// | `data_loss` | data loss | 5 min |
    ///
    /// # Errors
    /// None that can be seen: the rules are good, and a test builds them.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::alert::{Alerts, Now, Rule, Settings};
    ///
    /// let alerts = Alerts::new(Rule::standard()?, Settings::default(), Now::default())?;
    /// assert!(alerts.rules().any(|rule| rule.id() == "unresponsive"));
    /// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
    /// ```
    pub fn standard() -> Result<Vec<Self>, AlertError> {
        let rules: [(&str, &[Kind], u32); 8] = [
            ("slower", &[Kind::Location, Kind::Tail], 5),
            ("errors", &[Kind::Errors], 5),
            ("objective", &[Kind::Objective], 5),
            ("unresponsive", &[Kind::Unresponsive], 1),
            ("drift", &[Kind::Drift], 30),
            ("memory", &[Kind::Memory], 30),
            ("faster", &[Kind::Improvement], 5),
            ("data_loss", &[Kind::DataLoss], 5),
        ];
        let build =
            |(id, kinds, minutes)| Self::verdicts(id, kinds).keep_firing(MINUTE * minutes).build();
        rules.into_iter().map(build).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Watch;

    #[test]
    fn every_kind_is_watched_by_exactly_one_rule() {
        let rules = Rule::standard().expect("good rules");
        for kind in Kind::ALL {
            let watches = |rule: &&Rule| match rule.watch() {
                Watch::Verdicts(kinds) => kinds.contains(&kind),
                Watch::Number { .. } => false,
            };
            assert_eq!(rules.iter().filter(watches).count(), 1, "{kind:?}");
        }
    }
}
