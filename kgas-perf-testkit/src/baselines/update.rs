//! `Update`: who may write what, and when.

/// What `KGAS_PERF_UPDATE` says may be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Update {
    /// As [`Update::New`]; in CI nothing.
    #[default]
    Auto,
    /// What is new or has changed is written beside the baselines, for `kgas-perf baseline review`.
    New,
    /// What is new is written into the baselines; what has changed, as [`Update::New`].
    Unseen,
    /// What is new or has changed is written into the baselines.
    Always,
    /// Nothing is written.
    No,
    /// Everything is written into the baselines, what has not changed, too.
    Force,
}

/// How an operation stands to its baseline, for what may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// There is no baseline.
    New,
    /// It is as its baseline says, or nobody can tell.
    None,
    /// It is slower or faster, or takes more or fewer.
    Changed,
}

/// Where a result is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Nowhere.
    Nothing,
    /// Beside the baselines, for somebody to accept.
    Pending,
    /// The baselines.
    Baselines,
}

impl Update {
    /// The words of `KGAS_PERF_UPDATE`.
    pub const WORDS: [(&'static str, Self); 6] = [
        ("auto", Self::Auto),
        ("new", Self::New),
        ("unseen", Self::Unseen),
        ("always", Self::Always),
        ("no", Self::No),
        ("force", Self::Force),
    ];

    /// What the environment says: `KGAS_PERF_UPDATE`, and nothing where `CI` is set.
    ///
    /// # Errors
    /// A sentence, if `KGAS_PERF_UPDATE` is none of the words.
    pub fn from_environment() -> Result<Self, String> {
        let text = std::env::var_os("KGAS_PERF_UPDATE");
        let text = text.as_ref().map(|text| text.to_string_lossy());
        Self::of(text.as_deref(), std::env::var("CI").ok().as_deref())
    }

    fn of(word: Option<&str>, ci: Option<&str>) -> Result<Self, String> {
        let asked = match word {
            None | Some("") => Self::Auto,
            Some(word) => match Self::WORDS.iter().find(|(name, _)| *name == word) {
                Some((_, update)) => *update,
                None => {
                    return Err(format!(
                        "KGAS_PERF_UPDATE is `{word}`; accepted: {}",
                        Self::WORDS.map(|(name, _)| name).join(", ")
                    ));
                }
            },
        };
        let in_ci = ci.is_some_and(|ci| !["", "0", "false"].contains(&ci));
        Ok(if in_ci { Self::No } else { asked })
    }

    pub(crate) fn writes(self, difference: Difference) -> Target {
        match (self, difference) {
            (Self::No, _) => Target::Nothing,
            (Self::Force, _) => Target::Baselines,
            (_, Difference::None) => Target::Nothing,
            (Self::Always, _) | (Self::Unseen, Difference::New) => Target::Baselines,
            (Self::Auto | Self::New | Self::Unseen, _) => Target::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_mean_what_they_mean_for_snapshots() {
        use Target::{Baselines, Nothing, Pending};
        for (word, [new, none, changed]) in [
            ("auto", [Pending, Nothing, Pending]),
            ("new", [Pending, Nothing, Pending]),
            ("unseen", [Baselines, Nothing, Pending]),
            ("always", [Baselines, Nothing, Baselines]),
            ("no", [Nothing, Nothing, Nothing]),
            ("force", [Baselines, Baselines, Baselines]),
        ] {
            let update = Update::of(Some(word), None).unwrap();
            let differences = [Difference::New, Difference::None, Difference::Changed];
            assert_eq!(differences.map(|each| update.writes(each)), [new, none, changed], "{word}");
            // In CI nothing is ever written, whoever asks.
            assert_eq!(Update::of(Some(word), Some("true")), Ok(Update::No), "{word}");
            assert_eq!(Update::of(Some(word), Some("false")), Ok(update), "{word}");
        }
        assert_eq!(Update::of(None, None), Ok(Update::Auto));
        assert_eq!(Update::of(Some(""), Some("")), Ok(Update::Auto));
        assert_eq!(
            Update::of(Some("yes"), None),
            Err("KGAS_PERF_UPDATE is `yes`; accepted: auto, new, unseen, always, no, force".into())
        );
    }
}
