//! `Standing`: how something stands now, and why that may be unknown.

use std::fmt;

use crate::detect::verdict::Verdict;
use crate::measure::Severity;

/// How something that is judged stands now. An alert is evaluated from it, round by round.
///
/// What is not known is not clear: an alert that fires keeps firing while nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// Nothing can be said.
    Unknown(Unknown),
    /// Nothing is wrong, as far as can be seen.
    Clear,
    /// This is wrong now.
    Raised(Verdict),
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// It is not judged, and this is why.
    NotJudged(&'static str),
    /// Too few calls, or readings, to say anything.
    TooFew {
        /// So many there were.
        found: u64,
        /// So many it takes at least.
        needed: u64,
    },
    /// What is normal is still being learned, in batches of a minute and more.
    Learning {
        /// So many there were.
        found: u64,
        /// So many it takes at least.
        needed: u64,
    },
}

impl Standing {
    /// How bad it is now; `None` where nothing is wrong or nothing is known.
    pub fn level(&self) -> Option<Severity> {
        self.verdict().map(|verdict| verdict.severity)
    }

    /// What is wrong now.
    pub fn verdict(&self) -> Option<&Verdict> {
        match self {
            Self::Raised(verdict) => Some(verdict),
            Self::Unknown(_) | Self::Clear => None,
        }
    }

    /// The worse of two: what is wrong before what is unknown, and that before what is clear.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        let rank = |standing: &Self| (standing.level(), !matches!(standing, Self::Clear));
        if rank(&other) > rank(&self) { other } else { self }
    }
}

/// Writes the reason for a person: `too few calls: 3 of 10`.
impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJudged(why) => write!(f, "not judged: {why}"),
            Self::TooFew { found, needed } => write!(f, "too few calls: {found} of {needed}"),
            Self::Learning { found, needed } => write!(f, "learning: {found} of {needed} batches"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::detect::verdict::Kind;

    fn raised(severity: Severity) -> Standing {
        Standing::Raised(Verdict {
            at: Duration::ZERO,
            severity,
            kind: Kind::Objective,
            effect: None,
            since: None,
            score: 1.0,
        })
    }

    #[test]
    fn what_is_unknown_is_no_level_and_not_clear() {
        let unknown = Standing::Unknown(Unknown::TooFew { found: 3, needed: 10 });
        assert_eq!(unknown.level(), None);
        assert_eq!(Standing::Clear.or_worse(unknown.clone()), unknown);
        assert_eq!(unknown.or_worse(raised(Severity::Info)).level(), Some(Severity::Info));
    }

    #[test]
    fn reasons_are_written_for_people() {
        let few = Unknown::TooFew { found: 3, needed: 10 };
        assert_eq!(few.to_string(), "too few calls: 3 of 10");
        let learning = Unknown::Learning { found: 7, needed: 49 };
        assert_eq!(learning.to_string(), "learning: 7 of 49 batches");
        let why = Unknown::NotJudged("no window holds the look-ups of a cache");
        assert_eq!(why.to_string(), "not judged: no window holds the look-ups of a cache");
    }
}
